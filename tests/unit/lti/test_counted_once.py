"""Somebody who takes a course here and through a platform is one participation, once she is known to be one person.

What is counted is computed a second time, straight from the bytes of the statements and from who was joined with whom.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from uuid import UUID

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.assignments.models import Submission
from courses.catalogue.formats import Step, StepKind
from courses.catalogue.models import Course
from courses.certificates.models import Certificate
from courses.enrolment.models import Enrolment
from courses.enrolment.services import enrol_learner
from courses.progress.models import CourseProgress, StepProgress
from courses.progress.services import complete_step, learner_of, start_course
from courses.quizzes.models import Attempt
from courses.sessions.models import BOOKED, CANCELLED, WAITING, Booking, CourseSession
from lms.accounts.models import Employment, JoinedPerson, Person
from lms.accounts.queries import count_open_accounts
from lms.accounts.services import erase_person, join_person
from lms.app import connect_events
from lms.kernel import clock
from lms.kernel.errors import Refused
from lms.kernel.events import Events
from sectors.covenant.models import Milestone, Participation
from sectors.covenant.services import follow_joined, reproject
from tests.factories.accounts import make_organisation, make_person
from tests.factories.courses import WELCOME, make_course, make_outline
from tests.factories.covenant import IRI_BASE
from xapi.statements.models import Statement

AUTUMN = datetime(2023, 10, 2, 9, tzinfo=UTC)
SECOND = Step(
    id="verder", kind=StepKind.MODULE, title="Verder", minutes=5, complete_when="pages-seen", pages=WELCOME.pages
)
HERE, THERE = "here", "there"


@pytest.fixture
def events() -> Events:
    return connect_events()


@pytest.fixture
def house(db: Session) -> Session:
    db.info["leerlabo.iri_base"] = IRI_BASE
    db.info["leerlabo.base_url"] = "http://localhost"
    return db


def make_pair(db: Session) -> tuple[Person, Person]:
    """Somebody's account, and the person a platform made of her."""
    employer = make_organisation(db)
    account = make_person(db, organisation=employer, first_name="Emma", last_name="Peeters")
    brought = make_person(db, organisation=employer, email="", made_by="lti")
    return account, brought


def make_online(db: Session, folder: Path) -> Course:
    with clock.moved_to(datetime(2023, 1, 2, tzinfo=UTC)):
        return make_course(db, folder, make_outline(steps=(WELCOME, SECOND)))


def take(db: Session, person: Person, course: Course, *steps: str, on: datetime) -> int:
    """Enrol, begin, and do these steps; returns the enrolment."""
    with clock.moved_to(on):
        enrolment = enrol_learner(db, person_id=person.id, course_id=course.id, area="gezinszorg")
        learner, outline = learner_of(db, enrolment.id)
        start_course(db, learner)
        for number, step in enumerate(steps, 1):
            found = outline.step(step)
            assert found is not None
            with clock.moved_to(on + timedelta(hours=number)):
                complete_step(db, learner, outline, found)
    return enrolment.id


def counted(db: Session) -> set[tuple[UUID, str, str, str | None]]:
    """Who is counted in which course and covenant year, and when she completed it, by the covenant."""
    rows = db.execute(
        sa.select(Participation.person_key, Course.slug, Participation.year, Participation.completed_on)
        .join(Course, Course.id == Participation.course_id)
        .where(Participation.is_calendar.is_(False))
    )
    return {(key, slug, year, day.isoformat() if day else None) for key, slug, year, day in rows}


def payloads(db: Session) -> dict[UUID, bytes]:
    """The bytes of every statement."""
    return {row.uuid: row.payload for row in db.execute(sa.select(Statement.uuid, Statement.payload))}


def from_statements(db: Session) -> set[tuple[UUID, str, str, str | None]]:
    """The same, from what the statements say."""
    into = {row.person_id: row.into_id for row in db.scalars(sa.select(JoinedPerson))}
    people = {row.id: row.uuid for row in db.scalars(sa.select(Person))}
    account = {str(uuid): people[into.get(person_id, person_id)] for person_id, uuid in people.items()}
    told: dict[tuple[UUID, str], dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for payload in db.scalars(sa.select(Statement.payload)):
        said: dict[str, Any] = orjson.loads(payload)
        parts = said["object"]["id"].removeprefix(f"{IRI_BASE}activity/").split("/")
        if len(parts) == 1:
            who = account[said["actor"]["account"]["name"]]
            told[who, parts[0]][said["verb"]["id"].rsplit("/", 1)[1]].append(said["timestamp"])
    return {
        (who, slug, "2023-2024", min(verbs["completed"])[:10] if verbs["completed"] else None)
        for (who, slug), verbs in told.items()
        if verbs["initialized"]
    }


@pytest.mark.parametrize("first", [HERE, THERE])
@pytest.mark.parametrize("linked", ["before", "between", "after"])
def test_the_same_course_by_both_doors_is_one_participation(
    house: Session, tmp_path: Path, first: str, linked: str
) -> None:
    account, brought = make_pair(house)
    course = make_online(house, tmp_path)
    doors = [(account, "welkom"), (brought, "verder")] if first == HERE else [(brought, "verder"), (account, "welkom")]

    for number, (person, step) in enumerate(doors):
        if linked == ("before", "between")[number]:
            join_person(house, brought.id, into_id=account.id)
        who = account if house.get(JoinedPerson, brought.id) else person
        take(house, who, course, step, on=AUTUMN + timedelta(days=7 * number))
    if linked == "after":
        assert len(counted(house)) == 2
        with clock.moved_to(AUTUMN + timedelta(days=30)):
            join_person(house, brought.id, into_id=account.id)

    assert counted(house) == {(account.uuid, course.slug, "2023-2024", "2023-10-09")}
    assert counted(house) == from_statements(house)
    [enrolment] = house.scalars(sa.select(Enrolment).where(Enrolment.person_id == account.id))
    progress = house.get_one(CourseProgress, enrolment.id, populate_existing=True)
    assert (enrolment.withdrawn_at, progress.steps_done) == (None, 2)
    assert progress.completed_at == AUTUMN + timedelta(days=7, hours=1)


def test_who_completed_it_twice_completed_it_the_first_time(house: Session, tmp_path: Path) -> None:
    account, brought = make_pair(house)
    course = make_online(house, tmp_path)
    take(house, brought, course, "welkom", "verder", on=AUTUMN)
    take(house, account, course, "welkom", "verder", on=AUTUMN + timedelta(days=90))
    statements = house.scalar(sa.select(sa.func.count()).select_from(Statement))
    join_person(house, brought.id, into_id=account.id)
    assert counted(house) == from_statements(house) == {(account.uuid, course.slug, "2023-2024", "2023-10-02")}
    assert house.scalar(sa.select(sa.func.count()).select_from(Statement)) == statements  # nothing new was learnt


def test_nobody_is_counted_together_with_another_person(house: Session, tmp_path: Path) -> None:
    account, brought = make_pair(house)
    _other, stranger = make_pair(house)
    course = make_online(house, tmp_path)
    for person in (account, brought, stranger):
        take(house, person, course, "welkom", on=AUTUMN)
    join_person(house, brought.id, into_id=account.id)
    assert {key for key, *_rest in counted(house)} == {account.uuid, stranger.uuid}
    assert counted(house) == from_statements(house)


def test_statements_are_never_rewritten(house: Session, tmp_path: Path) -> None:
    account, brought = make_pair(house)
    course = make_online(house, tmp_path)
    take(house, account, course, "welkom", on=AUTUMN)
    take(house, brought, course, "welkom", on=AUTUMN)
    before = payloads(house)
    join_person(house, brought.id, into_id=account.id)
    assert payloads(house) == before


def test_reading_the_record_again_gives_the_same_count(house: Session, tmp_path: Path) -> None:
    account, brought = make_pair(house)
    course = make_online(house, tmp_path)
    take(house, brought, course, "welkom", on=AUTUMN)
    take(house, account, course, "verder", on=AUTUMN)
    join_person(house, brought.id, into_id=account.id)
    expected = counted(house)
    house.execute(sa.delete(Participation))
    house.execute(sa.delete(Milestone))
    reproject(house)
    assert counted(house) == expected == from_statements(house)


def test_a_milestone_that_missed_the_joining_is_found_at_night(house: Session, tmp_path: Path) -> None:
    account, brought = make_pair(house)
    course = make_online(house, tmp_path)
    take(house, brought, course, "welkom", on=AUTUMN)
    house.add(JoinedPerson(person_id=brought.id, into_id=account.id, joined_at=AUTUMN))
    house.flush()
    assert {key for key, *_rest in counted(house)} == {brought.uuid}
    follow_joined(house)
    follow_joined(house)
    assert {key for key, *_rest in counted(house)} == {account.uuid}


def test_what_hangs_on_an_enrolment_comes_along(house: Session, tmp_path: Path) -> None:
    account, brought = make_pair(house)
    course = make_online(house, tmp_path)
    here = take(house, account, course, "welkom", on=AUTUMN)
    there = take(house, brought, course, "welkom", on=AUTUMN)
    house.add_all(
        [
            attempt(here, 1, passed=False, day=1),
            attempt(there, 1, passed=True, day=2),
            attempt(here, 2, passed=False, day=3),
            Submission(enrolment_id=here, step="praktijk", text="begin", saved_at=AUTUMN),
            Submission(enrolment_id=there, step="praktijk", text="klaar", saved_at=AUTUMN, handed_in_at=AUTUMN),
            Submission(enrolment_id=there, step="extra", text="ook", saved_at=AUTUMN),
            certificate(there),
        ]
    )
    place = booking(house, course, brought, there)
    join_person(house, brought.id, into_id=account.id)
    house.expire_all()

    attempts = house.scalars(sa.select(Attempt).where(Attempt.enrolment_id == here).order_by(Attempt.number)).all()
    assert [(row.number, row.passed) for row in attempts] == [(1, False), (2, False), (3, True)]
    handed = house.scalars(sa.select(Submission).where(Submission.enrolment_id == here)).all()
    assert {(row.step, row.text) for row in handed} == {("praktijk", "klaar"), ("extra", "ook")}
    assert house.scalars(sa.select(Certificate.enrolment_id)).all() == [here]
    moved = house.get_one(Booking, place)
    assert (moved.person_id, moved.enrolment_id, moved.state) == (account.id, here, BOOKED)
    left = house.get_one(Enrolment, there)
    assert left.withdrawn_at is not None
    assert house.scalars(sa.select(StepProgress.step).where(StepProgress.enrolment_id == there)).all() == ["welkom"]


@pytest.mark.parametrize(
    ("account_has", "she_has", "kept"),
    [
        (CANCELLED, BOOKED, BOOKED),
        (CANCELLED, WAITING, WAITING),
        (WAITING, BOOKED, BOOKED),
        (BOOKED, WAITING, BOOKED),
        (BOOKED, CANCELLED, BOOKED),
        (CANCELLED, CANCELLED, CANCELLED),
    ],
)
def test_of_two_places_at_a_meeting_the_better_is_kept(
    house: Session, tmp_path: Path, account_has: str, she_has: str, kept: str
) -> None:
    account, brought = make_pair(house)
    course = make_online(house, tmp_path)
    here, there = take(house, account, course, on=AUTUMN), take(house, brought, course, on=AUTUMN)
    own = house.get_one(Booking, booking(house, course, account, here))
    own.state = account_has
    theirs = Booking(
        session_id=own.session_id, person_id=brought.id, enrolment_id=there, state=she_has, turn=2, asked_at=AUTUMN
    )
    house.add(theirs)
    house.flush()
    join_person(house, brought.id, into_id=account.id)
    house.expire_all()
    states = {row.person_id: row.state for row in house.scalars(sa.select(Booking))}
    assert states[account.id] == kept
    assert states.get(brought.id, CANCELLED) == CANCELLED


def test_an_enrolment_the_account_had_not_goes_to_it_as_it_is(house: Session, tmp_path: Path) -> None:
    account, brought = make_pair(house)
    course = make_online(house, tmp_path)
    there = take(house, brought, course, "welkom", on=AUTUMN)
    place = booking(house, course, brought, there)
    join_person(house, brought.id, into_id=account.id)
    house.expire_all()
    enrolment = house.get_one(Enrolment, there)
    assert (enrolment.person_id, enrolment.withdrawn_at) == (account.id, None)
    assert house.get_one(Booking, place).person_id == account.id
    assert counted(house) == from_statements(house)


def test_who_left_here_and_learns_there_is_in_the_course(house: Session, tmp_path: Path) -> None:
    account, brought = make_pair(house)
    course = make_online(house, tmp_path)
    here = take(house, account, course, on=AUTUMN)
    house.get_one(Enrolment, here).withdrawn_at = AUTUMN
    take(house, brought, course, "welkom", on=AUTUMN)
    join_person(house, brought.id, into_id=account.id)
    assert house.get_one(Enrolment, here, populate_existing=True).withdrawn_at is None


def test_the_person_a_platform_made_is_no_account_any_more(house: Session) -> None:
    account, brought = make_pair(house)
    other = make_organisation(house)
    house.execute(sa.update(Employment).where(Employment.person_id == brought.id).values(organisation_id=other.id))
    before = count_open_accounts(house)
    join_person(house, brought.id, into_id=account.id)
    join_person(house, brought.id, into_id=account.id)
    assert count_open_accounts(house) == before - 1
    jobs = house.scalars(sa.select(Employment.organisation_id).where(Employment.person_id == account.id)).all()
    assert other.id in jobs
    assert len(jobs) == 2


def test_only_a_platforms_person_is_joined_and_only_once_and_only_with_an_open_account(house: Session) -> None:
    account, brought = make_pair(house)
    other, brought_too = make_pair(house)
    with pytest.raises(Refused):
        join_person(house, other.id, into_id=account.id)
    with pytest.raises(Refused):
        join_person(house, brought.id, into_id=brought_too.id)
    join_person(house, brought.id, into_id=account.id)
    with pytest.raises(Refused):
        join_person(house, brought.id, into_id=other.id)
    other.blocked_at = AUTUMN
    with pytest.raises(Refused):
        join_person(house, brought_too.id, into_id=other.id)


def test_erasing_an_account_erases_who_was_joined_with_it_and_keeps_the_count(house: Session, tmp_path: Path) -> None:
    account, brought = make_pair(house)
    course = make_online(house, tmp_path)
    take(house, account, course, "welkom", on=AUTUMN)
    take(house, brought, course, "welkom", on=AUTUMN)
    join_person(house, brought.id, into_id=account.id)
    expected = counted(house)
    erase_person(house, account.id)
    house.expire_all()
    assert house.get_one(Person, brought.id).first_name == "–"
    assert counted(house) == expected


def attempt(enrolment_id: int, number: int, *, passed: bool, day: int) -> Attempt:
    at = AUTUMN + timedelta(days=day)
    values = {"number": number, "started_at": at, "finished_at": at, "passed": passed, "score": Decimal(80)}
    return Attempt(enrolment_id=enrolment_id, step="toets", **values)


def certificate(enrolment_id: int) -> Certificate:
    return Certificate(
        code="ABCD2345EFGH",
        enrolment_id=enrolment_id,
        person_name="Emma Peeters",
        title="Attest",
        course_title="Rustig helpen",
        area="gezinszorg",
        issued_at=AUTUMN,
    )


def booking(db: Session, course: Course, person: Person, enrolment_id: int) -> int:
    starts_at = clock.now() + timedelta(days=30)
    session = CourseSession(
        course_id=course.id,
        step="samen",
        title="Samen",
        mode="classroom",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        seats=10,
        contact_hours=Decimal(2),
        created_at=AUTUMN,
    )
    db.add(session)
    db.flush()
    row = Booking(
        session_id=session.id,
        person_id=person.id,
        enrolment_id=enrolment_id,
        state=BOOKED,
        turn=1,
        asked_at=AUTUMN,
    )
    db.add(row)
    db.flush()
    return row.id
