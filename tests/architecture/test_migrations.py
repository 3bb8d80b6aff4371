"""The migrations tell the same story as the models, on both makes of database, and can be told backwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from lms.kernel import schema
from lms.kernel.db import Database
from tests.services.schema import import_models


@pytest.fixture
def empty(empty_database_url: Callable[[], str]) -> Iterator[Database]:
    """A database without tables."""
    database = Database(empty_database_url())
    yield database
    database.dispose()


def differences(database: Database) -> list[object]:
    """What autogenerate would still write."""
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, import_models()))


def test_upgrading_an_empty_database_gives_what_the_models_say(empty: Database) -> None:
    schema.upgrade(empty)
    assert differences(empty) == []


def test_downgrading_takes_everything_away(empty: Database) -> None:
    schema.upgrade(empty)
    schema.downgrade(empty, "base")
    assert sa.inspect(empty.engine).get_table_names() == ["alembic_version"]


def test_upgrading_twice_changes_nothing(empty: Database) -> None:
    schema.upgrade(empty)
    schema.upgrade(empty)
    assert differences(empty) == []


def test_a_database_made_before_exports_gets_their_table(empty: Database) -> None:
    schema.upgrade(empty, "0002")
    with empty.write() as db:
        db.execute(sa.text("DROP TABLE statement_export"))
    schema.upgrade(empty)
    assert differences(empty) == []


def test_a_column_that_no_migration_makes_is_noticed(empty: Database) -> None:
    schema.upgrade(empty)
    with empty.write() as db:
        db.execute(sa.text("ALTER TABLE outbox DROP COLUMN last_error"))
    assert differences(empty)


def test_the_history_is_one_line() -> None:
    assert len(ScriptDirectory(str(schema.MIGRATIONS)).get_heads()) == 1
