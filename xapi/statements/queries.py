"""Questions to the record: one statement, a page of them, and up to when the record is complete."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.prepared import Prepared
from xapi.credentials.queries import Access
from xapi.standard.attachment import attachments_of
from xapi.standard.relations import Role
from xapi.statements.models import (
    VOIDED_KEY,
    Statement,
    StatementActivity,
    StatementAgent,
    StatementFile,
    StatementImport,
    Voiding,
    key_of,
)

_Id = InstrumentedAttribute[int]

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FILES = "attachments"  # the folder in storage

_is_voided = sa.and_(
    Statement.verb_key != VOIDED_KEY, sa.exists().where(Voiding.target == Statement.uuid).correlate(Statement)
)


@dataclass(frozen=True, slots=True)
class Found:
    """A statement's kept bytes, and when it was stored."""

    id: int
    payload: bytes
    stored: datetime


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


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where the next page begins: after `last`, among those up to `newest`, the newest there was for the first page."""

    newest: int
    last: int


@dataclass(frozen=True, slots=True)
class Page:
    """Statements as kept, by their id and in order, and where the next page begins; None when there are no more."""

    rows: dict[int, bytes]
    next: Cursor | None

    @property
    def payloads(self) -> list[bytes]:
        """The statements as kept."""
        return list(self.rows.values())


def find_statement(db: Session, uuid: UUID, *, voided: bool = False, access: Access | None = None) -> Found | None:
    """The statement with this id, if it is (not) voided and the credential may see it."""
    limits = _limits(access)
    row = _finding(tuple(limits), voided=voided).first(db, uuid=uuid, **limits)
    return row and Found(*row)


@lru_cache
def _finding(limits: tuple[str, ...], *, voided: bool) -> Prepared:
    """The question for one statement, for a credential with these limits."""
    return Prepared(
        sa.select(Statement.id, Statement.payload, Statement.stored).where(
            Statement.uuid == sa.bindparam("uuid"),
            _is_voided if voided else sa.not_(_is_voided),
            *(_LIMITED[name] == sa.bindparam(name) for name in limits),
        )
    )


def list_statements(
    db: Session, wanted: Filter, *, cursor: Cursor | None = None, access: Access | None = None
) -> Page:  # fmt: skip
    """A page of statements in the order of storing, the newest first unless `ascending`. Voided ones are not shown.

    A statement that refers to another is found by what is asked of that other too, however long the chain; time and
    order are always its own (1.0.3 Communication 2.1.3, filter conditions for StatementRefs).
    """
    newest = cursor.newest if cursor else _NEWEST.scalar(db) or 0
    limits = _limits(access)
    chains = not wanted.is_plain and _REFERENCE.first(db) is not None
    values = _values(wanted) | limits | {"newest": newest, "last": cursor and cursor.last, "most": wanted.limit + 1}
    rows: dict[int, bytes] = {}
    for question in _listing(_shape(wanted), tuple(limits), chains=chains, goes_on=cursor is not None):
        rows |= {row.id: row.payload for row in question.rows(db, **values)}
    ids = sorted(rows, reverse=not wanted.ascending)
    page = ids[: wanted.limit]
    following = Cursor(newest, page[-1]) if len(ids) > len(page) else None
    return Page({row_id: rows[row_id] for row_id in page}, following)


def find_files(db: Session, rows: Mapping[int, bytes]) -> dict[str, str]:
    """The data that came with these statements (payloads by id): the hash of each, once, and its content type."""
    query = sa.select(StatementFile.statement_id, StatementFile.sha2).where(StatementFile.statement_id.in_(rows))
    sent: dict[int, set[str]] = {}
    for row_id, sha2 in db.execute(query):
        sent.setdefault(row_id, set()).add(sha2)
    found: dict[str, str] = {}
    for row_id in (row_id for row_id in rows if row_id in sent):
        for _, attachment in attachments_of(orjson.loads(rows[row_id])):
            if attachment["sha2"].lower() in sent[row_id]:
                found.setdefault(attachment["sha2"].lower(), attachment["contentType"])
    return found


def list_named_files(db: Session, hashes: Sequence[str]) -> set[str]:
    """Which of these hashes are of data that came with a statement that is kept."""
    return set(db.scalars(sa.select(StatementFile.sha2).where(StatementFile.sha2.in_(hashes))))


def file_key(sha2: str) -> str:
    """Where the data with this hash lies in storage: one copy, however many statements hold it."""
    return f"{FILES}/{sha2[:2]}/{sha2}"


def find_import(db: Session, source: str) -> StatementImport | None:
    """How far this source was read before, or None."""
    return db.get(StatementImport, source)


def consistent_through(database: Database) -> datetime:
    """A moment before which every statement is there for every reader, now and later: `stored` never lies before it.

    PostgreSQL: when the oldest transaction began that is still open, for `stored` is always read inside one. SQLite has
    one writer: when the lock is free, nobody is writing and it is now; else all that is committed is complete.
    """
    if database.is_sqlite:
        return _consistent_sqlite(database)
    now = clock.now()  # before we look: whoever begins later stores later
    with database.read() as db:
        oldest = db.scalar(
            sa.text(
                "SELECT min(xact_start) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
            )
        )
    return min(now, oldest.astimezone(UTC) if oldest else now) - timedelta(microseconds=1)


_LIMITED = {"area": Statement.area, "organisation": Statement.organisation, "credential": Statement.credential_id}


def _limits(access: Access | None) -> dict[str, Any]:
    """What a credential may see, as the value of each column that limits it; None sees everything."""
    if access is None:
        return {}
    own = access.credential_id if access.reads_only_own else None
    limits = {"area": access.area, "organisation": access.organisation, "credential": own}
    return {name: value for name, value in limits.items() if value is not None}


# ---- lists -----------------------------------------------------------------------------------------------------------
#
# The words of a list's questions hang on what is asked, not on the values: they are made once for each shape.

_NEWEST = Prepared(sa.select(sa.func.max(Statement.id)))
_REFERENCE = Prepared(sa.select(Statement.id).where(Statement.target.is_not(None)).limit(1))
_SOMETHING, _SOMETIME, _SOMEWHERE = "", EPOCH, UUID(int=0)


def _shape(wanted: Filter) -> Filter:
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


def _values(wanted: Filter) -> dict[str, Any]:
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


@lru_cache(maxsize=1024)
def _listing(shape: Filter, limits: tuple[str, ...], *, chains: bool, goes_on: bool) -> tuple[Prepared, ...]:
    """The questions whose answers together are the list. Each gives its first rows, one more than is asked: that is
    enough for the first rows of all together.

    `chains`: there are statements that refer to others; `goes_on`: this is not the first page.
    """
    limited = [_LIMITED[name] == sa.bindparam(name) for name in limits]
    shown = [sa.not_(_is_voided), *_moments(shape), *limited]
    questions = []
    for source, order in _sources(shape, chains=chains):
        question = source.where(*shown, order <= sa.bindparam("newest"), *_after(order, shape, goes_on=goes_on))
        question = question.order_by(order.asc() if shape.ascending else order.desc())
        questions.append(Prepared(question.limit(sa.bindparam("most", type_=sa.Integer()))))
    return tuple(questions)


def _moments(shape: Filter) -> list[sa.ColumnElement[bool]]:
    moments = []
    if shape.since is not None:
        moments.append(Statement.stored > sa.bindparam("since"))
    if shape.until is not None:
        moments.append(Statement.stored <= sa.bindparam("until"))
    return moments


def _after(order: _Id, shape: Filter, *, goes_on: bool) -> list[sa.ColumnElement[bool]]:
    last: sa.BindParameter[int] = sa.bindparam("last")
    return [order > last if shape.ascending else order < last] if goes_on else []


def _sources(shape: Filter, *, chains: bool) -> Iterator[tuple[sa.Select[int, bytes], _Id]]:
    """Where to look, each with the id by which an index already orders it."""
    rows = sa.select(Statement.id, Statement.payload)
    if shape.agent is not None:
        said = _conditions(Statement, replace(shape, agent=None))
        by_agent = rows.join(StatementAgent, StatementAgent.statement_id == Statement.id).where(*said)
        by_agent = by_agent.where(StatementAgent.agent == sa.bindparam("agent"))
        for role in _roles(related=shape.related_agents):
            yield by_agent.where(StatementAgent.role == role), StatementAgent.statement_id
        if shape.related_agents and shape.authority is not None:
            yield rows.where(_has_authority(shape.authority), *said), Statement.id
    elif shape.activity is not None:
        said = _conditions(Statement, replace(shape, activity=None))
        by_activity = rows.join(StatementActivity, StatementActivity.statement_id == Statement.id).where(*said)
        by_activity = by_activity.where(StatementActivity.activity == sa.bindparam("activity"))
        for role in _roles(related=shape.related_activities):
            yield by_activity.where(StatementActivity.role == role), StatementActivity.statement_id
    else:
        yield rows.where(*_conditions(Statement, shape)), Statement.id
    if chains:
        yield rows.where(Statement.id.in_(_referring(shape))), Statement.id


def _roles(*, related: bool) -> tuple[Role, ...]:
    return (Role.DIRECT, Role.RELATED) if related else (Role.DIRECT,)


def _conditions(row: type[Statement], shape: Filter) -> list[sa.ColumnElement[bool]]:
    """What is asked of a statement itself."""
    conditions: list[sa.ColumnElement[bool]] = []
    if shape.verb is not None:
        conditions.append(row.verb_key == sa.bindparam("verb"))
    if shape.registration is not None:
        conditions.append(row.registration == sa.bindparam("registration"))
    if shape.agent is not None:
        conditions.append(
            sa.exists().where(
                StatementAgent.agent == sa.bindparam("agent"),
                sa.or_(*(StatementAgent.role == role for role in _roles(related=shape.related_agents))),
                StatementAgent.statement_id == row.id,
            )
        )
    if shape.activity is not None:
        conditions.append(
            sa.exists().where(
                StatementActivity.activity == sa.bindparam("activity"),
                sa.or_(*(StatementActivity.role == role for role in _roles(related=shape.related_activities))),
                StatementActivity.statement_id == row.id,
            )
        )
    return conditions


def _has_authority(authority: int) -> sa.ColumnElement[bool]:
    return Statement.credential_id == sa.bindparam("authority") if authority else Statement.credential_id.is_(None)


def _referring(shape: Filter) -> sa.Select[int]:
    """The ids of statements that refer, through any number of others, to one that meets the conditions."""
    target = aliased(Statement)
    chain = (
        sa.select(Statement.id.label("first"), Statement.target.label("uuid"))
        .where(Statement.target.is_not(None))
        .cte("chain", recursive=True)
    )
    chain = chain.union(
        sa.select(chain.c.first, target.target)
        .join(target, target.uuid == chain.c.uuid)
        .where(target.target.is_not(None))
    )
    last = aliased(Statement)
    return sa.select(chain.c.first).join(last, last.uuid == chain.c.uuid).where(*_conditions(last, shape))


def _consistent_sqlite(database: Database) -> datetime:
    with database.engine.connect() as connection:
        raw = connection.connection.driver_connection
        if raw is None or raw.in_transaction:  # our own connection is writing
            return _last_stored(connection)
        timeout = raw.execute("PRAGMA busy_timeout").fetchone()[0]
        raw.execute("PRAGMA busy_timeout=0")
        try:
            raw.execute("BEGIN IMMEDIATE")
            now = clock.now()
            raw.execute("ROLLBACK")
            return now - timedelta(microseconds=1)
        except sqlite3.OperationalError:
            return _last_stored(connection)
        finally:
            raw.execute(f"PRAGMA busy_timeout={timeout}")


def _last_stored(connection: sa.Connection) -> datetime:
    query = sa.select(Statement.stored).order_by(Statement.id.desc()).limit(1)
    return connection.scalar(query) or EPOCH
