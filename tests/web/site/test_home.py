"""The home: thirteen doors for a visitor; for a learner her next step, her next meeting, and what is done."""

from __future__ import annotations

from datetime import timedelta

from courses.catalogue.formats import Step
from courses.catalogue.queries import get_course
from courses.enrolment.queries import get_learner
from courses.enrolment.services import enrol_learner
from courses.progress.services import leave_page
from courses.sessions.models import Booking
from courses.sessions.services import book, mark_attendance
from lms.kernel import clock
from lms.kernel.db import Database
from sectors.areas import all_areas
from tests.factories.accounts import PASSWORD, make_person
from tests.factories.courses import AFTERWARDS, TOGETHER, WELCOME, make_course, make_outline
from tests.factories.sessions import NOW, make_session
from tests.services.platform import HOST
from tests.web.site.conftest import House, count_queries, form_of
from tests.web.visitor import Visitor

MOST_STATEMENTS = 12
AREA_HOST = f"http://gezinszorg.{HOST}"


def enrol(database: Database, house: House, slug: str = "", steps: tuple[Step, ...] = (), *, title: str = "") -> int:
    """Emma is enrolled in *Rustig helpen*, or in a course of these steps."""
    with database.write() as db:
        course = house.helping
        if slug:
            course = make_course(db, house.folder, make_outline(slug, title=title or slug.capitalize(), steps=steps))
        return enrol_learner(db, person_id=house.emma_person.id, course_id=course.id, area="gezinszorg").id


def do_page(database: Database, enrolment_id: int, step: str = "welkom") -> None:
    with database.write() as db:
        leave_page(db, get_learner(db, enrolment_id), step, "start")


def test_a_visitor_finds_a_door_to_every_area(visitor: Visitor) -> None:
    page = visitor.page("/")
    for area in all_areas().values():
        assert any(area.name in words for words in page.links()), area.name
    assert visitor.page("/areas").links().keys() >= {"Inloggen"}


def test_on_an_areas_host_start_still_leads_to_her_own_home(house: House) -> None:
    assert form_of(house.emma.page("/gezinszorg/"), "/handover").values["host"] == [f"gezinszorg.{HOST}"]
    form = form_of(house.emma.page("/gezinszorg/"), "/handover")
    arrival = house.emma.post("/handover", data=form.values).headers["Location"]
    assert arrival.startswith(f"{AREA_HOST}/handover/")
    page = house.emma.page(arrival.removeprefix(AREA_HOST), base_url=AREA_HOST)
    assert page.title.startswith("Gezinszorg")
    assert page.links()["Start"] == "/home"
    home = house.emma.page("/home", base_url=AREA_HOST)
    assert home.h1 == "Dag Emma"
    assert [link.get("href") for link in home.root.iter("a") if link.get("aria-current") == "page"] == ["/home"] * 3
    back = form_of(house.emma.page("/areas", base_url=AREA_HOST), "/handover")
    assert back.values["host"] == [HOST]


def test_who_signs_in_on_an_areas_host_comes_home_there(visitor: Visitor, database: Database) -> None:
    with database.write() as db:
        make_person(db, email="els@linde.be", password=PASSWORD)
    form = visitor.page("/sign-in", base_url=AREA_HOST).form(holding="password")
    name = next(field for field in form.values if field not in ("password", "csrf_token", "next"))
    said = {**form.values, name: "els@linde.be", "password": PASSWORD}
    assert visitor.post("/sign-in", data=said, base_url=AREA_HOST).headers["Location"] == "/home"


def test_without_a_course_she_is_led_to_what_her_area_offers(house: House) -> None:
    page = house.emma.page("/")
    assert page.h1 == "Dag Emma"
    assert "Je hebt nog geen opleiding" in page.text
    assert page.links()["Kies een opleiding"] == "/gezinszorg/courses"


def test_a_course_she_is_in_is_the_one_big_key(house: House, database: Database) -> None:
    enrol(database, house)
    page = house.emma.page("/")
    assert "Rustig helpen" in page.text
    assert "Nog ongeveer 10 minuten" in page.text
    assert "Kies een opleiding" not in page.links()
    assert form_of(page, "/gezinszorg/courses/rustig-helpen/launch").method == "post"


def test_when_all_waits_for_a_day_to_come_it_says_so(house: House, database: Database) -> None:
    enrolment_id = enrol(database, house, "alleen-samen", (TOGETHER, AFTERWARDS))
    with database.write() as db:
        session = make_session(db, get_course(db, "alleen-samen"))
        booking = book(db, session.id, enrolment_id)
    with clock.moved_to(session.ends_at):
        with database.write() as db:
            mark_attendance(db, db.get_one(Booking, booking.id), "present", by_person_id=None)
        page = house.emma.page("/")
    assert "De volgende stap opent later." in page.text
    assert "Bekijk je opleiding" in page.links()
    assert not any(form.action.endswith("/launch") for form in page.forms())


def test_when_all_is_done_it_says_so_and_offers_more(house: House, database: Database) -> None:
    do_page(database, enrol(database, house, "kort", (WELCOME,)))
    page = house.emma.page("/")
    assert "Je bent helemaal klaar" in page.text
    assert "Klaar op 2 maart 2026" in page.text
    assert page.links()["Toon alles wat klaar is"] == "/my/courses"


def test_what_she_touched_last_comes_first(house: House, database: Database) -> None:
    first = enrol(database, house, "eerste", (WELCOME, TOGETHER))
    with clock.moved_to(NOW + timedelta(hours=1)):
        second = enrol(database, house, "tweede", (WELCOME, TOGETHER))
        form_of(house.emma.page("/"), "/tweede/launch")
    with clock.moved_to(NOW + timedelta(hours=2)):
        do_page(database, first)
        form_of(house.emma.page("/"), "/eerste/launch")
    with clock.moved_to(NOW + timedelta(hours=3)):
        do_page(database, second)
        form_of(house.emma.page("/"), "/tweede/launch")


def test_the_next_meeting_is_shown_with_its_day_and_place_until_it_is_over(house: House, database: Database) -> None:
    enrolment_id = enrol(database, house)
    with database.write() as db:
        later = make_session(db, house.helping, starts_at=NOW + timedelta(days=20), ends_at=NOW + timedelta(days=21))
        sooner = make_session(db, house.helping)
        book(db, sooner.id, enrolment_id)
    assert later.starts_at > sooner.starts_at
    page = house.emma.page("/")
    assert "Jouw volgende sessie" in page.text
    assert "dinsdag 10 maart" in page.text
    assert "Zaal De Gaard" in page.text
    assert page.links()["Zet in agenda"].endswith(f"/{sooner.uuid}.ics")
    assert house.emma.get(page.links()["Zet in agenda"]).status_code == 200
    with clock.moved_to(sooner.ends_at):
        assert "Jouw volgende sessie" not in house.emma.page("/").text


def test_my_courses_tells_what_is_busy_from_what_is_done(house: House, database: Database) -> None:
    enrol(database, house)
    do_page(database, enrol(database, house, "kort", (WELCOME,), title="Korte opleiding"))
    page = house.emma.page("/my/courses")
    assert page.text.index("Rustig helpen") < page.text.index("Korte opleiding")


def test_a_consultant_finds_her_work_there(house: House) -> None:
    assert "/desk/areas" in house.sofie.page("/").links().values()
    assert "/desk/areas" not in house.emma.page("/").links().values()


def test_ten_courses_cost_no_more_statements_than_one(house: House, database: Database) -> None:
    enrol(database, house)
    paths = ("/", "/my/courses", "/gezinszorg/", "/gezinszorg/courses", "/help")

    def statements() -> list[int]:
        counts = []
        for path in paths:
            with count_queries(database) as sent:
                house.emma.page(path)
            counts.append(len(sent))
        return counts

    house.emma.page("/")
    one = statements()
    for number in range(9):
        enrolment_id = enrol(database, house, f"opleiding-{number}", (WELCOME, TOGETHER))
        if number % 2:
            do_page(database, enrolment_id)
    house.emma.page("/")
    assert statements() == one
    assert max(one) <= MOST_STATEMENTS
