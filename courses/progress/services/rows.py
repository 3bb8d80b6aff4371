"""The rows of progress, written past the mapper: *Volgende* is what people press most, so each statement is built once.

Whoever writes holds a step before its course, so that two devices of one person never wait for each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, NamedTuple, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.progress.models import CourseProgress, StepProgress
from lms.kernel import clock
from lms.kernel.db import insert_once
from lms.kernel.prepared import Prepared, PreparedUpdate

_steps, _courses = cast("sa.Table", StepProgress.__table__), cast("sa.Table", CourseProgress.__table__)


class Standing(NamedTuple):
    """When somebody was last in a course, and when it became complete."""

    touched_at: datetime
    completed_at: datetime | None


def begin_course(db: Session, enrolment_id: int, step: str = "", page: str = "") -> bool:
    """Make the course's row, standing on this page, unless it is there; whether it was made."""
    now = clock.now()
    return insert_once(
        db, CourseProgress, enrolment_id=enrolment_id, started_at=now, touched_at=now, step=step, page=page
    )


def begin_step(
    db: Session,
    enrolment_id: int,
    step: str,
    *,
    done: Sequence[str] = (),
    page: str = "",
    completed_at: datetime | None = None,
    score: Decimal | None = None,
) -> bool:
    """Make the step's row unless it is there; whether it was made. Another device that makes it is waited for."""
    return insert_once(
        db,
        StepProgress,
        enrolment_id=enrolment_id,
        step=step,
        page=page,
        pages_done=list(done),
        started_at=clock.now(),
        completed_at=completed_at,
        score=score,
    )


_on_course = _courses.c.enrolment_id == sa.bindparam("of")
_on_step = sa.and_(_steps.c.enrolment_id == sa.bindparam("of"), _steps.c.step == sa.bindparam("in_step"))
_STAND = PreparedUpdate(
    sa.update(_courses)
    .where(_on_course)
    .values(step=sa.bindparam("in_step"), page=sa.bindparam("at_page"), touched_at=sa.bindparam("now"))
)
_KEEP_PAGES = PreparedUpdate(
    sa.update(_steps)
    .where(_on_step)
    .values(pages_done=sa.bindparam("done"), page=sa.bindparam("at_page"), completed_at=sa.bindparam("at"))
)


def stand(db: Session, enrolment_id: int, step: str, page: str) -> None:
    """Remember where she is, so that any device goes on there."""
    _STAND.tell(db, of=enrolment_id, in_step=step, at_page=page, now=clock.now())


def keep_pages(
    db: Session, enrolment_id: int, step: str, *, done: Sequence[str], page: str, completed_at: datetime | None
) -> None:
    """The pages she left in a step that is not complete, and where she stands now. The step's row is held already."""
    _KEEP_PAGES.tell(db, of=enrolment_id, in_step=step, done=list(done), at_page=page, at=completed_at)
    stand(db, enrolment_id, step, page)


_COMPLETE = PreparedUpdate(
    sa.update(_steps)
    .where(_on_step, _steps.c.completed_at.is_(None))
    .values(completed_at=sa.bindparam("at"), score=sa.bindparam("with_score"))
)
_REOPEN = PreparedUpdate(
    sa.update(_steps).where(_on_step, _steps.c.completed_at.is_not(None)).values(completed_at=sa.bindparam("at"))
)


def complete_step(db: Session, enrolment_id: int, step: str, *, at: datetime, score: Decimal | None) -> bool:
    """A step that was begun is complete; whether it was not so before."""
    return _COMPLETE.execute(db, of=enrolment_id, in_step=step, at=at, with_score=score) == 1


def reopen_step(db: Session, enrolment_id: int, step: str) -> bool:
    """A step is complete no longer; whether it was so before."""
    return _REOPEN.execute(db, of=enrolment_id, in_step=step, at=None) == 1


_HOLD_COURSE = Prepared(
    sa.select(_courses.c.touched_at, _courses.c.completed_at)
    .where(_courses.c.enrolment_id == sa.bindparam("of"))
    .with_for_update()
)
_STEPS_DONE = Prepared(
    sa.select(_steps.c.step).where(_steps.c.enrolment_id == sa.bindparam("of"), _steps.c.completed_at.is_not(None))
)
_KEEP_COUNT = PreparedUpdate(
    sa.update(_courses)
    .where(_on_course)
    .values(steps_done=sa.bindparam("steps"), touched_at=sa.bindparam("touched"), completed_at=sa.bindparam("at"))
)


def hold_course(db: Session, enrolment_id: int) -> Standing:
    """Her course, held until the commit: of two devices that end the last two steps, one must see the other's."""
    row: Any = _HOLD_COURSE.first(db, of=enrolment_id)
    return Standing(*row)


def list_steps_done(db: Session, enrolment_id: int) -> set[str]:
    """The steps that are complete, also those that have left the course since."""
    return {row.step for row in _STEPS_DONE.rows(db, of=enrolment_id)}


def keep_count(db: Session, enrolment_id: int, steps_done: int, standing: Standing) -> None:
    """How many steps of the course are complete, and how it stands with that."""
    touched_at, completed_at = standing
    _KEEP_COUNT.tell(db, of=enrolment_id, steps=steps_done, touched=touched_at, at=completed_at)
