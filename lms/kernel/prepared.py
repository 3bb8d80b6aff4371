"""Statements that every page asks, compiled once and handed to the driver itself.

SQLAlchemy makes the words and knows the types; running them through it takes five times as long as the database needs.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from lms.kernel.db import connection_of
from lms.kernel.postgresql import Words

Processor = Callable[[Any], Any]
Taken = TypeVar("Taken")


class Prepared:
    """A SELECT of columns, with a bind parameter for each value. Made once, in its module.

    It runs in the session's own transaction, after what the mapper still held. Raises `DBAPIError`. `opens` False:
    where the database allows that, it does not open the transaction; for who asks before anything is changed.
    """

    def __init__(self, statement: sa.Select[*tuple[Any, ...]], *, opens: bool = True) -> None:
        self._statement = statement
        self._opens = opens
        self._compiled: dict[str, _Compiled] = {}

    def rows(self, db: Session, **values: Any) -> list[Any]:
        """Every row, as a tuple with names."""
        connection = connection_of(db)
        name = connection.dialect.name
        compiled = self._compiled.get(name)
        if compiled is None:
            columns = list(self._statement.selected_columns)
            compiled = self._compiled[name] = _compile(self._statement, connection.dialect, columns, opens=self._opens)
        return _send(connection, compiled, values, compiled.ask)

    def first(self, db: Session, **values: Any) -> Any | None:
        """The first row, or None."""
        rows = self.rows(db, **values)
        return rows[0] if rows else None

    def scalar(self, db: Session, **values: Any) -> Any | None:
        """The first column of the first row, or None."""
        rows = self.rows(db, **values)
        return rows[0][0] if rows else None


class PreparedUpdate:
    """An UPDATE with a bind parameter for each value. Made once, in its module.

    What it changes, the mapper does not notice; values that Python would fill in by default are not: give every one.
    """

    def __init__(self, statement: sa.Update) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def execute(self, db: Session, **values: Any) -> int:
        """Run it in the session's own transaction; how many rows it changed. Raises `DBAPIError`."""
        connection = connection_of(db)
        return _send(connection, self._compiled_for(connection.dialect), values, _change)

    def tell(self, db: Session, **values: Any) -> None:
        """The same, for whoever need not know: it may run, and fail, with the next statement or at the commit."""
        connection = connection_of(db)
        _send(connection, self._compiled_for(connection.dialect), values, _tell)

    def _compiled_for(self, dialect: Dialect) -> _Compiled:
        compiled = self._compiled.get(dialect.name)
        if compiled is None:
            compiled = self._compiled[dialect.name] = _compile(self._statement, dialect)
        return compiled


def _change(driver: Any, sql: str, parameters: Any) -> int:
    return int(driver.ask(sql, parameters).rowcount)


def _tell(driver: Any, sql: str, parameters: Any) -> None:
    driver.tell(sql, parameters)


def _send(
    connection: sa.Connection, compiled: _Compiled, values: Mapping[str, Any], act: Callable[[Any, str, Any], Taken]
) -> Taken:
    parameters = compiled.parameters(values)
    for listen in connection.dispatch.before_cursor_execute:
        listen(connection, None, compiled.sql, parameters, None, False)
    dialect = connection.dialect
    try:
        return act(connection.connection.driver_connection, compiled.sql, parameters)
    except dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(
            compiled.sql, None, error, dialect.loaded_dbapi.Error, hide_parameters=True, dialect=dialect
        ) from error


@dataclass(slots=True)
class _Compiled:
    """A statement in the words of one dialect. `writers`: what turns a value into the driver's; `readers`: and back.

    `order`: of the parameters, where the driver takes them by place.
    """

    sql: str
    fixed: Mapping[str, Any]
    order: Sequence[str] | None
    opens: bool
    writers: Mapping[str, Processor]
    columns: Sequence[sa.ColumnElement[Any]]
    words: Dialect
    brings_bytes: bool = False
    readers: Sequence[tuple[int, Processor]] | None = None
    make_row: Callable[[Sequence[Any]], Any] = tuple

    def parameters(self, values: Mapping[str, Any]) -> Mapping[str, Any] | Sequence[Any]:
        """Every parameter, as the driver takes it."""
        parameters = {**self.fixed, **values}
        for name, write in self.writers.items():
            parameters[name] = write(parameters[name])
        return parameters if self.order is None else [parameters[name] for name in self.order]

    def ask(self, driver: Any, sql: str, parameters: Any) -> list[Any]:
        """The rows, as Python has them."""
        cursor = driver.ask(sql, parameters, opens=self.opens, brings_bytes=self.brings_bytes)
        if self.readers is None:
            self.make_row = _row_of(self.columns)
            self.readers = list(self._find_readers(cursor.description))
        rows = []
        for row in cursor.fetchall():
            columns = list(row)
            for place, read in self.readers:
                columns[place] = read(columns[place])
            rows.append(self.make_row(columns))
        return rows

    def _find_readers(self, description: Sequence[Sequence[Any]]) -> Iterator[tuple[int, Processor]]:
        for place, (column, (_name, kind, *_rest)) in enumerate(zip(self.columns, description, strict=True)):
            read = column.type.dialect_impl(self.words).result_processor(self.words, kind)
            if read is not None:
                yield place, read


def _compile(
    statement: sa.Select[*tuple[Any, ...]] | sa.Update,
    dialect: Dialect,
    columns: Sequence[sa.ColumnElement[Any]] = (),
    *,
    opens: bool = True,
) -> _Compiled:
    words = sqlite.dialect(paramstyle="named") if dialect.name == "sqlite" else Words()
    compiled = statement.compile(dialect=words)
    if compiled.post_compile_params:
        raise TypeError("a prepared statement has no IN: its words would hang on the values")
    kinds = {name: bind.type.dialect_impl(words) for bind, name in compiled.bind_names.items()}
    return _Compiled(
        sql=str(compiled),
        fixed=compiled.construct_params(_check=False),
        order=compiled.positiontup,
        opens=opens,
        writers={name: write for name, kind in kinds.items() if (write := kind.bind_processor(words))},
        columns=columns,
        words=words,
        brings_bytes=any(isinstance(column.type, sa.LargeBinary) for column in columns),
    )


def _row_of(columns: Sequence[sa.ColumnElement[Any]]) -> Callable[[Sequence[Any]], Any]:
    names = [str(getattr(column, "key", "")) for column in columns]
    row = namedtuple("Row", names, rename=True)  # type: ignore[misc]  # noqa: PYI024  the names come at run time
    return row._make
