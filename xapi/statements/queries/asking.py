"""What a list is asked for, in the words of its questions: they hang on what is asked, not on the values."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute

from xapi.standard.relations import Role
from xapi.statements.models import Statement, StatementActivity, StatementAgent, StatementPair, key_of
from xapi.statements.queries.visible import is_voided, within_limits

Id = InstrumentedAttribute[int]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SOMETHING, _SOMETIME, _SOMEWHERE = "", EPOCH, UUID(int=0)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a list of statements is asked for (1.0.3 Communication 2.1.3).

    `agent` is an identifier as `ifi_of` gives it; `authority` says which authority of ours it is (`find_authority`).
    `related_agents` and `related_activities` look wider.
    """

    agent: str | None = None
    verb: str | None = None
    activity: str | None = None
    registration: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    related_agents: bool = False
    related_activities: bool = False
    authority: int | None = None
    ascending: bool = False
    limit: int = 100

    @property
    def is_plain(self) -> bool:
        """Whether nothing is asked of what a statement says."""
        return self.agent is None and self.verb is None and self.activity is None and self.registration is None


def shape_of(wanted: Filter) -> Filter:
    """Which things are asked, without their values."""
    return Filter(
        agent=None if wanted.agent is None else _SOMETHING,
        verb=None if wanted.verb is None else _SOMETHING,
        activity=None if wanted.activity is None else _SOMETHING,
        registration=None if wanted.registration is None else _SOMEWHERE,
        since=None if wanted.since is None else _SOMETIME,
        until=None if wanted.until is None else _SOMETIME,
        related_agents=wanted.related_agents,
        related_activities=wanted.related_activities,
        authority=wanted.authority and 1,
        ascending=wanted.ascending,
    )


def values_of(wanted: Filter) -> dict[str, Any]:
    """The values of what is asked, by the names of the bind parameters."""
    return {
        "agent": None if wanted.agent is None else key_of(wanted.agent),
        "verb": None if wanted.verb is None else key_of(wanted.verb),
        "activity": None if wanted.activity is None else key_of(wanted.activity),
        "registration": wanted.registration,
        "since": wanted.since,
        "until": wanted.until,
        "authority": wanted.authority,
    }


def shown_only(shape: Filter, limits: tuple[str, ...]) -> list[sa.ColumnElement[bool]]:
    """What holds of every statement in the list, however it was found."""
    return [sa.not_(is_voided), *_moments(shape), *within_limits(Statement, limits)]


def _moments(shape: Filter) -> list[sa.ColumnElement[bool]]:
    moments = []
    if shape.since is not None:
        moments.append(Statement.stored > sa.bindparam("since"))
    if shape.until is not None:
        moments.append(Statement.stored <= sa.bindparam("until"))
    return moments


def from_page_on(order: Id, shape: Filter, *, goes_on: bool) -> list[sa.ColumnElement[bool]]:
    """Those of this page and of later ones."""
    last: sa.BindParameter[int] = sa.bindparam("last")
    if not shape.ascending:
        return [order < last] if goes_on else []
    return [order <= sa.bindparam("newest"), *([order > last] if goes_on else [])]


def sources_of(shape: Filter, rows: sa.Select[*tuple[Any, ...]]) -> Iterator[tuple[sa.Select[*tuple[Any, ...]], Id]]:
    """Where to look for what is asked, each with the id by which an index already orders it."""
    is_direct = not (shape.related_agents or shape.related_activities)
    if shape.agent is not None and shape.activity is not None and is_direct:
        yield _of_pair(shape, rows), StatementPair.statement_id
    elif shape.agent is not None:
        said = conditions_on(Statement, replace(shape, agent=None), StatementAgent.statement_id)
        by_agent = rows.join(StatementAgent, StatementAgent.statement_id == Statement.id).where(*said)
        by_agent = by_agent.where(StatementAgent.agent == sa.bindparam("agent"))
        for role in _roles(related=shape.related_agents):
            yield by_agent.where(StatementAgent.role == role), StatementAgent.statement_id
        if shape.related_agents and shape.authority is not None:
            said = conditions_on(Statement, replace(shape, agent=None), Statement.id)
            yield rows.where(_has_authority(shape.authority), *said), Statement.id
    elif shape.activity is not None:
        said = conditions_on(Statement, replace(shape, activity=None), StatementActivity.statement_id)
        by_activity = rows.join(StatementActivity, StatementActivity.statement_id == Statement.id).where(*said)
        by_activity = by_activity.where(StatementActivity.activity == sa.bindparam("activity"))
        for role in _roles(related=shape.related_activities):
            yield by_activity.where(StatementActivity.role == role), StatementActivity.statement_id
    else:
        yield rows.where(*conditions_on(Statement, shape, Statement.id)), Statement.id


def _of_pair(shape: Filter, rows: sa.Select[*tuple[Any, ...]]) -> sa.Select[*tuple[Any, ...]]:
    """Those of both, by their own index, in which the verb stands too."""
    asked = [StatementPair.agent == sa.bindparam("agent"), StatementPair.activity == sa.bindparam("activity")]
    if shape.verb is not None:
        asked.append(StatementPair.verb == sa.bindparam("verb"))
    rest = conditions_on(Statement, Filter(registration=shape.registration), StatementPair.statement_id)
    return rows.join(StatementPair, StatementPair.statement_id == Statement.id).where(*asked, *rest)


def _roles(*, related: bool) -> tuple[Role, ...]:
    return (Role.DIRECT, Role.RELATED) if related else (Role.DIRECT,)


def conditions_on(row: type[Statement], shape: Filter, row_id: Id) -> list[sa.ColumnElement[bool]]:
    """What is asked of a statement itself. `row_id` is its id where an index gives it first."""
    conditions: list[sa.ColumnElement[bool]] = []
    if shape.verb is not None:
        conditions.append(row.verb_key == sa.bindparam("verb"))
    if shape.registration is not None:
        conditions.append(row.registration == sa.bindparam("registration"))
    if shape.agent is not None:
        conditions.append(
            one_by_one(
                StatementAgent.agent == sa.bindparam("agent"),
                sa.or_(*(StatementAgent.role == role for role in _roles(related=shape.related_agents))),
                StatementAgent.statement_id == row_id,
            )
        )
    if shape.activity is not None:
        conditions.append(
            one_by_one(
                StatementActivity.activity == sa.bindparam("activity"),
                sa.or_(*(StatementActivity.role == role for role in _roles(related=shape.related_activities))),
                StatementActivity.statement_id == row_id,
            )
        )
    return conditions


def one_by_one(*conditions: sa.ColumnElement[bool], beside: sa.FromClause | None = None) -> sa.Exists:
    """Whether there is such a row, looked up for each statement on the way, or for each row of `beside`.

    PostgreSQL would rather join all of somebody's statements with all about an activity, since it knows nothing of how
    they go together; and it leaves alone what has an offset. A list wants a few of the newest and stops there.
    """
    looked_up: sa.Select[*tuple[Any, ...]] = sa.select(sa.literal_column("1")).where(*conditions)
    looked_up = looked_up.offset(sa.literal_column("0"))
    return (looked_up if beside is None else looked_up.correlate(beside)).exists()


def _has_authority(authority: int) -> sa.ColumnElement[bool]:
    return Statement.credential_id == sa.bindparam("authority") if authority else Statement.credential_id.is_(None)
