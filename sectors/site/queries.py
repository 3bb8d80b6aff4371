"""What an area's page and the learner's home show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.formats import Outline, StepKind
from courses.catalogue.models import Course, CourseVersion, Offer
from courses.catalogue.queries import get_outline
from courses.certificates.models import Certificate
from courses.enrolment.models import Enrolment
from courses.progress.models import CourseProgress
from courses.progress.queries import Route, State, get_route
from courses.sessions.models import BOOKED, WAITING, WEBINAR, Booking, CourseSession
from lms.kernel import clock
from lms.kernel.identity import Identity
from lms.kernel.prepared import Prepared
from sectors.site.models import AreaPage, NewsItem

DONE_ON_HOME = 4


@dataclass(frozen=True, slots=True)
class Greeting:
    """The words of an area's page."""

    welcome: str
    text: str
    contact_name: str
    contact_phone: str
    contact_when: str


@dataclass(frozen=True, slots=True)
class News:
    """A message on an area's page."""

    id: int
    title: str
    text: str
    published_at: datetime


@dataclass(frozen=True, slots=True)
class OwnCourse:
    """A course somebody is in, for her home: `area` is where its pages are for her."""

    enrolment_id: int
    slug: str
    title: str
    area: str
    version_id: int
    version_sha: str
    touched_at: datetime | None
    completed_at: datetime | None
    last_step: str
    certificate: UUID | None


@dataclass(frozen=True, slots=True)
class CourseAhead:
    """The course on the card *Ga verder*, with its route."""

    course: OwnCourse
    outline: Outline
    route: Route

    @property
    def mini(self) -> list[tuple[str, bool]]:
        """The dots and leaves of the course: state, and whether it is a moment together."""
        ahead = self.route.next
        return [
            (
                "done" if stop.state is State.DONE else "now" if stop is ahead else "later",
                stop.step.kind is StepKind.SESSION,
            )
            for stop in self.route.stops
        ]

    @property
    def minutes_left(self) -> int:
        """About how long the step ahead still takes."""
        stop = self.route.next
        if stop is None:
            return 0
        seen = len(stop.record.pages_done) if stop.record and stop.step.pages else 0
        share = 1 - seen / len(stop.step.pages) if stop.step.pages else 1
        return max(1, round(stop.step.minutes * share))


def find_greeting(db: Session, area: str) -> Greeting | None:
    """The words of this area's page, or None when nobody wrote any yet."""
    row = db.execute(
        sa.select(
            AreaPage.welcome, AreaPage.text, AreaPage.contact_name, AreaPage.contact_phone, AreaPage.contact_when
        ).where(AreaPage.area == area)
    ).first()
    return None if row is None else Greeting(*row)


def list_news(db: Session, area: str, limit: int = 5) -> Sequence[News]:
    """The newest messages of this area that are not taken off."""
    rows = db.execute(
        sa.select(NewsItem.id, NewsItem.title, NewsItem.text, NewsItem.published_at)
        .where(NewsItem.area == area, NewsItem.archived_at.is_(None))
        .order_by(NewsItem.published_at.desc(), NewsItem.id.desc())
        .limit(limit)
    )
    return [News(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class ComingSession:
    """A taught moment a visitor may see: when, of which course, and whether there is room."""

    starts_at: datetime
    ends_at: datetime
    course_slug: str
    course_title: str
    title: str
    place: str
    is_online: bool
    seats: int
    taken: int
    waiting: int

    @property
    def seats_left(self) -> int:
        """How many seats nobody has yet."""
        return max(0, self.seats - self.taken)


def list_coming_sessions(db: Session, area: str, *, limit: int) -> Sequence[ComingSession]:
    """The next taught moments of what this area offers, as long as one can ask for a place."""
    rows: Iterable[Sequence[Any]] = db.execute(
        sa.select(
            CourseSession.starts_at,
            CourseSession.ends_at,
            Course.slug,
            Course.title,
            CourseSession.title,
            CourseSession.place,
            CourseSession.mode == WEBINAR,
            CourseSession.seats,
            _count_places(BOOKED),
            _count_places(WAITING),
        )
        .join(Course, Course.id == CourseSession.course_id)
        .join(Offer, sa.and_(Offer.course_id == Course.id, Offer.area == area))
        .where(
            CourseSession.starts_at > clock.now(),
            CourseSession.cancelled_at.is_(None),
            sa.or_(CourseSession.closes_at.is_(None), CourseSession.closes_at > clock.now()),
            sa.or_(CourseSession.area.is_(None), CourseSession.area == area),
            sa.or_(Offer.closed_on.is_(None), Offer.closed_on >= clock.today()),
        )
        .order_by(CourseSession.starts_at)
        .limit(limit)
    )
    return [ComingSession(*row) for row in rows]


def _count_places(state: str) -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.count())
        .where(Booking.session_id == CourseSession.id, Booking.state == state)
        .correlate(CourseSession)
        .scalar_subquery()
    )


# Built once: the home is asked for more often than any other page. A course is shown in the area of her enrolment where
# that area offers it, else in one that does.
_offers = sa.select(sa.func.min(Offer.area)).where(Offer.course_id == Enrolment.course_id).correlate(Enrolment)
_OWN_COURSES = Prepared(
    sa.select(
        Enrolment.id,
        Course.slug,
        Course.title,
        sa.func.coalesce(_offers.where(Offer.area == Enrolment.area).scalar_subquery(), _offers.scalar_subquery()),
        CourseVersion.id,
        CourseVersion.sha256,
        CourseProgress.touched_at,
        CourseProgress.completed_at,
        sa.func.coalesce(CourseProgress.step, ""),
        Certificate.uuid,
    )
    .join(Course, Course.id == Enrolment.course_id)
    .join(CourseVersion, CourseVersion.id == Course.version_id)
    .outerjoin(CourseProgress, CourseProgress.enrolment_id == Enrolment.id)
    .outerjoin(Certificate, Certificate.enrolment_id == Enrolment.id)
    .where(Enrolment.person_id == sa.bindparam("person_id"), Enrolment.withdrawn_at.is_(None))
    .order_by(
        CourseProgress.completed_at.is_not(None),
        CourseProgress.touched_at.is_(None),
        sa.func.coalesce(CourseProgress.touched_at, Enrolment.enrolled_at).desc(),
    )
)


def list_own_courses(db: Session, identity: Identity) -> Sequence[OwnCourse]:
    """The courses she is in: what she touched last first, then what she did not begin, what is complete last."""
    return [OwnCourse(*row) for row in _OWN_COURSES.rows(db, person_id=identity.person_id)]


def find_course_ahead(db: Session, courses: Sequence[OwnCourse]) -> CourseAhead | None:
    """The first course that is not complete, with the way through it; None when there is none."""
    for course in courses:
        if course.completed_at is None:
            outline = get_outline(db, course.version_id, course.version_sha)
            return CourseAhead(course, outline, get_route(db, outline, course.enrolment_id, course.last_step))
    return None
