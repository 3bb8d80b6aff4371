"""A trainer plans a dated meeting, changes it, and says who was there: each tap at once, or the whole list."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from courses.catalogue.models import Course
from courses.sessions.models import Attendance, AttendanceChange, Booking, CourseSession
from courses.sessions.services import book
from lms.kernel import clock
from lms.kernel.db import Database
from tests.factories.courses import make_enrolment
from tests.factories.sessions import START
from tests.web.courses.trainer.conftest import House
from tests.web.page import Page
from tests.web.visitor import Visitor

NEW = "/desk/sessions/new?course=rustig-helpen&step=samen"
FILLED = {
    "date": "2026-03-25",
    "starts": "13:30",
    "ends": "16:30",
    "place": "Zaal De Gaard, lokaal 2",
    "address": "Gaardstraat 12, Gent",
    "travel": "Bus 5, halte Gaardbrug.",
    "seats": "12",
}
DURING = START + timedelta(hours=1)


def book_three(database: Database, house: House) -> list[int]:
    """Two have a seat, one waits."""
    with database.write() as db:
        course = db.get_one(Course, house.course_id)
        [session_id] = db.scalars(sa.select(CourseSession.id))
        return [book(db, session_id, make_enrolment(db, course).id).id for _ in range(3)]


def presences(database: Database) -> dict[int, str]:
    with database.read() as db:
        return dict(db.execute(sa.select(Attendance.booking_id, Attendance.presence)).all())


def plan(visitor: Visitor, *, status: int = 200, **changes: str) -> Page:
    form = visitor.page(NEW).form(holding="seats")
    return visitor.submit(form, FILLED | changes, status=status)


# ---- planning --------------------------------------------------------------------------------------------------------


def test_she_chooses_a_step_fills_in_the_day_and_sees_the_meeting(house: House, database: Database) -> None:
    choose = house.tom.page("/desk/sessions/new")
    [address] = [url for words, url in choose.links().items() if words.startswith("Samen oefenen")]
    form = house.tom.page(address).form(holding="seats")
    assert form.values["contact_hours"] == ["2"]
    assert form.values["area"] == ["gezinszorg"]
    page = house.tom.submit(form, FILLED)
    assert page.h1 == "Samen oefenen"
    assert "woensdag 25 maart, 13.30 tot 16.30 uur" in page.text
    with database.read() as db:
        session = db.scalars(sa.select(CourseSession).order_by(CourseSession.id.desc())).first()
    assert session is not None
    assert session.starts_at.isoformat() == "2026-03-25T12:30:00+00:00"
    assert session.closes_at is not None
    assert session.closes_at.isoformat() == "2026-03-11T22:59:59+00:00"
    assert session.free_until is not None
    assert session.free_until.isoformat() == "2026-03-22T22:59:59+00:00"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("date", ""),
        ("date", "2026-02-02"),
        ("starts", "half twee"),
        ("ends", "12:00"),
        ("place", ""),
        ("seats", "0"),
        ("seats", "veel"),
        ("contact_hours", "lang"),
        ("closes", "60"),
        ("fee", "-1"),
        ("title", ""),
        ("date", "0001-01-01"),
        ("date", "9999-12-31"),
        ("area", "onderwijs"),
        ("area", ""),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_what_was_typed_stays(house: House, field: str, value: str) -> None:
    page = plan(house.tom, status=422, **{field: value})
    wrong = [element.get("id") for element in page.root.iter() if "is-wrong" in (element.get("class") or "")]
    assert page.root.find(f".//*[@id='{field}']") is not None
    assert len(wrong) == 1
    again = page.form(holding="seats").values
    assert again["travel"] == ["Bus 5, halte Gaardbrug."]
    if field != "area":
        assert again[field] == [value]


def test_a_step_of_another_areas_course_cannot_be_planned(house: House) -> None:
    house.ria.page(NEW, status=404)
    assert "Rustig helpen" not in house.ria.page("/desk/sessions/new").text


def test_changing_shows_what_stands_and_keeps_it(house: House) -> None:
    form = house.tom.page(f"/desk/sessions/{house.session}/edit").form(holding="seats")
    assert form.values["closes"] == ["1"]
    assert form.values["free_until"] == ["3"]
    assert form.values["contact_hours"] == ["2,5"]
    assert form.values["starts"] == ["10:00"]
    page = house.tom.submit(form, place="De Krook")
    assert "De Krook" in page.text


def test_calling_it_off_is_told_on_the_list(house: House) -> None:
    form = house.tom.page(f"/desk/sessions/{house.session}/edit").form("/cancellation")
    house.tom.submit(form)
    assert "Geannuleerd" in house.tom.page("/desk/sessions?when=cancelled").text
    assert "Deze sessie gaat niet door" in house.tom.page(f"/desk/sessions/{house.session}/attendance").text


@pytest.mark.parametrize("act", ["edit", "attendance"])
def test_another_areas_meeting_is_not_hers(house: House, visitor: Visitor, act: str) -> None:
    address = f"/desk/sessions/{house.session}/{act}"
    assert house.tom.get(address).status_code == 200
    assert house.sofie.get(address).status_code == 200
    assert house.ria.get(address).status_code == 404
    assert house.learner.get(address).status_code == 403
    assert visitor.get(address).status_code == 303


def test_the_list_answers_the_four_questions(house: House) -> None:
    assert "10-03-2026, 10.00" in house.tom.page("/desk/sessions").text
    assert "10-03-2026" not in house.ria.page("/desk/sessions").text
    with clock.moved_to(START + timedelta(days=1)):
        assert "10-03-2026" not in house.tom.page("/desk/sessions").text
        assert "10-03-2026" in house.tom.page("/desk/sessions?when=to-mark").text


# ---- who was there ---------------------------------------------------------------------------------------------------


def test_before_the_day_the_list_says_who_comes_and_marks_nobody(house: House, database: Database) -> None:
    book_three(database, house)
    page = house.tom.page(f"/desk/sessions/{house.session}/attendance")
    assert "2 van 2 plaatsen bezet" in page.text
    assert "Wachtlijst" in page.text
    assert not any(form.action.endswith("/attendance") for form in page.forms())


def test_without_a_script_one_button_saves_the_whole_list(house: House, database: Database) -> None:
    one, two, _waiting = book_three(database, house)
    with clock.moved_to(DURING):
        form = house.tom.page(f"/desk/sessions/{house.session}/attendance").form("/attendance")
        page = house.tom.submit(form, {f"presence-{one}": "present", f"presence-{two}": "excused"})
    assert presences(database) == {one: "present", two: "excused"}
    assert "1 aanwezig, 0 afwezig, 1 verontschuldigd, 0 nog niet genoteerd" in page.text


def test_with_a_script_one_tap_saves_one_person(house: House, database: Database) -> None:
    one, _two, _waiting = book_three(database, house)
    address = f"/desk/sessions/{house.session}/attendance"
    with clock.moved_to(DURING):
        token = house.tom.page(address).form("/attendance").values["csrf_token"]
        answer = house.tom.post(
            address, data={"csrf_token": token, f"presence-{one}": "present"}, headers={"X-Autosave": "1"}
        )
    assert answer.status_code == 204
    assert presences(database) == {one: "present"}


def test_a_correction_is_logged_and_shown(house: House, database: Database) -> None:
    one, _two, _waiting = book_three(database, house)
    address = f"/desk/sessions/{house.session}/attendance"
    with clock.moved_to(DURING):
        house.tom.submit(house.tom.page(address).form("/attendance"), {f"presence-{one}": "present"})
        page = house.tom.submit(house.tom.page(address).form("/attendance"), {f"presence-{one}": "absent"})
    assert "van aanwezig naar afwezig" in page.text
    assert "door Tom Wouters" in page.text
    with database.read() as db:
        assert len(db.scalars(sa.select(AttendanceChange.id)).all()) == 2


def test_an_old_page_overwrites_nobodys_correction(house: House, database: Database) -> None:
    one, two, _waiting = book_three(database, house)
    address = f"/desk/sessions/{house.session}/attendance"
    with clock.moved_to(DURING):
        house.tom.submit(house.tom.page(address).form("/attendance"), {f"presence-{one}": "present"})
        old = house.tom.page(address).form("/attendance")
        house.sofie.submit(house.sofie.page(address).form("/attendance"), {f"presence-{one}": "absent"})
        house.tom.submit(old, {f"presence-{two}": "present"})
    assert presences(database) == {one: "absent", two: "present"}


def test_a_line_of_another_list_is_not_marked(house: House, database: Database) -> None:
    one, _two, _waiting = book_three(database, house)
    other = plan(house.tom, date="2026-03-11", closes="", free_until="", fee="0").url
    with clock.moved_to(START + timedelta(days=2)):
        form = house.tom.page(f"/desk/sessions/{house.session}/attendance").form("/attendance")
        answer = house.tom.post(other, data={"csrf_token": form.values["csrf_token"], f"presence-{one}": "present"})
    assert answer.status_code == 404
    assert presences(database) == {}


def test_who_came_without_a_place_is_added_and_the_list_is_closed(house: House, database: Database) -> None:
    one, _two, _waiting = book_three(database, house)
    with database.write() as db:
        extra = make_enrolment(db, db.get_one(Course, house.course_id)).id
    address = f"/desk/sessions/{house.session}/attendance"
    with clock.moved_to(DURING):
        page = house.tom.submit(house.tom.page(address).form("/walk-ins"), enrolment=str(extra))
        assert "zonder plaats" in page.text
        house.tom.submit(page.form("/attendance"), {f"presence-{one}": "present"})
        page = house.tom.submit(house.tom.page(address).form("/closing"))
    assert "De lijst is klaar" in page.text
    assert sorted(presences(database).values()) == ["absent", "present", "present"]
    assert "10-03-2026" in house.tom.page("/desk/sessions?when=held").text


def test_choosing_nobody_says_so(house: House, database: Database) -> None:
    with database.write() as db:
        make_enrolment(db, db.get_one(Course, house.course_id))
    with clock.moved_to(DURING):
        form = house.tom.page(f"/desk/sessions/{house.session}/attendance").form("/walk-ins")
        assert "Kies wie er nog bij was." in house.tom.submit(form, status=409).text


def test_another_areas_trainer_marks_nobody(house: House, database: Database) -> None:
    one, _two, _waiting = book_three(database, house)
    address = f"/desk/sessions/{house.session}"
    token = house.ria.page("/desk/courses/upload").form("/upload").values["csrf_token"]
    with clock.moved_to(DURING):
        for act in ("attendance", "closing", "walk-ins", "cancellation", "edit"):
            answer = house.ria.post(f"{address}/{act}", data={"csrf_token": token, f"presence-{one}": "present"})
            assert answer.status_code == 404
    assert presences(database) == {}
    with database.read() as db:
        assert set(db.scalars(sa.select(Booking.state))) == {"booked", "waiting"}


@pytest.mark.parametrize("number", ["0", "²", "9" * 10, "9" * 40])
def test_a_mark_for_a_line_that_cannot_be_is_not_found(house: House, number: str) -> None:
    form = house.tom.page(f"/desk/sessions/{house.session}/edit").form("/edit")
    sent = {"csrf_token": form.values["csrf_token"][0], f"presence-{number}": "present"}
    answer = house.tom.post(f"/desk/sessions/{house.session}/attendance", data=sent)
    assert answer.status_code == 404
