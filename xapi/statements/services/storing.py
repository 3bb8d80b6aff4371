"""Keep statements, ours and others'; an equal resend changes nothing, a different one is a conflict."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel import clock
from lms.kernel.events import emit
from sectors.areas import find_area
from xapi.credentials.models import Scope
from xapi.credentials.queries import Access, authority_of, iri_base_of
from xapi.standard.actor import ifi_of
from xapi.standard.comparison import is_same_statement
from xapi.standard.errors import StandardError
from xapi.standard.relations import Role, activities_of, agents_of
from xapi.standard.statement import VOIDING_CLAUSE, is_voiding
from xapi.standard.timestamp import format_timestamp, parse_timestamp
from xapi.standard.verb import VOIDED
from xapi.standard.version import Version
from xapi.statements.events import StatementsStored, StoredStatement
from xapi.statements.formats import OVERWRITTEN, Received, complete, has_single_activities, places_of, with_arrays
from xapi.statements.models import Statement, StatementFile, key_of
from xapi.statements.services.insertion import Insert, Links, NewStatement, begin

IMMUTABLE_CLAUSE = "1.0.3 Communication 2.1.2; 2.0 4.1.6.1"
FORBIDDEN_CLAUSE = "1.0.3 Communication 3.2; 2.0 4.1.6"


def store(
    db: Session,
    statements: Sequence[dict[str, Any]],
    *,
    area: str | None = None,
    organisation: UUID | None = None,
) -> list[UUID]:
    """Keep statements the platform makes itself, in the caller's transaction; returns their ids, in order.

    They must be valid under xAPI 2.0: the tests of whoever builds them prove that, and this trusts it. What is missing
    of id, timestamp and version is added, and the platform's authority. `area` (slug) and `organisation` (uuid) say
    where they count. Emits `StatementsStored` with `own=True`. Raises `StandardError` (409) when an id belongs to
    another statement.
    """
    if not statements:
        return []
    items = [_own(statement) for statement in statements]
    rows = _prepare(items, authority_of(None, iri_base_of(db.info)))
    for row in rows:
        row.area, row.organisation = area, organisation
    return _keep(db, rows, _stamped(db, rows, is_own=True))


def store_received(db: Session, received: Sequence[Received], access: Access) -> list[UUID]:
    """Keep statements that came from outside, all or none; returns their ids, in order (1.0.3 Communication 2.1.2).

    The credential's area and organisation are stamped on them; without such a limit, those that the statement itself
    names. The data of their attachments must be stored already (`keep_files`). Raises `StandardError`: 400 for an id
    twice in a batch, 403 for what the credential may not do, 409 for an id that belongs to another statement. Emits
    `StatementsStored` for those that are new.
    """
    if not received:
        return []
    base = iri_base_of(db.info)
    rows = _prepare(received, authority_of(access, base))
    for row in rows:
        row.credential_id = access.credential_id
        row.area, row.organisation = _place(row.sent, access, base)
    _check_ids_differ(rows)
    insert = _stamped(db, rows, is_own=False)
    _check_may_void(db, rows, access)
    return _keep(db, rows, insert)


def void_statement(db: Session, uuid: UUID, *, actor: dict[str, Any], area: str | None = None) -> UUID:
    """Void a statement, for good: a voiding statement cannot be voided. Returns the voiding statement's id.

    `actor` is who decides, as an xAPI agent. See 1.0.3 Data 2.3.2 and 2.0 4.2.5.
    """
    voiding = {
        "actor": actor,
        "verb": {"id": VOIDED, "display": {"nl": "trok in", "en": "voided"}},
        "object": {"objectType": "StatementRef", "id": str(uuid)},
    }
    return store(db, [voiding], area=area)[0]


def _own(statement: dict[str, Any]) -> Received:
    """A statement of our own, taken in like any other; the tests of its builder have judged it already."""
    if has_single_activities(statement):
        statement = with_arrays(statement)
    sent = {"id": str(uuid4())} | {name: value for name, value in statement.items() if name not in OVERWRITTEN}
    return Received(sent, orjson.dumps(sent)[:-1], Version.V2)


def _prepare(items: Sequence[Received], authority: dict[str, Any]) -> list[NewStatement]:
    """All that can be done before the transaction opens: SQLite's write lock is held by one at a time."""
    return [_prepare_one(item, authority, key_of(ifi_of(authority) or "")) for item in items]


def _prepare_one(item: Received, authority: dict[str, Any], authority_key: UUID) -> NewStatement:
    sent = item.statement
    uuid = UUID(sent["id"]) if "id" in sent else uuid4()
    added: dict[str, Any] = {"authority": authority}
    defaults = {"id": str(uuid), "version": item.version.statement_version}
    added |= {name: value for name, value in defaults.items() if name not in sent}
    thing = sent["object"]
    kind = thing.get("objectType", "Activity")
    verb = sent["verb"]["id"]
    actor = ifi_of(sent["actor"])
    registration = sent.get("context", {}).get("registration")
    target = UUID(thing["id"]) if kind == "StatementRef" else None
    # The authority is one of our own credentials: it is found by credential_id, without a row for each statement.
    people = {name: value for name, value in sent.items() if name != "authority"}
    return NewStatement(
        uuid=uuid,
        timestamp=_moment(sent["timestamp"]) if "timestamp" in sent else None,
        verb=verb,
        verb_key=key_of(verb),
        object_kind=kind,
        object_iri=thing["id"] if kind == "Activity" else None,
        target=target,
        actor_key=key_of(actor) if actor else None,
        authority_key=authority_key,
        registration=UUID(registration) if registration else None,
        version=sent.get("version") or item.version.statement_version,
        agents=_links(agents_of(people)),
        activities=_links(activities_of(sent)),
        voids=target if is_voiding(sent) else None,
        sent=sent,
        head=item.head,
        added=added,
        files=item.files,
    )


def _stamped(db: Session, rows: Sequence[NewStatement], *, is_own: bool) -> Insert:
    """Open the transaction, then write the moment of storing in every row; returns what inserts them."""
    insert = begin(db, len(rows), is_own=is_own)
    stored = clock.now()
    moment = format_timestamp(stored)
    for row in rows:
        row.stored = stored
        row.added["stored"] = moment
        if row.timestamp is None:
            row.timestamp, row.added["timestamp"] = stored, moment
        row.payload = complete(row.head, row.added)
    return insert


def _moment(text: str) -> datetime:
    # 1.0.3 takes every form that 2.0 takes, but for the lower-case letters.
    return parse_timestamp(text.upper(), "$.timestamp", Version.V1)


def _links(found: dict[str, Role]) -> Links:
    return [(key_of(identifier), role) for identifier, role in found.items()]


def _place(statement: dict[str, Any], access: Access, iri_base: str) -> tuple[str | None, UUID | None]:
    """Where a received statement counts: the credential's own limits, else what it names."""
    area, organisation = places_of(statement, iri_base)
    if area is not None and find_area(area) is None:
        area = None
    for name, limit, named in (
        ("area", access.area, area),
        ("organisation", access.organisation, organisation),
    ):
        if limit is not None and named is not None and named != limit:
            rule = f"must not name another {name} than the credential's"
            raise StandardError("$.context.contextActivities", rule, FORBIDDEN_CLAUSE, 403)
    return access.area or area, access.organisation or organisation


def _check_ids_differ(rows: Sequence[NewStatement]) -> None:
    if len({row.uuid for row in rows}) != len(rows):
        raise StandardError("$", "must not hold two statements with the same id", IMMUTABLE_CLAUSE)


def _check_may_void(db: Session, rows: Sequence[NewStatement], access: Access) -> None:
    """Voiding asks for scope `all`, and for a limited credential that the target lies within its limits."""
    targets = [row.voids for row in rows if row.voids is not None]
    if not targets:
        return
    if not access.has(Scope.ALL):
        raise StandardError("$.verb.id", "must not be voided: the credential may not void", VOIDING_CLAUSE, 403)
    for area, organisation in db.execute(
        sa.select(Statement.area, Statement.organisation).where(Statement.uuid.in_(targets))
    ):
        if access.area not in (None, area) or access.organisation not in (None, organisation):
            raise StandardError("$.object.id", "must lie within the credential's limits", VOIDING_CLAUSE, 403)


def _keep(db: Session, rows: list[NewStatement], insert: Insert) -> list[UUID]:
    kept = insert(rows)
    if len(kept) < len(rows):
        new = {row.uuid for row in kept}
        _check_are_resends(db, [row for row in rows if row.uuid not in new])
    files = [{"statement_id": row.id, "sha2": sha2} for row in kept for sha2 in row.files]
    if files:
        db.execute(sa.insert(StatementFile), files)
    if kept:
        emit(db, StatementsStored(tuple(_told(row) for row in kept)))
    return [row.uuid for row in rows]


def _check_are_resends(db: Session, rows: Sequence[NewStatement]) -> None:
    """A statement that is here already must say the same (1.0.3 Data 2.3.1, Communication 2.1.2)."""
    uuids = [row.uuid for row in rows]
    found = db.execute(sa.select(Statement.uuid, Statement.payload).where(Statement.uuid.in_(uuids)))
    kept = {uuid: orjson.loads(payload) for uuid, payload in found}
    for row in rows:
        if not is_same_statement(row.sent, kept[row.uuid]):
            rule = f"must differ: another statement has {row.uuid} already"
            raise StandardError("$.id", rule, IMMUTABLE_CLAUSE, 409)


def _told(row: NewStatement) -> StoredStatement:
    account = row.sent["actor"].get("account", {})
    result = row.sent.get("result", {})
    return StoredStatement(
        id=row.id,
        uuid=row.uuid,
        own=row.credential_id is None,
        actor_home_page=account.get("homePage"),
        actor_name=account.get("name"),
        verb=row.verb,
        object_iri=row.object_iri,
        registration=row.registration,
        completion=result.get("completion"),
        success=result.get("success"),
        scaled=result.get("score", {}).get("scaled"),
        timestamp=row.timestamp or row.stored,
        stored=row.stored,
        area=row.area,
        organisation=row.organisation,
        voids=row.voids,
        statement={**row.sent, **row.added},
    )
