"""Under which identifiers somebody stands in the record, and where: a mail address may be spelt in many ways.

The record finds an actor by a hash of her identifier, so what only looks like it is found by reading. That is for
erasing, which is rare and must miss nobody.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from xapi.standard.actor import ifi_of, mail_agents
from xapi.standard.relations import agents_of
from xapi.statements.models import Statement, StatementAgent, key_of

AT_ONCE = 500  # statements read in one go
_MBOX = "mbox mailto:"  # how the identifier of an address begins


@dataclass(frozen=True, slots=True)
class Erasable:
    """In how many statements somebody stands, and under which identifiers."""

    statements: int
    identifiers: tuple[str, ...]


def find_erasable(db: Session, actor: dict[str, Any]) -> Erasable:
    """Where `forget_actor` would make this valid agent nobody."""
    names = {key_of(identifier): identifier for identifier in list_identifiers(db, actor)}
    found = db.scalars(sa.select(StatementAgent.agent).where(StatementAgent.agent.in_(names)).distinct())
    return Erasable(len(list_standing(db, names)), tuple(sorted(names[key] for key in found)))


def list_identifiers(db: Session, actor: dict[str, Any]) -> list[str]:
    """What a valid agent is known by (`ifi_of`): an address by whatever is the same address."""
    if "mbox" in actor:
        return list_mail_identifiers(db, actor["mbox"].removeprefix("mailto:"))
    return [ifi_of(actor) or ""]


def list_mail_identifiers(db: Session, address: str) -> list[str]:
    """What whoever has this mail address may be known by: it and its SHA-1, in every spelling that differs only in
    case and stands in the record or is usual.
    """
    spellings = {*_usual_spellings(address), *_kept_spellings(db, address)}
    agents = (agent for spelling in sorted(spellings) for agent in mail_agents(spelling))
    return list(dict.fromkeys(ifi_of(agent) or "" for agent in agents))


def list_standing(db: Session, keys: Collection[UUID]) -> set[int]:
    """The statements in which actors with these keys stand anywhere."""
    return set(db.scalars(sa.select(StatementAgent.statement_id).where(StatementAgent.agent.in_(keys))))


def _usual_spellings(address: str) -> Iterator[str]:
    """As typed, in small letters, in capitals, and as names are written: a SHA-1 does not say how it was spelt."""
    local, _, domain = address.rpartition("@")
    locals_ = (local, local.lower(), local.upper(), local.title())
    for parts in product(locals_, (domain, domain.lower(), domain.upper(), domain.capitalize())):
        yield "@".join(parts)


def _kept_spellings(db: Session, address: str) -> Iterator[str]:
    """This address as statements spell it. Reads all that was received; our own statements name nobody."""
    wanted = address.casefold()
    for payload in _payloads_like(db, address):
        for identifier in agents_of(orjson.loads(payload)):
            if identifier.startswith(_MBOX) and identifier.removeprefix(_MBOX).casefold() == wanted:
                yield identifier.removeprefix(_MBOX)


def _payloads_like(db: Session, address: str) -> Iterator[bytes]:
    """Received statements that may hold this address, in any case and with any of its letters escaped."""
    is_sqlite = db.connection().dialect.name == "sqlite"
    # Octets as text, in whatever encoding the database is; only the letters of ASCII are compared.
    text = (
        sa.cast(Statement.payload, sa.Text) if is_sqlite else sa.func.encode(Statement.payload, "escape").collate("C")
    )
    pattern = re.sub(r"[^a-z0-9.@+-]", "%", address.lower())
    may_hold = sa.or_(text.ilike(f"%{pattern}%"), text.contains("\\u", autoescape=True))
    last = 0
    while rows := db.execute(_RECEIVED.where(Statement.id > last, may_hold)).all():
        yield from (row.payload for row in rows)
        last = rows[-1].id


_RECEIVED = (
    sa.select(Statement.id, Statement.payload)
    .where(Statement.credential_id.is_not(None))
    .order_by(Statement.id)
    .limit(AT_ONCE)
)
