"""Two taps, or two devices, at the same moment: everything is kept, and said once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.assignments.models import Submission
from courses.assignments.services import save_draft
from courses.catalogue.formats import Block, BlockKind, Page, Step
from courses.enrolment.queries import Learner, get_learner
from courses.progress.models import CourseProgress, PageAnswer, StepProgress
from courses.progress.services import leave_page, save_page_answer, start_course
from courses.quizzes.models import Answer, Attempt
from courses.quizzes.services import answer_question, start_attempt
from lms.kernel.db import Database
from tests.factories.courses import IRI_BASE, PRACTICE, WELCOME, make_course, make_enrolment, make_outline
from tests.unit.courses.quizzes.test_taking import QUIZ
from xapi.statements.models import Statement

PAGES = ("een", "twee", "drie", "vier")
IDEA = Block(kind=BlockKind.REFLECTION, id="idee", prompt="Wie wil je helpen?")
READ = msgspec.structs.replace(WELCOME, pages=tuple(Page(name, name, blocks=(IDEA,)) for name in PAGES))
SHORT = [msgspec.structs.replace(WELCOME, id=name, title=name) for name in PAGES]

Act = Callable[[Session, Learner], object]


@pytest.fixture
def learn(database: Database, tmp_path: Path) -> Callable[..., None]:
    """Let somebody do several things in a course of these steps, each in a transaction of its own, all at once."""
    database.info["leerlabo.iri_base"] = IRI_BASE

    def act_together(steps: Sequence[Step], acts: Sequence[Act], before: Act | None = None) -> None:
        with database.write() as db:
            course = make_course(db, tmp_path, make_outline(steps=tuple(steps)))
            learner = get_learner(db, make_enrolment(db, course).id)
            if before is not None:
                before(db, learner)
        together = Barrier(len(acts))

        def do(act: Act) -> None:
            together.wait()
            with database.write() as db:
                act(db, learner)

        with ThreadPoolExecutor(len(acts)) as pool:
            list(pool.map(do, acts))

    return act_together


def verbs(db: Session) -> Counter[str]:
    """How often the record says what, by the last word of each verb."""
    return Counter(iri.rsplit("/", 1)[1] for iri in db.scalars(sa.select(Statement.verb)))


def leaves(step: str, page: str) -> Act:
    return lambda db, learner: leave_page(db, learner, step, page)


def test_a_course_that_is_begun_twice_at_once_begins_once(learn: Callable[..., None], database: Database) -> None:
    learn([READ], [start_course] * 4)
    with database.read() as db:
        assert verbs(db) == {"launched": 1, "initialized": 1}


def test_no_page_is_lost_when_two_devices_leave_pages_at_once(learn: Callable[..., None], database: Database) -> None:
    learn([READ], [leaves("welkom", page) for page in PAGES])
    with database.read() as db:
        row = db.scalars(sa.select(StepProgress)).one()
        assert row.pages_done == list(PAGES)
        assert row.completed_at is not None
        assert verbs(db) == {"launched": 1, "initialized": 1, "progressed": 3, "completed": 2}


def test_no_page_is_lost_in_a_module_that_was_begun_before(learn: Callable[..., None], database: Database) -> None:
    learn([READ], [leaves("welkom", page) for page in PAGES[1:]], before=leaves("welkom", PAGES[0]))
    with database.read() as db:
        assert db.scalars(sa.select(StepProgress.pages_done)).one() == list(PAGES)


def test_the_last_steps_done_at_once_complete_the_course_once(learn: Callable[..., None], database: Database) -> None:
    learn(SHORT, [leaves(step.id, "start") for step in SHORT])
    with database.read() as db:
        progress = db.scalars(sa.select(CourseProgress)).one()
        assert progress.steps_done == len(SHORT)
        assert progress.completed_at is not None
        assert verbs(db)["completed"] == len(SHORT) + 1


def test_an_answer_saved_twice_at_once_is_kept_once(learn: Callable[..., None], database: Database) -> None:
    learn([READ], [lambda db, learner: save_page_answer(db, learner, "welkom", "idee", ["Jos"])] * 4)
    with database.read() as db:
        assert db.scalars(sa.select(PageAnswer.response)).one() == ["Jos"]


def test_a_task_saved_twice_at_once_is_one_draft(learn: Callable[..., None], database: Database) -> None:
    learn([PRACTICE], [lambda db, learner: save_draft(db, learner, PRACTICE, "Ik hielp Jos.")] * 4)
    with database.read() as db:
        assert db.scalars(sa.select(Submission.text)).one() == "Ik hielp Jos."


def test_a_quiz_begun_twice_at_once_is_one_attempt(learn: Callable[..., None], database: Database) -> None:
    learn([QUIZ], [lambda db, learner: start_attempt(db, learner, QUIZ)] * 4)
    with database.read() as db:
        assert db.scalars(sa.select(Attempt.number)).one() == 1


def test_a_question_answered_twice_at_once_counts_once(learn: Callable[..., None], database: Database) -> None:
    question = str(QUIZ.questions[0]["id"])
    learn([QUIZ], [lambda db, learner: answer_question(db, learner, QUIZ, question, ["a"])] * 4)
    with database.read() as db:
        assert db.scalars(sa.select(Answer.tries)).one() == 4
        assert db.scalar(sa.select(sa.func.count()).select_from(Attempt)) == 1
