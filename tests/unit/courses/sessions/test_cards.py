"""What a learner reads of a meeting before she confirms, and what her calendar gets."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from icalendar import Calendar
from sqlalchemy import event
from sqlalchemy.orm import Session

from courses.catalogue.models import Course
from courses.enrolment.models import Enrolment
from courses.sessions.models import BOOKED, PRESENT, WAITING, Booking
from courses.sessions.queries import (
    find_booking_view,
    find_own_booking,
    list_my_bookings,
    list_session_cards,
    session_calendar,
    waits_for_mark,
)
from courses.sessions.services import book, cancel_booking, cancel_session, mark_attendance
from lms.kernel import clock
from lms.kernel.identity import Identity
from tests.factories.courses import IRI_BASE, make_enrolment
from tests.factories.sessions import START, make_session


@pytest.fixture
def enrolment(db: Session, course: Course) -> Enrolment:
    return make_enrolment(db, course)


@pytest.fixture
def her(enrolment: Enrolment) -> Identity:
    return Identity(person_id=enrolment.person_id)


def test_a_card_says_all_she_must_know_before_she_confirms(db: Session, course: Course, enrolment: Enrolment) -> None:
    make_session(db, course, seats=12)
    [card] = list_session_cards(db, enrolment.id)
    assert (card.starts_at, card.place, card.address) == (START, "Zaal De Gaard, lokaal 2", "Gaardstraat 12, Gent")
    assert (card.travel, card.bring) == ("Bus 5, halte Gaardbrug.", "Je gsm.")
    assert card.cost == "Gratis. Het vormingsfonds betaalt."
    assert card.cancellation == "Annuleren is gratis tot en met 3 dagen vooraf."
    assert (card.seats, card.seats_left, card.is_full, card.is_open) == (12, 12, False, True)
    assert (card.free_until, card.cancel_fee) == (START - timedelta(days=3), Decimal(50))
    assert (card.state, card.waiting_place, card.can_cancel) == ("", None, False)


def test_a_list_tells_her_own_place_on_it(db: Session, course: Course, enrolment: Enrolment, her: Identity) -> None:
    session = make_session(db, course, seats=1)
    first = book(db, session.id, make_enrolment(db, course).id)
    earlier = book(db, session.id, make_enrolment(db, course).id)
    book(db, session.id, enrolment.id)
    [card] = list_my_bookings(db, her)
    assert (card.state, card.waiting, card.waiting_place, card.seats_left) == (WAITING, 2, 2, 0)
    cancel_booking(db, earlier)
    assert [card.waiting_place for card in list_my_bookings(db, her)] == [1]
    cancel_booking(db, first)
    assert [(card.state, card.waiting_place) for card in list_my_bookings(db, her)] == [(BOOKED, None)]


def test_the_link_is_for_who_has_a_place(db: Session, course: Course, enrolment: Enrolment, her: Identity) -> None:
    session = make_session(db, course, mode="webinar", link="https://meet.example.org/x")
    before = find_booking_view(db, her, session.uuid)
    book(db, session.id, enrolment.id)
    after = find_booking_view(db, her, session.uuid)
    assert before is not None
    assert after is not None
    assert (before.link, after.link) == ("", "https://meet.example.org/x")


def test_the_fee_is_known_before_it_is_due(db: Session, course: Course, enrolment: Enrolment) -> None:
    book(db, make_session(db, course).id, enrolment.id)
    assert list_session_cards(db, enrolment.id)[0].fee_now == 0
    with clock.moved_to(START - timedelta(days=2)):
        assert list_session_cards(db, enrolment.id)[0].fee_now == 50


def test_what_is_not_for_her_is_not_found(db: Session, course: Course, her: Identity) -> None:
    elsewhere = make_session(db, course, area="onderwijs")
    assert find_booking_view(db, her, elsewhere.uuid) is None
    stranger = Identity(person_id=-1)
    assert find_booking_view(db, stranger, make_session(db, course).uuid) is None
    assert find_own_booking(db, stranger, elsewhere.uuid) is None
    assert list_my_bookings(db, stranger) == []


def test_the_past_and_the_cancelled_are_not_offered(db: Session, course: Course, enrolment: Enrolment) -> None:
    cancel_session(db, make_session(db, course))
    session = make_session(db, course)
    with clock.moved_to(session.ends_at):
        assert list_session_cards(db, enrolment.id) == []
    assert [card.id for card in list_session_cards(db, enrolment.id)] == [session.id]
    assert list_session_cards(db, enrolment.id, "other-step") == []


def test_her_bookings_are_one_question_however_many(
    db: Session, course: Course, enrolment: Enrolment, her: Identity
) -> None:
    for week in range(3):
        start = START + timedelta(weeks=week)
        session = make_session(db, course, starts_at=start, ends_at=start + timedelta(hours=2), closes_at=None)
        place = {"session_id": session.id, "person_id": enrolment.person_id, "enrolment_id": enrolment.id}
        db.add(Booking(**place, state=BOOKED, turn=1, asked_at=clock.now()))
    db.flush()
    list_my_bookings(db, her)  # the outline is remembered from here on
    asked: list[str] = []
    event.listen(db.connection(), "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    assert len(list_my_bookings(db, her)) == 3
    assert len(asked) == 1


def test_after_the_meeting_she_waits_for_her_mark_until_the_list_speaks(
    db: Session, course: Course, enrolment: Enrolment
) -> None:
    session = make_session(db, course)
    booking = book(db, session.id, enrolment.id)
    assert not waits_for_mark(db, enrolment.id, "samen")
    with clock.moved_to(session.ends_at):
        assert waits_for_mark(db, enrolment.id, "samen")
        mark_attendance(db, booking, PRESENT, by_person_id=None)
        assert not waits_for_mark(db, enrolment.id, "samen")


def test_her_calendar_gets_the_moment_the_place_and_the_way_back(
    db: Session, course: Course, enrolment: Enrolment
) -> None:
    session = make_session(db, course)
    book(db, session.id, enrolment.id)
    [card] = list_session_cards(db, enrolment.id)
    data = session_calendar(card, iri_base=IRI_BASE, url="https://leerlabo.test/gezinszorg/courses/x")
    [entry] = Calendar.from_ical(data).walk("VEVENT")
    assert entry.decoded("dtstart") == START
    assert entry["uid"] == f"{session.uuid}@leerlabo.test"
    assert entry["summary"] == "Rustig helpen: Samen oefenen"
    assert entry["location"] == "Zaal De Gaard, lokaal 2, Gaardstraat 12, Gent"
    assert "Bus 5" in str(entry["description"])
    assert entry["url"] == "https://leerlabo.test/gezinszorg/courses/x"
    assert [alarm.decoded("trigger") for alarm in entry.walk("VALARM")] == [timedelta(days=-1)]
