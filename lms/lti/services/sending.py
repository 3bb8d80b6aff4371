"""Send a platform the scores that wait for it, one by one: again later when it is not there, never when it says no."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from lms.kernel import clock
from lms.kernel.db import Database, insert_once
from lms.kernel.jobs import waiting_keys
from lms.kernel.logs import describe_error
from lms.kernel.outgoing import Outgoing
from lms.lti.formats.grades import ActivityProgress, GradingProgress, Standing, read_results, score_json
from lms.lti.formats.services import RESULT, RESULTS_TYPE, SCORE, SCORE_TYPE, Problem, below, with_query
from lms.lti.models import Deployment, LineItem, LtiContext, LtiUser, PlatformRegistration, PlatformServices, Score
from lms.lti.services.calling import MOST_SAID, PlatformCaller
from lms.lti.services.columns import Column, forget_column, get_column, have_column
from lms.lti.services.noting import KIND, TICK, leave_word
from lms.lti.services.tokens import ServiceFailure

RESULTS_KIND = "lti-results"
RUN_S = 20.0  # then another job goes on, so that mail gets its turn
RESULTS_S = 60.0
CLAIM = timedelta(minutes=5)  # far longer than a run; a worker that died leaves the platform after this
LONGEST_PAUSE = timedelta(hours=1)
MOST_FAILURES = 3  # in a row, of different scores: then it is the platform
STOPS = frozenset({Problem.REFUSED, Problem.OLDER, Problem.NO_COLUMN, Problem.NO_SCOPE, Problem.NOT_ITS_ADDRESS})
ABOUT_ONE = frozenset({Problem.SERVER, Problem.BROKEN_ANSWER, Problem.GONE, Problem.TOO_MANY_PAGES})
MOST_TRIES = 174  # in the first hours more often, then one an hour: a week
Waiting = tuple[Score, str]  # with what the platform calls her

log = structlog.get_logger()


def send_scores(database: Database, registration_id: int, outgoing: Outgoing) -> None:
    """Send what is due, for `RUN_S` seconds at most; when there is more, leave word to go on.

    One worker at a time for a platform, and one row for each learner and column: so nobody's scores overtake each
    other, and no column is made twice. At least once: after a lost answer the same score goes again, with the same
    moment, and a platform knows by that that it has it.
    """
    with _claimed(database, registration_id) as registration:
        if registration is None:
            return
        has_more = _send_due(PlatformCaller(database, registration, outgoing))
    if has_more:
        with database.write() as db:
            leave_word(db, registration_id)


def wake(database: Database) -> None:
    """Leave word for every platform that has a score to get and nobody who sends it."""
    with database.write() as db:
        told = set(db.scalars(waiting_keys(KIND)))
        for registration_id in list_due(db):
            if str(registration_id) not in told:
                leave_word(db, registration_id)


def list_due(db: Any) -> list[int]:
    """The registrations for which a score is due now, that are on and not left alone."""
    now = clock.now()
    found = (
        _due(sa.select(LtiUser.registration_id).distinct(), now)
        .outerjoin(PlatformServices, PlatformServices.registration_id == LtiUser.registration_id)
        .where(sa.or_(PlatformServices.registration_id.is_(None), _is_free(now)))
    )
    return list(db.scalars(found))


def read_results_of(database: Database, item_id: int, outgoing: Outgoing) -> int:
    """Ask the platform what its grade book says in this column (AGS 2.0, 3.3); returns for how many of our learners.

    Raises `ServiceFailure`.
    """
    with database.read() as db:
        registration = db.scalars(
            sa.select(PlatformRegistration)
            .join(Deployment, Deployment.registration_id == PlatformRegistration.id)
            .join(LtiContext, LtiContext.deployment_id == Deployment.id)
            .join(LineItem, LineItem.context_id == LtiContext.id)
            .where(LineItem.id == item_id)
        ).one()
    caller = PlatformCaller(database, registration, outgoing).within(RESULTS_S)
    column = get_column(caller, item_id)
    if not column.url or RESULT not in column.scopes:
        raise ServiceFailure(Problem.NO_SCOPE)
    try:
        pages = caller.pages(with_query(below(column.url, "results"), limit="100"), scope=RESULT, accept=RESULTS_TYPE)
        found = [result for data in pages for result in read_results(data)]
    except ValueError as error:
        raise ServiceFailure(Problem.BROKEN_ANSWER, said=str(error)) from error
    now, known = clock.now(), 0
    with database.write() as db:
        for result in found:
            hers = sa.select(LtiUser.id).where(
                LtiUser.registration_id == registration.id, LtiUser.subject == result.subject
            )
            row = sa.update(Score).where(Score.line_item_id == item_id, Score.user_id.in_(hers)).returning(Score.id)
            values = {"result_score": result.score, "result_maximum": result.maximum, "result_read_at": now}
            known += len(db.execute(row.values(**values)).all())
    return known


# ---- one platform ----------------------------------------------------------------------------------------------------


@contextmanager
def _claimed(database: Database, registration_id: int) -> Iterator[PlatformRegistration | None]:
    """The platform, for this worker alone; None when another has it, or when it is off or left alone."""
    now = clock.now()
    with database.write() as db:
        insert_once(db, PlatformServices, registration_id=registration_id, failures=0, problem="")
        mine = sa.update(PlatformServices).where(PlatformServices.registration_id == registration_id, _is_free(now))
        is_mine = db.scalar(mine.values(claimed_until=now + CLAIM).returning(PlatformServices.registration_id))
        registration = db.get(PlatformRegistration, registration_id) if is_mine else None
    try:
        yield None if registration is None or registration.switched_off_at is not None else registration
    finally:
        if is_mine:
            with database.write() as db:
                own = sa.update(PlatformServices).where(PlatformServices.registration_id == registration_id)
                db.execute(own.where(PlatformServices.claimed_until == now + CLAIM).values(claimed_until=None))


def _send_due(caller: PlatformCaller) -> bool:
    """Whether there is more than one run could send."""
    end, failures = time.monotonic() + RUN_S, 0
    while True:
        waiting = _next(caller)
        if waiting is None:
            return False
        try:
            _send_one(caller, waiting)
        except ServiceFailure as failure:
            failures += 1
            _write_failure(caller, waiting[0], failure)
            is_about_it = failure.problem in STOPS
            if not is_about_it and (failure.problem not in ABOUT_ONE or failures >= MOST_FAILURES):
                _pause(caller, failure)
                return False
        else:
            failures = 0
            _resume(caller)
        if time.monotonic() >= end:
            return True


def _next(caller: PlatformCaller) -> Waiting | None:
    """The score that waits longest."""
    now = clock.now()
    found = _due(sa.select(Score, LtiUser.subject), now).where(LtiUser.registration_id == caller.registration.id)
    with caller.database.read() as db:
        row = db.execute(found.order_by(Score.next_try_at, Score.id).limit(1)).first()
    return None if row is None else (row[0], row[1])


def _send_one(caller: PlatformCaller, waiting: Waiting) -> None:
    """Send it. What nobody foresaw is a failure of this score alone: those behind it go on."""
    try:
        _send(caller, waiting)
    except ServiceFailure:
        raise
    except Exception as error:  # a platform may say anything
        log.exception("lti_score_failed", score=waiting[0].id)
        raise ServiceFailure(Problem.BROKEN_ANSWER, said=describe_error(error)) from error


def _send(caller: PlatformCaller, waiting: Waiting) -> None:
    score, _subject = waiting
    column = get_column(caller, score.line_item_id)
    if SCORE not in column.scopes:
        raise ServiceFailure(Problem.NO_SCOPE)
    had_url = bool(column.url)
    try:
        _post(caller, replace(column, url=have_column(caller, column)), waiting)
    except ServiceFailure as failure:
        if failure.problem != Problem.GONE or not had_url:
            raise
        forget_column(caller, column)  # somebody removed it there: it is found again, or made again, once
        column = replace(column, url="")
        _post(caller, replace(column, url=have_column(caller, column)), waiting)
    _write_sent(caller, score)


def _post(caller: PlatformCaller, column: Column, waiting: Waiting) -> None:
    score, subject = waiting
    standing = Standing(
        ActivityProgress(score.activity_progress),
        GradingProgress(score.grading_progress),
        score.score_given,
        score.timestamp,
    )
    url, data = below(column.url, "scores"), score_json(subject, standing)
    try:
        caller.post(url, data, scope=SCORE, media_type=SCORE_TYPE)
    except ServiceFailure as failure:
        if failure.problem != Problem.OLDER or not _has_it(caller, column, subject, standing):
            raise


def _has_it(caller: PlatformCaller, column: Column, subject: str, standing: Standing) -> bool:
    """After a conflict: whether the platform has this very score, because its answer was lost the last time."""
    if RESULT not in column.scopes or standing.score is None:
        return False
    url = with_query(below(column.url, "results"), user_id=subject)
    try:
        found = [r for data in caller.pages(url, scope=RESULT, accept=RESULTS_TYPE) for r in read_results(data)]
    except (ServiceFailure, ValueError):
        return False
    return any(
        result.subject == subject and result.score is not None and result.maximum and _is_same(result, standing)
        for result in found
    )


def _is_same(result: Any, standing: Standing) -> bool:
    return standing.score is not None and abs(100 * result.score / result.maximum - standing.score) < 1


# ---- how it went -----------------------------------------------------------------------------------------------------


def _write_sent(caller: PlatformCaller, score: Score) -> None:
    """It is there. When she got further while it was on its way, the newer one goes next, with a later moment."""
    is_newest, now = Score.timestamp == score.timestamp, clock.now()
    after = sa.literal(now + TICK, Score.timestamp.type)
    _write(
        caller,
        score,
        sent_timestamp=score.timestamp,
        sent_at=now,
        timestamp=sa.case((sa.or_(is_newest, Score.timestamp > after), Score.timestamp), else_=after),
        next_try_at=sa.case((is_newest, sa.null()), else_=Score.next_try_at),
        tries=0,
        status=None,
        answer="",
    )


def _write_failure(caller: PlatformCaller, score: Score, failure: ServiceFailure) -> None:
    """Again later; or, when the platform said no or failed for a week, not before somebody asks or she gets further."""
    is_newest = Score.timestamp == score.timestamp
    is_hopeless = failure.problem in ABOUT_ONE and score.tries + 1 >= MOST_TRIES
    stops = is_hopeless or failure.problem in STOPS
    problem = Problem.GIVEN_UP if is_hopeless else failure.problem
    pause = min(timedelta(minutes=2 ** min(score.tries, 6)), LONGEST_PAUSE)
    wait = max(pause, timedelta(seconds=failure.wait_s or 0))
    later = sa.null() if stops else sa.literal(clock.now() + wait, Score.next_try_at.type)
    _write(
        caller,
        score,
        tries=Score.tries + 1,
        next_try_at=sa.case((is_newest, later), else_=Score.next_try_at),
        status=failure.status,
        answer=f"{problem}: {failure.said}"[:MOST_SAID],
    )


def _write(caller: PlatformCaller, score: Score, **values: Any) -> None:
    with caller.database.write() as db:
        db.execute(
            sa.update(Score).where(Score.id == score.id).values(**values).execution_options(synchronize_session=False)
        )


def _pause(caller: PlatformCaller, failure: ServiceFailure) -> None:
    """Nobody is there, or nobody lets us in: try again after 1, 2, 4 … minutes, at last every hour."""
    now = clock.now()
    with caller.database.write() as db:
        services = db.get_one(PlatformServices, caller.registration.id, with_for_update=True)
        pause = min(timedelta(minutes=2 ** min(services.failures, 6)), LONGEST_PAUSE)
        services.paused_until = now + max(pause, timedelta(seconds=failure.wait_s or 0))
        services.failures += 1
        services.problem = failure.problem


def _resume(caller: PlatformCaller) -> None:
    with caller.database.write() as db:
        own = sa.update(PlatformServices).where(PlatformServices.registration_id == caller.registration.id)
        db.execute(own.where(PlatformServices.failures > 0).values(failures=0, problem="", paused_until=None))


def _due(question: Any, now: datetime) -> Any:
    """Scores whose time has come, of platforms and deployments that are on."""
    return (
        question.select_from(Score)
        .join(LtiUser, LtiUser.id == Score.user_id)
        .join(LineItem, LineItem.id == Score.line_item_id)
        .join(LtiContext, LtiContext.id == LineItem.context_id)
        .join(Deployment, Deployment.id == LtiContext.deployment_id)
        .join(PlatformRegistration, PlatformRegistration.id == LtiUser.registration_id)
        .where(
            Score.next_try_at <= now,
            Deployment.switched_off_at.is_(None),
            PlatformRegistration.switched_off_at.is_(None),
        )
    )


def _is_free(now: datetime) -> sa.ColumnElement[bool]:
    services = PlatformServices
    return sa.and_(
        sa.or_(services.claimed_until.is_(None), services.claimed_until < now),
        sa.or_(services.paused_until.is_(None), services.paused_until <= now),
    )
