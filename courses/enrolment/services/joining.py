"""Two people were one: she keeps every course, and is once in each."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.enrolment.events import EnrolmentsJoined, LearnerEnrolled
from courses.enrolment.models import Enrolment, EnrolmentChange
from courses.enrolment.services.enrolling import withdraw_learner
from lms.accounts.events import PersonJoined
from lms.kernel.events import emit


def join_person(db: Session, event: PersonJoined) -> None:
    """Handler of `PersonJoined`: her enrolments become the account's. Idempotent.

    Where both took the course, the account's own stays: whoever keeps something under the other one hears
    `EnrolmentsJoined` and brings it over, and then the other one is withdrawn. It keeps its registration in the record.
    """
    rows = sa.select(Enrolment).where(Enrolment.person_id.in_((event.person_id, event.into_id))).order_by(Enrolment.id)
    enrolments = db.scalars(rows.with_for_update().execution_options(populate_existing=True)).all()
    own = {enrolment.course_id: enrolment for enrolment in enrolments if enrolment.person_id == event.into_id}
    for enrolment in [enrolment for enrolment in enrolments if enrolment.person_id == event.person_id]:
        into = own.get(enrolment.course_id)
        if into is None:
            enrolment.person_id = event.into_id
            db.flush()
        _tell(db, event, enrolment, into or enrolment)
        if into is not None:
            _leave(db, event, enrolment, into)


def _tell(db: Session, event: PersonJoined, enrolment: Enrolment, into: Enrolment) -> None:
    emit(db, EnrolmentsJoined(enrolment.id, into.id, event.person_id, event.into_id, event.at))


def _leave(db: Session, event: PersonJoined, enrolment: Enrolment, into: Enrolment) -> None:
    """Who was still in the course under one of the two, is in it under the one that stays."""
    if enrolment.withdrawn_at is None and into.withdrawn_at is not None:
        into.withdrawn_at = None
        change = EnrolmentChange(enrolment_id=into.id, what="returned", at=event.at, by_person_id=event.into_id)
        db.add(change)
        db.flush()
        emit(
            db,
            LearnerEnrolled(
                enrolment_id=into.id,
                person_id=into.person_id,
                course_id=into.course_id,
                area=into.area,
                organisation_id=into.organisation_id,
                returned=True,
                at=event.at,
            ),
        )
    withdraw_learner(db, enrolment.id, by_person_id=event.into_id)
