"""Emma works in gezinszorg; a course with a step of each kind is offered there, and not in onderwijs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from courses.catalogue.formats import Block, BlockKind, Page, Step, StepKind
from courses.quizzes.formats import read_gift
from courses.quizzes.formats.questions import question_to_json
from lms.accounts.models import Organisation, Person
from lms.kernel import clock
from lms.kernel.config import Settings
from lms.kernel.db import Database
from tests.factories.accounts import make_organisation, make_person, sign_in_as
from tests.factories.courses import AFTERWARDS, PRACTICE, TOGETHER, make_course, make_outline
from tests.factories.sessions import NOW, make_session
from tests.web.page import Form
from tests.web.page import Page as Shown
from tests.web.visitor import Visitor

COURSE = "/gezinszorg/courses/rustig-helpen"
STEPS = f"{COURSE}/steps"
QUESTIONS = """
::eerst:: Wat doe je eerst? {=Kijken#Goed. ~Overnemen#Laat je collega zelf doen.}

::waar:: Haast helpt. {FALSE#Neem je tijd.#Juist gezien.}
"""
EXERCISE = "::kiezen:: Wat zeg je? {=Toon eens#Ja, zo leert ze. ~Geef maar hier#Dan leert ze niets.}"


def questions(gift: str) -> tuple[dict[str, object], ...]:
    return tuple(question_to_json(question) for question in read_gift(gift.encode()).questions)


def page(page_id: str, title: str, *blocks: Block) -> Page:
    words = Block(kind=BlockKind.HTML, html=f"<p>Lees {title}.</p>")
    return Page(id=page_id, title=title, blocks=(words, *blocks))


REFLECTION = Block(kind=BlockKind.REFLECTION, id="idee", prompt="Welke collega wil je helpen?")
[KIEZEN] = questions(EXERCISE)
LEARN = Step(
    id="leren",
    kind=StepKind.MODULE,
    title="Leren helpen",
    minutes=12,
    complete_when="pages-seen",
    pages=(
        page("start", "Start"),
        page("denk", "Denk na", REFLECTION),
        page("oefen", "Oefen", Block(kind=BlockKind.EXERCISE, id="kiezen", question=KIEZEN)),
    ),
)
QUIZ = Step(
    id="toets",
    kind=StepKind.QUIZ,
    title="Toets",
    minutes=5,
    complete_when="passed",
    questions=questions(QUESTIONS),
    pass_mark=70,
    attempts=2,
    requires=("leren",),
)
TASK = msgspec.structs.replace(PRACTICE, complete_when="accepted", requires=("toets",))


@dataclass(frozen=True)
class House:
    """What a test finds there."""

    emma: Visitor
    person: Person
    employer: Organisation
    course_id: int
    session: str
    full_session: str


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.moved_to(NOW):
        yield


@pytest.fixture
def house(database: Database, settings: Settings, another_visitor: Callable[[], Visitor]) -> House:
    """The course, its meetings, and Emma at her browser; she is not enrolled yet."""
    folder = Path(settings.storage_url.removeprefix("file://"))
    outline = make_outline(steps=(LEARN, QUIZ, TOGETHER, TASK, AFTERWARDS))
    outline = msgspec.structs.replace(outline, certificate="Deelnameattest Rustig helpen", online_hours="1.5")
    with database.write() as db:
        employer = make_organisation(db, name="Thuiszorg De Brug")
        person = make_person(db, organisation=employer, first_name="Emma", last_name="Peeters")
        course = make_course(db, folder, outline)
        make_course(db, folder, make_outline("rustig-leren", title="Rustig leren", areas=("onderwijs",)))
        session, full = make_session(db, course), make_session(db, course, seats=1)
    emma = another_visitor()
    sign_in_as(emma, person)
    return House(emma, person, employer, course.id, str(session.uuid), str(full.uuid))


@contextmanager
def count_queries(database: Database) -> Iterator[list[str]]:
    """The SQL statements that are sent inside the block."""
    sent: list[str] = []

    def listen(_connection: sa.Connection, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", listen)
    try:
        yield sent
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", listen)


def form_of(shown: Shown, action: str) -> Form:
    """The form that leads there; a page may show it twice, for a small and for a large screen."""
    return next(form for form in shown.forms() if form.action.endswith(action))


def enrol(house: House) -> Shown:
    """Emma enrols; her course page."""
    return house.emma.submit(form_of(house.emma.page(COURSE), "/enrolment"))


def read_module(house: House) -> Shown:
    """Emma presses *Volgende* on every page of the module; the screen that says it is done."""
    shown = house.emma.page(f"{STEPS}/leren/pages/start")
    for _page in LEARN.pages:
        shown = house.emma.submit(form_of(shown, shown.url))
    return shown


def pass_quiz(house: House) -> Shown:
    """Emma answers everything right; the result."""
    shown = house.emma.submit(form_of(house.emma.page(f"{STEPS}/toets/quiz"), "/attempts"))
    for answer in ("a", "false"):
        shown = house.emma.submit(form_of(shown, shown.url), answer=answer)
        shown = house.emma.page(shown.links()["Volgende"])
    return shown
