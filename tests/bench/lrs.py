"""`./dev bench lrs`: what the record store takes in and gives out in a second, on SQLite and on PostgreSQL.

Client and server share the machine; the platform is whole, with every listener attached, behind its own web processes.
Statements are those of a course, 1.2 to 1.4 KB: for each is drawn which of 200 people did which of four things with
which of 40 activities. One in 1,000 refers to another, so a list asked by what a statement says must follow those too.
Beside each figure stands its ratio to the floor: what the bare database takes or gives, in this process.
"""

from __future__ import annotations

import argparse
import base64
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from http.client import HTTPConnection
from itertools import count, cycle
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from uuid import UUID, uuid4
from zlib import crc32

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
REFERRING = 1_000  # one in so many refers to another
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
        return ", ".join(f"{name}={db.scalar(sa.text(f'SHOW {name}'))}" for name in ("synchronous_commit", "fsync"))


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
        self._last_id = ""
        self._stored = 0
        self._ids: list[str] = []

    def fill(self, many: int) -> None:
        """Post so many statements in batches, and remember some of their ids."""
        self._stored = many
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
        yield "one actor's last 50", lambda *_: self._get(agent=self._agent(), limit=50), 200, 1, floors.select_actors
        yield "agent, verb, activity", lambda *_: self._filtered(), 200, 1, floors.select_filtered
        yield "State PUT", lambda *_: self._put_state(), 204, 1, floors.insert_document
        yield "State GET", lambda *_: self._get_state(), 200, 1, floors.select_document

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
        number = next(self._numbers) % self._stored
        return self._get(
            agent=orjson.dumps(actor(number)).decode(), verb=verb(number), activity=activity(number), limit=50
        )

    def _agent(self) -> str:
        return orjson.dumps(actor(next(self._numbers))).decode()

    def _any_id(self) -> str:
        return self._ids[next(self._numbers) % len(self._ids)]


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
    return crc32(f"{what} {number}".encode()) % many


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


# ---- the floor -------------------------------------------------------------------------------------------------------

FLOOR_SECONDS = 1.0
SAMPLES, LINKS = 200, ("statement_agent", "statement_activity")
Row = tuple[Any, ...]


class Floors:
    """The same rows through the bare driver, one thread: what no server can be faster than on this machine.

    What is inserted are rows that were stored, all their columns, in the same tables with the same indexes, under keys
    of their own; afterwards they go again. What is selected are the rows that a request answers, by ids that were found
    beforehand: what lies between is finding them, and being a server.
    """

    def __init__(self, database: Database) -> None:
        self._is_sqlite = database.is_sqlite
        self._connection = database.engine.raw_connection()
        self._raw: Any = self._connection.driver_connection

    def insert_one(self) -> float:
        """Statements a second, one a commit."""
        return self._inserted(1)

    def insert_batch(self) -> float:
        """Statements a second, fifty a commit."""
        return self._inserted(BATCH)

    def insert_document(self) -> float:
        """Documents a second, one a commit."""
        [document] = self._ask("SELECT * FROM document LIMIT 1")
        made: list[Row] = []

        def put() -> int:
            made.append((_new_like(document[0]),))
            self._put({"document": [made[-1] + document[1:]]})
            return 1

        rate = _rate(put)
        self._take_out({"DELETE FROM document WHERE key = ?": made})
        return rate

    def select_one(self) -> float:
        """Payloads a second, by uuid."""
        uuids = cycle(self._ask("SELECT uuid FROM statement ORDER BY id LIMIT ?", SAMPLES))
        return _rate(lambda: len(self._ask("SELECT payload FROM statement WHERE uuid = ?", *next(uuids))))

    def select_document(self) -> float:
        """Documents a second, by their key."""
        keys = cycle(self._ask("SELECT key FROM document LIMIT ?", SAMPLES))
        return _rate(lambda: len(self._ask("SELECT content, content_type FROM document WHERE key = ?", *next(keys))))

    def select_list(self) -> float:
        """Lists a second: the newest fifty."""
        return self._selected("SELECT id FROM statement ORDER BY id DESC LIMIT 50", [()])

    def select_actors(self) -> float:
        """Lists a second: the last fifty of each of those who did something last."""
        found = (
            "SELECT statement_id FROM statement_agent WHERE agent = ? AND role = 0 ORDER BY statement_id DESC LIMIT 50"
        )
        return self._selected(found, self._ask(f"SELECT DISTINCT actor_key FROM ({_LAST}) AS last", SAMPLES))

    def select_filtered(self) -> float:
        """Lists a second: what each of those did with an activity, the last fifty times."""
        about = "JOIN statement_activity ON statement_id = id AND role = 0"
        found = f"SELECT id FROM statement {about} WHERE actor_key = ? AND verb_key = ? AND activity = ?"
        asked = f"SELECT DISTINCT actor_key, verb_key, activity FROM ({_LAST}) AS last {about}"
        return self._selected(f"{found} ORDER BY id DESC LIMIT 50", self._ask(asked, SAMPLES))

    def _selected(self, found: str, asked: Sequence[Row]) -> float:
        """Lists a second of the payloads with the ids that are found for each of what is asked."""
        turns = cycle([[row[0] for row in self._ask(found, *values)] for values in asked])

        def select() -> int:
            ids = next(turns)
            marks = ", ".join("?" * len(ids))
            self._ask(f"SELECT payload FROM statement WHERE id IN ({marks}) ORDER BY id DESC", *ids)
            return 1

        return _rate(select)

    def _inserted(self, many: int) -> float:
        """Statements a second, with all that they are found by."""
        time.sleep(QUIET_S)
        last = self._ask("SELECT * FROM statement ORDER BY id DESC LIMIT ?", BATCH)
        links = {
            table: [self._ask(f"SELECT * FROM {table} WHERE statement_id = ?", row[0]) for row in last]
            for table in LINKS
        }
        first = last[0][0] + 1
        numbers = count(first)

        def put() -> int:
            ids = [next(numbers) for _ in range(many)]
            rows = {"statement": [(new, _new_like(row[1]), *row[2:]) for new, row in zip(ids, last, strict=False)]}
            for table in LINKS:
                rows[table] = [
                    (*link[:2], new) for new, found in zip(ids, links[table], strict=False) for link in found
                ]
            self._put(rows)
            return many

        rate = _rate(put)
        agents, activities = ([(*link[:2], first) for found in links[table] for link in found] for table in LINKS)
        self._take_out(
            {
                "DELETE FROM statement WHERE id >= ?": [(first,)],
                "DELETE FROM statement_agent WHERE agent = ? AND role = ? AND statement_id >= ?": agents,
                "DELETE FROM statement_activity WHERE activity = ? AND role = ? AND statement_id >= ?": activities,
            }
        )
        return rate

    def _put(self, rows: Mapping[str, Sequence[Row]]) -> None:
        """Rows by table in one transaction, the quickest way the driver has: few in one message, many by COPY."""
        if self._is_sqlite:
            self._many({_insert(table, found): found for table, found in rows.items()})
        elif sum(map(len, rows.values())) <= FEW:
            with self._raw.pipeline():
                self._many({_insert(table, found): found for table, found in rows.items()})
        else:
            self._raw.execute("BEGIN")
            for table, found in rows.items():
                with self._raw.cursor().copy(f"COPY {table} FROM STDIN") as copy:
                    for row in found:
                        copy.write_row(row)
            self._raw.execute("COMMIT")

    def _many(self, rows: Mapping[str, Sequence[Row]]) -> None:
        """Each of these statements with each of its rows, in one transaction."""
        cursor = self._raw.cursor()
        cursor.execute("BEGIN IMMEDIATE" if self._is_sqlite else "BEGIN")
        for statement_, found in rows.items():
            cursor.executemany(self._worded(statement_), found)
        cursor.execute("COMMIT")

    def _take_out(self, rows: Mapping[str, Sequence[Row]]) -> None:
        """What was inserted, so that what is measured next finds the record as it was."""
        self._many(rows)
        if not self._is_sqlite:
            self._raw.execute("VACUUM")

    def _ask(self, query: str, *values: Any) -> list[Row]:
        options = {} if self._is_sqlite else {"binary": True}
        found: list[Row] = self._raw.execute(self._worded(query), values, **options).fetchall()
        return found

    def _worded(self, query: str) -> str:
        return query if self._is_sqlite else query.replace("?", "%s")


_LAST = "SELECT id, actor_key, verb_key FROM statement WHERE actor_key IS NOT NULL ORDER BY id DESC LIMIT ?"
FEW = 20  # rows
QUIET_S = 0.5  # by then the server is done with what was under way when the measuring ended


def _insert(table: str, rows: Sequence[Row]) -> str:
    return f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})"


def _new_like(key: Any) -> Any:
    """A new uuid, in the form in which the driver gave one."""
    new = uuid4()
    return new.bytes if type(key) is bytes else new.hex if type(key) is str else new


def _rate(act: Callable[[], int]) -> float:
    """How much this does in a second."""
    done, began = 0, time.perf_counter()
    while time.perf_counter() - began < FLOOR_SECONDS:
        done += act()
    return done / (time.perf_counter() - began)


if __name__ == "__main__":
    main()
