"""A page of statements, in the order of storing."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.prepared import Prepared
from xapi.credentials.queries import Access
from xapi.statements.models import Statement
from xapi.statements.queries.asking import Filter, from_page_on, shape_of, shown_only, sources_of, values_of
from xapi.statements.queries.referring import list_referring
from xapi.statements.queries.visible import limits_of

_NEWEST = Prepared(sa.select(sa.func.max(Statement.id)))


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page begins: after `last`. A list that ascends ends at `newest`, what its first page knew;
    one that descends has left the newest behind.
    """

    last: int
    newest: int | None = None


@dataclass(frozen=True, slots=True)
class Page:
    """Statements as kept, by their id and in order, and where the next page begins; None when there are no more."""

    rows: dict[int, bytes]
    next: Cursor | None

    @property
    def payloads(self) -> list[bytes]:
        """The statements as kept."""
        return list(self.rows.values())


def list_statements(
    db: Session, wanted: Filter, *, cursor: Cursor | None = None, access: Access | None = None
) -> Page:  # fmt: skip
    """A page of statements in the order of storing, the newest first unless `ascending`. Voided ones are not shown.

    A statement that refers to another is found by what is asked of that other too, however long the chain; time and
    order are always its own (1.0.3 Communication 2.1.3, filter conditions for StatementRefs).
    """
    limits = limits_of(access)
    newest = ((cursor and cursor.newest) or _NEWEST.scalar(db) or 0) if wanted.ascending else None
    values = values_of(wanted) | limits | {"newest": newest, "last": cursor and cursor.last, "most": wanted.limit + 1}
    shape, named, goes_on = shape_of(wanted), tuple(limits), cursor is not None
    rows: dict[int, bytes] = {}
    for question in _listing(shape, named, goes_on=goes_on):
        rows |= {row.id: row.payload for row in question.rows(db, **values)}
    if not wanted.is_plain:
        rows |= list_referring(db, shape, named, values, rows, goes_on=goes_on)
    ids = sorted(rows, reverse=not wanted.ascending)
    page = ids[: wanted.limit]
    following = Cursor(page[-1], newest) if len(ids) > len(page) else None
    return Page({row_id: rows[row_id] for row_id in page}, following)


@lru_cache(maxsize=1024)
def _listing(shape: Filter, limits: tuple[str, ...], *, goes_on: bool) -> tuple[Prepared, ...]:
    """The questions whose answers together are the list, but for what refers to others. Each gives its first rows, one
    more than is asked: that is enough for the first rows of all together. `goes_on`: this is not the first page.
    """
    shown = shown_only(shape, limits)
    questions = []
    for source, order in sources_of(shape, sa.select(Statement.id, Statement.payload)):
        question = source.where(*shown, *from_page_on(order, shape, goes_on=goes_on))
        question = question.order_by(order.asc() if shape.ascending else order.desc())
        questions.append(Prepared(question.limit(sa.bindparam("most", type_=sa.Integer()))))
    return tuple(questions)
