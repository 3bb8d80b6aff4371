"""Enrolling a whole list: the same rows, statements and events as one by one, in a handful of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.enrolment.events import LearnerEnrolled
from courses.enrolment.models import Enrolment, EnrolmentChange
from courses.enrolment.queries.learners import list_learners
from courses.enrolment.services.enrolling import check_offer
from courses.enrolment.services.statements import IRI_BASE, Verb, build
from lms.kernel import clock
from lms.kernel.events import emit
from xapi.statements.services import store

ALREADY, ELSEWHERE = "already", "elsewhere"
UNCHANGED = (ALREADY, ELSEWHERE)


@dataclass(frozen=True, slots=True)
class Employer:
    """The organisation whose people are enrolled: its area and ids are copied into each enrolment."""

    id: int
    uuid: UUID
    area: str


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What became of one person. `what`: enrolled or returned; already, or elsewhere for another employer, when nothing
    changed.
    """

    enrolment_id: int
    what: str


def enrol_staff(
    db: Session,
    *,
    course_id: int,
    employer: Employer,
    jobs: dict[int, int],
    by_person_id: int,
    batch_id: int,
) -> dict[int, Enrolled]:
    """Enrol the people of one employer; `jobs` is employment id by person id. Returns what became of each.

    What `enrol_learner` does for one: who withdrew comes back, who is in stays in, history, statement and event. Raises
    `Refused` when the course is not offered in the employer's area.
    """
    check_offer(db, course_id, employer.area)
    known = _known(db, course_id, employer, list(jobs))
    outcome = {person_id: Enrolled(key, what) for person_id, (key, what) in known.items() if what}
    back = {person_id: key for person_id, (key, what) in known.items() if not what}
    place: dict[str, Any] = {"organisation_id": employer.id, "area": employer.area, "batch_id": batch_id}
    _take_back(db, {key: jobs[person_id] for person_id, key in back.items()}, place)
    outcome |= {person_id: Enrolled(key, "returned") for person_id, key in back.items()}
    new = [person_id for person_id in jobs if person_id not in known]
    outcome |= _insert(db, course_id, {person_id: jobs[person_id] for person_id in new}, place)
    changed = {person_id: done for person_id, done in outcome.items() if done.what not in UNCHANGED}
    _tell(db, course_id, employer, changed, by_person_id)
    return outcome


def _known(db: Session, course_id: int, employer: Employer, person_ids: Sequence[int]) -> dict[int, tuple[int, str]]:
    """The enrolments there are, by person: id, and already or elsewhere for who is in."""
    rows = db.execute(
        sa.select(
            Enrolment.person_id, Enrolment.id, Enrolment.organisation_id, Enrolment.withdrawn_at.is_not(None)
        ).where(Enrolment.course_id == course_id, Enrolment.person_id.in_(person_ids))
    )
    return {
        person_id: (key, "" if is_out else ALREADY if organisation_id == employer.id else ELSEWHERE)
        for person_id, key, organisation_id, is_out in rows
    }


def _take_back(db: Session, employments: dict[int, int], place: dict[str, Any]) -> None:
    if employments:
        rows = [
            {"id": key, "employment_id": employment_id, "withdrawn_at": None, **place}
            for key, employment_id in employments.items()
        ]
        db.execute(sa.update(Enrolment), rows)


def _insert(db: Session, course_id: int, jobs: dict[int, int], place: dict[str, Any]) -> dict[int, Enrolled]:
    if not jobs:
        return {}
    now = clock.now()
    rows = [
        {"person_id": person_id, "course_id": course_id, "employment_id": employment_id, "enrolled_at": now, **place}
        for person_id, employment_id in jobs.items()
    ]
    added = db.execute(sa.insert(Enrolment).returning(Enrolment.person_id, Enrolment.id), rows)
    return {person_id: Enrolled(key, "enrolled") for person_id, key in added}


def _tell(db: Session, course_id: int, employer: Employer, changed: dict[int, Enrolled], by_person_id: int) -> None:
    """The history, the record and whoever listens, for each person whose enrolment changed."""
    if not changed:
        return
    now = clock.now()
    history = [
        {"enrolment_id": done.enrolment_id, "what": done.what, "at": now, "by_person_id": by_person_id}
        for done in changed.values()
    ]
    db.execute(sa.insert(EnrolmentChange), history)
    learners = list_learners(db, [done.enrolment_id for done in changed.values()])
    statements = [build(db.info[IRI_BASE], learner, Verb.REGISTERED, at=now) for learner in learners]
    store(db, statements, area=employer.area, organisation=employer.uuid)
    for person_id, done in changed.items():
        emit(
            db,
            LearnerEnrolled(
                enrolment_id=done.enrolment_id,
                person_id=person_id,
                course_id=course_id,
                area=employer.area,
                organisation_id=employer.id,
                returned=done.what == "returned",
                at=now,
            ),
        )
