"""Tasks for the work floor: what was handed in, and what the trainer said of it."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Base


class Submission(Base):
    """What somebody handed in for one step: text, a file, or both. Until it is accepted she may replace it.

    A draft has no `handed_in_at`. What was returned is a draft again, with `returned_at` and the trainer's `feedback`.
    """

    __tablename__ = "submission"
    __table_args__ = (sa.UniqueConstraint("enrolment_id", "step"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey("enrolment.id"))
    step: Mapped[str] = mapped_column(sa.String(60))
    text: Mapped[str] = mapped_column(sa.Text, default="")
    file_key: Mapped[str] = mapped_column(sa.String(200), default="")
    file_name: Mapped[str] = mapped_column(sa.String(200), default="")
    saved_at: Mapped[datetime]
    handed_in_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    accepted_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    feedback: Mapped[str] = mapped_column(sa.Text, default="")
