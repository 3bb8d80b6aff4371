"""`./dev bench lrs`: what the record store takes in and gives out in a second, on SQLite and on PostgreSQL.

Client and server share the machine; the platform is whole, with every listener attached, behind its own web processes.
Statements are those of a course: 1.2 to 1.4 KB, 200 people, 40 activities. Beside each figure stands its ratio to the
floor: what the bare database takes or gives, in this process, of the same bytes.
"""

from __future__ import annotations

import argparse
import base64
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID, uuid4

import orjson
import sqlalchemy as sa

from lms.app import open_database
from lms.kernel.db import Database
from tests.bench import load
from tests.bench.server import Bench, empty_on
from xapi.credentials.services import create_credential
from xapi.statements.models import Statement

CONNECTIONS = 8
STORED = 10_000
PEOPLE, ACTIVITIES, BATCH = 200, 40, 50
ADL = "http://adlnet.gov/expapi"
VERBS = ("launched", "progressed", "answered", "completed")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="./dev bench lrs")
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--stored", type=int, default=STORED, help="how many statements are there beforehand")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = parser.parse_args()
    for kind in (chosen.only,) if chosen.only else ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory() as folder, empty_on(kind, Path(folder)) as bench:
            measure(kind, bench, chosen.seconds, chosen.stored)


def measure(kind: str, bench: Bench, seconds: float, stored: int) -> None:
    """Every request, one line each."""
    database = open_database(bench.settings)
    store = Store(bench, database)
    store.fill(stored)
    floors = Floors(database)
    processes = f"{bench.settings.web_processes} processes of {bench.settings.web_threads} threads"
    print(f"\n{kind}, {stored:,} stored, {CONNECTIONS} connections, {processes}, {durability(database)}")
    print(f"{'request':22} {'a second':>9} {'p50 ms':>8} {'p95 ms':>8} {'floor/s':>9} {'ratio':>6}  client's CPU")
    for name, requests, status, each, floor in store.requests(floors):
        cpu = time.process_time()
        result = load.run(bench.port, requests, connections=CONNECTIONS, seconds=seconds, expect=(status,))
        share = (time.process_time() - cpu) / seconds / 2
        rate, bare = result.rate * each, floor()
        figures = f"{rate:9,.0f} {result.p50:8.1f} {result.p95:8.1f} {bare:9,.0f} {rate / bare:6.2f}"
        print(f"{name:22} {figures}  {share:.0%}", flush=True)
    print(f"{'more, to the end':22} {store.follow_more():9,.0f}  statements, one client, 500 an answer")
    print("memory a process:", ", ".join(f"{size} MB" for size in bench.memory_mb()))
    database.dispose()


def durability(database: Database) -> str:
    """What the database promises of a commit."""
    with database.read() as db:
        if database.is_sqlite:
            return f"synchronous={('OFF', 'NORMAL', 'FULL', 'EXTRA')[db.scalar(sa.text('PRAGMA synchronous')) or 0]}"
        return f"synchronous_commit={db.scalar(sa.text('SHOW synchronous_commit'))}"


# ---- what is asked ---------------------------------------------------------------------------------------------------

Line = tuple[str, load.Requests, int, int, Callable[[], float]]


class Store:
    """The requests of a program that holds a key to everything."""

    def __init__(self, bench: Bench, database: Database) -> None:
        self._bench, self._database = bench, database
        with database.write() as db:
            credential, secret = create_credential(db, "bench")
        token = base64.b64encode(f"{credential.key}:{secret}".encode()).decode()
        self._head = (
            f"Host: localhost:{bench.port}\r\nAuthorization: Basic {token}\r\nX-Experience-API-Version: 2.0.0\r\n"
        )
        self._numbers = count()
        self._states = 0
        self._ids: list[str] = []

    def fill(self, many: int) -> None:
        """Post so many statements in batches, and remember some of their ids."""
        left = iter(range(0, many, BATCH))

        def next_batch(_connection: int, _count: int) -> bytes:
            next(left)
            return self._post(BATCH)

        with suppress(StopIteration):
            load.run(self._bench.port, next_batch, connections=1, seconds=3600, expect=(200,))
        with self._database.write() as db:  # as the database does by itself within minutes
            db.execute(sa.text("ANALYZE"))
        with self._database.read() as db:
            ids = db.scalars(sa.select(Statement.uuid).order_by(Statement.id).limit(5_000))
            self._ids = [str(uuid) for uuid in ids]

    def requests(self, floors: Floors) -> Iterator[Line]:
        """Name, requests, expected status, how many statements one counts for, and the floor it is compared with."""
        yield "POST one", lambda *_: self._post(1), 200, 1, floors.insert_one
        yield "POST 50, statements", lambda *_: self._post(BATCH), 200, BATCH, floors.insert_batch
        yield "GET by id", lambda *_: self._get(statementId=self._any_id()), 200, 1, floors.select_one
        yield "list of 50", lambda *_: self._get(limit=50), 200, 1, floors.select_list
        yield "one actor's last 50", lambda *_: self._get(agent=self._agent(), limit=50), 200, 1, floors.select_list
        yield "agent, verb, activity", lambda *_: self._filtered(), 200, 1, floors.select_list
        yield "State PUT", lambda *_: self._put_state(), 204, 1, floors.insert_one
        yield "State GET", lambda *_: self._get_state(), 200, 1, floors.select_one

    def follow_more(self) -> float:
        """Statements a second for one program that reads the whole record, answer after answer."""
        connection = HTTPConnection("localhost", self._bench.port)
        headers = dict(line.split(": ", 1) for line in self._head.splitlines())
        address, read, began = "/xapi/statements?limit=500", 0, time.perf_counter()
        while address:
            connection.request("GET", address, headers=headers)
            answer = orjson.loads(connection.getresponse().read())
            address, read = answer["more"], read + len(answer["statements"])
        connection.close()
        return read / (time.perf_counter() - began)

    def _post(self, many: int) -> bytes:
        statements = [statement(next(self._numbers)) for _ in range(many)]
        body = orjson.dumps(statements[0] if many == 1 else statements)
        head = f"POST /xapi/statements HTTP/1.1\r\n{self._head}Content-Type: application/json\r\n"
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    def _get(self, **parameters: str | int) -> bytes:
        return f"GET /xapi/statements?{urlencode(parameters)} HTTP/1.1\r\n{self._head}\r\n".encode()

    def _put_state(self) -> bytes:
        """Where somebody is in some content: a few hundred bytes, a new document each time."""
        self._states += 1
        body = orjson.dumps({"page": self._states, "seen": [f"page-{seen}" for seen in range(30)]})
        content = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        return f"PUT {self._state(self._states)}{content}".encode() + body

    def _get_state(self) -> bytes:
        """One of those; the last ones may not have arrived."""
        return f"GET {self._state(next(self._numbers) % (self._states - CONNECTIONS) + 1)}\r\n".encode()

    def _state(self, number: int) -> str:
        named = {"agent": orjson.dumps(actor(number)).decode(), "activityId": activity(number), "stateId": number}
        return f"/xapi/activities/state?{urlencode(named)} HTTP/1.1\r\n{self._head}"

    def _filtered(self) -> bytes:
        number = next(self._numbers)
        return self._get(
            agent=orjson.dumps(actor(number)).decode(), verb=verb(number), activity=activity(number), limit=50
        )

    def _agent(self) -> str:
        return orjson.dumps(actor(next(self._numbers))).decode()

    def _any_id(self) -> str:
        return self._ids[next(self._numbers) % len(self._ids)]


def actor(number: int) -> dict[str, object]:
    """One of so many people."""
    return {"account": {"homePage": "https://bench.example/", "name": f"person-{number % PEOPLE}"}}


def verb(number: int) -> str:
    """One of a few verbs."""
    return f"{ADL}/verbs/{VERBS[number % len(VERBS)]}"


def activity(number: int) -> str:
    """One of so many activities."""
    return f"https://bench.example/activity/{number % ACTIVITIES}"


def statement(number: int) -> dict[str, object]:
    """A statement as content sends it, about 1.3 KB."""
    course = {"id": "https://bench.example/course", "objectType": "Activity"}
    name = {
        "nl": f"Onderdeel {number % ACTIVITIES} van de opleiding",
        "en": f"Part {number % ACTIVITIES} of the course",
    }
    return {
        "id": str(uuid4()),
        "actor": actor(number),
        "verb": {"id": verb(number), "display": {"nl": VERBS[number % len(VERBS)], "en": VERBS[number % len(VERBS)]}},
        "object": {
            "id": activity(number),
            "objectType": "Activity",
            "definition": {
                "type": f"{ADL}/activities/module",
                "name": name,
                "description": {"nl": "Rustig lezen. " * 24},
            },
        },
        "result": {"completion": True, "success": True, "score": {"scaled": 0.85, "raw": 17, "max": 20}},
        "context": {
            "registration": str(UUID(int=number % PEOPLE)),
            "platform": "Bench",
            "language": "nl",
            "contextActivities": {"parent": [course], "grouping": [{"id": "https://bench.example/programme"}]},
            "extensions": {"https://bench.example/session": number},
        },
        "timestamp": "2026-03-02T12:00:00.000Z",
    }


# ---- the floor -------------------------------------------------------------------------------------------------------

FLOOR_SECONDS = 1.0


class Floors:
    """The same bytes through the bare driver, one thread: what no server can be faster than on this machine."""

    def __init__(self, database: Database) -> None:
        self._database = database
        kind = "BYTEA" if not database.is_sqlite else "BLOB"
        with database.write() as db:
            db.execute(sa.text(f"CREATE TABLE bench_floor (uuid VARCHAR(36) PRIMARY KEY, payload {kind})"))

    def insert_one(self) -> float:
        """Rows a second, one a commit."""
        return self._inserted(1)

    def insert_batch(self) -> float:
        """Rows a second, fifty a commit."""
        return self._inserted(BATCH)

    def select_one(self) -> float:
        """Payloads a second, by uuid."""
        return self._selected("SELECT payload FROM statement WHERE uuid = (SELECT uuid FROM statement WHERE id = 77)")

    def select_list(self) -> float:
        """Lists of fifty payloads a second, the newest."""
        return self._selected("SELECT payload FROM statement ORDER BY id DESC LIMIT 50")

    def _inserted(self, many: int) -> float:
        payload = orjson.dumps(statement(1))
        insert = sa.text("INSERT INTO bench_floor (uuid, payload) VALUES (:uuid, :payload)")
        done, until = 0, time.perf_counter() + FLOOR_SECONDS
        while time.perf_counter() < until:
            with self._database.write() as db:
                db.execute(insert, [{"uuid": str(uuid4()), "payload": payload} for _ in range(many)])
            done += many
        return done / FLOOR_SECONDS

    def _selected(self, words: str) -> float:
        done = 0
        with self._database.read() as db:
            connection, select = db.connection(), sa.text(words)
            until = time.perf_counter() + FLOOR_SECONDS
            while time.perf_counter() < until:
                connection.execute(select).all()
                done += 1
        return done / FLOOR_SECONDS


if __name__ == "__main__":
    main()
