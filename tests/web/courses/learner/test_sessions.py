"""A taught moment for a learner: a seat or a place on the list, and giving it back at a price she knows."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any
from uuid import UUID

import icalendar
import sqlalchemy as sa

from courses.catalogue.models import Course
from courses.sessions.models import Booking, CourseSession
from courses.sessions.services import book, cancel_booking
from lms.kernel import clock
from lms.kernel.db import Database
from tests.factories.accounts import make_person, sign_in_as
from tests.factories.courses import make_enrolment
from tests.factories.sessions import START
from tests.web.courses.learner.conftest import STEPS, House, enrol, form_of
from tests.web.page import Page
from tests.web.visitor import Visitor

HERE = f"{STEPS}/samen/session"


def ask(house: House, session: str) -> Page:
    return house.emma.submit(form_of(house.emma.page(HERE), f"{session}/booking"))


def fill(database: Database, house: House) -> int:
    """Somebody else takes the only seat of the small meeting; her booking."""
    with database.write() as db:
        session_id = db.scalars(sa.select(CourseSession.id).where(CourseSession.uuid == UUID(house.full_session))).one()
        return book(db, session_id, make_enrolment(db, db.get_one(Course, house.course_id)).id).id


def state_of(database: Database) -> list[tuple[str, str]]:
    """State and fee of Emma's booking: the newest one."""
    with database.read() as db:
        return [(state, str(fee)) for state, fee in db.execute(sa.select(Booking.state, Booking.fee))][-1:]


def test_she_reads_all_she_must_know_and_confirms_her_place(house: House) -> None:
    enrol(house)
    page = house.emma.page(HERE)
    for words in ("dinsdag 10 maart", "Zaal De Gaard", "Bus 5", "Gratis.", "Je gsm.", "Nog 2 plaatsen", "7 maart 2026"):
        assert words in page.text, words
    page = ask(house, house.session)
    assert "Je plaats is bevestigd." in page.text
    assert "Je hebt een plaats" in page.text
    assert "Jouw volgende sessie" in house.emma.page("/").text


def test_the_calendar_holds_the_moment_and_the_way_back(house: House) -> None:
    enrol(house)
    page = ask(house, house.session)
    answer = house.emma.get(page.links()["Zet in agenda"])
    assert answer.mimetype == "text/calendar"
    [found] = icalendar.Calendar.from_ical(answer.data).walk("VEVENT")
    event: Any = found
    assert event["DTSTART"].dt.astimezone(UTC) == START
    assert event["DTEND"].dt.astimezone(UTC) == START + timedelta(hours=3)
    assert "Rustig helpen" in event["SUMMARY"]
    assert "Zaal De Gaard" in event["LOCATION"]
    assert event["URL"] == f"http://localhost:8000{HERE}"


def test_in_a_full_group_she_waits_and_moves_up_when_somebody_leaves(house: House, database: Database) -> None:
    enrol(house)
    other = fill(database, house)
    assert "Volzet, 0 wachten" in house.emma.page(HERE).text
    page = ask(house, house.full_session)
    assert "Je staat op de wachtlijst." in page.text
    assert "Je staat op plaats 1" in page.text
    assert "Zet in agenda" not in page.links()
    with database.write() as db:
        cancel_booking(db, db.get_one(Booking, other))
    assert "Je hebt een plaats" in house.emma.page(HERE).text


def test_one_date_a_step(house: House) -> None:
    enrol(house)
    form = form_of(house.emma.page(HERE), f"{house.full_session}/booking")
    ask(house, house.session)
    assert "Annuleer die eerst." in house.emma.submit(form, status=409).text


def test_in_time_it_costs_nothing_to_cancel(house: House, database: Database) -> None:
    enrol(house)
    page = ask(house, house.session)
    page = house.emma.page(page.links()["Ik kan niet komen"])
    assert page.h1 == "Kan je niet komen op 10 maart 2026?"
    assert "Annuleren is nu gratis." in page.text
    page = house.emma.submit(form_of(page, "/cancellation"))
    assert "Je plaats is vrij voor iemand anders." in page.text
    assert state_of(database) == [("cancelled", "0.00")]
    assert "Je hebt een plaats" in ask(house, house.session).text, "she may change her mind"


def test_later_it_costs_what_she_is_told_and_not_more(house: House, database: Database) -> None:
    enrol(house)
    early = house.emma.page(ask(house, house.session).links()["Ik kan niet komen"])
    with clock.moved_to(START - timedelta(days=2)):
        refused = house.emma.submit(form_of(early, "/cancellation"), status=409)
        assert "50,00" in refused.text
        assert state_of(database) == [("booked", "0.00")]
        late = house.emma.page(early.url)
        assert "Annuleren kost nu €\N{NO-BREAK SPACE}50,00. Je werkgever betaalt." in late.text.replace(
            "€ ", "€\N{NO-BREAK SPACE}"
        )
        house.emma.submit(form_of(late, "/cancellation"))
    assert state_of(database) == [("cancelled", "50.00")]


def test_after_booking_closed_there_is_no_date_to_choose(house: House) -> None:
    enrol(house)
    form = form_of(house.emma.page(HERE), f"{house.session}/booking")
    with clock.moved_to(START - timedelta(hours=12)):
        assert "Er is nog geen datum." in house.emma.page(HERE).text
        house.emma.submit(form, status=409)


def test_somebody_elses_meeting_cannot_be_booked_seen_or_cancelled(
    house: House, database: Database, another_visitor: Callable[[], Visitor]
) -> None:
    enrol(house)
    page = ask(house, house.session)
    with database.write() as db:
        stranger = make_person(db, first_name="Zita")
    zita = another_visitor()
    sign_in_as(zita, stranger)
    token = form_of(zita.page("/"), "/language").values["csrf_token"][0]
    for path in (page.links()["Zet in agenda"], page.links()["Ik kan niet komen"]):
        assert zita.get(path).status_code == 404
    for act in ("booking", "cancellation"):
        assert zita.post(f"{HERE}/{house.session}/{act}", data={"csrf_token": token}).status_code == 404
    assert state_of(database) == [("booked", "0.00")]
