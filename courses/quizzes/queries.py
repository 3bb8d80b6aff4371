"""Questions about attempts: which one runs, what was answered, how many are left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.formats import Step
from courses.quizzes.formats import Question, question_from_json
from courses.quizzes.models import Answer, Attempt
from lms.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """An answer as the screen shows it again."""

    question: str
    last: tuple[str, ...]
    score: Decimal
    is_solved: bool
    tries: int


@dataclass(frozen=True, slots=True)
class AttemptView:
    """One attempt with its answers by question."""

    id: int
    number: int
    finished_at: datetime | None
    score: Decimal | None
    passed: bool | None
    answers: dict[str, GivenAnswer]


def list_questions(step: Step) -> Sequence[Question]:
    """The questions of a quiz step, in the author's order."""
    return [question_from_json(data) for data in step.questions]


def get_question(step: Step, question_id: str) -> tuple[int, Question]:
    """A question and its place, counted from 1. Raises `NotFound`."""
    for number, question in enumerate(list_questions(step), 1):
        if question.id == question_id:
            return number, question
    raise NotFound(f"question {question_id} of {step.id}")


def find_last_attempt(db: Session, enrolment_id: int, step: str) -> AttemptView | None:
    """The newest attempt at this quiz, finished or not, or None."""
    attempt = db.execute(
        sa.select(Attempt.id, Attempt.number, Attempt.finished_at, Attempt.score, Attempt.passed)
        .where(Attempt.enrolment_id == enrolment_id, Attempt.step == step)
        .order_by(Attempt.number.desc())
        .limit(1)
    ).first()
    if attempt is None:
        return None
    rows = db.execute(
        sa.select(Answer.question, Answer.last, Answer.score, Answer.is_solved, Answer.tries).where(
            Answer.attempt_id == attempt.id
        )
    )
    answers = {
        row.question: GivenAnswer(row.question, tuple(row.last), row.score, row.is_solved, row.tries) for row in rows
    }
    return AttemptView(*attempt, answers=answers)


def attempts_left(step: Step, attempt: AttemptView | None) -> int | None:
    """How many attempts may still be started; None means as many as she likes."""
    if step.attempts == 0:
        return None
    return max(0, step.attempts - (attempt.number if attempt else 0))
