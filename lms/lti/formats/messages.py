"""A launch message (LTI 1.3 core, 5.3 and 5.4) as plain values, every claim checked for its type and size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from lms.lti.formats.endpoints import origin_of
from lms.lti.formats.refusals import LaunchRefused, Reason
from lms.lti.formats.roles import LtiRole, map_roles

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"
ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
GRADES = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
DEEP_LINKING = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"
VERSION = "1.3.0"
LONGEST_ID, LONGEST_TEXT, LONGEST_URL = 255, 500, 2000
MOST_ROLES, MOST_CUSTOM = 100, 200
LATEST = 2**53


class MessageType(StrEnum):
    """The messages we answer."""

    RESOURCE_LINK = "LtiResourceLinkRequest"
    DEEP_LINKING = "LtiDeepLinkingRequest"


@dataclass(frozen=True, slots=True)
class ContextClaim:
    """The course, group or section she comes from."""

    id: str
    title: str
    label: str


@dataclass(frozen=True, slots=True)
class LinkClaim:
    """The place she clicked on."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class LaunchMessage:
    """What a platform says with a launch. What it leaves out is empty."""

    type: MessageType
    deployment_id: str
    target_link_uri: str
    subject: str
    given_name: str
    family_name: str
    roles: frozenset[LtiRole]
    link: LinkClaim | None
    context: ContextClaim | None
    custom: Mapping[str, str]
    locale: str
    return_url: str
    memberships_url: str
    line_items_url: str
    line_item_url: str
    grade_scopes: tuple[str, ...]
    deep_linking: Mapping[str, Any] = field(default_factory=dict)


def read_message(claims: Mapping[str, Any]) -> LaunchMessage:
    """The message in these claims. Raises `LaunchRefused` with the name of the claim that is missing or wrong."""
    kind = _type(claims)
    presentation = _object(claims, f"{CLAIM}launch_presentation")
    grades = _object(claims, GRADES)
    given_name, family_name = _names(claims)
    return LaunchMessage(
        type=kind,
        deployment_id=_id(claims, f"{CLAIM}deployment_id"),
        target_link_uri=_text(claims, f"{CLAIM}target_link_uri", LONGEST_URL)
        if kind is MessageType.DEEP_LINKING
        else _needed(claims, f"{CLAIM}target_link_uri", LONGEST_URL),
        subject=_id(claims, "sub"),
        given_name=given_name,
        family_name=family_name,
        roles=map_roles(_list(claims, f"{CLAIM}roles", MOST_ROLES)),
        link=_link(claims) if kind is MessageType.RESOURCE_LINK else None,
        context=_context(claims),
        custom=_custom(claims),
        locale=_text(presentation, "locale", LONGEST_ID),
        return_url=_url(presentation, "return_url"),
        memberships_url=_url(_object(claims, ROSTER), "context_memberships_url"),
        line_items_url=_url(grades, "lineitems"),
        line_item_url=_url(grades, "lineitem"),
        grade_scopes=tuple(_list(grades, "scope", MOST_ROLES, needed=False)),
        deep_linking=_object(claims, DEEP_LINKING, needed=kind is MessageType.DEEP_LINKING),
    )


def check_moments(claims: Mapping[str, Any]) -> None:
    """`exp` and `iat` must be there, and be moments (Security Framework 1.0, 5.1.2). Raises `LaunchRefused`."""
    for name in ("exp", "iat", *(["nbf"] if "nbf" in claims else [])):
        value = claims.get(name)
        if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < LATEST:
            raise _wrong(name)


def _type(claims: Mapping[str, Any]) -> MessageType:
    version = claims.get(f"{CLAIM}version")
    if version != VERSION:
        raise LaunchRefused(Reason.WRONG_VERSION, version=str(version)[:20])
    name = claims.get(f"{CLAIM}message_type")
    if not isinstance(name, str) or name not in set(MessageType):
        raise LaunchRefused(Reason.UNKNOWN_MESSAGE, message_type=str(name)[:60])
    return MessageType(name)


def _names(claims: Mapping[str, Any]) -> tuple[str, str]:
    """First and last name. A platform may keep them to itself, or give them as one."""
    given, family, whole = (_text(claims, name, LONGEST_TEXT) for name in ("given_name", "family_name", "name"))
    if not (given or family):
        given, _space, family = whole.partition(" ")
    return given[:80].strip(), family[:120].strip()


def _link(claims: Mapping[str, Any]) -> LinkClaim:
    link = _object(claims, f"{CLAIM}resource_link", needed=True)
    return LinkClaim(_id(link, "id"), _text(link, "title", LONGEST_TEXT))


def _context(claims: Mapping[str, Any]) -> ContextClaim | None:
    context = _object(claims, f"{CLAIM}context")
    if not context:
        return None
    return ContextClaim(
        _id(context, "id"), _text(context, "title", LONGEST_TEXT), _text(context, "label", LONGEST_TEXT)
    )


def _custom(claims: Mapping[str, Any]) -> dict[str, str]:
    """Custom parameters are texts; a platform that sends numbers too does no harm."""
    given = _object(claims, f"{CLAIM}custom")
    if len(given) > MOST_CUSTOM:
        raise _wrong("custom")
    return {name: value for name, value in given.items() if isinstance(value, str)}


def _object(claims: Mapping[str, Any], name: str, *, needed: bool = False) -> Mapping[str, Any]:
    value = claims.get(name)
    if value is None and not needed:
        return {}
    if not isinstance(value, dict):
        raise _wrong(name)
    return value


def _list(claims: Mapping[str, Any], name: str, most: int, *, needed: bool = True) -> list[str]:
    value = claims.get(name)
    if value is None and not needed:
        return []
    if not isinstance(value, list) or len(value) > most or not all(isinstance(item, str) for item in value):
        raise _wrong(name)
    return value


def _id(claims: Mapping[str, Any], name: str) -> str:
    return _needed(claims, name, LONGEST_ID)


def _needed(claims: Mapping[str, Any], name: str, longest: int) -> str:
    value = claims.get(name)
    if not isinstance(value, str) or not value.strip() or len(value) > longest:
        raise _wrong(name)
    return value


def _text(claims: Mapping[str, Any], name: str, longest: int) -> str:
    value = claims.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise _wrong(name)
    return value[:longest]


def _url(claims: Mapping[str, Any], name: str) -> str:
    """An address of the platform's. None of those in a launch is needed: one that leads nowhere is as good as none."""
    value = claims.get(name)
    is_usable = isinstance(value, str) and len(value) <= LONGEST_URL and origin_of(value)
    return value if is_usable else ""  # type: ignore[return-value]


def _wrong(name: str) -> LaunchRefused:
    return LaunchRefused(Reason.WRONG_CLAIM, claim=name.removeprefix(CLAIM))
