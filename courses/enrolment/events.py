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
class EnrolmentsJoined:
    """Two people were one, and so are their enrolments in one course: what stands under `enrolment_id` belongs to
    `into_id` now. Both are the same where the account was not in the course yet: then only the person is another.
    """

    enrolment_id: int
    into_id: int
    person_id: int
    into_person_id: int
    at: datetime

    @property
    def is_moved(self) -> bool:
        """Whether the enrolment itself went to the other account."""
        return self.enrolment_id == self.into_id


@dataclass(frozen=True, slots=True)
class LearnerWithdrew:
    """Somebody left a course. What she learnt stays. `by_person_id`: who took her out; None if she did herself."""

    enrolment_id: int
    person_id: int
    course_id: int
    by_person_id: int | None
    at: datetime
