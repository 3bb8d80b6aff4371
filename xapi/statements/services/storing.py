"""Keep statements, ours and others'; an equal resend changes nothing, a different one is a conflict."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.events import emit
from sectors.areas import find_area
from xapi.credentials.models import Scope
from xapi.credentials.queries import Access, authority_of, iri_base_of, list_elsewhere
from xapi.standard.actor import ifi_of
from xapi.standard.comparison import is_same_statement
from xapi.standard.decoding import decode_kept
from xapi.standard.errors import StandardError
from xapi.standard.relations import Role, activities_of, agents_of
from xapi.standard.statement import VOIDING_CLAUSE, is_voiding
from xapi.standard.timestamp import parse_timestamp
from xapi.standard.verb import VOIDED
from xapi.standard.version import Version
from xapi.statements.events import StatementsStored, StoredStatement
from xapi.statements.formats import OVERWRITTEN, Received, all_places_of, has_single_activities, places_of, with_arrays
from xapi.statements.models import Statement, StatementFile, key_of
from xapi.statements.services.insertion import Links, NewStatement, insert_statements

IMMUTABLE_CLAUSE = "1.0.3 Communication 2.1.2; 2.0 4.1.6.1"
FORBIDDEN_CLAUSE = "1.0.3 Communication 3.2; 2.0 4.1.6"
AT_ONCE = 1_000  # in one question: a database takes so many parameters and no more


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
    return _keep(db, rows)


def store_received(
    db: Session, received: Sequence[Received], access: Access, *, is_batch: bool = False
) -> list[UUID]:  # fmt: skip
    """Keep statements that came from outside, all or none; returns their ids, in order (1.0.3 Communication 2.1.2).

    The credential's area and organisation are stamped on them; without such a limit, those that the statement itself
    names. The data of their attachments must be stored already (`keep_files`). Raises `StandardError`: 400 for an id
    twice in a batch, 403 for what the credential may not do, 409 for an id that belongs to another statement; when they
    came as an array (`is_batch`) it says which. Emits `StatementsStored` for those that are new.
    """
    if not received:
        return []
    base = iri_base_of(db.info)
    rows = _prepare(received, authority_of(access, base))
    for row in rows:
        row.credential_id = access.credential_id
        row.area, row.organisation = _place(row.sent, access, base)
    _check_ids_differ(rows)
    try:
        _check_limits(db, rows, access, base)
        _check_may_void(db, rows, access)
        return _keep(db, rows)
    except _RefusedError as error:
        if not is_batch:
            raise
        raise error.inside(f"$[{[row.uuid for row in rows].index(error.uuid)}]") from None


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


class _RefusedError(StandardError):
    """The refusal of the statement with this id."""

    def __init__(self, uuid: UUID, path: str, rule: str, clause: str, status: int) -> None:
        super().__init__(path, rule, clause, status)
        self.uuid = uuid


def _own(statement: dict[str, Any]) -> Received:
    """A statement of our own, taken in like any other; the tests of its builder have judged it already."""
    if has_single_activities(statement):
        statement = with_arrays(statement)
    sent = {"id": str(uuid4())} | {name: value for name, value in statement.items() if name not in OVERWRITTEN}
    return Received(sent, orjson.dumps(sent)[:-1], Version.V2)


def _prepare(items: Sequence[Received], authority: dict[str, Any]) -> list[NewStatement]:
    """All that can be done before the transaction opens: SQLite's write lock is held by one at a time."""
    return [_prepare_one(item, authority) for item in items]


def _prepare_one(item: Received, authority: dict[str, Any]) -> NewStatement:
    sent = item.statement
    uuid = UUID(sent["id"]) if "id" in sent else uuid4()
    added: dict[str, Any] = {"authority": authority}
    if "id" not in sent:
        added["id"] = str(uuid)
    if "version" not in sent:
        added["version"] = item.version.statement_version
    thing = sent["object"]
    kind = thing.get("objectType", "Activity")
    verb = sent["verb"]["id"]
    actor = ifi_of(sent["actor"])
    registration = sent.get("context", {}).get("registration")
    target = UUID(thing["id"]) if kind == "StatementRef" else None
    # The authority is one of our own credentials: it is found by credential_id, without a row for each statement.
    people = {name: value for name, value in sent.items() if name != "authority"} if "authority" in sent else sent
    return NewStatement(
        uuid=uuid,
        timestamp=_moment(sent["timestamp"]) if "timestamp" in sent else None,
        verb=verb,
        verb_key=key_of(verb),
        object_iri=thing["id"] if kind == "Activity" else None,
        target=target,
        actor_key=key_of(actor) if actor else None,
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


def _moment(text: str) -> datetime:
    # 1.0.3 takes every form that 2.0 takes, but for the lower-case letters.
    return parse_timestamp(text.upper(), "$.timestamp", Version.V1)


def _links(found: dict[str, Role]) -> Links:
    return [(key_of(identifier), role) for identifier, role in found.items()]


def _place(statement: dict[str, Any], access: Access, iri_base: str) -> tuple[str | None, UUID | None]:
    """Where a received statement counts: the credential's own limits, else the first that it names."""
    if access.area is not None and access.organisation is not None:
        return access.area, access.organisation
    named = places_of(statement, iri_base)
    area = access.area or next((slug for slug in named.areas if find_area(slug)), None)
    return area, access.organisation or next(iter(named.organisations), None)


def _check_ids_differ(rows: Sequence[NewStatement]) -> None:
    if len({row.uuid for row in rows}) == len(rows):
        return
    seen: set[UUID] = set()
    for nth, row in enumerate(rows):
        if row.uuid in seen:
            raise StandardError(f"$[{nth}].id", "must differ from the other ids of the batch", IMMUTABLE_CLAUSE)
        seen.add(row.uuid)


def _check_limits(db: Session, rows: Sequence[NewStatement], access: Access, iri_base: str) -> None:
    """No area or organisation that a statement names may be another than the credential's."""
    if access.area is None and access.organisation is None:
        return
    named = [(row, path, found) for row in rows for path, found in all_places_of(row.sent, iri_base)]
    elsewhere = _organisations_elsewhere(db, access, {uuid for *_, found in named for uuid in found.organisations})
    for row, path, found in named:
        if access.area is not None and any(slug != access.area and find_area(slug) for slug in found.areas):
            rule = "must not name another area than the credential's"
            raise _RefusedError(row.uuid, path, rule, FORBIDDEN_CLAUSE, 403)
        if not elsewhere.isdisjoint(found.organisations):
            rule = "must not name another organisation than the credential's, or one of another area"
            raise _RefusedError(row.uuid, path, rule, FORBIDDEN_CLAUSE, 403)


def _organisations_elsewhere(db: Session, access: Access, named: set[UUID]) -> set[UUID]:
    """Those that are not the credential's; where only its area limits it, those of other areas."""
    if access.organisation is not None:
        return named - {access.organisation}
    return {uuid for uuids in _slices(named) for uuid in list_elsewhere(db, uuids, access.area or "")}


def _check_may_void(db: Session, rows: Sequence[NewStatement], access: Access) -> None:
    """Voiding asks for scope `all`; and for a limited credential that the target is here or comes along, within its
    limits: else it could void beforehand what another area will send.
    """
    voiding = {row.voids: row.uuid for row in rows if row.voids is not None}
    if not voiding:
        return
    if not access.has(Scope.ALL):
        rule = "must not be voided: the credential may not void"
        raise _RefusedError(next(iter(voiding.values())), "$.verb.id", rule, VOIDING_CLAUSE, 403)
    if access.area is None and access.organisation is None:
        return
    question = sa.select(Statement.uuid, Statement.area, Statement.organisation)
    places = {row.uuid: (row.area, row.organisation) for row in rows}
    for uuids in _slices(voiding):
        found = db.execute(question.where(Statement.uuid.in_(uuids)))
        places |= {uuid: (area, organisation) for uuid, area, organisation in found}
    for target, uuid in voiding.items():
        area, organisation = places.get(target, (None, None))
        if access.area not in (None, area) or access.organisation not in (None, organisation):
            rule = "must be the id of a statement within the credential's limits"
            raise _RefusedError(uuid, "$.object.id", rule, VOIDING_CLAUSE, 403)


def _keep(db: Session, rows: list[NewStatement]) -> list[UUID]:
    kept = insert_statements(db, rows)
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
    sent = {row.uuid: row.head for row in rows}
    question = sa.select(Statement.uuid, Statement.payload)
    for uuids in _slices(sent):
        for uuid, payload in db.execute(question.where(Statement.uuid.in_(uuids))):
            if not is_same_statement(decode_kept(sent[uuid] + b"}"), decode_kept(payload)):
                rule = f"must differ: another statement has {uuid} already"
                raise _RefusedError(uuid, "$.id", rule, IMMUTABLE_CLAUSE, 409)


def _slices(uuids: Collection[UUID]) -> Iterator[list[UUID]]:
    ordered = list(uuids)
    yield from (ordered[start : start + AT_ONCE] for start in range(0, len(ordered), AT_ONCE))


def _told(row: NewStatement) -> StoredStatement:
    return StoredStatement(
        id=row.id,
        uuid=row.uuid,
        own=row.credential_id is None,
        verb=row.verb,
        object_iri=row.object_iri,
        registration=row.registration,
        timestamp=row.timestamp or row.stored,
        stored=row.stored,
        area=row.area,
        organisation=row.organisation,
        voids=row.voids,
        statement={**row.sent, **row.added},
    )
