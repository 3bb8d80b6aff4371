"""Taking a quiz. The first answer to a question counts; trying again is for learning, and is recorded too."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.formats import Step
from courses.enrolment.events import EnrolmentsJoined
from courses.enrolment.models import Enrolment
from courses.enrolment.queries import Learner
from courses.enrolment.services.statements import Verb, record
from courses.quizzes.events import AttemptFinished
from courses.quizzes.formats import Question, Verdict, interaction, judge, response_text
from courses.quizzes.models import Answer, Attempt
from courses.quizzes.queries import attempts_left, find_last_attempt, get_question
from lms.accounts.events import PersonErased
from lms.kernel import clock
from lms.kernel.db import insert_once
from lms.kernel.errors import NotFound, Refused
from lms.kernel.events import emit
from lms.kernel.i18n import gettext as _

HUNDREDTH = Decimal("0.01")


def start_attempt(db: Session, learner: Learner, step: Step) -> Attempt:
    """The attempt that runs, or a new one. Raises `Refused` when none is left or the quiz is passed already."""
    last = find_last_attempt(db, learner.enrolment_id, step.id)
    if last is not None and last.finished_at is None:
        return _hold(db, last.id)
    if last is not None and last.passed:
        raise Refused(_("Je bent al geslaagd voor deze toets."))
    if attempts_left(step, last) == 0:
        raise Refused(_("Je pogingen zijn op. Bel je opleider, dan zoeken jullie samen een oplossing."))
    place = {"enrolment_id": learner.enrolment_id, "step": step.id, "number": last.number + 1 if last else 1}
    insert_once(db, Attempt, **place, started_at=clock.now())
    return _hold(db, db.scalars(sa.select(Attempt.id).filter_by(**place)).one())


def answer_question(
    db: Session, learner: Learner, step: Step, question_id: str, response: Sequence[str]
) -> tuple[Verdict, Question]:
    """Judge and keep an answer at once; the last question answered finishes the attempt.

    What is not an answer at all changes nothing: the verdict then says what to do. Raises `NotFound`, `Refused`.
    """
    _number, question = get_question(step, question_id)
    verdict = judge(question, response)
    if not verdict.answered:
        return verdict, question
    attempt = start_attempt(db, learner, step)
    _keep(db, attempt, question, list(response), verdict)
    _record_answer(db, learner, step, question, response, verdict)
    _finish_when_complete(db, learner, step, attempt)
    return verdict, question


def practise_question(
    db: Session, learner: Learner, step: Step, question_id: str, response: Sequence[str]
) -> tuple[Verdict, Question]:
    """Try a question of a finished attempt again. It is kept and recorded; no score changes and no attempt is spent.

    Raises `NotFound` for a question she never answered.
    """
    _number, question = get_question(step, question_id)
    last = find_last_attempt(db, learner.enrolment_id, step.id)
    if last is None or question_id not in last.answers:
        raise NotFound(f"an answer to {question_id} of {step.id}")
    verdict = judge(question, response)
    if verdict.answered:
        _keep(db, _hold(db, last.id), question, list(response), verdict)
        _record_answer(db, learner, step, question, response, verdict)
    return verdict, question


def join_enrolments(db: Session, event: EnrolmentsJoined) -> None:
    """Handler of `EnrolmentsJoined`: her attempts are one row of attempts. One that was passed comes last, as it would
    have: nobody begins another after it.
    """
    if event.is_moved:
        return
    both = sa.select(Attempt).where(Attempt.enrolment_id.in_((event.enrolment_id, event.into_id)))
    by_step: dict[str, list[Attempt]] = {}
    for attempt in db.scalars(both.with_for_update()).all():
        by_step.setdefault(attempt.step, []).append(attempt)
    for attempts in by_step.values():
        attempts.sort(key=lambda attempt: (attempt.passed is True, attempt.started_at, attempt.id))
        for place in (-len(attempts), 1):  # first out of each other's way: a number is taken once
            for number, attempt in enumerate(attempts, place):
                attempt.enrolment_id, attempt.number = event.into_id, number
            db.flush()


def forget_person(db: Session, event: PersonErased) -> None:
    """Handler of `PersonErased`: what she chose or typed goes; her scores stay."""
    hers = (
        sa.select(Attempt.id)
        .join(Enrolment, Enrolment.id == Attempt.enrolment_id)
        .where(Enrolment.person_id == event.person_id)
    )
    db.execute(sa.update(Answer).where(Answer.attempt_id.in_(hers)).values(first=[], last=[]))


def _hold(db: Session, attempt_id: int) -> Attempt:
    """The attempt, for this transaction alone: of two answers at once, the second one finds the first."""
    return db.get_one(Attempt, attempt_id, populate_existing=True, with_for_update=True)


def _keep(db: Session, attempt: Attempt, question: Question, response: list[str], verdict: Verdict) -> None:
    answer = db.scalar(sa.select(Answer).where(Answer.attempt_id == attempt.id, Answer.question == question.id))
    if answer is None:
        score = Decimal(verdict.score.numerator) / verdict.score.denominator
        answer = Answer(attempt_id=attempt.id, question=question.id, first=response, score=score, tries=0)
        db.add(answer)
    answer.last = response
    answer.is_solved = verdict.correct
    answer.tries += 1
    answer.answered_at = clock.now()
    db.flush()


def _record_answer(
    db: Session, learner: Learner, step: Step, question: Question, response: Sequence[str], verdict: Verdict
) -> None:
    record(
        db,
        learner,
        Verb.ANSWERED,
        step=step,
        question={"id": question.id, "definition": interaction(question)},
        result={
            "response": response_text(question, response),
            "success": verdict.correct,
            "score": {"scaled": float(round(verdict.score, 4))},
        },
    )


def _finish_when_complete(db: Session, learner: Learner, step: Step, attempt: Attempt) -> None:
    """The score is the mean of the first answers; it is passed from the pass mark on."""
    scores = db.execute(sa.select(Answer.question, Answer.score).where(Answer.attempt_id == attempt.id)).all()
    asked = {str(data["id"]) for data in step.questions}
    counted = [score for question, score in scores if question in asked]
    if len(counted) < len(asked) or attempt.finished_at is not None:
        return
    attempt.score = (100 * sum(counted, Decimal(0)) / len(asked)).quantize(HUNDREDTH, ROUND_HALF_UP)
    attempt.passed = attempt.score >= step.pass_mark
    attempt.finished_at = clock.now()
    db.flush()
    record(
        db,
        learner,
        Verb.PASSED if attempt.passed else Verb.FAILED,
        step=step,
        result={
            "success": attempt.passed,
            "completion": True,
            "score": {"scaled": float(attempt.score / 100), "raw": float(attempt.score), "min": 0, "max": 100},
        },
    )
    emit(db, AttemptFinished(learner.enrolment_id, step.id, attempt.passed, attempt.score, attempt.finished_at))
