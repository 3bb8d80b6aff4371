"""Roles as platforms name them (LTI 1.3 core, appendix A.2), mapped once, at the edge."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

_LIS = "http://purl.imsglobal.org/vocab/lis/v2/"
_TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"


class LtiRole(StrEnum):
    """What somebody is in a platform's course, in our words."""

    LEARNER = "learner"
    STAFF = "staff"  # teaches, makes or looks after the course: she sees it, and is not counted
    TEST = "test"  # the pretended learner of a platform, such as Canvas's student view


_MEMBERSHIP = {
    "Learner": LtiRole.LEARNER,
    "Member": LtiRole.LEARNER,
    "Instructor": LtiRole.STAFF,
    "ContentDeveloper": LtiRole.STAFF,
    "Administrator": LtiRole.STAFF,
    "Manager": LtiRole.STAFF,
    "Mentor": LtiRole.STAFF,
    "Officer": LtiRole.STAFF,
    "TeachingAssistant": LtiRole.STAFF,
}
_ELSEWHERE = {  # in the institution or the system: they decide only where no role in the course is named
    "Administrator": LtiRole.STAFF,
    "SysAdmin": LtiRole.STAFF,
    "AccountAdmin": LtiRole.STAFF,
    "Faculty": LtiRole.STAFF,
    "Instructor": LtiRole.STAFF,
    "Staff": LtiRole.STAFF,
    "Mentor": LtiRole.STAFF,
}


def map_roles(names: Iterable[str]) -> frozenset[LtiRole]:
    """Our words for these roles. Who has none that we know is a learner.

    Roles in the course go before those in the institution: a platform also sends the latter for somebody who takes
    this course as a learner. Bare words (`Learner`) mean the course, as the standard says of old platforms.
    """
    given = list(names)
    test = {LtiRole.TEST} if _TEST_USER in given else set()
    in_course = {role for name in given if (role := _role_in_course(name))}
    elsewhere = {role for name in given if (role := _role_elsewhere(name))}
    return frozenset((in_course or elsewhere or {LtiRole.LEARNER}) | test)


def is_staff(roles: Iterable[str]) -> bool:
    """Whether somebody with these roles of ours looks on, and does not learn."""
    return LtiRole.STAFF in set(roles)


def _role_in_course(name: str) -> LtiRole | None:
    if name.startswith(f"{_LIS}membership/"):  # a sub-role: membership/Instructor#TeachingAssistant
        return _MEMBERSHIP.get(name.removeprefix(f"{_LIS}membership/").partition("#")[0])
    return _MEMBERSHIP.get(name.removeprefix(f"{_LIS}membership#"))


def _role_elsewhere(name: str) -> LtiRole | None:
    for kind in ("institution", "system"):
        if name.startswith(f"{_LIS}{kind}/person#"):
            return _ELSEWHERE.get(name.rpartition("#")[2])
    return None
