"""Lists of statements that refer to others, against a slow reading of the same rule; on both databases."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from random import Random
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.db import Database
from lms.kernel.events import Events
from tests.services.schema import make_schema
from tests.unit.xapi.examples import minimal
from xapi.credentials.models import Scope
from xapi.credentials.queries import Access
from xapi.standard.verb import VOIDED
from xapi.statements.queries import Filter, list_statements, referring
from xapi.statements.queries.asking import shape_of
from xapi.statements.services import store

AREAS = ("gezinszorg", "gezinszorg", "gezinszorg", "onderwijs", None)


class Record:
    """Statements of a few people about a few activities, many of which refer to others: earlier, later, or nowhere."""

    def __init__(self, db: Session, random: Random) -> None:
        self._db, self._random, self._name = db, random, str(random.random())
        self.ids = [uuid4() for _ in range(30)]
        order = random.sample(self.ids, len(self.ids))
        self.kept: dict[UUID, tuple[dict[str, Any], str | None]] = {}
        self.stored: list[UUID] = []
        for uuid in order:
            statement, area = self._statement(uuid), random.choice(AREAS)
            self.kept[uuid] = (statement, area)
            self.stored += store(db, [statement], area=area)

    def word(self, kind: str) -> str:
        """One of three names of this kind, which nobody else uses."""
        return f"urn:{kind}:{self._name}:{self._random.randrange(3)}"

    def _statement(self, uuid: UUID) -> dict[str, Any]:
        thing: dict[str, Any] = {"id": self.word("thing")}
        verb = self.word("verb")
        if self._random.random() < 0.6:
            thing = {"objectType": "StatementRef", "id": str(self._random.choice([*self.ids, uuid4()]))}
            verb = VOIDED if self._random.random() < 0.1 else verb
        actor: dict[str, Any] = {"openid": self.word("person")}
        if self._random.random() < 0.2:
            actor = {"objectType": "Group", "member": [actor, {"openid": self.word("person")}]}
        parent = {"contextActivities": {"parent": [{"id": self.word("thing")}]}}
        return minimal(id=str(uuid), actor=actor, verb={"id": verb}, object=thing, context=parent)

    def expected(self, wanted: Filter, area: str | None) -> list[UUID]:
        """What must be listed, the newest first."""
        voided = {
            UUID(said["object"]["id"]) for said, _area in self.kept.values() if said["verb"]["id"] == VOIDED
        } & self.kept.keys()
        voided = {uuid for uuid in voided if self.kept[uuid][0]["verb"]["id"] != VOIDED}
        seen = [uuid for uuid in reversed(self.stored) if area in (None, self.kept[uuid][1])]
        return [
            uuid
            for uuid in seen
            if uuid not in voided and any(_is(self.kept[u][0], wanted) for u in self._road(uuid, area))
        ]

    def _road(self, uuid: UUID, area: str | None) -> Iterator[UUID]:
        """This statement, what it refers to, and so on, as far as one may see; round a ring once."""
        gone: set[UUID] = set()
        while uuid in self.kept and uuid not in gone and area in (None, self.kept[uuid][1]):
            gone.add(uuid)
            yield uuid
            thing = self.kept[uuid][0]["object"]
            if thing.get("objectType") != "StatementRef":
                return
            uuid = UUID(thing["id"])


def _is(statement: dict[str, Any], wanted: Filter) -> bool:
    actor = statement["actor"]
    people = {f"openid {one['openid']}" for one in [*actor.get("member", []), actor] if "openid" in one}
    things = {statement["object"]["id"]} if "objectType" not in statement["object"] else set()
    if wanted.related_activities:
        things |= {one["id"] for one in statement["context"]["contextActivities"]["parent"]}
    return (
        (wanted.agent is None or wanted.agent in people)
        and (wanted.verb is None or wanted.verb == statement["verb"]["id"])
        and (wanted.activity is None or wanted.activity in things)
    )


def _wanted(record: Record, random: Random) -> Filter:
    asked = random.sample(["agent", "verb", "activity"], random.randint(1, 3))
    return Filter(
        agent=f"openid {record.word('person')}" if "agent" in asked else None,
        verb=record.word("verb") if "verb" in asked else None,
        activity=record.word("thing") if "activity" in asked else None,
        related_activities=random.random() < 0.3,
        ascending=random.random() < 0.5,
        limit=random.choice([1, 2, 5, 50]),
    )


def _walk(db: Session, wanted: Filter, access: Access | None) -> list[UUID]:
    found: list[UUID] = []
    page = list_statements(db, wanted, access=access)
    while True:
        found += [UUID(orjson.loads(payload)["id"]) for payload in page.payloads]
        if page.next is None:
            return found
        page = list_statements(db, wanted, cursor=page.next, access=access)


@pytest.fixture(params=[(200, 1_000), (0, 1_000), (2, 3)], ids=["forward", "backward", "both"])
def _ways(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every way of finding what refers to others: which one is taken hangs on how many there are."""
    monkeypatch.setattr(referring, "A_HANDFUL", request.param[0])
    monkeypatch.setattr(referring, "FEW", request.param[0])
    monkeypatch.setattr(referring, "MANY", request.param[1])
    referring._referring.cache_clear()
    yield
    referring._referring.cache_clear()


@pytest.mark.usefixtures("_ways")
@pytest.mark.parametrize("seed", range(8))
def test_communication_2_1_3_what_refers_is_found_by_what_it_leads_to(db: Session, seed: int) -> None:
    random = Random(seed)
    record = Record(db, random)
    for _time in range(25):
        wanted, area = _wanted(record, random), random.choice([None, "gezinszorg"])
        access = Access(0, uuid4(), "limited", frozenset({Scope.READ}), area, None, None) if area else None
        expected = record.expected(wanted, area)
        found = _walk(db, wanted, access)
        assert found == (expected[::-1] if wanted.ascending else expected), (wanted, area)


def test_a_reference_makes_sqlite_read_no_more_of_the_record(tmp_path: Path) -> None:
    """Each statement on the way is looked up by an index, also in a record of which SQLite knows that it is large."""
    database = Database(f"sqlite:///{tmp_path / 'record.db'}", events=Events())
    make_schema(database)
    with database.write() as db:
        wanted = _wanted(Record(db, Random(0)), Random(1))
        db.execute(sa.text("ANALYZE"))
        db.execute(sa.text("UPDATE sqlite_stat1 SET stat = '1000000 1' WHERE idx = 'sqlite_autoindex_statement_1'"))
    database.dispose()
    ways = referring._referring(shape_of(wanted), (), goes_on=False, is_full=False)
    with database.read() as db:
        for question in (ways.near, ways.forward, ways.backward):
            compiled = question._statement.compile(dialect=db.get_bind().dialect)
            values = (1,) * len(compiled.positiontup or ())
            plan = [row[-1] for row in db.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}", values)]
            assert not [step for step in plan if step.startswith("SCAN statement") and "INDEX" not in step], plan
            assert not [step for step in plan if "BLOOM" in step or "AUTOMATIC" in step], plan
    database.dispose()
