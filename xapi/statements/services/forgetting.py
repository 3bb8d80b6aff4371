"""Erasure: the one thing that changes a statement that is kept. The law goes before the letter of the standard."""

from __future__ import annotations

from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from xapi.standard.actor import ifi_of
from xapi.standard.relations import Role
from xapi.statements.models import Statement, StatementAgent, key_of

AT_ONCE = 500  # statements read in one go


def forget_responses(db: Session, actor: dict[str, Any]) -> int:
    """Take `result.response` out of everything this actor said; returns out of how many statements.

    Who did what, when, and how it went stays, so every count stays. Only these statements are written anew.
    """
    last, forgotten = 0, 0
    while rows := db.execute(_after(actor, last)).all():
        kept = {row.id: _without_response(row.payload) for row in rows}
        changed = [{"changed": id_, "without": payload} for id_, payload in kept.items() if payload is not None]
        if changed:
            db.connection().execute(_WRITE_ANEW, changed)
        last, forgotten = rows[-1].id, forgotten + len(changed)
    return forgotten


_WRITE_ANEW = (
    sa.update(Statement.__table__)  # type: ignore[arg-type]
    .where(Statement.id == sa.bindparam("changed"))
    .values(payload=sa.bindparam("without"))
)


def _after(actor: dict[str, Any], last: int) -> sa.Select[int, bytes]:
    key = key_of(ifi_of(actor) or "")
    return (
        sa.select(Statement.id, Statement.payload)
        .join(StatementAgent, StatementAgent.statement_id == Statement.id)
        .where(StatementAgent.agent == key, StatementAgent.role == Role.DIRECT, Statement.actor_key == key)
        .where(Statement.id > last)
        .order_by(Statement.id)
        .limit(AT_ONCE)
    )


def _without_response(payload: bytes) -> bytes | None:
    """The statement without the answer in it; None when it holds none."""
    statement = orjson.loads(payload)
    if "response" not in statement.get("result", {}):
        return None
    del statement["result"]["response"]
    if not statement["result"]:
        del statement["result"]
    return orjson.dumps(statement)
