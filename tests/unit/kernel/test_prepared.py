"""A prepared statement says what SQLAlchemy would have said, in the same transaction, with the same types."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.accounts.models import SignInAttempts
from lms.kernel.db import Database, UtcDateTime, WriteWhileReadingError
from lms.kernel.prepared import Prepared, PreparedUpdate

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
FAILURES = Prepared(sa.select(SignInAttempts.failures).where(SignInAttempts.key == sa.bindparam("wanted")))
FORGIVE = PreparedUpdate(sa.update(SignInAttempts).values(failures=sa.bindparam("now_failures")))
FORGIVE_ONE = PreparedUpdate(
    sa.update(SignInAttempts).where(SignInAttempts.key == sa.bindparam("wanted")).values(failures=0)
)

TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
TYPED: tuple[tuple[sa.types.TypeEngine[Any], st.SearchStrategy[Any]], ...] = (
    (sa.Uuid(), st.none() | st.uuids()),
    (UtcDateTime(), st.none() | st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))),  # noqa: DTZ001
    (sa.Date(), st.none() | st.dates(date(1900, 1, 1))),
    (sa.Numeric(8, 2), st.decimals(0, 99999, places=2)),
    (sa.Boolean(), st.booleans()),
    (sa.Integer(), st.integers(-(2**31), 2**31 - 1)),
    (sa.String(), st.none() | TEXTS),
    (sa.JSON(), st.lists(TEXTS, max_size=4)),
    (sa.LargeBinary(), st.binary(max_size=40)),
)


def add_counter(db: Session, key: str, failures: int = 0) -> None:
    db.add(SignInAttempts(key=key, since=NOON, failures=failures))


@pytest.mark.parametrize(("kind", "values"), TYPED, ids=lambda part: type(part).__name__)
@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_type_goes_and_comes_as_with_sqlalchemy(
    db: Session, kind: sa.types.TypeEngine[Any], values: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    value = data.draw(values)
    statement = sa.select(sa.bindparam("given", type_=kind).label("back"), sa.literal("fixed").label("word"))
    [row] = Prepared(statement).rows(db, given=value)
    assert row.back == value
    assert tuple(row) == tuple(db.execute(statement, {"given": value}).one())


def test_rows_first_and_scalar(db: Session) -> None:
    for key, failures in (("a", 1), ("b", 2)):
        add_counter(db, key, failures)
    everybody = Prepared(sa.select(SignInAttempts.key, SignInAttempts.failures).order_by(SignInAttempts.key))
    assert [(row.key, row.failures) for row in everybody.rows(db)] == [("a", 1), ("b", 2)]
    assert everybody.first(db) == ("a", 1)
    assert FAILURES.scalar(db, wanted="b") == 2
    assert (FAILURES.first(db, wanted="c"), FAILURES.scalar(db, wanted="c")) == (None, None)


def test_values_that_stand_in_the_statement_itself(db: Session) -> None:
    for key, failures in (("a", 1), ("b", 2), ("c", 3)):
        add_counter(db, key, failures)
    some = Prepared(
        sa.select(SignInAttempts.key).where(
            SignInAttempts.failures > 1, SignInAttempts.since == NOON, SignInAttempts.key != sa.bindparam("other")
        )
    )
    assert [row.key for row in some.rows(db, other="c")] == ["b"]


def test_what_the_mapper_holds_is_written_first(db: Session) -> None:
    add_counter(db, "new", 3)
    assert FAILURES.scalar(db, wanted="new") == 3


def test_how_many_rows_were_changed_is_known(db: Session) -> None:
    for key in ("a", "b"):
        add_counter(db, key, 5)
    assert FORGIVE.execute(db, now_failures=0) == 2
    assert FORGIVE_ONE.execute(db, wanted="c") == 0


def test_what_is_only_told_comes_before_all_that_follows(db: Session) -> None:
    add_counter(db, "counter", 5)
    FORGIVE.tell(db, now_failures=1)
    FORGIVE.tell(db, now_failures=2)
    assert FAILURES.scalar(db, wanted="counter") == 2
    FORGIVE.tell(db, now_failures=3)
    assert db.scalar(sa.select(SignInAttempts.failures)) == 3  # SQLAlchemy's own way comes after it too


def test_what_is_only_told_goes_with_the_commit(database: Database) -> None:
    with database.write() as db:
        add_counter(db, "counter", 5)
    with database.write() as db:
        FORGIVE.tell(db, now_failures=0)
    with database.read() as db:
        assert FAILURES.scalar(db, wanted="counter") == 0


def test_what_is_only_told_goes_back_with_its_transaction(database: Database) -> None:
    with database.write() as db:
        add_counter(db, "counter", 5)
    with database.writer() as db:
        FORGIVE.tell(db, now_failures=0)
        db.rollback()
    with database.read() as db:
        assert FAILURES.scalar(db, wanted="counter") == 5


def _forgive_wrongly(database: Database) -> None:
    with database.write() as db:
        FORGIVE_ONE.tell(db, wanted="counter")
        FORGIVE.tell(db, now_failures=None)


def test_what_fails_when_it_was_only_told_stops_the_commit(database: Database) -> None:
    with database.write() as db:
        add_counter(db, "counter", 5)
    with pytest.raises(IntegrityError):
        _forgive_wrongly(database)
    with database.read() as db:
        assert FAILURES.scalar(db, wanted="counter") == 5


def test_statements_are_prepared_again_after_a_rollback(database: Database) -> None:
    for _round in range(4):  # the driver prepares what it ran before, and lets the server forget that
        with database.writer() as db:
            assert FAILURES.scalar(db, wanted="counter") is None
            db.scalar(sa.select(SignInAttempts.failures))
            db.rollback()


def test_a_savepoint_that_goes_back_takes_along_what_was_told_in_it(db: Session) -> None:
    add_counter(db, "counter", 5)
    for _round in range(4):
        savepoint = db.begin_nested()
        FORGIVE.tell(db, now_failures=0)
        savepoint.rollback()
        assert FAILURES.scalar(db, wanted="counter") == 5
        FORGIVE.tell(db, now_failures=5)


def test_what_it_changes_goes_back_with_its_transaction(database: Database) -> None:
    with database.write() as db:
        add_counter(db, "counter", 4)
    with database.writer() as db:
        FORGIVE.execute(db, now_failures=0)
        assert FAILURES.scalar(db, wanted="counter") == 0
        db.rollback()
    with database.read() as db:
        assert FAILURES.scalar(db, wanted="counter") == 4


def test_a_session_that_committed_asks_a_new_transaction(database: Database) -> None:
    with database.writer() as db:
        add_counter(db, "counter")
        assert FAILURES.scalar(db, wanted="counter") == 0
        db.commit()
        with database.write() as another:
            FORGIVE.execute(another, now_failures=7)
        assert FAILURES.scalar(db, wanted="counter") == 7


def test_a_reader_writes_nothing_this_way_either(database: Database) -> None:
    with database.read() as db, pytest.raises(WriteWhileReadingError):
        FORGIVE.execute(db, now_failures=0)


def test_an_error_of_the_driver_is_one_of_sqlalchemy(db: Session) -> None:
    add_counter(db, "counter")
    with pytest.raises(IntegrityError) as caught:
        FORGIVE.execute(db, now_failures=None)
    assert caught.value.hide_parameters


def test_who_counts_statements_counts_these_too(db: Session) -> None:
    asked: list[str] = []
    sa.event.listen(db.connection(), "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    FAILURES.scalar(db, wanted="counter")
    assert len(asked) == 1
    assert asked[0].startswith("SELECT")


def test_words_that_hang_on_the_values_are_refused(db: Session) -> None:
    several = Prepared(sa.select(SignInAttempts.key).where(SignInAttempts.failures.in_([1, 2])))
    with pytest.raises(TypeError, match="IN"):
        several.rows(db)
