"""Alembic's way in: it migrates the connection it is handed, on SQLite and on PostgreSQL."""

from typing import Any, Literal

import sqlalchemy as sa
from alembic import context
from sqlalchemy.dialects import postgresql
from sqlalchemy.types import TypeDecorator

from lms.kernel.db import Base


def render_plainly(kind: str, item: Any, _context: Any) -> str | Literal[False]:
    """Write our own types as what the databases make of them, so that old migrations never import new code."""
    if kind != "type" or not isinstance(item, TypeDecorator):
        return False
    plain = f"sa.{item.impl!r}"
    on_postgresql = item.load_dialect_impl(postgresql.dialect())  # type: ignore[no-untyped-call]
    return f'{plain}.with_variant(sa.Uuid(), "postgresql")' if isinstance(on_postgresql, sa.Uuid) else plain


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    compare_type=True,
    render_item=render_plainly,
)
with context.begin_transaction():
    context.run_migrations()
