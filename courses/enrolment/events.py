"""What happens to enrolments."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class LearnerEnrolled:
    """Somebody was enrolled, or came back after withdrawing (`returned`)."""

    enrolment_id: int
    person_id: int
    course_id: int
    area: str
    organisation_id: int | None
    returned: bool
    at: datetime


@dataclass(frozen=True, slots=True)
class LearnerWithdrew:
    """Somebody left a course. What she learnt stays. `by_person_id`: who took her out; None if she did herself."""

    enrolment_id: int
    person_id: int
    course_id: int
    by_person_id: int | None
    at: datetime
