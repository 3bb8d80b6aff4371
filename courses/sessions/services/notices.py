"""The mails around a taught meeting, each in the language of who reads it. Who has no address gets none."""

from __future__ import annotations

from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.sessions.models import CourseSession
from lms.accounts.models import Person
from lms.kernel.i18n import format_day, format_time, use_language
from lms.kernel.i18n import gettext as _
from lms.kernel.mail import queue_mail


def tell_moved_up(db: Session, session: CourseSession, person_id: int) -> None:
    """Somebody who waited has a place."""
    for email, language in _addresses(db, [person_id]):
        with use_language(language):
            _send(
                db,
                email,
                _("Je hebt een plaats: %(title)s", title=session.title),
                _("Je stond op de wachtlijst. Er kwam een plaats vrij, en die is nu voor jou."),
                session,
            )


def tell_changed(db: Session, session: CourseSession, person_ids: Iterable[int]) -> None:
    """The date, the hour or the place changed."""
    for email, language in _addresses(db, person_ids):
        with use_language(language):
            _send(
                db,
                email,
                _("Gewijzigd: %(title)s", title=session.title),
                _("De opleider veranderde deze sessie. Kijk na of je nog kan komen."),
                session,
            )


def tell_cancelled(db: Session, session: CourseSession, person_ids: Iterable[int]) -> None:
    """The meeting does not take place."""
    for email, language in _addresses(db, person_ids):
        with use_language(language):
            _send(
                db,
                email,
                _("Gaat niet door: %(title)s", title=session.title),
                _("Deze sessie gaat niet door. Je betaalt niets. Kies een andere datum in je opleiding."),
                session,
            )


def _addresses(db: Session, person_ids: Iterable[int]) -> list[tuple[str, str]]:
    rows = db.execute(
        sa.select(Person.email, Person.language)
        .where(Person.id.in_(list(person_ids)), Person.email.is_not(None), Person.erased_at.is_(None))
        .order_by(Person.id)
    )
    return [(email, language) for email, language in rows if email]


def _send(db: Session, email: str, subject: str, sentence: str, session: CourseSession) -> None:
    queue_mail(db, to=email, subject=subject, text=f"{sentence}\n\n{_when_and_where(session)}\n")


def _when_and_where(session: CourseSession) -> str:
    """Title, day and hours, place: one line each. The link of a webinar stays behind the sign-in."""
    hours = _("%(start)s tot %(end)s uur", start=format_time(session.starts_at), end=format_time(session.ends_at))
    where = _("Online. De link staat in je opleiding.") if session.mode == "webinar" else session.place
    return "\n".join(filter(None, (session.title, f"{format_day(session.starts_at)}, {hours}", where, session.address)))
