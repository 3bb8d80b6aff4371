"""Keys with which programs write and read here, and what each of them may do."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.clock import local
from lms.kernel.db import Base


class Scope(StrEnum):
    """What a credential may do; the words are those of the standard (1.0.3 Communication 4.2)."""

    WRITE = "statements/write"
    READ_MINE = "statements/read/mine"
    READ = "statements/read"
    STATE = "state"
    PROFILE = "profile"
    ALL = "all"


class Credential(Base):
    """A program that talks to the record store.

    Its secret is long and random, so one SHA-256 keeps it safe and stays quick. `area` (a slug) and `organisation`
    limit it to what belongs there; None is no limit. Rows stay when revoked: statements point at them.
    """

    __tablename__ = "credential"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    name: Mapped[str] = mapped_column(sa.String(120))
    key: Mapped[str] = mapped_column(sa.String(64), unique=True)
    secret_hash: Mapped[bytes] = mapped_column(sa.LargeBinary(32))
    scopes: Mapped[list[str]]
    area: Mapped[str | None] = mapped_column(sa.String(60))
    organisation: Mapped[UUID | None]
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]  # written by a job, never while a request waits

    @property
    def last_day(self) -> date | None:
        """The last day on which it is good; None when it has no end."""
        return local(self.expires_at - timedelta(microseconds=1)).date() if self.expires_at else None
