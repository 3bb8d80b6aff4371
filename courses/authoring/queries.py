"""Questions of the trainer's desk about courses: her drafts, what she may publish where, and who takes part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from courses.authoring.formats import Finding, ReadabilityReport
from courses.authoring.models import CourseDraft
from courses.catalogue.formats import Outline
from courses.catalogue.models import Course, CourseVersion, Offer
from courses.catalogue.queries import list_areas_by_course, named_areas
from courses.enrolment.models import Enrolment
from courses.progress.models import CourseProgress, StepProgress
from lms.accounts.models import Person
from lms.kernel.errors import NotFound
from lms.kernel.identity import Identity, Permission
from sectors.areas import all_areas

MANIFEST = "course.yml"


class StepSource(msgspec.Struct, frozen=True):
    """A step as `course.yml` names it, with the file it comes from. Empty where the manifest says nothing.

    `first_line` and `last_line`: where the manifest speaks of it.
    """

    id: str
    kind: str
    title: str
    file: str
    first_line: int
    last_line: int

    def holds(self, finding: Finding) -> bool:
        """Whether this was found in the step: in its own file, or in its lines of the manifest."""
        in_manifest = finding.file == MANIFEST and self.first_line <= finding.line <= self.last_line
        return in_manifest or (bool(self.file) and finding.file == self.file)


class Checks(msgspec.Struct, frozen=True):
    """What the check of a draft said, as it is kept beside it."""

    findings: list[Finding]
    readability: list[ReadabilityReport]
    media: list[str]
    sources: list[StepSource]

    @property
    def blocking(self) -> list[Finding]:
        """What must be mended: no reason excuses it."""
        return [finding for finding in self.findings if finding.is_error and not finding.is_excusable]

    @property
    def to_excuse(self) -> list[Finding]:
        """What may stay when a reason is typed. Other warnings ask for none."""
        return [finding for finding in self.findings if finding.is_excusable]


@dataclass(frozen=True, slots=True)
class DeskDraft:
    """A row of the drafts. `is_publishable`: nothing stands in it that must be mended first."""

    uuid: UUID
    title: str
    created_at: datetime
    is_publishable: bool


@dataclass(frozen=True, slots=True)
class DeskCourse:
    """A row of *Mijn opleidingen*. `participants` counts those of the areas of who asks, and who did not withdraw."""

    id: int
    slug: str
    title: str
    version: int
    published_at: datetime
    participants: int
    completed: int
    areas: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Participants:
    """How far the people in a course are: how many began and finished it, and each of its steps."""

    enrolled: int
    started: int
    completed: int
    steps: dict[str, tuple[int, int]]


def draft_key(draft: UUID, path: str) -> str:
    """Where storage keeps a file of a draft."""
    return f"drafts/{draft}/{path}"


def get_draft(db: Session, identity: Identity, draft_uuid: UUID) -> CourseDraft:
    """A draft of this person's own; of anybody's for who publishes everywhere. Raises `NotFound`."""
    draft = db.scalar(sa.select(CourseDraft).where(CourseDraft.uuid == draft_uuid, _is_own(identity)))
    if draft is None:
        raise NotFound(f"draft {draft_uuid}")
    return draft


def list_drafts(db: Session, identity: Identity) -> list[DeskDraft]:
    """Drafts of this person that were not published, newest first; of one course only her last upload counts."""
    newer = aliased(CourseDraft)
    is_replaced = (
        sa.exists()
        .where(newer.author_id == CourseDraft.author_id, newer.slug == CourseDraft.slug, newer.id > CourseDraft.id)
        .correlate(CourseDraft)
    )
    rows: Sequence[Sequence[Any]] = db.execute(
        sa.select(CourseDraft.uuid, CourseDraft.title, CourseDraft.created_at, sa.func.length(CourseDraft.outline) > 0)
        .where(CourseDraft.author_id == identity.person_id, CourseDraft.published_at.is_(None), ~is_replaced)
        .order_by(CourseDraft.id.desc())
    ).all()
    return [DeskDraft(*row) for row in rows]


def get_checks(draft: CourseDraft) -> Checks:
    """What the check of this draft said."""
    return msgspec.convert(draft.checks, Checks)


# ---- what she may ----------------------------------------------------------------------------------------------------


def areas_of(identity: Identity) -> frozenset[str]:
    """The areas in which this person may offer courses."""
    areas = identity.areas(Permission.PUBLISH_COURSES)
    return frozenset(all_areas()) if areas is None else areas


def areas_to_offer(identity: Identity, outline: Outline) -> list[str]:
    """The areas the course names that are hers too, in the order of the areas."""
    return [area for area in named_areas(outline.areas) if area in areas_of(identity)]


def areas_left_out(identity: Identity, outline: Outline) -> list[str]:
    """The areas the course names and she may not offer in."""
    return [area for area in named_areas(outline.areas) if area not in areas_of(identity)]


def may_replace(db: Session, identity: Identity, course: Course) -> bool:
    """Whether her upload may become the next version: she made it, or it was offered in no area but hers.

    An offer that was withdrawn counts too: who enrolled then still learns from it.
    """
    if identity.areas(Permission.PUBLISH_COURSES) is None or course.author_id == identity.person_id:
        return True
    offered = set(db.scalars(sa.select(Offer.area).where(Offer.course_id == course.id)))
    return bool(offered) and offered <= areas_of(identity)


# ---- published courses -----------------------------------------------------------------------------------------------


def list_desk_courses(db: Session, identity: Identity) -> list[DeskCourse]:
    """The published courses this person made or that her areas offer, by title. Two queries."""
    people = _in_areas(identity, sa.select(sa.func.count(Enrolment.id)).where(Enrolment.withdrawn_at.is_(None)))
    people = people.where(Enrolment.course_id == Course.id).correlate(Course)
    done = people.join(CourseProgress, CourseProgress.enrolment_id == Enrolment.id).where(
        CourseProgress.completed_at.is_not(None)
    )
    rows: Sequence[Sequence[Any]] = db.execute(
        sa.select(
            Course.id,
            Course.slug,
            Course.title,
            CourseVersion.number,
            CourseVersion.published_at,
            people.scalar_subquery(),
            done.scalar_subquery(),
        )
        .join(CourseVersion, CourseVersion.id == Course.version_id)
        .where(Course.archived_at.is_(None), _is_on_desk(identity))
        .order_by(Course.title)
    ).all()
    offered = list_areas_by_course(db)
    return [DeskCourse(*(*row, tuple(offered.get(row[0], ())))) for row in rows]


def get_desk_course(db: Session, identity: Identity, slug: str) -> Course:
    """A published course this person made or that her areas offer. Raises `NotFound`."""
    course = db.scalar(
        sa.select(Course).where(Course.slug == slug, Course.version_id.is_not(None), _is_on_desk(identity))
    )
    if course is None:
        raise NotFound(slug)
    return course


def list_version_rows(db: Session, course_id: int) -> list[tuple[int, datetime, str, str]]:
    """Every version: number, moment, who published it, and the reason typed, newest first."""
    rows = db.execute(
        sa.select(
            CourseVersion.number,
            CourseVersion.published_at,
            Person.first_name,
            Person.last_name,
            CourseVersion.reason,
        )
        .outerjoin(Person, Person.id == CourseVersion.published_by)
        .where(CourseVersion.course_id == course_id)
        .order_by(CourseVersion.number.desc())
    )
    return [(number, at, f"{first or ''} {last or ''}".strip(), reason) for number, at, first, last, reason in rows]


def count_participants(db: Session, identity: Identity, course_id: int) -> Participants:
    """How far the people of her areas are in this course. Two queries, however many they are."""
    enrolled = _in_areas(
        identity, sa.select(Enrolment.id).where(Enrolment.course_id == course_id, Enrolment.withdrawn_at.is_(None))
    ).subquery()
    totals = db.execute(
        sa.select(
            sa.func.count(enrolled.c.id),
            sa.func.count(CourseProgress.enrolment_id),
            sa.func.count(CourseProgress.completed_at),
        )
        .select_from(enrolled)
        .outerjoin(CourseProgress, CourseProgress.enrolment_id == enrolled.c.id)
    ).one()
    steps = db.execute(
        sa.select(StepProgress.step, sa.func.count(), sa.func.count(StepProgress.completed_at))
        .join(enrolled, enrolled.c.id == StepProgress.enrolment_id)
        .group_by(StepProgress.step)
    )
    return Participants(*totals, steps={step: (begun, done) for step, begun, done in steps})


def _is_own(identity: Identity) -> sa.ColumnElement[bool]:
    if identity.areas(Permission.PUBLISH_COURSES) is None:
        return sa.true()
    return CourseDraft.author_id == identity.person_id


def _is_on_desk(identity: Identity) -> sa.ColumnElement[bool]:
    """A course she made, or that an area of hers offers or offered."""
    if identity.areas(Permission.PUBLISH_COURSES) is None:
        return sa.true()
    offered = sa.exists().where(Offer.course_id == Course.id, Offer.area.in_(areas_of(identity)))
    return sa.or_(Course.author_id == identity.person_id, offered)


def _in_areas(identity: Identity, rows: sa.Select[Any]) -> sa.Select[Any]:
    """Only people of the areas in which she may see them."""
    areas = identity.areas(Permission.RUN_SESSIONS)
    return rows if areas is None else rows.where(Enrolment.area.in_(areas))
