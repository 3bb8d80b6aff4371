"""What moves somebody on. Every move is a row and a statement in one transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.assignments.events import AssignmentAccepted, AssignmentHandedIn
from courses.catalogue.events import VersionPublished
from courses.catalogue.formats import Outline, Step, StepKind
from courses.catalogue.queries import get_outline
from courses.enrolment.events import LearnerEnrolled
from courses.enrolment.models import Enrolment
from courses.enrolment.queries import Learner, get_learner
from courses.enrolment.services.statements import PROGRESS, Verb, record, record_beginning
from courses.progress.events import CourseCompleted, StepCompleted, StepsRecounted
from courses.progress.models import CourseProgress, PageAnswer, StepProgress
from courses.progress.queries import Route, State, Stop, get_route
from courses.quizzes.events import AttemptFinished
from courses.sessions.events import AttendanceMarked
from courses.sessions.models import PRESENT
from lms.accounts.events import PersonErased
from lms.kernel import clock
from lms.kernel.db import insert_once
from lms.kernel.errors import NotFound, Refused
from lms.kernel.events import emit
from lms.kernel.i18n import format_date
from lms.kernel.i18n import gettext as _
from lms.kernel.jobs import enqueue
from lms.kernel.prepared import Prepared, PreparedUpdate

PAGES_SEEN = "pages-seen"
NEW_VERSION_KIND = "course-new-version"


def start_course(db: Session, learner: Learner) -> CourseProgress:
    """Begin the course, once: the first time says `launched` and `initialized`, later times say nothing."""
    progress = db.get(CourseProgress, learner.enrolment_id)
    if progress is None:
        _begin_course(db, learner)
        progress = db.get_one(CourseProgress, learner.enrolment_id)
    return progress


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
    if stop.state is State.DONE:
        _stand(db, learner, step_id, _after(pages, page_id))
        return
    seen = stop.record.pages_done if stop.record else _enter(db, learner, step_id)
    done = [page for page in pages if page in seen or page == page_id]
    at_page = _after(pages, page_id)
    _KEEP_PAGES.execute(db, of=learner.enrolment_id, in_step=step_id, done=done, at_page=at_page, now=clock.now())
    if len(done) == len(pages) and stop.step.complete_when == PAGES_SEEN:
        complete_step(db, learner, route.outline, stop.step)
    elif page_id not in seen:
        record(db, learner, Verb.PROGRESSED, step=stop.step, result=_share(len(done), len(pages)))


def enter_step(db: Session, learner: Learner, step: Step) -> None:
    """Begin a step that has no pages: a quiz, an assignment."""
    _begin_step(db, learner, step.id)
    _stand(db, learner, step.id, "")


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
    row = _begin_step(db, learner, step.id)
    if row.completed_at is not None:
        return
    moment = at or clock.now()
    row.completed_at, row.score = moment, score
    db.flush()
    if verb is not None:
        record(db, learner, verb, step=step, result={"completion": True, "extensions": {PROGRESS: 100}}, at=moment)
    emit(db, StepCompleted(learner.enrolment_id, learner.course_id, step.id, moment))
    progress = _hold_course(db, learner)
    progress.touched_at = clock.now()
    _count_steps(db, learner, outline, progress, moment)


def reopen_step(db: Session, learner: Learner, step_id: str) -> None:
    """Take back what made a step complete: an attendance that was corrected. A course once completed stays so."""
    row = db.get(StepProgress, (learner.enrolment_id, step_id))
    if row is not None:
        row.completed_at = None
        db.flush()
        progress = _hold_course(db, learner)
        progress.steps_done = _steps_done(db, learner, get_outline(db, learner.version_id, learner.version_sha))


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


# *Volgende* is what people press most: these go to the tables directly, and are built once.
_steps, _courses = cast("sa.Table", StepProgress.__table__), cast("sa.Table", CourseProgress.__table__)
_keep_pages = (
    sa.update(_steps)
    .where(_steps.c.enrolment_id == sa.bindparam("of"), _steps.c.step == sa.bindparam("in_step"))
    .values(pages_done=sa.bindparam("done"), page=sa.bindparam("at_page"))
)
_stand_there = (
    sa.update(_courses)
    .where(_courses.c.enrolment_id == sa.bindparam("of"))
    .values(step=sa.bindparam("in_step"), page=sa.bindparam("at_page"), touched_at=sa.bindparam("now"))
)
_KEEP_PAGES = PreparedUpdate(_keep_pages, _stand_there)
_STAND = PreparedUpdate(_stand_there)
_STEPS_DONE = Prepared(
    sa.select(_steps.c.step).where(_steps.c.enrolment_id == sa.bindparam("of"), _steps.c.completed_at.is_not(None))
)


def _held_route(db: Session, learner: Learner) -> Route:
    outline = get_outline(db, learner.version_id, learner.version_sha)
    return get_route(db, outline, learner.enrolment_id, held=True)


def _stand(db: Session, learner: Learner, step_id: str, page: str) -> None:
    """Remember where she is, so that any device goes on there."""
    _STAND.execute(db, of=learner.enrolment_id, in_step=step_id, at_page=page, now=clock.now())


def _begin_step(db: Session, learner: Learner, step_id: str) -> StepProgress:
    """The step's row, new or as it stands, held until the commit: another device of hers may be in the same step."""
    key = (learner.enrolment_id, step_id)
    row = db.get(StepProgress, key, populate_existing=True, with_for_update=True)
    if row is not None:
        return row
    _enter(db, learner, step_id)
    return db.get_one(StepProgress, key, with_for_update=True)


def _enter(db: Session, learner: Learner, step_id: str) -> Sequence[str]:
    """Make the step's row unless it is there; returns the pages that another device of hers left in that moment."""
    _begin_course(db, learner)
    now = clock.now()
    if insert_once(db, StepProgress, enrolment_id=learner.enrolment_id, step=step_id, pages_done=[], started_at=now):
        return ()
    return db.get_one(StepProgress, (learner.enrolment_id, step_id), with_for_update=True).pages_done


def _begin_course(db: Session, learner: Learner) -> None:
    now = clock.now()
    if insert_once(db, CourseProgress, enrolment_id=learner.enrolment_id, started_at=now, touched_at=now):
        record_beginning(db, learner)


def _after(pages: list[str], page_id: str) -> str:
    """The page after this one; the last one stays."""
    return pages[min(pages.index(page_id) + 1, len(pages) - 1)]


def _share(done: int, total: int) -> dict[str, Any]:
    return {"completion": False, "extensions": {PROGRESS: round(100 * done / total)}}


def _count_steps(db: Session, learner: Learner, outline: Outline, progress: CourseProgress, at: datetime) -> None:
    """How many steps are done now; with all of them the course is complete, once."""
    progress.steps_done = _steps_done(db, learner, outline)
    if progress.steps_done == len(outline.steps) and progress.completed_at is None:
        progress.completed_at = at
        db.flush()
        record(db, learner, Verb.COMPLETED, result={"completion": True}, at=at)
        emit(db, CourseCompleted(learner.enrolment_id, learner.person_id, learner.course_id, at))
    db.flush()


def _hold_course(db: Session, learner: Learner) -> CourseProgress:
    """Her progress, held until the commit: of two devices that end the last two steps, one must see the other's."""
    held: dict[str, Any] = {"populate_existing": True, "with_for_update": True}
    progress = db.get(CourseProgress, learner.enrolment_id, **held)
    if progress is None:
        _begin_course(db, learner)
        progress = db.get_one(CourseProgress, learner.enrolment_id, **held)
    return progress


def _steps_done(db: Session, learner: Learner, outline: Outline) -> int:
    """How many steps of the course as it is now are complete; steps that left the course do not count."""
    done = {row.step for row in _STEPS_DONE.rows(db, of=learner.enrolment_id)}
    return len({step.id for step in outline.steps} & done)


# ---- the course itself changed, or she came back to it ---------------------------------------------------------------


def follow_new_version(db: Session, event: VersionPublished) -> None:
    """Handler of `VersionPublished`: everybody moved to another version, and who did all that is left is complete.

    The worker counts: a course may have thousands of people, and whoever publishes need not wait for them.
    """
    if event.number > 1:
        enqueue(db, NEW_VERSION_KIND, {"course": event.course_id, "at": event.at.isoformat()})


def follow_return(db: Session, event: LearnerEnrolled) -> None:
    """Handler of `LearnerEnrolled`: the course may have a new version since she left it."""
    if event.returned and db.get(CourseProgress, event.enrolment_id) is not None:
        recount_steps(db, event.enrolment_id, at=event.at)


def recount_steps(db: Session, enrolment_id: int, *, at: datetime) -> None:
    """Hold what she did against the course as it is now. `at`: when the course is complete, should it be."""
    learner, outline = learner_of(db, enrolment_id)
    _count_steps(db, learner, outline, _hold_course(db, learner), at)
    emit(db, StepsRecounted(enrolment_id, at))


# ---- what other kinds of step tell us --------------------------------------------------------------------------------


def complete_quiz(db: Session, event: AttemptFinished) -> None:
    """A quiz that was passed completes its step; the quiz itself said `passed`."""
    if event.passed:
        learner, outline = learner_of(db, event.enrolment_id)
        step = outline.step(event.step)
        if step is not None:
            complete_step(db, learner, outline, step, at=event.at, score=event.score, verb=None)


def follow_attendance(db: Session, event: AttendanceMarked) -> None:
    """Presence completes the step of a taught moment; a correction takes that back."""
    learner, outline = learner_of(db, event.enrolment_id)
    step = outline.step(event.step)
    if step is None:
        return
    if event.presence == PRESENT:
        complete_step(db, learner, outline, step, at=event.at, verb=None)
    elif event.was == PRESENT:
        reopen_step(db, learner, step.id)


def complete_assignment(db: Session, event: AssignmentHandedIn | AssignmentAccepted) -> None:
    """A task completes its step when it is handed in, or only when it is accepted, as the course says."""
    learner, outline = learner_of(db, event.enrolment_id)
    step = outline.step(event.step)
    wanted = "accepted" if isinstance(event, AssignmentAccepted) else "handed-in"
    if step is not None and wanted in {step.complete_when, "accepted"}:
        complete_step(db, learner, outline, step, at=event.at)


def forget_person(db: Session, event: PersonErased) -> None:
    """Handler of `PersonErased`: what she wrote for herself goes; how far she was stays."""
    hers = sa.select(Enrolment.id).where(Enrolment.person_id == event.person_id)
    db.execute(sa.delete(PageAnswer).where(PageAnswer.enrolment_id.in_(hers)))
