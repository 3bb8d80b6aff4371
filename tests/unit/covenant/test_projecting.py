"""Statements become participations, whichever door they came through, in whatever order, however often."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts import services as accounts
from lms.accounts.events import PersonErased
from lms.accounts.models import Organisation, Person
from sectors.covenant.formats import load_covenant
from sectors.covenant.models import Milestone, Participation
from sectors.covenant.queries import compute_commitment
from sectors.covenant.queries.settings import Choice
from sectors.covenant.services import follow_forgotten, project_statements, reproject
from tests.factories.accounts import make_organisation, make_person
from tests.factories.courses import WELCOME, make_enrolment
from tests.factories.covenant import IRI_BASE, listen, make_counted_course, noon, said, tell, voiding
from tests.unit.covenant.oracle import Oracle
from xapi.standard.actor import ifi_of, mail_agents
from xapi.statements.events import ActorForgotten, StatementsStored
from xapi.statements.models import Statement, key_of
from xapi.statements.services import forget_person, store

JANUARY = date(2024, 1, 10)
VERBS_TOLD = ("initialized", "attended")


def rows(db: Session) -> list[tuple[Any, ...]]:
    """Every participation as plain values, without its own id."""
    db.expire_all()
    columns = [column for column in Participation.__table__.c if column.name != "id"]
    return sorted((tuple(row) for row in db.execute(sa.select(*columns))), key=repr)


def one_year(db: Session) -> list[Participation]:
    return list(db.scalars(sa.select(Participation).where(Participation.is_calendar.is_(False))))


def test_presence_makes_a_participation_count(db: Session, tmp_path: Path) -> None:
    listen(db)
    employer = make_organisation(db, area="gezinszorg", joint_committee="318.02")
    person = make_person(db, organisation=employer)
    course = make_counted_course(db, tmp_path, "tillen")
    tell(
        db,
        [
            said(person, "initialized", course, at=noon(JANUARY)),
            said(person, "attended", course, step="samen", at=noon(JANUARY + timedelta(days=7))),
        ],
        organisation=employer,
    )
    [found] = one_year(db)
    assert (found.person_id, found.course_id, found.year) == (person.id, course.id, "2023-2024")
    assert (found.started_on, found.counted_on) == (JANUARY, date(2024, 1, 17))
    assert (found.area, found.joint_committee, found.organisation_id) == ("gezinszorg", "318.02", employer.id)
    assert not found.is_education


def test_an_online_course_counts_when_it_is_completed(db: Session, tmp_path: Path) -> None:
    listen(db)
    person = make_person(db)
    course = make_counted_course(db, tmp_path, "online", steps=(WELCOME,))
    tell(db, [said(person, "initialized", course, at=noon(JANUARY))])
    assert one_year(db)[0].counted_on is None
    tell(db, [said(person, "completed", course, at=noon(date(2024, 2, 1)))])
    assert one_year(db)[0].counted_on == date(2024, 2, 1)


def test_a_course_of_one_sector_never_counts_for_the_intersectoral_offer(db: Session, tmp_path: Path) -> None:
    listen(db)
    course = make_counted_course(db, tmp_path, "alleen-hier", intersectoral=False)
    tell(db, [said(make_person(db), "attended", course, step="samen", at=noon(JANUARY))])
    assert one_year(db)[0].counted_on is None


def test_completing_a_step_is_not_completing_the_course(db: Session, tmp_path: Path) -> None:
    listen(db)
    person = make_person(db)
    course = make_counted_course(db, tmp_path, "online", steps=(WELCOME,))
    tell(
        db,
        [
            said(person, "initialized", course, at=noon(JANUARY)),
            said(person, "completed", course, step="welkom", at=noon(JANUARY)),
        ],
    )
    assert one_year(db)[0].completed_on is None


def test_somebody_without_an_account_is_counted_by_her_actor(db: Session, tmp_path: Path) -> None:
    listen(db)
    course = make_counted_course(db, tmp_path, "tillen")
    tell(db, [said("an@elders.be", "attended", course, at=noon(JANUARY))], area="onderwijs")
    tell(db, [said("an@ELDERS.be", "attended", course, at=noon(JANUARY))], area="onderwijs")
    [found] = one_year(db)
    assert (found.person_id, found.is_education) == (None, True)


def test_a_registration_of_ours_says_where_it_counts(db: Session, tmp_path: Path) -> None:
    listen(db)
    course = make_counted_course(db, tmp_path, "tillen")
    person = make_person(db)
    enrolment = make_enrolment(db, course, person=person, area="onderwijs")
    statement = said(person, "attended", course, at=noon(JANUARY))
    statement["context"] = {"registration": str(enrolment.uuid)}
    tell(db, [statement], area=None)
    assert (one_year(db)[0].area, one_year(db)[0].is_education) == ("onderwijs", True)


def test_what_is_no_course_of_ours_is_not_counted(db: Session) -> None:
    listen(db)
    tell(db, [said(make_person(db), "attended", "nergens", at=noon(JANUARY))])
    assert rows(db) == []
    assert db.scalar(sa.select(sa.func.count()).select_from(Milestone)) == 0


def _story(people: list[Person], courses: list[Any], random: Random) -> list[dict[str, Any]]:
    """Statements of two years, some of them taken back."""
    statements = []
    actors: list[Person | str] = [*people, "an@elders.be"]
    for _ in range(40):
        at = datetime(2023, 8, 1, 9, tzinfo=UTC) + timedelta(hours=random.randrange(16_000))
        actor = random.choice(actors)
        verb = random.choice(["initialized", "attended", "completed", "progressed"])
        step = random.choice(["", "samen"]) if verb == "attended" else ""
        statements.append(said(actor, verb, random.choice(courses), step=step, at=at))
    voided = random.sample(statements, 6)
    return statements + [voiding(it, at=datetime(2025, 6, 1, tzinfo=UTC)) for it in voided]


@pytest.mark.parametrize("seed", range(4))
def test_any_order_and_any_repeat_give_the_same_rows(db: Session, tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    db.info["leerlabo.iri_base"] = IRI_BASE
    heard: list[Any] = []
    db.info["leerlabo.events"].subscribe(StatementsStored, lambda _db, event: heard.extend(event.statements))
    people = [make_person(db, organisation=make_organisation(db)) for _ in range(3)]
    courses = [
        make_counted_course(db, tmp_path, "tillen"),
        make_counted_course(db, tmp_path, "online", steps=(WELCOME,)),
    ]
    store(db, _story(people, courses, random), area="gezinszorg")

    project_statements(db, StatementsStored(tuple(heard)))
    expected = rows(db)
    assert expected

    for _again in range(3):
        db.execute(sa.delete(Participation))
        db.execute(sa.delete(Milestone))
        shuffled = [*heard, *random.sample(heard, 10)]
        random.shuffle(shuffled)
        while shuffled:
            size = random.randrange(1, 8)
            project_statements(db, StatementsStored(tuple(shuffled[:size])))
            shuffled = shuffled[size:]
        assert rows(db) == expected


def test_the_record_can_be_read_again(db: Session, tmp_path: Path) -> None:
    listen(db)
    people = [make_person(db) for _ in range(3)]
    courses = [make_counted_course(db, tmp_path, "tillen")]
    tell(db, _story(people, courses, Random(7)))
    expected = rows(db)
    db.execute(sa.delete(Participation))
    db.execute(sa.delete(Milestone))
    read = reproject(db)
    assert rows(db) == expected
    assert 0 < read <= (db.scalar(sa.select(sa.func.count()).select_from(Statement)) or 0)


def test_who_is_erased_is_counted_under_her_new_number(db: Session, tmp_path: Path) -> None:
    listen(db)
    events = db.info["leerlabo.events"]
    events.subscribe(PersonErased, forget_person)
    events.subscribe(ActorForgotten, follow_forgotten)
    day = date(2025, 6, 30)
    person = make_person(db, email="an@elders.be")
    courses = [make_counted_course(db, tmp_path, "tillen"), make_counted_course(db, tmp_path, "praten")]
    address, sha1, other = *mail_agents("an@elders.be"), {"mbox": "mailto:jo@elders.be"}
    told = [said(person, "attended", courses[0], at=noon(JANUARY))]
    for actor in (address, sha1, other):
        told += [said("", verb, it, at=noon(JANUARY)) | {"actor": actor} for it in courses for verb in VERBS_TOLD]
    tell(db, told, organisation=make_organisation(db, area="gezinszorg", joint_committee="318.02"))
    db.execute(sa.update(Organisation).values(joint_committee="330"))
    before, counted = rows(db), rv3(db, day)
    assert counted == (7, 4)

    accounts.erase_person(db, person.id)

    keys = {key for (key,) in db.execute(sa.select(Milestone.person_key).union(sa.select(Participation.person_key)))}
    assert len(keys) == 4
    assert keys.isdisjoint({key_of(ifi_of(actor) or "") for actor in (address, sha1)})
    assert {person.uuid, key_of(ifi_of(other) or "")} < keys
    assert without_key(rows(db)) == without_key(before)
    oracle = Oracle(db, day)
    label = "2023-2024"
    assert rv3(db, day) == counted == (oracle.rv3(label), oracle.rv3(label, people=True))
    db.execute(sa.update(Organisation).values(joint_committee="318.02"))
    erased = rows(db)
    db.execute(sa.delete(Participation))
    db.execute(sa.delete(Milestone))
    reproject(db)
    assert rows(db) == erased


def without_key(rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return sorted((row[1:] for row in rows), key=repr)


def rv3(db: Session, day: date) -> tuple[Any, Any]:
    """Participations and people in the year of the story."""
    covenant = load_covenant("2023-2025")
    commitment = covenant.find_commitment("rv3")
    assert commitment is not None
    headline = compute_commitment(db, covenant, commitment, cut_off=day).headline
    people = compute_commitment(db, covenant, commitment, cut_off=day, choice=Choice(counts_people=True)).headline
    return headline.periods[0].figure, people.periods[0].figure


def test_progress_and_answers_cost_no_question(db: Session, tmp_path: Path) -> None:
    db.info["leerlabo.iri_base"] = IRI_BASE
    course = make_counted_course(db, tmp_path, "tillen")
    person = make_person(db)
    heard: list[StatementsStored] = []
    db.info["leerlabo.events"].subscribe(StatementsStored, lambda _db, event: heard.append(event))
    tell(db, [said(person, verb, course, step="welkom", at=noon(JANUARY)) for verb in ("progressed", "answered")])
    asked: list[str] = []
    sa.event.listen(db.connection(), "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    project_statements(db, heard[0])
    assert asked == []
