"""Up to when the record is complete (`X-Experience-API-Consistent-Through`, 1.0.3 Communication 2.1.3)."""

from __future__ import annotations

import sqlite3
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from lms.kernel import clock
from lms.kernel.db import Database
from xapi.statements.models import Statement
from xapi.statements.queries.asking import EPOCH


def consistent_through(database: Database) -> datetime:
    """A moment before which every statement is there for every reader, now and later: `stored` never lies before it.

    PostgreSQL: when the oldest transaction began that is still open, for `stored` is always read inside one, from the
    same clock. SQLite has one writer: when the lock is free, nobody is writing and it is now; else all that is
    committed is complete.
    """
    if database.is_sqlite:
        return _consistent_sqlite(database)
    with database.read() as db:
        through: datetime = db.execute(_CONSISTENT, {"moved": clock.moved()}).scalar_one()
    return through.astimezone(UTC) - timedelta(microseconds=1)


_CONSISTENT = sa.text(
    "SELECT least(coalesce(CAST(:moved AS timestamptz), statement_timestamp()), min(xact_start)) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
)


def _consistent_sqlite(database: Database) -> datetime:
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        if raw is None or raw.in_transaction:  # our own connection is writing
            return _last_stored(connection)
        timeout = raw.execute("PRAGMA busy_timeout").fetchone()[0]
        raw.execute("PRAGMA busy_timeout=0")
        try:
            raw.execute("BEGIN IMMEDIATE")
            now = clock.now()
            raw.execute("ROLLBACK")
            return now - timedelta(microseconds=1)
        except sqlite3.OperationalError:
            return _last_stored(connection)
        finally:
            raw.execute(f"PRAGMA busy_timeout={timeout}")


def _last_stored(connection: sa.Connection) -> datetime:
    query = sa.select(Statement.stored).order_by(Statement.id.desc()).limit(1)
    return connection.scalar(query) or EPOCH
