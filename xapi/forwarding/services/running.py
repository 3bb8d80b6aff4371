"""Send one target what comes next, in order: wait when one is refused, and stop when nobody is there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.storage import Storage
from xapi.forwarding.formats import Answer
from xapi.forwarding.models import DeadLetter, Target
from xapi.forwarding.queries import Outgoing, find_last_before, is_free, list_again, list_next
from xapi.forwarding.services.sending import Line, Outcome, Sent, send
from xapi.forwarding.services.targets import leave_word
from xapi.statements.queries import consistent_through, find_files

PIECE = 50  # statements; after each piece is written how far the target is
RUN_S = 20.0  # then another job goes on, so that mail and other targets get their turn
CLAIM = timedelta(minutes=5)  # far longer than a run; a worker that died leaves the target after this
TRIES = 3  # of one statement
LONGEST_PAUSE = timedelta(hours=1)
MOST_KEPT = 500  # characters of an answer


class _Over(Exception):  # noqa: N818  no error: somebody else is at this target now, or it was switched off
    """Stop here; everything is written down."""


def forward(database: Database, storage: Storage, target_id: int) -> None:
    """Send a target its next statements, for `RUN_S` seconds at most; when there are more, leave word to go on.

    One worker at a time. At least once: who is stopped half-way sends a few again, under the same id.
    """
    with _claimed(database, target_id) as target:
        if target is None:
            return
        try:
            has_more = _send_next(database, storage, target)
        except _Over:
            return
    if has_more:
        with database.write() as db:
            leave_word(db, target_id)


@contextmanager
def _claimed(database: Database, target_id: int) -> Iterator[Target | None]:
    """The target, for this worker alone; None when another has it, or when it is off or paused."""
    now = clock.now()
    with database.write() as db:
        target = db.scalars(
            sa.update(Target)
            .where(Target.id == target_id, is_free(now))
            .values(claimed_until=now + CLAIM)
            .returning(Target)
        ).one_or_none()
    try:
        yield target
    finally:
        if target is not None:
            with database.write() as db:
                db.execute(_mine(target).values(claimed_until=None))


def _send_next(database: Database, storage: Storage, target: Target) -> bool:
    """Whether there is more than one run could send."""
    end = time.monotonic() + RUN_S
    with Line(target) as line:
        if not _send_again(database, storage, target, line, end):
            return False
        while True:
            through = consistent_through(database)
            with database.read() as db:
                piece = list_next(db, target, through=through, limit=PIECE)
                last = find_last_before(db, through)
            handled = _send_piece(database, storage, target, line, piece, end)
            if handled is None:
                return False
            if handled == len(piece) < PIECE:
                _pass_over(database, target, last)
                return False
            if time.monotonic() >= end:
                return True


def _send_again(
    database: Database, storage: Storage, target: Target, line: Line, end: float
) -> bool:  # fmt: skip
    """First what somebody asked to try once more. False when the target is not there."""
    with database.read() as db:
        letters = list_again(db, target)
    for letter, statement in letters:
        if time.monotonic() >= end:
            return True
        sent = None if statement is None else _send(database, storage, line, statement)
        if sent is not None and sent.outcome is Outcome.ABSENT:
            _pause(database, target, sent.answer)
            return False
        with database.write() as db:
            if sent is None or sent.outcome is Outcome.DELIVERED:
                db.execute(sa.delete(DeadLetter).where(DeadLetter.id == letter.id))
            else:
                db.execute(sa.update(DeadLetter).where(DeadLetter.id == letter.id).values(_refusal(sent.answer)))
    return True


def _send_piece(
    database: Database, storage: Storage, target: Target, line: Line, piece: list[Outgoing], end: float
) -> int | None:  # fmt: skip
    """Send these in order, at least one and no more when time is up; returns how many are done with.

    None when the target must be left alone for a while.
    """
    done: Outgoing | None = None
    handled = 0
    for statement in piece:
        sent = _send(database, storage, line, statement)
        if sent.outcome is Outcome.DELIVERED:
            done, target.tries = statement, 0
        else:
            if done is not None:
                _come_to(database, target, done)
                done = None
            if not _get_past(database, target, statement, sent):
                return None
        handled += 1
        if time.monotonic() >= end:
            break
    if done is not None:
        _come_to(database, target, done)
    return handled


def _get_past(database: Database, target: Target, statement: Outgoing, sent: Sent) -> bool:
    """What to do when a statement was not taken: whether the next one may go."""
    if sent.outcome is Outcome.ABSENT:
        _pause(database, target, sent.answer)
        return False
    if target.tries + 1 < TRIES:
        _wait(database, target, sent.answer)
        return False
    _put_aside(database, target, statement, sent.answer)
    return True


def _send(database: Database, storage: Storage, line: Line, statement: Outgoing) -> Sent:
    with database.read() as db:
        files = find_files(db, {statement.id: statement.payload})
    return send(line, storage, statement, files)


def _come_to(database: Database, target: Target, done: Outgoing) -> None:
    """Everything up to this one is there."""
    _write(
        database,
        target,
        handled_stored=done.stored,
        handled_id=done.id,
        sent_at=clock.now(),
        tries=0,
        failures=0,
        status=None,
        answer="",
    )


def _pass_over(database: Database, target: Target, last: tuple[datetime, int] | None) -> None:
    """There is nothing more for this target up to the last statement there is: do not look there again."""
    if last is not None and last > (target.handled_stored, target.handled_id):
        _write(database, target, handled_stored=last[0], handled_id=last[1])


def _put_aside(database: Database, target: Target, statement: Outgoing, answer: Answer) -> None:
    """Enough tries: it becomes a dead letter, and the next ones go on."""
    letter = DeadLetter(target_id=target.id, statement_id=statement.id, statement=statement.uuid)
    for name, value in _refusal(answer).items():
        setattr(letter, name, value)
    _write(
        database,
        target,
        letter,
        handled_stored=statement.stored,
        handled_id=statement.id,
        tries=0,
        failures=0,
        status=None,
        answer="",
    )


def _wait(database: Database, target: Target, answer: Answer) -> None:
    """A statement was refused: the target may think better of it, and until then the order waits."""
    _write(
        database,
        target,
        tries=target.tries + 1,
        failures=0,
        paused_until=clock.now() + timedelta(minutes=2**target.tries),
        **_said(answer),
    )


def _pause(database: Database, target: Target, answer: Answer) -> None:
    """The target is not there, or lets nobody in: try again after 1, 2, 4 … minutes, at last every hour."""
    pause = min(timedelta(minutes=2 ** min(target.failures, 6)), LONGEST_PAUSE)
    _write(database, target, failures=target.failures + 1, paused_until=clock.now() + pause, **_said(answer))


def _write(database: Database, target: Target, letter: DeadLetter | None = None, **values: Any) -> None:
    """Write how far the target is, in one transaction with what was put aside. Raises `_Over` when we must stop."""
    with database.write() as db:
        is_on = db.scalar(_mine(target).values(values).returning(Target.is_on))
        if letter is not None and is_on is not None:
            db.add(letter)
    if not is_on:
        raise _Over
    for name, value in values.items():
        setattr(target, name, value)


def _mine(target: Target) -> sa.Update:
    """An update of the target, as long as it is still ours."""
    return (
        sa.update(Target)
        .where(Target.id == target.id, Target.claimed_until == target.claimed_until)
        .execution_options(synchronize_session=False)
    )


def _refusal(answer: Answer) -> dict[str, Any]:
    return {"failed_at": clock.now(), "again_at": None, **_said(answer)}


def _said(answer: Answer) -> dict[str, Any]:
    """What is kept of an answer: the first characters that can be shown."""
    text = answer.data[: 4 * MOST_KEPT].decode(errors="replace").replace("\0", "")
    return {"status": answer.status, "answer": text[:MOST_KEPT]}
