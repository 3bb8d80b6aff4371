"""Statements into tables, at the speed of the driver: on this path each microsecond is paid for at every click.

Rows are inserted where their uuid is new; the rest is for the caller to compare with what is kept. PostgreSQL gets one
statement for all; it takes them sorted by uuid, so that two batches that share statements wait for each other instead
of deadlocking. SQLite, whose only writer we are, gets one row after the other.

Ids go up with `stored`, whoever writes beside us: lists and their pages stand in the order of ids, and the standard
wants that of `stored`. On SQLite both are taken under the write lock. PostgreSQL draws an id, reads its own clock and
draws the ids that are kept, in one go; where they do not follow on the first, somebody drew in between, and it is done
again. So nobody holds a lock that others wait for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import accumulate
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from lms.kernel import clock
from xapi.standard.relations import Role
from xapi.standard.timestamp import format_timestamp
from xapi.statements.formats import complete

Links = list[tuple[UUID, Role]]

MOST_DRAWS = 10_000


@dataclass(slots=True)
class NewStatement:
    """A statement on its way to be kept: the columns of `models.Statement`, and the keys it is found by.

    `sent` is what came, `added` what the store adds to it, `files` the hashes of the data that came along. Whoever
    inserts fills in `id` and `stored`, in `added` too, and `timestamp` where none came.
    """

    uuid: UUID
    timestamp: datetime | None
    verb: str
    verb_key: UUID
    object_iri: str | None
    target: UUID | None
    actor_key: UUID | None
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
    id: int = 0

    @property
    def pairs(self) -> list[tuple[UUID, UUID]]:
        """Each agent and activity that stand directly in it (`models.StatementPair`)."""
        agents = [key for key, role in self.agents if role is Role.DIRECT]
        return [(agent, key) for key, role in self.activities if role is Role.DIRECT for agent in agents]


def insert_statements(db: Session, rows: Sequence[NewStatement]) -> list[NewStatement]:
    """Insert statements in an open transaction, the session's, which this opens; gives back those that were new.

    Each gets its id and `stored` in it: no statement can appear whose `stored` lies before its transaction began, which
    is what X-Experience-API-Consistent-Through promises.
    """
    connection = db.connection()
    raw: Any = connection.connection.driver_connection
    return _insert_sqlite(raw, rows) if connection.dialect.name == "sqlite" else _insert_postgresql(raw, rows)


def _stamp(rows: Sequence[NewStatement], first: int, stored: datetime) -> None:
    moment = format_timestamp(stored)
    for row_id, row in enumerate(rows, first):
        row.id, row.stored = row_id, stored
        row.added["stored"] = moment
        if row.timestamp is None:
            row.timestamp, row.added["timestamp"] = stored, moment


_COLUMNS = (
    "uuid, stored, timestamp, verb, verb_key, object_iri, target, actor_key, registration, version, credential_id,"
    " area, organisation, payload"
)

# ---- SQLite ----------------------------------------------------------------------------------------------------------

_SQLITE = f"INSERT INTO statement (id, {_COLUMNS}) VALUES ({', '.join('?' * 15)}) ON CONFLICT (uuid) DO NOTHING"  # noqa: S608  our own names
_SQLITE_AGENT = "INSERT INTO statement_agent (agent, role, statement_id) VALUES (?, ?, ?)"
_SQLITE_ACTIVITY = "INSERT INTO statement_activity (activity, role, statement_id) VALUES (?, ?, ?)"
_SQLITE_PAIR = "INSERT INTO statement_pair (agent, activity, statement_id, verb) VALUES (?, ?, ?, ?)"
_SQLITE_VOIDING = "INSERT INTO voiding (target, statement_id) VALUES (?, ?) ON CONFLICT DO NOTHING"


def _insert_sqlite(raw: Any, rows: Sequence[NewStatement]) -> list[NewStatement]:
    last = raw.execute("SELECT seq FROM sqlite_sequence WHERE name = 'statement'").fetchone()
    _stamp(rows, (last[0] if last else 0) + 1, clock.now())
    kept = list(rows)
    if raw.executemany(_SQLITE, map(_sqlite_values, rows)).rowcount < len(rows):
        new = {row_id for (row_id,) in raw.execute("SELECT id FROM statement WHERE id >= ?", (rows[0].id,))}
        kept = [row for row in rows if row.id in new]
    raw.executemany(_SQLITE_AGENT, [(key.bytes, role, row.id) for row in kept for key, role in row.agents])
    raw.executemany(_SQLITE_ACTIVITY, [(key.bytes, role, row.id) for row in kept for key, role in row.activities])
    pairs = [(who.bytes, what.bytes, row.id, row.verb_key.bytes) for row in kept for who, what in row.pairs]
    raw.executemany(_SQLITE_PAIR, pairs)
    voidings = [(row.voids.bytes, row.id) for row in kept if row.voids is not None]
    if voidings:
        raw.executemany(_SQLITE_VOIDING, voidings)
    return kept


def _sqlite_values(row: NewStatement) -> tuple[Any, ...]:
    return (
        row.id,
        row.uuid.bytes,
        _sqlite_moment(row.stored),
        _sqlite_moment(row.timestamp or row.stored),
        row.verb,
        row.verb_key.bytes,
        row.object_iri,
        row.target and row.target.bytes,
        row.actor_key and row.actor_key.bytes,
        row.registration and row.registration.bytes,
        row.version,
        row.credential_id,
        row.area,
        row.organisation and row.organisation.hex,
        complete(row.head, row.added),
    )


def _sqlite_moment(moment: datetime) -> str:
    """As SQLAlchemy writes a moment in UTC there."""
    return moment.replace(tzinfo=None).isoformat(" ", "microseconds")


# ---- PostgreSQL ------------------------------------------------------------------------------------------------------

# $1: the moment at which our clock is made to stand. Each column is one array; the payloads are one value, in which
# each has its place, still without the moments and the last brace. So it fits batches of any size. Where somebody drew
# an id in between, it gives no row.
_POSTGRESQL = f"""
WITH drawn AS MATERIALIZED (
  SELECT nextval('statement_id_seq') AS before, coalesce($1::timestamptz, clock_timestamp()) AS stored,
    (SELECT max(nextval('statement_id_seq')) FROM generate_series(1, cardinality($2::uuid[]))) AS last
), taken AS MATERIALIZED (
  SELECT before, stored, to_char(stored AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') AS moment
  FROM drawn WHERE last = before + cardinality($2::uuid[])
), kept AS (
  INSERT INTO statement (id, {_COLUMNS})
  SELECT before + nth, uuid, taken.stored, coalesce(timestamp, taken.stored), verb, verb_key, object_iri, target,
    actor_key, registration, version, credential_id, area, organisation,
    substring($13::bytea FROM place FOR size) || convert_to(concat(
      ',"timestamp":"' || CASE WHEN timestamp IS NULL THEN moment END || '"', ',"stored":"', moment, '"}}'
    ), 'UTF8')
  FROM taken, unnest(
    $2::uuid[], $3::timestamptz[], $4::text[], $5::uuid[], $6::text[], $7::uuid[], $8::uuid[], $9::uuid[], $10::text[],
    $11::int[], $12::text[], $14::uuid[], $15::int[], $16::int[]
  ) WITH ORDINALITY AS sent (
    uuid, timestamp, verb, verb_key, object_iri, target, actor_key, registration, version, credential_id, area,
    organisation, place, size, nth
  )
  ORDER BY uuid
  ON CONFLICT (uuid) DO NOTHING RETURNING id
), agents AS (
  INSERT INTO statement_agent (agent, role, statement_id)
  SELECT agent, role, id
  FROM taken, kept, unnest($17::uuid[], $18::smallint[], $19::int[]) AS a (agent, role, nth) WHERE id = before + nth
), activities AS (
  INSERT INTO statement_activity (activity, role, statement_id)
  SELECT activity, role, id
  FROM taken, kept, unnest($20::uuid[], $21::smallint[], $22::int[]) AS a (activity, role, nth) WHERE id = before + nth
), pairs AS (
  INSERT INTO statement_pair (agent, activity, statement_id, verb)
  SELECT agent, activity, id, ($5::uuid[])[nth]
  FROM taken, kept, unnest($23::uuid[], $24::uuid[], $25::int[]) AS p (agent, activity, nth) WHERE id = before + nth
)"""  # noqa: S608  our own names
_POSTGRESQL_VOIDINGS = """, voidings AS (
  INSERT INTO voiding (target, statement_id)
  SELECT target, id
  FROM taken, kept, unnest($26::uuid[], $27::int[]) AS v (target, nth) WHERE id = before + nth ORDER BY target
  ON CONFLICT DO NOTHING
)"""
_POSTGRESQL_ASKED = "\nSELECT before, stored, id FROM taken LEFT JOIN kept ON true"
_INSERT = _POSTGRESQL + _POSTGRESQL_ASKED
_INSERT_AND_VOID = _POSTGRESQL + _POSTGRESQL_VOIDINGS + _POSTGRESQL_ASKED


def _insert_postgresql(raw: Any, rows: Sequence[NewStatement]) -> list[NewStatement]:
    voidings = [(row.voids.hex, nth) for nth, row in enumerate(rows, 1) if row.voids is not None]
    values = _postgresql_values(rows)
    if voidings:  # few void anything: the others are spared that part
        found = _ask_until_drawn(raw, _INSERT_AND_VOID, [*values, *_columns(voidings, 2)])
    else:
        found = _ask_until_drawn(raw, _INSERT, values)
    before, stored, _id = found[0]
    _stamp(rows, before + 1, stored.astimezone(UTC))
    kept = {row_id for _before, _stored, row_id in found}
    return [row for row in rows if row.id in kept]


def _ask_until_drawn(raw: Any, words: str, values: Sequence[Any]) -> list[tuple[int, datetime, int]]:
    for _time in range(MOST_DRAWS):
        found: list[tuple[int, datetime, int]] = raw.ask(words, values).fetchall()
        if found:
            return found
    raise RuntimeError("statement_id_seq gave no ids that follow on each other: it must have INCREMENT 1 and CACHE 1")


def _postgresql_values(rows: Sequence[NewStatement]) -> list[Any]:
    agents = [(key.hex, int(role), nth) for nth, row in enumerate(rows, 1) for key, role in row.agents]
    activities = [(key.hex, int(role), nth) for nth, row in enumerate(rows, 1) for key, role in row.activities]
    pairs = [(agent.hex, activity.hex, nth) for nth, row in enumerate(rows, 1) for agent, activity in row.pairs]
    payloads = [complete(row.head, row.added)[:-1] for row in rows]
    return [
        clock.moved(),
        _array(row.uuid.hex for row in rows),
        _array(row.timestamp and row.timestamp.isoformat() for row in rows),
        _array(_quoted(row.verb) for row in rows),
        _array(row.verb_key.hex for row in rows),
        _array(_quoted(row.object_iri) for row in rows),
        _array(row.target and row.target.hex for row in rows),
        _array(row.actor_key and row.actor_key.hex for row in rows),
        _array(row.registration and row.registration.hex for row in rows),
        _array(_quoted(row.version) for row in rows),
        _array(row.credential_id for row in rows),
        _array(_quoted(row.area) for row in rows),
        b"".join(payloads),
        _array(row.organisation and row.organisation.hex for row in rows),
        _array(accumulate(map(len, payloads[:-1]), initial=1)),
        _array(map(len, payloads)),
        *_columns(agents, 3),
        *_columns(activities, 3),
        *_columns(pairs, 3),
    ]


def _columns(rows: Sequence[tuple[object, ...]], many: int) -> list[str]:
    return [_array(row[place] for row in rows) for place in range(many)]


def _array(values: Iterable[object]) -> str:
    """An array as PostgreSQL reads it. This is quicker than the driver's way; words must be quoted."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def _quoted(words: str | None) -> str | None:
    return None if words is None else '"' + words.replace("\\", "\\\\").replace('"', '\\"') + '"'
