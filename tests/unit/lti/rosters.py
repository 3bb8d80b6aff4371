"""Read a roster, and ask who is in which course then."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from courses.catalogue.models import Course
from courses.enrolment.models import Enrolment
from lms.accounts.models import Person
from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.jobs import OutboxRow
from lms.kernel.outgoing import Outgoing
from lms.lti.models import LtiContext, LtiUser
from lms.lti.services import rosters
from tests.factories.lti_places import Place
from tests.unit.lti.conftest import OUT

MEMBERSHIPS = "/context-1/memberships"


def follow(house: Database, place: Place, out: Outgoing = OUT) -> None:
    with house.write() as db:
        db.execute(sa.update(LtiContext).values(roster_due_at=None))
    with clock.moved_to(clock.now() + timedelta(seconds=1)):
        rosters.follow_roster(house, place.context.id, out)


def learners(house: Database) -> dict[str, bool]:
    """Who the platform sent, by what it calls her: whether she is in a course now."""
    with house.read() as db:
        rows = db.execute(
            sa.select(LtiUser.subject, Enrolment.withdrawn_at).join(Enrolment, Enrolment.person_id == LtiUser.person_id)
        )
        return {subject: withdrawn_at is None for subject, withdrawn_at in rows}


def problem(house: Database) -> str:
    with house.read() as db:
        return db.scalars(sa.select(LtiContext.roster_problem)).one()


def person_of(house: Database, subject: str) -> Person:
    with house.read() as db:
        return db.scalars(
            sa.select(Person).join(LtiUser, LtiUser.person_id == Person.id).where(LtiUser.subject == subject)
        ).one()


def waiting(house: Database) -> int:
    with house.read() as db:
        return db.scalar(sa.select(sa.func.count()).where(OutboxRow.kind == rosters.KIND)) or 0


def in_course(house: Database, course: Course) -> set[str]:
    """Who the platform sent and is in this course now."""
    with house.read() as db:
        return set(
            db.scalars(
                sa.select(LtiUser.subject)
                .join(Enrolment, Enrolment.person_id == LtiUser.person_id)
                .where(Enrolment.course_id == course.id, Enrolment.withdrawn_at.is_(None))
            )
        )
