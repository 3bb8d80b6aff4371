"""An area's own pages: its welcome, news and offer for anybody; what it does not offer is not found there."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from courses.catalogue.services import offer_course, withdraw_offer
from courses.enrolment.services import enrol_learner
from lms.kernel import clock
from lms.kernel.db import Database
from tests.factories.courses import make_course, make_outline
from tests.factories.sessions import NOW, START, make_session
from tests.web.site.conftest import House, form_of
from tests.web.visitor import Visitor

HELPING = "/gezinszorg/courses/rustig-helpen"


def test_an_area_without_words_greets_with_its_name(visitor: Visitor) -> None:
    page = visitor.page("/gezinszorg/")
    assert page.h1 == "Leren in Gezinszorg"
    assert "Alle 0 opleidingen" in page.text


def test_an_area_shows_what_is_coming_there_and_nowhere_else(
    house: House, visitor: Visitor, database: Database
) -> None:
    with database.write() as db:
        make_session(db, house.helping)
    page = visitor.page("/gezinszorg/")
    assert "Binnenkort" in page.text
    assert "Nog 2 plaatsen" in page.text
    assert page.links()["Rustig helpen"] == HELPING
    assert "Rustig helpen" not in visitor.page("/onderwijs/").text
    with clock.moved_to(START):
        assert "Binnenkort" not in visitor.page("/gezinszorg/").text


def test_the_catalogue_is_searched_by_words_and_by_topic(house: House, visitor: Visitor, database: Database) -> None:
    with database.write() as db:
        care = msgspec.structs.replace(make_outline("tillen", title="100% veilig tillen"), topic="zorg")
        make_course(db, house.folder, care)
    here = "/gezinszorg/courses"
    both = visitor.page(here)
    assert {"Rustig helpen", "100% veilig tillen"} <= both.links().keys()
    for query, found in (
        ("?q=HELPEN", {"Rustig helpen", "100% veilig tillen"}),  # the summary of both
        ("?q=tillen+veilig", {"100% veilig tillen"}),
        ("?q=100%25", {"100% veilig tillen"}),
        ("?q=_", set()),
        ("?q=%25%25", set()),
        ("?q='+OR+1=1", set()),
        ("?topic=zorg", {"100% veilig tillen"}),
        ("?topic=digitaal&q=rustig", {"Rustig helpen"}),
        ("?topic=zorg&q=rustig+tillen", {"100% veilig tillen"}),
        ("?topic=onbestaand", set()),
    ):
        page = visitor.page(here + query)
        assert {"Rustig helpen", "100% veilig tillen"} & page.links().keys() == found, query
        assert ("We vonden geen opleiding." in page.text) == (not found), query


def test_what_was_searched_for_stays_in_the_form(house: House, visitor: Visitor) -> None:
    page = visitor.page('/gezinszorg/courses?q="><b>&topic=zorg')
    form = page.form(holding="q")
    assert form.values == {"q": ['"><b>'], "topic": ["zorg"]}


def test_a_course_of_another_area_is_not_found_by_its_address_either(house: House, visitor: Visitor) -> None:
    assert visitor.page("/onderwijs/courses/rustig-leren").h1 == "Rustig leren"
    for path in ("", "/media/1/media/x.svg"):
        assert visitor.get(f"/gezinszorg/courses/rustig-leren{path}").status_code == 404
    token = form_of(house.emma.page(HELPING), "/enrolment").values["csrf_token"][0]
    for act in ("enrolment", "launch", "enrolment/withdrawal"):
        answer = house.emma.post(f"/gezinszorg/courses/rustig-leren/{act}", data={"csrf_token": token})
        assert answer.status_code == 404, act


def test_who_is_enrolled_elsewhere_does_not_find_her_course_here(house: House, database: Database) -> None:
    with database.write() as db:
        enrol_learner(db, person_id=house.emma_person.id, course_id=house.teaching.id, area="onderwijs")
    assert house.emma.page("/onderwijs/courses/rustig-leren").status == 200
    house.emma.page("/gezinszorg/courses/rustig-leren", status=404)
    form_of(house.emma.page("/"), "/onderwijs/courses/rustig-leren/launch")


def test_an_offer_begins_and_ends_on_its_day(house: House, visitor: Visitor, database: Database) -> None:
    with database.write() as db:
        offer_course(db, house.teaching, "gezinszorg", opened_on=(NOW + timedelta(days=7)).date())
    here = "/gezinszorg/courses/rustig-leren"
    visitor.page(here, status=404)
    with clock.moved_to(NOW + timedelta(days=7)):
        assert visitor.page(here).status == 200
        with database.write() as db:
            withdraw_offer(db, house.teaching, "gezinszorg")
        visitor.page(here, status=404)


def test_a_visitor_is_asked_to_sign_in_before_she_enrols(house: House, visitor: Visitor) -> None:
    page = visitor.page(HELPING)
    assert page.links()["Log in om je in te schrijven"] == f"/sign-in?next={HELPING}"
    token = page.forms()[0].values["csrf_token"][0]
    answer = visitor.post(f"{HELPING}/enrolment", data={"csrf_token": token})
    assert answer.headers["Location"].startswith("/sign-in")


@pytest.mark.parametrize(
    "path",
    [
        "media/x.svg",
        "media/../../../secret.svg",
        "%2e%2e/%2e%2e/x.svg",
        "media//x.svg",
        "course.yml",
        "x" * 300 + ".svg",
    ],
)
def test_a_file_that_is_not_of_the_course_is_not_found(house: House, visitor: Visitor, path: str) -> None:
    assert visitor.get(f"{HELPING}/media/1/{path}").status_code == 404


def test_a_drawing_of_the_course_can_run_nothing(house: House, visitor: Visitor) -> None:
    file = house.folder / "courses/rustig-helpen/1/media/bus.svg"
    file.parent.mkdir(parents=True)
    file.write_text("<svg xmlns='http://www.w3.org/2000/svg'/>")
    answer = visitor.get(f"{HELPING}/media/1/media/bus.svg")
    assert answer.mimetype == "image/svg+xml"
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    part = visitor.get(f"{HELPING}/media/1/media/bus.svg", headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.data) == (206, b"<svg")


def test_the_pages_for_everybody_open_for_everybody(house: House, visitor: Visitor) -> None:
    for path in ("/help", "/privacy", "/accessibility", "/areas", "/check"):
        for somebody in (visitor, house.emma, house.sofie):
            assert somebody.page(path).h1
