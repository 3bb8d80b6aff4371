"""What happened to people, for whoever subscribes in `app.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PersonErased:
    """Her name, address and password are gone; her row and uuid stay for the counts. Forget what else you know.

    `email` and `user_name` are what she had until now, to find her by where no row points at her; keep them nowhere.
    """

    person_id: int
    person_uuid: UUID
    email: str | None
    user_name: str | None
    at: datetime
