"""Courses and learners for tests, made as the product makes them; only what a test says differs from the plain case."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from courses.catalogue.formats import AssignmentPlan, Block, BlockKind, Outline, Page, SessionPlan, Step, StepKind
from courses.catalogue.models import Course
from courses.catalogue.queries import get_course
from courses.catalogue.services import prepare_version, publish_version, set_offers
from courses.enrolment.models import Enrolment
from lms.accounts.models import Person
from lms.kernel.storage import Storage
from tests.factories import accounts

IRI_BASE = "https://leerlabo.test/"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)

WELCOME = Step(
    id="welkom",
    kind=StepKind.MODULE,
    title="Welkom",
    minutes=10,
    complete_when="pages-seen",
    pages=(Page(id="start", title="Start", blocks=(Block(kind=BlockKind.HTML, html="<p>Dag.</p>"),)),),
)
TOGETHER = Step(
    id="samen",
    kind=StepKind.SESSION,
    title="Samen oefenen",
    minutes=120,
    complete_when="attended",
    session=SessionPlan(mode="classroom", contact_hours="2", bring="Je gsm."),
)
PRACTICE = Step(
    id="praktijk",
    kind=StepKind.ASSIGNMENT,
    title="Help één collega",
    minutes=45,
    complete_when="handed-in",
    assignment=AssignmentPlan(hand_in="either", about="<p>Help één collega.</p>"),
)
AFTERWARDS = Step(
    id="terugblik",
    kind=StepKind.FOLLOW_UP,
    title="Terugblik",
    minutes=10,
    complete_when="pages-seen",
    pages=WELCOME.pages,
    after="samen",
    release_days=14,
)


def make_outline(
    slug: str = "rustig-helpen",
    *,
    title: str = "Rustig helpen",
    steps: tuple[Step, ...] = (WELCOME, TOGETHER, PRACTICE, AFTERWARDS),
    areas: tuple[str, ...] = ("gezinszorg",),
) -> Outline:
    """A small course with one step of each kind that needs no questions."""
    return Outline(
        id=slug,
        title=title,
        summary="Je leert rustig helpen.",
        language="nl",
        steps=steps,
        areas=areas,
        topic="digitaal",
        cost="Gratis. Het vormingsfonds betaalt.",
        cancellation="Annuleren is gratis tot en met 3 dagen vooraf.",
    )


def make_course(db: Session, folder: Path, outline: Outline | None = None) -> Course:
    """A published course, offered where its outline says. `folder` keeps its files."""
    outline = outline or make_outline()
    publish_version(db, prepare_version(outline, {}, storage=Storage(f"file://{folder}")), published_by=None)
    course = get_course(db, outline.id)
    set_offers(db, course, outline.areas)
    return course


def make_person(db: Session, first_name: str = "Emma", last_name: str = "Peeters", *, email: str = "") -> Person:
    """Somebody with an account and a plain name. Without `email` an address of her own is made up."""
    if email:
        return accounts.make_person(db, first_name=first_name, last_name=last_name, email=email)
    return accounts.make_person(db, first_name=first_name, last_name=last_name)


def make_enrolment(db: Session, course: Course, *, area: str = "gezinszorg", person: Person | None = None) -> Enrolment:
    """Somebody in a course, without an employer."""
    person = person or make_person(db)
    enrolment = Enrolment(person_id=person.id, course_id=course.id, area=area, enrolled_at=NOON)
    db.add(enrolment)
    db.flush()
    return enrolment
