"""Somebody is erased: she is nobody in the record any more, and every count stays."""

from __future__ import annotations

import argparse
import hashlib
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import sqlalchemy as sa
from hypothesis import given
from sqlalchemy.orm import Session

from lms.accounts import services as accounts
from lms.accounts.events import PersonErased
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.errors import Refused
from lms.kernel.events import Events
from tests.factories.accounts import make_person
from tests.unit.xapi.examples import minimal
from tests.unit.xapi.generated import statements
from xapi.credentials.queries import DEFAULT_IRI_BASE as BASE
from xapi.standard.actor import ifi_of
from xapi.standard.relations import activities_of, agents_of
from xapi.standard.statement import check_statement
from xapi.standard.version import Version
from xapi.statements import cli
from xapi.statements.formats import receive
from xapi.statements.models import Removal, Statement, StatementAgent, key_of
from xapi.statements.queries import Filter, list_statements
from xapi.statements.services import forget_actor, forget_person, store
from xapi.statements.services.forgetting import _Eraser

MBOX = "mailto:emma@linde.be"
EMMA = {"objectType": "Agent", "name": "Emma Peeters", "mbox": MBOX}
SHA1 = {"mbox_sha1sum": hashlib.sha1(MBOX.encode(), usedforsecurity=False).hexdigest(), "name": "Emma Peeters"}
JO = {"name": "Jo", "mbox": "mailto:jo@linde.be"}
TEAM = {"objectType": "Group", "name": "Team", "openid": "urn:team", "member": [JO, EMMA]}


@pytest.fixture(autouse=True)
def _listening(events: Events) -> None:
    events.subscribe(PersonErased, forget_person)


def kept(db: Session) -> list[bytes]:
    return list(db.scalars(sa.select(Statement.payload).order_by(Statement.id)))


def everywhere() -> list[dict[str, Any]]:
    """Statements in which Emma stands in every place there is."""
    return [
        minimal(actor=EMMA, result={"response": "Emma!", "score": {"scaled": 0.5}}),
        minimal(actor=SHA1, result={"response": "Emma!"}),
        minimal(actor=TEAM),
        minimal(actor=JO, object=EMMA, result={"response": "van Jo"}),
        minimal(actor=JO, object=TEAM),
        minimal(actor=JO, context={"instructor": EMMA, "team": TEAM}),
        minimal(
            actor=JO,
            context={
                "contextAgents": [{"objectType": "contextAgent", "agent": EMMA}],
                "contextGroups": [{"objectType": "contextGroup", "group": TEAM}],
            },
        ),
        minimal(
            actor=JO,
            object={"objectType": "SubStatement", **minimal(actor=EMMA, result={"response": "Emma!"})},
        ),
    ]


def test_she_is_nowhere_and_nothing_else_changed(db: Session) -> None:
    person = make_person(db, first_name="Emma", last_name="Peeters", email="emma@linde.be")
    account = {"account": {"homePage": BASE, "name": str(person.uuid)}}
    given = [*everywhere(), minimal(actor={"name": "Emma Peeters", **account}, result={"response": "Emma!"})]
    other = minimal(actor=JO, result={"response": "van Jo"})
    store(db, [*given, other])
    before = kept(db)
    accounts.erase_person(db, person.id)
    after = kept(db)
    assert len(after) == len(before)
    assert b"Emma" not in b"".join(after)
    assert b"emma@" not in b"".join(after)
    assert b"".join(after).count(b"van Jo") == 2
    assert after[-1] == before[-1]
    for old, new in zip(map(orjson.loads, before), map(orjson.loads, after), strict=True):
        check_statement(new, Version.V2)
        assert len(agents_of(new)) == len(agents_of(old))
        assert {name: new[name] for name in ("id", "stored", "authority", "verb", "timestamp")} == {
            name: old[name] for name in ("id", "stored", "authority", "verb", "timestamp")
        }
    assert orjson.loads(after[0])["result"] == {"score": {"scaled": 0.5}}
    assert "result" not in orjson.loads(after[1])
    assert orjson.loads(after[len(given) - 1])["actor"] == account
    [entry] = db.scalars(sa.select(Removal))
    assert (entry.kind, entry.person_uuid, entry.statements) == ("erasure", person.uuid, len(given))


def test_lists_follow_her_new_number(db: Session) -> None:
    store(db, everywhere())
    identifier = ifi_of(EMMA)
    wide = Filter(agent=identifier, related_agents=True)
    found = len(list_statements(db, wide).payloads)
    assert found == 7
    assert forget_actor(db, EMMA) == found
    assert list_statements(db, wide).payloads == []
    nobody = ifi_of(orjson.loads(kept(db)[0])["actor"])
    assert nobody is not None
    assert len(list_statements(db, Filter(agent=nobody, related_agents=True)).payloads) == found
    actor_keys = db.scalars(sa.select(Statement.actor_key).order_by(Statement.id)).all()
    assert actor_keys[0] == key_of(nobody)
    assert db.scalar(sa.select(sa.func.count()).where(StatementAgent.agent == key_of(identifier or ""))) == 0
    assert forget_actor(db, EMMA) == 0


def test_more_statements_than_are_read_at_once(db: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xapi.statements.services.forgetting.AT_ONCE", 3)
    store(db, [statement for _number in range(3) for statement in everywhere()])
    assert forget_actor(db, EMMA) == 21


@given(statements(Version.V2))
def test_whoever_is_erased_the_rest_keeps_its_letters(statement: dict[str, Any]) -> None:
    pseudonym = {"account": {"homePage": BASE, "name": f"erased-{uuid4()}"}}
    for identifier in agents_of({name: value for name, value in statement.items() if name != "authority"}):
        raw = _Eraser(identifier, pseudonym).edit_statement(orjson.dumps(statement))
        erased = orjson.loads(raw)
        people = {name: value for name, value in erased.items() if name != "authority"}
        assert identifier not in agents_of(people)
        receive(raw, Version.V2)
        assert activities_of(erased) == activities_of(statement)
        untouched = ("verb", "timestamp", "attachments", "id", "stored", "authority")
        assert [erased.get(name) for name in untouched] == [statement.get(name) for name in untouched]


def run(database: Database, *words: str) -> int:
    parser = argparse.ArgumentParser(prog="leerlabo lrs")
    cli.add_commands(parser.add_subparsers(required=True))
    chosen = parser.parse_args(words)
    code: int = chosen.run(chosen, Settings.from_environ({}), database)
    return code


def test_the_command_erases_who_has_no_account_here(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    with database.write() as db:
        store(db, everywhere())
    assert run(database, "erase", orjson.dumps(EMMA).decode()) == 0
    assert capsys.readouterr().out == "she is nobody in 7 statements\n"
    with database.read() as db:
        assert b"emma@" not in b"".join(kept(db))
    ours = {"account": {"homePage": BASE, "name": str(UUID(int=1))}}
    for wrong, why in ((ours, "her own page"), ({"mbox": "emma"}, "AGENT.mbox must be")):
        with pytest.raises(Refused, match=why):
            run(database, "erase", orjson.dumps(wrong).decode())
