"""What happened to people, for whoever subscribes in `app.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PersonErased:
    """Her name, address and password are gone; her row and uuid stay for the counts. Forget what else you know.

    `email` and `user_name` are what she had until now, to find her by where no row points at her; keep them nowhere.
    `by_uuid`: the person who did it, None when it was a program.
    """

    person_id: int
    person_uuid: UUID
    email: str | None
    user_name: str | None
    at: datetime
    by_uuid: UUID | None


@dataclass(frozen=True, slots=True)
class PersonJoined:
    """Two were one: `person_id` turned out to be `into_id`, who had an account already. What was hers is that account's
    from now on; whoever keeps something under her id moves it.
    """

    person_id: int
    person_uuid: UUID
    into_id: int
    into_uuid: UUID
    at: datetime
