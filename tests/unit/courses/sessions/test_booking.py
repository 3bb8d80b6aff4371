"""First come, first served; who is late waits; who cancels is told the price before."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as rules
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from courses.catalogue.models import Course
from courses.sessions.events import BookingCancelled, SessionBooked
from courses.sessions.models import BOOKED, CANCELLED, WAITING, Booking, CourseSession
from courses.sessions.services import book, cancel_booking, cancel_session, change_session
from lms.kernel import clock
from lms.kernel.errors import NotFound, Refused
from lms.kernel.events import Events
from lms.kernel.jobs import OutboxRow
from tests.factories.courses import make_enrolment, make_person
from tests.factories.sessions import START, make_details, make_session


def mails(db: Session) -> list[tuple[str, str]]:
    rows = db.scalars(sa.select(OutboxRow).where(OutboxRow.kind == "mail").order_by(OutboxRow.id))
    return [(row.payload["to"], row.payload["subject"]) for row in rows]


def states(db: Session, session: CourseSession) -> list[str]:
    return list(db.scalars(sa.select(Booking.state).where(Booking.session_id == session.id).order_by(Booking.turn)))


def test_seats_go_to_who_asks_first_and_the_next_one_waits(db: Session, course: Course) -> None:
    session = make_session(db, course, seats=2)
    bookings = [book(db, session.id, make_enrolment(db, course).id) for _ in range(3)]
    assert [booking.state for booking in bookings] == [BOOKED, BOOKED, WAITING]


def test_asking_twice_changes_nothing(db: Session, course: Course, events: Events) -> None:
    heard: list[SessionBooked] = []
    events.subscribe(SessionBooked, lambda _db, event: heard.append(event))
    session = make_session(db, course)
    enrolment = make_enrolment(db, course)
    first = book(db, session.id, enrolment.id)
    assert book(db, session.id, enrolment.id) is first
    assert [(event.booking_id, event.enrolment_id, event.step) for event in heard] == [
        (first.id, enrolment.id, "samen")
    ]


def test_who_cancels_gives_her_seat_to_who_waits_longest_and_that_one_gets_a_mail(
    db: Session, course: Course, events: Events
) -> None:
    heard: list[object] = []
    for kind in (SessionBooked, BookingCancelled):
        events.subscribe(kind, lambda _db, event: heard.append(event))
    session = make_session(db, course, seats=1)
    first = book(db, session.id, make_enrolment(db, course).id)
    second = book(db, session.id, make_enrolment(db, course, person=make_person(db, email="ada@example.org")).id)
    third = book(db, session.id, make_enrolment(db, course).id)
    heard.clear()
    cancel_booking(db, first)
    assert [booking.state for booking in (first, second, third)] == [CANCELLED, BOOKED, WAITING]
    assert mails(db) == [("ada@example.org", "Je hebt een plaats: Samen oefenen")]
    assert [type(event) for event in heard] == [BookingCancelled, SessionBooked]


def test_who_comes_back_after_cancelling_stands_at_the_end_even_at_the_same_moment(db: Session, course: Course) -> None:
    session = make_session(db, course, seats=1)
    book(db, session.id, make_enrolment(db, course).id)
    early, late = (make_enrolment(db, course) for _ in range(2))
    left = book(db, session.id, early.id)
    stayed = book(db, session.id, late.id)
    cancel_booking(db, left)
    assert book(db, session.id, early.id) is left
    assert left.turn > stayed.turn


def test_a_person_without_address_moves_up_without_a_mail(db: Session, course: Course) -> None:
    session = make_session(db, course, seats=1)
    first = book(db, session.id, make_enrolment(db, course).id)
    person = make_person(db)
    person.email = None
    second = book(db, session.id, make_enrolment(db, course, person=person).id)
    cancel_booking(db, first)
    assert second.state == BOOKED
    assert mails(db) == []


# ---- what it costs ---------------------------------------------------------------------------------------------------


def test_cancelling_in_time_is_free(db: Session, course: Course) -> None:
    booking = book(db, make_session(db, course).id, make_enrolment(db, course).id)
    with clock.moved_to(START - timedelta(days=3)):
        cancel_booking(db, booking)
    assert (booking.state, booking.fee) == (CANCELLED, Decimal(0))


def test_late_cancelling_costs_what_was_accepted_and_is_refused_otherwise(db: Session, course: Course) -> None:
    booking = book(db, make_session(db, course).id, make_enrolment(db, course).id)
    with clock.moved_to(START - timedelta(days=2)):
        with pytest.raises(Refused, match="50,00"):
            cancel_booking(db, booking)
        assert booking.state == BOOKED
        cancel_booking(db, booking, accepted_fee=Decimal(50))
    assert (booking.state, booking.fee) == (CANCELLED, Decimal(50))


def test_the_fee_is_for_each_day(db: Session, course: Course) -> None:
    session = make_session(db, course, ends_at=START + timedelta(days=1, hours=3))
    booking = book(db, session.id, make_enrolment(db, course).id)
    with clock.moved_to(START - timedelta(days=2)):
        cancel_booking(db, booking, accepted_fee=Decimal(100))
    assert booking.fee == Decimal(100)


def test_leaving_the_waiting_list_is_always_free(db: Session, course: Course) -> None:
    session = make_session(db, course, seats=1)
    book(db, session.id, make_enrolment(db, course).id)
    waiting = book(db, session.id, make_enrolment(db, course).id)
    with clock.moved_to(START - timedelta(hours=1)):
        cancel_booking(db, waiting)
    assert (waiting.state, waiting.fee) == (CANCELLED, Decimal(0))


def test_nobody_cancels_once_it_has_begun(db: Session, course: Course) -> None:
    booking = book(db, make_session(db, course).id, make_enrolment(db, course).id)
    with clock.moved_to(START), pytest.raises(Refused, match="al begonnen"):
        cancel_booking(db, booking, accepted_fee=Decimal(50))


# ---- who may, and when -----------------------------------------------------------------------------------------------


def test_a_closed_session_takes_nobody(db: Session, course: Course) -> None:
    session = make_session(db, course)
    with clock.moved_to(START - timedelta(days=1)), pytest.raises(Refused, match="9 maart 2026"):
        book(db, session.id, make_enrolment(db, course).id)


def test_a_session_without_closing_date_closes_when_it_begins(db: Session, course: Course) -> None:
    session = make_session(db, course, closes_at=None)
    with clock.moved_to(START), pytest.raises(Refused, match="voorbij"):
        book(db, session.id, make_enrolment(db, course).id)


def test_a_session_of_another_area_does_not_exist_for_her(db: Session, course: Course) -> None:
    session = make_session(db, course, area="gezinszorg")
    with pytest.raises(NotFound):
        book(db, session.id, make_enrolment(db, course, area="onderwijs").id)


def test_a_session_for_every_area_takes_everybody(db: Session, course: Course) -> None:
    session = make_session(db, course, area=None)
    assert book(db, session.id, make_enrolment(db, course, area="onderwijs").id).state == BOOKED


def test_who_withdrew_from_the_course_cannot_book(db: Session, course: Course) -> None:
    enrolment = make_enrolment(db, course)
    enrolment.withdrawn_at = clock.now()
    with pytest.raises(NotFound):
        book(db, make_session(db, course).id, enrolment.id)


def test_one_date_a_step(db: Session, course: Course) -> None:
    enrolment = make_enrolment(db, course)
    book(db, make_session(db, course).id, enrolment.id)
    other = make_session(db, course, starts_at=START + timedelta(days=7), ends_at=START + timedelta(days=7, hours=3))
    with pytest.raises(Refused, match="10 maart 2026"):
        book(db, other.id, enrolment.id)


def test_after_a_session_that_is_over_one_may_choose_another(db: Session, course: Course) -> None:
    enrolment = make_enrolment(db, course)
    book(db, make_session(db, course).id, enrolment.id)
    later = START + timedelta(days=7)
    other = make_session(db, course, starts_at=later, ends_at=later + timedelta(hours=3), closes_at=later)
    with clock.moved_to(START + timedelta(days=1)):
        assert book(db, other.id, enrolment.id).state == BOOKED


# ---- the trainer changes things --------------------------------------------------------------------------------------


def test_more_seats_let_who_waits_move_up_in_order(db: Session, course: Course) -> None:
    session = make_session(db, course, seats=1)
    for _ in range(4):
        book(db, session.id, make_enrolment(db, course).id)
    change_session(db, session, make_details(seats=3))
    assert states(db, session) == [BOOKED, BOOKED, BOOKED, WAITING]


def test_fewer_seats_than_people_is_refused(db: Session, course: Course) -> None:
    session = make_session(db, course, seats=2)
    for _ in range(2):
        book(db, session.id, make_enrolment(db, course).id)
    with pytest.raises(Refused) as refused:
        change_session(db, session, make_details(seats=1))
    assert set(refused.value.fields) == {"seats"}


def test_another_place_is_told_to_everybody_on_the_list_and_another_number_of_seats_is_not(
    db: Session, course: Course
) -> None:
    session = make_session(db, course, seats=1)
    for name in ("ada", "bob"):
        book(db, session.id, make_enrolment(db, course, person=make_person(db, email=f"{name}@example.org")).id)
    change_session(db, session, make_details(seats=1, travel="Tram 1."))
    assert mails(db) == []
    change_session(db, session, make_details(seats=1, place="De Krook"))
    assert [to for to, _subject in mails(db)] == ["ada@example.org", "bob@example.org"]


def test_a_cancelled_session_frees_everybody_and_tells_them(db: Session, course: Course) -> None:
    session = make_session(db, course, seats=1)
    enrolments = [make_enrolment(db, course) for _ in range(2)]
    for enrolment in enrolments:
        book(db, session.id, enrolment.id)
    cancel_session(db, session)
    assert states(db, session) == [CANCELLED, CANCELLED]
    assert {subject for _to, subject in mails(db)} == {"Gaat niet door: Samen oefenen"}
    with pytest.raises(Refused, match="gaat niet door"):
        book(db, session.id, enrolments[0].id)
    assert book(db, make_session(db, course).id, enrolments[0].id).state == BOOKED


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ends_at": START}, "ends"),
        ({"seats": 0}, "seats"),
        ({"place": ""}, "place"),
        ({"mode": "webinar", "link": ""}, "link"),
        ({"link": "javascript:alert(1)"}, "link"),
        ({"closes_at": START + timedelta(minutes=1)}, "closes"),
        ({"free_until": START + timedelta(minutes=1)}, "free_until"),
        ({"free_until": None}, "free_until"),
        ({"cancel_fee": Decimal(-1)}, "fee"),
        ({"contact_hours": Decimal(0)}, "contact_hours"),
        ({"starts_at": START - timedelta(days=9), "closes_at": None, "free_until": None, "cancel_fee": 0}, "date"),
    ],
)
def test_what_cannot_be_is_refused_with_its_field(
    db: Session, course: Course, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Refused) as refused:
        make_session(db, course, **changes)
    assert set(refused.value.fields) == {field}


# ---- any order of things ---------------------------------------------------------------------------------------------

moves = st.lists(st.tuples(st.sampled_from(["book", "cancel", "seat"]), st.integers(0, 5)), max_size=30)


@rules(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seats=st.integers(1, 3), story=moves)
def test_whatever_happens_seats_are_never_exceeded_and_turns_are_kept(
    db: Session, course: Course, seats: int, story: list[tuple[str, int]]
) -> None:
    session = make_session(db, course, seats=seats)
    people = [make_enrolment(db, course) for _ in range(6)]
    line: list[int] = []  # who has or waits for a seat, in the order in which they asked
    for act, who in story:
        person = people[who]
        if act == "book":
            book(db, session.id, person.id)
            line += [] if person.id in line else [person.id]
        elif act == "cancel" and person.id in line:
            cancel_booking(db, db.scalars(sa.select(Booking).where(Booking.enrolment_id == person.id)).one())
            line.remove(person.id)
        elif act == "seat":
            seats += 1
            change_session(db, session, make_details(seats=seats))
        rows = db.execute(
            sa.select(Booking.enrolment_id, Booking.state)
            .where(Booking.session_id == session.id, Booking.state != CANCELLED)
            .order_by(Booking.turn)
        )
        expected = [(one, BOOKED if place < seats else WAITING) for place, one in enumerate(line)]
        assert [tuple(row) for row in rows] == expected
