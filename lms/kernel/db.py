"""The database: SQLite by default, PostgreSQL for scale, both through plain SQLAlchemy.

SQLite is opened so that no update is lost: WAL, foreign keys on, and writers that take the lock before they read
(`BEGIN IMMEDIATE`). A reader never blocks a writer, nor the other way round.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Session, SessionTransaction
from sqlalchemy.types import TypeDecorator

from lms.kernel.events import Events
from lms.kernel.postgresql import postgresql_engine
from lms.kernel.sqlite import sqlite_engine

_CONNECTION = "leerlabo.connection"
NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class UtcDateTime(TypeDecorator[datetime]):
    """A moment in UTC. Refuses naive values; SQLite, which keeps no zone, gets it back on reading."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None else value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """One metadata for the whole house, so that one migration history tells it all."""

    metadata = sa.MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012  SQLAlchemy reads it as a class attribute
        datetime: UtcDateTime(),
        UUID: sa.Uuid(),
        dict[str, Any]: sa.JSON(),
        list[str]: sa.JSON(),
        bytes: sa.LargeBinary(),
    }


INSERTS: dict[str, Callable[..., Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


def connection_of(db: Session) -> sa.Connection:
    """The session's own connection, with all written that the mapper still held: for statements that go past it."""
    if db.new or db.dirty or db.deleted:
        db.flush()
    connection: sa.Connection | None = db.info.get(_CONNECTION)
    if connection is None:
        connection = db.info[_CONNECTION] = db.connection()
    return connection


@event.listens_for(Session, "after_transaction_create")
@event.listens_for(Session, "after_transaction_end")
def _forget_connection(db: Session, _transaction: SessionTransaction) -> None:
    """A session has one connection as long as its transaction lasts; asking it takes as long as a short query.

    A savepoint must ask again: only then does SQLAlchemy set it.
    """
    db.info.pop(_CONNECTION, None)


def insert_once(db: Session, model: type[Base], **values: Any) -> bool:
    """Insert this row unless one with its key is there: who taps twice at once is not told that she was overtaken.

    Another transaction that inserts the same row is waited for. Returns whether the row is ours.
    """
    connection = connection_of(db)
    return connection.execute(_insert_once(connection.dialect.name, model), values).first() is not None


@lru_cache
def _insert_once(dialect: str, model: type[Base]) -> sa.Executable:
    insert: sa.Executable = (
        INSERTS[dialect](model.__table__).on_conflict_do_nothing().returning(*sa.inspect(model).primary_key)
    )
    return insert


class WriteWhileReadingError(RuntimeError):
    """Code that was only to read tried to write: a fault of ours, never of who asked."""


class Database:
    """One engine and its two ways in: `read()` never writes, `write()` commits once at the end."""

    def __init__(
        self, url: str, *, events: Events | None = None, sqlite_synchronous: str = "NORMAL", pool_size: int = 8
    ) -> None:
        self.events = events or Events()
        self.info: dict[str, Any] = {}  # copied into every session: what a transaction must find without importing it
        self.is_sqlite = url.startswith("sqlite")
        self.engine = (
            sqlite_engine(url, sqlite_synchronous, pool_size) if self.is_sqlite else postgresql_engine(url, pool_size)
        )
        self._reader = self.engine.execution_options(leerlabo_begin=None)
        event.listen(self._reader, "before_cursor_execute", _refuse_to_write)
        self._writer = self.engine.execution_options(leerlabo_begin="BEGIN IMMEDIATE")

    def reader(self) -> Session:
        """A session that only reads. The caller closes it."""
        return self._session(self._reader)

    def writer(self) -> Session:
        """A session whose first statement takes SQLite's write lock. The caller commits and closes it."""
        return self._session(self._writer)

    @contextmanager
    def read(self) -> Iterator[Session]:
        """Read inside the block; whatever is left pending is dropped."""
        with self.reader() as db:
            yield db

    @contextmanager
    def write(self) -> Iterator[Session]:
        """Write inside the block; commit once at its end, or roll back when it raises."""
        with self.writer() as db, db.begin():
            yield db

    def dispose(self) -> None:
        """Close every connection: before a fork, and at the end."""
        self.engine.dispose()

    def _session(self, engine: Engine) -> Session:
        db = Session(engine, expire_on_commit=False, info=self.info)
        self.events.attach(db.info)
        return db


def _refuse_to_write(_connection: sa.Connection, _cursor: Any, statement: str, *_more: Any) -> None:
    """Without a transaction around it, PostgreSQL would keep what a reader writes."""
    if statement.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
        raise WriteWhileReadingError(f"a reader may not write: {statement.split('(', 1)[0][:80]}")
