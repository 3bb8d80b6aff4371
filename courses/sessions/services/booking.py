"""Booking a place: first come, first served; a waiting list behind it; and cancelling, whose price is told before."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.enrolment.events import EnrolmentsJoined, LearnerWithdrew
from courses.enrolment.models import Enrolment
from courses.sessions.events import BookingCancelled, SessionBooked
from courses.sessions.models import (
    BOOKED,
    CANCELLED,
    WAITING,
    WALK_IN,
    Attendance,
    AttendanceChange,
    Booking,
    CourseSession,
)
from courses.sessions.queries import cancellation_fee
from courses.sessions.services.notices import tell_moved_up
from lms.accounts.events import PersonErased
from lms.kernel import clock
from lms.kernel.errors import NotFound, Refused
from lms.kernel.events import emit
from lms.kernel.i18n import format_date, format_money
from lms.kernel.i18n import gettext as _

_WORTH = {CANCELLED: 0, WAITING: 1, BOOKED: 2, WALK_IN: 2}


def lock_session(db: Session, session_id: int) -> CourseSession:
    """The session's row, held until the commit, so that seats are given one by one. Raises `NotFound`."""
    session = db.scalar(
        sa.select(CourseSession)
        .where(CourseSession.id == session_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if session is None:
        raise NotFound(f"session {session_id}")
    return session


def book(db: Session, session_id: int, enrolment_id: int) -> Booking:
    """Ask for a place: booked while there are seats, else waiting. Who asked before keeps what she has.

    Raises `NotFound` when the session is not for this learner, `Refused` when it is too late or she has another date.
    """
    enrolment = _lock_enrolment(db, enrolment_id)
    session = lock_session(db, session_id)
    check_for_learner(session, enrolment)
    booking = db.scalar(
        sa.select(Booking)
        .where(Booking.session_id == session.id, Booking.person_id == enrolment.person_id)
        .execution_options(populate_existing=True)
    )
    if booking is not None and booking.state != CANCELLED:
        return booking
    _check_open(session)
    _check_no_other_date(db, session, enrolment)
    booking = _ask(db, session, enrolment, booking)
    if booking.state == BOOKED:
        _say_booked(db, session, booking)
    return booking


def cancel_booking(db: Session, booking: Booking, *, accepted_fee: Decimal = Decimal(0)) -> None:
    """Give the place back; who waits longest gets it, and a mail. Cancelling twice is harmless.

    `accepted_fee`: what the person was told it costs. Raises `Refused` when it costs more than that by now, or when
    the meeting has begun.
    """
    session = lock_session(db, booking.session_id)
    db.refresh(booking)
    if booking.state == CANCELLED:
        return
    now = clock.now()
    if session.starts_at <= now:
        raise Refused(_("De sessie is al begonnen. Bel je opleider als je er niet bij bent."))
    fee = cancellation_fee(session, booking.state, now)
    if fee > accepted_fee:
        raise Refused(_("Annuleren kost nu %(fee)s. Bevestig dat eerst.", fee=format_money(fee)))
    _give_back(db, session, booking, fee)


def leave_sessions(db: Session, event: LearnerWithdrew) -> None:
    """Handler of `LearnerWithdrew`: her places at meetings to come are free, and who waits moves up.

    Raises `Refused` when she leaves by herself and a place costs something by now: she must see the price first. Who is
    taken out by another pays nothing, for nobody told her a price.
    """
    now = clock.now()
    for session, booking in _hold_coming(db, Booking.enrolment_id == event.enrolment_id):
        fee = cancellation_fee(session, booking.state, now)
        if fee and event.by_person_id is None:
            raise Refused(
                _(
                    "Je hebt een plaats op %(date)s. Annuleren kost nu %(fee)s. Annuleer eerst die plaats.",
                    date=format_date(session.starts_at),
                    fee=format_money(fee),
                )
            )
        _give_back(db, session, booking)


def join_enrolments(db: Session, event: EnrolmentsJoined) -> None:
    """Handler of `EnrolmentsJoined`: her places are the account's. Of two at one meeting the account has the better;
    the other one is given back when her own enrolment is withdrawn.
    """
    theirs = sa.select(Booking).where(Booking.person_id == event.into_person_id)
    own = {booking.session_id: booking for booking in db.scalars(theirs)}
    hers = sa.select(Booking).where(Booking.enrolment_id == event.enrolment_id, Booking.person_id == event.person_id)
    for booking in db.scalars(hers.order_by(Booking.session_id)).all():
        kept = own.get(booking.session_id)
        if kept is None:
            booking.enrolment_id, booking.person_id = event.into_id, event.into_person_id
        else:
            _keep_better(db, kept, booking)
    db.flush()


def forget_person(db: Session, event: PersonErased) -> None:
    """Handler of `PersonErased`: she comes to no meeting any more. The lists of those she was at stay."""
    for session, booking in _hold_coming(db, Booking.person_id == event.person_id):
        _give_back(db, session, booking)


def fill_free_seats(db: Session, session: CourseSession) -> None:
    """Let people who wait move up into seats that are free. The session's row is locked by whoever calls."""
    free = session.seats - _taken(db, session)
    if free <= 0 or session.starts_at <= clock.now():
        return
    next_ones = db.scalars(
        sa.select(Booking)
        .where(Booking.session_id == session.id, Booking.state == WAITING)
        .order_by(Booking.turn)
        .limit(free)
        .execution_options(populate_existing=True)
    ).all()
    for booking in next_ones:
        booking.state = BOOKED
        db.flush()
        _say_booked(db, session, booking)
        tell_moved_up(db, session, booking.person_id)


def check_for_learner(session: CourseSession, enrolment: Enrolment) -> None:
    """Raise `NotFound` unless this learner may know of this session: her course, her area, and she is in it."""
    is_hers = enrolment.course_id == session.course_id and enrolment.withdrawn_at is None
    if not is_hers or session.area not in (None, enrolment.area):
        raise NotFound(f"session {session.id} for enrolment {enrolment.id}")


def next_turn(db: Session, session: CourseSession) -> int:
    """The turn of who asks now: one after the last, also after those who cancelled."""
    return (db.scalar(sa.select(sa.func.max(Booking.turn)).where(Booking.session_id == session.id)) or 0) + 1


def facts_of(session: CourseSession, booking: Booking) -> dict[str, Any]:
    """Whose place at which meeting: what every event about a place says."""
    return {
        "booking_id": booking.id,
        "session_id": session.id,
        "course_id": session.course_id,
        "step": session.step,
        "person_id": booking.person_id,
        "enrolment_id": booking.enrolment_id,
    }


def _keep_better(db: Session, kept: Booking, other: Booking) -> None:
    """Let `kept` be the place of the two that is worth most: they change in all but whose they are."""
    lock_session(db, kept.session_id)
    for booking in (kept, other):
        db.refresh(booking)
    if _WORTH[other.state] <= _WORTH[kept.state]:
        return
    for name in ("state", "turn", "asked_at", "cancelled_at", "fee"):
        here, there = getattr(kept, name), getattr(other, name)
        setattr(kept, name, there)
        setattr(other, name, here)
    for table in (Attendance, AttendanceChange):
        db.execute(sa.update(table).where(table.booking_id == other.id).values(booking_id=kept.id))


def _hold_coming(db: Session, condition: sa.ColumnElement[bool]) -> Iterator[tuple[CourseSession, Booking]]:
    """Places at meetings that have not begun, and where the list says nothing of her yet, each with its session held.

    In the order of their ids, so that two who leave at once wait for each other and not both.
    """
    coming = db.scalars(
        sa.select(Booking)
        .join(CourseSession, CourseSession.id == Booking.session_id)
        .outerjoin(Attendance, Attendance.booking_id == Booking.id)
        .where(
            condition,
            Booking.state.in_((BOOKED, WAITING)),
            CourseSession.starts_at > clock.now(),
            Attendance.booking_id.is_(None),
        )
        .order_by(Booking.session_id)
    ).all()
    for booking in coming:
        session = lock_session(db, booking.session_id)
        db.refresh(booking)
        if booking.state in (BOOKED, WAITING):
            yield session, booking


def _give_back(db: Session, session: CourseSession, booking: Booking, fee: Decimal = Decimal(0)) -> None:
    now = clock.now()
    booking.state, booking.cancelled_at, booking.fee = CANCELLED, now, fee
    db.flush()
    emit(db, BookingCancelled(**facts_of(session, booking), at=now))
    fill_free_seats(db, session)


def _lock_enrolment(db: Session, enrolment_id: int) -> Enrolment:
    """Held too, so that one person asking twice at once cannot get two dates."""
    enrolment = db.scalar(sa.select(Enrolment).where(Enrolment.id == enrolment_id).with_for_update())
    if enrolment is None:
        raise NotFound(f"enrolment {enrolment_id}")
    return enrolment


def _check_open(session: CourseSession) -> None:
    now = clock.now()
    if session.cancelled_at is not None:
        raise Refused(_("Deze sessie gaat niet door. Kies een andere datum."))
    if session.held_at is not None or session.starts_at <= now:
        raise Refused(_("Deze sessie is voorbij. Kies een andere datum."))
    if session.closes_at is not None and session.closes_at <= now:
        raise Refused(
            _("Je kon een plaats vragen tot %(date)s. Kies een andere datum.", date=format_date(session.closes_at))
        )


def _check_no_other_date(db: Session, session: CourseSession, enrolment: Enrolment) -> None:
    """One date a step: a second one would keep a seat from somebody else."""
    other = db.scalar(
        sa.select(CourseSession.starts_at)
        .join(Booking, Booking.session_id == CourseSession.id)
        .where(
            Booking.enrolment_id == enrolment.id,
            Booking.state.in_((BOOKED, WAITING)),
            CourseSession.id != session.id,
            CourseSession.step == session.step,
            CourseSession.cancelled_at.is_(None),
            CourseSession.held_at.is_(None),
            CourseSession.starts_at > clock.now(),
        )
    )
    if other is not None:
        raise Refused(_("Je staat al op de lijst van %(date)s. Annuleer die eerst.", date=format_date(other)))


def _ask(db: Session, session: CourseSession, enrolment: Enrolment, booking: Booking | None) -> Booking:
    """A new row, or the cancelled one again, with the next turn."""
    state = BOOKED if _taken(db, session) < session.seats else WAITING
    turn = next_turn(db, session)
    if booking is None:
        booking = Booking(session_id=session.id, person_id=enrolment.person_id)
        db.add(booking)
    booking.enrolment_id, booking.state, booking.turn = enrolment.id, state, turn
    booking.asked_at, booking.cancelled_at, booking.fee = clock.now(), None, Decimal(0)
    db.flush()
    return booking


def _taken(db: Session, session: CourseSession) -> int:
    return db.scalar(sa.select(sa.func.count()).where(Booking.session_id == session.id, Booking.state == BOOKED)) or 0


def _say_booked(db: Session, session: CourseSession, booking: Booking) -> None:
    emit(db, SessionBooked(**facts_of(session, booking), at=clock.now()))
