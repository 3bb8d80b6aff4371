"""What moves somebody on. Every move is a row and a statement in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.formats import Outline, Step, StepKind
from courses.catalogue.queries import get_outline
from courses.enrolment.queries import Learner, get_learner
from courses.enrolment.services.statements import PROGRESS, Verb, record, record_beginning
from courses.progress.events import CourseCompleted, StepCompleted
from courses.progress.models import PageAnswer
from courses.progress.queries import Route, State, Stop, get_route
from courses.progress.services import rows
from lms.kernel import clock
from lms.kernel.db import insert_once
from lms.kernel.errors import NotFound, Refused
from lms.kernel.events import emit
from lms.kernel.i18n import format_date
from lms.kernel.i18n import gettext as _

PAGES_SEEN = "pages-seen"


def start_course(db: Session, learner: Learner) -> None:
    """Begin the course, once: the first time says `launched` and `initialized`, later times say nothing."""
    if rows.begin_course(db, learner.enrolment_id):
        record_beginning(db, learner)


def leave_page(db: Session, learner: Learner, step_id: str, page_id: str, *, route: Route | None = None) -> None:
    """*Volgende* on a page: it is seen, she stands on the next one; the last page completes the step.

    `route`: hers before this move, held, when the caller has it at hand. Raises `NotFound` for a page that does not
    exist, `Refused` for a locked step.
    """
    route = route or _held_route(db, learner)
    stop = open_stop(route, step_id)
    pages = [page.id for page in stop.step.pages]
    if page_id not in pages:
        raise NotFound(f"page {page_id} of {step_id}")
    at_page = _after(pages, page_id)
    if stop.state is State.DONE:
        rows.stand(db, learner.enrolment_id, step_id, at_page)
        return
    seen = stop.record.pages_done if stop.record else ()
    done = [page for page in pages if page in seen or page == page_id]
    is_last = len(done) == len(pages) and stop.step.complete_when == PAGES_SEEN
    completed_at = clock.now() if is_last else None
    begins = False
    if stop.record:
        rows.keep_pages(db, learner.enrolment_id, step_id, done=done, page=at_page, completed_at=completed_at)
    elif rows.begin_step(db, learner.enrolment_id, step_id, done=done, page=at_page, completed_at=completed_at):
        begins = _stand(db, learner, step_id, at_page)
    else:  # another device of hers came into the step in this moment
        leave_page(db, learner, step_id, page_id)
        return
    if completed_at is not None:
        _tell_completed(db, learner, route.outline, stop.step, completed_at, Verb.COMPLETED, begins=begins)
    elif page_id not in seen:
        record(db, learner, Verb.PROGRESSED, step=stop.step, result=_share(len(done), len(pages)), begins=begins)


def enter_step(db: Session, learner: Learner, step: Step) -> None:
    """Begin a step that has no pages: a quiz, an assignment."""
    rows.begin_step(db, learner.enrolment_id, step.id)
    if _stand(db, learner, step.id, ""):
        record_beginning(db, learner)


def complete_step(
    db: Session,
    learner: Learner,
    outline: Outline,
    step: Step,
    *,
    at: datetime | None = None,
    score: Decimal | None = None,
    verb: Verb | None = Verb.COMPLETED,
) -> None:
    """The step is complete; the course too when it was the last one. A step is completed once.

    `verb` None: whoever calls has said it already in words of its own (`passed`, `attended`).
    """
    moment = at or clock.now()
    if rows.begin_step(db, learner.enrolment_id, step.id, completed_at=moment, score=score):
        start_course(db, learner)
    elif not rows.complete_step(db, learner.enrolment_id, step.id, at=moment, score=score):
        return
    _tell_completed(db, learner, outline, step, moment, verb)


def reopen_step(db: Session, learner: Learner, step_id: str) -> None:
    """Take back what made a step complete: an attendance that was corrected. A course once completed stays so."""
    if rows.reopen_step(db, learner.enrolment_id, step_id):
        count_steps(db, learner, get_outline(db, learner.version_id, learner.version_sha), clock.now())


def count_steps(
    db: Session, learner: Learner, outline: Outline, at: datetime, *, touched_at: datetime | None = None
) -> None:
    """How many steps are done now; with all of them the course is complete, once. Steps that left it do not count.

    `at`: when the course is complete, should it be. `touched_at`: when she was in it, unless she was not.
    """
    standing = rows.hold_course(db, learner.enrolment_id)
    steps = {step.id for step in outline.steps}
    steps_done = len(steps & rows.list_steps_done(db, learner.enrolment_id))
    is_complete = steps_done == len(steps) and standing.completed_at is None
    completed_at = at if is_complete else standing.completed_at
    standing_now = rows.Standing(touched_at or standing.touched_at, completed_at)
    rows.keep_count(db, learner.enrolment_id, steps_done, standing_now)
    if is_complete:
        record(db, learner, Verb.COMPLETED, result={"completion": True}, at=at)
        emit(db, CourseCompleted(learner, at))


def save_page_answer(db: Session, learner: Learner, step_id: str, block: str, response: list[str]) -> None:
    """Keep what she wrote or chose on a page, at once. Raises `NotFound` for a block that does not exist."""
    outline = get_outline(db, learner.version_id, learner.version_sha)
    step = outline.step(step_id)
    known = {item.id for page in step.pages for item in page.blocks} if step else set()
    if not block or block not in known:
        raise NotFound(f"block {block} of {step_id}")
    start_course(db, learner)
    where = {"enrolment_id": learner.enrolment_id, "step": step_id, "block": block}
    said = {"response": response, "answered_at": clock.now()}
    if not insert_once(db, PageAnswer, **where, **said):
        db.execute(sa.update(PageAnswer).filter_by(**where).values(said))


def open_stop(route: Route, step_id: str) -> Stop:
    """The stop of this step if she may be there. Raises `NotFound` or `Refused` with what to do first."""
    stop = route.stop(step_id)
    if stop is None:
        raise NotFound(step_id)
    if stop.state is State.LOCKED:
        raise Refused(why_locked(stop))
    return stop


def why_locked(stop: Stop) -> str:
    """A sentence about what a locked step waits for."""
    if stop.opens_at is not None and not stop.waits_for:
        return _("Deze stap opent op %(date)s.", date=format_date(stop.opens_at))
    first = stop.waits_for[0]
    if first.kind is StepKind.SESSION:
        return _("Deze stap opent na de sessie: %(title)s.", title=first.title)
    return _("Doe eerst deze stap: %(title)s.", title=first.title)


def learner_of(db: Session, enrolment_id: int) -> tuple[Learner, Outline]:
    """A learner and the outline of her course, for handlers that only know the enrolment."""
    learner = get_learner(db, enrolment_id)
    return learner, get_outline(db, learner.version_id, learner.version_sha)


def _held_route(db: Session, learner: Learner) -> Route:
    outline = get_outline(db, learner.version_id, learner.version_sha)
    return get_route(db, outline, learner.enrolment_id, held=True)


def _stand(db: Session, learner: Learner, step_id: str, page_id: str) -> bool:
    """Remember where she is, so that any device goes on there; whether the course begins with it."""
    if rows.begin_course(db, learner.enrolment_id, step_id, page_id):
        return True
    rows.stand(db, learner.enrolment_id, step_id, page_id)
    return False


def _tell_completed(
    db: Session,
    learner: Learner,
    outline: Outline,
    step: Step,
    at: datetime,
    verb: Verb | None,
    *,
    begins: bool = False,
) -> None:
    if verb is not None:
        done = {"completion": True, "extensions": {PROGRESS: 100}}
        record(db, learner, verb, step=step, result=done, at=at, begins=begins)
    emit(db, StepCompleted(learner, step.id, at))
    count_steps(db, learner, outline, at, touched_at=clock.now())


def _after(pages: Sequence[str], page_id: str) -> str:
    """The page after this one; the last one stays."""
    return pages[min(pages.index(page_id) + 1, len(pages) - 1)]


def _share(done: int, total: int) -> dict[str, Any]:
    return {"completion": False, "extensions": {PROGRESS: round(100 * done / total)}}
