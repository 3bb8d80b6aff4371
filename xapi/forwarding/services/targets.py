"""Make, change and stop a target, and decide about what it would not take."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.jobs import OutboxRow, enqueue
from xapi.forwarding.models import DeadLetter, Target
from xapi.forwarding.queries import list_idle
from xapi.standard.version import Version
from xapi.statements.events import ActorForgotten
from xapi.statements.queries import EPOCH

KIND = "forward"
LONGEST_WAIT = timedelta(days=1)  # far longer than the outbox tries; it lets the index find the few rows


@dataclass(frozen=True, slots=True)
class Terms:
    """Where statements go, and which. `endpoint` is the other store's xAPI root; `area` (slug), `verb` and `activity`
    (IRIs) limit what it gets.
    """

    name: str
    endpoint: str
    version: Version
    key: str
    secret: str = field(repr=False)
    area: str | None = None
    verb: str | None = None
    activity: str | None = None


def create_target(db: Session, terms: Terms, *, since: datetime = EPOCH) -> Target:
    """Have statements sent to another record store: those stored from `since` on, without it all there are."""
    target = Target(created_at=clock.now(), handled_stored=since, secret=terms.secret)
    db.add(target)
    change_target(db, target, terms)
    return target


def change_target(db: Session, target: Target, terms: Terms) -> None:
    """Write down what is different, and try at once. An empty secret keeps the one it has. How far it is stays."""
    target.name, target.endpoint, target.version = terms.name, terms.endpoint.rstrip("/"), str(terms.version)
    target.key, target.secret = terms.key, terms.secret or target.secret
    target.area, target.verb, target.activity = terms.area, terms.verb, terms.activity
    _begin(db, target)


def switch_target(db: Session, target: Target, *, on: bool) -> None:
    """Send nothing any more, or go on where it was."""
    target.is_on = on
    db.flush()
    if on:
        _begin(db, target)


def send_again(db: Session, letter: DeadLetter) -> None:
    """Have one statement that was put aside sent once more, before all that comes next."""
    letter.again_at = clock.now()
    db.flush()
    leave_word(db, letter.target_id)


def send_all_again(db: Session, target: Target) -> None:
    """Have all that was put aside for this target sent once more, before all that comes next."""
    letters = sa.update(DeadLetter).where(DeadLetter.target_id == target.id, DeadLetter.again_at.is_(None))
    db.execute(letters.values(again_at=clock.now()))
    leave_word(db, target.id)


def drop_letter(db: Session, letter: DeadLetter) -> None:
    """This target will not get this statement. It stays in the record."""
    db.delete(letter)
    db.flush()


def wake(database: Database) -> None:
    """Leave word for every target that has something to do, unless there is word already.

    A look at the record costs less than a word about each statement in the transaction that stores it.
    """
    with database.read() as db:
        told = set(db.scalars(_open_words(clock.now())))
        idle = [target_id for target_id in list_idle(db) if str(target_id) not in told]
    if idle:
        with database.write() as db:
            for target_id in idle:
                leave_word(db, target_id)


def leave_word(db: Session, target_id: int) -> None:
    """Have a worker send this target what comes next, after the commit."""
    enqueue(db, KIND, {"target": target_id}, key=str(target_id))


def forget_answers(db: Session, _event: ActorForgotten) -> None:
    """Handler of `ActorForgotten`: what targets said may quote her, so all of it goes. Their status stays."""
    for model in (Target, DeadLetter):
        db.execute(sa.update(model).where(model.answer != "").values(answer=""))


def _begin(db: Session, target: Target) -> None:
    """Whatever went wrong before may be right now."""
    target.paused_until, target.failures, target.tries, target.status, target.answer = None, 0, 0, None, ""
    db.flush()
    leave_word(db, target.id)


def _open_words(now: datetime) -> sa.Select[str]:
    """The targets, as keys, for which a job waits, runs, or failed and will be tried again."""
    return sa.select(OutboxRow.key).where(
        OutboxRow.kind == KIND,
        OutboxRow.done_at.is_(None),
        OutboxRow.gave_up_at.is_(None),
        OutboxRow.not_before > now - LONGEST_WAIT,
    )
