"""Send one target what comes next, in order: wait when a statement is refused, and stop when nobody is there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.storage import Storage
from xapi.forwarding.formats import Answer
from xapi.forwarding.models import DeadLetter, Target
from xapi.forwarding.queries import Outgoing, find_last_before, is_free, list_again, list_next
from xapi.forwarding.services.sending import Line, Outcome, Sent, is_well, send
from xapi.forwarding.services.targets import leave_word
from xapi.statements.queries import consistent_through, find_files

PIECE = 50  # statements; after each piece is written how far the target is
RUN_S = 20.0  # then another job goes on, so that mail and other targets get their turn
CLAIM = timedelta(minutes=5)  # far longer than a run; a worker that died leaves the target after this
TRIES = {Outcome.REFUSED: 3, Outcome.BROKEN: 8}  # of one statement: in three minutes, in two hours
LONGEST_PAUSE = timedelta(hours=1)
MOST_KEPT = 500  # characters of an answer


class _Over(Exception):  # noqa: N818  no error: somebody else is at this target now, or it was switched off
    """Stop here; everything is written down."""


def forward(database: Database, storage: Storage, target_id: int, *, may_go_inside: bool) -> None:
    """Send a target its next statements, for `RUN_S` seconds at most; when there are more, leave word to go on.

    One worker at a time. At least once: who is stopped half-way sends a few again, under the same id.
    """
    with _claimed(database, target_id) as target:
        if target is None:
            return
        try:
            with Line(target, may_go_inside=may_go_inside) as line:
                has_more = _Run(database, storage, target, line, time.monotonic() + RUN_S).send_next()
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


@dataclass(frozen=True, slots=True)
class _Run:
    """One worker's turn with a target, until `end` on the monotonic clock."""

    database: Database
    storage: Storage
    target: Target
    line: Line
    end: float

    def send_next(self) -> bool:
        """Whether there is more than this run could send."""
        if not self._send_again():
            return False
        while True:
            through = consistent_through(self.database)
            with self.database.read() as db:
                piece = list_next(db, self.target, through=through, limit=PIECE)
                last = find_last_before(db, through)
            handled = self._send_piece(piece)
            if handled is None:
                return False
            if handled == len(piece) < PIECE:
                self._pass_over(last)
                return False
            if self._is_late():
                return True

    def _send_again(self) -> bool:
        """First what somebody asked to try once more. False when the target is not there."""
        for letter, statement in self._asked_again():
            if self._is_late():
                return True
            sent = None if statement is None else self._send(statement)
            if sent is not None and sent.outcome is Outcome.ABSENT:
                self._pause(sent.answer)
                return False
            with self.database.write() as db:
                if sent is None or sent.outcome is Outcome.DELIVERED:
                    db.execute(sa.delete(DeadLetter).where(DeadLetter.id == letter.id))
                else:
                    db.execute(sa.update(DeadLetter).where(DeadLetter.id == letter.id).values(_refusal(sent.answer)))
        return True

    def _asked_again(self) -> Iterator[tuple[DeadLetter, Outgoing | None]]:
        """Piece by piece: whoever asked for all may have asked for very many. Each that is sent is asked no more."""
        while True:
            with self.database.read() as db:
                letters = list_again(db, self.target, limit=PIECE)
            yield from letters
            if len(letters) < PIECE:
                return

    def _send_piece(self, piece: list[Outgoing]) -> int | None:
        """Send these in order, at least one and no more when time is up; returns how many are done with.

        None when the target must be left alone for a while.
        """
        done: Outgoing | None = None
        handled = 0
        for statement in piece:
            sent = self._send(statement)
            if sent.outcome is Outcome.DELIVERED:
                done, self.target.tries = statement, 0
            else:
                if done is not None:
                    self._come_to(done, sent_at=clock.now())
                    done = None
                if not self._get_past(statement, sent):
                    return None
            handled += 1
            if self._is_late():
                break
        if done is not None:
            self._come_to(done, sent_at=clock.now())
        return handled

    def _get_past(self, statement: Outgoing, sent: Sent) -> bool:
        """What to do when a statement was not taken: whether the next one may go."""
        if sent.outcome is Outcome.ABSENT:
            self._pause(sent.answer)
            return False
        is_last_try = self.target.tries + 1 >= TRIES[sent.outcome]
        # Something broken may break on every statement: then it is ill, and they wait until it is well.
        if not is_last_try or (sent.outcome is Outcome.BROKEN and not is_well(self.line, statement)):
            self._wait(sent.answer)
            return False
        self._put_aside(statement, sent.answer)
        return True

    def _send(self, statement: Outgoing) -> Sent:
        with self.database.read() as db:
            files = find_files(db, {statement.id: statement.payload})
        return send(self.line, self.storage, statement, files)

    def _is_late(self) -> bool:
        return time.monotonic() >= self.end

    def _come_to(self, done: Outgoing, letter: DeadLetter | None = None, **more: Any) -> None:
        """Everything up to this one is there, or put aside."""
        place = {"handled_stored": done.stored, "handled_id": done.id}
        self._write(letter, **place, tries=0, failures=0, status=None, answer="", **more)

    def _put_aside(self, statement: Outgoing, answer: Answer) -> None:
        """Enough tries: it becomes a dead letter, and the next ones go on."""
        letter = DeadLetter(target_id=self.target.id, statement_id=statement.id, statement=statement.uuid)
        for name, value in _refusal(answer).items():
            setattr(letter, name, value)
        self._come_to(statement, letter)

    def _pass_over(self, last: tuple[datetime, int] | None) -> None:
        """There is nothing more for this target up to the last statement there is: do not look there again."""
        if last is not None and last > (self.target.handled_stored, self.target.handled_id):
            self._write(handled_stored=last[0], handled_id=last[1])

    def _wait(self, answer: Answer) -> None:
        """A statement was not taken: the target may think better of it, and until then the order waits."""
        tries = self.target.tries
        self._write(tries=tries + 1, failures=0, paused_until=clock.now() + _pause_after(tries), **_said(answer))

    def _pause(self, answer: Answer) -> None:
        """The target is not there, or lets nobody in."""
        failures = self.target.failures
        self._write(failures=failures + 1, paused_until=clock.now() + _pause_after(failures), **_said(answer))

    def _write(self, letter: DeadLetter | None = None, **values: Any) -> None:
        """Write how far the target is, in one transaction with what was put aside. Raises `_Over` when we must stop."""
        with self.database.write() as db:
            is_on = db.scalar(_mine(self.target).values(values).returning(Target.is_on))
            if letter is not None and is_on is not None:
                db.add(letter)
        if not is_on:
            raise _Over
        for name, value in values.items():
            setattr(self.target, name, value)


def _pause_after(times: int) -> timedelta:
    """How long to leave a target alone that failed so many times before: 1, 2, 4 … minutes, at last an hour."""
    return min(timedelta(minutes=2 ** min(times, 6)), LONGEST_PAUSE)


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
