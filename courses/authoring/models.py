"""A course on its way to being published: what a trainer uploaded, and what the check said of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Base


class CourseDraft(Base):
    """An upload and its check; never changed, only published. A better zip is a new draft.

    `outline` is JSON of `catalogue.formats.Outline`, empty while something must be mended first. `checks` is JSON of
    `formats.Checks`. Its files are in storage below `drafts/<uuid>/`.
    """

    __tablename__ = "course_draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    slug: Mapped[str] = mapped_column(sa.String(60), default="")
    title: Mapped[str] = mapped_column(sa.String(200))
    file_name: Mapped[str] = mapped_column(sa.String(200))
    outline: Mapped[bytes]
    checks: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("course_version.id"))
