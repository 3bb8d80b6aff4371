"""How documents are kept: each under one key, with what it is listed by.

A document is known by whose it is (activity, agent, and the limits of the credential), its registration and its id.
All of that together is one key of 128 bits, so that two writers of one document meet in one row.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Base


class Document(Base):
    """A document as it was sent: its bytes and their content type.

    `holder` is the key of the activity and agent it belongs to, within the limits of a credential. `name` is its id
    in the words of the standard: stateId or profileId. `agent` is the key of the agent it tells about, if any.
    """

    __tablename__ = "document"
    __table_args__ = (
        sa.Index("ix_document_holder_updated", "holder", "updated"),
        sa.Index(
            "ix_document_agent",
            "agent",
            sqlite_where=sa.text("agent IS NOT NULL"),
            postgresql_where=sa.text("agent IS NOT NULL"),
        ),
    )

    key: Mapped[UUID] = mapped_column(primary_key=True)
    holder: Mapped[UUID]
    registration: Mapped[UUID | None]
    name: Mapped[str] = mapped_column(sa.Text)
    agent: Mapped[UUID | None]
    area: Mapped[str | None] = mapped_column(sa.String(60))
    organisation: Mapped[UUID | None]
    content_type: Mapped[str] = mapped_column(sa.Text)
    content: Mapped[bytes]
    updated: Mapped[datetime]
