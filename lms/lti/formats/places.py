"""What a link places: `<course>`, or `<course>/<step>`, and which addresses of ours belong to that."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from lms.kernel.visits import Door

CUSTOM = "content"  # the custom parameter that names it
LONGEST = 130
_CONTENT = re.compile(r"(?P<course>[a-z0-9][a-z0-9-]{0,59})(?:/(?P<step>[a-z0-9][a-z0-9-]{0,59}))?")
_PAGE = re.compile(r"/[a-z0-9-]+/courses/(?P<course>[a-z0-9-]+)(?:/steps/(?P<step>[a-z0-9-]+)(?:/.*)?)?/?")

# What every page of a course needs, whoever placed it.
_ALWAYS = frozenset(
    {"lti_visit.home", "accounts.language_choose", "site.help_page", "site.privacy", "site.accessibility"}
)
# Whoever was taken out meanwhile may come back.
_COURSE = frozenset({"enrolment.enrolment"})
_PLAYER = "player."
_MEDIA = "player.media"
_CERTIFICATE = "certificates.certificate_pdf"


@dataclass(frozen=True, slots=True)
class Placed:
    """A course, or one step of it."""

    course: str
    step: str = ""

    def door(self, area: str, endpoint: str, args: Mapping[str, Any]) -> Door:
        """Whether a visit to it, in this area, may open an address of the player's; everybody's pages it may.

        A page of the same course beside the step that is placed leads back to that step.
        """
        if endpoint in _ALWAYS:
            return Door.OPEN
        if not (endpoint.startswith(_PLAYER) or endpoint in _COURSE):
            return Door.SHUT
        if args.get("area") != area or args.get("course") != self.course:
            return Door.SHUT
        if not self.step or endpoint == _MEDIA or args.get("step") == self.step:
            return Door.OPEN
        return Door.HOME

    def __str__(self) -> str:
        return f"{self.course}/{self.step}" if self.step else self.course


def is_everywhere(endpoint: str) -> bool:
    """Whether every visit may open this, whatever it is for."""
    return endpoint in _ALWAYS


def is_certificate(endpoint: str) -> bool:
    """Whether this is somebody's proof: it belongs here when it is hers, of this course."""
    return endpoint == _CERTIFICATE


def find_placed(text: str) -> Placed | None:
    """What `<course>` or `<course>/<step>` names; None when it is neither."""
    found = _CONTENT.fullmatch(text.strip()) if len(text) <= LONGEST else None
    return None if found is None else Placed(found["course"], found["step"] or "")


def find_placed_by_address(url: str) -> Placed | None:
    """What a page of ours shows; None when it is not one of a course."""
    found = _PAGE.fullmatch(urlsplit(url).path)
    return None if found is None else Placed(found["course"], found["step"] or "")
