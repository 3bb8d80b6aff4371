"""Giving a session step its date, changing it, and calling it off."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.formats import Outline, StepKind
from courses.catalogue.queries import get_current_outline
from courses.sessions.events import SessionCancelled
from courses.sessions.models import (
    BOOKED,
    CANCELLED,
    CLASSROOM,
    PRESENT,
    WAITING,
    WEBINAR,
    Attendance,
    Booking,
    CourseSession,
)
from courses.sessions.services.booking import fill_free_seats, lock_session
from courses.sessions.services.notices import tell_cancelled, tell_changed
from lms.kernel import clock
from lms.kernel.errors import NotFound, Refused
from lms.kernel.events import emit
from lms.kernel.i18n import gettext as _

_TOLD_OF = ("starts_at", "ends_at", "place", "address", "link", "mode")


@dataclass(frozen=True, slots=True)
class SessionDetails:
    """What a trainer decides about a meeting. Moments are UTC; `cancel_fee` is in euros, a day and person."""

    title: str
    mode: str
    starts_at: datetime
    ends_at: datetime
    seats: int
    contact_hours: Decimal
    place: str = ""
    address: str = ""
    travel: str = ""
    link: str = ""
    area: str | None = None
    trainer_id: int | None = None
    closes_at: datetime | None = None
    free_until: datetime | None = None
    cancel_fee: Decimal = Decimal(0)


def plan_session(db: Session, *, course_id: int, step: str, details: SessionDetails) -> CourseSession:
    """Give a session step of the course a date. Raises `NotFound` for another step, `Refused` with wrong fields."""
    _check_step(get_current_outline(db, course_id), step)
    _check(details, now=clock.now())
    session = CourseSession(course_id=course_id, step=step, created_at=clock.now(), **asdict(details))
    db.add(session)
    db.flush()
    return session


def change_session(db: Session, session: CourseSession, details: SessionDetails) -> None:
    """Change the meeting. Who is on its list gets a mail when the moment or the place changed; new seats fill up.

    Raises `Refused` with wrong fields, when there are more people than seats, or when it is over.
    """
    session = lock_session(db, session.id)
    if session.held_at is not None or session.cancelled_at is not None:
        raise Refused(_("Deze sessie is voorbij of geannuleerd. Plan een nieuwe."))
    _check(details)
    people = _people(db, session, BOOKED)
    if details.seats < len(people):
        message = _("Er zijn al %(n)s mensen ingeschreven.", n=len(people))
        raise Refused(message, {"seats": message})
    before = _what_people_are_told(session)
    for name, value in asdict(details).items():
        setattr(session, name, value)
    db.flush()
    if _what_people_are_told(session) != before:
        tell_changed(db, session, people + _people(db, session, WAITING))
    fill_free_seats(db, session)


def cancel_session(db: Session, session: CourseSession) -> None:
    """Call the meeting off: everybody on its list gets a mail and pays nothing. Twice is harmless.

    Raises `Refused` once it was held, or while the list says that somebody was there.
    """
    session = lock_session(db, session.id)
    if session.cancelled_at is not None:
        return
    if session.held_at is not None:
        raise Refused(_("Deze sessie ging al door. Annuleren kan niet meer."))
    if _is_somebody_present(db, session):
        raise Refused(
            _("Er was al iemand aanwezig. Annuleren kan niet meer. Klopt dat niet? Verbeter dan eerst de lijst.")
        )
    now = clock.now()
    session.cancelled_at = now
    tell_cancelled(db, session, _people(db, session, BOOKED, WAITING))
    db.execute(
        sa.update(Booking)
        .where(Booking.session_id == session.id, Booking.state.in_((BOOKED, WAITING)))
        .values(state=CANCELLED, cancelled_at=now)
    )
    db.flush()
    emit(db, SessionCancelled(session.id, session.course_id, session.step, session.area, now))


def _check_step(outline: Outline, step_id: str) -> None:
    step = outline.step(step_id)
    if step is None or step.kind is not StepKind.SESSION:
        raise NotFound(f"{step_id} of {outline.id} is not a session step")


def _check(details: SessionDetails, now: datetime | None = None) -> None:
    """Raise `Refused` with a sentence for each field that cannot be. With `now`, it must be still to come."""
    wrong = {field: sentence for field, is_wrong, sentence in _rules(details, now) if is_wrong}
    if wrong:
        raise Refused(_("Er klopt nog iets niet. Wat je invulde, staat er nog."), wrong)


def _rules(details: SessionDetails, now: datetime | None) -> tuple[tuple[str, bool, str], ...]:
    """Field, whether it is wrong, and what would be right."""
    start = details.starts_at
    has_fee_without_date = details.cancel_fee > 0 and details.free_until is None
    return (
        ("date", now is not None and start <= now, _("Deze datum is voorbij. Kies een dag die nog komt.")),
        ("ends", details.ends_at <= start, _("Het einde komt na het begin.")),
        ("seats", details.seats < 1, _("Vul minstens 1 plaats in.")),
        ("contact_hours", details.contact_hours <= 0, _("Vul het aantal contacturen in.")),
        ("place", details.mode == CLASSROOM and not details.place, _("Vul de plaats in.")),
        ("link", not _is_link(details), _("Vul de link in. Die begint met https://.")),
        ("closes", _is_after(details.closes_at, start), _("Inschrijven stopt voor de sessie begint.")),
        (
            "closes",
            now is not None and start > now and _is_past(details.closes_at, now),
            _("Dan is inschrijven al gesloten. Kies minder dagen."),
        ),
        ("free_until", has_fee_without_date, _("Zeg tot wanneer annuleren gratis is.")),
        ("free_until", _is_after(details.free_until, start), _("Gratis annuleren stopt voor de sessie begint.")),
        ("fee", details.cancel_fee < 0, _("Een bedrag is 0 of meer.")),
    )


def _is_link(details: SessionDetails) -> bool:
    """A webinar needs a link; a meeting in a room may have one."""
    return details.link.startswith("https://") or (details.mode != WEBINAR and not details.link)


def _is_after(moment: datetime | None, start: datetime) -> bool:
    return moment is not None and moment > start


def _is_past(moment: datetime | None, now: datetime) -> bool:
    return moment is not None and moment <= now


def _what_people_are_told(session: CourseSession) -> tuple[object, ...]:
    return tuple(getattr(session, name) for name in _TOLD_OF)


def _is_somebody_present(db: Session, session: CourseSession) -> bool:
    """Presence is in the record and counts: a meeting that was cancelled must not count with it."""
    marked = sa.exists().where(
        Attendance.booking_id == Booking.id, Booking.session_id == session.id, Attendance.presence == PRESENT
    )
    return bool(db.scalar(sa.select(marked)))


def _people(db: Session, session: CourseSession, *states: str) -> list[int]:
    return list(
        db.scalars(
            sa.select(Booking.person_id)
            .where(Booking.session_id == session.id, Booking.state.in_(states))
            .order_by(Booking.turn)
        )
    )
