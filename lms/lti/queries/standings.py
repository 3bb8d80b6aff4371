"""How far somebody is with a course or one of its steps, for a platform's grade book."""

from __future__ import annotations

from datetime import datetime
from decimal import ROUND_HALF_UP, Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.assignments.models import Submission
from courses.catalogue.formats import Outline, Step, StepKind
from courses.enrolment.models import Enrolment
from courses.progress.models import CourseProgress
from courses.progress.queries import StepRecord, list_step_records
from courses.quizzes.models import Attempt
from lms.kernel import clock
from lms.lti.formats.grades import MAXIMUM, ActivityProgress, GradingProgress, Standing

_HUNDREDTH = Decimal("0.01")
_NOTHING = (ActivityProgress.INITIALIZED, GradingProgress.NOT_READY, None)


def get_standing(db: Session, outline: Outline, enrolment_id: int, step_id: str = "") -> Standing | None:
    """Where this learner stands in the course, or in this step of it; None for a step the course has no more.

    All of it is read from what is kept now, so that asking twice, or late, gives the same.
    """
    if not step_id:
        return _of_course(db, outline, enrolment_id)
    step = outline.step(step_id)
    if step is None:
        return None
    record = list_step_records(db, enrolment_id).get(step_id)
    if step.kind is StepKind.QUIZ:
        return _of_quiz(db, step, enrolment_id, record)
    if step.kind is StepKind.ASSIGNMENT:
        return _of_assignment(db, step, enrolment_id, record)
    return _of_step(db, enrolment_id, record)


def _of_course(db: Session, outline: Outline, enrolment_id: int) -> Standing:
    """Its share of steps is a grade that is not final yet (AGS 2.0, 3.4.8: Pending, with a partial score)."""
    course = db.get(CourseProgress, enrolment_id, populate_existing=True)
    if course is None:
        return Standing(*_NOTHING, _enrolled_at(db, enrolment_id))
    if course.completed_at is not None:
        return _done(course.completed_at)
    records = list_step_records(db, enrolment_id)
    done = [
        record.completed_at
        for step in outline.steps
        if (record := records.get(step.id)) is not None and record.completed_at is not None
    ]
    if not done:
        return Standing(ActivityProgress.STARTED, GradingProgress.NOT_READY, None, course.started_at)
    share = (MAXIMUM * len(done) / len(outline.steps)).quantize(_HUNDREDTH, ROUND_HALF_UP)
    if share >= MAXIMUM:  # the last step was done in this moment, and the course is told of it next
        return _done(max(done))
    return Standing(ActivityProgress.IN_PROGRESS, GradingProgress.PENDING, share, max(done))


def _of_step(db: Session, enrolment_id: int, record: StepRecord | None) -> Standing:
    """Pages to read, or a meeting: there is nothing to judge but that it was done."""
    if record is None:
        return Standing(*_NOTHING, _enrolled_at(db, enrolment_id))
    if record.completed_at is not None:
        return _done(record.completed_at)
    begun = ActivityProgress.IN_PROGRESS if record.pages_done else ActivityProgress.STARTED
    return Standing(begun, GradingProgress.NOT_READY, None, clock.now())


def _of_quiz(db: Session, step: Step, enrolment_id: int, record: StepRecord | None) -> Standing:
    """Her best attempt counts. Who did not pass may try again while there are attempts: Submitted, not Completed."""
    rows = db.scalars(
        sa.select(Attempt).where(Attempt.enrolment_id == enrolment_id, Attempt.step == step.id).order_by(Attempt.number)
    ).all()
    scored = [(row.score, row.finished_at) for row in rows if row.score is not None and row.finished_at is not None]
    if scored:
        best = max(score for score, _at in scored)
        is_over = any(row.passed for row in rows) or (step.attempts > 0 and len(scored) >= step.attempts)
        reached = ActivityProgress.COMPLETED if is_over else ActivityProgress.SUBMITTED
        return Standing(reached, GradingProgress.FULLY_GRADED, best, max(at for _score, at in scored))
    if rows:
        return Standing(ActivityProgress.IN_PROGRESS, GradingProgress.NOT_READY, None, rows[-1].started_at)
    return _of_step(db, enrolment_id, record)


def _of_assignment(db: Session, step: Step, enrolment_id: int, record: StepRecord | None) -> Standing:
    """A trainer reads it where the course says so: until then a person is needed (PendingManual)."""
    if record is not None and record.completed_at is not None:
        return _done(record.completed_at)
    submission = db.scalar(
        sa.select(Submission).where(Submission.enrolment_id == enrolment_id, Submission.step == step.id)
    )
    if submission is None:
        return _of_step(db, enrolment_id, record)
    if submission.handed_in_at is not None:
        waits = (ActivityProgress.SUBMITTED, GradingProgress.PENDING_MANUAL, None)
        return Standing(*waits, submission.handed_in_at)
    return Standing(ActivityProgress.IN_PROGRESS, GradingProgress.NOT_READY, None, submission.saved_at)


def _done(at: datetime) -> Standing:
    return Standing(ActivityProgress.COMPLETED, GradingProgress.FULLY_GRADED, MAXIMUM, at)


def _enrolled_at(db: Session, enrolment_id: int) -> datetime:
    return db.scalars(sa.select(Enrolment.enrolled_at).where(Enrolment.id == enrolment_id)).one()
