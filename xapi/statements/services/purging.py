"""Let go of old statements, for who may keep them no longer. What was counted stays counted; its evidence goes.

A statement and what voids it go together: a voiding statement stays as long as the one it names, and never longer.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
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
    later, target = aliased(Statement), Statement
    voiding = (
        sa.select(sa.func.count())
        .select_from(later)
        .join(target, target.uuid == later.target)
        .where(later.verb_key == VOIDED_KEY, later.stored >= before, _is_doomed(before))
    )
    old = sa.select(sa.func.count()).select_from(Statement).where(_is_doomed(before))
    return Purgeable(db.scalar(old) or 0, db.scalar(voiding) or 0)


def open_purge(db: Session, before: datetime) -> int:
    """Write down that a purge begins; returns the number of that entry."""
    removal = Removal(kind=RemovalKind.PURGE, at=clock.now(), before=before, statements=0)
    db.add(removal)
    db.flush()
    return removal.id


def purge_piece(db: Session, before: datetime, removal_id: int) -> int:
    """Remove some of the statements stored before this moment, and what voids them; returns how many, 0 at the end."""
    rows = list(db.execute(_ROWS.where(_is_doomed(before)).order_by(Statement.stored, Statement.id).limit(AT_ONCE)))
    rows += _voiding(db, rows)
    if rows:
        _remove(db, rows)
        counted = sa.update(Removal).where(Removal.id == removal_id)
        db.execute(counted.values(statements=Removal.statements + len(rows)))
    return len(rows)


_ROWS = sa.select(Statement.id, Statement.uuid, Statement.payload)


def _is_doomed(before: datetime) -> sa.ColumnElement[bool]:
    """Old, and not the voiding of a statement that stays."""
    named = aliased(Statement)
    stays = sa.exists().where(named.uuid == Statement.target, named.stored >= before).correlate(Statement)
    return sa.and_(Statement.stored < before, sa.not_(sa.and_(Statement.verb_key == VOIDED_KEY, stays)))


def _voiding(db: Session, rows: Sequence[_Row]) -> list[_Row]:
    """What voids these, what claims to void that, and so on; without those that are there already."""
    found: list[_Row] = []
    known, targets = {row.id for row in rows}, [row.uuid for row in rows]
    while targets:
        voiding = _ROWS.where(Statement.target.in_(targets), Statement.verb_key == VOIDED_KEY)
        new = [row for row in db.execute(voiding) if row.id not in known]
        known |= {row.id for row in new}
        targets = [row.uuid for row in new]
        found += new
    return found


def _remove(db: Session, rows: Sequence[_Row]) -> None:
    ids, uuids = [row.id for row in rows], [row.uuid for row in rows]
    statements = [(row.id, orjson.loads(row.payload)) for row in rows]
    _unlink(db, StatementAgent, "agent", ((key, agents_of(_without_authority(it))) for key, it in statements))
    _unlink(db, StatementActivity, "activity", ((key, activities_of(it)) for key, it in statements))
    db.execute(sa.delete(StatementFile).where(StatementFile.statement_id.in_(ids)))
    db.execute(sa.delete(Voiding).where(sa.or_(Voiding.target.in_(uuids), Voiding.statement_id.in_(ids))))
    db.execute(sa.delete(Statement).where(Statement.id.in_(ids)))


def _without_authority(statement: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name != "authority"}


def _unlink(db: Session, model: type[Base], column: str, found: Iterable[tuple[int, dict[str, Role]]]) -> None:
    """Delete link rows by their whole key, which is the only order they can be found in."""
    table = sa.inspect(model).local_table
    values = [
        {"linked": key_of(identifier), "as": role, "of": statement_id}
        for statement_id, links in found
        for identifier, role in links.items()
    ]
    if values:
        statement = sa.delete(table).where(  # type: ignore[arg-type]
            table.c[column] == sa.bindparam("linked"),
            table.c.role == sa.bindparam("as"),
            table.c.statement_id == sa.bindparam("of"),
        )
        db.connection().execute(statement, values)
