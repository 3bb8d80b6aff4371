"""Two covenant years of a small sector, seeded: made through the services people use, with some of everything."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any

import msgspec
from sqlalchemy.orm import Session

from courses.catalogue.formats import SessionPlan, Step
from courses.catalogue.models import Course
from courses.catalogue.services import offer_course
from courses.enrolment.models import Enrolment
from courses.enrolment.queries import get_learner
from courses.progress.models import CourseProgress, StepProgress
from courses.sessions.models import CourseSession
from courses.sessions.services import SessionDetails, add_walk_in, hold_session, plan_session
from lms.accounts import services as accounts
from lms.accounts.models import Organisation, Person
from lms.kernel import clock
from sectors.areas import all_areas
from sectors.covenant.formats import Covenant, load_covenant
from sectors.covenant.services import NewEvidence, add_absence, add_evidence, withdraw_evidence
from tests.factories.accounts import establishment_number, make_organisation, make_person
from tests.factories.courses import AFTERWARDS, PRACTICE, TOGETHER, WELCOME
from tests.factories.covenant import make_counted_course, noon, said, tell

LIVE = msgspec.structs.replace(TOGETHER, session=SessionPlan(mode="webinar", contact_hours="1.5"))
DAY_TWO = msgspec.structs.replace(TOGETHER, id="dag-2", title="Dag 2")
LATER = msgspec.structs.replace(WELCOME, id="nadien", title="Nadien")
FIRST, LAST = date(2023, 7, 1), date(2025, 6, 30)

COURSES: dict[str, tuple[bool, tuple[str, ...], tuple[Step, ...]]] = {
    "samen-leren": (True, ("innovative",), (WELCOME, TOGETHER)),
    "tillen": (True, (), (WELCOME, TOGETHER)),
    "online-leren": (True, (), (WELCOME,)),
    "alleen-hier": (False, ("ziedet",), (WELCOME, TOGETHER)),
    "delegees": (False, ("delegates-meeting",), (TOGETHER,)),
    "leerbeleid": (False, ("ld-webinar",), (WELCOME, LIVE)),
    "netwerk": (False, ("network-331",), (WELCOME,)),
    "maatwerk": (False, ("maatwerk-online",), (WELCOME, LIVE, PRACTICE)),
    "pad-a": (False, ("path-319.01",), (WELCOME, TOGETHER)),
    "pad-b": (False, ("path-319.01",), (WELCOME,)),
    "coach": (True, ("digicoach", "innovative"), (WELCOME, TOGETHER, AFTERWARDS)),
    "admin": (False, ("administration",), (WELCOME, LATER)),
    "goesting": (False, ("goesting",), (TOGETHER,)),
    "traject": (False, ("track",), (TOGETHER, DAY_TWO)),
    "verdieping": (False, ("deepening",), (TOGETHER,)),
}


@dataclass
class Story:
    """Who and what there is."""

    covenant: Covenant
    organisations: list[Organisation] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    employer: dict[int, Organisation] = field(default_factory=dict)
    courses: dict[str, Course] = field(default_factory=dict)
    enrolments: dict[tuple[int, int], Enrolment] = field(default_factory=dict)


def tell_story(db: Session, folder: Path, seed: int, *, size: int = 24, rounds: int = 3) -> Story:
    """Organisations of every area, people, courses with every mark, two years of learning, meetings and evidence."""
    random = Random(seed)
    story = Story(load_covenant("2023-2025"))
    with clock.moved_to(datetime(2023, 2, 1, 9, tzinfo=UTC)):
        _make_people(db, story, random, size)
    for slug, (intersectoral, marks, steps) in COURSES.items():
        story.courses[slug] = make_counted_course(
            db, folder, slug, intersectoral=intersectoral, marks=marks, steps=steps
        )
    _offer(db, story, random)
    _learn(db, story, random, size)
    _meet(db, story, random, rounds)
    _evaluate(db, story, random)
    _enter(db, story, random)
    return story


def _make_people(db: Session, story: Story, random: Random, size: int) -> None:
    for slug, area in all_areas().items():
        story.organisations.append(make_organisation(db, area=slug, joint_committee=area.joint_committee))
    for number in range(size):
        organisation = random.choice(story.organisations)
        person = make_person(db)
        place = None
        if number % 3:
            digits = establishment_number(1000 + person.id)
            place = accounts.add_establishment(db, organisation.id, name="Campus", number=digits).id
        title = "Vakbondssecretaris" if number % 11 == 0 else "Medewerker"
        accounts.employ(
            db, person.id, organisation.id, establishment_id=place, job_title=title, started_on=date(2023, 1, 1)
        )
        if number % 7 == 0:  # two employers: two workplaces
            accounts.employ(db, person.id, random.choice(story.organisations).id, started_on=date(2024, 1, 1))
        story.people.append(person)
        story.employer[person.id] = organisation
    story.people[1].is_test = True
    story.people[2].blocked_at = datetime(2024, 5, 5, tzinfo=UTC)
    story.people[3].erased_at = datetime(2024, 9, 9, tzinfo=UTC)
    db.flush()


def _offer(db: Session, story: Story, random: Random) -> None:
    for slug in all_areas():
        course = random.choice(list(story.courses.values()))
        offer = offer_course(db, course, slug, opened_on=_day(random))
        if random.random() < 0.2:
            offer.closed_on = offer.opened_on + timedelta(days=60)
    db.flush()


def _day(random: Random, first: date = FIRST, last: date = LAST) -> date:
    return first + timedelta(days=random.randrange((last - first).days + 1))


def _learn(db: Session, story: Story, random: Random, size: int) -> None:
    for _number in range(size * 6):
        person, course = random.choice(story.people), random.choice(list(story.courses.values()))
        employer = story.employer[person.id]
        begun = _day(random, FIRST - timedelta(days=40), LAST + timedelta(days=40))
        statements = [said(person, "initialized", course, at=noon(begun))]
        if random.random() < 0.6:
            later = begun + timedelta(days=random.randrange(120))
            statements.append(said(person, "completed", course, at=noon(later)))
        if random.random() < 0.5:
            later = begun + timedelta(days=random.randrange(400))
            minutes = random.choice(["", "PT10M", "PT1H30M"])
            statements.append(said(person, "attended", course, step="samen", at=noon(later), duration=minutes))
        random.shuffle(statements)
        tell(db, statements, area=employer.area, organisation=employer)


def enrol(db: Session, story: Story, person: Person, course: Course) -> Enrolment:
    """The one enrolment of this person in this course."""
    key = (person.id, course.id)
    if key not in story.enrolments:
        employer = story.employer[person.id]
        enrolment = Enrolment(
            person_id=person.id,
            course_id=course.id,
            organisation_id=employer.id,
            area=employer.area,
            enrolled_at=noon(FIRST),
        )
        db.add(enrolment)
        db.flush()
        story.enrolments[key] = enrolment
    return story.enrolments[key]


def _meet(db: Session, story: Story, random: Random, rounds: int) -> None:
    plans = [(slug, step.id) for slug, (_i, _m, steps) in COURSES.items() for step in steps if step.session]
    for slug, step in plans * rounds:
        course = story.courses[slug]
        mode = "webinar" if COURSES[slug][2] and any(it is LIVE for it in COURSES[slug][2]) else "classroom"
        session = _plan(db, course, step, mode, _day(random), random)
        if random.random() < 0.85:
            _hold(db, story, session, course, random)


def _plan(db: Session, course: Course, step: str, mode: str, day: date, random: Random) -> CourseSession:
    starts_at = datetime.combine(day, time(8), UTC)
    details = SessionDetails(
        title=f"{course.title} {day}",
        mode=mode,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=2),
        seats=random.randrange(5, 20),
        contact_hours=Decimal("1.5"),
        place="" if mode == "webinar" else "Zaal De Gaard",
        address="" if mode == "webinar" else "Gaardstraat 12, Gent",
        link="https://samen.example.org/x" if mode == "webinar" else "",
        area=random.choice([None, "onderwijs"]) if "ziedet" in course.marks else None,
    )
    with clock.moved_to(starts_at - timedelta(days=30)):
        return plan_session(db, course_id=course.id, step=step, details=details)


def _hold(db: Session, story: Story, session: CourseSession, course: Course, random: Random) -> None:
    with clock.moved_to(session.ends_at + timedelta(hours=1)):
        open_to = [it for it in story.people if session.area in (None, story.employer[it.id].area)]
        for person in random.sample(open_to, min(len(open_to), random.randrange(2, 9))):
            add_walk_in(db, session, enrol(db, story, person, course).id, by_person_id=None)
        if random.random() < 0.9:
            hold_session(db, session, by_person_id=None)


def _evaluate(db: Session, story: Story, random: Random) -> None:
    """Some digicoaches complete the course and its follow-up."""
    course = story.courses["coach"]
    for person in random.sample(story.people, min(12, len(story.people))):
        enrolment = enrol(db, story, person, course)
        learner = get_learner(db, enrolment.id)
        day = _day(random)
        employer = story.employer[person.id]
        tell(
            db,
            [said(person, "initialized", course, at=noon(day)), said(person, "completed", course, at=noon(day))],
            area=employer.area,
            organisation=employer,
        )
        if db.get(CourseProgress, learner.enrolment_id) is None:
            db.add(CourseProgress(enrolment_id=enrolment.id, started_at=noon(day), touched_at=noon(day)))
        db.add(
            StepProgress(
                enrolment_id=enrolment.id,
                step="terugblik",
                pages_done=["start"],
                started_at=noon(day),
                completed_at=noon(day + timedelta(days=20)) if random.random() < 0.7 else None,
            )
        )
    db.flush()


def _enter(db: Session, story: Story, random: Random) -> None:
    covenant = story.covenant
    with clock.moved_to(datetime(2025, 8, 1, 9, tzinfo=UTC)):
        for commitment in covenant.commitment:
            if commitment.takes_evidence:
                for _number in range(random.randrange(4, 14)):
                    _enter_one(db, story, commitment, random)
        add_absence(
            db,
            covenant,
            first_day=date(2024, 1, 1),
            last_day=date(2024, 4, 9),
            fte=Decimal(1),
            note="",
            by_person_id=None,
        )


def _enter_one(db: Session, story: Story, commitment: Any, random: Random) -> None:
    courses = [slug for slug, course in story.courses.items() if course.is_intersectoral or slug.startswith("pad")]
    named: Sequence[str] = list(commitment.items) or courses
    evidence = add_evidence(
        db,
        story.covenant,
        commitment,
        NewEvidence(
            items=(random.choice(named),),
            dated_on=_day(random),
            title=f"Stuk {random.randrange(4)}",
            value=Decimal(random.randrange(0, 90)),
            note="In de map van het team.",
        ),
        by_person_id=None,
    )
    if random.random() < 0.2:
        with clock.moved_to(noon(_day(random))):
            withdraw_evidence(db, story.covenant, evidence.uuid, reason="Dubbel.", by_person_id=None)
