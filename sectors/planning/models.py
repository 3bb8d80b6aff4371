"""What the officer's desk keeps of its own."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Base


class Reminder(Base):
    """A mail that asked somebody to go on learning. The key keeps it to one a day, whoever sends it."""

    __tablename__ = "reminder"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    sent_on: Mapped[date] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    by_person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
