"""Who asks, and what she may do. Permission is decided here and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from lms.kernel.errors import Forbidden, NotSignedIn


class Role(StrEnum):
    """The people of the house, as the field names them."""

    LEARNER = "learner"
    OFFICER = "officer"
    TEACHER = "teacher"
    TRAINER = "trainer"
    DIGICOACH = "digicoach"
    DELEGATE = "delegate"
    CONSULTANT = "consultant"
    ADMIN = "admin"


class Permission(StrEnum):
    """What can be asked for."""

    LEARN = "learn"
    ENROL_STAFF = "enrol-staff"
    PUBLISH_COURSES = "publish-courses"
    RUN_SESSIONS = "run-sessions"
    EDIT_AREA = "edit-area"
    SEE_COVENANT = "see-covenant"
    SEE_STATEMENTS = "see-statements"
    MANAGE_CREDENTIALS = "manage-credentials"
    CONNECT_PLATFORMS = "connect-platforms"
    ADMINISTER = "administer"


_EVERYBODY = frozenset({Permission.LEARN})
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.LEARNER: _EVERYBODY,
    Role.TEACHER: _EVERYBODY,
    Role.DIGICOACH: _EVERYBODY,
    Role.DELEGATE: _EVERYBODY,
    Role.OFFICER: _EVERYBODY | {Permission.ENROL_STAFF},
    Role.TRAINER: _EVERYBODY | {Permission.PUBLISH_COURSES, Permission.RUN_SESSIONS},
    Role.CONSULTANT: _EVERYBODY
    | {
        Permission.PUBLISH_COURSES,
        Permission.RUN_SESSIONS,
        Permission.EDIT_AREA,
        Permission.SEE_COVENANT,
        Permission.SEE_STATEMENTS,
        Permission.MANAGE_CREDENTIALS,
        Permission.CONNECT_PLATFORMS,
    },
    Role.ADMIN: frozenset(Permission),
}


@dataclass(frozen=True, slots=True)
class Scope:
    """Where something belongs. What is left None is not asked about."""

    area: str | None = None
    organisation_id: int | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """One role somebody holds, for one area, for one organisation, or (None) without that limit."""

    role: Role
    area: str | None = None
    organisation_id: int | None = None

    def allows(self, permission: Permission, on: Scope | None) -> bool:
        """Whether this role gives the permission there."""
        if permission not in PERMISSIONS[self.role]:
            return False
        if on is None:
            return True
        return (self.area is None or self.area == on.area) and (
            self.organisation_id is None or self.organisation_id == on.organisation_id
        )


@dataclass(frozen=True, slots=True)
class Identity:
    """The person who asks, as every query of personal data receives her."""

    person_id: int | None = None
    person_uuid: UUID | None = None
    name: str = ""
    first_name: str = ""
    grants: tuple[Grant, ...] = ()
    area: str | None = None
    organisation_id: int | None = None
    organisation_name: str = ""
    language: str = ""
    text_size: str = ""
    theme: str = ""
    session_id: int | None = None

    @property
    def is_signed_in(self) -> bool:
        """Whether somebody is behind this at all."""
        return self.person_id is not None

    def has_role(self, role: Role) -> bool:
        """Whether she holds this role anywhere."""
        return any(grant.role is role for grant in self.grants)

    def may(self, permission: Permission, on: Scope | None = None) -> bool:
        """Whether she is allowed this there; without a place: anywhere at all."""
        return any(grant.allows(permission, on) for grant in self.grants)

    def require(self, permission: Permission, on: Scope | None = None) -> None:
        """Raise `NotSignedIn` or `Forbidden` unless she may."""
        if not self.is_signed_in:
            raise NotSignedIn
        if not self.may(permission, on):
            raise Forbidden

    def areas(self, permission: Permission) -> frozenset[str] | None:
        """The areas in which she has it for whoever works there; None means every area.

        A role for one organisation opens no area: `may` says the same of a scope that names the area alone.
        """
        held = [grant for grant in self.grants if permission in PERMISSIONS[grant.role]]
        wide = [grant.area for grant in held if grant.organisation_id is None]
        return None if None in wide else frozenset(area for area in wide if area is not None)


ANONYMOUS = Identity()
