"""The database loses no update, keeps moments in UTC, minds its foreign keys, and never writes while reading."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from threading import Barrier

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session

from lms.accounts.models import SignIn, SignInAttempts
from lms.kernel.db import Base, Database, WriteWhileReadingError
from lms.kernel.jobs import OutboxRow, enqueue

THREADS, TIMES = 4, 100
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


def add_counter(database: Database) -> None:
    with database.write() as db:
        db.add(SignInAttempts(key="counter", since=NOON, failures=0))


def raise_counter(database: Database) -> None:
    with database.write() as db:
        db.get_one(SignInAttempts, "counter").failures += 1


def count(database: Database) -> int:
    with database.read() as db:
        return db.get_one(SignInAttempts, "counter").failures


def together(act: Callable[[], None]) -> None:
    """Let all threads do this `TIMES` times, from the same moment on."""
    ready = Barrier(THREADS)

    def run(_number: int) -> None:
        ready.wait()
        for _time in range(TIMES):
            act()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(run, range(THREADS)))


def test_threads_that_read_and_then_update_lose_nothing(database: Database) -> None:
    add_counter(database)

    def increment() -> None:
        with database.write() as db:
            row = db.scalars(sa.select(SignInAttempts).with_for_update()).one()
            row.failures = row.failures + 1

    together(increment)
    assert count(database) == THREADS * TIMES


def test_readers_are_not_kept_waiting_and_see_whole_transactions(database: Database) -> None:
    add_counter(database)
    with database.write() as writing:
        writing.get_one(SignInAttempts, "counter").failures = 1
        writing.flush()
        assert count(database) == 0
        writing.get_one(SignInAttempts, "counter").failures = 2
    assert count(database) == 2


def test_who_fails_to_write_lets_the_next_one_go(database: Database) -> None:
    add_counter(database)
    for _time in range(3):
        with pytest.raises(IntegrityError), database.write() as db:
            db.execute(sa.insert(SignIn).values(person_id=0, token_hash="", created_at=NOON, expires_at=NOON))
    with ThreadPoolExecutor(1) as other:
        other.submit(raise_counter, database).result(timeout=5)
    assert count(database) == 1


def test_what_is_done_after_a_commit_may_write_again(database: Database) -> None:
    """Jobs that are due at once run there, before the session lets its connection go."""
    add_counter(database)
    with database.writer() as db:
        db.get_one(SignInAttempts, "counter").failures = 5
        sa.event.listen(db, "after_commit", lambda _db: raise_counter(database))
        db.commit()
    assert count(database) == 6


def test_one_connection_writes_twice_in_turn(database: Database) -> None:
    add_counter(database)
    with database.writer() as db:
        connection = db.connection()
        for _time in range(2):
            connection.execute(sa.update(SignInAttempts).values(failures=SignInAttempts.failures + 1))
            connection.commit()
    with ThreadPoolExecutor(1) as other:
        other.submit(raise_counter, database).result(timeout=5)
    assert count(database) == 3


def test_two_databases_on_one_file_write_in_turn(tmp_path: Path) -> None:
    """As two web processes do: each has threads of its own, and they meet at the file."""
    first, second = (Database(f"sqlite:///{tmp_path / 'shared.db'}") for _ in range(2))
    Base.metadata.create_all(first.engine)
    add_counter(first)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(raise_counter, [first, second] * 100))
    assert count(second) == 200
    for database in (first, second):
        database.dispose()


def test_write_commits_once_at_its_end(database: Database) -> None:
    commits: list[bool] = []
    sa.event.listen(database.engine, "commit", lambda _connection: commits.append(True))
    with database.write() as db:
        enqueue(db, "one", {})
        enqueue(db, "two", {})
        assert commits == []
    assert commits == [True]


def test_write_rolls_back_when_it_raises(database: Database) -> None:
    add_counter(database)

    def fail() -> None:
        with database.write() as db:
            db.get_one(SignInAttempts, "counter").failures = 7
            db.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert count(database) == 0


def test_what_is_left_pending_in_a_read_is_dropped(database: Database) -> None:
    add_counter(database)
    with database.read() as db:
        db.get_one(SignInAttempts, "counter").failures = 9
        db.add(SignInAttempts(key="another", since=NOON, failures=0))
    assert count(database) == 0


def test_a_read_that_flushes_what_it_changed_still_writes_nothing(database: Database) -> None:
    add_counter(database)
    with database.read() as db:
        db.get_one(SignInAttempts, "counter").failures = 9
        with pytest.raises(WriteWhileReadingError):
            db.flush()
    assert count(database) == 0


@pytest.mark.parametrize(
    "statement",
    [
        sa.insert(SignInAttempts).values(key="another", since=NOON, failures=0),
        sa.update(SignInAttempts).values(failures=9),
        sa.delete(SignInAttempts),
        sa.text(" delete from sign_in_attempts"),
    ],
)
def test_a_reader_is_refused_whichever_way_it_tries_to_write(database: Database, statement: sa.Executable) -> None:
    add_counter(database)
    with database.read() as db, pytest.raises(WriteWhileReadingError):
        db.execute(statement)
    assert count(database) == 0


def test_a_foreign_key_must_lead_somewhere(db: Session) -> None:
    db.add(SignIn(token_hash="x", person_id=987_654, device="", created_at=NOON, expires_at=NOON))
    with pytest.raises(IntegrityError):
        db.flush()


def test_a_moment_without_a_zone_is_refused(db: Session) -> None:
    db.add(SignInAttempts(key="k", since=datetime(2026, 3, 2, 12), failures=0))  # noqa: DTZ001 the point
    with pytest.raises(StatementError, match="without a time zone"):
        db.flush()


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    moment=st.datetimes(
        datetime(1990, 1, 1),  # noqa: DTZ001 hypothesis wants naive bounds
        datetime(2100, 1, 1),  # noqa: DTZ001
        timezones=st.integers(-12, 14).map(lambda hours: timezone(timedelta(hours=hours))),
    )
)
def test_a_moment_comes_back_as_the_same_moment_in_utc(db: Session, moment: datetime) -> None:
    with db.begin_nested() as savepoint:
        db.add(SignInAttempts(key="moment", since=moment, failures=0))
        db.flush()
        db.expire_all()
        [back] = db.scalars(sa.select(SignInAttempts.since))
        savepoint.rollback()
    assert back == moment
    assert back.utcoffset() == timedelta(0)


def test_moments_are_compared_as_moments(db: Session) -> None:
    db.add(SignInAttempts(key="noon", since=NOON, failures=0))
    db.flush()
    in_brussels = NOON.astimezone(timezone(timedelta(hours=1)))
    assert db.scalar(sa.select(SignInAttempts.key).where(SignInAttempts.since == in_brussels)) == "noon"
    assert db.scalar(sa.select(SignInAttempts.key).where(SignInAttempts.since < in_brussels)) is None


def test_each_session_finds_what_the_database_tells_all_of_them(database: Database) -> None:
    database.info["leerlabo.iri_base"] = "https://leerlabo.test/"
    with database.read() as one, database.write() as other:
        assert one.info["leerlabo.iri_base"] == other.info["leerlabo.iri_base"] == "https://leerlabo.test/"
        one.info["mine"] = True
        assert "mine" not in other.info


def test_constraints_have_names_so_that_migrations_can_find_them() -> None:
    table = sa.inspect(OutboxRow).local_table
    assert isinstance(table, sa.Table)
    assert table.primary_key.name == "pk_outbox"
