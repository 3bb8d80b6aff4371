"""Who was at a meeting for union delegates, and which workplaces she stood for: fixed on the day of the meeting."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.models import Course
from courses.sessions.events import AttendanceMarked
from courses.sessions.models import CourseSession
from lms.accounts.models import Employment, Establishment, Organisation
from lms.kernel.clock import local
from sectors.covenant.formats import Counter, Covenant, Part, covenant_names, load_covenant
from sectors.covenant.models import DelegatePresence, DelegateWorkplace

PRESENT = "present"


def keep_delegate(db: Session, event: AttendanceMarked) -> None:
    """Copy who a delegate was and where she worked, the first time a list says she was present.

    A handler of `AttendanceMarked`. A correction of the list needs nothing here: the list says who counts.
    """
    if event.presence != PRESENT:
        return
    part = _delegates_part(db.scalar(sa.select(Course.marks).where(Course.id == event.course_id)) or [])
    if part is None or db.get(DelegatePresence, event.booking_id) is not None:
        return
    starts_at = db.scalars(sa.select(CourseSession.starts_at).where(CourseSession.id == event.session_id)).one()
    met_on = local(starts_at).date()
    jobs = _jobs(db, event.person_id, met_on)
    db.add(
        DelegatePresence(
            booking_id=event.booking_id,
            session_id=event.session_id,
            person_id=event.person_id,
            met_on=met_on,
            is_secretary=any(title.strip().lower() in part.secretaries for _id, _kbo, _number, title in jobs),
        )
    )
    db.flush()
    places = {(kbo, number or ""): organisation_id for organisation_id, kbo, number, _title in jobs}
    for (kbo, number), organisation_id in sorted(places.items()):
        db.add(
            DelegateWorkplace(
                booking_id=event.booking_id, kbo=kbo, establishment=number, organisation_id=organisation_id
            )
        )
    db.flush()


def _delegates_part(marks: list[str]) -> Part | None:
    """The part of the latest covenant that counts delegates at courses with these marks."""
    for name in reversed(covenant_names()):
        for part in _parts(load_covenant(name)):
            if part.counter is Counter.DELEGATES and part.mark in marks:
                return part
    return None


def _parts(covenant: Covenant) -> list[Part]:
    return [part for commitment in covenant.commitment for part in commitment.part]


def _jobs(db: Session, person_id: int, day: date) -> list[tuple[int, str, str | None, str]]:
    """Employments that run on this day: organisation, KBO number, establishment number, job title."""
    rows = db.execute(
        sa.select(Organisation.id, Organisation.kbo, Establishment.number, Employment.job_title)
        .join(Employment, Employment.organisation_id == Organisation.id)
        .outerjoin(Establishment, Establishment.id == Employment.establishment_id)
        .where(
            Employment.person_id == person_id,
            Employment.started_on <= day,
            sa.or_(Employment.ended_on.is_(None), Employment.ended_on >= day),
        )
        .order_by(Employment.id)
    )
    return [(organisation_id, kbo, number, title) for organisation_id, kbo, number, title in rows]
