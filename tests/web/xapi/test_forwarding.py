"""Statements go on to another record store: in order, each as it was, by a worker that takes turns."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from threading import Thread
from typing import Any

import orjson
import pytest
import sqlalchemy as sa

from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.jobs import OutboxRow, run_due
from lms.kernel.storage import Storage
from tests.bench.server import Bench
from tests.services.stub_store import Asked, StubStore
from tests.unit.xapi.examples import minimal
from tests.web.xapi.sending_house import HERE, House, carried_whole, kept, some
from xapi.forwarding import queries
from xapi.forwarding import services as forwarding
from xapi.forwarding.services import running, sending
from xapi.forwarding.services.targets import Terms
from xapi.standard.version import Version
from xapi.statements.events import ActorForgotten
from xapi.statements.models import Statement, StatementFile
from xapi.statements.queries import EPOCH, consistent_through, file_key
from xapi.statements.services import keep_files, store

VERB, OTHER_VERB = "http://adlnet.gov/expapi/verbs/completed", "http://adlnet.gov/expapi/verbs/created"


# ---- order, filter, repeats ------------------------------------------------------------------------------------------


def test_all_arrive_in_the_order_of_storing_under_their_own_ids(house: House, other: Bench, there: Database) -> None:
    before = [uuid for statement in some(70) for uuid in house.keep(statement)]  # more than a piece
    target = house.target_at(other, there)
    house.work()
    assert kept(there) == before
    after = house.keep(*some(3), area=None)
    house.work()
    assert kept(there) == before + after
    state = house.state(target)
    assert (state.sent_at is not None, state.claimed_until, state.status) == (True, None, None)
    with house.database.read() as db:
        assert queries.count_waiting(db, state) == 0


@pytest.mark.parametrize(
    ("limits", "wanted"),
    [
        ({"area": HERE}, [0, 1, 2, 3]),
        ({"verb": VERB}, [1, 3, 5]),
        ({"activity": "urn:x:wanted"}, [2, 3]),
        ({"area": HERE, "verb": VERB, "activity": "urn:x:wanted"}, [3]),
        ({"verb": "urn:x:nobody-did"}, []),
    ],
)
def test_a_filter_lets_through_what_it_names(
    house: House, other: Bench, there: Database, limits: dict[str, str], wanted: list[int]
) -> None:
    statements = [
        minimal(verb={"id": OTHER_VERB}),
        minimal(verb={"id": VERB}),
        minimal(verb={"id": OTHER_VERB}, object={"id": "urn:x:wanted"}),
        minimal(verb={"id": VERB}, object={"id": "urn:x:wanted"}),
    ]
    ids = house.keep(*statements)
    ids += house.keep(minimal(verb={"id": OTHER_VERB}), area="ouderenzorg")
    ids += house.keep(minimal(verb={"id": VERB}), area=None)
    target = house.target_at(other, there, **limits)
    house.work()
    assert kept(there) == [ids[number] for number in wanted]
    with house.database.read() as db:
        assert queries.list_idle(db) == []  # it came to the end: what it passed over is not looked at again
        assert queries.count_waiting(db, house.state(target)) == 0


def test_a_target_may_begin_with_what_is_still_to_come(house: House, stub: StubStore) -> None:
    house.keep(*some(3))
    with house.database.write() as db:
        forwarding.create_target(db, Terms("Elders", stub.endpoint, Version.V2, "k", "s"), since=clock.now())
    house.work()
    new = house.keep(*some(2))
    house.work()
    assert stub.put == [str(uuid) for uuid in new]


def test_a_repeat_is_dropped_by_the_target(house: House, other: Bench, there: Database) -> None:
    ids = house.keep(*some(5))
    target = house.target_at(other, there)
    house.work()
    house.change(target, handled_stored=EPOCH, handled_id=0)  # a worker that stopped before it wrote how far it was
    house.work()
    assert kept(there) == ids
    assert house.letters() == []
    assert house.state(target).handled_id > 0


def test_what_may_still_be_overtaken_waits(house: House, stub: StubStore) -> None:
    first, second, third = (house.keep(statement)[0] for statement in some(3))
    target = house.state(house.target(stub.endpoint))
    with house.database.write() as db:  # a lower id with a later moment, as two writers on PostgreSQL may leave it
        rows = db.execute(sa.select(Statement.uuid, Statement.stored)).all()
        moments = {row.uuid: row.stored for row in rows}
        db.execute(
            sa.update(Statement).where(Statement.uuid == first).values(stored=moments[third] + timedelta(seconds=1))
        )
    with house.database.read() as db:
        listed = queries.list_next(db, target, through=moments[third], limit=9)
        assert [it.uuid for it in listed] == [second]  # at that very moment more may appear
        target.handled_stored, target.handled_id = listed[0].stored, listed[0].id
        listed = queries.list_next(db, target, through=moments[third] + timedelta(days=1), limit=9)
        assert [it.uuid for it in listed] == [third, first]


@pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
def test_on_sqlite_nothing_is_committed_before_what_has_a_lower_id(house: House, stub: StubStore) -> None:
    house.target(stub.endpoint)
    before = clock.now()
    with house.database.writer() as slow:
        early = store(slow, some(1))[0]
        second = Thread(target=house.keep, args=some(1))
        second.start()
        second.join(0.3)
        assert second.is_alive()  # it waits
        assert consistent_through(house.database) <= before
        slow.commit()
        second.join()
    house.work()
    assert stub.put == [str(uuid) for uuid in kept(house.database)]
    assert stub.put[0] == str(early)
    assert len(stub.put) == 2


@pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
def test_nothing_is_passed_that_is_committed_later(house: House, stub: StubStore) -> None:
    house.target(stub.endpoint)
    with house.database.writer() as slow:
        early = store(slow, some(1))[0]  # a lower id, not committed yet
        late = house.keep(*some(1))[0]
        house.work()
        assert stub.put == []
        slow.commit()
    assert consistent_through(house.database) > EPOCH
    house.work()
    assert stub.put == [str(early), str(late)]


# ---- what is sent ----------------------------------------------------------------------------------------------------


def with_nanoseconds() -> dict[str, Any]:
    """A statement that tincan would cut."""
    return carried_whole() | {"timestamp": "2026-01-02T03:04:05.123456789Z"}


def test_tincan_carries_what_it_leaves_as_it_is(house: House, stub: StubStore, monkeypatch: pytest.MonkeyPatch) -> None:
    carried: list[str] = []
    save = sending.Carrier.save_statement

    def noted(carrier: sending.Carrier, statement: Any) -> Any:
        carried.append(str(statement.id))
        return save(carrier, statement)

    monkeypatch.setattr(sending.Carrier, "save_statement", noted)
    house.target(stub.endpoint, version=Version.V1)
    first, second = house.keep(carried_whole(), with_nanoseconds())
    house.work()

    assert stub.put == [str(first), str(second)]
    assert carried == [str(first)]
    by_tincan, as_kept = stub.asked
    here, there = orjson.loads(house.payloads()[0]), orjson.loads(by_tincan.body)
    assert there == {
        **{name: value for name, value in here.items() if name != "stored"},
        "timestamp": "2026-01-02T03:04:05.123456+00:00",
        "version": "1.0.0",
    }
    assert b'"timestamp":"2026-01-02T03:04:05.123456789Z"' in as_kept.body
    for asked in stub.asked:
        assert asked.headers["X-Experience-API-Version"] == "1.0.3"
        assert asked.headers["Content-Type"] == "application/json"
        assert asked.headers["Authorization"] == "Basic a2V5OnNlY3JldA=="


def test_a_target_of_2_0_gets_the_kept_bytes(house: House, stub: StubStore) -> None:
    house.target(stub.endpoint)
    house.keep(carried_whole(), with_nanoseconds())
    house.work()
    assert [asked.body for asked in stub.asked] == house.payloads()


def test_a_target_of_1_0_3_takes_both(house: House, other: Bench, there: Database) -> None:
    house.target_at(other, there, version=Version.V1)
    ids = house.keep(carried_whole(), with_nanoseconds())
    house.work()
    assert kept(there) == ids
    with there.read() as db:
        payloads = list(db.scalars(sa.select(Statement.payload).order_by(Statement.id)))
    assert b"05.123456789Z" in payloads[1]
    assert [orjson.loads(payload)["version"] for payload in payloads] == ["1.0.0", "1.0.0"]


@pytest.mark.parametrize("version", list(Version))
def test_files_go_with_their_statement(house: House, other: Bench, there: Database, version: Version) -> None:
    data = b"a drawing"
    sha2 = hashlib.sha256(data).hexdigest()
    about = {"usageType": "urn:x:drawing", "display": {"nl": "Tekening"}, "contentType": "image/png", "length": 9}
    keep_files(house.storage, {sha2: data})
    [uuid] = house.keep(minimal(attachments=[about | {"sha2": sha2}]))
    with house.database.write() as db:
        [row_id] = db.scalars(sa.select(Statement.id).where(Statement.uuid == uuid))
        db.add(StatementFile(statement_id=row_id, sha2=sha2))
    house.target_at(other, there, version=version)
    house.work()
    assert kept(there) == [uuid]
    assert Storage(other.settings.storage_url).get(file_key(sha2)) == data


# ---- the worker ------------------------------------------------------------------------------------------------------


def test_only_targets_with_something_to_do_are_woken(house: House, stub: StubStore) -> None:
    ids = [house.target(stub.endpoint) for _number in range(4)]
    house.work()
    house.keep(*some(1))
    later = clock.now() + timedelta(hours=1)
    house.change(ids[0], is_on=False)
    house.change(ids[1], paused_until=later)
    house.change(ids[2], claimed_until=later)
    with house.database.read() as db:
        assert queries.list_idle(db) == [ids[3]]
    for target_id in ids[:3]:
        house.forward(target_id)
    assert stub.asked == []


def test_one_word_is_enough(house: House, stub: StubStore) -> None:
    house.target(stub.endpoint)
    house.keep(*some(1))
    for _minute in range(3):
        forwarding.wake(house.database)
    with house.database.read() as db:
        assert db.query(OutboxRow).filter_by(kind=forwarding.KIND).count() == 1


def test_a_long_list_is_sent_in_turns(house: House, stub: StubStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PIECE", 2)
    monkeypatch.setattr(running, "RUN_S", 0.0001)
    house.target(stub.endpoint)
    ids = house.keep(*some(5))
    turns = 0
    while run_due(house.database, house.handlers):
        turns += 1
    assert stub.put == [str(uuid) for uuid in ids]
    assert turns == 5  # a slow store would keep others waiting: the time is looked at after each statement


def test_who_is_switched_off_half_way_stops(house: House, stub: StubStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "PIECE", 2)
    target = house.target(stub.endpoint)
    ids = [str(uuid) for uuid in house.keep(*some(6))]

    def answer(_asked: Asked) -> tuple[int, bytes]:
        house.change(target, is_on=len(stub.asked) != 2)
        return 204, b""

    stub.answer = answer
    house.work()
    assert stub.put == ids[:2]
    house.change(target, is_on=True)
    house.work()
    assert stub.put == ids  # none left out, none again


def test_the_outbox_knows_no_secret(house: House, stub: StubStore) -> None:
    house.target(stub.endpoint, secret="very-secret")
    with house.database.read() as db:
        assert "very-secret" not in str(db.execute(sa.select(OutboxRow.payload, OutboxRow.key)).all())
    assert "very-secret" not in repr(Terms("n", "e", Version.V2, "k", "very-secret"))


def test_what_targets_said_is_forgotten_with_a_person(house: House, stub: StubStore) -> None:
    stub.answer = lambda _asked: (400, b"no place for emma@example.org")
    target = house.target(stub.endpoint)
    house.keep(*some(2))
    for minutes in (0, 2, 5):
        house.work(timedelta(minutes=minutes))
    assert "emma" in house.letters()[0].answer + house.state(target).answer
    with house.database.write() as db:
        forwarding.forget_answers(db, ActorForgotten({"mbox emma@example.org": "account urn:us 1"}))
    assert (house.letters()[0].answer, house.letters()[0].status) == ("", 400)
    assert house.state(target).answer == ""
