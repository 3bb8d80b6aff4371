"""Enrolling, withdrawing and coming back. One enrolment a person and course, with its history beside it."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.models import Course, Offer
from courses.enrolment.events import LearnerEnrolled, LearnerWithdrew
from courses.enrolment.models import Enrolment, EnrolmentChange
from courses.enrolment.queries import get_learner
from courses.enrolment.services.statements import Verb, record
from lms.accounts.models import Employment, Organisation, Person
from lms.kernel import clock
from lms.kernel.errors import NotFound, Refused
from lms.kernel.events import emit
from lms.kernel.i18n import gettext as _


@dataclass(frozen=True, slots=True)
class EmploymentOf:
    """The job an enrolment is for: its area and organisation are copied into the enrolment."""

    employment_id: int
    organisation_id: int
    area: str


def enrol_learner(
    db: Session,
    *,
    person_id: int,
    course_id: int,
    area: str,
    employment_id: int | None = None,
    by_person_id: int | None = None,
    batch_id: int | None = None,
) -> Enrolment:
    """Enrol somebody in a course offered in `area`; who withdrew comes back, who is in stays in.

    Without `employment_id` her present job is taken, or none. Her area in the count is that of the employer; `area`
    where she has none. Raises `Refused` when the course is not offered there.
    """
    check_offer(db, course_id, area)
    _take_turn(db, person_id)
    job = _employment(db, person_id, employment_id)
    enrolment = db.scalar(
        sa.select(Enrolment).where(Enrolment.person_id == person_id, Enrolment.course_id == course_id)
    )
    if enrolment is not None and enrolment.withdrawn_at is None:
        return enrolment
    returned = enrolment is not None
    if enrolment is None:
        enrolment = Enrolment(person_id=person_id, course_id=course_id, area=area, enrolled_at=clock.now())
        db.add(enrolment)
    enrolment.withdrawn_at = None
    enrolment.batch_id = batch_id
    enrolment.employment_id = job.employment_id if job else None
    enrolment.organisation_id = job.organisation_id if job else None
    enrolment.area = job.area if job else area
    db.flush()
    _note(db, enrolment, "returned" if returned else "enrolled", by_person_id)
    record(db, get_learner(db, enrolment.id), Verb.REGISTERED)
    emit(
        db,
        LearnerEnrolled(
            enrolment_id=enrolment.id,
            person_id=person_id,
            course_id=course_id,
            area=enrolment.area,
            organisation_id=enrolment.organisation_id,
            returned=returned,
            at=clock.now(),
        ),
    )
    return enrolment


def withdraw_learner(db: Session, enrolment_id: int, *, by_person_id: int | None = None) -> None:
    """Take somebody out of a course; without `by_person_id` she leaves by herself. Her progress and statements stay,
    and she may come back. Raises `NotFound`, and whatever a listener refuses.
    """
    enrolment = db.get(Enrolment, enrolment_id, with_for_update=True)
    if enrolment is None:
        raise NotFound(f"enrolment {enrolment_id}")
    if enrolment.withdrawn_at is not None:
        return
    enrolment.withdrawn_at = clock.now()
    _note(db, enrolment, "withdrawn", by_person_id)
    emit(
        db,
        LearnerWithdrew(
            enrolment_id=enrolment.id,
            person_id=enrolment.person_id,
            course_id=enrolment.course_id,
            by_person_id=by_person_id,
            at=enrolment.withdrawn_at,
        ),
    )


def check_offer(db: Session, course_id: int, area: str) -> None:
    """Raise `Refused` when the area does not offer this course today."""
    today = clock.today()
    offered = db.scalar(
        sa.select(Offer.id)
        .join(Course, Course.id == Offer.course_id)
        .where(
            Offer.course_id == course_id,
            Offer.area == area,
            Offer.opened_on <= today,
            sa.or_(Offer.closed_on.is_(None), Offer.closed_on >= today),
            Course.archived_at.is_(None),
            Course.version_id.is_not(None),
        )
    )
    if offered is None:
        raise Refused(_("Deze opleiding loopt nu niet in deze afdeling. Kies een andere in het aanbod."))


def _take_turn(db: Session, person_id: int) -> None:
    """Her row is held until the commit: who taps twice is enrolled once, and the second tap finds it done."""
    db.execute(sa.select(Person.id).where(Person.id == person_id).with_for_update(key_share=True))


def _employment(db: Session, person_id: int, employment_id: int | None) -> EmploymentOf | None:
    """The job named, or else the one that began last, has begun by now and still runs."""
    today = clock.today()
    jobs = (
        sa.select(Employment.id, Employment.organisation_id, Organisation.area)
        .join(Organisation, Organisation.id == Employment.organisation_id)
        .where(
            Employment.person_id == person_id,
            sa.or_(Employment.ended_on.is_(None), Employment.ended_on >= today),
        )
        .order_by(Employment.started_on.desc(), Employment.id.desc())
    )
    jobs = jobs.where(Employment.started_on <= today if employment_id is None else Employment.id == employment_id)
    row = db.execute(jobs.limit(1)).first()
    return None if row is None else EmploymentOf(*row)


def _note(db: Session, enrolment: Enrolment, what: str, by_person_id: int | None) -> None:
    db.add(
        EnrolmentChange(
            enrolment_id=enrolment.id, what=what, at=clock.now(), by_person_id=by_person_id or enrolment.person_id
        )
    )
