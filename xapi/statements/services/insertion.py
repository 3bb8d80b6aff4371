"""Statements into tables, at the speed of the driver: on this path each microsecond is paid for at every click.

Rows are inserted where their uuid is new; the rest is for the caller to compare with what is kept. PostgreSQL gets one
statement for all; its rows are sorted by uuid, so that two batches that share statements wait for each other instead of
deadlocking. SQLite, whose only writer we are, gets one row after the other.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from xapi.standard.relations import Role

Links = list[tuple[UUID, Role]]

OWN_AT_ONCE = 8  # each number of them is a statement to prepare
CHUNK = 500  # PostgreSQL takes 65,535 values in one statement


@dataclass(slots=True)
class NewStatement:
    """A statement on its way to be kept: the columns of `models.Statement`, and the keys it is found by.

    `sent` is what came, `added` what the store adds to it, `files` the hashes of the data that came along; `stored` and
    `payload` are filled in last.
    """

    uuid: UUID
    timestamp: datetime | None
    verb: str
    verb_key: UUID
    object_kind: str
    object_iri: str | None
    target: UUID | None
    actor_key: UUID | None
    authority_key: UUID
    registration: UUID | None
    version: str
    agents: Links
    activities: Links
    voids: UUID | None
    sent: dict[str, Any]
    head: bytes
    added: dict[str, Any]
    files: Sequence[str] = ()
    credential_id: int | None = None
    area: str | None = None
    organisation: UUID | None = None
    stored: datetime = datetime.min  # noqa: DTZ901  no moment yet
    payload: bytes = b""
    id: int = 0


Insert = Callable[[Sequence[NewStatement]], list[NewStatement]]


def begin(db: Session, count: int, *, is_own: bool) -> Insert:
    """Open the transaction; returns what inserts `count` statements in it, and gives back those that were new.

    To be called before `stored` is read from the clock: then no statement can appear whose `stored` lies before its
    transaction began, which is what X-Experience-API-Consistent-Through promises. On SQLite the write lock is held
    from here, on PostgreSQL the ids of a batch are drawn here; one statement draws its own later, and so do a few that
    are our own (`is_own`), since nobody else sends those.
    """
    connection = db.connection()
    raw: Any = connection.connection.driver_connection
    if connection.dialect.name == "sqlite":
        return lambda rows: _insert_sqlite(raw, rows)
    if count == 1 or (is_own and count <= OWN_AT_ONCE):
        raw.open()
        return lambda rows: _insert_own_postgresql(raw, rows)
    ids = [row[0] for row in raw.ask(_RESERVE, (count,)).fetchall()]
    return lambda rows: _insert_postgresql(raw, rows, ids)


_COLUMNS = (
    "uuid, stored, timestamp, verb, verb_key, object_kind, object_iri, target, actor_key, authority_key, registration,"
    " version, credential_id, area, organisation, payload"
)

# ---- SQLite ----------------------------------------------------------------------------------------------------------

_SQLITE = f"INSERT INTO statement ({_COLUMNS}) VALUES ({', '.join('?' * 16)}) ON CONFLICT (uuid) DO NOTHING"  # noqa: S608  our own names
_SQLITE_AGENT = "INSERT INTO statement_agent (agent, role, statement_id) VALUES (?, ?, ?)"
_SQLITE_ACTIVITY = "INSERT INTO statement_activity (activity, role, statement_id) VALUES (?, ?, ?)"
_SQLITE_VOIDING = "INSERT INTO voiding (target, statement_id) VALUES (?, ?) ON CONFLICT DO NOTHING"


def _insert_sqlite(raw: Any, rows: Sequence[NewStatement]) -> list[NewStatement]:
    kept = []
    for row in rows:
        cursor = raw.execute(_SQLITE, _sqlite_values(row))
        if cursor.rowcount == 1:
            row.id = cursor.lastrowid
            kept.append(row)
    raw.executemany(_SQLITE_AGENT, [(key.bytes, role, row.id) for row in kept for key, role in row.agents])
    raw.executemany(_SQLITE_ACTIVITY, [(key.bytes, role, row.id) for row in kept for key, role in row.activities])
    for row in kept:
        if row.voids is not None:
            raw.execute(_SQLITE_VOIDING, (row.voids.bytes, row.id))
    return kept


def _sqlite_values(row: NewStatement) -> tuple[Any, ...]:
    return (
        row.uuid.bytes,
        _sqlite_moment(row.stored),
        _sqlite_moment(row.timestamp or row.stored),
        row.verb,
        row.verb_key.bytes,
        row.object_kind,
        row.object_iri,
        row.target and row.target.bytes,
        row.actor_key and row.actor_key.bytes,
        row.authority_key.bytes,
        row.registration and row.registration.bytes,
        row.version,
        row.credential_id,
        row.area,
        row.organisation and row.organisation.hex,
        row.payload,
    )


def _sqlite_moment(moment: datetime) -> str:
    """As SQLAlchemy writes a moment in UTC there."""
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds")


# ---- PostgreSQL ------------------------------------------------------------------------------------------------------

_RESERVE = "SELECT nextval('statement_id_seq') FROM generate_series(1, $1::int)"


_KINDS = (
    *("uuid", "timestamptz", "timestamptz", "text", "uuid", "text", "text", "uuid", "uuid", "uuid", "uuid"),
    *("text", "int", "text", "uuid", "bytea"),
)


@lru_cache(maxsize=8)
def _own(count: int) -> str:
    """One statement that keeps `count` rows, which draw their ids in their own order."""
    places = itertools.count(1)
    rows = ", ".join(f"({', '.join(f'${next(places)}::{kind}' for kind in _KINDS)})" for _row in range(count))
    agents, activities, voidings = (
        ", ".join(f"${next(places)}::{kind}[]" for kind in kinds)
        for kinds in (("uuid", "smallint", "uuid"), ("uuid", "smallint", "uuid"), ("uuid", "uuid"))
    )
    return f"""
WITH kept AS (
  INSERT INTO statement ({_COLUMNS}) VALUES {rows} ON CONFLICT (uuid) DO NOTHING RETURNING id, uuid
), agents AS (
  INSERT INTO statement_agent (agent, role, statement_id)
  SELECT a.agent, a.role, kept.id FROM unnest({agents}) AS a (agent, role, uuid) JOIN kept USING (uuid)
), activities AS (
  INSERT INTO statement_activity (activity, role, statement_id)
  SELECT a.activity, a.role, kept.id FROM unnest({activities}) AS a (activity, role, uuid) JOIN kept USING (uuid)
), voidings AS (
  INSERT INTO voiding (target, statement_id)
  SELECT v.target, kept.id FROM unnest({voidings}) AS v (target, uuid) JOIN kept USING (uuid) ON CONFLICT DO NOTHING
)
SELECT id, uuid FROM kept
"""  # noqa: S608  our own names


@lru_cache(maxsize=64)
def _postgresql(count: int) -> str:
    """One statement that keeps `count` rows and, for those that were new, what they are found by."""
    row = f"({', '.join(['%b'] * 17)})"
    return f"""
WITH kept AS (
  INSERT INTO statement (id, {_COLUMNS}) VALUES {", ".join([row] * count)}
  ON CONFLICT (uuid) DO NOTHING RETURNING id
), agents AS (
  INSERT INTO statement_agent (agent, role, statement_id)
  SELECT a.* FROM unnest(%t::uuid[], %t::smallint[], %t::bigint[]) AS a (agent, role, id) JOIN kept USING (id)
), activities AS (
  INSERT INTO statement_activity (activity, role, statement_id)
  SELECT a.* FROM unnest(%t::uuid[], %t::smallint[], %t::bigint[]) AS a (activity, role, id) JOIN kept USING (id)
), voidings AS (
  INSERT INTO voiding (target, statement_id)
  SELECT v.* FROM unnest(%t::uuid[], %t::bigint[]) AS v (target, id) JOIN kept USING (id) ON CONFLICT DO NOTHING
)
SELECT id FROM kept
"""  # noqa: S608  our own names


def _insert_own_postgresql(raw: Any, rows: Sequence[NewStatement]) -> list[NewStatement]:
    values = [value for row in rows for value in _OWN_COLUMNS(row)]
    for links in (
        [(key, int(role), row.uuid) for row in rows for key, role in row.agents],
        [(key, int(role), row.uuid) for row in rows for key, role in row.activities],
    ):
        values += [_array(link[place] for link in links) for place in range(3)]
    voidings = [(row.voids, row.uuid) for row in rows if row.voids is not None]
    values += [_array(voiding[place] for voiding in voidings) for place in range(2)]
    ids = {uuid: row_id for row_id, uuid in raw.ask(_own(len(rows)), values).fetchall()}
    for row in rows:
        row.id = ids.get(row.uuid, 0)
    return [row for row in rows if row.id]


def _insert_postgresql(raw: Any, rows: Sequence[NewStatement], ids: Sequence[int]) -> list[NewStatement]:
    for row, row_id in zip(rows, ids, strict=True):
        row.id = row_id
    ordered = sorted(rows, key=attrgetter("uuid"))
    kept: set[int] = set()
    for start in range(0, len(ordered), CHUNK):
        chunk = ordered[start : start + CHUNK]
        found = raw.execute(_postgresql(len(chunk)), _postgresql_values(chunk), binary=True)
        kept.update(row[0] for row in found)
    return [row for row in rows if row.id in kept]


def _postgresql_values(rows: Sequence[NewStatement]) -> list[Any]:
    agents = [(key, int(role), row.id) for row in rows for key, role in row.agents]
    activities = [(key, int(role), row.id) for row in rows for key, role in row.activities]
    voidings = sorted((row.voids, row.id) for row in rows if row.voids is not None)
    values = [value for row in rows for value in _POSTGRESQL_COLUMNS(row)]
    for links, width in ((agents, 3), (activities, 3), (voidings, 2)):
        values += [_array(link[place] for link in links) for place in range(width)]
    return values


_OWN_COLUMNS = attrgetter(*_COLUMNS.split(", "))
_POSTGRESQL_COLUMNS = attrgetter("id", *_COLUMNS.split(", "))


def _array(values: Iterable[UUID | int]) -> str:
    """An array as PostgreSQL reads it. Numbers and uuids need no quoting, and this is quicker than the driver's way."""
    return "{" + ",".join(map(str, values)) + "}"
