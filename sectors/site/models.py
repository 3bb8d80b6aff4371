"""What an area says of itself: a welcome, a person to call, and news. Which areas exist is data (`sectors.areas`)."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Base


class AreaPage(Base):
    """The words of one area's page. An area without a row greets with its name."""

    __tablename__ = "area_page"

    area: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    welcome: Mapped[str] = mapped_column(sa.String(80))
    text: Mapped[str] = mapped_column(sa.Text, default="")
    contact_name: Mapped[str] = mapped_column(sa.String(120), default="")
    contact_phone: Mapped[str] = mapped_column(sa.String(30), default="")
    contact_when: Mapped[str] = mapped_column(sa.String(120), default="")
    changed_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class NewsItem(Base):
    """A short message on an area's page, until it is taken off."""

    __tablename__ = "news_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    area: Mapped[str] = mapped_column(sa.String(60), index=True)
    title: Mapped[str] = mapped_column(sa.String(120))
    text: Mapped[str] = mapped_column(sa.Text)
    published_at: Mapped[datetime]
    published_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    archived_at: Mapped[datetime | None]
