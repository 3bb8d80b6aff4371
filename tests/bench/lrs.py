"""`./dev bench lrs`: what the record store takes in and gives out in a second, on SQLite and on PostgreSQL.

Client and server share the machine; the platform is whole, with every listener attached, behind its own web processes.
Statements are those of a course, 1.2 to 1.4 KB: for each is drawn which of 200 people did which of four things with
which of 40 activities. One in 1,000 refers to another, so a list asked by what a statement says must follow those too.
Beside each figure stands its ratio to the floor: what the bare database takes or gives, in this process.

`--beside 1000000` asks each read of two records in turn instead, one of them so large: a machine that is now fast and
now slow is so for both.
"""

from __future__ import annotations

import argparse
import base64
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from hashlib import blake2b
from http.client import HTTPConnection
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4

import orjson
import sqlalchemy as sa

from lms.app import open_database
from lms.kernel.db import Database
from tests.bench import load
from tests.bench.floors import BATCH, Floors
from tests.bench.server import Bench, empty_on
from xapi.credentials.services import create_credential
from xapi.statements.models import Statement

CONNECTIONS = 8
TURNS = 8
STORED = 10_000
PEOPLE, ACTIVITIES = 200, 40
REFERRING = 1_000  # one in so many refers to another
ADL = "http://adlnet.gov/expapi"
VERBS = ("launched", "progressed", "answered", "completed")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="./dev bench lrs")
    parser.add_argument("--seconds", type=float, default=4.0)
    parser.add_argument("--stored", type=int, default=STORED, help="how many statements are there beforehand")
    parser.add_argument("--beside", type=int, help="compare its reads with those of a record of so many")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = parser.parse_args()
    for kind in (chosen.only,) if chosen.only else ("sqlite", "postgresql"):
        with filled(kind, chosen.stored) as store:
            if chosen.beside:
                with filled(kind, chosen.beside) as other:
                    compare(kind, store, other, chosen.seconds)
            else:
                measure(kind, store, chosen.seconds)


@contextmanager
def filled(kind: str, many: int) -> Iterator[Store]:
    """A platform of its own with so many statements."""
    with tempfile.TemporaryDirectory() as folder, empty_on(kind, Path(folder)) as bench:
        database = open_database(bench.settings)
        store = Store(bench, database)
        store.fill(many)
        yield store
        database.dispose()


def measure(kind: str, store: Store, seconds: float) -> None:
    """Every request, one line each."""
    bench, database = store.bench, store.database
    floors = Floors(database)
    processes = f"{bench.settings.web_processes} processes of {bench.settings.web_threads} threads"
    print(f"\n{kind}, {store.stored:,} stored, {CONNECTIONS} connections, {processes}, {durability(database)}")
    print(f"{'request':22} {'a second':>9} {'p50 ms':>8} {'p95 ms':>8} {'floor/s':>9} {'ratio':>6}  client's CPU")
    for line in (*store.writes(floors), *store.reads(floors)):
        cpu = time.process_time()
        result = line.ask(bench, seconds)
        share = (time.process_time() - cpu) / seconds / 2
        rate, bare = result.rate * line.each, line.floor()
        figures = f"{rate:9,.0f} {result.p50:8.1f} {result.p95:8.1f} {bare:9,.0f} {rate / bare:6.2f}"
        print(f"{line.name:22} {figures}  {share:.0%}", flush=True)
    print(f"{'more, to the end':22} {store.follow_more():9,.0f}  statements, one client, 500 an answer")
    print("memory a process:", ", ".join(f"{size} MB" for size in bench.memory_mb()))


def compare(kind: str, small: Store, large: Store, seconds: float) -> None:
    """Each read of both records, `seconds` of each in `TURNS` turns."""
    floors, lines = Floors(small.database), {}
    for store in (small, large):
        *_posts, put_state = store.writes(floors)
        put_state.ask(store.bench, 1.0)
        lines[store] = store.reads(floors)
    print(f"\n{kind}, {CONNECTIONS} connections, in {TURNS} turns; requests a second")
    print(f"{'request':22} {f'{small.stored:,} stored':>18} {f'{large.stored:,} stored':>18} {'times slower':>13}")
    for pair in zip(lines[small], lines[large], strict=True):
        rates = dict.fromkeys(lines, 0.0)
        for _turn in range(TURNS):
            for store, line in zip(lines, pair, strict=True):
                rates[store] += line.ask(store.bench, seconds / TURNS).rate / TURNS
        quick, slow = rates.values()
        print(f"{pair[0].name:22} {quick:18,.0f} {slow:18,.0f} {quick / slow:13.2f}", flush=True)


def durability(database: Database) -> str:
    """What the database promises of a commit."""
    with database.read() as db:
        if database.is_sqlite:
            return f"synchronous={('OFF', 'NORMAL', 'FULL', 'EXTRA')[db.scalar(sa.text('PRAGMA synchronous')) or 0]}"
        return ", ".join(f"{name}={db.scalar(sa.text(f'SHOW {name}'))}" for name in ("synchronous_commit", "fsync"))


# ---- what is asked ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Line:
    """One kind of request: the status it must have, how many statements it counts for, and what it is compared with."""

    name: str
    requests: load.Requests
    floor: Callable[[], float]
    status: int = 200
    each: int = 1

    def ask(self, bench: Bench, seconds: float) -> load.Measured:
        """So long, over all connections."""
        return load.run(bench.port, self.requests, connections=CONNECTIONS, seconds=seconds, expect=(self.status,))


class Store:
    """The requests of a program that holds a key to everything, and how many statements were there beforehand."""

    def __init__(self, bench: Bench, database: Database) -> None:
        self.bench, self.database, self.stored = bench, database, 0
        with database.write() as db:
            credential, secret = create_credential(db, "bench")
        token = base64.b64encode(f"{credential.key}:{secret}".encode()).decode()
        self._head = (
            f"Host: localhost:{bench.port}\r\nAuthorization: Basic {token}\r\nX-Experience-API-Version: 2.0.0\r\n"
        )
        self._numbers = count()
        self._states = 0
        self._last_id = ""
        self._ids: list[str] = []

    def fill(self, many: int) -> None:
        """Post so many statements in batches, and remember some of their ids."""
        self.stored = many
        left = iter(range(0, many, BATCH))

        def next_batch(_connection: int, _count: int) -> bytes:
            next(left)
            return self._post(BATCH)

        with suppress(StopIteration):
            load.run(self.bench.port, next_batch, connections=1, seconds=3600, expect=(200,))
        with closing(self.database.engine.raw_connection()) as connection:
            driver: Any = connection.driver_connection
            # What the database does by itself within minutes.
            driver.execute("ANALYZE" if self.database.is_sqlite else "VACUUM ANALYZE")
        if self.database.is_sqlite:
            _read_once(Path(self.database.engine.url.database or ""))
        with self.database.read() as db:
            ids = db.scalars(sa.select(Statement.uuid).order_by(Statement.id).limit(5_000))
            self._ids = [str(uuid) for uuid in ids]

    def writes(self, floors: Floors) -> list[Line]:
        """What changes the record."""
        return [
            Line("POST one", lambda *_: self._post(1), floors.insert_one),
            Line("POST 50, statements", lambda *_: self._post(BATCH), floors.insert_batch, each=BATCH),
            Line("State PUT", lambda *_: self._put_state(), floors.insert_document, status=204),
        ]

    def reads(self, floors: Floors) -> list[Line]:
        """What only asks. There must be States."""
        return [
            Line("GET by id", lambda *_: self._get(statementId=self._any_id()), floors.select_one),
            Line("list of 50", lambda *_: self._get(limit=50), floors.select_list),
            Line("one actor's last 50", lambda *_: self._get(agent=self._agent(), limit=50), floors.select_actors),
            Line("agent, verb, activity", lambda *_: self._filtered(), floors.select_filtered),
            Line("State GET", lambda *_: self._get_state(), floors.select_document),
        ]

    def follow_more(self) -> float:
        """Statements a second for one program that reads the whole record, answer after answer."""
        connection = HTTPConnection("localhost", self.bench.port)
        headers = dict(line.split(": ", 1) for line in self._head.splitlines())
        address, read, began = "/xapi/statements?limit=500", 0, time.perf_counter()
        while address:
            connection.request("GET", address, headers=headers)
            answer = orjson.loads(connection.getresponse().read())
            address, read = answer["more"], read + len(answer["statements"])
        connection.close()
        return read / (time.perf_counter() - began)

    def _post(self, many: int) -> bytes:
        statements = [self._next_statement() for _ in range(many)]
        body = orjson.dumps(statements[0] if many == 1 else statements)
        head = f"POST /xapi/statements HTTP/1.1\r\n{self._head}Content-Type: application/json\r\n"
        return f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body

    def _next_statement(self) -> dict[str, object]:
        number = next(self._numbers)
        if number % REFERRING == REFERRING - 1:
            return reference(number, self._last_id)
        made = statement(number)
        self._last_id = str(made["id"])
        return made

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
        """What somebody did with an activity, by the words of one of the statements that were there beforehand."""
        number = next(self._numbers) % self.stored
        return self._get(
            agent=orjson.dumps(actor(number)).decode(), verb=verb(number), activity=activity(number), limit=50
        )

    def _agent(self) -> str:
        return orjson.dumps(actor(next(self._numbers))).decode()

    def _any_id(self) -> str:
        return self._ids[next(self._numbers) % len(self._ids)]


def _read_once(file: Path) -> None:
    """Into memory, where a machine that serves nothing else keeps it; some let go of what nobody asked for a while."""
    with file.open("rb") as data:
        while data.read(1 << 20):
            pass


def actor(number: int) -> dict[str, object]:
    """One of so many people."""
    return {"account": {"homePage": "https://bench.example/", "name": f"person-{_draw('actor', number, PEOPLE)}"}}


def verb(number: int) -> str:
    """One of a few verbs."""
    return f"{ADL}/verbs/{VERBS[_draw('verb', number, len(VERBS))]}"


def activity(number: int) -> str:
    """One of so many activities."""
    return f"https://bench.example/activity/{_draw('activity', number, ACTIVITIES)}"


def _draw(what: str, number: int, many: int) -> int:
    """As if drawn, for each of these apart, and the same for the same number."""
    drawn = blake2b(f"{what} {number}".encode(), digest_size=8).digest()
    return int.from_bytes(drawn) % many


def reference(number: int, to: str) -> dict[str, object]:
    """A statement about another one."""
    return {
        "id": str(uuid4()),
        "actor": actor(number),
        "verb": {"id": f"{ADL}/verbs/commented", "display": {"nl": "gaf commentaar op", "en": "commented on"}},
        "object": {"objectType": "StatementRef", "id": to},
    }


def statement(number: int) -> dict[str, object]:
    """A statement as content sends it, about 1.3 KB."""
    course = {"id": "https://bench.example/course", "objectType": "Activity"}
    part, did = _draw("activity", number, ACTIVITIES), verb(number)
    name = {"nl": f"Onderdeel {part} van de opleiding", "en": f"Part {part} of the course"}
    word = did.rpartition("/")[2]
    return {
        "id": str(uuid4()),
        "actor": actor(number),
        "verb": {"id": did, "display": {"nl": word, "en": word}},
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


if __name__ == "__main__":
    main()
