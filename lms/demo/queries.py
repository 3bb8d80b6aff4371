"""What the demo asks of the database: is it ours to tell in, is it told, and what does it hold."""

from __future__ import annotations

from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.certificates.models import Certificate
from courses.enrolment.models import Enrolment
from courses.quizzes.models import Attempt
from courses.sessions.models import Booking, CourseSession
from lms.accounts.models import Employment, Organisation, Person
from sectors.covenant.models import Participation
from xapi.statements.models import Statement

COUNTED = (
    ("organisations", Organisation),
    ("people", Person),
    ("enrolments", Enrolment),
    ("sessions", CourseSession),
    ("bookings", Booking),
    ("attempts", Attempt),
    ("certificates", Certificate),
    ("statements", Statement),
    ("participations", Participation),
)


def count_strangers(db: Session, *, user_names: Collection[str], kbo_range: str) -> int:
    """People who are not of the demo: none of its sign-ins, and in no employer whose number starts like the demo's."""
    works_here = (
        sa.select(Employment.id)
        .join(Organisation, Organisation.id == Employment.organisation_id)
        .where(Employment.person_id == Person.id, Organisation.kbo.startswith(kbo_range))
    )
    is_one_of_ours = sa.and_(Person.user_name.is_not(None), Person.user_name.in_(user_names))
    question = sa.select(sa.func.count()).select_from(Person).where(sa.not_(is_one_of_ours), ~works_here.exists())
    return db.scalar(question) or 0


def count_people(db: Session) -> int:
    """Everybody with an account."""
    return db.scalar(sa.select(sa.func.count()).select_from(Person)) or 0


def is_told(db: Session, user_names: Collection[str]) -> bool:
    """Whether the story stands to its last sentence: the demo's sign-ins get their passwords at the very end."""
    ready = sa.select(sa.func.count()).where(Person.user_name.in_(user_names), Person.password_hash.is_not(None))
    return db.scalar(ready) == len(user_names)


def count_rows(db: Session) -> dict[str, int]:
    """How much of everything there is, for the last lines of the telling."""
    return {name: db.scalar(sa.select(sa.func.count()).select_from(model)) or 0 for name, model in COUNTED}


def find_booking(db: Session, session_id: int, person_id: int) -> Booking | None:
    """Her booking at this session, in whatever state, or None."""
    return db.scalar(sa.select(Booking).where(Booking.session_id == session_id, Booking.person_id == person_id))
