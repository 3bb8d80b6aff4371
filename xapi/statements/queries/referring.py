"""What refers to what is asked: it is found by what is asked of the other too (1.0.3 Communication 2.1.3).

Such a statement is found from itself, by following it, or from what it leads to. Few refer to others within the ids of
one page: those are followed. Where more do, or the page is not full, few statements mostly are what is asked: from
these one goes back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lms.kernel.prepared import Prepared
from xapi.statements.models import Statement
from xapi.statements.queries.asking import Filter, conditions_on, from_page_on, one_by_one, shown_only, sources_of
from xapi.statements.queries.visible import within_limits

A_HANDFUL, FEW, MANY = 10, 200, 1_000


def list_referring(
    db: Session,
    shape: Filter,
    limits: tuple[str, ...],
    values: Mapping[str, Any],
    rows: Mapping[int, bytes],
    *,
    goes_on: bool,
) -> dict[int, bytes]:
    """Those that belong on this page because of what they lead to. `rows`: what is on it by itself."""
    edge = sorted(rows, reverse=not shape.ascending)[values["most"] - 1] if len(rows) >= values["most"] else None
    values = {**values, "edge": edge}
    asked = _referring(shape, limits, goes_on=goes_on, is_full=edge is not None)
    looked = len(asked.near.rows(db, **values))
    if not looked:
        return {}
    ids = None
    if looked > (FEW if edge is not None else A_HANDFUL):
        ids = _from_few(asked.backward.rows(db, **values))
    if ids is None:
        ids = [row.id for row in asked.forward.rows(db, **values)]
    found = db.execute(sa.select(Statement.id, Statement.payload).where(Statement.id.in_(ids))) if ids else ()
    return {row.id: row.payload for row in found}


def _from_few(rows: Sequence[Any]) -> list[int] | None:
    """What one comes to from the few that are what is asked; None when these are not few."""
    return [row.id for row in rows if row.id is not None] if rows[0].many <= MANY else None


@dataclass(frozen=True, slots=True)
class _Referring:
    """The questions: `near`, which refer to others here, shown or not; `forward`, which of those that are shown lead to
    what is asked; `backward`, how many statements are what is asked and, when they are few, which refer to these.
    """

    near: Prepared
    forward: Prepared
    backward: Prepared


@lru_cache(maxsize=1024)
def _referring(shape: Filter, limits: tuple[str, ...], *, goes_on: bool, is_full: bool) -> _Referring:
    """`is_full`: the page is, so what refers to others counts only before its `edge`."""
    here: list[sa.ColumnElement[bool]] = [Statement.target.is_not(None)]
    here += from_page_on(Statement.id, shape, goes_on=goes_on)
    if is_full:
        edge: sa.BindParameter[int] = sa.bindparam("edge")
        here.append(Statement.id < edge if shape.ascending else Statement.id > edge)
    near = (
        sa.select(Statement.id)
        .where(*here)
        .order_by(_in_order(Statement.id, shape))
        .limit((FEW if is_full else A_HANDFUL) + 1)
    )
    here += shown_only(shape, limits)
    referring = sa.select(Statement.id, Statement.target).where(*here).cte("referring")
    return _Referring(
        near=Prepared(near),
        forward=Prepared(_first(_follow(referring, shape, limits), shape)),
        backward=Prepared(_counted(_found(shape, limits), shape, limits, here)),
    )


def _first(ids: sa.Select[int], shape: Filter) -> sa.Select[int]:
    """The first of these ids, each once. What they stand for is read afterwards: in one question PostgreSQL would look
    through the record for what is in the list.
    """
    [column] = ids.selected_columns
    return ids.distinct().order_by(_in_order(column, shape)).limit(sa.bindparam("most", type_=sa.Integer()))


def _in_order(column: Any, shape: Filter) -> sa.UnaryExpression[int]:
    order: sa.UnaryExpression[int] = column.asc() if shape.ascending else column.desc()
    return order


def _follow(referring: sa.CTE, shape: Filter, limits: tuple[str, ...]) -> sa.Select[int]:
    """The ids of those that lead, over any number of statements, to one that is what is asked."""
    between, last = aliased(Statement), aliased(Statement)
    chain = sa.select(referring.c.id.label("first"), referring.c.target.label("uuid")).cte("chain", recursive=True)
    # Looked up, not joined: for a join SQLite would go through the whole record first.
    target = sa.select(between.target).where(between.uuid == chain.c.uuid, *within_limits(between, limits))
    further = sa.select(chain.c.first, target.correlate(chain).scalar_subquery()).where(chain.c.uuid.is_not(None))
    chain = chain.union(further)
    is_asked = one_by_one(
        last.uuid == chain.c.uuid, *within_limits(last, limits), *conditions_on(last, shape, last.id), beside=chain
    )
    return sa.select(chain.c.first.label("id")).where(is_asked)


def _counted(
    found: sa.CTE, shape: Filter, limits: tuple[str, ...], here: Sequence[sa.ColumnElement[bool]]
) -> sa.Select[int, int]:
    """How many are found; and, when they are few, the first ids of what one comes to from them, or one empty id."""
    many = sa.select(sa.func.count().label("many")).select_from(found)
    ids = _first(_go_back(found, many.scalar_subquery() <= MANY, limits, here), shape).subquery()
    counted = many.subquery()
    return sa.select(counted.c.many, ids.c.id).select_from(counted.outerjoin(ids, sa.true()))


def _go_back(
    found: sa.CTE, are_few: sa.ColumnElement[bool], limits: tuple[str, ...], here: Sequence[sa.ColumnElement[bool]]
) -> sa.Select[int]:
    """The ids of those that refer to one of these, or to one that does; only what is `here` is listed."""
    first, before = aliased(Statement), aliased(Statement)
    chain = (
        sa.select(first.id, first.uuid)
        .join(found, first.target == found.c.uuid)
        .where(are_few, *within_limits(first, limits))
        .cte("chain", recursive=True)
    )
    chain = chain.union(
        sa.select(before.id, before.uuid)
        .join(chain, before.target == chain.c.uuid)
        .where(*within_limits(before, limits))
    )
    return sa.select(chain.c.id).where(one_by_one(Statement.id == chain.c.id, *here, beside=chain))


def _found(shape: Filter, limits: tuple[str, ...]) -> sa.CTE:
    """The first statements that are what is asked, whenever they came."""
    sources = [
        source.where(*within_limits(Statement, limits)).limit(MANY + 1).subquery()
        for source, _order in sources_of(shape, sa.select(Statement.uuid))
    ]
    return sa.union_all(*(sa.select(source.c.uuid) for source in sources)).cte("found")
