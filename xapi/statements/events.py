"""What the record store tells: statements were stored, somebody was made nobody."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ActorForgotten:
    """Somebody is nobody any more in the record. `renamed`: what stands now for each identifier she may have had there
    (see `ifi_of`); her account here stands for itself. The others are to be kept nowhere.
    """

    renamed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class StoredStatement:
    """A statement that was not here before. `own`: the platform recorded it itself, so who made it knows already.

    `object_iri` is None when the object is no activity. `voids` is the statement that is void from now on. `statement`
    is the whole of it as JSON values: listeners read it and change nothing.
    """

    id: int
    uuid: UUID
    own: bool
    verb: str
    object_iri: str | None
    registration: UUID | None
    timestamp: datetime
    stored: datetime
    area: str | None
    organisation: UUID | None
    voids: UUID | None
    statement: dict[str, Any]

    @property
    def actor_account(self) -> tuple[str, str] | None:
        """The home page and the name of the actor's account; None for other identifiers."""
        account = self.statement["actor"].get("account")
        return (account["homePage"], account["name"]) if account else None

    @property
    def completion(self) -> bool | None:
        """Whether it was completed, when that is said."""
        completion: bool | None = self.statement.get("result", {}).get("completion")
        return completion


@dataclass(frozen=True, slots=True)
class StatementsStored:
    """Statements were stored in this transaction, in this order. Equal resends are not among them."""

    statements: tuple[StoredStatement, ...]
