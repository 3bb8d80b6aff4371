"""Attempts at a quiz and the answers in them. An answer is saved at once; an attempt is finished once."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Base


class Attempt(Base):
    """One try at the quiz of one step. `score`: 0–100, set when it is finished."""

    __tablename__ = "attempt"
    __table_args__ = (sa.UniqueConstraint("enrolment_id", "step", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey("enrolment.id"))
    step: Mapped[str] = mapped_column(sa.String(60))
    number: Mapped[int]
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    score: Mapped[Decimal | None] = mapped_column(sa.Numeric(5, 2))
    passed: Mapped[bool | None]


class Answer(Base):
    """The answer to one question within an attempt. The first response counts; the last one is for learning.

    `first` and `last` are the values as chosen or typed, `score` 0–1 is that of the first.
    """

    __tablename__ = "answer"
    __table_args__ = (sa.UniqueConstraint("attempt_id", "question"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    attempt_id: Mapped[int] = mapped_column(sa.ForeignKey("attempt.id"))
    question: Mapped[str] = mapped_column(sa.String(80))
    first: Mapped[list[str]]
    last: Mapped[list[str]]
    score: Mapped[Decimal] = mapped_column(sa.Numeric(5, 4))
    is_solved: Mapped[bool]
    tries: Mapped[int] = mapped_column(default=1)
    answered_at: Mapped[datetime]
