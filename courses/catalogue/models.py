"""What exists and where it is offered: a course, its published versions, and an offer for each area."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Base


class Course(Base):
    """A course people can take. What it holds stands in its versions; these columns are for lists and searches."""

    __tablename__ = "course"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    slug: Mapped[str] = mapped_column(sa.String(60), unique=True)
    title: Mapped[str] = mapped_column(sa.String(200))
    summary: Mapped[str] = mapped_column(sa.Text)
    topic: Mapped[str] = mapped_column(sa.String(40), default="")
    is_intersectoral: Mapped[bool] = mapped_column(default=False)
    marks: Mapped[list[str]]
    version_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("course_version.id", use_alter=True, name="fk_course_version_id")
    )
    author_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]


class CourseVersion(Base):
    """A course as it was published at one moment; never changed afterwards. `outline` is JSON of `formats.Outline`."""

    __tablename__ = "course_version"
    __table_args__ = (sa.UniqueConstraint("course_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("course.id"))
    number: Mapped[int]
    outline: Mapped[bytes]
    sha256: Mapped[str] = mapped_column(sa.String(64))
    published_at: Mapped[datetime]
    published_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(sa.Text, default="")  # why it was published with warnings


class Offer(Base):
    """A course in an area. What has no offer in an area is not found there."""

    __tablename__ = "offer"
    __table_args__ = (sa.UniqueConstraint("course_id", "area"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("course.id"))
    area: Mapped[str] = mapped_column(sa.String(60), index=True)
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
