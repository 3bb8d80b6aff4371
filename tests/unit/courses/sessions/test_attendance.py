"""Who was there is one statement; a correction voids it, and every change is logged."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.models import Course
from courses.enrolment.queries import get_learner
from courses.sessions.events import AttendanceMarked, SessionHeld
from courses.sessions.models import (
    ABSENT,
    BOOKED,
    CANCELLED,
    EXCUSED,
    PRESENT,
    WALK_IN,
    Attendance,
    AttendanceChange,
    Booking,
    CourseSession,
)
from courses.sessions.services import add_walk_in, book, cancel_session, hold_session, mark_attendance
from lms.kernel import clock
from lms.kernel.errors import NotFound, Refused
from lms.kernel.events import Events
from tests.factories.courses import IRI_BASE, make_enrolment, make_person
from tests.factories.sessions import START, make_session
from xapi.statements.models import Statement, Voiding

DURING, AFTER = START + timedelta(hours=1), START + timedelta(days=1)


@pytest.fixture
def session(db: Session, course: Course) -> CourseSession:
    return make_session(db, course)


@pytest.fixture
def booking(db: Session, course: Course, session: CourseSession) -> Booking:
    return book(db, session.id, make_enrolment(db, course).id)


@pytest.fixture
def heard(events: Events) -> list[AttendanceMarked]:
    kept: list[AttendanceMarked] = []
    events.subscribe(AttendanceMarked, lambda _db, event: kept.append(event))
    return kept


def log(db: Session, booking: Booking) -> list[tuple[str, str, int | None]]:
    rows = db.execute(
        sa.select(AttendanceChange.was, AttendanceChange.became, AttendanceChange.by_person_id)
        .where(AttendanceChange.booking_id == booking.id)
        .order_by(AttendanceChange.id)
    )
    return [(row.was, row.became, row.by_person_id) for row in rows]


def test_present_makes_one_statement_however_often_it_is_said(
    db: Session, booking: Booking, heard: list[AttendanceMarked]
) -> None:
    with clock.moved_to(DURING):
        first = mark_attendance(db, booking, PRESENT, by_person_id=None).statement_id
        assert first is not None
        assert mark_attendance(db, booking, PRESENT, by_person_id=None).statement_id == first
    assert [(event.was, event.presence, event.at) for event in heard] == [("", PRESENT, DURING)]


def test_absent_says_nothing_in_the_record(db: Session, booking: Booking) -> None:
    with clock.moved_to(DURING):
        assert mark_attendance(db, booking, EXCUSED, by_person_id=None).statement_id is None


def test_a_correction_voids_logs_and_tells_and_can_be_corrected_again(
    db: Session, booking: Booking, heard: list[AttendanceMarked]
) -> None:
    trainer = make_person(db, "Tom")
    with clock.moved_to(AFTER):
        first = mark_attendance(db, booking, PRESENT, by_person_id=trainer.id).statement_id
        assert mark_attendance(db, booking, ABSENT, by_person_id=trainer.id).statement_id is None
        again = mark_attendance(db, booking, PRESENT, by_person_id=trainer.id).statement_id
    assert again not in (None, first)
    by = trainer.id
    assert log(db, booking) == [("", PRESENT, by), (PRESENT, ABSENT, by), (ABSENT, PRESENT, by)]
    assert [(event.was, event.presence) for event in heard] == [
        ("", PRESENT),
        (PRESENT, ABSENT),
        (ABSENT, PRESENT),
    ]


def test_the_record_holds_what_was_attended_and_voids_what_was_corrected(
    db: Session, course: Course, booking: Booking
) -> None:
    trainer = make_person(db, "Tom")
    learner = get_learner(db, booking.enrolment_id)
    with clock.moved_to(AFTER):
        statement_id = mark_attendance(db, booking, PRESENT, by_person_id=trainer.id).statement_id
        stored = db.scalars(sa.select(Statement).where(Statement.uuid == statement_id)).one()
        mark_attendance(db, booking, ABSENT, by_person_id=trainer.id)
    said = json.loads(stored.payload)
    assert said["verb"]["id"] == "http://adlnet.gov/expapi/verbs/attended"
    assert said["object"]["id"] == f"{IRI_BASE}activity/{course.slug}/samen"
    assert said["result"] == {"completion": True, "duration": "PT2H30M"}
    assert said["context"]["registration"] == str(learner.registration)
    assert stored.area == "gezinszorg"
    [voiding] = db.scalars(sa.select(Voiding)).all()
    assert voiding.target == statement_id


def test_who_is_marked_afterwards_was_there_when_it_took_place(
    db: Session, booking: Booking, session: CourseSession, heard: list[AttendanceMarked]
) -> None:
    with clock.moved_to(AFTER):
        mark_attendance(db, booking, PRESENT, by_person_id=None)
    assert heard[0].at == session.ends_at


def test_nobody_is_marked_before_the_day_itself(db: Session, booking: Booking) -> None:
    with clock.moved_to(START - timedelta(days=1)), pytest.raises(Refused, match="10 maart 2026"):
        mark_attendance(db, booking, PRESENT, by_person_id=None)


def test_there_are_three_words_and_no_fourth(db: Session, booking: Booking) -> None:
    with clock.moved_to(DURING), pytest.raises(NotFound):
        mark_attendance(db, booking, "late", by_person_id=None)


def test_who_waits_is_not_on_the_list(db: Session, course: Course, booking: Booking, session: CourseSession) -> None:
    book(db, session.id, make_enrolment(db, course).id)
    waiting = book(db, session.id, make_enrolment(db, course).id)
    with clock.moved_to(DURING), pytest.raises(Refused, match="geen plaats"):
        mark_attendance(db, waiting, PRESENT, by_person_id=None)


# ---- who came without a place ----------------------------------------------------------------------------------------


def test_who_comes_without_a_place_is_present_and_takes_no_seat(
    db: Session, course: Course, session: CourseSession
) -> None:
    enrolments = [make_enrolment(db, course) for _ in range(3)]
    with clock.moved_to(DURING):
        walk_ins = [add_walk_in(db, session, enrolment.id, by_person_id=None) for enrolment in enrolments]
    assert [booking.state for booking in walk_ins] == [WALK_IN] * 3
    assert db.scalars(sa.select(Attendance.presence)).all() == [PRESENT] * 3


def test_who_had_a_place_keeps_it(db: Session, booking: Booking, session: CourseSession) -> None:
    with clock.moved_to(DURING):
        assert add_walk_in(db, session, booking.enrolment_id, by_person_id=None).state == BOOKED


def test_somebody_of_another_area_or_course_does_not_walk_in(
    db: Session, course: Course, session: CourseSession
) -> None:
    with clock.moved_to(DURING), pytest.raises(NotFound):
        add_walk_in(db, session, make_enrolment(db, course, area="onderwijs").id, by_person_id=None)


# ---- closing the list ------------------------------------------------------------------------------------------------


def test_closing_the_list_makes_who_has_no_mark_absent_and_tells_it_once(
    db: Session, course: Course, booking: Booking, session: CourseSession, events: Events
) -> None:
    held: list[SessionHeld] = []
    events.subscribe(SessionHeld, lambda _db, event: held.append(event))
    other = book(db, session.id, make_enrolment(db, course).id)
    with clock.moved_to(AFTER):
        mark_attendance(db, booking, PRESENT, by_person_id=None)
        hold_session(db, session, by_person_id=None)
        hold_session(db, session, by_person_id=None)
    assert db.get_one(Attendance, other.id).presence == ABSENT
    assert session.held_at == session.ends_at
    assert [(event.session_id, event.step, event.at) for event in held] == [(session.id, "samen", session.ends_at)]


def test_a_closed_list_can_be_corrected(db: Session, booking: Booking, session: CourseSession) -> None:
    with clock.moved_to(AFTER):
        hold_session(db, session, by_person_id=None)
        mark_attendance(db, booking, PRESENT, by_person_id=None)
    assert [(was, became) for was, became, _by in log(db, booking)] == [("", ABSENT), (ABSENT, PRESENT)]


def test_a_list_does_not_close_before_the_session_begins(db: Session, session: CourseSession) -> None:
    with clock.moved_to(START - timedelta(minutes=1)), pytest.raises(Refused, match="begonnen"):
        hold_session(db, session, by_person_id=None)


def test_a_session_somebody_was_at_is_not_cancelled(db: Session, booking: Booking, session: CourseSession) -> None:
    with clock.moved_to(START):
        mark_attendance(db, booking, PRESENT, by_person_id=None)
        with pytest.raises(Refused, match="was al iemand aanwezig"):
            cancel_session(db, session)
        assert (session.cancelled_at, booking.state) == (None, BOOKED)
        mark_attendance(db, booking, EXCUSED, by_person_id=None)
        cancel_session(db, session)
    assert booking.state == CANCELLED
