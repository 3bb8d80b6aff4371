"""What the demo promises, looked at from outside: in the rows, and computed anew from the statements."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import sqlalchemy as sa

from courses.authoring.services import check_folder
from courses.catalogue.formats import StepKind
from courses.catalogue.models import Course
from courses.catalogue.queries import get_current_outline
from courses.certificates.models import Certificate
from courses.enrolment.models import Enrolment
from courses.progress.queries import get_route
from courses.sessions.models import BOOKED, Attendance, Booking, CourseSession
from lms.accounts.formats.numbers import is_establishment_number, is_kbo_number
from lms.accounts.models import Employment, Establishment, Organisation, Person
from lms.demo.formats import course_folders, load_story
from lms.demo.services import KBO_RANGE
from lms.demo.services.moments import BEGIN, END, HISTORY_ENDS, at
from lms.kernel.clock import local
from lms.kernel.db import Database
from sectors.areas import all_areas
from sectors.covenant.formats import load_covenant
from sectors.covenant.queries import compute_targets
from sectors.site.models import AreaPage
from tests.unit.demo.conftest import IRI_BASE
from xapi.statements.models import Statement


def test_the_whole_story_is_as_large_as_promised() -> None:
    story = load_story()
    employers = [employer for field in story.fields for employer in field.organisations]
    assert (len(employers), sum(employer.staff for employer in employers)) == (60, 2300)
    assert [field.slug for field in story.fields] == [words.slug for words in story.areas] == list(all_areas())
    assert all(words.phone.startswith("02 555 ") for words in story.areas)


def test_its_own_courses_are_in_order() -> None:
    readings = {folder.name: check_folder(folder).findings for folder in course_folders()}
    assert len(readings) == 13
    assert {name: found for name, found in readings.items() if found} == {}


def test_everybody_works_somewhere_with_an_area(demo: Database) -> None:
    with demo.read() as db:
        people = set(db.scalars(sa.select(Person.id)))
        areas = db.execute(
            sa.select(Employment.person_id, Organisation.area).join(
                Organisation, Organisation.id == Employment.organisation_id
            )
        ).all()
    assert {person for person, _area in areas} == people
    assert {area for _person, area in areas} == set(all_areas())


def test_numbers_are_valid_and_nobodys(demo: Database) -> None:
    with demo.read() as db:
        employers = db.scalars(sa.select(Organisation.kbo)).all()
        places = db.scalars(sa.select(Establishment.number)).all()
    assert all(is_kbo_number(number) and number.startswith(KBO_RANGE) for number in employers)
    assert all(number is not None and is_establishment_number(number) for number in places)


def test_addresses_are_nobodys(demo: Database) -> None:
    with demo.read() as db:
        addresses = db.scalars(sa.select(Person.email).where(Person.email.is_not(None))).all()
    assert [address for address in addresses if not str(address).endswith(".example")] == []


def test_only_the_eight_have_a_password(demo: Database) -> None:
    with demo.read() as db:
        names = set(db.scalars(sa.select(Person.user_name).where(Person.password_hash.is_not(None))))
    assert names == load_story().user_names


def test_nothing_happens_outside_the_two_years_and_the_last_weeks(demo: Database) -> None:
    recently = datetime.now(UTC) - timedelta(days=60)
    with demo.read() as db:
        moments = db.execute(sa.select(Statement.timestamp, Statement.stored).order_by(Statement.id)).all()
    assert [row for row in moments for it in row if not (at(BEGIN, 0) <= it <= HISTORY_ENDS or it >= recently)] == []
    stored = [row.stored for row in moments]
    assert stored == sorted(stored)
    assert stored[-1] <= datetime.now(UTC)


def test_the_count_is_what_the_statements_say(demo: Database) -> None:
    with demo.read() as db:
        targets = compute_targets(db, load_covenant("2023-2025"), cut_off=END)
        expected = _participations_by_hand(db)
    [part] = targets.get("rv3").parts
    assert {period.period.label: period.figure for period in part.periods} == expected
    assert all(expected.values())


def _participations_by_hand(db: Any) -> dict[str, int]:
    """Intersectoral participations by covenant year, from the bytes of the statements alone."""
    courses = {course.slug: get_current_outline(db, course.id) for course in db.scalars(sa.select(Course))}
    counted: dict[str, set[tuple[str, str]]] = defaultdict(set)
    begun: dict[tuple[str, str], set[str]] = defaultdict(set)
    for payload in db.scalars(sa.select(Statement.payload).order_by(Statement.timestamp)):
        statement = orjson.loads(payload)
        slug, _slash, step = statement["object"]["id"].removeprefix(f"{IRI_BASE}activity/").partition("/")
        verb, actor = statement["verb"]["id"].rsplit("/", 1)[1], str(sorted(statement["actor"].items()))
        outline, day = courses[slug], local(datetime.fromisoformat(statement["timestamp"])).date()
        if not outline.intersectoral or day > END:
            continue
        year = "2023-2024" if day < date(2024, 7, 1) else "2024-2025"
        is_online = all(it.kind is not StepKind.SESSION for it in outline.steps)
        if verb in ("initialized", "attended"):
            begun[actor, slug].add(year)
        if verb == "attended":
            counted[year].add((actor, slug))
        if verb == "completed" and not step and is_online:
            counted[max(begun[actor, slug])].add((actor, slug))
    return {year: len(counted[year]) for year in ("2023-2024", "2024-2025")}


def test_every_countable_commitment_has_a_history(demo: Database) -> None:
    with demo.read() as db:
        targets = compute_targets(db, load_covenant("2023-2025"), cut_off=END)
    empty = [
        f"{figure.commitment.key} {part.part.key} {period.period.label}"
        for figure in targets.commitments
        for part in figure.parts
        for period in part.periods
        if not period.figure
    ]
    assert empty == []


def test_every_area_greets(demo: Database) -> None:
    with demo.read() as db:
        assert set(db.scalars(sa.select(AreaPage.area))) == set(all_areas())


def test_emma_is_in_the_middle_of_things(demo: Database) -> None:
    with demo.read() as db:
        emma = db.scalars(sa.select(Person).where(Person.user_name == "emma")).one()
        enrolment, course = db.execute(
            sa.select(Enrolment, Course)
            .join(Course, Course.id == Enrolment.course_id)
            .where(Enrolment.person_id == emma.id, Course.slug == "word-digicoach")
        ).one()
        route = get_route(db, get_current_outline(db, course.id), enrolment.id)
        [starts_at] = db.scalars(
            sa.select(CourseSession.starts_at)
            .join(Booking, Booking.session_id == CourseSession.id)
            .where(Booking.enrolment_id == enrolment.id, Booking.state == BOOKED)
        )
        proofs = db.scalars(sa.select(Certificate.course_title).where(Certificate.person_name == emma.name)).all()
    assert (route.done, route.next and route.next.step.id) == (1, "zo-help-je-een-collega")
    assert datetime.now(UTC) < starts_at < datetime.now(UTC) + timedelta(days=30)
    assert proofs == ["Taal op de werkvloer"]


def test_tom_has_lists_to_mark(demo: Database) -> None:
    today = datetime.now(UTC)
    with demo.read() as db:
        tom = db.scalars(sa.select(Person.id).where(Person.user_name == "tom")).one()
        unmarked = db.scalars(
            sa.select(Booking.id)
            .join(CourseSession, CourseSession.id == Booking.session_id)
            .outerjoin(Attendance, Attendance.booking_id == Booking.id)
            .where(
                CourseSession.trainer_id == tom,
                CourseSession.held_at.is_(None),
                CourseSession.starts_at > today - timedelta(days=2),
                CourseSession.starts_at < today + timedelta(days=1),
                Booking.state == BOOKED,
                Attendance.booking_id.is_(None),
            )
        ).all()
    assert len(unmarked) >= 4
