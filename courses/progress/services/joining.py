"""Two people were one: what both did in a course is what she did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.enrolment.events import EnrolmentsJoined
from courses.progress.models import CourseProgress, PageAnswer, StepProgress
from courses.progress.services.following import recount_steps


def join_enrolments(db: Session, event: EnrolmentsJoined) -> None:
    """Handler of `EnrolmentsJoined`: every step is as far as the further of the two, and begun and complete when the
    first of them was. With all steps done by both together the course is complete, on the day of the last one.

    The rows of the enrolment that is left stay as they are. Idempotent.
    """
    if event.is_moved:
        return
    course = _join_course(db, event)
    if course is None:
        return
    steps = _join_steps(db, event)
    _join_answers(db, event)
    done = [step.completed_at for step in steps if step.completed_at is not None]
    db.flush()
    recount_steps(db, event.into_id, at=max(done, default=event.at))


def _join_course(db: Session, event: EnrolmentsJoined) -> CourseProgress | None:
    """Where she stands: at the place of her last visit. None when she never began it under the one that is left."""
    left = db.get(CourseProgress, event.enrolment_id, populate_existing=True)
    if left is None:
        return None
    own = db.get(CourseProgress, event.into_id, with_for_update=True, populate_existing=True)
    if own is None:
        own = CourseProgress(enrolment_id=event.into_id, started_at=left.started_at, touched_at=left.touched_at)
        own.step, own.page, own.completed_at = left.step, left.page, left.completed_at
        db.add(own)
        return own
    if left.touched_at > own.touched_at:
        own.step, own.page, own.touched_at = left.step, left.page, left.touched_at
    own.started_at = min(own.started_at, left.started_at)
    own.completed_at = _first(own.completed_at, left.completed_at)
    return own


def _join_steps(db: Session, event: EnrolmentsJoined) -> Sequence[StepProgress]:
    rows = sa.select(StepProgress).execution_options(populate_existing=True)
    own = {
        row.step: row for row in db.scalars(rows.where(StepProgress.enrolment_id == event.into_id).with_for_update())
    }
    for left in db.scalars(rows.where(StepProgress.enrolment_id == event.enrolment_id)).all():
        if left.step not in own:
            own[left.step] = StepProgress(
                enrolment_id=event.into_id, step=left.step, page=left.page, pages_done=[], started_at=left.started_at
            )
            db.add(own[left.step])
        into = own[left.step]
        into.pages_done = [*into.pages_done, *(page for page in left.pages_done if page not in into.pages_done)]
        into.started_at = min(into.started_at, left.started_at)
        into.completed_at = _first(into.completed_at, left.completed_at)
        scores = [score for score in (into.score, left.score) if score is not None]
        into.score = max(scores, default=None)
    return list(own.values())


def _join_answers(db: Session, event: EnrolmentsJoined) -> None:
    """Of two answers to one question the later one."""
    own = {
        (row.step, row.block): row
        for row in db.scalars(sa.select(PageAnswer).where(PageAnswer.enrolment_id == event.into_id))
    }
    for left in db.scalars(sa.select(PageAnswer).where(PageAnswer.enrolment_id == event.enrolment_id)).all():
        into = own.get((left.step, left.block))
        if into is None:
            into = PageAnswer(enrolment_id=event.into_id, step=left.step, block=left.block)
            db.add(into)
        elif into.answered_at >= left.answered_at:
            continue
        into.response, into.answered_at = left.response, left.answered_at


def _first(one: datetime | None, other: datetime | None) -> datetime | None:
    return min((at for at in (one, other) if at is not None), default=None)
