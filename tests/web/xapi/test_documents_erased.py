"""A person who is erased leaves no documents behind."""

from __future__ import annotations

import hashlib

import orjson

from lms.accounts.services import erase_person
from lms.kernel.config import Settings
from lms.kernel.db import Database
from tests.factories.accounts import make_person
from tests.web.xapi.conftest import MakeProgram, Program
from xapi.statements.services import forget_actor

STATE, PROFILE = "/xapi/activities/state", "/xapi/agents/profile"


def test_documents_about_an_erased_person_go(make_program: MakeProgram, database: Database, settings: Settings) -> None:
    with database.write() as db:
        emma, tom = make_person(db), make_person(db)
    programs = [make_program()[0], make_program(area="gezinszorg")[0]]
    account, other = ({"account": {"homePage": settings.iri_base, "name": str(person.uuid)}} for person in (emma, tom))
    mbox = f"mailto:{emma.email}"
    hers = [account, {"mbox": mbox}, {"mbox_sha1sum": hashlib.sha1(mbox.encode()).hexdigest()}]
    kept = [
        (program, path, {"agent": orjson.dumps(agent).decode(), name: "x"} | more, agent is other)
        for program in programs
        for agent in [*hers, other]
        for path, name, more in ((STATE, "stateId", {"activityId": "urn:a"}), (PROFILE, "profileId", {}))
    ]
    for program, path, query, _ in kept:
        assert program.call("PUT", path, {}, query_string=query).status_code == 204

    with database.write() as db:
        erase_person(db, emma.id)

    for program, path, query, stays in kept:
        assert program.get(query, path).status_code == (200 if stays else 404), query


def test_documents_about_somebody_without_an_account_go(program: Program, database: Database) -> None:
    each: list[tuple[dict[str, str], int]] = [
        ({"mbox": f"mailto:{name}@example.org"}, status) for name, status in (("jo", 404), ("Jo", 404), ("tom", 200))
    ]
    each.append(({"mbox_sha1sum": hashlib.sha1(b"mailto:jo@example.org").hexdigest()}, 404))
    for agent, _ in each:
        program.call("PUT", PROFILE, {}, query_string={"agent": orjson.dumps(agent).decode(), "profileId": "x"})

    with database.write() as db:
        forget_actor(db, {"objectType": "Agent", "name": "Jo", "mbox": "mailto:jo@EXAMPLE.org"})

    for agent, status in each:
        query = {"agent": orjson.dumps(agent).decode(), "profileId": "x"}
        assert program.get(query, PROFILE).status_code == status
