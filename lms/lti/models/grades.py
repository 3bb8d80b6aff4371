"""Columns in a platform's grade book, and the scores we send there (LTI Assignment and Grade Services 2.0)."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Base


class LineItem(Base):
    """A column in the grade book of a context. `content`: `<course>` or `<course>/<step>`; `url`: its own, once known.

    By the link, and by `content` as its `resourceId`, we find it again (AGS 2.0, 3.2.4). `problem`: why it could not be
    had the last time.
    """

    __tablename__ = "lti_line_item"
    __table_args__ = (sa.UniqueConstraint("context_id", "resource_link_id", "content"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    context_id: Mapped[int] = mapped_column(sa.ForeignKey("lti_context.id"))
    resource_link_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lti_resource_link.id"))
    content: Mapped[str] = mapped_column(sa.String(130))
    url: Mapped[str] = mapped_column(sa.Text, default="")
    label: Mapped[str] = mapped_column(sa.Text)
    score_maximum: Mapped[Decimal] = mapped_column(sa.Numeric(8, 2))
    created_at: Mapped[datetime]
    problem: Mapped[str] = mapped_column(sa.Text, default="")


class Score(Base):
    """What one user reached in one column: the newest we know, and how far it got.

    `timestamp`: when she reached it; a platform takes no older one. `sent_timestamp`: of the score it took last.
    `score_given` is None while there is nothing to grade. It waits as long as `next_try_at` is set. `status` and
    `answer`: what the platform said when it would not take it, or a code where nobody answered. `result_…`: what its
    grade book says of her, when we last asked.
    """

    __tablename__ = "lti_score"
    __table_args__ = (sa.UniqueConstraint("line_item_id", "user_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    line_item_id: Mapped[int] = mapped_column(sa.ForeignKey("lti_line_item.id"))
    user_id: Mapped[int] = mapped_column(sa.ForeignKey("lti_user.id"), index=True)
    score_given: Mapped[Decimal | None] = mapped_column(sa.Numeric(8, 2))
    activity_progress: Mapped[str] = mapped_column(sa.String(20))
    grading_progress: Mapped[str] = mapped_column(sa.String(20))
    timestamp: Mapped[datetime]
    sent_timestamp: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(default=0)
    next_try_at: Mapped[datetime | None] = mapped_column(index=True)
    status: Mapped[int | None]
    answer: Mapped[str] = mapped_column(sa.Text, default="")
    result_score: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 4))
    result_maximum: Mapped[Decimal | None] = mapped_column(sa.Numeric(12, 4))
    result_read_at: Mapped[datetime | None]


class PlatformServices(Base):
    """How the services of a platform answer: one row a registration, so that one worker at a time sends it scores
    (`claimed_until`), and one reads its rosters (`roster_claimed_until`): a slow platform never holds all workers.

    `failures`: how often in a row nobody was there; until `paused_until` it is left alone. `problem`: why, as a code.
    """

    __tablename__ = "lti_platform_services"

    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("lti_registration.id"), primary_key=True)
    claimed_until: Mapped[datetime | None]
    roster_claimed_until: Mapped[datetime | None]
    paused_until: Mapped[datetime | None]
    failures: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(sa.Text, default="")
