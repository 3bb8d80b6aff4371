"""The schema on a test database: made once, emptied after each test that commits."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import sqlalchemy as sa

from lms.kernel.db import Base, Database

ROOTS = ("lms", "courses", "xapi", "sectors")


def import_models() -> sa.MetaData:
    """Import every module that holds tables; returns the metadata they filled."""
    for name in _module_names():
        if name.startswith("lms.kernel.") or name.endswith(".models"):
            importlib.import_module(name)
    return Base.metadata


def make_schema(database: Database) -> None:
    """Make all tables on an empty database."""
    import_models().create_all(database.engine)


def empty_tables(database: Database) -> None:
    """Remove all rows, quickly: most tests fill a handful of tables, and deleting beats truncating by far then."""
    with database.engine.execution_options(leerlabo_begin="BEGIN IMMEDIATE").begin() as connection:
        filled = _filled_tables(connection)
        for table in filled:
            _let_go(connection, table)
        for table in filled:
            connection.execute(sa.delete(table))


def _let_go(connection: sa.Connection, table: sa.Table) -> None:
    """Two tables that refer to each other cannot be emptied one after the other: cut the link that came later."""
    for key in table.foreign_keys:
        if key.use_alter:
            connection.execute(sa.update(table).values({key.parent: None}))


def _filled_tables(connection: sa.Connection) -> list[sa.Table]:
    """Those that refer to others before the others."""
    tables = list(reversed(Base.metadata.sorted_tables))
    questions = (
        sa.select(sa.literal(index)).where(sa.exists(sa.select(sa.literal(1)).select_from(table)))
        for index, table in enumerate(tables)
    )
    return [tables[index] for index in sorted(connection.scalars(sa.union_all(*questions)))]


def _module_names() -> Iterator[str]:
    for root in ROOTS:
        package = importlib.import_module(root)
        for module in pkgutil.walk_packages(package.__path__, prefix=f"{root}."):
            yield module.name
