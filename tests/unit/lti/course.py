"""The course these tests take, and how somebody takes it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.assignments.services import accept_submission, hand_in, return_submission
from courses.catalogue.formats import AssignmentPlan, Step, StepKind
from courses.catalogue.models import Course
from courses.enrolment.models import Enrolment
from courses.enrolment.services import enrol_learner
from courses.progress.services import complete_step, learner_of, start_course
from courses.quizzes.events import AttemptFinished
from courses.quizzes.models import Attempt
from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.events import emit
from tests.factories.courses import WELCOME

QUIZ = Step(
    id="toets",
    kind=StepKind.QUIZ,
    title="Toets",
    minutes=10,
    complete_when="passed",
    pass_mark=70,
    attempts=3,
    questions=({"id": "v1", "kind": "true-false", "prompt": "Ja?", "correct": True},),
)
TASK = Step(
    id="opdracht",
    kind=StepKind.ASSIGNMENT,
    title="Opdracht",
    minutes=20,
    complete_when="accepted",
    assignment=AssignmentPlan(hand_in="text", about="<p>Schrijf iets.</p>"),
)
STEPS = (WELCOME, QUIZ, TASK)


def enrol(db: Session, person_id: int, course: Course) -> Enrolment:
    return enrol_learner(db, person_id=person_id, course_id=course.id, area="gezinszorg")


def do_step(house: Database, person_id: int, course: Course, step_id: str, *, at: datetime | None = None) -> None:
    """Enrol when need be, and complete this step."""
    with house.write() as db:
        enrolment = enrol(db, person_id, course)
        learner, outline = learner_of(db, enrolment.id)
        start_course(db, learner)
        step = outline.step(step_id)
        assert step is not None
        complete_step(db, learner, outline, step, at=at)


def finish_attempt(house: Database, person_id: int, course: Course, score: int) -> None:
    """One more attempt at the quiz, with this score."""
    with house.write() as db:
        enrolment = enrol(db, person_id, course)
        known = sa.select(sa.func.count()).where(Attempt.enrolment_id == enrolment.id).select_from(Attempt)
        number, now = 1 + (db.scalar(known) or 0), clock.now()
        values = {"started_at": now, "finished_at": now, "score": Decimal(score), "passed": score >= 70}
        db.add(Attempt(enrolment_id=enrolment.id, step="toets", number=number, **values))
        db.flush()
        emit(db, AttemptFinished(enrolment.id, "toets", score >= 70, Decimal(score), now))


def hand_in_task(house: Database, person_id: int, course: Course, *then: str) -> None:
    """Hand the task in; and then a trainer accepts or returns it."""
    with house.write() as db:
        enrolment = enrol(db, person_id, course)
        learner, outline = learner_of(db, enrolment.id)
        step = outline.step("opdracht")
        assert step is not None
        submission = hand_in(db, learner, step, text="Dit deed ik.")
        for act in then:
            if act == "accept":
                accept_submission(db, submission, feedback="Goed.", by_person_id=None)
            else:
                return_submission(db, submission, feedback="Nog iets.")
