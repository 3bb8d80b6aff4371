"""What is counted, and what stands behind it. Participations follow from milestones, and those from statements."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Base


class Milestone(Base):
    """A statement that matters to a participation: somebody began, was there, or completed a course.

    One row a statement, so that an order of arrival or a repeat changes nothing. `person_key`: the person's uuid, or
    for somebody without an account the key of the actor. `kind`: begun, attended, completed; or voided, which keeps the
    place of a statement that was withdrawn, also when that was said before the statement itself arrived. `minutes`: how
    long she was there, None where nobody says so. Area and organisation are copied: they do not follow her elsewhere.
    """

    __tablename__ = "covenant_milestone"
    __table_args__ = (sa.Index("ix_covenant_milestone_person_course", "person_key", "course_id"),)

    statement_id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    person_key: Mapped[UUID | None]
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    course_id: Mapped[int | None] = mapped_column(sa.ForeignKey("course.id"), index=True)
    step: Mapped[str] = mapped_column(sa.String(200), default="")
    at: Mapped[datetime | None]
    area: Mapped[str] = mapped_column(sa.String(60), default="")
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))
    minutes: Mapped[int | None]


class Participation(Base):
    """One person in one course in one year: what the covenant counts.

    `year`: a covenant year (2024-2025) or, with `is_calendar`, a calendar year (2024) or half of one (2024-1): the
    readings stand side by side. It begins on `started_on`; `counted_on` is the day from which it counts for the
    intersectoral offer: the first presence, or completion where the whole course is online; None while neither happened
    or the course is not intersectoral. `evidence_id`: the statement that made it count, before that the one that began
    it. What describes the course is as in the version of the day it began.
    """

    __tablename__ = "covenant_participation"
    __table_args__ = (
        sa.UniqueConstraint("person_key", "course_id", "year"),
        sa.Index("ix_covenant_participation_year_counted", "year", "counted_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_key: Mapped[UUID]
    person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("course.id"), index=True)
    year: Mapped[str] = mapped_column(sa.String(10))
    is_calendar: Mapped[bool] = mapped_column(default=False)
    area: Mapped[str] = mapped_column(sa.String(60), default="")
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    joint_committee: Mapped[str] = mapped_column(sa.String(10), default="")
    is_education: Mapped[bool] = mapped_column(default=False)
    is_intersectoral: Mapped[bool] = mapped_column(default=False)
    is_all_online: Mapped[bool] = mapped_column(default=False)
    started_on: Mapped[date]
    attended_on: Mapped[date | None]
    completed_on: Mapped[date | None]
    counted_on: Mapped[date | None]
    evidence_id: Mapped[UUID]


class DelegatePresence(Base):
    """Somebody at a meeting for union delegates, as it was that day. Secretaries of the union count apart.

    Whether she was there is what the attendance list says now; this only keeps who she was then.
    """

    __tablename__ = "covenant_delegate_presence"

    booking_id: Mapped[int] = mapped_column(sa.ForeignKey("booking.id"), primary_key=True)
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("course_session.id"), index=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    met_on: Mapped[date]
    is_secretary: Mapped[bool] = mapped_column(default=False)


class DelegateWorkplace(Base):
    """A workplace a delegate stood for that day: enterprise and establishment number, copied from her employments.

    `establishment` is empty where nobody knew the number: the enterprise then counts once, and the list says so.
    """

    __tablename__ = "covenant_delegate_workplace"

    booking_id: Mapped[int] = mapped_column(sa.ForeignKey("covenant_delegate_presence.booking_id"), primary_key=True)
    kbo: Mapped[str] = mapped_column(sa.String(10), primary_key=True)
    establishment: Mapped[str] = mapped_column(sa.String(10), primary_key=True, default="")
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))


class Evidence(Base):
    """What a person entered for a commitment: a document, or a figure with where it comes from. Never removed.

    `items`: the keys it is about, as the covenant names them, or slugs of courses. `dated_on` is when it happened;
    `period` the label of the period it is for, where that is not the one of its date.
    """

    __tablename__ = "covenant_evidence"
    __table_args__ = (sa.Index("ix_covenant_evidence_covenant_key", "covenant", "key"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    covenant: Mapped[str] = mapped_column(sa.String(20))
    key: Mapped[str] = mapped_column(sa.String(40))
    items: Mapped[list[str]]
    dated_on: Mapped[date]
    period: Mapped[str] = mapped_column(sa.String(30), default="")
    title: Mapped[str] = mapped_column(sa.String(200))
    value: Mapped[Decimal | None] = mapped_column(sa.Numeric(14, 2))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    file_key: Mapped[str] = mapped_column(sa.String(300), default="")
    file_name: Mapped[str] = mapped_column(sa.String(200), default="")
    entered_at: Mapped[datetime]
    entered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    reason: Mapped[str] = mapped_column(sa.Text, default="")


class UserPeak(Base):
    """The most accounts that were open at one moment of a day."""

    __tablename__ = "covenant_user_peak"

    day: Mapped[date] = mapped_column(primary_key=True)
    users: Mapped[int]


class CommitmentDecision(Base):
    """What the department decided about a soft target. The latest one on or before the cut-off date holds."""

    __tablename__ = "covenant_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    covenant: Mapped[str] = mapped_column(sa.String(20), index=True)
    key: Mapped[str] = mapped_column(sa.String(40))
    is_met: Mapped[bool]
    decided_on: Mapped[date]
    note: Mapped[str] = mapped_column(sa.Text, default="")
    entered_at: Mapped[datetime]
    entered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class CounterChoice(Base):
    """How a commitment is counted: participations or people, and covenant years or calendar years. The latest holds."""

    __tablename__ = "covenant_counter_choice"

    id: Mapped[int] = mapped_column(primary_key=True)
    covenant: Mapped[str] = mapped_column(sa.String(20), index=True)
    key: Mapped[str] = mapped_column(sa.String(40))
    counts: Mapped[str] = mapped_column(sa.String(20))
    is_calendar: Mapped[bool] = mapped_column(default=False)
    chosen_at: Mapped[datetime]
    chosen_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))


class ConsultantAbsence(Base):
    """A consultant who was away and not replaced, after the guaranteed wage. `fte`: 1 for full time. No name needed."""

    __tablename__ = "covenant_consultant_absence"

    id: Mapped[int] = mapped_column(primary_key=True)
    covenant: Mapped[str] = mapped_column(sa.String(20), index=True)
    first_day: Mapped[date]
    last_day: Mapped[date]
    fte: Mapped[Decimal] = mapped_column(sa.Numeric(3, 2))
    note: Mapped[str] = mapped_column(sa.Text, default="")
    entered_at: Mapped[datetime]
    entered_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    withdrawn_at: Mapped[datetime | None]
