"""One colleague: who she is, what she takes for this employer, and what happened to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from courses.catalogue.models import Course, CourseVersion
from courses.catalogue.queries import get_outline
from courses.enrolment.models import Enrolment, EnrolmentChange
from courses.progress.models import CourseProgress
from lms.accounts.models import Employment, Establishment, Person
from lms.accounts.queries import goes_on
from lms.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class StaffMember:
    """A colleague as her officer knows her. `has_been_in`: she chose a password once."""

    id: int
    uuid: UUID
    first_name: str
    last_name: str
    email: str | None
    user_name: str | None
    is_blocked: bool
    has_been_in: bool
    employment_id: int
    staff_number: str
    job_title: str
    place: str

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}"


@dataclass(frozen=True, slots=True)
class CourseLine:
    """A course she takes or took for this employer. `status`: done, todo, busy, or withdrawn."""

    enrolment_id: int
    slug: str
    title: str
    done: int
    total: int
    enrolled_at: datetime
    withdrawn_at: datetime | None
    learnt_at: datetime | None
    completed_at: datetime | None

    @property
    def status(self) -> str:
        """Where she stands in it, in one word of the look."""
        if self.withdrawn_at is not None:
            return "withdrawn"
        if self.completed_at is not None:
            return "done"
        return "todo" if self.learnt_at is None else "busy"


@dataclass(frozen=True, slots=True)
class Happening:
    """A line of the history. `what`: enrolled, withdrawn or returned."""

    at: datetime
    what: str
    course: str
    by: str


def get_staff_member(db: Session, organisation_id: int, uuid: UUID) -> StaffMember:
    """The colleague with this uuid who works at this employer now. Raises `NotFound`, also for another's people."""
    row: Sequence[Any] | None = db.execute(
        sa.select(
            Person.id,
            Person.uuid,
            Person.first_name,
            Person.last_name,
            Person.email,
            Person.user_name,
            Person.blocked_at.is_not(None),
            Person.password_hash.is_not(None),
            Employment.id,
            Employment.staff_number,
            Employment.job_title,
            sa.func.coalesce(Establishment.name, ""),
        )
        .join(Employment, Employment.person_id == Person.id)
        .outerjoin(Establishment, Establishment.id == Employment.establishment_id)
        .where(
            Person.uuid == uuid,
            Person.erased_at.is_(None),
            Employment.organisation_id == organisation_id,
            goes_on(),
        )
        .order_by(Employment.id.desc())
        .limit(1)
    ).first()
    if row is None:
        raise NotFound(f"person {uuid}")
    return StaffMember(*row)


def list_courses(db: Session, organisation_id: int, person_id: int) -> list[CourseLine]:
    """Her courses for this employer: those that run first. One statement; outlines are remembered."""
    rows = db.execute(
        sa.select(
            Enrolment.id,
            Course.slug,
            Course.title,
            sa.func.coalesce(CourseProgress.steps_done, 0),
            CourseVersion.id,
            CourseVersion.sha256,
            Enrolment.enrolled_at,
            Enrolment.withdrawn_at,
            CourseProgress.touched_at,
            CourseProgress.completed_at,
        )
        .join(Course, Course.id == Enrolment.course_id)
        .join(CourseVersion, CourseVersion.id == Course.version_id)
        .outerjoin(CourseProgress, CourseProgress.enrolment_id == Enrolment.id)
        .where(Enrolment.person_id == person_id, Enrolment.organisation_id == organisation_id)
        .order_by(Enrolment.withdrawn_at.is_not(None), Course.title)
    )
    return [
        CourseLine(key, slug, title, done, len(get_outline(db, version, sha).steps), *moments)
        for key, slug, title, done, version, sha, *moments in rows
    ]


def list_history(db: Session, organisation_id: int, person_id: int) -> list[Happening]:
    """What happened to her enrolments for this employer, newest first."""
    who = aliased(Person)
    rows = db.execute(
        sa.select(
            EnrolmentChange.at,
            EnrolmentChange.what,
            Course.title,
            sa.func.coalesce(who.first_name, ""),
            sa.func.coalesce(who.last_name, ""),
        )
        .join(Enrolment, Enrolment.id == EnrolmentChange.enrolment_id)
        .join(Course, Course.id == Enrolment.course_id)
        .outerjoin(who, who.id == EnrolmentChange.by_person_id)
        .where(Enrolment.person_id == person_id, Enrolment.organisation_id == organisation_id)
        .order_by(EnrolmentChange.id.desc())
        .limit(100)
    )
    return [Happening(at, what, course, f"{first} {last}".strip()) for at, what, course, first, last in rows]


def get_enrolment_id(db: Session, organisation_id: int, person_id: int, slug: str) -> int:
    """Her enrolment in this course for this employer, withdrawn or not. Raises `NotFound`."""
    enrolment_id = db.scalar(
        sa.select(Enrolment.id)
        .join(Course, Course.id == Enrolment.course_id)
        .where(
            Enrolment.person_id == person_id,
            Enrolment.organisation_id == organisation_id,
            Course.slug == slug,
        )
    )
    if enrolment_id is None:
        raise NotFound(slug)
    return enrolment_id
