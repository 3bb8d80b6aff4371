"""What progress makes happen."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from courses.enrolment.queries import Learner


@dataclass(frozen=True, slots=True)
class StepCompleted:
    """A step is complete, whichever way it got there."""

    learner: Learner
    step: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StepsRecounted:
    """What somebody did was held against the course as it is now: another version, or she came back to it."""

    learner: Learner
    at: datetime


@dataclass(frozen=True, slots=True)
class CourseCompleted:
    """Every step of the course is complete."""

    learner: Learner
    at: datetime
