"""How far somebody is: the route of a course with what is done, what is next and what waits for what."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.formats import Outline, Step, StepKind
from courses.enrolment.models import Enrolment
from courses.progress.models import CourseProgress, PageAnswer, StepProgress
from lms.accounts.models import Person
from lms.kernel import clock
from lms.kernel.prepared import Prepared


class State(StrEnum):
    """Where a step stands for one learner."""

    DONE = "done"
    OPEN = "open"
    LOCKED = "locked"


@dataclass(frozen=True, slots=True)
class StepRecord:
    """What is kept of a step that was begun."""

    step: str
    page: str
    pages_done: tuple[str, ...]
    completed_at: datetime | None
    score: Decimal | None


@dataclass(frozen=True, slots=True)
class Stop:
    """A step on somebody's route. `waits_for`: the steps to do first; `opens_at`: when a follow-up opens."""

    number: int
    step: Step
    state: State
    record: StepRecord | None
    waits_for: tuple[Step, ...] = ()
    opens_at: datetime | None = None

    @property
    def is_begun(self) -> bool:
        """Whether she has been in it and is not done."""
        return self.record is not None and self.record.completed_at is None


@dataclass(frozen=True, slots=True)
class Route:
    """A course for one learner. `next`: the stop *Ga verder* leads to, None when all is done or waiting."""

    outline: Outline
    stops: tuple[Stop, ...]
    next: Stop | None

    @property
    def done(self) -> int:
        """How many steps are complete."""
        return sum(stop.state is State.DONE for stop in self.stops)

    @property
    def total(self) -> int:
        """How many steps there are."""
        return len(self.stops)

    def stop(self, step_id: str) -> Stop | None:
        """The stop of this step, or None."""
        return next((stop for stop in self.stops if stop.step.id == step_id), None)


# Built once: every page of the player asks this.
_step_records = sa.select(
    StepProgress.step,
    StepProgress.page,
    StepProgress.pages_done,
    StepProgress.completed_at,
    StepProgress.score,
).where(StepProgress.enrolment_id == sa.bindparam("enrolment_id"))
_STEP_RECORDS = Prepared(_step_records)
_HELD_STEP_RECORDS = Prepared(_step_records.with_for_update())


def list_step_records(db: Session, enrolment_id: int, *, held: bool = False) -> dict[str, StepRecord]:
    """The steps this learner began, by id. `held`: until the commit no other device of hers changes them."""
    rows = (_HELD_STEP_RECORDS if held else _STEP_RECORDS).rows(db, enrolment_id=enrolment_id)
    return {step: StepRecord(step, page, tuple(done), at, score) for step, page, done, at, score in rows}


def get_route(db: Session, outline: Outline, enrolment_id: int, last_step: str = "", *, held: bool = False) -> Route:
    """The route of this learner as it stands now; `held` for who moves her on it."""
    return make_route(outline, list_step_records(db, enrolment_id, held=held), clock.now(), last_step)


def make_route(outline: Outline, records: Mapping[str, StepRecord], now: datetime, last_step: str = "") -> Route:
    """Decide for every step whether it is done, open or locked, and which comes next.

    Next is the step she was in last if it still is open; else the first open step that she can do by herself or with a
    date to come; a taught moment that is open never hides an online step behind it.
    """
    stops = tuple(_stop(number, step, outline, records, now) for number, step in enumerate(outline.steps, 1))
    return Route(outline, stops, _next(stops, last_step))


def _stop(number: int, step: Step, outline: Outline, records: Mapping[str, StepRecord], now: datetime) -> Stop:
    record = records.get(step.id)
    if record is not None and record.completed_at is not None:
        return Stop(number, step, State.DONE, record)
    waits_for = tuple(
        needed for needed in map(outline.step, step.requires) if needed is not None and not _is_done(needed.id, records)
    )
    opens_at = _release(step, records)
    if step.after and opens_at is None:
        session = outline.step(step.after)
        waits_for = (*waits_for, session) if session is not None and session not in waits_for else waits_for
    is_early = opens_at is not None and opens_at > now
    state = State.LOCKED if waits_for or is_early else State.OPEN
    return Stop(number, step, state, record, waits_for, opens_at if is_early else None)


def _is_done(step_id: str, records: Mapping[str, StepRecord]) -> bool:
    record = records.get(step_id)
    return record is not None and record.completed_at is not None


def _release(step: Step, records: Mapping[str, StepRecord]) -> datetime | None:
    """When a follow-up opens: so many days after the session she attended."""
    session = records.get(step.after) if step.after else None
    if session is None or session.completed_at is None:
        return None
    return session.completed_at + timedelta(days=step.release_days)


def _next(stops: Sequence[Stop], last_step: str) -> Stop | None:
    waiting = [stop for stop in stops if stop.state is State.OPEN]
    for stop in waiting:
        if stop.step.id == last_step and stop.step.kind is not StepKind.SESSION:
            return stop
    alone = [stop for stop in waiting if stop.step.kind is not StepKind.SESSION]
    return next(iter(alone or waiting), None)


def list_next_to_recount(db: Session, course_id: int, *, after: int, limit: int) -> Sequence[int]:
    """The next enrolments, by id, of people who are in this course and began it. Who was erased stays as she was."""
    return db.scalars(
        sa.select(CourseProgress.enrolment_id)
        .join(Enrolment, Enrolment.id == CourseProgress.enrolment_id)
        .join(Person, Person.id == Enrolment.person_id)
        .where(
            Enrolment.course_id == course_id,
            Enrolment.id > after,
            Enrolment.withdrawn_at.is_(None),
            Person.erased_at.is_(None),
        )
        .order_by(CourseProgress.enrolment_id)
        .limit(limit)
    ).all()


def list_page_answers(db: Session, enrolment_id: int, step: str) -> dict[str, list[str]]:
    """What the learner wrote or chose on the pages of a step, by block."""
    rows = db.execute(
        sa.select(PageAnswer.block, PageAnswer.response).where(
            PageAnswer.enrolment_id == enrolment_id, PageAnswer.step == step
        )
    )
    return {block: list(response) for block, response in rows}
