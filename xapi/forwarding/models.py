"""Other record stores to which statements are sent on, how far each of them is, and what each would not take."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Base
from xapi.statements.models import BigId


class Target(Base):
    """A record store to which statements go.

    `endpoint` ends at its xAPI root, without a slash. `area` (slug), `verb` and `activity` (IRIs) say which statements
    go there; None is all. Its secret is needed for every request, so it is kept as it is, and shown to nobody.

    Up to (`handled_stored`, `handled_id`) every statement is sent, passed over or put aside. `tries` counts those of
    the statement that comes next; `failures` how often in a row the target was not there. `status` and `answer` are
    the last it said when it did not take something. `claimed_until`: a worker is at it, and no other may be.
    """

    __tablename__ = "forwarding_target"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    name: Mapped[str] = mapped_column(sa.String(120))
    endpoint: Mapped[str] = mapped_column(sa.Text)
    version: Mapped[str] = mapped_column(sa.String(5))
    key: Mapped[str] = mapped_column(sa.Text)
    secret: Mapped[str] = mapped_column(sa.Text)
    area: Mapped[str | None] = mapped_column(sa.String(60))
    verb: Mapped[str | None] = mapped_column(sa.Text)
    activity: Mapped[str | None] = mapped_column(sa.Text)
    is_on: Mapped[bool] = mapped_column(default=True)
    created_at: Mapped[datetime]
    handled_stored: Mapped[datetime]
    handled_id: Mapped[int] = mapped_column(BigId, default=0)
    sent_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    failures: Mapped[int] = mapped_column(default=0)
    paused_until: Mapped[datetime | None]
    status: Mapped[int | None]
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    claimed_until: Mapped[datetime | None]


class DeadLetter(Base):
    """A statement that a target would not take, with what it said (`answer`: the first characters).

    `again_at`: somebody asked to send it once more, and the worker did not come to it yet.
    """

    __tablename__ = "forwarding_dead_letter"
    __table_args__ = (sa.UniqueConstraint("target_id", "statement_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    target_id: Mapped[int] = mapped_column(sa.ForeignKey("forwarding_target.id"))
    statement_id: Mapped[int] = mapped_column(BigId)  # no foreign key: a purge may remove the statement
    statement: Mapped[UUID]
    status: Mapped[int | None]
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    failed_at: Mapped[datetime]
    again_at: Mapped[datetime | None]
