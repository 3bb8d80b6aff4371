"""Many programs at once on PostgreSQL: none hears of a deadlock, all is there once, nothing slips past a reader."""

from __future__ import annotations

import base64
import random
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from datetime import datetime
from http.client import HTTPConnection
from pathlib import Path
from threading import Barrier, BrokenBarrierError
from typing import Any
from urllib.parse import urlencode

import orjson
import sqlalchemy as sa

from lms.app import open_database
from tests.bench.lrs import statement
from tests.bench.server import empty_on
from xapi.credentials.services import create_credential
from xapi.statements.models import Statement

CLIENTS, ROUNDS, BATCH = 32, 3, 50  # the statements of the bench are about the same 40 activities
SHARED = 30  # so many of a batch are of those that a round shares, new to all, others and in another order each time
POOL = 80  # who waits for the same statement holds others by then, and somebody waits for those


class Client:
    """One connection of a program."""

    def __init__(self, port: int, token: str) -> None:
        self.connection = HTTPConnection("localhost", port, timeout=60)
        self.headers = {
            "Authorization": f"Basic {token}",
            "Content-Type": "application/json",
            "X-Experience-API-Version": "2.0.0",
        }

    def ask(self, method: str, path: str, body: Any = None) -> tuple[Any, str]:
        """The JSON of an answer, and up to when it says that the record is complete."""
        self.connection.request(method, path, None if body is None else orjson.dumps(body), self.headers)
        answer = self.connection.getresponse()
        content = answer.read()
        assert answer.status == 200, content
        return orjson.loads(content), answer.headers["X-Experience-API-Consistent-Through"]

    def window(self, since: str, until: str) -> Iterator[str]:
        """The ids of what was stored in between."""
        more = f"/xapi/statements?{urlencode({'since': since, 'until': until, 'limit': 1000, 'ascending': 'true'})}"
        while more:
            page, _ = self.ask("GET", more)
            yield from (one["id"] for one in page["statements"])
            more = page["more"]


def _post(client: Client, together: Barrier, batches: list[list[dict[str, Any]]]) -> None:
    """Post a batch a round, in the same moment as all others; who fails lets nobody wait for her."""
    with closing(client.connection):
        for batch in batches:
            together.wait(60)
            try:
                ids, _ = client.ask("POST", "/xapi/statements", batch)
                assert ids == [one["id"] for one in batch]
            except BaseException:
                together.abort()
                raise


def _follow(client: Client, writers: list[Future[None]]) -> tuple[list[str], datetime]:
    """Read each window once, as soon as the record says that it is complete, until nobody writes any more.

    Returns what was found, and up to when.
    """
    found: list[str] = []
    read_until, is_last = "2001-01-01T00:00:00Z", False
    while not is_last:
        is_last = all(writer.done() for writer in writers)
        _, through = client.ask("GET", "/xapi/statements?limit=1")
        found += client.window(read_until, through)
        read_until = through
    return found, datetime.fromisoformat(read_until)


def test_32_clients_about_the_same_activities_are_all_served(tmp_path: Path) -> None:
    batches = []
    for _round in range(ROUNDS):
        pool = [statement(number) for number in range(POOL)]
        batches += [[*map(statement, range(BATCH - SHARED)), *random.sample(pool, SHARED)] for _ in range(CLIENTS)]
    for batch in batches:
        random.shuffle(batch)
    together = Barrier(CLIENTS)
    with empty_on("postgresql", tmp_path / "platform") as bench, ThreadPoolExecutor(CLIENTS) as threads:
        database = open_database(bench.settings)
        with database.write() as db:
            credential, secret = create_credential(db, "crowd")
        token = base64.b64encode(f"{credential.key}:{secret}".encode()).decode()
        writers = [
            threads.submit(_post, Client(bench.port, token), together, batches[number::CLIENTS])
            for number in range(CLIENTS)
        ]
        with closing((reader := Client(bench.port, token)).connection):
            found, until = _follow(reader, writers)
        failures = [failure for writer in writers if (failure := writer.exception())]
        assert [failure for failure in failures if not isinstance(failure, BrokenBarrierError)] == []
        with database.read() as db:
            stored = [(str(uuid), moment) for uuid, moment in db.execute(sa.select(Statement.uuid, Statement.stored))]
        database.dispose()

    assert sorted(uuid for uuid, _ in stored) == sorted({str(one["id"]) for batch in batches for one in batch})
    assert sorted(found) == sorted(uuid for uuid, moment in stored if moment <= until)
    assert found
