"""The order of people in a list, as it is used here: é with e, capitals aside, and *De Backer* as one word."""

from __future__ import annotations

import unicodedata
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import GenericFunction

_APART = " -.'’"  # what may stand within one name


def name_key(last_name: str, first_name: str) -> str:
    """What to sort somebody by in Python."""
    return f"{_bare(last_name)} {_bare(first_name)}"


class name_order(GenericFunction[str]):  # noqa: N801  a function of SQL
    """The same in a query: `order_by(name_order(Person.last_name, Person.first_name), Person.id)`.

    SQLite calls `name_key`; PostgreSQL has an ICU collation for it.
    """

    type = sa.String()
    name = "name_order"
    inherit_cache = True


@compiles(name_order, "postgresql")
def _compile_for_postgresql(element: name_order, compiler: SQLCompiler, **options: Any) -> str:
    apart = _APART.replace("'", "''")
    last_name, first_name = (
        f"translate({compiler.process(part, **options)}, '{apart}', '')" for part in element.clauses
    )
    return f"({last_name} || ' ' || {first_name}) COLLATE \"und-x-icu\""


def _bare(name: str) -> str:
    return "".join(sign for sign in unicodedata.normalize("NFKD", name).casefold() if sign.isalnum())
