"""Issuing proof when a course is complete."""

from __future__ import annotations

import secrets
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.formats import Outline
from courses.catalogue.queries import get_outline
from courses.certificates.models import Certificate
from courses.enrolment.events import EnrolmentsJoined
from courses.enrolment.models import Enrolment
from courses.enrolment.queries import Learner
from courses.progress.events import CourseCompleted, StepCompleted, StepsRecounted
from courses.progress.queries import list_step_records
from courses.sessions.queries import list_hours_attended
from lms.accounts.events import PersonErased
from lms.accounts.models import Organisation, Person

# No 0, O, 1, I or L: people read the code aloud and type it over.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
CODE_LENGTH = 12
ERASED = "–"


def issue_certificate(db: Session, event: CourseCompleted) -> None:
    """Handler of `CourseCompleted`: issue the certificate, once. A course without one gives none."""
    learner = event.learner
    _issue(db, learner, get_outline(db, learner.version_id, learner.version_sha), event.at)


def issue_when_due(db: Session, event: StepCompleted | StepsRecounted) -> None:
    """Handler of `StepCompleted` and `StepsRecounted`: where the course names the steps its proof asks for, these are
    enough.
    """
    learner = event.learner
    outline = get_outline(db, learner.version_id, learner.version_sha)
    if not outline.certificate_requires:
        return
    records = list_step_records(db, learner.enrolment_id)
    if all(step in records and records[step].completed_at for step in outline.certificate_requires):
        _issue(db, learner, outline, event.at)


def _issue(db: Session, learner: Learner, outline: Outline, at: datetime) -> None:
    issued = db.scalar(sa.select(Certificate.id).where(Certificate.enrolment_id == learner.enrolment_id))
    if issued is not None or not outline.certificate:
        return
    person = db.get_one(Person, learner.person_id)
    organisation = db.get(Organisation, learner.organisation_id) if learner.organisation_id else None
    db.add(
        Certificate(
            code="".join(secrets.choice(ALPHABET) for _place in range(CODE_LENGTH)),
            enrolment_id=learner.enrolment_id,
            person_name=person.name,
            organisation_name=organisation.name if organisation else "",
            title=outline.certificate,
            course_title=outline.title,
            online_hours=outline.online_hours,
            contact_hours=_contact_hours(db, outline, learner.enrolment_id),
            area=learner.area,
            issued_at=at,
        )
    )
    db.flush()


def join_enrolments(db: Session, event: EnrolmentsJoined) -> None:
    """Handler of `EnrolmentsJoined`: her proof is the account's, unless that has its own. What is printed stays."""
    held = sa.exists().where(Certificate.enrolment_id == event.into_id).select()
    if not event.is_moved and not db.scalar(held):
        hers = sa.update(Certificate).where(Certificate.enrolment_id == event.enrolment_id)
        db.execute(hers.values(enrolment_id=event.into_id))


def forget_person(db: Session, event: PersonErased) -> None:
    """Handler of `PersonErased`: the proof stays genuine, and names nobody any more."""
    hers = sa.select(Enrolment.id).where(Enrolment.person_id == event.person_id)
    db.execute(sa.update(Certificate).where(Certificate.enrolment_id.in_(hers)).values(person_name=ERASED))


def _contact_hours(db: Session, outline: Outline, enrolment_id: int) -> str:
    """The hours of the meetings she was at, or those of the course where her presence came from outside; empty where
    there were none.
    """
    done, attended = list_step_records(db, enrolment_id), list_hours_attended(db, enrolment_id)
    hours = [
        attended.get(step.id, Decimal(step.session.contact_hours))
        for step in outline.steps
        if step.session is not None and step.id in done and done[step.id].completed_at is not None
    ]
    return f"{sum(hours, Decimal(0)).normalize():f}" if hours else ""
