"""One learner in one course, ready for a screen: who she is, the outline, and her route through it."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.formats import Outline, Page, Step
from courses.catalogue.queries import get_outline
from courses.enrolment.queries import Learner, find_learner
from courses.progress.models import CourseProgress
from courses.progress.queries import Route, Stop, get_route
from courses.progress.services import open_stop
from lms.kernel.errors import NotFound, NotSignedIn
from lms.kernel.identity import Identity
from lms.kernel.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Seat:
    """A learner in her course, at the address of one area."""

    area: str
    learner: Learner
    outline: Outline
    route: Route


def get_learner_in_seat(db: Session, identity: Identity, area: str, course: str) -> Learner:
    """Who asks, as a learner of this course. Raises `NotSignedIn`, or `NotFound` when she is not in it (any more)."""
    if identity.person_id is None:
        raise NotSignedIn
    learner = find_learner(db, identity.person_id, course, area=area)
    if learner is None or learner.is_withdrawn:
        raise NotFound(f"{course} in {area}")
    return learner


def get_seat(db: Session, learner: Learner, area: str, *, held: bool = False) -> Seat:
    """Her seat in her course; `held` when her route is about to change."""
    outline = get_outline(db, learner.version_id, learner.version_sha)
    return Seat(area, learner, outline, get_route(db, outline, learner.enrolment_id, held=held))


_LAST_STEP = Prepared(sa.select(CourseProgress.step).where(CourseProgress.enrolment_id == sa.bindparam("enrolment_id")))


def find_last_step(db: Session, enrolment_id: int) -> str:
    """The step she was in last, empty before she began: *Ga verder* leads there while it is open."""
    step: str | None = _LAST_STEP.scalar(db, enrolment_id=enrolment_id)
    return step or ""


def get_open_stop(seat: Seat, step_id: str) -> Stop:
    """The stop of this step. Raises `NotFound`, or `Refused` with what to do first."""
    return open_stop(seat.route, step_id)


def get_page(step: Step, page_id: str) -> tuple[int, Page]:
    """A page and its place, counted from 0. Raises `NotFound`."""
    for place, page in enumerate(step.pages):
        if page.id == page_id:
            return place, page
    raise NotFound(f"page {page_id} of {step.id}")
