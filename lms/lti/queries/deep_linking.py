"""What a teacher may place in her platform: courses, modules and quizzes of her area's offer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.formats import StepKind
from courses.catalogue.queries import get_outline, list_offered_courses
from lms.kernel.errors import NotFound
from lms.lti.formats.deep_linking import DeepLinkingSettings, read_settings
from lms.lti.formats.places import find_placed
from lms.lti.models import Deployment, PlatformRegistration, Visit

PLACEABLE = frozenset({StepKind.MODULE, StepKind.QUIZ})


@dataclass(frozen=True, slots=True)
class Choosing:
    """A visit in which content is chosen: for whom the answer is, and from which area's offer."""

    registration: PlatformRegistration
    deployment_id: str
    settings: DeepLinkingSettings


@dataclass(frozen=True, slots=True)
class Choice:
    """Something that can be placed. `content` names it in links; `kind` is empty for a whole course."""

    content: str
    title: str
    text: str
    kind: StepKind | None = None


@dataclass(frozen=True, slots=True)
class OfferedChoice:
    """A course with what can be placed of it alone."""

    course: Choice
    steps: tuple[Choice, ...]


def get_choosing(db: Session, uuid: UUID) -> Choosing:
    """The deep linking visit with this uuid; who is in it, and whether it goes on, `find_visit` says.

    Raises `NotFound` when it is another kind.
    """
    row = db.execute(
        sa.select(PlatformRegistration, Deployment.deployment_id, Visit.claims)
        .join(Deployment, Deployment.registration_id == PlatformRegistration.id)
        .join(Visit, Visit.deployment_id == Deployment.id)
        .where(Visit.uuid == uuid, Visit.resource_link_id.is_(None))
    ).one_or_none()
    if row is None or "deep_linking_settings" not in row[2]:
        raise NotFound(f"deep linking visit {uuid}")
    return Choosing(row[0], row[1], read_settings(row[2]["deep_linking_settings"]))


def list_choices(db: Session, area: str, *, search: str = "") -> list[OfferedChoice]:
    """What the area offers, by title; with these words in a course's title or summary, or in the title of a step."""
    found = []
    words = search.casefold().split()
    for course in list_offered_courses(db, area):
        outline = get_outline(db, course.version_id, course.version_sha)
        steps = tuple(
            Choice(f"{course.slug}/{step.id}", step.title, course.title, step.kind)
            for step in outline.steps
            if step.kind in PLACEABLE
        )
        about = f"{course.title} {course.summary}".casefold()
        matching = steps if _has(about, words) else tuple(s for s in steps if _has(s.title.casefold(), words))
        if matching or _has(about, words):
            found.append(OfferedChoice(Choice(course.slug, course.title, course.summary), matching))
    return found


def list_chosen(db: Session, area: str, contents: Sequence[str]) -> list[Choice]:
    """Those of the area's offer that these name, in the order of the offer; what is not offered is left out."""
    wanted = {content for content in contents if find_placed(content) is not None}
    offered = list_choices(db, area)
    return [choice for each in offered for choice in (each.course, *each.steps) if choice.content in wanted]


def _has(text: str, words: Sequence[str]) -> bool:
    return all(word in text for word in words)
