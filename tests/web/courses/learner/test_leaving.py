"""Who leaves a course, or is erased, gives her coming places to who waits; who comes back asks anew."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from courses.catalogue.models import Course
from courses.enrolment.models import Enrolment
from courses.enrolment.services import withdraw_learner
from courses.sessions.models import BOOKED, CANCELLED, WAITING, Booking, CourseSession
from courses.sessions.services import book, mark_attendance
from lms.accounts.services import erase_person
from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.jobs import OutboxRow
from tests.factories.accounts import make_person
from tests.factories.courses import make_enrolment
from tests.factories.sessions import START
from tests.web.courses.learner.conftest import COURSE, House, enrol, form_of


@pytest.fixture
def ada(house: House, database: Database) -> int:
    """Emma has the only seat of a session and Ada waits for it; the id of Ada's booking."""
    enrol(house)
    with database.write() as db:
        session_id = session_of(house, database)
        book(db, session_id, db.scalars(sa.select(Enrolment.id)).one())
        ada = make_person(db, first_name="Ada", email="ada@example.org")
        enrolment = make_enrolment(db, db.get_one(Course, house.course_id), person=ada)
        return book(db, session_id, enrolment.id).id


def session_of(house: House, database: Database) -> int:
    with database.read() as db:
        return next(
            session.id for session in db.scalars(sa.select(CourseSession)) if str(session.uuid) == house.full_session
        )


def states(house: House, database: Database) -> tuple[str, str]:
    """Where Emma and Ada stand."""
    with database.read() as db:
        hers = db.scalars(sa.select(Booking.state).where(Booking.person_id == house.person.id)).one()
        return hers, db.scalars(sa.select(Booking.state).where(Booking.person_id != house.person.id)).one()


def mails(database: Database) -> list[str]:
    with database.read() as db:
        return [row.payload["to"] for row in db.scalars(sa.select(OutboxRow).where(OutboxRow.kind == "mail"))]


@pytest.mark.usefixtures("ada")
def test_who_leaves_gives_her_place_back_and_may_return(house: House, database: Database) -> None:
    assert states(house, database) == (BOOKED, WAITING)
    leave = form_of(house.emma.page(COURSE), "/withdrawal")
    house.emma.submit(leave)
    assert states(house, database) == (CANCELLED, BOOKED)
    assert mails(database) == ["ada@example.org"]

    enrol(house)
    ask = house.emma.page(f"{COURSE}/steps/samen/session").form(f"{house.full_session}/booking")
    house.emma.submit(ask)
    assert states(house, database) == (WAITING, BOOKED)


@pytest.mark.usefixtures("ada")
def test_who_leaves_late_must_see_the_price_first(house: House, database: Database) -> None:
    leave = form_of(house.emma.page(COURSE), "/withdrawal")
    with clock.moved_to(START - timedelta(days=2)):
        refused = house.emma.submit(leave, status=409)
        assert "Annuleren kost nu € 50,00. Annuleer eerst die plaats." in refused.text.replace("\xa0", " ")
        assert states(house, database) == (BOOKED, WAITING)
        assert form_of(house.emma.page(COURSE), "/withdrawal").action == leave.action


@pytest.mark.usefixtures("ada")
def test_who_is_taken_out_late_pays_nothing(house: House, database: Database) -> None:
    with clock.moved_to(START - timedelta(days=2)), database.write() as db:
        enrolment = db.scalars(sa.select(Enrolment).where(Enrolment.person_id == house.person.id)).one()
        withdraw_learner(db, enrolment.id, by_person_id=house.person.id)  # an officer may be on her own list
    assert states(house, database) == (CANCELLED, BOOKED)
    with database.read() as db:
        assert db.scalars(sa.select(Booking.fee).where(Booking.person_id == house.person.id)).one() == 0


@pytest.mark.usefixtures("ada")
def test_who_is_erased_keeps_no_seat(house: House, database: Database) -> None:
    with database.write() as db:
        erase_person(db, house.person.id)
    assert states(house, database) == (CANCELLED, BOOKED)


def test_the_list_of_a_meeting_that_was_stays_as_it_is(house: House, database: Database, ada: int) -> None:
    with clock.moved_to(START + timedelta(hours=1)), database.write() as db:
        hers = db.scalars(sa.select(Booking).where(Booking.person_id == house.person.id)).one()
        mark_attendance(db, hers, "present", by_person_id=None)
        withdraw_learner(db, hers.enrolment_id)
        withdraw_learner(db, db.get_one(Booking, ada).enrolment_id)
    assert states(house, database) == (BOOKED, WAITING)
