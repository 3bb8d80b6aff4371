"""Questions about what was handed in. A trainer reads what people of her areas made; a learner reads her own."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.assignments.models import Submission
from courses.catalogue.models import Course
from courses.enrolment.models import Enrolment
from lms.accounts.models import Organisation, Person
from lms.kernel.errors import NotFound
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Identity, Permission


class Pile(StrEnum):
    """The three piles on a trainer's desk."""

    TO_READ = "to-read"
    RETURNED = "returned"
    ACCEPTED = "accepted"


@dataclass(frozen=True, slots=True)
class DeskSubmission:
    """A row of a pile."""

    uuid: UUID
    step: str
    course_id: int
    course_title: str
    first_name: str
    last_name: str
    organisation: str
    handed_in_at: datetime | None
    returned_at: datetime | None
    accepted_at: datetime | None
    text: str
    file_name: str
    feedback: str

    @property
    def name(self) -> str:
        """Who made it."""
        return f"{self.first_name} {self.last_name}".strip() or _("Gewist")


_ROWS = (
    sa.select(
        Submission.uuid,
        Submission.step,
        Course.id,
        Course.title,
        Person.first_name,
        Person.last_name,
        sa.func.coalesce(Organisation.name, ""),
        Submission.handed_in_at,
        Submission.returned_at,
        Submission.accepted_at,
        Submission.text,
        Submission.file_name,
        Submission.feedback,
    )
    .join(Enrolment, Enrolment.id == Submission.enrolment_id)
    .join(Course, Course.id == Enrolment.course_id)
    .join(Person, Person.id == Enrolment.person_id)
    .outerjoin(Organisation, Organisation.id == Enrolment.organisation_id)
)
_IS_IN = {
    Pile.TO_READ: sa.and_(Submission.handed_in_at.is_not(None), Submission.accepted_at.is_(None)),
    Pile.RETURNED: Submission.returned_at.is_not(None),
    Pile.ACCEPTED: Submission.accepted_at.is_not(None),
}


def find_submission(db: Session, enrolment_id: int, step: str) -> Submission | None:
    """What this learner wrote or handed in for this step, or None."""
    return db.scalar(sa.select(Submission).where(Submission.enrolment_id == enrolment_id, Submission.step == step))


def list_desk_submissions(db: Session, identity: Identity, pile: Pile) -> list[DeskSubmission]:
    """A pile of this trainer: what waits longest comes first. One query."""
    rows: Sequence[Sequence[Any]] = db.execute(
        _ROWS.where(_is_visible_to(identity), _IS_IN[pile]).order_by(Submission.saved_at, Submission.id)
    ).all()
    return [DeskSubmission(*row) for row in rows]


def count_desk_submissions(db: Session, identity: Identity) -> dict[Pile, int]:
    """How high each pile is. One query."""
    row = db.execute(
        sa.select(*(sa.func.count().filter(_IS_IN[pile]) for pile in Pile))
        .select_from(Submission)
        .join(Enrolment, Enrolment.id == Submission.enrolment_id)
        .where(_is_visible_to(identity))
    ).one()
    return dict(zip(Pile, row, strict=True))


def get_desk_row(db: Session, identity: Identity, submission_uuid: UUID) -> DeskSubmission:
    """What a trainer reads of one submission. Raises `NotFound` for a draft, or another area's."""
    row: Sequence[Any] | None = db.execute(
        _ROWS.where(_is_visible_to(identity), _is_readable(), Submission.uuid == submission_uuid)
    ).first()
    if row is None:
        raise NotFound(f"submission {submission_uuid}")
    return DeskSubmission(*row)


def get_desk_submission(db: Session, identity: Identity, submission_uuid: UUID) -> Submission:
    """A submission this trainer may answer. Raises `NotFound`."""
    return _get(db, submission_uuid, sa.and_(_is_visible_to(identity), _is_readable()))


def get_file_submission(db: Session, identity: Identity, submission_uuid: UUID) -> Submission:
    """A submission whose file this person may download: her own, or one she may answer. Raises `NotFound`."""
    is_her_own = Enrolment.person_id == identity.person_id
    submission = _get(db, submission_uuid, sa.or_(is_her_own, sa.and_(_is_visible_to(identity), _is_readable())))
    if not submission.file_key:
        raise NotFound(f"submission {submission_uuid} has no file")
    return submission


def _get(db: Session, submission_uuid: UUID, condition: sa.ColumnElement[bool]) -> Submission:
    submission = db.scalar(
        sa.select(Submission)
        .join(Enrolment, Enrolment.id == Submission.enrolment_id)
        .where(Submission.uuid == submission_uuid, condition)
    )
    if submission is None:
        raise NotFound(f"submission {submission_uuid}")
    return submission


def _is_readable() -> sa.ColumnElement[bool]:
    """A draft that was never handed in is nobody's but hers."""
    return sa.or_(Submission.handed_in_at.is_not(None), Submission.returned_at.is_not(None))


def _is_visible_to(identity: Identity) -> sa.ColumnElement[bool]:
    areas = identity.areas(Permission.RUN_SESSIONS)
    return sa.true() if areas is None else Enrolment.area.in_(areas)
