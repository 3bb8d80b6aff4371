"""`./dev bench kill`: end the web processes with `kill -9` while programs write, again and again; count what is there.

Every statement that was acknowledged must be there, none twice, and of no batch only a part. `./dev test` does the same
a few times.
"""

from __future__ import annotations

import argparse
import base64
import random
import tempfile
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from uuid import UUID

import orjson
import sqlalchemy as sa

from lms.app import open_database
from lms.kernel.db import Database
from tests.bench.lrs import statement
from tests.bench.server import Bench, empty_on
from xapi.credentials.services import create_credential
from xapi.statements.models import Statement, StatementAgent

WRITERS = 8
WRITES_S = 0.8
BATCHES = (1, 1, 5, 20)


@dataclass
class Written:
    """What the writers sent: batches that were acknowledged, and batches of which nobody knows."""

    acknowledged: list[list[UUID]] = field(default_factory=list)
    unknown: list[list[UUID]] = field(default_factory=list)


@dataclass(frozen=True)
class Verdict:
    """What was found. `lost`: acknowledged and not there; `halves`: batches that are there in part; `doubles`: told
    more than once by the lists that programs read, and `untold`: there, and not told by them.
    """

    acknowledged: int
    stored: int
    lost: int
    doubles: int
    untold: int
    halves: int
    without_links: int

    @property
    def is_good(self) -> bool:
        """Whether the store kept its word."""
        return self.lost == self.doubles == self.untold == self.halves == self.without_links == 0


def main() -> None:
    """Kill, and print."""
    parser = argparse.ArgumentParser(prog="./dev bench kill")
    parser.add_argument("--times", type=int, default=50)
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    chosen = parser.parse_args()
    for kind in (chosen.only,) if chosen.only else ("sqlite", "postgresql"):
        with tempfile.TemporaryDirectory() as folder:
            print(f"{kind}, killed {chosen.times} times: {killed(kind, Path(folder), chosen.times)}", flush=True)


def killed(kind: str, folder: Path, times: int) -> Verdict:
    """Let writers write and the server die, so many times; then say what the database holds."""
    written = Written()
    with empty_on(kind, folder) as bench:
        database = open_database(bench.settings)
        with database.write() as db:
            credential, secret = create_credential(db, "writer")
        token = base64.b64encode(f"{credential.key}:{secret}".encode()).decode()
        for _time in range(times):
            _write_until_killed(bench, token, written)
            bench.start()
        verdict = _judge(database, written, list(_told(bench.port, token)))
        database.dispose()
    return verdict


def _write_until_killed(bench: Bench, token: str, written: Written) -> None:
    with ThreadPoolExecutor(WRITERS) as pool:
        writers = [pool.submit(_write, bench.port, token, written) for _ in range(WRITERS)]
        time.sleep(WRITES_S * random.uniform(0.5, 1.5))
        bench.kill()
        for writer in writers:
            writer.result()


def _write(port: int, token: str, written: Written) -> None:
    """Post batches over one connection until the server is gone."""
    headers = _headers(token)
    with closing(HTTPConnection("localhost", port, timeout=30)) as connection:
        while True:
            batch = [statement(number) for number in range(random.choice(BATCHES))]
            ids = [UUID(str(one["id"])) for one in batch]
            try:
                connection.request("POST", "/xapi/statements", orjson.dumps(batch), headers)
                answer = connection.getresponse()
                answer.read()
            except (OSError, HTTPException):
                written.unknown.append(ids)
                return
            if answer.status != 200:
                raise RuntimeError(f"the store answered {answer.status}")
            written.acknowledged.append(ids)


def _headers(token: str) -> dict[str, str]:
    return {
        "Authorization": f"Basic {token}",
        "Content-Type": "application/json",
        "X-Experience-API-Version": "2.0.0",
    }


def _told(port: int, token: str) -> Iterator[UUID]:
    """The ids of all statements, as a program gets them that follows `more` to the end."""
    address = "/xapi/statements?limit=500"
    with closing(HTTPConnection("localhost", port, timeout=30)) as connection:
        while address:
            connection.request("GET", address, headers=_headers(token))
            answer = orjson.loads(connection.getresponse().read())
            address = answer["more"]
            yield from (UUID(one["id"]) for one in answer["statements"])


def _judge(database: Database, written: Written, told: Sequence[UUID]) -> Verdict:
    with database.read() as db:
        stored = list(db.scalars(sa.select(Statement.uuid)))
        linked = set(db.scalars(sa.select(StatementAgent.statement_id)))
        without_links = sum(statement_id not in linked for statement_id in db.scalars(sa.select(Statement.id)))
    there = set(stored)
    return Verdict(
        acknowledged=sum(map(len, written.acknowledged)),
        stored=len(stored),
        lost=sum(uuid not in there for batch in written.acknowledged for uuid in batch),
        doubles=len(told) - len(set(told)),
        untold=len(there - set(told)),
        halves=sum(_is_half(batch, there) for batch in written.unknown),
        without_links=without_links,
    )


def _is_half(batch: Sequence[UUID], there: set[UUID]) -> bool:
    return 0 < sum(uuid in there for uuid in batch) < len(batch)


if __name__ == "__main__":
    main()
