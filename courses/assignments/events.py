"""What happens to a task for the work floor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class AssignmentHandedIn:
    """Somebody handed a task in: the first time, or again after it was returned or replaced."""

    enrolment_id: int
    course_id: int
    step: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AssignmentReturned:
    """A trainer read it and asks for more: it is hers again."""

    enrolment_id: int
    course_id: int
    step: str
    at: datetime


@dataclass(frozen=True, slots=True)
class AssignmentAccepted:
    """A trainer read it and found it good."""

    enrolment_id: int
    course_id: int
    step: str
    by_person_id: int | None
    at: datetime
