"""Saying who was there. The first *present* makes an `attended` statement; a correction voids it and is logged."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.queries import get_outline
from courses.enrolment.models import Enrolment
from courses.enrolment.queries import Learner, get_learner
from courses.enrolment.services.statements import Verb, record, void
from courses.sessions.events import AttendanceMarked, SessionHeld
from courses.sessions.models import (
    ABSENT,
    BOOKED,
    PRESENCES,
    PRESENT,
    WALK_IN,
    Attendance,
    AttendanceChange,
    Booking,
    CourseSession,
)
from courses.sessions.services.booking import check_for_learner, facts_of, lock_session, next_turn
from lms.accounts.models import Person
from lms.kernel import clock
from lms.kernel.errors import NotFound, Refused
from lms.kernel.events import emit
from lms.kernel.i18n import format_date
from lms.kernel.i18n import gettext as _


def mark_attendance(db: Session, booking: Booking, presence: str, *, by_person_id: int | None) -> Attendance:
    """Write down whether she was there: present, absent or excused. Saying it again changes nothing.

    Raises `Refused` before the day itself, and for who has no place; `NotFound` for another word.
    """
    if presence not in PRESENCES:
        raise NotFound(f"presence {presence}")
    session = lock_session(db, booking.session_id)
    _check_markable(session, booking)
    attendance = db.get(Attendance, booking.id, populate_existing=True) or Attendance(
        booking_id=booking.id, presence=""
    )
    was = attendance.presence
    if was == presence:
        return attendance
    now = clock.now()
    attendance.presence, attendance.marked_at, attendance.marked_by = presence, now, by_person_id
    db.add(attendance)
    db.add(AttendanceChange(booking_id=booking.id, was=was, became=presence, at=now, by_person_id=by_person_id))
    at = min(now, session.ends_at)
    _keep_record(db, session, booking, attendance, at)
    db.flush()
    emit(db, AttendanceMarked(**facts_of(session, booking), was=was, presence=presence, at=at))
    return attendance


def add_walk_in(db: Session, session: CourseSession, enrolment_id: int, *, by_person_id: int | None) -> Booking:
    """Put somebody on the list who came without a place, and mark her present. She takes no seat from anybody.

    Raises `NotFound` unless she is enrolled in this course and the session is open to her area.
    """
    session = lock_session(db, session.id)
    enrolment = db.get(Enrolment, enrolment_id)
    if enrolment is None:
        raise NotFound(f"enrolment {enrolment_id}")
    check_for_learner(session, enrolment)
    booking = db.scalar(
        sa.select(Booking).where(Booking.session_id == session.id, Booking.person_id == enrolment.person_id)
    )
    if booking is None:
        turn = next_turn(db, session)
        booking = Booking(session_id=session.id, person_id=enrolment.person_id, turn=turn, asked_at=clock.now())
        db.add(booking)
    if booking.state != BOOKED:
        booking.enrolment_id, booking.state, booking.cancelled_at = enrolment.id, WALK_IN, None
    db.flush()
    mark_attendance(db, booking, PRESENT, by_person_id=by_person_id)
    return booking


def hold_session(db: Session, session: CourseSession, *, by_person_id: int | None) -> None:
    """Close the list: who has no mark was absent, and the meeting counts as held. Corrections stay possible.

    Raises `Refused` before it begins. Twice is harmless.
    """
    session = lock_session(db, session.id)
    if session.held_at is not None:
        return
    now = clock.now()
    if session.cancelled_at is not None or now < session.starts_at:
        raise Refused(_("Je kan de lijst pas sluiten als de sessie begonnen is."))
    for booking in _unmarked(db, session):
        mark_attendance(db, booking, ABSENT, by_person_id=by_person_id)
    session.held_at = min(now, session.ends_at)
    db.flush()
    emit(db, SessionHeld(session.id, session.course_id, session.step, session.area, session.held_at))


def _check_markable(session: CourseSession, booking: Booking) -> None:
    if session.cancelled_at is not None:
        raise Refused(_("Deze sessie ging niet door."))
    if booking.state not in (BOOKED, WALK_IN):
        raise Refused(_("Deze persoon heeft geen plaats. Voeg haar toe onderaan de lijst."))
    if clock.today() < clock.local(session.starts_at).date():
        raise Refused(
            _("Aanwezigheid noteren kan vanaf %(date)s.", date=format_date(session.starts_at)),
        )


def _keep_record(db: Session, session: CourseSession, booking: Booking, attendance: Attendance, at: datetime) -> None:
    """Let the record say what the list says: `attended` while she is present, and nothing that was voided."""
    learner = get_learner(db, booking.enrolment_id)
    if attendance.presence == PRESENT:
        attendance.statement_id = _record_attended(db, session, learner, at)
    elif attendance.statement_id is not None:
        void(db, learner, attendance.statement_id, by=_uuid_of(db, attendance.marked_by))
        attendance.statement_id = None


def _record_attended(db: Session, session: CourseSession, learner: Learner, at: datetime) -> UUID:
    step = get_outline(db, learner.version_id, learner.version_sha).step(session.step)
    result: dict[str, Any] = {"completion": True, "duration": _duration(session.contact_hours)}
    return record(db, learner, Verb.ATTENDED, step=step, result=result, at=at)


def _uuid_of(db: Session, person_id: int | None) -> UUID | None:
    return None if person_id is None else db.scalar(sa.select(Person.uuid).where(Person.id == person_id))


def _duration(hours: Decimal) -> str:
    """ISO 8601, as xAPI wants it: 2.5 hours is PT2H30M."""
    minutes = int(hours * 60)
    return f"PT{minutes // 60}H{minutes % 60}M" if minutes % 60 else f"PT{minutes // 60}H"


def _unmarked(db: Session, session: CourseSession) -> list[Booking]:
    return list(
        db.scalars(
            sa.select(Booking)
            .outerjoin(Attendance, Attendance.booking_id == Booking.id)
            .where(
                Booking.session_id == session.id,
                Booking.state.in_((BOOKED, WALK_IN)),
                Attendance.booking_id.is_(None),
            )
            .order_by(Booking.turn)
        )
    )
