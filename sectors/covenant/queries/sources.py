"""What the figures are made of, each asked of the database once, and only when a figure needs it.

Rows are plain tuples of columns. The whole cockpit takes some ten questions, whatever the number of participations.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.formats import Outline, StepKind
from courses.catalogue.models import Course, CourseVersion, Offer
from courses.catalogue.queries import get_outline
from courses.enrolment.models import Enrolment
from courses.progress.models import StepProgress
from courses.sessions.models import Attendance, CourseSession
from lms.accounts.models import Person
from lms.kernel.clock import local
from sectors.covenant.formats import Counter, Covenant, Only
from sectors.covenant.formats.periods import end_of
from sectors.covenant.formats.projection import MilestoneKind
from sectors.covenant.models import (
    DelegatePresence,
    DelegateWorkplace,
    Evidence,
    Milestone,
    Participation,
)

PRESENT = "present"


@dataclass(frozen=True, slots=True)
class Version:
    """A course as published on a day."""

    published_on: date
    outline: Outline


@dataclass(frozen=True, slots=True)
class CourseFacts:
    """A course, and all its versions in order."""

    id: int
    slug: str
    title: str
    marks: tuple[str, ...]
    is_intersectoral: bool
    versions: tuple[Version, ...]

    @property
    def outline(self) -> Outline | None:
        """The last version that was published."""
        return self.versions[-1].outline if self.versions else None


class HeldSession(NamedTuple):
    """A meeting of a course with a mark, held or only planned."""

    id: int
    course_id: int
    step: str
    title: str
    mode: str
    area: str | None
    seats: int
    on: date
    is_held: bool


class Delegate(NamedTuple):
    """A delegate at a meeting that was held, and one workplace she stood for (or none)."""

    booking_id: int
    session_id: int
    person_id: int
    met_on: date
    is_secretary: bool
    kbo: str | None
    establishment: str | None
    organisation_id: int | None


class LivePresence(NamedTuple):
    """Somebody who was at a taught moment, by the record."""

    statement_id: UUID
    person_key: UUID
    person_id: int | None
    course_id: int
    step: str
    on: date
    minutes: int | None
    area: str
    organisation_id: int | None


class Piece(NamedTuple):
    """A piece of evidence somebody entered."""

    id: int
    uuid: UUID
    key: str
    items: tuple[str, ...]
    dated_on: date
    period: str
    title: str
    value: Decimal | None
    note: str
    file_key: str
    file_name: str
    entered_at: datetime
    withdrawn_on: date | None
    reason: str

    def stands_on(self, day: date) -> bool:
        """Whether it was there at the end of this day, and not withdrawn."""
        return self.dated_on <= day and (self.withdrawn_on is None or self.withdrawn_on > day)


class Evaluator(NamedTuple):
    """Somebody who completed a course and its follow-up, on the later of the two days."""

    participation_id: int
    person_key: UUID
    on: date
    area: str
    joint_committee: str


class Daily(NamedTuple):
    """How many participations, or people for the first time in a year, came on a day."""

    tag: str
    year: str
    on: date
    amount: int


class Sources:
    """The rows behind the figures of one covenant. `days`: the days at which figures will be asked, sorted."""

    def __init__(self, db: Session, covenant: Covenant, days: Sequence[date]) -> None:
        self._db = db
        self.covenant = covenant
        self.days = tuple(days)
        self._evaluators: dict[str, list[Evaluator]] = {}
        self._present: dict[str, list[LivePresence]] = {}

    @cached_property
    def courses(self) -> dict[int, CourseFacts]:
        """Every course by its id."""
        rows: Iterable[Any] = self._db.execute(
            sa.select(
                Course.id,
                Course.slug,
                Course.title,
                Course.marks,
                Course.is_intersectoral,
                CourseVersion.id,
                CourseVersion.sha256,
                CourseVersion.published_at,
            )
            .outerjoin(CourseVersion, CourseVersion.course_id == Course.id)
            .order_by(Course.id, CourseVersion.number)
        )
        found: dict[int, CourseFacts] = {}
        for course_id, slug, title, marks, is_intersectoral, version_id, sha256, published_at in rows:
            before = found[course_id].versions if course_id in found else ()
            if version_id is not None:
                before = (*before, Version(_day(published_at), get_outline(self._db, version_id, sha256)))
            found[course_id] = CourseFacts(course_id, slug, title, tuple(marks), is_intersectoral, before)
        return found

    def marked(self, mark: str) -> list[CourseFacts]:
        """The courses with this mark."""
        return [course for course in self.courses.values() if mark in course.marks]

    @cached_property
    def sessions(self) -> list[HeldSession]:
        """Meetings of courses with a mark, that were not cancelled, by day."""
        ids = [course.id for course in self.courses.values() if set(course.marks) & set(self.covenant.marks)]
        rows: Iterable[Any] = self._db.execute(
            sa.select(
                CourseSession.id,
                CourseSession.course_id,
                CourseSession.step,
                CourseSession.title,
                CourseSession.mode,
                CourseSession.area,
                CourseSession.seats,
                CourseSession.starts_at,
                CourseSession.held_at.is_not(None),
            )
            .where(CourseSession.course_id.in_(ids), CourseSession.cancelled_at.is_(None))
            .order_by(CourseSession.starts_at, CourseSession.id)
        )
        return [HeldSession._make((*row[:7], _day(row[7]), bool(row[8]))) for row in rows]

    @cached_property
    def delegates(self) -> list[Delegate]:
        """Who the lists of held meetings for delegates call present, with the workplaces of that day."""
        rows: Iterable[Any] = self._db.execute(
            sa.select(
                DelegatePresence.booking_id,
                DelegatePresence.session_id,
                DelegatePresence.person_id,
                DelegatePresence.met_on,
                DelegatePresence.is_secretary,
                DelegateWorkplace.kbo,
                DelegateWorkplace.establishment,
                DelegateWorkplace.organisation_id,
            )
            .join(Attendance, Attendance.booking_id == DelegatePresence.booking_id)
            .join(CourseSession, CourseSession.id == DelegatePresence.session_id)
            .outerjoin(DelegateWorkplace, DelegateWorkplace.booking_id == DelegatePresence.booking_id)
            .where(
                Attendance.presence == PRESENT, CourseSession.held_at.is_not(None), CourseSession.cancelled_at.is_(None)
            )
            .order_by(DelegatePresence.met_on, DelegatePresence.booking_id)
        )
        return [Delegate(*row) for row in rows]

    def present(self, mark: str) -> list[LivePresence]:
        """Who was present at a taught moment of courses with this mark, by the record."""
        if mark not in self._present:
            self._present[mark] = self._list_present(self.marked(mark))
        return self._present[mark]

    def _list_present(self, courses: Sequence[CourseFacts]) -> list[LivePresence]:
        rows: Iterable[Any] = self._db.execute(
            sa.select(
                Milestone.statement_id,
                Milestone.person_key,
                Milestone.person_id,
                Milestone.course_id,
                Milestone.step,
                Milestone.at,
                Milestone.minutes,
                Milestone.area,
                Milestone.organisation_id,
            )
            .where(
                Milestone.course_id.in_([course.id for course in courses]),
                Milestone.kind == MilestoneKind.ATTENDED,
            )
            .order_by(Milestone.at, Milestone.statement_id)
        )
        return [LivePresence._make((*row[:5], _day(row[5]), *row[6:])) for row in rows]

    @cached_property
    def evidence(self) -> list[Piece]:
        """Everything entered for this covenant, withdrawn or not, by day."""
        rows: Iterable[Any] = self._db.execute(
            sa.select(
                Evidence.id,
                Evidence.uuid,
                Evidence.key,
                Evidence.items,
                Evidence.dated_on,
                Evidence.period,
                Evidence.title,
                Evidence.value,
                Evidence.note,
                Evidence.file_key,
                Evidence.file_name,
                Evidence.entered_at,
                Evidence.withdrawn_at,
                Evidence.reason,
            )
            .where(Evidence.covenant == self.covenant.name)
            .order_by(Evidence.dated_on, Evidence.entered_at, Evidence.id)
        )
        return [
            Piece._make((*row[:3], tuple(row[3]), *row[4:12], _day(row[12]) if row[12] else None, row[13]))
            for row in rows
        ]

    @cached_property
    def offers(self) -> list[tuple[str, date, date | None]]:
        """Every offer: area, first day, and last day where it has one."""
        rows: Iterable[Any] = self._db.execute(sa.select(Offer.area, Offer.opened_on, Offer.closed_on).distinct())
        return [(area, opened_on, closed_on) for area, opened_on, closed_on in rows]

    @cached_property
    def accounts(self) -> list[int]:
        """How many accounts were open at the end of each of the days asked."""
        ends = [end_of(day) for day in self.days]
        row = self._db.execute(
            sa.select(
                *(sa.func.count(sa.case((was_open(end), 1))).label(f"at_{index}") for index, end in enumerate(ends))
            )
            .select_from(Person)
            .where(Person.is_test.is_(False))
        ).one()
        return list(row)

    def people(self, mark: str) -> list[tuple[UUID, date]]:
        """Who began courses with this mark, and when: one row for each person, course and year."""
        rows = self._db.execute(
            sa.select(Participation.person_key, Participation.started_on).where(
                Participation.course_id.in_([course.id for course in self.marked(mark)]),
                Participation.is_calendar.is_(False),
            )
        )
        return [(key, day) for key, day in rows]

    def evaluators(self, mark: str) -> list[Evaluator]:
        """Who completed a course with this mark and its follow-up."""
        if mark not in self._evaluators:
            self._evaluators[mark] = self._list_evaluators(self.marked(mark))
        return self._evaluators[mark]

    def _list_evaluators(self, courses: Sequence[CourseFacts]) -> list[Evaluator]:
        follow_ups = {
            step.id
            for course in courses
            for version in course.versions
            for step in version.outline.steps
            if step.kind is StepKind.FOLLOW_UP
        }
        rows: Iterable[Any] = self._db.execute(
            sa.select(
                Participation.id,
                Participation.person_key,
                Participation.completed_on,
                Participation.area,
                Participation.joint_committee,
                sa.func.min(StepProgress.completed_at),
            )
            .join(
                Enrolment,
                sa.and_(Enrolment.person_id == Participation.person_id, Enrolment.course_id == Participation.course_id),
            )
            .join(StepProgress, StepProgress.enrolment_id == Enrolment.id)
            .where(
                Participation.course_id.in_([course.id for course in courses]),
                Participation.is_calendar.is_(False),
                Participation.completed_on.is_not(None),
                StepProgress.step.in_(follow_ups),
                StepProgress.completed_at.is_not(None),
            )
            .group_by(
                Participation.id,
                Participation.person_key,
                Participation.completed_on,
                Participation.area,
                Participation.joint_committee,
            )
        )
        return [Evaluator(row[0], row[1], max(row[2], _day(row[5])), row[3], row[4]) for row in rows]

    @cached_property
    def daily(self) -> list[Daily]:
        """Participations and people by day: in the intersectoral offer by year, and from education over all years."""
        span = _education_span(self.covenant)
        return [Daily(*row) for row in self._db.execute(sa.union_all(*_DAILY), {"first": span[0], "last": span[1]})]


def _daily(only: Only, *, people: bool) -> sa.Select[*tuple[Any, ...]]:
    """Participations by day, or each person on the first day in which she counts."""
    day: Any = Participation.counted_on if only is Only.INTERSECTORAL else Participation.started_on
    year: Any = Participation.year if only is Only.INTERSECTORAL else sa.literal("")
    counted = (
        day.is_not(None)
        if only is Only.INTERSECTORAL
        else sa.and_(
            Participation.is_education.is_(True), Participation.is_calendar.is_(False), day.between(*_EDUCATION_SPAN)
        )
    )
    # "span" and "on_day" name no column of the table: a GROUP BY would take the column instead of the label.
    rows = sa.select(year.label("span"), Participation.person_key, day.label("on_day")).where(counted).subquery()
    if not people:
        return sa.select(sa.literal(f"participations {only}"), rows.c.span, rows.c.on_day, sa.func.count()).group_by(
            rows.c.span, rows.c.on_day
        )
    first = (
        sa.select(rows.c.span, rows.c.person_key, sa.func.min(rows.c.on_day).label("on_day"))
        .group_by(rows.c.span, rows.c.person_key)
        .subquery()
    )
    return sa.select(sa.literal(f"people {only}"), first.c.span, first.c.on_day, sa.func.count()).group_by(
        first.c.span, first.c.on_day
    )


def _education_span(covenant: Covenant) -> tuple[date, date]:
    """From when to when people from education are counted: a person counts on her first day within it."""
    parts = [
        part
        for commitment in covenant.commitment
        for part in commitment.part
        if part.counter is Counter.PARTICIPATIONS and part.only is Only.EDUCATION
    ]
    return covenant.starts_on, max((part.until or covenant.ends_on for part in parts), default=covenant.ends_on)


def _day(moment: datetime) -> date:
    return local(moment).date()


def was_open(end: datetime) -> sa.ColumnElement[bool]:
    """The condition on `Person` for an account that was open just before this moment."""
    return sa.and_(
        Person.created_at < end,
        sa.or_(Person.blocked_at.is_(None), Person.blocked_at >= end),
        sa.or_(Person.erased_at.is_(None), Person.erased_at >= end),
    )


_EDUCATION_SPAN = (sa.bindparam("first", type_=sa.Date()), sa.bindparam("last", type_=sa.Date()))
_DAILY = [_daily(only, people=people) for only in (Only.INTERSECTORAL, Only.EDUCATION) for people in (False, True)]
