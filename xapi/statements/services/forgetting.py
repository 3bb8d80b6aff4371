"""Erasure: the one thing that changes a statement that is kept. The law goes before the letter of the standard.

Who did what, when, and how it went stays, so every count stays; that it was she does not. Only the actors that are she,
and the answers she gave, are written anew: every other byte stays as it came.
"""

from __future__ import annotations

import hashlib
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
from xapi.statements.events import ActorForgotten
from xapi.statements.formats import ERASED, Edit, edit_object
from xapi.statements.models import Removal, RemovalKind, Statement, StatementAgent, StatementFile, key_of

AT_ONCE = 500  # statements read in one go

Actor = dict[str, Any]


def forget_person(db: Session, event: PersonErased) -> None:
    """Handler of `PersonErased`: she is nobody any more in the record, under her account here and her mail address.

    Her account is a random number that names nobody by now: it stays, so that what she did stays together. What she is
    called beside it goes, and an address gets a random number of its own.
    """
    base = iri_base_of(db.info)
    account = {"account": {"homePage": base, "name": str(event.person_uuid)}}
    count = _forget(db, account, account)
    for actor in _mail_actors(event.email):
        count += _forget(db, actor, _pseudonym(base))
    db.add(Removal(kind=RemovalKind.ERASURE, at=clock.now(), person_uuid=event.person_uuid, statements=count))
    db.flush()


def forget_actor(db: Session, actor: Actor) -> int:
    """Make somebody without an account here nobody; returns in how many statements. `actor` is a valid agent.

    Emits `ActorForgotten`.
    """
    count = _forget(db, actor, _pseudonym(iri_base_of(db.info)))
    db.add(Removal(kind=RemovalKind.ERASURE, at=clock.now(), statements=count))
    db.flush()
    emit(db, ActorForgotten(ifi_of(actor) or ""))
    return count


def _mail_actors(email: str | None) -> list[Actor]:
    """How other systems name who has this address."""
    if not email:
        return []
    mbox = f"mailto:{email}"
    return [{"mbox": mbox}, {"mbox_sha1sum": hashlib.sha1(mbox.encode(), usedforsecurity=False).hexdigest()}]


def _pseudonym(iri_base: str) -> Actor:
    return {"account": {"homePage": iri_base, "name": f"{ERASED}{uuid4()}"}}


def _forget(db: Session, actor: Actor, pseudonym: Actor) -> int:
    """Write the pseudonym wherever this actor stands; returns in how many statements."""
    eraser = _Eraser(ifi_of(actor) or "", pseudonym)
    old, new = key_of(eraser.identifier), key_of(ifi_of(pseudonym) or "")
    count = last = 0
    while rows := db.execute(_after(old, last)).all():
        db.connection().execute(
            _WRITE_ANEW,
            [
                {
                    "changed": row.id,
                    "anew": eraser.edit_statement(row.payload),
                    "actor": new if row.actor_key == old else row.actor_key,
                }
                for row in rows
            ],
        )
        hers = [row.id for row in rows if row.actor_key == old]
        db.execute(sa.delete(StatementFile).where(StatementFile.statement_id.in_(hers)))
        last, count = rows[-1].id, count + len(rows)
    if old != new:
        db.execute(sa.update(StatementAgent).where(StatementAgent.agent == old).values(agent=new))
    return count


_WRITE_ANEW = (
    sa.update(Statement.__table__)  # type: ignore[arg-type]
    .where(Statement.id == sa.bindparam("changed"))
    .values(payload=sa.bindparam("anew"), actor_key=sa.bindparam("actor"))
)


def _after(key: UUID, last: int) -> sa.Select[int, bytes, UUID | None]:
    """Statements in which this actor stands anywhere; in the order of storing, which two roles would mix."""
    found = sa.select(StatementAgent.statement_id).where(StatementAgent.agent == key)
    return (
        sa.select(Statement.id, Statement.payload, Statement.actor_key)
        .where(Statement.id.in_(found), Statement.id > last)
        .order_by(Statement.id)
        .limit(AT_ONCE)
    )


class _Eraser:
    """Puts `pseudonym` in the place of the actor with this identifier, wherever one may stand (see `relations`)."""

    def __init__(self, identifier: str, pseudonym: Actor) -> None:
        self.identifier, self._pseudonym = identifier, pseudonym

    def edit_statement(self, data: bytes) -> bytes:
        """A statement or sub-statement without her; and without her answer, when it is hers."""
        edits: dict[str, Edit] = {
            "actor": self._edit_actor,
            "object": self._edit_thing,
            "context": lambda value: edit_object(value, self._in_context),
        }
        if ifi_of(orjson.loads(data)["actor"]) == self.identifier:
            edits["result"] = _without_response
        return edit_object(data, edits)

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
        if ifi_of(actor) == self.identifier:
            actor = {name: value for name, value in actor.items() if name not in IFI and name != "name"}
            actor |= self._pseudonym
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
