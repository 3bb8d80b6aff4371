"""Statements that arrive over the wire: a hospital's own learning platform tells what its people learnt there."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import partial
from random import Random
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy.orm import Session

from courses.enrolment.services.statements import ADL_ACTIVITIES, IRI_BASE, Verb, course_iri
from lms.accounts.models import Organisation, Person
from lms.demo.services.agenda import Agenda
from lms.demo.services.cast import Cast, Worker
from lms.demo.services.moments import at, some_time
from lms.kernel import clock
from xapi.credentials.models import Scope
from xapi.credentials.queries import Access, access_of
from xapi.credentials.services import create_credential
from xapi.standard.version import Version
from xapi.statements.formats import receive
from xapi.statements.services import store_received

SLUG = "in-gesprek-over-diversiteit"
NAME = "Leerplatform van het ziekenhuis"
OPENED = date(2024, 9, 2)
BATCHES = tuple(date(2024, month, 28) for month in (9, 10, 11, 12)) + tuple(
    date(2025, month, 28) for month in (2, 4, 5)
)
VISITORS = 2  # in each batch: people the hospital names by an address we do not know


class Outside:
    """Puts what another platform sends into the agenda."""

    def __init__(self, agenda: Agenda, cast: Cast, scale: float) -> None:
        self.agenda, self.cast = agenda, cast
        self.rng = Random("outside")
        self.many = max(1, round(4 * scale))
        self.access: Access | None = None
        self.house: Worker | None = None

    def plan(self) -> None:
        """The key first, then a batch each month."""
        self.agenda.at(at(OPENED, 9), self._open)
        for number, day in enumerate(BATCHES):
            self.agenda.at(at(day, 22), partial(self._send, number))

    def _open(self, db: Session) -> None:
        """A key that may only write, and only for this hospital."""
        self.house = self.cast.users["dirk"]
        organisation = db.get_one(Organisation, self.house.organisation_id)
        credential, _secret = create_credential(
            db, NAME, scopes=(Scope.WRITE,), area=self.house.area, organisation=organisation.uuid
        )
        self.access = access_of(credential)

    def _send(self, number: int, db: Session) -> None:
        if self.access is None or self.house is None:
            return
        home, organisation_id = self.house.area, self.house.organisation_id
        people = self.cast.pick(
            self.many,
            course=SLUG,
            day=clock.today(),
            areas={home},
            who=lambda it: it.organisation_id == organisation_id,
        )
        for worker in people:
            worker.courses.add(SLUG)
        actors = [_account(db, db.get_one(Person, worker.person_id).uuid) for worker in people]
        actors += [_stranger(number * VISITORS + index) for index in range(VISITORS)]
        body = orjson.dumps([statement for actor in actors for statement in self._story_of(db, actor)])
        received, _is_batch = receive(body, Version.V1)
        store_received(db, received, self.access)

    def _story_of(self, db: Session, actor: dict[str, Any]) -> list[dict[str, Any]]:
        """Somebody began and, an evening or two later, was done."""
        began = some_time(self.rng, clock.today() - timedelta(days=20), clock.today() - timedelta(days=4))
        done = began + timedelta(days=self.rng.randint(0, 2), minutes=self.rng.randint(70, 110))
        course = course_iri(db.info[IRI_BASE], SLUG)
        return [
            _statement(actor, Verb.INITIALIZED, course, began),
            _statement(actor, Verb.COMPLETED, course, done) | {"result": {"completion": True, "duration": "PT1H30M"}},
        ]


def _account(db: Session, uuid: UUID) -> dict[str, Any]:
    return {"objectType": "Agent", "account": {"homePage": db.info[IRI_BASE], "name": str(uuid)}}


def _stranger(number: int) -> dict[str, Any]:
    return {"objectType": "Agent", "mbox": f"mailto:stagiair{number + 1}@ziekenhuis.example"}


def _statement(actor: dict[str, Any], verb: Verb, iri: str, moment: datetime) -> dict[str, Any]:
    return {
        "actor": actor,
        "verb": verb.to_json(),
        "object": {"id": iri, "definition": {"type": ADL_ACTIVITIES + "course"}},
        "timestamp": moment.isoformat().replace("+00:00", "Z"),
    }
