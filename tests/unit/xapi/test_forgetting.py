"""Somebody is erased: she is nobody in the record any more, and every count stays."""

from __future__ import annotations

import argparse
import getpass
import hashlib
import time
from threading import Thread
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
from tests.unit.xapi.meanwhile import meanwhile
from xapi.credentials.queries import DEFAULT_IRI_BASE as BASE
from xapi.credentials.queries import access_of
from xapi.credentials.services import create_credential
from xapi.standard.actor import ifi_of
from xapi.standard.relations import activities_of, agents_of
from xapi.standard.signature import USAGE_TYPE as SIGNATURE
from xapi.standard.statement import check_statement
from xapi.standard.version import Version
from xapi.statements import cli
from xapi.statements.formats import receive
from xapi.statements.models import Removal, Statement, StatementAgent, StatementFile, StatementPair, key_of
from xapi.statements.queries import Filter, list_statements
from xapi.statements.services import forget_actor, forget_person, store, store_received
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
    admin = make_person(db)
    accounts.erase_person(db, person.id, by_person_id=admin.id)
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
    assert entry.by == str(admin.uuid)


def test_lists_follow_her_new_number(db: Session) -> None:
    store(db, everywhere())
    identifier = ifi_of(EMMA)
    wide = Filter(agent=identifier, related_agents=True)
    found = len(list_statements(db, wide).payloads)
    assert found == 7
    assert forget_actor(db, EMMA) == found + 1  # the one that names her by her hash
    assert list_statements(db, wide).payloads == []
    nobody = ifi_of(orjson.loads(kept(db)[0])["actor"])
    assert nobody is not None
    assert len(list_statements(db, Filter(agent=nobody, related_agents=True)).payloads) == found
    actor_keys = db.scalars(sa.select(Statement.actor_key).order_by(Statement.id)).all()
    assert actor_keys[0] == key_of(nobody)
    for links in (StatementAgent, StatementPair):
        assert db.scalar(sa.select(sa.func.count()).where(links.agent == key_of(identifier or ""))) == 0
        assert db.scalar(sa.select(sa.func.count()).where(links.agent == key_of(nobody)))
    assert forget_actor(db, EMMA) == 0


def test_more_statements_than_are_read_at_once(db: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xapi.statements.services.forgetting.AT_ONCE", 3)
    store(db, [statement for _number in range(3) for statement in everywhere()])
    assert forget_actor(db, EMMA) == 24


def sha1_of(mbox: str) -> str:
    return hashlib.sha1(mbox.encode(), usedforsecurity=False).hexdigest()


def receive_all(db: Session, *bodies: bytes) -> None:
    """Keep statements that came from elsewhere."""
    access = access_of(create_credential(db, "Elders")[0])
    store_received(db, [item for body in bodies for item in receive(body, Version.V2)[0]], access)


def test_an_address_takes_its_hash_along(db: Session) -> None:
    store(db, everywhere())
    forget_actor(db, {"mbox": MBOX})
    assert b"Emma" not in b"".join(kept(db))
    assert SHA1["mbox_sha1sum"].encode() not in b"".join(kept(db))


@pytest.mark.parametrize("typed", ["emma.peeters@linde.be", "Emma.Peeters@LINDE.be"])
def test_she_is_the_same_however_her_address_is_spelt(db: Session, typed: str) -> None:
    spelt = ("mailto:emma.peeters@linde.be", "mailto:Emma.Peeters@Linde.be", "mailto:eMMa.PEETers@linde.be")
    actors = [{"mbox": mbox, "name": "Emma"} for mbox in spelt]
    actors += [{"mbox_sha1sum": sha1_of(mbox), "name": "Emma"} for mbox in spelt]
    bodies = [orjson.dumps(minimal(actor=actor)) for actor in actors]
    bodies.append(bodies[1].replace(b"Emma.Peeters@", rb"\u0045mma.Peeters\u0040"))
    bodies.append(orjson.dumps(minimal(actor=JO, context={"instructor": actors[2]})))
    others = ("mailto:an.emma.peeters@linde.be", "mailto:emma_peeters@linde.be", "mailto:emma.peeters@linde.be.eu")
    bodies += [orjson.dumps(minimal(actor={"mbox": mbox, "name": "Ander"})) for mbox in others]
    receive_all(db, *bodies)
    accounts.erase_person(db, make_person(db, email=typed).id)
    after = b"".join(kept(db))
    assert after.count(b"Ander") == len(others)
    assert b"Emma" not in after
    assert not [mbox for mbox in spelt if sha1_of(mbox).encode() in after]
    assert len({orjson.loads(payload)["actor"].get("account", {}).get("name") for payload in kept(db)}) == 1 + 5 + 1


def test_data_that_tells_who_she_is_goes_wherever_she_stands(db: Session) -> None:
    def attached(letter: str, usage: str = "urn:photo") -> dict[str, Any]:
        return {
            "usageType": usage,
            "display": {"nl": "Iets"},
            "contentType": "application/octet-stream",
            "length": 1,
            "sha2": letter * 64,
        }

    signature = attached("A", SIGNATURE)
    inner = {"objectType": "SubStatement", **minimal(actor=EMMA), "attachments": [attached("c")]}
    of_jo = {"objectType": "SubStatement", **minimal(actor=JO, context={"instructor": EMMA})}
    given = [
        minimal(actor=JO, context={"instructor": EMMA}, attachments=[signature, attached("b")]),
        minimal(actor=JO, object=inner, attachments=[attached("d")]),
        minimal(actor=JO, object=of_jo | {"attachments": [attached("e"), attached("f", SIGNATURE)]}),
        minimal(actor=EMMA, attachments=[attached("0")]),
        minimal(actor=JO, attachments=[signature]),
    ]
    store(db, given)
    brought = ("ab", "cd", "ef", "0", "a")
    for row_id, letters in zip(db.scalars(sa.select(Statement.id).order_by(Statement.id)).all(), brought, strict=True):
        db.add_all(StatementFile(statement_id=row_id, sha2=letter * 64) for letter in letters)
    db.flush()
    forget_actor(db, EMMA)
    left = db.execute(sa.select(StatementFile.sha2).order_by(StatementFile.statement_id)).scalars()
    assert [sha2[0] for sha2 in left] == ["b", "d", "e", "a"]


def test_a_statement_that_comes_meanwhile_is_found_too(database: Database) -> None:
    def come(other: Session) -> None:
        store(other, [minimal(actor=EMMA)])

    with database.write() as db:
        store(db, everywhere())
    with database.write() as db:
        meanwhile(database, db, "UPDATE statement_agent", come)
        assert forget_actor(db, EMMA) == 9
    with database.read() as db:
        assert b"Emma" not in b"".join(kept(db))


def test_two_who_are_erased_at_once_do_not_bring_each_other_back(database: Database) -> None:
    def erase_jo() -> None:
        with database.write() as other:
            forget_actor(other, JO)

    with database.write() as db:
        store(db, [minimal(actor=EMMA, context={"instructor": JO})])
    second = Thread(target=erase_jo)
    with database.write() as db:
        forget_actor(db, EMMA)
        second.start()
        time.sleep(0.3)  # long enough for it to wait for us
    second.join()
    with database.read() as db:
        [payload] = kept(db)
    assert b"linde.be" not in payload


@given(statements(Version.V2))
def test_whoever_is_erased_the_rest_keeps_its_letters(statement: dict[str, Any]) -> None:
    pseudonym = {"account": {"homePage": BASE, "name": f"erased-{uuid4()}"}}
    for identifier in agents_of({name: value for name, value in statement.items() if name != "authority"}):
        raw = _Eraser({identifier: pseudonym}).edit_statement(orjson.dumps(statement))
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
    assert run(database, "erase", '{"mbox": "mailto:EMMA@linde.be"}', "--dry-run") == 0
    told = capsys.readouterr().out.splitlines()
    assert told == ["she stands in 8 statements", f"  mbox {MBOX}", f"  mbox_sha1sum {SHA1['mbox_sha1sum']}"]
    with database.read() as db:
        assert b"Emma" in b"".join(kept(db))
        assert db.scalars(sa.select(Removal)).all() == []
    assert run(database, "erase", orjson.dumps(EMMA).decode()) == 0
    assert capsys.readouterr().out == "she is nobody in 8 statements\n"
    with database.read() as db:
        assert db.scalars(sa.select(Removal.by)).one() == getpass.getuser()
        assert b"emma@" not in b"".join(kept(db))
    ours = {"account": {"homePage": BASE, "name": str(UUID(int=1))}}
    for wrong, why in ((ours, "her own page"), ({"mbox": "emma"}, "AGENT.mbox must be")):
        with pytest.raises(Refused, match=why):
            run(database, "erase", orjson.dumps(wrong).decode())
