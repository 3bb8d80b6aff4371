"""A real worker, started as anybody would: it does what is in the outbox, also what was put there while it was away."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import pytest
import sqlalchemy as sa

from lms.app import open_database, open_queue
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.jobs import OutboxRow, run_due
from lms.kernel.mail import queue_mail
from tests.services.platform import settings_for
from tests.services.processes import running
from tests.services.schema import empty_tables
from tests.services.smtp import Mailbox

WAIT_S = 30


@pytest.fixture
def environ(
    backend: str, database_url: str, tmp_path: Path, mailbox: Mailbox, request: pytest.FixtureRequest
) -> dict[str, str]:
    """On SQLite the queue is a file; on PostgreSQL it is Redis, as on more than one machine."""
    extra = {"LEERLABO_REDIS_URL": request.getfixturevalue("redis_url")} if backend == "postgresql" else {}
    return {
        **os.environ,
        **extra,
        "LEERLABO_DATABASE_URL": database_url,
        "LEERLABO_DATA_DIR": str(tmp_path),
        "LEERLABO_MAIL_URL": mailbox.url,
        "LEERLABO_DEMO": "yes",
    }


@pytest.fixture
def settings(environ: dict[str, str]) -> Settings:
    return Settings.from_environ(environ)


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    """The platform's database, with a queue beside it that no worker empties yet."""
    database = open_database(settings)
    open_queue(settings, database)
    yield database
    empty_tables(database)
    database.dispose()


@contextmanager
def worker(environ: dict[str, str], log: Path) -> Iterator[Popen[bytes]]:
    command = [sys.executable, "-m", "lms.cli", "worker"]
    with running(command, name="The worker", log=log, is_ready=lambda: True, env=environ) as process:
        yield process


def wait_for(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT_S
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def send(database: Database, subject: str) -> None:
    with database.write() as db:
        queue_mail(db, to="emma@example.org", subject=subject, text="Dag Emma")


def subjects(mailbox: Mailbox) -> list[str]:
    return [str(message["Subject"]) for message in mailbox.messages]


def is_done(database: Database) -> bool:
    with database.read() as db:
        return db.scalar(sa.select(sa.func.count()).where(OutboxRow.done_at.is_(None))) == 0


def test_a_worker_does_what_came_before_and_after_it_and_nothing_twice(
    environ: dict[str, str], settings: Settings, database: Database, mailbox: Mailbox, tmp_path: Path
) -> None:
    send(database, "before")
    with worker(environ, tmp_path / "first.log") as process:
        wait_for(lambda: is_done(database))
        send(database, "during")
        wait_for(lambda: is_done(database))
        process.kill()
        process.wait()
    send(database, "after a kill")
    with worker(environ, tmp_path / "second.log"):
        wait_for(lambda: is_done(database))
    assert subjects(mailbox) == ["before", "during", "after a kill"]
    assert run_due(database, open_queue(settings, database)._handlers) == 0


def test_a_queue_that_is_down_fails_no_request(database_url: str, tmp_path: Path) -> None:
    settings = settings_for(database_url, tmp_path, LEERLABO_REDIS_URL="redis://127.0.0.1:1/0")
    database = open_database(settings)
    queue = open_queue(settings, database)
    send(database, "later")
    assert run_due(database, queue._handlers) == 1
    [kept] = (tmp_path / "mail").glob("*.eml")
    assert b"Subject: later" in kept.read_bytes()
    empty_tables(database)
    database.dispose()
