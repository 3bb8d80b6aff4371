"""Files of statements that take a while to make."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Base


class Export(Base):
    """A file that the worker writes in parts, each in storage before `parts` counts it. It lives for a day.

    `asked` holds what is in it and what who asked may see. `before`: the last statement that was written before, in the
    order of storing; the next part begins behind it. `total` is None until it is counted.
    """

    __tablename__ = "statement_export"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    kind: Mapped[str] = mapped_column(sa.String(5))
    language: Mapped[str] = mapped_column(sa.String(2))
    asked: Mapped[dict[str, Any]]
    before: Mapped[int | None] = mapped_column(sa.BigInteger)
    total: Mapped[int | None]
    done: Mapped[int] = mapped_column(default=0)
    parts: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(index=True)
    finished_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]

    @property
    def is_running(self) -> bool:
        """Whether there is more to come."""
        return self.finished_at is None and self.failed_at is None
