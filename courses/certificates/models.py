"""Proof: what was issued to whom, as it stood that day, behind a code anybody may check."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Base


class Certificate(Base):
    """A certificate of participation (deelnameattest). Name and title are copied: proof does not change afterwards."""

    __tablename__ = "certificate"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    code: Mapped[str] = mapped_column(sa.String(20), unique=True)
    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey("enrolment.id"), unique=True)
    person_name: Mapped[str] = mapped_column(sa.String(210))
    organisation_name: Mapped[str] = mapped_column(sa.String(200), default="")
    title: Mapped[str] = mapped_column(sa.String(200))
    course_title: Mapped[str] = mapped_column(sa.String(200))
    online_hours: Mapped[str] = mapped_column(sa.String(10), default="")
    contact_hours: Mapped[str] = mapped_column(sa.String(10), default="")
    area: Mapped[str] = mapped_column(sa.String(60))
    issued_at: Mapped[datetime]
