"""What an officer does for people who are enrolled: remind them, and give those without an address a card."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from courses.catalogue.models import Course
from courses.enrolment.models import Enrolment
from courses.progress.models import CourseProgress
from lms.accounts import services as accounts
from lms.accounts.models import Person
from lms.kernel import clock
from lms.kernel.i18n import gettext as _
from lms.kernel.i18n import use_language
from lms.kernel.mail import queue_mail
from sectors.planning.models import Reminder
from sectors.planning.queries.organisations import Desk
from sectors.planning.queries.staff import works_at


@dataclass(frozen=True, slots=True)
class Reminded:
    """How many got a mail, and how many did not, and why."""

    sent: int = 0
    today_already: int = 0
    nothing_to_do: int = 0
    without_email: int = 0


@dataclass(frozen=True, slots=True)
class StartCard:
    """What a card says: a name, what she signs in with, and the way in. `url` works once."""

    name: str
    user_name: str
    url: str


def send_reminders(
    db: Session, desk: Desk, people: Sequence[UUID], *, by_person_id: int, by: str, url: str
) -> Reminded:
    """Mail these colleagues what they can go on with; one mail a person and day, whoever sends it.

    Who does not work here is passed over. `by`: the officer's name; `url`: where *Ga verder* stands.
    """
    open_courses = _open_courses(db, desk, people)
    colleagues = _colleagues(db, desk, people)
    with_courses = [person for person in colleagues if person.id in open_courses]
    reachable = [person for person in with_courses if person.email]
    first = _note(db, desk, [person.id for person in reachable], by_person_id)
    for person in reachable:
        if person.id in first and person.email:
            with use_language(person.language):
                text = _text(person.first_name, by, open_courses[person.id], url)
                queue_mail(db, to=person.email, subject=_("Je opleiding wacht op je"), text=text)
    return Reminded(
        sent=len(first),
        today_already=len(reachable) - len(first),
        nothing_to_do=len(colleagues) - len(with_courses),
        without_email=len(with_courses) - len(reachable),
    )


def make_cards(db: Session, person_ids: Sequence[int]) -> list[StartCard]:
    """A card for each: a link that works once. Cards made for them before stop working."""
    people = {person.id: person for person in db.scalars(sa.select(Person).where(Person.id.in_(person_ids)))}
    return [_card(db, people[person_id]) for person_id in person_ids if person_id in people]


def _card(db: Session, person: Person) -> StartCard:
    return StartCard(person.name, person.user_name or person.email or "", accounts.invite(db, person.id))


def _colleagues(db: Session, desk: Desk, people: Sequence[UUID]) -> Sequence[Person]:
    return db.scalars(
        sa.select(Person)
        .where(Person.uuid.in_(people), works_at(desk.id), Person.erased_at.is_(None), Person.blocked_at.is_(None))
        .order_by(Person.id)
    ).all()


def _open_courses(db: Session, desk: Desk, people: Sequence[UUID]) -> dict[int, list[str]]:
    """The titles of what each of them takes for this employer and has not completed."""
    rows = db.execute(
        sa.select(Enrolment.person_id, Course.title)
        .join(Person, Person.id == Enrolment.person_id)
        .join(Course, Course.id == Enrolment.course_id)
        .outerjoin(CourseProgress, CourseProgress.enrolment_id == Enrolment.id)
        .where(
            Person.uuid.in_(people),
            Enrolment.organisation_id == desk.id,
            Enrolment.withdrawn_at.is_(None),
            CourseProgress.completed_at.is_(None),
        )
        .order_by(Course.title)
    )
    titles: dict[int, list[str]] = defaultdict(list)
    for person_id, title in rows:
        titles[person_id].append(title)
    return titles


def _note(db: Session, desk: Desk, person_ids: Sequence[int], by_person_id: int) -> set[int]:
    """Write down today's reminders; returns whom none was sent to yet. The key decides, also between two officers."""
    if not person_ids:
        return set()
    insert = postgresql.insert if db.get_bind().dialect.name == "postgresql" else sqlite.insert
    rows = [
        {"person_id": person_id, "sent_on": clock.today(), "organisation_id": desk.id, "by_person_id": by_person_id}
        for person_id in person_ids
    ]
    noted = insert(Reminder).values(rows).on_conflict_do_nothing().returning(Reminder.person_id)
    return set(db.scalars(noted))


def _text(first_name: str, by: str, titles: Sequence[str], url: str) -> str:
    return "\n\n".join(
        (
            _("Dag %(name)s,", name=first_name),
            _("%(name)s herinnert je aan je opleiding:", name=by),
            "\n".join(f"- {title}" for title in titles),
            _("Ga hier verder waar je gebleven was:"),
            url,
            _("Tot binnenkort,\nLeerlabo"),
        )
    )
