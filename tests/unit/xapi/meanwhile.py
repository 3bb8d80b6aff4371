"""Somebody else writes in the middle of a transaction."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.db import Database


def meanwhile(database: Database, db: Session, words: str, act: Callable[[Session], Any]) -> None:
    """Let `act` happen once, just before this session sends a statement that begins with these words.

    It has a transaction of its own; on SQLite, where nobody writes meanwhile, it is done in this one.
    """
    told: list[str] = []

    def hook(_connection: Any, _cursor: Any, statement: str, *_more: Any) -> None:
        if told or not statement.startswith(words):
            return
        told.append(statement)
        if database.is_sqlite:
            act(db)
        else:
            with database.write() as other:
                act(other)

    sa.event.listen(db.connection(), "before_cursor_execute", hook)
