"""The servers that tests run on are real, and leave no traces."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from email.message import EmailMessage
from pathlib import Path
from smtplib import SMTP
from urllib.parse import urlsplit

import pytest
import redis
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.db import Database
from lms.kernel.errors import NotFound
from lms.kernel.jobs import OutboxRow, enqueue
from lms.kernel.storage import Storage
from tests.services import postgresql as postgresql_server
from tests.services import redis_server
from tests.services.processes import ServiceMissingError, free_port, is_listening
from tests.services.smtp import Mailbox


def count_rows(db: Session) -> int:
    return db.scalar(sa.select(sa.func.count()).select_from(OutboxRow)) or 0


@pytest.mark.parametrize("_turn", [1, 2])
def test_a_session_may_commit_and_the_next_test_sees_nothing_of_it(db: Session, _turn: int) -> None:
    assert count_rows(db) == 0
    enqueue(db, "mail", {})
    db.commit()
    db.rollback()
    assert count_rows(db) == 1


@pytest.mark.parametrize("_turn", [1, 2])
def test_a_database_has_many_connections_and_is_emptied(database: Database, _turn: int) -> None:
    with database.read() as db:
        assert count_rows(db) == 0
    with database.write() as db:
        enqueue(db, "mail", {})
    with database.read() as one, database.read() as other:
        assert count_rows(one) == count_rows(other) == 1


def test_both_makes_of_database_are_what_they_say(backend: str, db: Session) -> None:
    assert db.get_bind().dialect.name == backend


@pytest.mark.parametrize("_turn", [1, 2])
def test_redis_starts_empty(redis_url: str, _turn: int) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.set("key", "value", nx=True)


@pytest.mark.parametrize("_turn", [1, 2])
def test_mail_arrives(mailbox: Mailbox, _turn: int) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@leerlabo.example", "b@leerlabo.example", "Één mail"
    message.set_content("Dag")
    address = urlsplit(mailbox.url)
    with SMTP(address.hostname or "", address.port or 0) as server:
        server.send_message(message)
    assert [str(mail["Subject"]) for mail in mailbox.messages] == ["Één mail"]


@pytest.mark.parametrize("_turn", [1, 2])
def test_a_bucket_starts_empty(s3_url: str, _turn: int) -> None:
    storage = Storage(s3_url)
    with pytest.raises(NotFound):
        storage.get("folder/file")
    storage.put("folder/file", b"bytes")
    assert storage.list("folder") == ["folder/file"]
    assert storage.get("folder/file") == b"bytes"


def test_a_throw_away_postgresql_makes_databases() -> None:
    with postgresql_server._throw_away() as server:
        port = server.port or 0
        assert is_listening(port)
        with postgresql_server.database_on(server) as url, postgresql_server._connect(url) as connection:
            assert connection.execute("SELECT current_database()").fetchone() == (url.database,)
    assert not is_listening(port)


def test_a_throw_away_postgresql_for_a_bench_keeps_its_promises(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TEST_DATABASE_URL", raising=False)
    monkeypatch.setattr(postgresql_server, "NEARBY", ())
    with (
        postgresql_server.postgresql(durable=True) as server,
        postgresql_server._connect(server) as connection,
    ):
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            assert connection.execute(f"SHOW {setting}").fetchone() == ("on",)


def test_a_throw_away_redis_answers() -> None:
    with redis_server._throw_away() as url, redis.Redis.from_url(url) as client:
        assert client.ping()


def test_a_named_postgresql_that_is_not_there_is_a_failure_and_not_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEST_DATABASE_URL", f"postgresql://nobody@127.0.0.1:{free_port()}/nowhere")
    with pytest.raises(ServiceMissingError, match="TEST_DATABASE_URL names a PostgreSQL that cannot be used"):
        next(iter(postgresql_server.postgresql().gen))


RUN_WITH_REDIS = """
from tests.services import redis_server
with redis_server._throw_away() as url:
    print(url, flush=True)
    input()
"""


def test_a_server_ends_with_a_run_that_is_killed(tmp_path: Path) -> None:
    command, env = [sys.executable, "-c", RUN_WITH_REDIS], os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=env, text=True) as run:
        assert run.stdout
        port = urlsplit(run.stdout.readline().strip()).port or 0
        assert is_listening(port)
        run.kill()
    deadline = time.monotonic() + 10
    while is_listening(port) and time.monotonic() < deadline:
        pass
    assert not is_listening(port)
