"""The lists of a trainer's desk. A trainer sees the meetings of her areas and those she teaches herself, no others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from courses.catalogue.formats import StepKind
from courses.catalogue.models import Course, CourseVersion
from courses.catalogue.queries import get_outline, list_areas_by_course
from courses.enrolment.models import Enrolment
from courses.sessions.models import (
    BOOKED,
    PRESENT,
    WAITING,
    WALK_IN,
    Attendance,
    AttendanceChange,
    Booking,
    CourseSession,
)
from lms.accounts.models import Organisation, Person
from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Identity, Permission, Scope
from lms.kernel.names import name_order

LONGEST_ID = 9  # digits: what a row's number in the database can have


class When(StrEnum):
    """The questions a trainer asks every week."""

    COMING = "coming"
    TO_MARK = "to-mark"
    HELD = "held"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True)
class DeskSession:
    """A row of the list of meetings. `marked`: how many have a word on the list; `present`: how many were there."""

    uuid: UUID
    course_slug: str
    course_title: str
    step: str
    title: str
    mode: str
    starts_at: datetime
    ends_at: datetime
    place: str
    area: str | None
    seats: int
    held_at: datetime | None
    cancelled_at: datetime | None
    taken: int
    waiting: int
    marked: int
    present: int

    @property
    def is_to_mark(self) -> bool:
        """Whether it has begun and its list is not closed yet."""
        return self.held_at is None and self.cancelled_at is None and self.starts_at <= clock.now()


@dataclass(frozen=True, slots=True)
class Roll:
    """Somebody on an attendance list. `presence` is empty while nothing was said; `changes`: how often it was said."""

    booking_id: int
    name: str
    organisation: str
    state: str
    presence: str
    changes: int


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the log: what was said of whom, when and by whom."""

    name: str
    was: str
    became: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody in the course who is not on the list: she may come without a place."""

    enrolment_id: int
    name: str
    organisation: str


@dataclass(frozen=True, slots=True)
class PlannableStep:
    """A session step that can get a date."""

    course_slug: str
    course_title: str
    step: str
    title: str


def list_plannable_steps(db: Session, identity: Identity) -> list[PlannableStep]:
    """The session steps of the courses that this person's areas offer today, by title of the course."""
    areas = identity.areas(Permission.RUN_SESSIONS)
    rows = (
        sa.select(Course.slug, Course.title, CourseVersion.id, CourseVersion.sha256)
        .join(CourseVersion, CourseVersion.id == Course.version_id)
        .where(Course.archived_at.is_(None))
        .order_by(Course.title)
    )
    if areas is not None:
        ids = [id for id, offered in list_areas_by_course(db).items() if not areas.isdisjoint(offered)]
        rows = rows.where(Course.id.in_(ids))
    return [
        PlannableStep(slug, title, step.id, step.title)
        for slug, title, version_id, sha256 in db.execute(rows)
        for step in get_outline(db, version_id, sha256).steps
        if step.kind is StepKind.SESSION
    ]


def get_roll_booking(db: Session, session_id: int, booking_id: str) -> Booking:
    """The booking a line of this session's list names. Raises `NotFound` for a line of another list."""
    is_row = booking_id.isdecimal() and len(booking_id) <= LONGEST_ID
    booking = db.get(Booking, int(booking_id)) if is_row else None
    if booking is None or booking.session_id != session_id:
        raise NotFound(f"booking {booking_id} of session {session_id}")
    return booking


def get_desk_session(db: Session, identity: Identity, session_uuid: UUID) -> CourseSession:
    """A meeting this person may run. Raises `NotFound` when there is none, or it is another area's."""
    session = db.scalar(sa.select(CourseSession).where(CourseSession.uuid == session_uuid, _is_visible_to(identity)))
    if session is None:
        raise NotFound(f"session {session_uuid}")
    return session


def may_change(identity: Identity, area: str | None) -> bool:
    """Whether she may plan, change or call off meetings of this area; None is open to all, and hers to none but all."""
    return identity.may(Permission.RUN_SESSIONS, Scope(area=area))


def list_desk_sessions(
    db: Session, identity: Identity, *, when: When | None = None, course_id: int | None = None
) -> list[DeskSession]:
    """The meetings this person may run, in one query: those to come soonest first, the others latest first."""
    rows = _SESSIONS.where(_is_visible_to(identity))
    if when is not None:
        rows = rows.where(_is(when))
    if course_id is not None:
        rows = rows.where(CourseSession.course_id == course_id)
    start = CourseSession.starts_at
    rows = rows.order_by(start if when is When.COMING else start.desc(), CourseSession.id)
    found: Sequence[Sequence[Any]] = db.execute(rows).all()
    return [DeskSession(*row) for row in found]


def count_desk_sessions(db: Session, identity: Identity) -> dict[When, int]:
    """How many meetings answer each question, in one query."""
    counts = [sa.func.count().filter(_is(when)) for when in When]
    row = db.execute(sa.select(*counts).select_from(CourseSession).where(_is_visible_to(identity))).one()
    return dict(zip(When, row, strict=True))


def list_roll(db: Session, session_id: int) -> list[Roll]:
    """Who is on the attendance list, by name. One query."""
    changes = (
        sa.select(sa.func.count()).where(AttendanceChange.booking_id == Booking.id).correlate(Booking).scalar_subquery()
    )
    rows = db.execute(
        sa.select(
            Booking.id,
            Person.first_name,
            Person.last_name,
            sa.func.coalesce(Organisation.name, ""),
            Booking.state,
            sa.func.coalesce(Attendance.presence, ""),
            changes,
        )
        .join(Person, Person.id == Booking.person_id)
        .join(Enrolment, Enrolment.id == Booking.enrolment_id)
        .outerjoin(Organisation, Organisation.id == Enrolment.organisation_id)
        .outerjoin(Attendance, Attendance.booking_id == Booking.id)
        .where(Booking.session_id == session_id, Booking.state.in_((BOOKED, WALK_IN)))
        .order_by(name_order(Person.last_name, Person.first_name), Booking.id)
    )
    return [Roll(id, _name(first, last), *rest) for id, first, last, *rest in rows]


def list_waiting(db: Session, session_id: int) -> list[str]:
    """The names of who waits for a place, the next one first."""
    rows = db.execute(
        sa.select(Person.first_name, Person.last_name)
        .join(Booking, Booking.person_id == Person.id)
        .where(Booking.session_id == session_id, Booking.state == WAITING)
        .order_by(Booking.turn)
    )
    return [_name(first, last) for first, last in rows]


def list_changes(db: Session, session_id: int) -> list[Change]:
    """Every correction of the list, newest first: what was said for the first time is none."""
    by = aliased(Person)
    rows = db.execute(
        sa.select(
            Person.first_name,
            Person.last_name,
            AttendanceChange.was,
            AttendanceChange.became,
            AttendanceChange.at,
            by.first_name,
            by.last_name,
        )
        .join(Booking, Booking.id == AttendanceChange.booking_id)
        .join(Person, Person.id == Booking.person_id)
        .outerjoin(by, by.id == AttendanceChange.by_person_id)
        .where(Booking.session_id == session_id, AttendanceChange.was != "")
        .order_by(AttendanceChange.id.desc())
    )
    return [Change(_name(a, b), was, became, at, _name(c, d)) for a, b, was, became, at, c, d in rows]


def list_walk_in_candidates(db: Session, session: CourseSession) -> list[Candidate]:
    """Who is in the course, may come by her area, and is not on the list, by name."""
    on_list = sa.select(Booking.person_id).where(Booking.session_id == session.id, Booking.state.in_((BOOKED, WALK_IN)))
    rows = (
        sa.select(Enrolment.id, Person.first_name, Person.last_name, sa.func.coalesce(Organisation.name, ""))
        .join(Person, Person.id == Enrolment.person_id)
        .outerjoin(Organisation, Organisation.id == Enrolment.organisation_id)
        .where(
            Enrolment.course_id == session.course_id,
            Enrolment.withdrawn_at.is_(None),
            Enrolment.person_id.not_in(on_list),
            Person.erased_at.is_(None),
        )
        .order_by(name_order(Person.last_name, Person.first_name), Enrolment.id)
    )
    if session.area is not None:
        rows = rows.where(Enrolment.area == session.area)
    return [Candidate(id, _name(first, last), where) for id, first, last, where in db.execute(rows)]


def _is_visible_to(identity: Identity) -> sa.ColumnElement[bool]:
    areas = identity.areas(Permission.RUN_SESSIONS)
    if areas is None:
        return sa.true()
    return sa.or_(CourseSession.area.in_(areas), CourseSession.trainer_id == identity.person_id)


def _is(when: When) -> sa.ColumnElement[bool]:
    now = clock.now()
    if when is When.CANCELLED:
        return CourseSession.cancelled_at.is_not(None)
    if when is When.HELD:
        return CourseSession.held_at.is_not(None)
    is_open = sa.and_(CourseSession.held_at.is_(None), CourseSession.cancelled_at.is_(None))
    is_coming = CourseSession.starts_at > now
    return sa.and_(is_open, is_coming if when is When.COMING else ~is_coming)


def _name(first: str | None, last: str | None) -> str:
    return f"{first or ''} {last or ''}".strip() or _("Gewist")


def _count(*conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.count())
        .select_from(Booking)
        .outerjoin(Attendance, Attendance.booking_id == Booking.id)
        .where(Booking.session_id == CourseSession.id, *conditions)
        .correlate(CourseSession)
        .scalar_subquery()
    )


_SESSIONS = sa.select(
    CourseSession.uuid,
    Course.slug,
    Course.title,
    CourseSession.step,
    CourseSession.title,
    CourseSession.mode,
    CourseSession.starts_at,
    CourseSession.ends_at,
    CourseSession.place,
    CourseSession.area,
    CourseSession.seats,
    CourseSession.held_at,
    CourseSession.cancelled_at,
    _count(Booking.state == BOOKED),
    _count(Booking.state == WAITING),
    _count(Attendance.booking_id.is_not(None)),
    _count(Attendance.presence == PRESENT),
).join(Course, Course.id == CourseSession.course_id)
