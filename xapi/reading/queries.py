"""Statements for people to read. Each question takes who asks, and shows what happened in her areas, nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from lms.accounts.models import Employment, JoinedPerson, Organisation, Person
from lms.accounts.queries import is_not_joined, is_unlimited, list_joined, list_own_uuids, organisations_of
from lms.kernel.db import Database
from lms.kernel.errors import NotFound
from lms.kernel.i18n import gettext as _
from lms.kernel.i18n import use_language
from lms.kernel.identity import PERMISSIONS, Grant, Identity, Permission
from lms.kernel.names import name_order
from lms.kernel.storage import Storage
from xapi.credentials.models import Credential
from xapi.credentials.queries import PLATFORM, iri_base_of
from xapi.reading.formats import COLUMNS, Kept, csv_lines, csv_row, json_line, sentence_of, stranger_name
from xapi.reading.models import Export
from xapi.standard.actor import ifi_of, mail_agents
from xapi.standard.relations import Role
from xapi.statements.models import Statement, StatementActivity, StatementAgent, Voiding, key_of
from xapi.statements.queries import file_key, find_files, is_voided

MOST_PEOPLE = 20
PIECE = 1_000  # statements read in one go for a file
_SEE = Permission.SEE_STATEMENTS


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of the record. Empty asks nothing.

    `agents`: identifiers as `ifi_of` gives them, one of whom is the actor or object; () finds nothing, None asks
    nothing.
    `activity` is what it is about or stands in its context. `since` and `until` (not itself) say when it happened.
    `up_to` is the last one in the order of storing (`until_now`).
    """

    agents: tuple[str, ...] | None = None
    verb: str = ""
    activity: str = ""
    area: str = ""
    since: datetime | None = None
    until: datetime | None = None
    up_to: int | None = None


@dataclass(frozen=True, slots=True)
class FoundPerson:
    """Somebody with an account whose name was searched for."""

    uuid: UUID
    name: str


@dataclass(frozen=True, slots=True)
class Told:
    """A statement as a sentence. `person`: who did it, when she has an account here and is not erased."""

    kept: Kept
    sentence: str
    person: FoundPerson | None


@dataclass(frozen=True, slots=True)
class Keeping:
    """How a statement was kept: by whose word, where it counts, and by which statement it was voided."""

    authority: str
    organisation: str
    version: str
    voided_by: UUID | None


def list_kept(
    db: Session, identity: Identity, wanted: Wanted, *, before: int | None = None, limit: int
) -> list[Kept]:  # fmt: skip
    """At most `limit` statements, the last stored first, of those with an id below `before`. Voided ones are marked."""
    return _list(db, identity, wanted, start=before, limit=limit, ascending=False)


def list_onwards(
    db: Session, identity: Identity, wanted: Wanted, *, after: int | None = None, limit: int
) -> list[Kept]:  # fmt: skip
    """At most `limit` statements, the first stored first, of those with an id above `after`. Voided ones are marked."""
    return _list(db, identity, wanted, start=after, limit=limit, ascending=True)


def until_now(db: Session, wanted: Wanted) -> Wanted:
    """The same, without what is stored from now on: a file that goes from the oldest up comes to an end."""
    return replace(wanted, up_to=db.scalar(sa.select(sa.func.max(Statement.id))) or 0)


def count_kept(db: Session, identity: Identity, wanted: Wanted, *, at_most: int) -> int:
    """How many statements there are, counted no further than `at_most`."""
    conditions = _conditions(identity, wanted)
    sources = [
        source.with_only_columns(Statement.id).where(*conditions).limit(at_most) for source, _ in _sources(wanted)
    ]
    if not sources:
        return 0
    ids = sa.union(*(sa.select(source.subquery()) for source in sources)).subquery()
    return min(at_most, db.scalar(sa.select(sa.func.count()).select_from(ids)) or 0)


def get_kept(db: Session, identity: Identity, uuid: UUID) -> tuple[Kept, Keeping]:
    """One statement and how it was kept. Raises `NotFound`, also when it is not for who asks."""
    row = db.execute(
        _ROWS.add_columns(
            Statement.version,
            sa.func.coalesce(Credential.name, "").label("credential"),
            sa.func.coalesce(Organisation.name, "").label("employer"),
        )
        .outerjoin(Credential, Credential.id == Statement.credential_id)
        .outerjoin(Organisation, Organisation.uuid == Statement.organisation)
        .where(Statement.uuid == uuid, _visible_to(identity))
    ).one_or_none()
    if row is None:
        raise NotFound(f"statement {uuid}")
    kept = Kept(*row[:8])
    voided_by = _voiding_of(db, uuid) if kept.is_voided else None
    return kept, Keeping(row.credential or PLATFORM.capitalize(), row.employer, row.version, voided_by)


def get_export(db: Session, identity: Identity, uuid: UUID) -> Export:
    """A file that who asks had made. Raises `NotFound`, also for another's."""
    export = db.scalar(sa.select(Export).where(Export.uuid == uuid, Export.person_id == identity.person_id))
    if export is None:
        raise NotFound(f"export {uuid}")
    return export


def find_people(db: Session, identity: Identity, search: str) -> list[FoundPerson]:
    """People whose name holds every word of `search`, among those who work or worked where she may look.

    At most one more than `MOST_PEOPLE`.
    """
    name = Person.first_name + " " + Person.last_name
    rows = db.execute(
        sa.select(Person.uuid, Person.first_name, Person.last_name)
        .where(Person.erased_at.is_(None), is_not_joined(), _works_for(identity))
        .where(*(name.icontains(word, autoescape=True) for word in search.split()[:8]))
        .order_by(name_order(Person.last_name, Person.first_name), Person.id)
        .limit(MOST_PEOPLE + 1)
    )
    return [FoundPerson(row.uuid, f"{row.first_name} {row.last_name}".strip()) for row in rows]


def find_person(db: Session, identity: Identity, uuid: UUID) -> FoundPerson | None:
    """The person with this uuid, when she works or worked where who asks may look; the account of who was joined."""
    uuid = list_joined(db, [uuid]).get(uuid, uuid)
    row = db.execute(
        sa.select(Person.first_name, Person.last_name).where(
            Person.uuid == uuid, Person.erased_at.is_(None), _works_for(identity)
        )
    ).one_or_none()
    return row and FoundPerson(uuid, f"{row.first_name} {row.last_name}".strip())


def identifiers_of(db: Session, people: Iterable[UUID], *, address: str = "") -> tuple[str, ...]:
    """How the actors of these people are known (`ifi_of`), and of whoever has this e-mail address elsewhere."""
    base = iri_base_of(db.info)
    own = list_own_uuids(db, people)
    actors: list[dict[str, Any]] = [{"account": {"homePage": base, "name": str(uuid)}} for uuid in own]
    if "@" in address:
        actors += mail_agents(address)
    return tuple(identifier for actor in actors if (identifier := ifi_of(actor)))


def tell(db: Session, rows: Sequence[Kept]) -> list[Told]:
    """The statements as sentences, with the names people have today. One statement."""
    base = iri_base_of(db.info)
    statements = [orjson.loads(row.payload) for row in rows]
    names = names_of(db, [uuid for statement in statements if (uuid := account_of(statement["actor"], base))])
    return [_told(row, statement, names, base) for row, statement in zip(rows, statements, strict=True)]


def write_pieces(
    database: Database,
    identity: Identity,
    wanted: Wanted,
    *,
    kind: str,
    language: str,
    progress: Callable[[int], None] = lambda _written: None,
) -> Iterator[bytes]:
    """Everything that is asked, as a file of this kind (`csv` or `jsonl`) in pieces: however much, never all at once.

    The first stored stands first: who takes it in elsewhere stores it in the same order, and what was said last of an
    activity stays the last. Each piece is read by itself, so nobody is held up while a slow line takes it in.
    `progress` is told how many statements are written.
    """
    yield heading(kind)
    written = 0
    for db, rows in _walk(database, identity, wanted):
        with use_language(language):
            yield write_piece(db, rows, kind)
        written += len(rows)
        progress(written)


def list_hashes(database: Database, identity: Identity, wanted: Wanted) -> Iterator[str]:
    """The hashes of the data that came with everything that is asked; one that came twice is there twice."""
    for db, rows in _walk(database, identity, wanted):
        yield from find_files(db, {row.id: row.payload for row in rows})


def read_files(storage: Storage, hashes: Iterable[str]) -> Iterator[tuple[str, bytes]]:
    """The data with these hashes, each once, when it is asked for."""
    seen: set[str] = set()
    for sha2 in hashes:
        if sha2 not in seen:
            seen.add(sha2)
            try:
                data = storage.get(file_key(sha2))
            except NotFound:  # somebody was erased meanwhile
                continue
            yield sha2, data


def _walk(database: Database, identity: Identity, wanted: Wanted) -> Iterator[tuple[Session, list[Kept]]]:
    after: int | None = None
    while True:
        with database.read() as db:
            rows = list_onwards(db, identity, wanted, after=after, limit=PIECE)
            if not rows:
                return
            yield db, rows
        after = rows[-1].id


def heading(kind: str) -> bytes:
    """What stands before the first row."""
    return "\ufeff".encode() + csv_lines([COLUMNS]) if kind == "csv" else b""  # the mark tells Excel that it is UTF-8


def write_piece(db: Session, rows: Sequence[Kept], kind: str) -> bytes:
    """These statements as lines of a file."""
    if kind != "csv":
        return b"".join(json_line(row.payload) for row in rows)
    base = iri_base_of(db.info)
    statements = [orjson.loads(row.payload) for row in rows]
    names = names_of(db, [uuid for statement in statements if (uuid := account_of(statement["actor"], base))])
    return csv_lines(
        csv_row(row, statement, who=actor_name(actor, names, base), who_id=ifi_of(actor) or "")
        for row, statement in zip(rows, statements, strict=True)
        for actor in (statement["actor"],)
    )


def names_of(db: Session, uuids: Iterable[UUID]) -> dict[UUID, str]:
    """The names of the people with these uuids; an empty one for who was erased. Who was joined is called by the name
    of the account she has.
    """
    into = aliased(Person)
    rows = db.execute(
        sa.select(
            Person.uuid,
            sa.func.coalesce(into.first_name, Person.first_name),
            sa.func.coalesce(into.last_name, Person.last_name),
            sa.func.coalesce(into.erased_at, Person.erased_at),
        )
        .outerjoin(JoinedPerson, JoinedPerson.person_id == Person.id)
        .outerjoin(into, into.id == JoinedPerson.into_id)
        .where(Person.uuid.in_(set(uuids)))
    )
    return {uuid: f"{first} {last}".strip() if erased is None else "" for uuid, first, last, erased in rows}


def actor_name(actor: Mapping[str, Any], names: Mapping[UUID, str], iri_base: str) -> str:
    """What to call an actor: the name she has here, or the one the statement gives."""
    uuid = account_of(actor, iri_base)
    if uuid is not None and uuid in names:
        return names[uuid] or _("Gewiste persoon")
    is_ours = actor.get("account") == {"homePage": iri_base, "name": PLATFORM.capitalize()}
    return PLATFORM.capitalize() if is_ours else stranger_name(actor)


def account_of(actor: Mapping[str, Any], iri_base: str) -> UUID | None:
    """The uuid of the person whose account here this is, or None."""
    account = actor.get("account", {})
    if account.get("homePage") != iri_base:
        return None
    try:
        return UUID(account["name"])
    except ValueError:
        return None


def _told(kept: Kept, statement: Mapping[str, Any], names: Mapping[UUID, str], iri_base: str) -> Told:
    actor = statement["actor"]
    uuid = account_of(actor, iri_base)
    name = names.get(uuid, "") if uuid else ""
    person = FoundPerson(uuid, name) if uuid and name else None
    return Told(kept, sentence_of(statement, actor_name(actor, names, iri_base)), person)


def _list(
    db: Session, identity: Identity, wanted: Wanted, *, start: int | None, limit: int, ascending: bool
) -> list[Kept]:  # fmt: skip
    """At most `limit` statements beyond `start`, in the order of storing or against it.

    Each source gives its first ids: together they hold the first ids of all, and only of those the rest is read. With
    20 people there are 40 sources, and 40 times the payloads would be 100 MB.
    """
    firsts = []
    for source, order in _sources(wanted):
        ids = source.with_only_columns(Statement.id).where(*_conditions(identity, wanted))
        if start is not None:
            ids = ids.where(order > start if ascending else order < start)
        firsts.append(ids.order_by(order.asc() if ascending else order.desc()).limit(limit))
    if not firsts:
        return []
    found = sa.union(*(sa.select(first.subquery()) for first in firsts)).subquery()
    ids = sa.select(found.c.id).order_by(found.c.id.asc() if ascending else found.c.id.desc()).limit(limit)
    rows = _ROWS.where(Statement.id.in_(ids)).order_by(Statement.id.asc() if ascending else Statement.id.desc())
    return [Kept(*row) for row in db.execute(rows)]


_Rows = sa.Select[int, UUID, datetime, datetime, str | None, UUID | None, bytes, bool]

_ROWS = sa.select(
    Statement.id,
    Statement.uuid,
    Statement.timestamp,
    Statement.stored,
    Statement.area,
    Statement.organisation,
    Statement.payload,
    is_voided.label("is_voided"),
)


def _sources(wanted: Wanted) -> Iterator[tuple[_Rows, InstrumentedAttribute[int]]]:
    """The questions whose answers together are the list, each with the id by which an index already orders it."""
    if wanted.agents is not None:
        by_agent = _ROWS.join(StatementAgent, StatementAgent.statement_id == Statement.id)
        for identifier in wanted.agents:
            found = by_agent.where(StatementAgent.agent == key_of(identifier), StatementAgent.role == Role.DIRECT)
            yield found, StatementAgent.statement_id
    elif wanted.activity:
        by_activity = _ROWS.join(StatementActivity, StatementActivity.statement_id == Statement.id)
        for role in Role:
            found = by_activity.where(
                StatementActivity.activity == key_of(wanted.activity), StatementActivity.role == role
            )
            yield found, StatementActivity.statement_id
    else:
        yield _ROWS, Statement.id


def _conditions(identity: Identity, wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    conditions = [_visible_to(identity)]
    if wanted.verb:
        conditions.append(Statement.verb_key == key_of(wanted.verb))
    if wanted.area:
        conditions.append(Statement.area == wanted.area)
    if wanted.since is not None:
        conditions.append(Statement.timestamp >= wanted.since)
    if wanted.until is not None:
        conditions.append(Statement.timestamp < wanted.until)
    if wanted.up_to is not None:
        conditions.append(Statement.id <= wanted.up_to)
    if wanted.agents is not None and wanted.activity:
        about = StatementActivity.activity == key_of(wanted.activity)
        conditions.append(
            sa.exists().where(
                about, StatementActivity.role.in_(tuple(Role)), StatementActivity.statement_id == Statement.id
            )
        )
    return conditions


def _visible_to(identity: Identity) -> sa.ColumnElement[bool]:
    """What counts in an area or organisation of hers; what counts nowhere is only for who looks after everything."""
    held = [grant for grant in identity.grants if _SEE in PERMISSIONS[grant.role]]
    return sa.or_(sa.false(), *(_within(grant) for grant in held))


def _within(grant: Grant) -> sa.ColumnElement[bool]:
    area = sa.true() if grant.area is None else Statement.area == grant.area
    if grant.organisation_id is None:
        return area
    employer = sa.select(Organisation.uuid).where(Organisation.id == grant.organisation_id).scalar_subquery()
    return sa.and_(area, Statement.organisation == employer)


def _works_for(identity: Identity) -> sa.ColumnElement[bool]:
    if is_unlimited(identity, _SEE):
        return sa.true()
    return sa.exists().where(
        Employment.person_id == Person.id,
        Organisation.id == Employment.organisation_id,
        organisations_of(identity, _SEE),
    )


def _voiding_of(db: Session, uuid: UUID) -> UUID | None:
    return db.scalar(
        sa.select(Statement.uuid).join(Voiding, Voiding.statement_id == Statement.id).where(Voiding.target == uuid)
    )
