"""Enrolling, leaving and coming back: one enrolment a person and course, and a history that tells it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from courses.catalogue.models import Course
from courses.catalogue.services import offer_course, withdraw_offer
from courses.enrolment.events import LearnerEnrolled, LearnerWithdrew
from courses.enrolment.models import Enrolment, EnrolmentChange
from courses.enrolment.queries import find_learner, get_learner
from courses.enrolment.services import enrol_learner, withdraw_learner
from lms.accounts.models import Employment, Organisation, Person
from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.errors import NotFound, Refused
from lms.kernel.events import Events
from tests.factories.accounts import make_organisation, make_person
from tests.factories.courses import IRI_BASE, make_course
from xapi.statements.models import Statement

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = date(2026, 3, 2)
AREA = "gezinszorg"


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.moved_to(NOW):
        yield


@pytest.fixture
def course(db: Session, tmp_path: Path) -> Course:
    db.info["leerlabo.iri_base"] = IRI_BASE
    return make_course(db, tmp_path)


def employ(
    db: Session, person: Person, organisation: Organisation, started_on: date, ended_on: date | None = None
) -> Employment:
    job = Employment(person_id=person.id, organisation_id=organisation.id, started_on=started_on, ended_on=ended_on)
    db.add(job)
    db.flush()
    return job


def history(db: Session, enrolment_id: int) -> list[str]:
    rows = sa.select(EnrolmentChange.what).where(EnrolmentChange.enrolment_id == enrolment_id)
    return list(db.scalars(rows.order_by(EnrolmentChange.id)))


def enrol(db: Session, person: Person, course: Course, area: str = AREA, employment_id: int | None = None) -> Enrolment:
    return enrol_learner(db, person_id=person.id, course_id=course.id, area=area, employment_id=employment_id)


# ---- in, out and back ------------------------------------------------------------------------------------------------


def test_who_enrols_is_in_and_the_record_says_so_once(db: Session, course: Course) -> None:
    person = make_person(db)
    enrolment = enrol(db, person, course)
    assert enrol(db, person, course).id == enrolment.id
    assert enrolment.enrolled_at == NOW
    assert history(db, enrolment.id) == ["enrolled"]
    assert [verb.rpartition("/")[2] for verb in db.scalars(sa.select(Statement.verb))] == ["registered"]
    learner = find_learner(db, person.id, course.slug, area=AREA)
    assert learner is not None
    assert not learner.is_withdrawn


def test_who_withdraws_and_returns_has_the_same_enrolment(db: Session, course: Course, events: Events) -> None:
    heard: list[LearnerEnrolled | LearnerWithdrew] = []
    events.subscribe(LearnerEnrolled, lambda _db, event: heard.append(event))
    events.subscribe(LearnerWithdrew, lambda _db, event: heard.append(event))
    person = make_person(db)
    enrolment = enrol(db, person, course)
    with clock.moved_to(NOW + timedelta(days=1)):
        withdraw_learner(db, enrolment.id)
        withdraw_learner(db, enrolment.id)
    assert get_learner(db, enrolment.id).is_withdrawn
    assert enrol(db, person, course).uuid == enrolment.uuid
    assert enrolment.withdrawn_at is None
    assert enrolment.enrolled_at == NOW
    assert history(db, enrolment.id) == ["enrolled", "withdrawn", "returned"]
    assert [getattr(event, "returned", None) for event in heard] == [False, None, True]


def test_the_history_says_who_did_it(db: Session, course: Course) -> None:
    emma, vera = make_person(db), make_person(db, first_name="Vera")
    enrolment = enrol_learner(db, person_id=emma.id, course_id=course.id, area=AREA, by_person_id=vera.id)
    withdraw_learner(db, enrolment.id)
    people = db.scalars(sa.select(EnrolmentChange.by_person_id).order_by(EnrolmentChange.id)).all()
    assert people == [vera.id, emma.id]


def test_nobody_withdraws_from_what_does_not_exist(db: Session) -> None:
    with pytest.raises(NotFound):
        withdraw_learner(db, 987_654)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=st.lists(st.tuples(st.booleans(), st.integers(0, 1)), max_size=12))
def test_whatever_people_do_there_is_one_enrolment_each_and_the_history_tells_it(
    db: Session, course: Course, acts: list[tuple[bool, int]]
) -> None:
    with db.begin_nested() as savepoint:
        people = [make_person(db), make_person(db)]
        told: dict[int, list[str]] = {person.id: [] for person in people}
        for enrols, who in acts:
            person, done = people[who], told[people[who].id]
            is_in = bool(done) and done[-1] != "withdrawn"
            if enrols:
                enrol(db, person, course)
                done += [] if is_in else ["returned" if done else "enrolled"]
            elif done:
                withdraw_learner(db, find_one(db, person).id)
                done += ["withdrawn"] if is_in else []
        for person in people:
            assert [history(db, one.id) for one in list_all(db, person)] == (
                [told[person.id]] if told[person.id] else []
            )
            is_out = [one.withdrawn_at is not None for one in list_all(db, person)]
            assert is_out == [done[-1] == "withdrawn" for done in [told[person.id]] if done]
        savepoint.rollback()


def list_all(db: Session, person: Person) -> list[Enrolment]:
    return list(db.scalars(sa.select(Enrolment).where(Enrolment.person_id == person.id)))


def find_one(db: Session, person: Person) -> Enrolment:
    [enrolment] = list_all(db, person)
    return enrolment


@pytest.mark.parametrize("act", ["enrol", "withdraw"])
def test_who_does_it_many_times_at_once_does_it_once(database: Database, tmp_path: Path, act: str) -> None:
    times = 4
    database.info["leerlabo.iri_base"] = IRI_BASE
    with database.write() as db:
        course, person = make_course(db, tmp_path), make_person(db)
        enrolment_id = enrol(db, person, course).id if act == "withdraw" else 0
    for connection in [database.engine.connect() for _ in range(times)]:
        connection.close()  # all are open now, so that nobody comes late
    together = Barrier(times)

    def run(_number: int) -> None:
        together.wait()
        with clock.moved_to(NOW), database.write() as db:
            if act == "enrol":
                enrol(db, person, course)
            else:
                withdraw_learner(db, enrolment_id)

    with ThreadPoolExecutor(times) as pool:
        list(pool.map(run, range(times)))
    with database.read() as db:
        [enrolment] = list_all(db, person)
        assert history(db, enrolment.id) == ["enrolled", "withdrawn"][: 1 if act == "enrol" else 2]


# ---- where it is offered ---------------------------------------------------------------------------------------------


def test_a_course_is_only_for_the_areas_that_offer_it_today(db: Session, course: Course) -> None:
    person = make_person(db)
    with pytest.raises(Refused, match="loopt nu niet"):
        enrol(db, person, course, area="onderwijs")
    withdraw_offer(db, course, AREA)
    with pytest.raises(Refused):
        enrol(db, person, course)
    offer_course(db, course, AREA, opened_on=TODAY + timedelta(days=1))
    with pytest.raises(Refused):
        enrol(db, person, course)
    with clock.moved_to(NOW + timedelta(days=1)):
        assert enrol(db, person, course).area == AREA


def test_the_last_day_of_an_offer_counts(db: Session, course: Course) -> None:
    offer = offer_course(db, course, AREA)
    offer.closed_on = TODAY
    assert enrol(db, make_person(db), course).id
    with clock.moved_to(NOW + timedelta(days=1)), pytest.raises(Refused):
        enrol(db, make_person(db), course)


def test_a_course_in_the_archive_takes_nobody_in(db: Session, course: Course) -> None:
    course.archived_at = NOW
    with pytest.raises(Refused):
        enrol(db, make_person(db), course)


def test_who_is_in_goes_on_after_the_offer_ended_but_only_where_it_was_offered(db: Session, course: Course) -> None:
    person = make_person(db)
    enrol(db, person, course)
    withdraw_offer(db, course, AREA)
    assert find_learner(db, person.id, course.slug, area=AREA) is not None
    assert find_learner(db, person.id, course.slug, area="onderwijs") is None


# ---- for which job ---------------------------------------------------------------------------------------------------


def test_area_and_organisation_are_those_of_her_job_and_stay_when_she_changes_it(db: Session, course: Course) -> None:
    person, school = make_person(db), make_organisation(db, area="onderwijs")
    job = employ(db, person, school, TODAY - timedelta(days=100))
    enrolment = enrol(db, person, course)
    assert (enrolment.employment_id, enrolment.organisation_id, enrolment.area) == (job.id, school.id, "onderwijs")
    job.ended_on = TODAY - timedelta(days=1)
    hospital = make_organisation(db, area="ziekenhuizen")
    employ(db, person, hospital, TODAY)
    school.area = "maatwerk"
    db.flush()
    assert (enrol(db, person, course).organisation_id, enrolment.area) == (school.id, "onderwijs")
    withdraw_learner(db, enrolment.id)
    assert (enrol(db, person, course).organisation_id, enrolment.area) == (hospital.id, "ziekenhuizen")


def test_without_a_job_the_area_is_where_she_enrolled(db: Session, course: Course) -> None:
    enrolment = enrol(db, make_person(db), course)
    assert (enrolment.employment_id, enrolment.organisation_id, enrolment.area) == (None, None, AREA)


def test_of_two_jobs_the_one_that_began_last_is_taken_or_the_one_that_is_named(db: Session, course: Course) -> None:
    person = make_person(db)
    older = employ(db, person, make_organisation(db), TODAY - timedelta(days=900))
    newer = employ(db, person, make_organisation(db), TODAY - timedelta(days=30))
    assert enrol(db, person, course).employment_id == newer.id
    withdraw_learner(db, find_one(db, person).id)
    assert enrol(db, person, course, employment_id=older.id).employment_id == older.id


def test_a_job_that_is_over_or_has_not_begun_is_not_hers_today(db: Session, course: Course) -> None:
    person = make_person(db)
    now = employ(db, person, make_organisation(db), TODAY - timedelta(days=900), TODAY)
    employ(db, person, make_organisation(db), TODAY + timedelta(days=1))
    employ(db, person, make_organisation(db), TODAY - timedelta(days=9), TODAY - timedelta(days=1))
    assert enrol(db, person, course).employment_id == now.id


def test_a_job_of_somebody_else_is_never_taken(db: Session, course: Course) -> None:
    other = employ(db, make_person(db), make_organisation(db, area="onderwijs"), TODAY)
    enrolment = enrol(db, make_person(db), course, employment_id=other.id)
    assert (enrolment.employment_id, enrolment.organisation_id, enrolment.area) == (None, None, AREA)
