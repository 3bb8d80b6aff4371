"""Somebody is erased: what named her and what she wrote is gone from every corner, and what counts stays."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import orjson
import sqlalchemy as sa

from courses.assignments.formats import HandedFile
from courses.assignments.models import Submission
from courses.assignments.services import hand_in, keep_file
from courses.catalogue.formats import Block, BlockKind, Step, StepKind
from courses.catalogue.queries import get_course
from courses.certificates.models import Certificate
from courses.enrolment.queries import get_learner
from courses.enrolment.services.statements import Verb
from courses.progress.models import PageAnswer, StepProgress
from courses.progress.services import leave_page, save_page_answer
from courses.quizzes.formats import question_to_json, read_gift
from courses.quizzes.models import Answer
from courses.quizzes.services import answer_question
from lms.accounts.services import erase_person
from lms.app import connect_jobs
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.jobs import run_due
from lms.kernel.storage import Storage
from tests.factories.accounts import make_person
from tests.factories.courses import PRACTICE, WELCOME, make_course, make_enrolment, make_outline
from tests.web.visitor import Visitor
from xapi.statements.models import Statement

QUESTION = Block(kind=BlockKind.REFLECTION, id="idee", prompt="Wie wil je helpen?")
PAGE = msgspec.structs.replace(WELCOME.pages[0], blocks=(QUESTION,))
TYPED = "::buur:: Wie helpt je? {=Jos}"
QUIZ = Step(
    id="toets",
    kind=StepKind.QUIZ,
    title="Toets",
    minutes=5,
    complete_when="passed",
    questions=tuple(question_to_json(question) for question in read_gift(TYPED.encode()).questions),
)
STEPS = (msgspec.structs.replace(WELCOME, pages=(PAGE,)), PRACTICE, QUIZ)
OUTLINE = msgspec.structs.replace(make_outline(steps=STEPS), certificate="Deelnameattest")
PHOTO = HandedFile("Emma en Jos.png", b"\x89PNG\r\n\x1a\n...")


def learn(database: Database, settings: Settings) -> int:
    """Emma writes down an idea, hands in a photo twice, answers, and has her certificate; returns her id."""
    storage = Storage(settings.storage_url)
    with database.write() as db:
        course = make_course(db, Path(settings.storage_url.removeprefix("file://")), OUTLINE)
        emma = make_person(db, first_name="Emma", last_name="Peeters")
        learner = get_learner(db, make_enrolment(db, course, person=emma).id)
        save_page_answer(db, learner, "welkom", "idee", ["Mijn collega Jos"])
        leave_page(db, learner, "welkom", "start")
        for _time in range(2):
            hand_in(db, learner, PRACTICE, text="Ik hielp Jos.", file=keep_file(learner, PHOTO, storage=storage))
        answer_question(db, learner, QUIZ, "buur", ["Jos"])
        keep_file(learner, PHOTO, storage=storage)  # sent, and refused before it was handed in
    return emma.id


def test_nothing_names_her_and_nothing_she_wrote_stays(
    database: Database, settings: Settings, visitor: Visitor
) -> None:
    storage, handlers = Storage(settings.storage_url), connect_jobs(settings)
    emma_id = learn(database, settings)
    run_due(database, handlers)
    assert len(storage.list("submissions")) == 2  # the photo that was replaced is gone already
    with database.read() as db:
        code = db.scalars(sa.select(Certificate.code)).one()
    assert "Emma Peeters" in visitor.page(f"/check/{code}").text

    with database.write() as db:
        erase_person(db, emma_id)
    run_due(database, handlers)

    assert "Emma" not in visitor.page(f"/check/{code}").text
    assert storage.list("submissions") == []
    with database.read() as db:
        submission = db.scalars(sa.select(Submission)).one()
        assert (submission.text, submission.file_key, submission.file_name) == ("", "", "")
        assert submission.handed_in_at is not None
        assert db.scalars(sa.select(PageAnswer)).all() == []
        assert len(db.scalars(sa.select(StepProgress.completed_at)).all()) == 3
        answer = db.scalars(sa.select(Answer)).one()
        assert answer.first == answer.last == []
        assert answer.score == 1


def test_the_record_keeps_that_she_answered_and_how_it_went(database: Database, settings: Settings) -> None:
    emma_id = learn(database, settings)
    with database.write() as db:
        course = get_course(db, OUTLINE.id)
        lies = get_learner(db, make_enrolment(db, course, person=make_person(db)).id)
        answer_question(db, lies, QUIZ, "buur", ["Jos"])
    before = answers(database)
    assert [result["response"] for _uuid, result in before.values()] == ["Jos", "Jos"]
    count = len(every_statement(database))

    with database.write() as db:
        erase_person(db, emma_id)

    emma, lies_again = answers(database).values()
    assert emma[1] == {"success": True, "score": {"scaled": 1.0}}
    assert lies_again == list(before.values())[1]
    assert len(every_statement(database)) == count


def every_statement(database: Database) -> list[dict[str, Any]]:
    with database.read() as db:
        return [orjson.loads(payload) for payload in db.scalars(sa.select(Statement.payload).order_by(Statement.id))]


def answers(database: Database) -> dict[str, tuple[str, dict[str, Any]]]:
    """Who answered and with which result, by the id of the statement."""
    return {
        statement["id"]: (statement["actor"]["account"]["name"], statement["result"])
        for statement in every_statement(database)
        if statement["verb"]["id"] == Verb.ANSWERED.iri
    }
