"""Enrolments that a context keeps: made because it places the course, and withdrawn when nobody there needs them."""

from __future__ import annotations

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from courses.enrolment.events import EnrolmentsJoined
from courses.enrolment.models import Enrolment
from courses.enrolment.services import enrol_learner, withdraw_learner
from lms.accounts.models import Employment
from lms.kernel import clock
from lms.kernel.db import insert_once
from lms.kernel.errors import Refused
from lms.lti.models import LtiEnrolment, LtiUser, PlatformRegistration

log = structlog.get_logger()


def enrol_member(
    db: Session, registration: PlatformRegistration, user: LtiUser, course_id: int, context_id: int | None
) -> None:
    """She learns in this context, which places the course: she is in the course, for the platform's organisation.

    Who took it of her own accord goes on doing so, and no context keeps that. Raises `Refused` when the area does not
    offer the course.
    """
    found = find_enrolment(db, user.person_id, course_id)
    if found is None or found.withdrawn_at is not None:
        found = enrol_for(db, registration, user.person_id, course_id)
    elif not _is_held(db, found.id):
        return
    if context_id is not None:
        _hold(db, context_id, user.id, found.id)


def enrol_for(db: Session, registration: PlatformRegistration, person_id: int, course_id: int) -> Enrolment:
    """In the area and for the organisation of the platform. Raises `Refused` when the area does not offer it."""
    job = _find_job(db, person_id, registration.organisation_id)
    return enrol_learner(db, person_id=person_id, course_id=course_id, area=registration.area, employment_id=job)


def let_go(db: Session, context_id: int, user_id: int, *, course_id: int | None = None) -> int:
    """She does not learn there any more, or (`course_id`) not in this course; returns from how many courses she goes.

    What she learnt stays. A course that another context keeps, or a place at a meeting that costs money, keeps her in.
    """
    held = (
        sa.select(LtiEnrolment)
        .join(Enrolment, Enrolment.id == LtiEnrolment.enrolment_id)
        .where(LtiEnrolment.context_id == context_id, LtiEnrolment.user_id == user_id, LtiEnrolment.ended_at.is_(None))
    )
    if course_id is not None:
        held = held.where(Enrolment.course_id == course_id)
    count = 0
    for hold in db.scalars(held).all():
        hold.ended_at = clock.now()
        db.flush()
        if not _is_held(db, hold.enrolment_id):
            count += _withdraw(db, hold)
    return count


def is_kept(db: Session, context_id: int, user_id: int, course_id: int) -> bool:
    """Whether this context keeps her in the course now; also when she, or her officer, withdrew her meanwhile."""
    found = (
        sa.select(LtiEnrolment.enrolment_id)
        .join(Enrolment, Enrolment.id == LtiEnrolment.enrolment_id)
        .where(
            LtiEnrolment.context_id == context_id,
            LtiEnrolment.user_id == user_id,
            LtiEnrolment.ended_at.is_(None),
            Enrolment.course_id == course_id,
        )
    )
    return db.scalar(found) is not None


def has_left(db: Session, person_id: int, course_id: int) -> bool:
    """Whether she is out of the course, and not because she left the contexts that kept her in it."""
    found = find_enrolment(db, person_id, course_id)
    if found is None or found.withdrawn_at is None:
        return False
    ends = db.scalars(sa.select(LtiEnrolment.ended_at).where(LtiEnrolment.enrolment_id == found.id)).all()
    return not ends or None in ends


def join_enrolments(db: Session, event: EnrolmentsJoined) -> None:
    """Handler of `EnrolmentsJoined`: what she has of her own no context keeps."""
    if not event.is_moved:
        db.execute(sa.delete(LtiEnrolment).where(LtiEnrolment.enrolment_id == event.enrolment_id))


def is_enrolled(db: Session, person_id: int, course_id: int) -> bool:
    """Whether she is in the course now."""
    found = find_enrolment(db, person_id, course_id)
    return found is not None and found.withdrawn_at is None


def find_enrolment(db: Session, person_id: int, course_id: int) -> Enrolment | None:
    """Hers, withdrawn or not."""
    return db.scalar(sa.select(Enrolment).where(Enrolment.person_id == person_id, Enrolment.course_id == course_id))


def _find_job(db: Session, person_id: int, organisation_id: int) -> int | None:
    """Her job at the platform's organisation: the one she learns for."""
    return db.scalar(
        sa.select(Employment.id)
        .where(
            Employment.person_id == person_id,
            Employment.organisation_id == organisation_id,
            Employment.ended_on.is_(None),
        )
        .order_by(Employment.id)
        .limit(1)
    )


def _hold(db: Session, context_id: int, user_id: int, enrolment_id: int) -> None:
    key = {"context_id": context_id, "user_id": user_id, "enrolment_id": enrolment_id}
    if not insert_once(db, LtiEnrolment, **key, created_at=clock.now(), ended_at=None):
        db.execute(sa.update(LtiEnrolment).filter_by(**key).values(ended_at=None))


def _is_held(db: Session, enrolment_id: int) -> bool:
    held = sa.exists().where(LtiEnrolment.enrolment_id == enrolment_id, LtiEnrolment.ended_at.is_(None))
    return bool(db.scalar(held.select()))


def _withdraw(db: Session, hold: LtiEnrolment) -> bool:
    try:
        with db.begin_nested():
            withdraw_learner(db, hold.enrolment_id)
    except Refused:
        log.info("lti_learner_stays", enrolment=hold.enrolment_id)
        hold.ended_at = None
        db.flush()
        return False
    return True
