"""A membership container (Names and Roles Provisioning Services 2.0, 2.2) as plain values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from lms.lti.formats.roles import LtiRole, is_staff, map_roles
from lms.lti.formats.texts import cleaned, is_clean

LONGEST_ID, LONGEST_FIRST, LONGEST_LAST = 255, 80, 120


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody in a context. `is_active` is false for Inactive and Deleted: she is not there any more."""

    subject: str
    roles: frozenset[LtiRole]
    is_active: bool
    given_name: str
    family_name: str

    @property
    def learns(self) -> bool:
        """Whether she takes the course there; not who teaches, nor a pretended learner."""
        return self.is_active and not is_staff(self.roles) and LtiRole.TEST not in self.roles


@dataclass(frozen=True, slots=True)
class RosterPage:
    """The members on one page, and how many could not be read: then the roster is not whole."""

    members: tuple[Member, ...]
    unreadable: int


def read_page(data: Any, context_id: str) -> RosterPage:
    """One page. Raises `ValueError` when it is none, or is of another context."""
    members = data.get("members") if isinstance(data, dict) else None
    if members is None or not isinstance(members, list):
        raise ValueError("no members")
    context = data.get("context")
    if isinstance(context, dict) and _identifier(context, "id") not in (None, context_id):
        raise ValueError("the roster of another context")
    read = [_member(given) for given in members]
    return RosterPage(tuple(member for member in read if member is not None), read.count(None))


def _member(given: Any) -> Member | None:
    """A member; None without an id, or with roles that are none. A platform may keep names to itself."""
    if not isinstance(given, dict):
        return None
    subject, roles = _identifier(given, "user_id"), given.get("roles", [])
    if not isinstance(subject, str) or not subject or len(subject) > LONGEST_ID or not is_clean(subject):
        return None
    if not isinstance(roles, list) or not all(isinstance(role, str) for role in roles):
        return None
    first, last = _text(given, "given_name"), _text(given, "family_name")
    if not (first or last):
        first, _space, last = _text(given, "name").partition(" ")
    is_active = given.get("status", "Active") in ("Active", None)
    return Member(subject, map_roles(roles), is_active, first[:LONGEST_FIRST].strip(), last[:LONGEST_LAST].strip())


def _identifier(given: dict[str, Any], name: str) -> Any:
    """Some platforms forget that their numbers are texts."""
    value = given.get(name)
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _text(given: dict[str, Any], name: str) -> str:
    value = given.get(name)
    return " ".join(cleaned(value).split()) if isinstance(value, str) else ""
