"""What the platform itself keeps, in the transaction of whoever calls; on both databases."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.events import Events
from tests.unit.xapi.examples import AGENT, minimal
from xapi.credentials.models import Scope
from xapi.credentials.queries import access_of, find_authority
from xapi.credentials.services import create_credential
from xapi.standard.errors import StandardError
from xapi.standard.statement import check_statement
from xapi.standard.verb import VOIDED
from xapi.standard.version import Version
from xapi.statements.events import StatementsStored
from xapi.statements.models import Statement, StatementActivity, StatementAgent, StatementPair, key_of
from xapi.statements.queries import (
    Filter,
    consistent_through,
    define_activities,
    defining,
    find_statement,
    list_statements,
)
from xapi.statements.services import store, void_statement
from xapi.statements.services.storing import _check_are_resends, _check_may_void, _own, _prepare

NOW = datetime(2026, 3, 1, 10, 0, 0, 123456, tzinfo=UTC)


@pytest.fixture
def told(events: Events) -> list[StatementsStored]:
    """What listeners heard in this test."""
    heard: list[StatementsStored] = []
    events.subscribe(StatementsStored, lambda _db, event: heard.append(event))
    return heard


def _kept(db: Session, uuid: UUID) -> dict[str, Any]:
    found = find_statement(db, uuid)
    assert found is not None
    statement: dict[str, Any] = orjson.loads(found.payload)
    return statement


def test_own_statements_are_completed_and_valid(db: Session) -> None:
    with clock.moved_to(NOW):
        first, second = store(db, [minimal(), minimal(timestamp="2026-02-01T10:00:00Z")])

    kept = _kept(db, first)
    check_statement(kept, Version.V2)
    assert kept["timestamp"] == kept["stored"] == "2026-03-01T10:00:00.123456Z"
    assert kept["version"] == "2.0.0"
    assert kept["authority"]["account"] == {"homePage": "https://leerlabo.example/", "name": "leerlabo"}
    assert _kept(db, second)["timestamp"] == "2026-02-01T10:00:00Z"


def test_a_row_says_what_a_statement_is_found_by(db: Session) -> None:
    organisation, registration = uuid4(), uuid4()
    statement = minimal(
        actor=AGENT,
        context={
            "registration": str(registration),
            "instructor": {"openid": "urn:tom"},
            "contextActivities": {"parent": [{"id": "urn:course"}]},
        },
    )
    with clock.moved_to(NOW):
        [uuid] = store(db, [statement], area="gezinszorg", organisation=organisation)

    row = db.scalars(sa.select(Statement).where(Statement.uuid == uuid)).one()
    assert (row.stored, row.timestamp, row.area, row.organisation) == (NOW, NOW, "gezinszorg", organisation)
    assert (row.verb, row.object_iri) == (statement["verb"]["id"], statement["object"]["id"])
    assert (row.registration, row.target, row.credential_id) == (registration, None, None)
    assert row.actor_key == key_of("mbox mailto:emma@example.org")
    agents = db.execute(
        sa.select(StatementAgent.agent, StatementAgent.role).where(StatementAgent.statement_id == row.id)
    )
    assert {(agent, role) for agent, role in agents} == {(row.actor_key, 0), (key_of("openid urn:tom"), 1)}
    found = db.execute(sa.select(StatementActivity.activity).where(StatementActivity.statement_id == row.id)).scalars()
    assert set(found) == {key_of("urn:course"), key_of(statement["object"]["id"])}
    pairs = db.execute(sa.select(StatementPair.agent, StatementPair.activity, StatementPair.verb)).all()
    assert pairs == [(row.actor_key, key_of(statement["object"]["id"]), row.verb_key)]


def test_ids_are_in_the_order_of_storing(db: Session) -> None:
    ids = store(db, [minimal() for _ in range(20)]) + store(db, [minimal()])

    rows = db.execute(sa.select(Statement.uuid).order_by(Statement.id)).scalars()
    assert list(rows) == ids


def test_own_statements_are_told_as_own(db: Session, told: list[StatementsStored]) -> None:
    store(db, [minimal(), minimal()], area="onderwijs")
    store(db, [])

    [event] = told
    assert [(row.own, row.area) for row in event.statements] == [(True, "onderwijs")] * 2
    assert event.statements[0].statement["stored"]


def test_data_2_3_1_the_same_again_is_told_to_nobody(db: Session, told: list[StatementsStored]) -> None:
    statement = minimal(id=str(uuid4()))

    assert store(db, [statement]) == store(db, [statement])
    assert len(told) == 1
    with pytest.raises(StandardError) as refused:
        store(db, [{**statement, "verb": {"id": "urn:other"}}])
    assert refused.value.status == 409


def test_data_2_3_1_more_than_one_question_can_hold_are_compared(db: Session) -> None:
    kept = minimal(id=str(uuid4()))
    store(db, [kept])
    others = [minimal(id=str(uuid4())) for _ in range(65_536)]  # PostgreSQL takes 65,535 parameters
    resent = _prepare([_own(statement) for statement in [*others, {**kept, "verb": {"id": "urn:other"}}]], AGENT)

    with pytest.raises(StandardError) as refused:
        _check_are_resends(db, resent)

    assert refused.value.status == 409


def test_data_2_3_2_more_targets_than_one_question_can_hold_are_looked_at(db: Session) -> None:
    [elsewhere] = store(db, [minimal()], area="onderwijs")
    credential, _ = create_credential(db, "x", area="gezinszorg")
    targets = [*(uuid4() for _ in range(65_536)), elsewhere]
    voiding = [minimal(verb={"id": VOIDED}, object={"objectType": "StatementRef", "id": str(uuid)}) for uuid in targets]

    with pytest.raises(StandardError) as refused:
        _check_may_void(db, _prepare([_own(statement) for statement in voiding], AGENT), access_of(credential))

    assert refused.value.status == 403


def test_data_2_3_2_the_platform_voids(db: Session, told: list[StatementsStored]) -> None:
    [uuid] = store(db, [minimal()])

    voiding = void_statement(db, uuid, actor=AGENT)

    assert find_statement(db, uuid) is None
    assert find_statement(db, uuid, voided=True) is not None
    assert told[-1].statements[0].voids == uuid
    assert len(list_statements(db, Filter()).payloads) == 1
    assert find_statement(db, voiding) is not None


def test_an_identifier_may_be_as_long_as_it_likes(db: Session) -> None:
    iri = "urn:" + "x" * 100_000
    name = "\u0000" + "y" * 100_000
    actor = {"account": {"homePage": "urn:a", "name": name}}

    [uuid] = store(db, [minimal(actor=actor, verb={"id": iri}, object={"id": iri})])

    wanted = Filter(agent=f"account urn:a {name}", verb=iri, activity=iri)
    assert [orjson.loads(payload)["id"] for payload in list_statements(db, wanted).payloads] == [str(uuid)]


def test_a_large_batch_is_kept_in_pieces(db: Session) -> None:
    ids = store(db, [minimal() for _ in range(1_201)])

    assert db.scalar(sa.select(sa.func.count()).select_from(Statement)) == len(ids) == 1_201


def test_communication_2_5_only_the_newest_tell_what_an_activity_is(
    db: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(defining, "TELLING", 2)
    monkeypatch.setattr(defining, "AT_ONCE", 1)
    for name in "abc":
        about = [
            minimal(object={"id": iri, "definition": {"extensions": {f"urn:{name}": 1}}}) for iri in ("urn:x", "urn:y")
        ]
        named = {
            "contextActivities": {"other": [{"id": "urn:x", "definition": {"extensions": {f"urn:{name * 2}": 1}}}]}
        }
        store(db, [*about, minimal(context=named)])

    found = define_activities(db, ["urn:x", "urn:y", "urn:z"])
    together = define_activities(db, ["urn:x"], said=[minimal(object={"id": "urn:x", "definition": {"type": "urn:t"}})])

    assert {iri: sorted(definition["extensions"]) for iri, definition in found.items()} == {
        "urn:x": ["urn:b", "urn:bb", "urn:c", "urn:cc"],
        "urn:y": ["urn:b", "urn:c"],
    }
    assert together == {"urn:x": {**found["urn:x"], "type": "urn:t"}}
    assert define_activities(db, []) == {}


@pytest.mark.parametrize("ascending", [False, True])
def test_data_2_5_pages_neither_repeat_nor_skip_while_others_write(db: Session, ascending: bool) -> None:  # noqa: FBT001
    ids = store(db, [minimal() for _ in range(7)])
    wanted = Filter(limit=3, ascending=ascending)
    found: list[str] = []
    page = list_statements(db, wanted)
    while True:
        found += [orjson.loads(payload)["id"] for payload in page.payloads]
        if page.next is None:
            break
        store(db, [minimal()])
        page = list_statements(db, wanted, cursor=page.next)

    assert found == [str(uuid) for uuid in (ids if ascending else reversed(ids))]


def test_an_authority_is_a_credential_or_the_platform(db: Session) -> None:
    base = "https://leerlabo.example/"
    credential, _ = create_credential(db, "x", scopes=[Scope.ALL])

    assert find_authority(db, f"account {base} leerlabo", base) == 0
    assert find_authority(db, f"account {base} {credential.uuid}", base) == credential.id
    assert find_authority(db, f"account {base} {uuid4()}", base) is None
    assert find_authority(db, f"account {base} emma", base) is None
    assert find_authority(db, "mbox mailto:a@example.org", base) is None


def test_what_is_not_committed_is_not_yet_consistent(database: Database) -> None:
    with database.write() as db:
        store(db, [minimal()])
        stored = db.scalar(sa.select(Statement.stored))
        during = consistent_through(database)
    with database.read() as db:
        after = consistent_through(database)

    assert stored is not None
    assert during < stored < after < clock.now()


def test_writers_that_share_statements_wait_and_none_is_lost_or_doubled(database: Database) -> None:
    shared = [minimal(id=str(uuid4())) for _ in range(1_200)]
    together = Barrier(4)
    told: list[UUID] = []
    database.events.subscribe(StatementsStored, lambda _db, event: told.extend(row.uuid for row in event.statements))

    def write(number: int) -> None:
        for start in range(0, len(shared), 400):
            batch = shared[start : start + 400][:: 1 if number % 2 else -1]
            together.wait()
            try:
                with database.write() as db:
                    store(db, [*batch, minimal()])
            except Exception:
                together.abort()  # or the others would wait for ever
                raise

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(4)))

    with database.read() as db:
        rows = db.execute(sa.select(Statement.uuid)).scalars().all()
    assert len(rows) == len(set(rows)) == 1_200 + 4 * 3
    assert sorted(rows) == sorted(told)
