"""The whole way of one learner, without a script: enrol, read, think, practise, take the quiz, meet, do, get proof."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from pypdf import PdfReader

from courses.assignments.models import Submission
from courses.assignments.services import accept_submission, return_submission
from courses.catalogue.models import Course
from courses.enrolment.models import Enrolment
from courses.enrolment.services import enrol_learner
from courses.sessions.models import Booking
from courses.sessions.services import mark_attendance
from lms.kernel import clock
from lms.kernel.db import Database
from tests.factories.accounts import sign_in_as
from tests.factories.courses import WELCOME, make_course, make_outline
from tests.factories.sessions import START, make_session
from tests.web.courses.learner.conftest import (
    COURSE,
    LEARN,
    STEPS,
    House,
    count_queries,
    enrol,
    form_of,
    pass_quiz,
    read_module,
)
from tests.web.visitor import Visitor

MOST_STATEMENTS = 12


def attend(database: Database) -> None:
    """The trainer marks Emma present."""
    with database.write() as db:
        mark_attendance(db, db.scalars(sa.select(Booking)).one(), "present", by_person_id=None)


def accept(database: Database, feedback: str = "Mooi gedaan.") -> None:
    with database.write() as db:
        accept_submission(db, db.scalars(sa.select(Submission)).one(), feedback=feedback, by_person_id=None)


def finish(house: House, database: Database) -> None:
    """All of it."""
    enrol(house)
    read_module(house)
    pass_quiz(house)
    house.emma.submit(form_of(house.emma.page(f"{STEPS}/samen/session"), f"{house.session}/booking"))
    house.emma.submit(form_of(house.emma.page(f"{STEPS}/praktijk/assignment"), "/assignment"), text="Ik hielp Jan.")
    accept(database)
    with clock.moved_to(START + timedelta(hours=4)):
        attend(database)
    with clock.moved_to(START + timedelta(days=15)):
        house.emma.submit(form_of(house.emma.page(f"{STEPS}/terugblik/pages/start"), "/pages/start"))


def test_ga_verder_always_leads_to_the_next_thing_she_can_do(house: House, database: Database) -> None:
    assert enrol(house).h1 == "Rustig helpen"
    for where in (COURSE, "/"):
        shown = house.emma.submit(form_of(house.emma.page(where), "/launch"))
        assert shown.url == f"{STEPS}/leren/pages/start"
    assert "Klaar. Dit was stap 1 van 5." in read_module(house).h1
    assert house.emma.submit(form_of(house.emma.page("/"), "/launch")).url == f"{STEPS}/toets/quiz"
    pass_quiz(house)
    assert house.emma.submit(form_of(house.emma.page("/"), "/launch")).url == f"{STEPS}/praktijk/assignment"
    house.emma.submit(form_of(house.emma.page(f"{STEPS}/praktijk/assignment"), "/assignment"), text="Ik hielp Jan.")
    accept(database)
    assert house.emma.submit(form_of(house.emma.page("/"), "/launch")).url == f"{STEPS}/samen/session"


def test_ga_verder_goes_on_with_what_she_was_doing_last(house: House, database: Database, tmp_path: Path) -> None:
    steps = (WELCOME, msgspec.structs.replace(LEARN, id="tweede"), msgspec.structs.replace(WELCOME, id="derde"))
    with database.write() as db:
        course = make_course(db, tmp_path / "files", make_outline("drie-stappen", steps=steps))
        enrol_learner(db, person_id=house.person.id, course_id=course.id, area="gezinszorg")
    here = "/gezinszorg/courses/drie-stappen"
    house.emma.submit(form_of(house.emma.page(f"{here}/steps/tweede/pages/start"), "/pages/start"))
    for where in ("/", here):
        assert house.emma.submit(form_of(house.emma.page(where), "/launch")).url == f"{here}/steps/tweede/pages/denk"


def test_she_goes_on_at_the_same_page_on_another_device(
    house: House, database: Database, another_visitor: Callable[[], Visitor]
) -> None:
    enrol(house)
    house.emma.submit(form_of(house.emma.page(f"{STEPS}/leren/pages/start"), "/pages/start"))
    phone = another_visitor()
    sign_in_as(phone, house.person)
    assert phone.submit(form_of(phone.page("/"), "/launch")).url == f"{STEPS}/leren/pages/denk"


def test_what_she_writes_is_saved_with_volgende_and_there_when_she_comes_back(house: House) -> None:
    enrol(house)
    here = f"{STEPS}/leren/pages/denk"
    words = "Fatima <b>van</b> de nacht & “Jan”\nop dinsdag"
    shown = house.emma.submit(form_of(house.emma.page(here), here), {"answer.idee": words})
    assert shown.url == f"{STEPS}/leren/pages/oefen"
    [area] = house.emma.page(here).root.iter("textarea")
    assert area.text == words


def test_an_answer_is_saved_at_once_by_the_script(house: House) -> None:
    enrol(house)
    here = f"{STEPS}/leren/pages/denk"
    token = form_of(house.emma.page(here), here).values["csrf_token"][0]
    answer = house.emma.post(
        f"{STEPS}/leren/answers", data={"csrf_token": token, "answer.idee": "Jan"}, headers={"X-Autosave": "1"}
    )
    assert (answer.status_code, answer.data) == (204, b"")
    assert "Jan" in house.emma.page(here).text


def test_an_exercise_says_what_to_think_of_an_answer_and_never_blocks(house: House) -> None:
    enrol(house)
    here = f"{STEPS}/leren/pages/oefen"
    shown = house.emma.submit(form_of(house.emma.page(here), "/answers"), {"answer.kiezen": "b"})
    assert shown.url == here
    assert "Nog niet juist Dan leert ze niets." in shown.text
    shown = house.emma.submit(form_of(shown, "/answers"), {"answer.kiezen": "a"})
    assert "Juist! Ja, zo leert ze." in shown.text
    assert house.emma.submit(form_of(shown, here)).url == f"{STEPS}/leren/done"


def test_what_is_not_a_question_of_this_page_is_not_kept(house: House) -> None:
    enrol(house)
    form = form_of(house.emma.page(f"{STEPS}/leren/pages/oefen"), "/answers")
    house.emma.submit(form, {"answer.nergens": "x"}, status=404)
    house.emma.submit(form, here="https://evil.example/", status=200)
    assert house.emma.page(COURSE).url == COURSE


def test_a_quiz_counts_the_first_answer_shows_what_was_right_and_may_be_taken_again(house: House) -> None:
    enrol(house)
    read_module(house)
    shown = house.emma.submit(form_of(house.emma.page(f"{STEPS}/toets/quiz"), "/attempts"))
    assert shown.h1 == "Wat doe je eerst?"
    assert house.emma.submit(form_of(shown, shown.url), status=422).url == shown.url, "nothing was chosen"
    shown = house.emma.submit(form_of(shown, shown.url), answer="b")
    assert "Nog niet juist Laat je collega zelf doen." in shown.text
    assert "Kijken" in house.emma.page(shown.links()["Toon het juiste antwoord"]).text
    shown = house.emma.submit(form_of(shown, shown.url), answer="a")
    assert "Juist!" in shown.text
    shown = house.emma.submit(form_of(house.emma.page(shown.links()["Volgende"]), "/waar"), answer="false")
    result = house.emma.page(shown.links()["Volgende"])
    assert "Je had 1 van 2 vragen meteen juist." in result.text
    assert "Nog niet geslaagd." in result.text
    assert "Je kan nog 1 keer beginnen." in result.text
    result = pass_quiz(house)
    assert "Je had 2 van 2 vragen meteen juist." in result.text
    assert "Je bent geslaagd voor deze toets." in result.text


def test_when_attempts_run_out_she_is_told_whom_to_call(house: House) -> None:
    enrol(house)
    read_module(house)
    for _attempt in range(2):
        shown = house.emma.submit(form_of(house.emma.page(f"{STEPS}/toets/quiz"), "/attempts"))
        house.emma.submit(form_of(shown, "/eerst"), answer="b")
        house.emma.submit(form_of(house.emma.page(f"{STEPS}/toets/questions/waar"), "/waar"), answer="true")
    shown = house.emma.page(f"{STEPS}/toets/quiz")
    assert "Je pogingen zijn op." in shown.text
    token = form_of(house.emma.page("/"), "/language").values["csrf_token"][0]
    assert house.emma.post(f"{STEPS}/toets/attempts", data={"csrf_token": token}).status_code == 409


@pytest.mark.parametrize(
    ("path", "sentence"),
    [
        ("toets/quiz", "Doe eerst deze stap: Leren helpen."),
        ("toets/questions/eerst", "Doe eerst deze stap: Leren helpen."),
        ("praktijk/assignment", "Doe eerst deze stap: Toets."),
        ("terugblik/pages/start", "Deze stap opent na de sessie: Samen oefenen."),
    ],
)
def test_a_step_that_is_locked_says_what_to_do_first(house: House, path: str, sentence: str) -> None:
    page = enrol(house)
    assert sentence in page.text
    assert not any(path.partition("/")[0] in link for link in page.links().values())
    assert sentence in house.emma.page(f"{STEPS}/{path}", status=409).text


@pytest.mark.parametrize(
    "path", ["leren/quiz", "samen/quiz", "samen/pages/start", "leren/pages/nergens", "nergens/quiz", "leren/session"]
)
def test_a_step_is_only_what_it_is(house: House, path: str) -> None:
    enrol(house)
    house.emma.page(f"{STEPS}/{path}", status=404)


def test_a_follow_up_opens_so_many_days_after_the_session(house: House, database: Database) -> None:
    enrol(house)
    house.emma.submit(form_of(house.emma.page(f"{STEPS}/samen/session"), f"{house.session}/booking"))
    with clock.moved_to(START + timedelta(hours=4)):
        attend(database)
        assert "Deze stap opent op 24 maart 2026." in house.emma.page(f"{STEPS}/terugblik/pages/start", status=409).text
    with clock.moved_to(START + timedelta(days=15)):
        assert house.emma.page(f"{STEPS}/terugblik/pages/start").h1 == "Start"


def test_who_was_there_may_come_again(house: House, database: Database) -> None:
    here, again = f"{STEPS}/samen/session", START + timedelta(days=30)
    enrol(house)
    house.emma.submit(form_of(house.emma.page(here), f"{house.session}/booking"))
    with clock.moved_to(START + timedelta(hours=4)):
        attend(database)
        with database.write() as db:
            course = db.get_one(Course, house.course_id)
            end = again + timedelta(hours=3)
            later = make_session(db, course, starts_at=again, ends_at=end, closes_at=again, free_until=again)
        page = house.emma.page(here)
        assert "Je was aanwezig. Deze stap is klaar." in page.text
        assert "Kom nog een keer" in page.text
        page = house.emma.submit(form_of(page, f"{later.uuid}/booking"))
        assert "Je hebt een plaats" in page.text
        assert "Je was aanwezig" not in page.text


def test_a_task_is_drafted_handed_in_returned_and_accepted(house: House, database: Database) -> None:
    enrol(house)
    read_module(house)
    pass_quiz(house)
    here = f"{STEPS}/praktijk/assignment"
    form = form_of(house.emma.page(here), here)
    draft = house.emma.post(f"{here}/draft", data={**form.values, "text": "Ik hielp"})
    assert draft.status_code == 204
    assert "Ik hielp" in house.emma.page(here).text
    assert "Schrijf iets, of kies een foto of bestand." in house.emma.submit(form, text=" ", status=422).text
    assert "Je opdracht is ingediend." in house.emma.submit(form, text="Ik hielp Jan.").text
    with database.write() as db:
        return_submission(db, db.scalars(sa.select(Submission)).one(), feedback="Vertel wat hij leerde.")
    assert "Vertel wat hij leerde." in house.emma.page(here).text
    photo = (io.BytesIO(b"\x89PNG\r\n\x1a\n" + b"0" * 32), "foto van jan.png")
    shown = house.emma.submit(form_of(house.emma.page(here), here), text="Hij belt nu zelf.", file=photo)
    assert "Bekijk foto van jan.png" in shown.links()
    assert house.emma.get(shown.links()["Bekijk foto van jan.png"]).data.startswith(b"\x89PNG")
    accept(database)
    shown = house.emma.page(here)
    assert "Je opdracht is goedgekeurd. Mooi gedaan." in shown.text
    assert not any(form.action == here for form in shown.forms())
    assert house.emma.post(here, data={**form.values, "text": "Nog iets"}).status_code == 422


def test_at_the_end_there_is_proof_that_anybody_can_check(
    house: House, database: Database, visitor: Visitor, another_visitor: Callable[[], Visitor]
) -> None:
    finish(house, database)
    course = house.emma.page(COURSE)
    assert "Je hebt alle stappen gedaan." in course.text
    address = course.links()["Jouw attest"]
    assert course.links()["Download je attest"] == address
    assert "Ik wil stoppen met deze opleiding" not in course.text
    answer = house.emma.get(address)
    assert answer.mimetype == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.data))
    words = " ".join(page.extract_text() for page in reader.pages)
    for expected in ("Emma Peeters", "Rustig helpen", "Thuiszorg De Brug", "Deelnameattest"):
        assert expected in " ".join(words.split())
    root: Any = reader.root_object
    assert "/StructTreeRoot" in root
    assert root["/Lang"] == "nl"
    code = answer.headers["Content-Disposition"].partition("attest-")[2].partition(".")[0]
    checked = visitor.page(f"/check?code={code[:4].lower()}-{code[4:8]} {code[8:]}")
    assert "Emma Peeters" in checked.text
    assert "Rustig helpen" in checked.text
    assert "example.org" not in checked.text
    assert visitor.page("/check/AAAABBBBCCCC", status=404).h1
    assert visitor.get(address).status_code == 303
    home = house.emma.page("/")
    assert "Je bent helemaal klaar" in home.text
    assert "Attest van" in home.text


def test_who_stops_comes_back_where_she_was(house: House, database: Database) -> None:
    enrol(house)
    read_module(house)
    shown = house.emma.submit(form_of(house.emma.page(COURSE), "/enrolment/withdrawal"))
    assert "Je bent uitgeschreven. Wat je deed, blijft bewaard." in shown.text
    assert "Je hebt nog geen opleiding" in shown.text
    house.emma.page(f"{STEPS}/toets/quiz", status=404)
    assert "Je bent uitgeschreven. Wat je deed, staat er nog." in house.emma.page(COURSE).text
    back = enrol(house)
    assert "1 van 5 stappen klaar" in back.text
    assert house.emma.submit(form_of(back, "/launch")).url == f"{STEPS}/toets/quiz"
    with database.read() as db:
        assert len(db.scalars(sa.select(Enrolment.id)).all()) == 1


def test_a_form_that_is_sent_twice_changes_nothing_more(house: House, database: Database) -> None:
    form = form_of(house.emma.page(COURSE), "/enrolment")
    house.emma.submit(form)
    house.emma.submit(form)
    page_form = form_of(house.emma.page(f"{STEPS}/leren/pages/start"), "/pages/start")
    assert house.emma.submit(page_form).url == house.emma.submit(page_form).url == f"{STEPS}/leren/pages/denk"
    with database.read() as db:
        assert len(db.scalars(sa.select(Enrolment.id)).all()) == 1


def test_nobody_learns_in_a_course_she_is_not_in(house: House, visitor: Visitor) -> None:
    for path in ("leren/pages/start", "toets/quiz", "samen/session", "praktijk/assignment"):
        house.emma.page(f"{STEPS}/{path}", status=404)
        assert visitor.get(f"{STEPS}/{path}").headers["Location"].startswith("/sign-in?next=")


def test_no_page_asks_the_database_more_than_it_should(house: House, database: Database) -> None:
    enrol(house)
    read_module(house)
    pass_quiz(house)
    house.emma.submit(form_of(house.emma.page(f"{STEPS}/samen/session"), f"{house.session}/booking"))
    for path in (
        "/",
        "/my/courses",
        "/gezinszorg/",
        "/gezinszorg/courses",
        COURSE,
        f"{STEPS}/leren/pages/denk",
        f"{STEPS}/leren/pages/oefen",
        f"{STEPS}/leren/done",
        f"{STEPS}/toets/quiz",
        f"{STEPS}/toets/questions/eerst",
        f"{STEPS}/samen/session",
        f"{STEPS}/praktijk/assignment",
    ):
        with count_queries(database) as sent:
            house.emma.page(path)
        assert len(sent) <= MOST_STATEMENTS, (path, sent)
