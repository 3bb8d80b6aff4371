"""SQLite's connections: opened so that no update is lost, and writers that wait for their turn instead of colliding."""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Mapping
from threading import Lock
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Engine
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from lms.kernel.names import name_key

BUSY_TIMEOUT_MS = 15_000
WRITE = "BEGIN IMMEDIATE"


def sqlite_engine(url: str, synchronous: str, pool_size: int) -> Engine:
    """An engine in WAL. How a transaction begins is said by the execution option `leerlabo_begin`; None: not at all."""
    line = WritersLine(f"{sa.make_url(url).database}.line")
    engine = sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=8,
        hide_parameters=True,  # an error is logged, and must not say whose row it was about
        connect_args={
            "isolation_level": None,  # the driver must not open transactions of its own: we say BEGIN ourselves, below
            "check_same_thread": False,
            "timeout": BUSY_TIMEOUT_MS / 1000,
            "factory": Connection,
        },
    )

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: DBAPIConnection, _record: ConnectionPoolEntry) -> None:
        for pragma in (
            "journal_mode=WAL",
            f"synchronous={synchronous}",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_TIMEOUT_MS}",
            "wal_autocheckpoint=16000",
            "cache_size=-32768",
            "mmap_size=268435456",
        ):
            connection.execute(f"PRAGMA {pragma}")
        connection.create_function("name_order", 2, name_key, deterministic=True)

    @event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        how = connection.get_execution_options().get("leerlabo_begin", "BEGIN")
        if how == WRITE:
            cast("Connection", connection.connection.driver_connection).take_turn(line)
        if how:
            connection.exec_driver_sql(how)

    return engine


class WritersLine:
    """Where writers wait for their turn, threads and processes alike.

    SQLite lets who finds the lock taken sleep for ever longer, and then try again. Here the next one is woken at once.
    Correctness does not hang on it: whoever comes past the line still waits in `BEGIN IMMEDIATE`.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._file: int | None = None
        self._threads = Lock()

    def enter(self) -> bool:
        """Wait for a turn; whether there is one to give back. Who waited too long goes on, to hear it from SQLite."""
        if not self._threads.acquire(timeout=BUSY_TIMEOUT_MS / 1000):
            return False
        if self._file is None:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._file, fcntl.LOCK_EX)
        return True

    def leave(self) -> None:
        """Let the next one go."""
        if self._file is not None:
            fcntl.flock(self._file, fcntl.LOCK_UN)
        self._threads.release()


class Connection(sqlite3.Connection):
    """The driver's connection, which gives its turn to write back when its transaction ends."""

    _line: WritersLine | None = None

    def take_turn(self, line: WritersLine) -> None:
        """Wait until nobody else writes."""
        if self._line is None and line.enter():
            self._line = line

    def ask(
        self, query: str, parameters: Mapping[str, Any], *, opens: bool = True, brings_bytes: bool = False
    ) -> sqlite3.Cursor:  # fmt: skip
        """Run a statement, at once: there is no way to go. The connections of PostgreSQL have the same two methods.

        `opens` says nothing here: the transaction is open already, or there is none. Nor does `brings_bytes`.
        """
        return self.execute(query, parameters)

    def tell(self, query: str, parameters: Mapping[str, Any]) -> None:
        """Run a statement whose answer nobody waits for."""
        self.execute(query, parameters)

    def commit(self) -> None:
        """Commit, and let the next one go."""
        super().commit()
        self._give_back()

    def rollback(self) -> None:
        """Roll back, and let the next one go."""
        super().rollback()
        self._give_back()

    def close(self) -> None:
        """Close, which rolls back what was open."""
        super().close()
        self._give_back()

    def _give_back(self) -> None:
        if self._line is not None:
            self._line.leave()
            self._line = None
