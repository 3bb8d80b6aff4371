"""How far somebody is: one row a course, one row a step begun, and the answers given on pages."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Base


class CourseProgress(Base):
    """Where an enrolment stands: enough for the card *Ga verder* without counting steps."""

    __tablename__ = "course_progress"

    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey("enrolment.id"), primary_key=True)
    started_at: Mapped[datetime]
    touched_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    steps_done: Mapped[int] = mapped_column(default=0)
    step: Mapped[str] = mapped_column(sa.String(60), default="")  # the step she was in last
    page: Mapped[str] = mapped_column(sa.String(60), default="")  # and the page, so that any device resumes there


class StepProgress(Base):
    """A step that was begun. `pages_done`: the pages (or questions) left with *Volgende*. `score`: 0–100."""

    __tablename__ = "step_progress"

    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey("enrolment.id"), primary_key=True)
    step: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    page: Mapped[str] = mapped_column(sa.String(60), default="")
    pages_done: Mapped[list[str]]
    started_at: Mapped[datetime]
    completed_at: Mapped[datetime | None]
    score: Mapped[Decimal | None] = mapped_column(sa.Numeric(5, 2))


class PageAnswer(Base):
    """What somebody wrote in a reflection or chose in a small exercise. Kept for her; nobody judges it."""

    __tablename__ = "page_answer"

    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey("enrolment.id"), primary_key=True)
    step: Mapped[str] = mapped_column(sa.String(60), primary_key=True)
    block: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    response: Mapped[list[str]]
    answered_at: Mapped[datetime]
