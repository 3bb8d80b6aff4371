"""Erasure: the one thing that changes a statement that is kept. The law goes before the letter of the standard.

Who did what, when, and how it went stays, so every count stays; that it was she does not. Only the actors that are she,
and the answers she gave, are written anew: every other byte stays as it came.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID, uuid4

import msgspec
import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.events import PersonErased
from lms.kernel import clock
from lms.kernel.events import emit
from xapi.credentials.queries import iri_base_of
from xapi.standard.actor import IFI, ifi_of
from xapi.standard.signature import USAGE_TYPE as SIGNATURE
from xapi.statements.events import ActorForgotten
from xapi.statements.formats import ERASED, Edit, edit_object
from xapi.statements.models import (
    Key,
    Removal,
    RemovalKind,
    Statement,
    StatementAgent,
    StatementFile,
    StatementPair,
    key_of,
)
from xapi.statements.services.standing import list_identifiers, list_mail_identifiers, list_standing

AT_ONCE = 500  # statements read in one go

Actor = dict[str, Any]


def forget_person(db: Session, event: PersonErased) -> None:
    """Handler of `PersonErased`: she is nobody any more in the record, under her account here and her mail address.

    Her account is a random number that names nobody by now: it stays, so that what she did stays together. What she is
    called beside it goes, and an address gets a random number of its own.
    """
    base = iri_base_of(db.info)
    account = {"account": {"homePage": base, "name": str(event.person_uuid)}}
    identifiers = list_mail_identifiers(db, event.email) if event.email else []
    by = str(event.by_uuid) if event.by_uuid else None
    _forget(db, {ifi_of(account) or "": account} | _pseudonyms(identifiers, base), event.person_uuid, by=by)


def forget_actor(db: Session, actor: Actor, *, by: str | None = None) -> int:
    """Make somebody without an account here nobody; returns in how many statements. `actor` is a valid agent, `by`
    whoever does this (`Removal`).
    """
    return _forget(db, _pseudonyms(list_identifiers(db, actor), iri_base_of(db.info)), by=by)


def _pseudonyms(identifiers: Iterable[str], iri_base: str) -> dict[str, Actor]:
    """A random number for each of these: who was counted twice stays counted twice."""
    return {it: {"account": {"homePage": iri_base, "name": f"{ERASED}{uuid4()}"}} for it in identifiers}


def _forget(
    db: Session, pseudonyms: Mapping[str, Actor], person_uuid: UUID | None = None, *, by: str | None
) -> int:  # fmt: skip
    """Write a pseudonym wherever an actor with one of these identifiers stands; returns in how many statements.

    Emits `ActorForgotten`.
    """
    eraser = _Eraser(pseudonyms)
    renamed = {identifier: ifi_of(pseudonym) or "" for identifier, pseudonym in pseudonyms.items()}
    keys = {key_of(old): key_of(new) for old, new in renamed.items()}
    done: set[int] = set()
    while found := list_standing(db, keys) - done:  # once more: others store meanwhile
        ids = sorted(found)
        for begin in range(0, len(ids), AT_ONCE):
            _rewrite(db, ids[begin : begin + AT_ONCE], eraser, keys)
        done |= found
    db.add(Removal(kind=RemovalKind.ERASURE, at=clock.now(), person_uuid=person_uuid, statements=len(done), by=by))
    db.flush()
    emit(db, ActorForgotten(renamed))
    return len(done)


def _rewrite(db: Session, ids: Sequence[int], eraser: _Eraser, keys: Mapping[UUID, UUID]) -> None:
    """Write these statements anew, and let them be found by the new keys: these alone, for only these were written."""
    rows = db.execute(_ROWS.where(Statement.id.in_(ids))).all()
    anew = [
        {"changed": row.id, "anew": eraser.edit_statement(row.payload), "actor": keys.get(row.actor_key, row.actor_key)}
        for row in rows
    ]
    files = [
        {"of": row.id, "sha2": sha2} for row in rows for sha2 in eraser.hashes_that_tell(orjson.loads(row.payload))
    ]
    connection = db.connection()
    for statement, values in ((_WRITE_ANEW, anew), (_DROP_FILE, files)):
        if values:
            connection.execute(statement, values)
    for links in (StatementAgent, StatementPair):
        moved = sa.case(*((links.agent == old, sa.literal(new, Key())) for old, new in keys.items()))
        hers = sa.update(links).where(links.agent.in_(keys), links.statement_id.in_(ids))
        db.execute(hers.values(agent=moved).execution_options(synchronize_session=False))


# Locked, lest two people who are erased at once come back in each other's statements.
_ROWS = sa.select(Statement.id, Statement.payload, Statement.actor_key).order_by(Statement.id).with_for_update()
_WRITE_ANEW = (
    sa.update(Statement.__table__)  # type: ignore[arg-type]
    .where(Statement.id == sa.bindparam("changed"))
    .values(payload=sa.bindparam("anew"), actor_key=sa.bindparam("actor"))
)
_DROP_FILE = sa.delete(StatementFile.__table__).where(  # type: ignore[arg-type]
    StatementFile.statement_id == sa.bindparam("of"), StatementFile.sha2 == sa.bindparam("sha2")
)


class _Eraser:
    """Puts a pseudonym in the place of each actor with one of these identifiers, wherever one stands (`relations`)."""

    def __init__(self, pseudonyms: Mapping[str, Actor]) -> None:
        self._pseudonyms = pseudonyms

    def edit_statement(self, data: bytes) -> bytes:
        """A statement or sub-statement without her; and without her answer, when it is hers."""
        edits: dict[str, Edit] = {
            "actor": self._edit_actor,
            "object": self._edit_thing,
            "context": lambda value: edit_object(value, self._in_context),
        }
        if self._is_hers(orjson.loads(data)):
            edits["result"] = _without_response
        return edit_object(data, edits)

    def hashes_that_tell(self, statement: dict[str, Any]) -> set[str]:
        """The data that may say who she is, by hash, of a statement in which she stands: all that came with what she
        did, and every signature, for it holds the whole statement once more (1.0.3 Data 2.6; 2.0 4.2.6).
        """
        thing = statement["object"]
        all_of_it = self._is_hers(statement)
        inner = all_of_it or (thing.get("objectType") == "SubStatement" and self._is_hers(thing))
        told = [(it, all_of_it) for it in statement.get("attachments", ())]
        told += [(it, inner) for it in thing.get("attachments", ())]
        return {it["sha2"].lower() for it, is_hers in told if is_hers or it["usageType"] == SIGNATURE}

    def _is_hers(self, statement: dict[str, Any]) -> bool:
        return ifi_of(statement["actor"]) in self._pseudonyms

    @property
    def _in_context(self) -> dict[str, Edit]:
        return {
            "instructor": self._edit_actor,
            "team": self._edit_actor,
            "contextAgents": lambda value: _each(value, {"agent": self._edit_actor}),
            "contextGroups": lambda value: _each(value, {"group": self._edit_actor}),
        }

    def _edit_thing(self, data: bytes) -> bytes:
        kind = orjson.loads(data).get("objectType")
        if kind == "SubStatement":
            return self.edit_statement(data)
        return self._edit_actor(data) if kind in ("Agent", "Group") else data

    def _edit_actor(self, data: bytes) -> bytes:
        actor = orjson.loads(data)
        erased = self._erase(actor)
        return data if erased == actor else orjson.dumps(erased)

    def _erase(self, actor: Actor) -> Actor:
        pseudonym = self._pseudonyms.get(ifi_of(actor) or "")
        if pseudonym is not None:
            actor = {name: value for name, value in actor.items() if name not in IFI and name != "name"}
            actor |= pseudonym
        if "member" in actor:
            actor = {**actor, "member": [self._erase(member) for member in actor["member"]]}
        return actor


def _without_response(data: bytes) -> bytes:
    result = edit_object(data, {"response": lambda _value: b""})
    return b"" if result == b"{}" else result


def _each(data: bytes, edits: dict[str, Edit]) -> bytes:
    """An array of objects, each edited."""
    return (
        b"["
        + b",".join(edit_object(bytes(raw), edits) for raw in msgspec.json.decode(data, type=list[msgspec.Raw]))
        + b"]"
    )
