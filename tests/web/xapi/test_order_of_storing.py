"""Many write at once: lists stand in the order of `stored`, from either end (1.0.3 Communication 2.1.3)."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier
from uuid import uuid4

import orjson
import pytest

from lms.kernel.db import Database
from tests.services.schema import empty_tables
from tests.unit.xapi.examples import minimal
from xapi.statements.queries import Cursor, Filter, list_statements
from xapi.statements.services import store

WRITERS, ROUNDS = 8, 25
SIZES = (1, 50, 2, 1, 150)  # each way in which ids are drawn


@pytest.fixture
def crowd(database: Database) -> Iterator[Database]:
    """A record in which eight writers stored at the same time, single statements and batches by turns."""
    together = Barrier(WRITERS)

    def write() -> None:
        together.wait(60)
        for turn in range(ROUNDS):
            batch = [minimal(id=str(uuid4())) for _ in range(SIZES[turn % len(SIZES)])]
            with database.write() as db:
                store(db, batch)

    with ThreadPoolExecutor(WRITERS) as pool:
        for writer in [pool.submit(write) for _ in range(WRITERS)]:
            writer.result()
    yield database
    empty_tables(database)


@pytest.mark.parametrize("ascending", [True, False])
def test_stored_never_goes_back_in_a_list(crowd: Database, ascending: bool) -> None:  # noqa: FBT001
    moments = list(_read_all(crowd, ascending=ascending))
    assert len(moments) == WRITERS * ROUNDS // len(SIZES) * sum(SIZES)
    if not ascending:
        moments.reverse()
    assert [(one, next_one) for one, next_one in pairwise(moments) if next_one < one] == []


def _read_all(database: Database, *, ascending: bool) -> Iterator[str]:
    """`stored` of every statement, page after page."""
    cursor: Cursor | None = None
    while True:
        with database.read() as db:
            page = list_statements(db, Filter(ascending=ascending, limit=700), cursor=cursor)
        yield from (orjson.loads(payload)["stored"] for payload in page.payloads)
        cursor = page.next
        if cursor is None:
            return
