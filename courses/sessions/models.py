"""Taught meetings: when and where people learn together, who has a place, and who was there."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Base

BOOKED, WAITING, CANCELLED, WALK_IN = "booked", "waiting", "cancelled", "walk-in"
PRESENT, ABSENT, EXCUSED = "present", "absent", "excused"
PRESENCES = (PRESENT, ABSENT, EXCUSED)
CLASSROOM, WEBINAR = "classroom", "webinar"


class CourseSession(Base):
    """A taught meeting (never bare Session). `step` is the id of the step in the course it gives a date to.

    `area` limits who may book; None is open to every area of the course's offer. `closes_at` is when booking closes;
    `free_until` until when cancelling costs nothing. Contact hours stand apart from study hours: training leave counts
    only the first.
    """

    __tablename__ = "course_session"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    course_id: Mapped[int] = mapped_column(sa.ForeignKey("course.id"), index=True)
    step: Mapped[str] = mapped_column(sa.String(60))
    title: Mapped[str] = mapped_column(sa.String(200))
    mode: Mapped[str] = mapped_column(sa.String(20))  # classroom or webinar
    starts_at: Mapped[datetime] = mapped_column(index=True)
    ends_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(sa.String(200), default="")
    address: Mapped[str] = mapped_column(sa.String(200), default="")
    travel: Mapped[str] = mapped_column(sa.Text, default="")
    link: Mapped[str] = mapped_column(sa.String(500), default="")
    seats: Mapped[int]
    contact_hours: Mapped[Decimal] = mapped_column(sa.Numeric(5, 2))
    area: Mapped[str | None] = mapped_column(sa.String(60))
    trainer_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    closes_at: Mapped[datetime | None]
    free_until: Mapped[datetime | None]
    cancel_fee: Mapped[Decimal] = mapped_column(sa.Numeric(8, 2), default=Decimal(0))
    created_at: Mapped[datetime]
    held_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]


class Booking(Base):
    """Somebody's place at a session. First come, first served, by `turn`: the clock may give two people one moment.

    `state`: booked, waiting, cancelled, or walk-in (came without a booking, and takes no seat from anybody).
    `fee`: what cancelling cost, as it was told and accepted.
    """

    __tablename__ = "booking"
    __table_args__ = (sa.UniqueConstraint("session_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    session_id: Mapped[int] = mapped_column(sa.ForeignKey("course_session.id"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    enrolment_id: Mapped[int] = mapped_column(sa.ForeignKey("enrolment.id"), index=True)
    state: Mapped[str] = mapped_column(sa.String(12))
    turn: Mapped[int]
    asked_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    fee: Mapped[Decimal] = mapped_column(sa.Numeric(8, 2), default=Decimal(0))


class Attendance(Base):
    """Whether somebody was there: present, absent or excused. A correction is a new `AttendanceChange`.

    `statement_id`: the `attended` that stands in the record now; None while she is not present.
    """

    __tablename__ = "attendance"

    booking_id: Mapped[int] = mapped_column(sa.ForeignKey("booking.id"), primary_key=True)
    presence: Mapped[str] = mapped_column(sa.String(10))
    marked_at: Mapped[datetime]
    marked_by: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
    statement_id: Mapped[UUID | None]


class AttendanceChange(Base):
    """A line of the log behind the attendance list: what it was, what it became, who said so."""

    __tablename__ = "attendance_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    booking_id: Mapped[int] = mapped_column(sa.ForeignKey("booking.id"), index=True)
    was: Mapped[str] = mapped_column(sa.String(10), default="")
    became: Mapped[str] = mapped_column(sa.String(10))
    at: Mapped[datetime]
    by_person_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"))
