"""The outbox: what was rolled back is never done, what was committed is done once, what fails is tried again."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Barrier, Lock
from typing import Any

import pytest
import sqlalchemy as sa
from huey.api import Huey
from structlog.testing import capture_logs

from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.jobs import CLAIM, MAX_ATTEMPTS, Handlers, OutboxRow, Queue, enqueue, run_due, run_row
from tests.services.platform import settings_for

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


class Worked(Handlers):
    """Handlers that remember what they were given."""

    def __init__(self) -> None:
        super().__init__()
        self.done: list[dict[str, Any]] = []
        self.register("work", lambda _database, payload: self.done.append(payload))


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.moved_to(NOW):
        yield


@pytest.fixture
def handlers() -> Worked:
    return Worked()


@pytest.fixture
def queue(database: Database, handlers: Worked, database_url: str, tmp_path: Path) -> Queue:
    """The queue beside the database; huey runs a task at once, so that a test sees what a worker would be told."""
    queue = Queue(settings_for(database_url, tmp_path), database, handlers)
    queue.huey.immediate = True
    return queue


def put(database: Database, kind: str = "work", **payload: Any) -> int:
    with database.write() as db:
        enqueue(db, kind, payload)
    with database.read() as db:
        return db.scalars(sa.select(OutboxRow.id).order_by(OutboxRow.id.desc())).first() or 0


def row(database: Database) -> OutboxRow:
    with database.read() as db:
        return db.scalars(sa.select(OutboxRow)).one()


# ---- after the commit ------------------------------------------------------------------------------------------------


def test_the_row_runs_after_the_commit_and_not_before(database: Database, handlers: Worked, queue: Queue) -> None:
    with database.write() as db:
        enqueue(db, "work", {"n": 1})
        assert handlers.done == []
    assert handlers.done == [{"n": 1}]
    assert row(database).done_at == NOW


def test_a_row_that_was_rolled_back_is_never_run(database: Database, handlers: Worked, queue: Queue) -> None:
    with database.writer() as db:
        enqueue(db, "work", {})
        db.rollback()
        db.commit()
    assert handlers.done == []
    assert run_due(database, handlers) == 0


def test_a_savepoint_tells_nobody_before_the_transaction_is_committed(
    database: Database, handlers: Worked, queue: Queue
) -> None:
    with database.write() as db:
        with db.begin_nested():
            enqueue(db, "work", {"n": 1})
        assert handlers.done == []
    assert handlers.done == [{"n": 1}]


def test_a_savepoint_that_is_rolled_back_takes_only_its_own_rows_along(
    database: Database, handlers: Worked, queue: Queue
) -> None:
    with database.write() as db:
        enqueue(db, "work", {"n": 1})
        with db.begin_nested() as savepoint:
            enqueue(db, "work", {"n": 2})
            savepoint.rollback()
    assert handlers.done == [{"n": 1}]


def test_later_means_not_before_that_moment(database: Database, handlers: Worked, queue: Queue) -> None:
    with database.write() as db:
        enqueue(db, "work", {}, not_before=NOW + timedelta(days=14))
    with clock.moved_to(NOW + timedelta(days=13, hours=23)):
        assert run_due(database, handlers) == 0
    with clock.moved_to(NOW + timedelta(days=14)):
        assert run_due(database, handlers) == 1
    assert len(handlers.done) == 1


def test_the_sweep_finds_a_row_whose_word_was_lost(database: Database, handlers: Worked, queue: Queue) -> None:
    def lose(_row_id: int) -> None:
        raise ConnectionError("the queue is down")

    queue._run_row = lose
    with capture_logs() as logs:
        put(database, n=1)
    assert [line["event"] for line in logs] == ["queue_unreachable"]
    assert handlers.done == []
    queue._sweep()
    assert handlers.done == [{"n": 1}]


def test_a_database_without_a_queue_keeps_its_rows_for_the_sweep(database: Database, handlers: Worked) -> None:
    put(database, n=1)
    assert run_due(database, handlers) == 1
    assert handlers.done == [{"n": 1}]


def test_the_sweep_takes_the_oldest_first_and_no_more_than_it_is_told(database: Database, handlers: Worked) -> None:
    for n in range(3):
        put(database, n=n)
    assert run_due(database, handlers, limit=2) == 2
    assert handlers.done == [{"n": 0}, {"n": 1}]


# ---- once ------------------------------------------------------------------------------------------------------------


def test_a_row_is_done_once_and_its_payload_forgotten(database: Database, handlers: Worked) -> None:
    row_id = put(database, secret="a link that lets somebody in")
    assert run_row(database, handlers, row_id)
    assert not run_row(database, handlers, row_id)
    assert len(handlers.done) == 1
    assert row(database).payload == {}


def test_workers_that_want_the_same_rows_share_them(database: Database) -> None:
    workers, rows = 4, 25
    done: list[int] = []
    lock, together = Lock(), Barrier(workers)
    handlers = Handlers()

    def work(_database: Database, payload: dict[str, Any]) -> None:
        with lock:
            done.append(payload["n"])

    handlers.register("work", work)
    with database.write() as db:
        for n in range(rows):
            enqueue(db, "work", {"n": n})

    def sweep(_worker: int) -> int:
        with clock.moved_to(NOW):  # a thread has a clock of its own
            together.wait()
            return run_due(database, handlers)

    with ThreadPoolExecutor(workers) as pool:
        assert sum(pool.map(sweep, range(workers))) == rows
    assert sorted(done) == list(range(rows))


def test_a_claim_keeps_others_away_until_it_is_clear_that_the_worker_died(database: Database, handlers: Worked) -> None:
    row_id = put(database)
    tried: list[bool] = []
    dying = Handlers()
    dying.register("work", lambda database, _payload: tried.append(run_row(database, handlers, row_id)))

    def killed(_database: Database, _payload: dict[str, Any]) -> None:
        raise SystemExit

    assert run_row(database, dying, row_id)
    assert tried == [False]
    row_id = put(database)
    dying = Handlers()
    dying.register("work", killed)
    with pytest.raises(SystemExit):
        run_row(database, dying, row_id)
    assert run_due(database, handlers) == 0
    with clock.moved_to(NOW + CLAIM + timedelta(seconds=1)):
        assert run_due(database, handlers) == 1


# ---- again -----------------------------------------------------------------------------------------------------------


def test_what_fails_is_tried_again_ever_later_and_then_given_up_for_all_to_see(database: Database) -> None:
    handlers = Handlers()

    def fail(_database: Database, payload: dict[str, Any]) -> None:
        raise ConnectionError(f"no answer for {payload['to']}")

    told: list[dict[str, Any]] = []
    handlers.register("work", fail, give_up=lambda _db, payload: told.append(payload))
    row_id = put(database, to="emma@example.org")
    moment, waits = NOW, []
    for attempt in range(MAX_ATTEMPTS):
        with clock.moved_to(moment), capture_logs() as logs:
            assert run_row(database, handlers, row_id)
            assert not run_row(database, handlers, row_id), "not again at once"
            assert len(told) == (attempt == MAX_ATTEMPTS - 1)
        assert [line["event"] for line in logs] == ["job_failed"]
        waits.append((row(database).not_before - moment) // timedelta(minutes=1))
        moment = max(moment, row(database).not_before)
    assert waits[:-1] == [1, 2, 4, 8, 16, 32, 64]
    given_up = row(database)
    assert given_up.gave_up_at == moment
    assert given_up.attempts == MAX_ATTEMPTS
    assert given_up.last_error.startswith("ConnectionError at test_jobs.py:")
    assert "emma" not in given_up.last_error, "an error's words may hold an address"
    assert told == [given_up.payload]
    assert given_up.payload == {"to": "emma@example.org"}, "whoever mends it needs to know what it was about"
    with clock.moved_to(moment + timedelta(days=365)):
        assert run_due(database, handlers) == 0


def test_after_a_failure_it_may_still_succeed(database: Database, handlers: Worked) -> None:
    row_id = put(database)
    with capture_logs():
        assert run_row(database, Handlers(), row_id), "nobody handles this kind: written down, not lost"
    assert row(database).last_error.startswith("KeyError at jobs.py:")
    with clock.moved_to(NOW + timedelta(minutes=1)):
        assert run_row(database, handlers, row_id)
    assert row(database).last_error == ""
    assert row(database).attempts == 2


def test_one_row_that_fails_does_not_stop_the_others(database: Database, handlers: Worked) -> None:
    put(database, "unknown")
    put(database, n=2)
    with capture_logs():
        assert run_due(database, handlers) == 2
    assert handlers.done == [{"n": 2}]


def test_a_handler_may_write_and_put_more_in_the_outbox(database: Database, handlers: Worked, queue: Queue) -> None:
    def pass_on(database: Database, payload: dict[str, Any]) -> None:
        with database.write() as db:
            enqueue(db, "work", payload)

    handlers.register("first", pass_on)
    put(database, "first", n=1)
    assert handlers.done == [{"n": 1}]


def test_two_handlers_for_one_kind_are_refused() -> None:
    with pytest.raises(ValueError, match="two handlers"):
        Worked().register("work", lambda _database, _payload: None)


# ---- every night -----------------------------------------------------------------------------------------------------


def test_every_nightly_job_runs_also_when_one_fails(database: Database, handlers: Worked, queue: Queue) -> None:
    done: list[str] = []

    def fail(_database: Database) -> None:
        raise ZeroDivisionError

    handlers.every_night(lambda _database: done.append("first"))
    handlers.every_night(fail)
    handlers.every_night(lambda _database: done.append("last"))
    with capture_logs() as logs:
        queue._night()
    assert done == ["first", "last"]
    assert [line["event"] for line in logs] == ["regular_job_failed"]


def due(huey: Huey, moment: datetime) -> set[str]:
    return {task.name.removeprefix("queuetask_") for task in huey.read_periodic(moment)}


def test_the_night_is_once_a_day_and_the_sweep_each_minute(queue: Queue) -> None:
    minutes = [datetime(2026, 3, 2, hour, minute) for hour in range(24) for minute in range(60)]  # noqa: DTZ001 huey's way
    nights = [minute for minute in minutes if any("night" in name for name in due(queue.huey, minute))]
    sweeps = [minute for minute in minutes if any("sweep" in name for name in due(queue.huey, minute))]
    assert len(nights) == 1
    assert len(sweeps) == len(minutes)
