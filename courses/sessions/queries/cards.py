"""Questions about taught meetings: what a learner may book, what she has, and who stands on a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from courses.catalogue.models import Course, CourseVersion
from courses.catalogue.queries import get_outline
from courses.enrolment.models import Enrolment
from courses.sessions.formats import CalendarEntry, entry_to_ics
from courses.sessions.models import (
    BOOKED,
    CANCELLED,
    PRESENT,
    WAITING,
    WALK_IN,
    WEBINAR,
    Attendance,
    Booking,
    CourseSession,
)
from lms.kernel import clock
from lms.kernel.db import UtcDateTime
from lms.kernel.identity import Identity
from lms.kernel.prepared import Prepared


@dataclass(frozen=True, slots=True)
class SessionCard:
    """A meeting as one learner sees it: everything she must know before she confirms her place.

    `link` is filled only for who has a place. `state` is her own: booked, waiting, walk-in, or empty.
    `waiting_place`: 1 is the next to get a seat. `cost`, `cancellation` and `bring` are the course's own sentences.
    """

    id: int
    uuid: UUID
    course_id: int
    course_slug: str
    course_title: str
    step: str
    title: str
    mode: str
    starts_at: datetime
    ends_at: datetime
    place: str
    address: str
    travel: str
    link: str
    seats: int
    contact_hours: Decimal
    area: str | None
    closes_at: datetime | None
    free_until: datetime | None
    cancel_fee: Decimal
    held_at: datetime | None
    cancelled_at: datetime | None
    taken: int
    waiting: int
    enrolment_id: int
    booking_id: int | None
    state: str
    waiting_place: int | None
    cost: str = ""
    cancellation: str = ""
    bring: str = ""

    @property
    def seats_left(self) -> int:
        """How many seats nobody has yet."""
        return max(0, self.seats - self.taken)

    @property
    def is_full(self) -> bool:
        """Whether who asks now has to wait."""
        return self.seats_left == 0

    @property
    def is_online(self) -> bool:
        """Whether one takes part by a link."""
        return self.mode == WEBINAR

    @property
    def has_place(self) -> bool:
        """Whether a seat is hers."""
        return self.state in (BOOKED, WALK_IN)

    @property
    def is_open(self) -> bool:
        """Whether one can still ask for a place."""
        now = clock.now()
        return (
            self.cancelled_at is None
            and self.held_at is None
            and now < self.starts_at
            and (self.closes_at is None or now < self.closes_at)
        )

    @property
    def can_cancel(self) -> bool:
        """Whether she has something to give back, and the meeting has not begun."""
        return self.state in (BOOKED, WAITING) and clock.now() < self.starts_at

    @property
    def fee_now(self) -> Decimal:
        """What cancelling costs at this moment, in euros."""
        return cancellation_fee(self, self.state, clock.now())


def cancellation_fee(session: CourseSession | SessionCard, state: str, now: datetime) -> Decimal:
    """What cancelling costs at `now`: nothing while waiting or in time, else the fee for each day of the meeting."""
    if state != BOOKED or session.free_until is None or now <= session.free_until:
        return Decimal(0)
    days = (clock.local(session.ends_at).date() - clock.local(session.starts_at).date()).days + 1
    return session.cancel_fee * days


# ---- for a learner ---------------------------------------------------------------------------------------------------

_mine = aliased(Booking)
_ahead = aliased(Booking)


def _count(state: str) -> sa.ScalarSelect[int]:
    booking = aliased(Booking)
    return (
        sa.select(sa.func.count())
        .where(booking.session_id == CourseSession.id, booking.state == state)
        .correlate(CourseSession)
        .scalar_subquery()
    )


_waiting_place = (
    sa.select(sa.func.count())
    .where(_ahead.session_id == _mine.session_id, _ahead.state == WAITING, _ahead.turn <= _mine.turn)
    .correlate(_mine)
    .scalar_subquery()
)

_CARDS = (
    sa.select(
        CourseSession.id,
        CourseSession.uuid,
        CourseSession.course_id,
        Course.slug,
        Course.title,
        CourseSession.step,
        CourseSession.title,
        CourseSession.mode,
        CourseSession.starts_at,
        CourseSession.ends_at,
        CourseSession.place,
        CourseSession.address,
        CourseSession.travel,
        CourseSession.link,
        CourseSession.seats,
        CourseSession.contact_hours,
        CourseSession.area,
        CourseSession.closes_at,
        CourseSession.free_until,
        CourseSession.cancel_fee,
        CourseSession.held_at,
        CourseSession.cancelled_at,
        _count(BOOKED),
        _count(WAITING),
        Enrolment.id,
        _mine.id,
        sa.func.coalesce(_mine.state, ""),
        sa.case((_mine.state == WAITING, _waiting_place)),
        CourseVersion.id,
        CourseVersion.sha256,
    )
    .join(Course, Course.id == CourseSession.course_id)
    .join(CourseVersion, CourseVersion.id == Course.version_id)
    .join(
        Enrolment,
        sa.and_(
            Enrolment.course_id == CourseSession.course_id,
            Enrolment.withdrawn_at.is_(None),
            sa.or_(CourseSession.area.is_(None), CourseSession.area == Enrolment.area),
        ),
    )
    .outerjoin(
        _mine,
        sa.and_(
            _mine.session_id == CourseSession.id,
            _mine.person_id == Enrolment.person_id,
            _mine.state != CANCELLED,  # who gave her place back may ask again, as anybody
        ),
    )
    .order_by(CourseSession.starts_at, CourseSession.id)
)


# Built once: the home and the course page ask these every time.
_to_come = sa.and_(
    CourseSession.ends_at > sa.bindparam("now", type_=UtcDateTime()), CourseSession.cancelled_at.is_(None)
)
_cards_of_learner = _CARDS.where(Enrolment.id == sa.bindparam("enrolment_id"), _to_come)
_is_mine = sa.or_(*(_mine.state == state for state in (BOOKED, WAITING, WALK_IN)))
_CARDS_OF_LEARNER = Prepared(_cards_of_learner)
_CARDS_OF_STEP = Prepared(_cards_of_learner.where(CourseSession.step == sa.bindparam("step")))
_MY_BOOKINGS = Prepared(_CARDS.where(Enrolment.person_id == sa.bindparam("person_id"), _is_mine, _to_come))


def list_session_cards(db: Session, enrolment_id: int, step: str = "") -> list[SessionCard]:
    """The meetings this learner can choose from or has chosen, soonest first: to come, not called off. One query.

    `step` limits them to one step of her course.
    """
    values = {"enrolment_id": enrolment_id, "now": clock.now()}
    rows = _CARDS_OF_STEP.rows(db, **values, step=step) if step else _CARDS_OF_LEARNER.rows(db, **values)
    return [_card(db, row) for row in rows]


def list_my_bookings(db: Session, identity: Identity) -> list[SessionCard]:
    """The meetings to come at which this person has a place or waits for one, soonest first. One query."""
    rows = _MY_BOOKINGS.rows(db, person_id=identity.person_id, now=clock.now())
    return [_card(db, row) for row in rows]


def find_booking_view(db: Session, identity: Identity, session_uuid: UUID) -> SessionCard | None:
    """One meeting as this person sees it, also when it is over; None when it is not for her."""
    row = db.execute(
        _CARDS.where(CourseSession.uuid == session_uuid, Enrolment.person_id == identity.person_id)
    ).first()
    return None if row is None else _card(db, row)


def find_own_booking(db: Session, identity: Identity, session_uuid: UUID) -> Booking | None:
    """This person's booking at this meeting, or None."""
    return db.scalar(
        sa.select(Booking)
        .join(CourseSession, CourseSession.id == Booking.session_id)
        .where(CourseSession.uuid == session_uuid, Booking.person_id == identity.person_id)
    )


def waits_for_mark(db: Session, enrolment_id: int, step: str) -> bool:
    """Whether she had a place at a meeting of this step that is over, and the list does not speak of her yet."""
    return bool(
        db.scalar(
            sa.select(
                sa.exists()
                .where(Booking.enrolment_id == enrolment_id, Booking.state.in_((BOOKED, WALK_IN)))
                .where(CourseSession.id == Booking.session_id, CourseSession.step == step)
                .where(CourseSession.ends_at <= clock.now(), CourseSession.cancelled_at.is_(None))
                .where(~sa.exists().where(Attendance.booking_id == Booking.id))
            )
        )
    )


def list_hours_attended(db: Session, enrolment_id: int) -> dict[str, Decimal]:
    """The contact hours of the meetings she was at, by step."""
    rows = db.execute(
        sa.select(CourseSession.step, CourseSession.contact_hours)
        .join(Booking, Booking.session_id == CourseSession.id)
        .join(Attendance, Attendance.booking_id == Booking.id)
        .where(Booking.enrolment_id == enrolment_id, Attendance.presence == PRESENT)
    )
    hours: dict[str, Decimal] = {}
    for step, contact_hours in rows:
        hours[step] = hours.get(step, Decimal(0)) + contact_hours
    return hours


def session_calendar(card: SessionCard, *, iri_base: str, url: str) -> bytes:
    """The meeting as an .ics file. `url` leads back to the session's own page, or is empty."""
    return entry_to_ics(
        CalendarEntry(
            uid=f"{card.uuid}@{urlsplit(iri_base).netloc}",
            title=f"{card.course_title}: {card.title}",
            starts_at=card.starts_at,
            ends_at=card.ends_at,
            location=card.link if card.is_online else ", ".join(filter(None, (card.place, card.address))),
            description="\n".join(filter(None, (card.travel, card.bring))),
            url=url,
            stamp=clock.now(),
            is_cancelled=card.cancelled_at is not None,
        )
    )


def _card(db: Session, row: Sequence[Any]) -> SessionCard:
    """The card, with the course's own sentences; its outline is remembered by the process."""
    *columns, version_id, sha256 = row
    card = SessionCard(*columns)
    outline = get_outline(db, version_id, sha256)
    step = outline.step(card.step)
    return replace(
        card,
        link=card.link if card.has_place else "",
        cost=outline.cost,
        cancellation=outline.cancellation,
        bring=step.session.bring if step and step.session else "",
    )
