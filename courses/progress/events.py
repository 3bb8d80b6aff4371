"""What progress makes happen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class StepCompleted:
    """A step is complete, whichever way it got there."""

    enrolment_id: int
    course_id: int
    step: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StepsRecounted:
    """What somebody did was held against the course as it is now: another version, or she came back to it."""

    enrolment_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class CourseCompleted:
    """Every step of the course is complete."""

    enrolment_id: int
    person_id: int
    course_id: int
    at: datetime
