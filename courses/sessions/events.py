"""What happens around a taught meeting. Plain values: who listens need not read our tables."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class _OfBooking:
    booking_id: int
    session_id: int
    course_id: int
    step: str
    person_id: int
    enrolment_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class SessionBooked(_OfBooking):
    """Somebody has a place: at once, or after waiting."""


@dataclass(frozen=True, slots=True)
class BookingCancelled(_OfBooking):
    """Somebody gave her place, or her turn to wait for one, back."""


@dataclass(frozen=True, slots=True)
class AttendanceMarked(_OfBooking):
    """The attendance list says something new of somebody. `presence`: present, absent or excused.

    `was`: what it said before, empty at the first mark. `at`: when she was there, not when it was written down.
    """

    was: str
    presence: str


@dataclass(frozen=True, slots=True)
class _OfSession:
    session_id: int
    course_id: int
    step: str
    area: str | None
    at: datetime


@dataclass(frozen=True, slots=True)
class SessionHeld(_OfSession):
    """The meeting is over and its list is complete. `at`: when it ended."""


@dataclass(frozen=True, slots=True)
class SessionCancelled(_OfSession):
    """The meeting does not take place."""
