"""Stores that are away, hang, let nobody in, or will not take a statement."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable
from datetime import timedelta
from threading import Thread
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import sqlalchemy as sa

from lms.kernel import clock
from lms.kernel.db import Database
from tests.bench.server import Bench
from tests.services.stub_store import Asked, StubStore
from tests.unit.xapi.examples import minimal
from tests.web.xapi.sending_house import House, address_of, carried_whole, kept, some
from xapi.forwarding import queries
from xapi.forwarding import services as forwarding
from xapi.forwarding.models import DeadLetter, Target
from xapi.forwarding.services import running, sending
from xapi.forwarding.services.sending import Outcome
from xapi.standard.version import Version
from xapi.statements.models import Statement
from xapi.statements.services import store


def in_order(*acts: Callable[[], None]) -> float:
    """Do these at once, each in a thread; returns how many seconds that took."""
    start = time.monotonic()
    threads = [Thread(target=act) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return time.monotonic() - start


# ---- targets that are not there --------------------------------------------------------------------------------------


def test_a_target_that_hangs_delays_only_itself(
    house: House, stub: StubStore, other: Bench, there: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "LIMIT_S", 2.0)
    stub.hangs = True
    hanging, good = house.target(stub.endpoint), house.target_at(other, there)
    ids = house.keep(*some(20))
    arrived: list[list[UUID]] = []

    def be_good() -> None:
        house.forward(good)
        arrived.append(kept(there) if house.state(hanging).claimed_until else [])

    took = in_order(lambda: house.forward(hanging), be_good)

    assert arrived == [ids]  # while the other was still waiting
    assert 1.5 < took < 4
    state = house.state(hanging)
    assert state.paused_until is not None
    assert (state.failures, state.status, state.answer) == (1, None, "too-late")
    assert len(stub.asked) == 1
    house.work()
    assert len(stub.asked) == 1  # paused: nobody waits for it again
    assert house.letters() == []


@pytest.mark.parametrize("version", list(Version))
def test_who_answers_drop_by_drop_is_cut_off(
    house: House, stub: StubStore, monkeypatch: pytest.MonkeyPatch, version: Version
) -> None:
    monkeypatch.setattr(sending, "LIMIT_S", 0.5)
    stub.drips, stub.answer = True, lambda _asked: (200, b"")
    target = house.target(stub.endpoint, version=version)
    house.keep(carried_whole())
    start = time.monotonic()
    house.work()
    assert time.monotonic() - start < 3
    assert house.state(target).failures == 1


def test_a_target_that_was_down_gets_all_of_it_in_order(house: House, other: Bench, there: Database) -> None:
    target = house.target_at(other, there)
    ids = house.keep(*some(4))
    for process in other.processes:
        process.send_signal(signal.SIGTERM)
    for process in other.processes:
        process.wait(30)
    passed, pauses = timedelta(), []
    for _try in range(8):
        house.work(passed)
        state = house.state(target)
        assert state.paused_until is not None
        pauses.append(round((state.paused_until - clock.now() - passed).total_seconds() / 60))
        house.work(passed + timedelta(seconds=20))  # too early: nothing happens
        assert house.state(target).failures == state.failures
        passed += timedelta(minutes=pauses[-1], seconds=30)
    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert house.letters() == []
    other.start()
    house.work(passed)
    assert kept(there) == ids
    state = house.state(target)
    assert (state.failures, state.status, state.answer) == (0, None, "")


@pytest.mark.parametrize("status", [401, 403, 404, 429, 500, 503, 302])
def test_an_answer_about_the_target_itself_pauses_it(house: House, stub: StubStore, status: int) -> None:
    stub.answer = lambda _asked: (status, b"not now")
    target = house.target(stub.endpoint)
    house.keep(*some(3))
    for _try in range(5):
        house.work(timedelta(days=_try))
    assert len(stub.asked) == 5
    assert set(stub.put) == {stub.put[0]}
    assert house.letters() == []
    assert (house.state(target).status, house.state(target).answer) == (status, "not now")


def test_a_key_that_is_wrong_is_no_dead_letter(house: House, other: Bench) -> None:
    target = house.target(address_of(other), key="nobody")
    house.keep(*some(2))
    house.work()
    assert house.state(target).status == 401
    assert house.letters() == []


# ---- statements that are refused -------------------------------------------------------------------------------------


def only_2_0() -> dict[str, Any]:
    """A statement that a 1.0.3 store must refuse."""
    agents = [{"objectType": "contextAgent", "agent": {"mbox": "mailto:a@example.org"}}]
    return minimal(context={"contextAgents": agents})


def test_a_refused_statement_becomes_a_dead_letter_and_the_next_go_on(
    house: House, other: Bench, there: Database
) -> None:
    target = house.target_at(other, there, version=Version.V1)
    first, bad, last = house.keep(*some(1), only_2_0(), *some(1))
    house.work()
    assert kept(there) == [first]
    assert (house.state(target).tries, house.state(target).status) == (1, 400)
    house.work(timedelta(seconds=70))
    assert (house.state(target).tries, house.letters()) == (2, [])
    house.work(timedelta(seconds=200))
    assert kept(there) == [first, last]
    [letter] = house.letters()
    assert (letter.statement, letter.status) == (bad, 400)
    assert "contextAgents" in letter.answer
    assert house.state(target).tries == 0


def test_a_dead_letter_is_sent_once_more_when_somebody_asks(house: House, other: Bench, there: Database) -> None:
    target = house.target_at(other, there, version=Version.V1)
    [bad] = house.keep(only_2_0())
    for minutes in (0, 2, 5):
        house.work(timedelta(minutes=minutes))
    [letter] = house.letters()

    def ask() -> None:
        with house.database.write() as db:
            forwarding.send_again(db, db.get_one(DeadLetter, letter.id))
        house.work(timedelta(minutes=9))

    ask()
    [again] = house.letters()  # the target did not change its mind
    assert again.again_at is None
    assert again.failed_at > letter.failed_at
    house.change(target, version="2.0.0")
    ask()
    assert house.letters() == []
    assert kept(there) == [bad]


def test_all_dead_letters_are_sent_once_more_a_few_at_a_time(
    house: House, stub: StubStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "PIECE", 2)
    target = house.target(stub.endpoint)
    ids = house.keep(*some(5))
    with house.database.write() as db:
        for row_id, uuid in db.execute(sa.select(Statement.id, Statement.uuid)):
            db.add(DeadLetter(target_id=target, statement_id=row_id, statement=uuid, failed_at=clock.now()))
        moved = {"handled_stored": clock.now(), "handled_id": len(ids)}
        db.execute(sa.update(Target).where(Target.id == target).values(moved))
        forwarding.send_all_again(db, db.get_one(Target, target))
    house.work()
    assert house.letters() == []
    assert stub.put == [str(uuid) for uuid in ids]


def test_a_dead_letter_whose_statement_is_gone_goes_too(house: House, stub: StubStore) -> None:
    stub.answer = lambda _asked: (400, b"no")
    house.target(stub.endpoint)
    house.keep(*some(1))
    for minutes in (0, 2, 5):
        house.work(timedelta(minutes=minutes))
    [letter] = house.letters()
    with house.database.write() as db:
        db.execute(sa.update(DeadLetter).values(statement_id=letter.statement_id + 1000))
        forwarding.send_again(db, db.get_one(DeadLetter, letter.id))
    house.work(timedelta(minutes=9))
    assert house.letters() == []
    assert len(stub.asked) == running.TRIES[Outcome.REFUSED]


def test_another_statement_under_the_same_id_is_a_conflict(house: House, other: Bench, there: Database) -> None:
    uuid = str(uuid4())
    with there.write() as db:
        store(db, [minimal(id=uuid, object={"id": "urn:x:other"})])
    house.target_at(other, there)
    bad, good = house.keep(minimal(id=uuid), *some(1))
    for minutes in (0, 2, 5):
        house.work(timedelta(minutes=minutes))
    [letter] = house.letters()
    assert (letter.statement, letter.status) == (bad, 409)
    assert kept(there) == [bad, good]


@pytest.mark.parametrize("parameter", ["statementId", "voidedStatementId"])
def test_a_conflict_about_the_same_statement_is_delivered(house: House, stub: StubStore, parameter: str) -> None:
    house.target(stub.endpoint)
    ids = house.keep(*some(2))
    kept_here = {str(orjson.loads(payload)["id"]): payload for payload in house.payloads()}

    def answer(asked: Asked) -> tuple[int, bytes]:
        if asked.method == "PUT":
            return 409, b"I have this"
        return (200, kept_here[asked.query[parameter][0]]) if parameter in asked.query else (404, b"")

    stub.answer = answer
    house.work()
    assert stub.put == [str(uuid) for uuid in ids]
    with house.database.read() as db:
        assert queries.list_idle(db) == []


# ---- something broken over there -------------------------------------------------------------------------------------


def passing(house: House, target: int, tries: int) -> timedelta:
    """Let the worker come by each time a pause is over, so many times; returns how long that took."""
    passed = timedelta()
    for _try in range(tries):
        house.work(passed)
        until = house.state(target).paused_until
        if until is not None:
            passed = max(passed, until - clock.now() + timedelta(seconds=1))
    return passed


def test_a_statement_on_which_a_target_breaks_is_put_aside_after_two_hours(house: House, stub: StubStore) -> None:
    target = house.target(stub.endpoint)
    first, bad, last = house.keep(*some(3))
    stub.answer = _breaking_on(bad)
    took = passing(house, target, 7)
    assert house.letters() == []
    assert stub.put == [str(first), *[str(bad)] * 7]  # nothing overtakes it
    assert timedelta(hours=2) < took < timedelta(hours=2, minutes=10)

    house.work(took)
    [letter] = house.letters()
    assert (letter.statement, letter.status, letter.answer) == (bad, 500, "broken")
    assert stub.put[8:] == [str(bad), str(last)]
    assert (house.state(target).tries, house.state(target).status) == (0, None)

    stub.answer = lambda _asked: (204, b"")
    with house.database.write() as db:
        forwarding.send_again(db, db.get_one(DeadLetter, letter.id))
    house.work(took + timedelta(minutes=1))
    assert house.letters() == []
    assert stub.put[-1] == str(bad)


def _breaking_on(bad: UUID) -> Callable[[Asked], tuple[int, bytes]]:
    def answer(asked: Asked) -> tuple[int, bytes]:
        if asked.method == "GET":
            return 404, b"unknown"
        return (500, b"broken") if asked.query["statementId"] == [str(bad)] else (204, b"")

    return answer


@pytest.mark.parametrize("status", [500, 503])
def test_a_target_that_is_broken_for_all_is_waited_for(house: House, stub: StubStore, status: int) -> None:
    stub.answer = lambda _asked: (status, b"ill")
    target = house.target(stub.endpoint)
    ids = house.keep(*some(2))
    took = passing(house, target, 12)
    assert house.letters() == []
    assert set(stub.put) == {str(ids[0])}
    stub.answer = lambda _asked: (204, b"")
    house.work(took)
    assert stub.put[-2:] == [str(uuid) for uuid in ids]


# ---- our own network -------------------------------------------------------------------------------------------------


def test_our_own_network_is_not_asked_unless_a_setting_lets_us(house: House, stub: StubStore) -> None:
    target = house.target(stub.endpoint)
    house.keep(*some(1))
    forwarding.forward(house.database, house.storage, target, may_go_inside=False)
    state = house.state(target)
    assert (stub.asked, state.failures, state.status, state.answer) == ([], 1, None, "inside")
    house.change(target, paused_until=None)
    forwarding.forward(house.database, house.storage, target, may_go_inside=True)
    assert len(stub.put) == 1


def test_a_name_that_leads_inside_when_we_connect_is_not_followed(
    house: House, stub: StubStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address that was judged is the one we connect to: a name may lead elsewhere a moment later."""
    port = int(stub.endpoint.split(":")[2].split("/")[0])
    asked: list[str] = []
    places = iter(["203.0.113.7", "127.0.0.1"])
    monkeypatch.setattr("lms.kernel.outgoing.is_inside", lambda address: address.startswith("127."))

    def resolve(host: str, _port: int, **_more: Any) -> list[tuple[Any, ...]]:
        asked.append(host)
        return [(0, 0, 0, "", (next(places), port))]

    def connect(address: tuple[str, int], _timeout: float) -> Any:
        asked.append(address[0])
        raise ConnectionRefusedError

    monkeypatch.setattr("lms.kernel.outgoing.socket.getaddrinfo", resolve)
    monkeypatch.setattr("lms.kernel.outgoing.socket.create_connection", connect)
    target = house.target(f"http://rebinding.example:{port}/xapi")
    line = sending.Line(house.state(target), may_go_inside=False)
    first = line.ask("GET", {})
    second = line.ask("GET", {})

    assert (first.data, second.data) == (b"refused", b"inside")
    assert asked == ["rebinding.example", "203.0.113.7", "rebinding.example"]
    assert stub.asked == []
