"""Let go of old statements, for who may keep them no longer. What was counted stays counted; its evidence goes.

A statement and what voids it go together: a voiding statement stays as long as the one it names, and never longer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import product
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lms.kernel import clock
from lms.kernel.db import Base
from xapi.standard.relations import Role, activities_of, agents_of
from xapi.statements.models import (
    VOIDED_KEY,
    Removal,
    RemovalKind,
    Statement,
    StatementActivity,
    StatementAgent,
    StatementFile,
    StatementPair,
    Voiding,
    key_of,
)

AT_ONCE = 500
_Row = sa.Row[int, UUID, bytes]


@dataclass(frozen=True, slots=True)
class Purgeable:
    """How many statements a purge would remove: old ones, and later ones that only void these."""

    old: int
    voiding: int


def count_purgeable(db: Session, before: datetime) -> Purgeable:
    """What a purge of everything stored before this moment would remove."""
    old = sa.select(sa.func.count()).select_from(Statement).where(_is_doomed(before))
    later, target = aliased(Statement), Statement
    voiding = (
        sa.select(later.uuid)
        .join(target, target.uuid == later.target)
        .where(later.verb_key == VOIDED_KEY, later.stored >= before, _is_doomed(before))
        .cte("voiding", recursive=True)
    )
    further = aliased(Statement)
    voiding = voiding.union(
        sa.select(further.uuid).join(voiding, voiding.c.uuid == further.target).where(further.verb_key == VOIDED_KEY)
    )
    return Purgeable(db.scalar(old) or 0, db.scalar(sa.select(sa.func.count()).select_from(voiding)) or 0)


def open_purge(db: Session, before: datetime, *, by: str | None = None) -> int:
    """Write down that a purge begins, and who begins it (`Removal`); returns the number of that entry."""
    removal = Removal(kind=RemovalKind.PURGE, at=clock.now(), before=before, statements=0, by=by)
    db.add(removal)
    db.flush()
    return removal.id


def purge_piece(db: Session, before: datetime, removal_id: int) -> int:
    """Remove some of the statements stored before this moment, and what voids them; returns how many, 0 at the end."""
    rows = db.execute(_ROWS.where(_is_doomed(before)).order_by(Statement.stored, Statement.id).limit(AT_ONCE)).all()
    gone = 0
    while rows:  # what voids these is looked for when they are gone: who voided one until then is found
        _remove(db, rows)
        gone += len(rows)
        rows = _voiding(db, rows)
    if gone:
        counted = sa.update(Removal).where(Removal.id == removal_id)
        db.execute(counted.values(statements=Removal.statements + gone))
    return gone


# Locked, for the links are computed from what is read here: an erasure must not change them meanwhile.
_ROWS = sa.select(Statement.id, Statement.uuid, Statement.payload).with_for_update()


def _is_doomed(before: datetime) -> sa.ColumnElement[bool]:
    """Old, and not the voiding of a statement that stays."""
    named = aliased(Statement)
    stays = sa.exists().where(named.uuid == Statement.target, named.stored >= before).correlate(Statement)
    return sa.and_(Statement.stored < before, sa.not_(sa.and_(Statement.verb_key == VOIDED_KEY, stays)))


def _voiding(db: Session, rows: Sequence[_Row]) -> Sequence[_Row]:
    """What voids these, or claims to."""
    voiding = _ROWS.where(Statement.target.in_([row.uuid for row in rows]), Statement.verb_key == VOIDED_KEY)
    return db.execute(voiding.order_by(Statement.id)).all()


def _remove(db: Session, rows: Sequence[_Row]) -> None:
    ids, uuids = [row.id for row in rows], [row.uuid for row in rows]
    agents, activities, pairs = [], [], []
    for row in rows:
        statement = orjson.loads(row.payload)
        whos, whats = agents_of(_without_authority(statement)), activities_of(statement)
        agents += [(key_of(who), role, row.id) for who, role in whos.items()]
        activities += [(key_of(what), role, row.id) for what, role in whats.items()]
        pairs += [(who, what, row.id) for who, what in product(_direct(whos), _direct(whats))]
    _unlink(db, StatementAgent, agents)
    _unlink(db, StatementActivity, activities)
    _unlink(db, StatementPair, pairs)
    db.execute(sa.delete(StatementFile).where(StatementFile.statement_id.in_(ids)))
    db.execute(sa.delete(Voiding).where(sa.or_(Voiding.target.in_(uuids), Voiding.statement_id.in_(ids))))
    db.execute(sa.delete(Statement).where(Statement.id.in_(ids)))


def _without_authority(statement: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name != "authority"}


def _direct(links: dict[str, Role]) -> list[UUID]:
    return [key_of(name) for name, role in links.items() if role is Role.DIRECT]


def _unlink(db: Session, model: type[Base], keys: Sequence[tuple[Any, ...]]) -> None:
    """Delete link rows by their whole key, which is the only order they can be found in."""
    if keys:
        table: sa.Table = sa.inspect(model).local_table  # type: ignore[assignment]
        named = [(column, f"its_{column.name}") for column in table.primary_key]
        statement = sa.delete(table).where(*(column == sa.bindparam(name) for column, name in named))
        db.connection().execute(statement, [dict(zip((name for _c, name in named), key, strict=True)) for key in keys])
