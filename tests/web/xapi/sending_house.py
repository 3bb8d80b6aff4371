"""The platform as one that sends statements on, for the tests of forwarding."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from lms.app import connect_jobs
from lms.kernel import clock
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.jobs import Handlers, run_due
from lms.kernel.storage import Storage
from tests.bench.server import Bench
from tests.unit.xapi.examples import minimal
from xapi.credentials.models import Scope
from xapi.credentials.services import create_credential
from xapi.forwarding import services as forwarding
from xapi.forwarding.models import DeadLetter, Target
from xapi.forwarding.services.targets import Terms
from xapi.standard.version import Version
from xapi.statements.models import Statement
from xapi.statements.services import store

HERE = "gezinszorg"


class House:
    """The platform that sends."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database = database
        self.storage = Storage(settings.storage_url)
        self.handlers: Handlers = connect_jobs(settings)

    def keep(self, *statements: dict[str, Any], area: str | None = HERE) -> list[UUID]:
        """Store statements, one after the other."""
        with self.database.write() as db:
            return store(db, statements, area=area)

    def target(self, endpoint: str, *, key: str = "key", secret: str = "secret", **more: Any) -> int:
        """Name a target; returns its id."""
        terms = Terms("Elders", endpoint, more.pop("version", Version.V2), key, secret, **more)
        with self.database.write() as db:
            return forwarding.create_target(db, terms).id

    def target_at(self, other: Bench, there: Database, **more: Any) -> int:
        """Name the other installation as a target, with a key of its own there."""
        with there.write() as db:
            credential, secret = create_credential(db, "Forwarding", scopes=[Scope.ALL])
        return self.target(address_of(other), key=credential.key, secret=secret, **more)

    def work(self, after: timedelta = timedelta()) -> None:
        """What the worker does in a minute, some time from now."""
        with clock.moved_to(clock.now() + after):
            forwarding.wake(self.database)
            run_due(self.database, self.handlers)

    def forward(self, target_id: int) -> None:
        """What a worker does when it comes to a target."""
        forwarding.forward(self.database, self.storage, target_id, may_go_inside=True)

    def state(self, target_id: int) -> Target:
        with self.database.read() as db:
            return db.get_one(Target, target_id)

    def letters(self) -> list[DeadLetter]:
        with self.database.read() as db:
            return list(db.scalars(sa.select(DeadLetter).order_by(DeadLetter.id)))

    def change(self, target_id: int, **values: Any) -> None:
        with self.database.write() as db:
            db.execute(sa.update(Target).where(Target.id == target_id).values(**values))

    def payloads(self) -> list[bytes]:
        with self.database.read() as db:
            return list(db.scalars(sa.select(Statement.payload).order_by(Statement.id)))


def address_of(other: Bench) -> str:
    return f"http://localhost:{other.port}/xapi/"


def kept(database: Database) -> list[UUID]:
    with database.read() as db:
        return list(db.scalars(sa.select(Statement.uuid).order_by(Statement.id)))


def some(count: int, **more: Any) -> list[dict[str, Any]]:
    return [minimal(object={"id": f"urn:x:{number}"}, **more) for number in range(count)]


def carried_whole(**more: Any) -> dict[str, Any]:
    """A statement that tincan writes down again as it was."""
    return minimal(
        actor={"objectType": "Agent", "mbox": "mailto:emma@example.org"},
        object={"objectType": "Activity", "id": "urn:x:carried"},
        timestamp="2026-01-02T03:04:05.123456Z",
        **more,
    )
