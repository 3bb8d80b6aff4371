"""What activities are, by all that the record says of them (1.0.3 Communication 2.1.3 and 2.5; 2.0 4.1.6.1 and 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeVar
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from xapi.credentials.queries import Access
from xapi.standard.activity import full_definition
from xapi.standard.decoding import decode_kept
from xapi.standard.relations import Role, definitions_in
from xapi.statements.models import Key, Statement, StatementActivity, key_of
from xapi.statements.queries.visible import is_voided, visible_to

Thing = TypeVar("Thing")

TELLING = 200  # so many statements at most tell what an activity is, as object or beside it: some have millions
TELLING_TOGETHER = 2_000  # for all activities of a page
AT_ONCE = 1_000  # in one question: a database takes so many parameters and no more


def define_activities(
    db: Session, iris: Iterable[str], access: Access | None = None, *, said: Iterable[dict[str, Any]] = ()
) -> dict[str, dict[str, Any]]:
    """The definition of each of these activities, by its IRI; those of which nobody says anything are left out.

    It is what the newest statements say that the credential may see, the fewer the more activities are asked; and
    before them the statements in `said`.
    """
    told: dict[str, list[dict[str, Any]]] = {iri: [] for iri in iris}
    _hear(told, said)
    most = max(1, min(TELLING, TELLING_TOGETHER // max(len(told), 1)))
    newest = _newest_about(db, [key_of(iri) for iri in told], most, access)
    for some in _slices(newest):
        payloads = db.scalars(sa.select(Statement.payload).where(Statement.id.in_(some)).order_by(Statement.id))
        _hear(told, map(decode_kept, payloads))
    return {iri: full_definition(definitions) for iri, definitions in told.items() if definitions}


def _hear(told: dict[str, list[dict[str, Any]]], statements: Iterable[dict[str, Any]]) -> None:
    for statement in statements:
        for iri, definition in definitions_in(statement):
            if iri in told:
                told[iri].append(definition)


def _newest_about(db: Session, keys: Sequence[UUID], most: int, access: Access | None) -> list[int]:
    """The ids of the newest statements about each of these activities, in the order of storing.

    As a text for each activity: so both databases walk an index from the newest on, and only as far as is asked.
    """
    found: set[int] = set()
    for some in _slices(keys):
        columns = sa.column("activity", Key()), sa.column("role", sa.SmallInteger())
        asked = sa.values(*columns, name="asked").data([(key, int(role)) for key in some for role in Role]).cte("asked")
        newest = (
            sa.select(StatementActivity.statement_id)
            .join(Statement, Statement.id == StatementActivity.statement_id)
            .where(StatementActivity.activity == asked.c.activity, StatementActivity.role == asked.c.role)
            .where(sa.not_(is_voided), *visible_to(access))
            .order_by(StatementActivity.statement_id.desc())
            .limit(most)
            .correlate(asked)
            .subquery()
        )
        listed = sa.select(sa.func.aggregate_strings(sa.cast(newest.c.statement_id, sa.Text), " ")).scalar_subquery()
        for text in db.scalars(sa.select(listed).select_from(asked)):
            found.update(map(int, (text or "").split()))
    return sorted(found)


def _slices(things: Sequence[Thing]) -> Iterator[Sequence[Thing]]:
    yield from (things[start : start + AT_ONCE] for start in range(0, len(things), AT_ONCE))
