"""Questions about enrolments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.models import Course, CourseVersion, Offer
from courses.enrolment.models import Enrolment
from lms.accounts.models import Organisation, Person
from lms.kernel.errors import NotFound
from lms.kernel.prepared import Prepared


@dataclass(frozen=True, slots=True)
class Learner:
    """Somebody in a course: all that a statement says of her and of where she learns."""

    enrolment_id: int
    registration: UUID
    person_id: int
    person_uuid: UUID
    course_id: int
    course_slug: str
    course_title: str
    version_id: int
    version_sha: str
    area: str
    organisation_id: int | None
    organisation_uuid: UUID | None
    is_withdrawn: bool


_LEARNERS = (
    sa.select(
        Enrolment.id,
        Enrolment.uuid,
        Enrolment.person_id,
        Person.uuid,
        Enrolment.course_id,
        Course.slug,
        Course.title,
        CourseVersion.id,
        CourseVersion.sha256,
        Enrolment.area,
        Enrolment.organisation_id,
        Organisation.uuid,
        Enrolment.withdrawn_at.is_not(None),
    )
    .join(Person, Person.id == Enrolment.person_id)
    .join(Course, Course.id == Enrolment.course_id)
    .join(CourseVersion, CourseVersion.id == Course.version_id)
    .outerjoin(Organisation, Organisation.id == Enrolment.organisation_id)
)


# Built once: the player asks one of these on every page.
_BY_ENROLMENT = Prepared(_LEARNERS.where(Enrolment.id == sa.bindparam("enrolment_id")))
_BY_PERSON_IN_AREA = Prepared(
    _LEARNERS.where(
        Enrolment.person_id == sa.bindparam("person_id"),
        Course.slug == sa.bindparam("slug"),
        sa.exists().where(Offer.course_id == Course.id, Offer.area == sa.bindparam("offered_in")),
    ),
    opens=False,
)


def get_learner(db: Session, enrolment_id: int) -> Learner:
    """The learner of this enrolment. Raises `NotFound`. Whoever calls has checked that she may be seen."""
    row: Sequence[Any] | None = _BY_ENROLMENT.first(db, enrolment_id=enrolment_id)
    if row is None:
        raise NotFound(f"enrolment {enrolment_id}")
    return Learner(*row)


def find_learner(db: Session, person_id: int, course_slug: str, *, area: str) -> Learner | None:
    """The person's own enrolment in a course of this area, withdrawn or not; None when there is none.

    Who is enrolled goes on learning after the offer ended, but never in an area that did not offer the course.
    """
    row = _BY_PERSON_IN_AREA.first(db, person_id=person_id, slug=course_slug, offered_in=area)
    return None if row is None else Learner(*row)


def list_learners(db: Session, enrolment_ids: Sequence[int]) -> list[Learner]:
    """The learners of these enrolments, in one statement and in no order: for whoever enrols a whole list."""
    rows: Sequence[Sequence[Any]] = db.execute(_LEARNERS.where(Enrolment.id.in_(enrolment_ids))).all()
    return [Learner(*row) for row in rows]
