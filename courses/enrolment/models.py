"""Who takes which course, for which employment. Nobody is ever removed: one withdraws, and may come back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Base


class Enrolment(Base):
    """One person in one course. `uuid` is the xAPI registration. Area and organisation are copied at the time."""

    __tablename__ = "enrolment"
    __table_args__ = (sa.UniqueConstraint("person_id", "course_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("course.id"), index=True)
    employment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("employment.id"))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    area: Mapped[str] = mapped_column(sa.String(60))
    enrolled_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
    batch_id: Mapped[int | None] = mapped_column(sa.ForeignKey("enrolment_batch.id"), index=True)


class EnrolmentChange(Base):
    """What happened to an enrolment, when and by whom: enrolled, withdrawn, returned."""

    __tablename__ = "enrolment_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey("enrolment.id"), index=True)
    what: Mapped[str] = mapped_column(sa.String(20))
    at: Mapped[datetime]
    by_person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class EnrolmentBatch(Base):
    """A list an officer gave us: pasted or uploaded, checked, carried out, and perhaps undone.

    It runs while `started_at` is set and `finished_at` is not, unless it `failed_at`: then she may try again. What she
    mends later runs again. `columns` says what each cell of its rows holds, `headings` what the list itself called it.
    """

    __tablename__ = "enrolment_batch"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("course.id"))
    by_person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    source: Mapped[str] = mapped_column(sa.String(200), default="")
    headings: Mapped[list[str]]
    columns: Mapped[list[str]]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    undo_started_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    failed_at: Mapped[datetime | None]

    @property
    def is_running(self) -> bool:
        """Whether rows are being carried out, or taken back, at this moment."""
        is_undoing = self.undo_started_at is not None and self.undone_at is None
        is_under_way = is_undoing or (self.started_at is not None and self.finished_at is None)
        return is_under_way and self.failed_at is None

    @property
    def is_done(self) -> bool:
        """Whether it was carried out at least once."""
        return self.finished_at is not None


class BatchRow(Base):
    """A row of such a list, with what was found about it and what became of it. `number` is the one Excel shows.

    `state`: bad (she must mend it), ready, already (takes the course), skipped, done, or undone. `decision`: what the
    officer said of it: person, new, skip, or nothing. `fields`: a `ListedPerson`. `candidates`: ids of the people it
    may mean. `outcome`: enrolled or returned, once done.
    """

    __tablename__ = "enrolment_batch_row"
    __table_args__ = (sa.UniqueConstraint("batch_id", "number"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    batch_id: Mapped[int] = mapped_column(sa.ForeignKey("enrolment_batch.id"))
    number: Mapped[int]
    cells: Mapped[list[str]]
    fields: Mapped[dict[str, Any]]
    is_edited: Mapped[bool] = mapped_column(default=False)
    decision: Mapped[str] = mapped_column(sa.String(10), default="")
    state: Mapped[str] = mapped_column(sa.String(10))
    problem: Mapped[str] = mapped_column(sa.String(30), default="")
    detail: Mapped[str] = mapped_column(sa.String(200), default="")
    candidates: Mapped[list[int]] = mapped_column(sa.JSON)
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    is_new: Mapped[bool] = mapped_column(default=False)
    outcome: Mapped[str] = mapped_column(sa.String(10), default="")
    enrolment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("enrolment.id"))
