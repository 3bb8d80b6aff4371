"""Work after the commit: an outbox in the database, and a huey worker that runs its rows by kind.

A row is written in the transaction that wants it, so a job never sees rows that are not there yet, and what was
rolled back is never done. After the commit the queue is told; should that word be lost, a sweep finds the row.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
import structlog
from huey import PriorityRedisHuey, SqliteHuey, crontab
from huey.api import Huey
from sqlalchemy import event
from sqlalchemy.orm import Mapped, Session, mapped_column

from lms.kernel import clock
from lms.kernel.config import Settings
from lms.kernel.db import Base, Database
from lms.kernel.logs import describe_error

JobHandler = Callable[[Database, dict[str, Any]], None]
GiveUp = Callable[[Session, dict[str, Any]], None]
RegularJob = Callable[[Database], None]

MAX_ATTEMPTS = 8
CLAIM = timedelta(minutes=5)
_ROWS, _QUEUE = "leerlabo.outbox_rows", "leerlabo.queue"

log = structlog.get_logger()


class OutboxRow(Base):
    """One thing to do once its transaction is committed. When done the row stays, to be counted; its payload goes."""

    __tablename__ = "outbox"
    __table_args__ = (sa.Index("ix_outbox_open", "not_before", sqlite_where=sa.text("done_at IS NULL")),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(40))
    key: Mapped[str] = mapped_column(sa.String(200), default="")
    payload: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    not_before: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    gave_up_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(sa.Text, default="")


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row this worker holds for a few minutes."""

    id: int
    kind: str
    payload: dict[str, Any]
    attempts: int


def enqueue(
    db: Session, kind: str, payload: dict[str, Any], *, key: str = "", not_before: datetime | None = None
) -> None:
    """Have `kind`'s handler run with `payload` after the commit, or from `not_before` on. `key` is for who looks."""
    now = clock.now()
    row = OutboxRow(kind=kind, key=key, payload=payload, created_at=now, not_before=not_before or now)
    db.add(row)
    db.flush()
    if not_before is None:
        db.info.setdefault(_ROWS, []).append(row.id)


@event.listens_for(Session, "after_commit")
def _announce(db: Session) -> None:
    if db.in_nested_transaction():
        return  # only a savepoint: nobody else sees these rows yet
    rows = db.info.pop(_ROWS, None)
    queue = db.info.get(_QUEUE)
    if rows and queue is not None:
        for row_id in rows:
            queue.announce(row_id)


@event.listens_for(Session, "after_rollback")
def _forget(db: Session) -> None:
    if db.in_nested_transaction():
        return  # the rows before the savepoint still come; a word about one that is gone does no harm
    db.info.pop(_ROWS, None)


def waiting_keys(kind: str) -> sa.Select[str]:
    """The keys of the rows of this kind that are to be done, now or later: nobody need leave word once more."""
    is_waiting = (OutboxRow.kind == kind, OutboxRow.done_at.is_(None), OutboxRow.gave_up_at.is_(None))
    return sa.select(OutboxRow.key).where(*is_waiting)


class Handlers:
    """What is done for each kind of row, every minute and every night. Filled once by `create_app`."""

    def __init__(self) -> None:
        self._by_kind: dict[str, JobHandler] = {}
        self._give_up: dict[str, GiveUp] = {}
        self.minutely: list[RegularJob] = []
        self.daily: list[RegularJob] = []

    def register(self, kind: str, handler: JobHandler, *, give_up: GiveUp | None = None) -> None:
        """Run `handler(database, payload)` for rows of this kind. It opens its own short transactions.

        `give_up(db, payload)` is told of a row that failed too often, for who waits for it.
        """
        if kind in self._by_kind:
            raise ValueError(f"two handlers for outbox rows of kind {kind}")
        self._by_kind[kind] = handler
        if give_up is not None:
            self._give_up[kind] = give_up

    def every_minute(self, job: RegularJob) -> None:
        """Run `job(database)` every minute. It must be quick: what takes long, it leaves in the outbox."""
        self.minutely.append(job)

    def every_night(self, job: RegularJob) -> None:
        """Run `job(database)` once a night."""
        self.daily.append(job)

    def run(self, database: Database, kind: str, payload: dict[str, Any]) -> None:
        """Run the handler of this kind. Raises `LookupError` when nobody registered it."""
        try:
            handler = self._by_kind[kind]
        except KeyError:
            raise LookupError(f"nobody handles outbox rows of kind {kind}") from None
        handler(database, payload)

    def give_up(self, db: Session, kind: str, payload: dict[str, Any]) -> None:
        """Tell whoever waits for rows of this kind that this one will not be done."""
        if kind in self._give_up:
            self._give_up[kind](db, payload)


class Queue:
    """The huey queue beside a database: it is told of rows, and a worker takes them."""

    def __init__(self, settings: Settings, database: Database, handlers: Handlers) -> None:
        self.huey = _huey(settings)
        self._database, self._handlers = database, handlers
        self._run_row = self.huey.task()(self._work)
        self.huey.periodic_task(crontab(minute="*"))(self._sweep)
        self.huey.periodic_task(crontab(minute="30", hour="2"))(self._night)
        database.info[_QUEUE] = self

    def announce(self, row_id: int) -> None:
        """Tell the worker of a committed row. A queue that is down loses nothing: the sweep finds the row."""
        try:
            self._run_row(row_id)
        except Exception:  # any queue's failure; the person's request has succeeded
            log.warning("queue_unreachable", row=row_id, exc_info=True)

    def work(self) -> None:
        """Be the worker, until told to stop."""
        self.huey.create_consumer(workers=2, periodic=True, worker_type="thread").run()

    def _work(self, row_id: int) -> None:
        run_row(self._database, self._handlers, row_id)

    def _sweep(self) -> None:
        run_due(self._database, self._handlers)
        self._run_each(self._handlers.minutely)

    def _night(self) -> None:
        self._run_each(self._handlers.daily)

    def _run_each(self, jobs: Sequence[RegularJob]) -> None:
        for job in jobs:
            try:
                job(self._database)
            except Exception:  # the others must run too
                log.exception("regular_job_failed", job=getattr(job, "__qualname__", repr(job)))


def run_due(database: Database, handlers: Handlers, *, limit: int = 500) -> int:
    """Run every open row whose time has come; returns how many were tried."""
    with database.read() as db:
        due = db.scalars(sa.select(OutboxRow.id).where(_is_open(clock.now())).order_by(OutboxRow.id).limit(limit)).all()
    return sum(run_row(database, handlers, row_id) for row_id in due)


def run_row(database: Database, handlers: Handlers, row_id: int) -> bool:
    """Claim the row and run it, outside any transaction. False when somebody else has it or it is done."""
    with database.write() as db:
        claimed = _claim(db, row_id)
    if claimed is None:
        return False
    try:
        handlers.run(database, claimed.kind, claimed.payload)
    except Exception as error:  # whatever fails is written down and tried again
        log.warning("job_failed", kind=claimed.kind, row=row_id, attempts=claimed.attempts, exc_info=True)
        with database.write() as db:
            if claimed.attempts < MAX_ATTEMPTS:
                _postpone(db, claimed, describe_error(error))
            else:
                _give_up(db, claimed, describe_error(error))
                handlers.give_up(db, claimed.kind, claimed.payload)
    else:
        with database.write() as db:
            _finish(db, row_id)
    return True


def _claim(db: Session, row_id: int) -> Claimed | None:
    now = clock.now()
    row = db.execute(
        sa.update(OutboxRow)
        .where(OutboxRow.id == row_id, _is_open(now))
        .values(claimed_until=now + CLAIM, attempts=OutboxRow.attempts + 1)
        .returning(OutboxRow.id, OutboxRow.kind, OutboxRow.payload, OutboxRow.attempts)
    ).first()
    return None if row is None else Claimed(*row)


def _finish(db: Session, row_id: int) -> None:
    """Done. What it was about is forgotten: a mail may hold a link that lets somebody in."""
    db.execute(
        sa.update(OutboxRow)
        .where(OutboxRow.id == row_id)
        .values(done_at=clock.now(), claimed_until=None, payload={}, last_error="")
    )


def _postpone(db: Session, claimed: Claimed, error: str) -> None:
    """Try again after 1, 2, 4 … minutes."""
    later = clock.now() + timedelta(minutes=2 ** (claimed.attempts - 1))
    _release(db, claimed, not_before=later, last_error=error)


def _give_up(db: Session, claimed: Claimed, error: str) -> None:
    """After a good two hours: the row stays, open to who looks after the platform."""
    _release(db, claimed, gave_up_at=clock.now(), last_error=error)


def _release(db: Session, claimed: Claimed, **values: Any) -> None:
    db.execute(sa.update(OutboxRow).where(OutboxRow.id == claimed.id).values(claimed_until=None, **values))


def _is_open(now: datetime) -> sa.ColumnElement[bool]:
    return sa.and_(
        OutboxRow.done_at.is_(None),
        OutboxRow.gave_up_at.is_(None),
        OutboxRow.not_before <= now,
        sa.or_(OutboxRow.claimed_until.is_(None), OutboxRow.claimed_until < now),
    )


def _huey(settings: Settings) -> Huey:
    if settings.redis_url:
        return PriorityRedisHuey("leerlabo", url=settings.redis_url)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    name = urlsplit(settings.database_url).path.rsplit("/", 1)[-1] or "leerlabo"
    return SqliteHuey("leerlabo", filename=str(settings.data_dir / f"{name}.queue"))
