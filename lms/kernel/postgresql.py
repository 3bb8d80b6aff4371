"""PostgreSQL's connections: for the statements of every page, one call of libpq instead of psycopg's own loop.

psycopg waits in Python, so that a signal can come between; under several threads that hands Python's lock to and fro
three times a statement. `Connection.ask` waits inside libpq, once, and takes along what was only told before: each
message saved is worth a tenth of a page. Values are turned into text, and rows back, by psycopg.
"""

from __future__ import annotations

import select
from collections.abc import Sequence
from itertools import count
from select import POLLIN, POLLOUT
from typing import Any, NamedTuple, cast

import psycopg
import sqlalchemy as sa
from psycopg.adapt import PyFormat, Transformer
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus, Format, TransactionStatus
from psycopg.pq.abc import PGresult
from sqlalchemy.dialects.postgresql.psycopg import PGDialect_psycopg
from sqlalchemy.engine import Engine
from sqlalchemy.types import TypeEngine

PREPARE_THRESHOLD = 2  # for what goes psycopg's way
BEGIN, COMMIT = "BEGIN", "COMMIT"
_GOOD = (ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK)


def postgresql_engine(url: str, pool_size: int) -> Engine:
    """An engine whose driver's connections are `Connection`.

    As on SQLite, the execution option `leerlabo_begin` says how a transaction begins; None: not at all. Reads need none
    around them: that is two messages fewer a page.
    """
    engine = sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=8,
        hide_parameters=True,  # an error is logged, and must not say whose row it was about
        pool_pre_ping=False,
    )

    @sa.event.listens_for(engine, "do_connect")
    def connect(_dialect: object, _record: object, words: list[Any], options: dict[str, Any]) -> Connection:
        # The driver must not open transactions of its own, nor change its mind for each reader: we say BEGIN ourselves.
        return Connection.connect(*words, **options, autocommit=True, prepare_threshold=PREPARE_THRESHOLD)

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("leerlabo_begin", BEGIN):
            cast("Connection", connection.connection.driver_connection).begin()

    return engine


def _with_its_type(kind: type[TypeEngine[Any]]) -> type[TypeEngine[Any]]:
    base = PGDialect_psycopg.colspecs.get(kind, kind)
    return type(base.__name__, (base,), {"render_bind_cast": True})


class Words(PGDialect_psycopg):
    """How statements are worded for `Connection.ask`: parameters by number, and every one with its type."""

    supports_statement_cache = True
    colspecs = PGDialect_psycopg.colspecs | {
        sa.Boolean: _with_its_type(sa.Boolean),
        sa.LargeBinary: _with_its_type(sa.LargeBinary),
        sa.Numeric: _with_its_type(sa.Numeric),
    }

    def __init__(self) -> None:
        super().__init__(paramstyle="numeric_dollar")  # type: ignore[no-untyped-call]


class Answer:
    """What the server answered, read as one reads a cursor."""

    def __init__(self, result: PGresult, transformer: Any) -> None:
        self._result, self._transformer = result, transformer

    @property
    def rowcount(self) -> int:
        """How many rows were changed."""
        return self._result.command_tuples or 0

    @property
    def description(self) -> list[tuple[str, int]]:
        """Name and type of each column."""
        result = self._result
        return [((result.fname(place) or b"").decode(), result.ftype(place)) for place in range(result.nfields)]

    def fetchall(self) -> list[tuple[Any, ...]]:
        """Every row."""
        self._transformer.set_pgresult(self._result)
        rows: list[tuple[Any, ...]] = self._transformer.load_rows(0, self._result.ntuples, tuple)
        return rows


class _Statement(NamedTuple):
    name: bytes
    values: Sequence[Any] | None = None
    formats: Sequence[int] | None = None
    result_format: int = Format.TEXT


class Connection(psycopg.Connection[Any]):
    """The driver's connection, with a short way for the statements that are asked over and over.

    A statement has `$1`, `$2` …; it is prepared the first time, and kept for as long as the connection lives: its words
    must not hang on its values.
    """

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        self._names: dict[str, bytes] = {}
        self._numbers = count()
        self._told: list[_Statement] = []
        self._is_to_begin = False

    def begin(self) -> None:
        """Open a transaction, with the first statement in it."""
        self._is_to_begin = True

    def open(self) -> None:
        """Open the transaction now, if it is not open: what is read from the clock afterwards lies inside it."""
        if self._is_to_begin:
            self._run(self._opening())

    def ask(
        self, query: str, parameters: Sequence[Any], *, opens: bool = True, brings_bytes: bool = False
    ) -> Answer:  # fmt: skip
        """Run a statement after all that was told before. Raises `psycopg.Error`, of whichever of them.

        `opens` False: it does not open the transaction, and runs before it. `brings_bytes`: its rows come as the server
        keeps them, not as text, in which each byte is two.
        """
        transformer = Transformer(self)
        statement = self._statement(transformer, query, parameters)
        if brings_bytes:
            statement = statement._replace(result_format=Format.BINARY)
        result = self._run(statement) if opens or self._told else _checked(self.pgconn.exec_prepared(*statement))
        return Answer(result, transformer)

    def tell(self, query: str, parameters: Sequence[Any]) -> None:
        """Run a statement whose answer nobody waits for: it goes along with the next one, or with the commit."""
        self._told.append(self._statement(Transformer(self), query, parameters))

    def cursor(self, *words: Any, **options: Any) -> Any:
        """What goes psycopg's way, after all that was told before."""
        if self._told:
            self._run(self._told.pop())
        else:
            self.open()
        return super().cursor(*words, **options)

    def commit(self) -> None:
        """Commit."""
        if self._told or self.pgconn.transaction_status == TransactionStatus.INTRANS:
            self._run(_Statement(self._name_of(COMMIT)))
        else:
            self._is_to_begin = False
            super().commit()

    def rollback(self) -> None:
        """Roll back."""
        self._told.clear()
        self._is_to_begin = False
        if self.pgconn.transaction_status != TransactionStatus.IDLE:
            super().rollback()

    def _deallocate(self, name: bytes | None) -> Any:
        """After a rollback psycopg lets the server forget all that was prepared, ours too: then `name` is None."""
        if name is None:
            self._names.clear()
        return super()._deallocate(name)

    def _run(self, statement: _Statement) -> PGresult:
        """What was told, then this one, in one message; opens the transaction with it. Gives this one's answer."""
        statements, self._told = [*self._told, statement], []
        if self._is_to_begin:
            statements = [self._opening(), *statements]
        if len(statements) == 1:
            return _checked(self.pgconn.exec_prepared(*statement))
        results = self._run_in_line(statements)
        return [_checked(result) for result in results][-1]

    def _opening(self) -> _Statement:
        self._is_to_begin = False
        return _Statement(self._name_of(BEGIN))

    def _run_in_line(self, statements: Sequence[_Statement]) -> list[PGresult]:
        pgconn = self.pgconn
        pgconn.enter_pipeline_mode()
        for statement in statements:
            pgconn.send_query_prepared(*statement)
        pgconn.pipeline_sync()
        while pgconn.flush():
            self._wait(POLLOUT)
        results = [self._only_result() for _statement in statements]
        self._next_result()  # that of the sync
        pgconn.exit_pipeline_mode()
        return results

    def _only_result(self) -> PGresult:
        result = self._next_result()
        if result is None:
            raise psycopg.OperationalError("the connection was lost")
        self._next_result()  # None: a statement has one result
        return result

    def _next_result(self) -> PGresult | None:
        """The next result. Its own call would keep every other thread waiting with it, until the server answers."""
        while self.pgconn.is_busy():
            self._wait(POLLIN)
            self.pgconn.consume_input()
        return self.pgconn.get_result()

    def _wait(self, event: int) -> None:
        poll = select.poll()
        poll.register(self.pgconn.socket, event)
        poll.poll()

    def _statement(self, transformer: Any, query: str, parameters: Sequence[Any]) -> _Statement:
        wanted = [PyFormat.BINARY if isinstance(value, bytes) else PyFormat.TEXT for value in parameters]
        values = transformer.dump_sequence(parameters, wanted)
        return _Statement(self._name_of(query), values, transformer.formats)

    def _name_of(self, query: str) -> bytes:
        """The name under which the server keeps this statement."""
        name = self._names.get(query)
        if name is None:
            name = f"leerlabo_{next(self._numbers)}".encode()
            _checked(self.pgconn.prepare(name, query.encode()))
            self._names[query] = name
        return name


def _checked(result: PGresult) -> PGresult:
    if result.status not in _GOOD:
        raise error_from_result(result)
    return result
