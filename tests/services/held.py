"""A database on which nothing lasts: for tests that need the same rich data before each of many requests."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from lms.kernel.db import Database


class Held:
    """Puts every session of a database inside one transaction that is never committed. One thread, one process."""

    def __init__(self, database: Database, connection: sa.Connection) -> None:
        self._database, self._connection = database, connection
        self._everything = connection.begin()

    def session(self, engine: Engine) -> Session:
        """What the database gives out now: a writer's commit ends a savepoint; a reader, who may come and go between,
        has none.
        """
        is_reader = engine.get_execution_options()["leerlabo_begin"] is None
        session = Session(
            self._connection,
            expire_on_commit=False,
            join_transaction_mode="rollback_only" if is_reader else "create_savepoint",
            info=self._database.info,
        )
        self._database.events.attach(session.info)
        return session

    def put_back(self) -> None:
        """Undo everything since the beginning, also what was committed."""
        self._everything.rollback()
        self._everything = self._connection.begin()

    def let_go(self) -> None:
        """Undo everything for good."""
        self._everything.rollback()


@contextmanager
def held(database: Database) -> Iterator[Held]:
    """Hold this database as it stands."""
    writer = database.engine.execution_options(leerlabo_begin="BEGIN IMMEDIATE")
    with writer.connect() as connection:
        holder = Held(database, connection)
        database._session = holder.session  # type: ignore[method-assign]
        yield holder
        holder.let_go()
        del database._session
