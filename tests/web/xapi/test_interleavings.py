"""Two writers and a reader, in any order of their steps: nothing is lost, pages neither repeat nor skip, and what was
said to be complete was complete (1.0.3 Communication 2.1.3, Data 2.5; 2.0 4.1.6.1).
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import orjson
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from lms.kernel.db import Database
from tests.services.schema import empty_tables
from tests.unit.xapi.examples import minimal
from xapi.statements.models import Statement
from xapi.statements.queries import Cursor, Filter, consistent_through, list_statements
from xapi.statements.services import store

STEPS = ("write 0", "write 1", "commit 0", "commit 1", "roll back 0", "roll back 1", "read", "look")


class Scene:
    """Writers with open transactions, a reader half-way through the pages, and all that was promised."""

    def __init__(self, database: Database, *, ascending: bool) -> None:
        self.database = database
        self.open: dict[int, tuple[Session, list[UUID]]] = {}
        self.committed: list[UUID] = []
        self.promised: list[tuple[datetime, set[UUID]]] = []
        self.wanted = Filter(limit=2, ascending=ascending)
        self.cursor: Cursor | None = None
        self.there_at_first: set[UUID] = set()
        self.read_so_far: list[UUID] = []

    def step(self, name: str, many: int) -> None:
        """Take one step; one that cannot be taken now is passed over."""
        what, _, writer = name.rpartition(" ")
        if name == "read":
            self.read()
        elif name == "look":
            self.look()
        elif what == "write":
            self.write(int(writer), many)
        elif int(writer) in self.open:
            self.end(int(writer), commit=what == "commit")

    def write(self, writer: int, many: int) -> None:
        if self.database.is_sqlite and self.open.keys() - {writer}:
            return  # the other holds the only lock: she would wait for it
        if writer not in self.open:
            self.open[writer] = (self.database.writer(), [])
        db, ids = self.open[writer]
        again = [minimal(id=str(uuid)) for uuid in self.committed[-1:]]
        ids += store(db, [*(minimal(id=str(uuid4())) for _ in range(many)), *again])[:many]

    def end(self, writer: int, *, commit: bool) -> None:
        db, ids = self.open.pop(writer)
        with db:
            if commit:
                db.commit()
                self.committed += ids

    def look(self) -> None:
        """Note up to when the record says it is complete, and what is there."""
        through = consistent_through(self.database)
        self.promised.append((through, self.visible()))

    def read(self) -> None:
        """Read one page; after the last, check what was read, and begin anew."""
        if self.cursor is None:
            self.there_at_first, self.read_so_far = self.visible(), []
        with self.database.read() as db:
            page = list_statements(db, self.wanted, cursor=self.cursor)
        self.read_so_far += [UUID(orjson.loads(payload)["id"]) for payload in page.payloads]
        self.cursor = page.next
        if self.cursor is None:
            assert len(self.read_so_far) == len(set(self.read_so_far))
            assert self.there_at_first <= set(self.read_so_far) <= self.visible()

    def visible(self) -> set[UUID]:
        with self.database.read() as db:
            return set(db.scalars(sa.select(Statement.uuid)))

    def check(self) -> None:
        """End all, and compare with what was promised on the way."""
        for writer in list(self.open):
            self.end(writer, commit=True)
        self.read()
        while self.cursor is not None:
            self.read()
        with self.database.read() as db:
            stored = {row.uuid: row.stored for row in db.scalars(sa.select(Statement))}
        assert sorted(stored) == sorted(self.committed)
        for through, there in self.promised:
            assert {uuid for uuid, moment in stored.items() if moment <= through} <= there


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(STEPS), st.integers(1, 3)), max_size=25), st.booleans())
def test_whatever_the_order_nothing_is_lost_and_every_promise_holds(
    database: Database,
    steps: list[tuple[str, int]],
    ascending: bool,  # noqa: FBT001
) -> None:
    scene = Scene(database, ascending=ascending)
    try:
        for name, many in steps:
            scene.step(name, many)
        scene.check()
    finally:
        for writer in list(scene.open):
            scene.end(writer, commit=False)
        empty_tables(database)
