"""Questions about courses: what is offered where, and what a published version holds."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.formats import Outline, outline_from_json
from courses.catalogue.models import Course, CourseVersion, Offer
from lms.kernel import clock
from lms.kernel.errors import NotFound
from sectors.areas import all_areas

REMEMBERED_OUTLINES = 512
EVERY_AREA = "all"


@dataclass(frozen=True, slots=True)
class OfferedCourse:
    """A course as one area offers it. The outline of its version is fetched apart, by `get_outline`."""

    id: int
    slug: str
    title: str
    summary: str
    topic: str
    is_intersectoral: bool
    version_id: int
    version_sha: str


_OFFERED = (
    sa.select(
        Course.id,
        Course.slug,
        Course.title,
        Course.summary,
        Course.topic,
        Course.is_intersectoral,
        CourseVersion.id,
        CourseVersion.sha256,
    )
    .join(Offer, Offer.course_id == Course.id)
    .join(CourseVersion, CourseVersion.id == Course.version_id)
    .where(Course.archived_at.is_(None))
)


def list_offered_courses(db: Session, area: str, *, topic: str = "", search: str = "") -> Sequence[OfferedCourse]:
    """What the area offers today, by title; of one topic, or with these words in title or summary."""
    rows = _OFFERED.where(Offer.area == area, _is_running()).order_by(Course.title)
    if topic:
        rows = rows.where(Course.topic == topic)
    for word in search.split():
        rows = rows.where(
            sa.or_(Course.title.icontains(word, autoescape=True), Course.summary.icontains(word, autoescape=True))
        )
    return [OfferedCourse(*row) for row in db.execute(rows)]


def find_offered_course(db: Session, area: str, slug: str) -> OfferedCourse | None:
    """The course if this area offers it today, else None: whether it exists elsewhere is not told."""
    row = db.execute(_OFFERED.where(Offer.area == area, Course.slug == slug, _is_running())).first()
    return None if row is None else OfferedCourse(*row)


def get_offered_course(db: Session, area: str, slug: str) -> OfferedCourse:
    """The course if this area offers it today. Raises `NotFound`."""
    course = find_offered_course(db, area, slug)
    if course is None:
        raise NotFound(f"{slug} in {area}")
    return course


# A version never changes and its key is the hash of what it holds, so every process may remember it.
_outlines: dict[str, Outline] = {}


def get_outline(db: Session, version_id: int, sha256: str) -> Outline:
    """The outline of a published version. Raises `NotFound`."""
    outline = _outlines.get(sha256)
    if outline is None:
        data = db.scalar(sa.select(CourseVersion.outline).where(CourseVersion.id == version_id))
        if data is None:
            raise NotFound(f"version {version_id}")
        if len(_outlines) >= REMEMBERED_OUTLINES:
            _outlines.clear()
        outline = _outlines[sha256] = outline_from_json(data)
    return outline


def _is_running() -> sa.ColumnElement[bool]:
    today = clock.today()
    return sa.and_(Offer.opened_on <= today, sa.or_(Offer.closed_on.is_(None), Offer.closed_on >= today))


# ---- for publishing and for the desk: also courses that are offered nowhere ------------------------------------------


def media_key(slug: str, version_sha: str, path: str) -> str:
    """Where storage keeps a file of a published version; `path` is relative to the course (`media/kijk.webm`)."""
    return f"courses/{slug}/{version_sha}/{path}"


def find_course(db: Session, slug: str) -> Course | None:
    """The course with this slug, or None."""
    return db.scalar(sa.select(Course).where(Course.slug == slug))


def get_course(db: Session, slug: str) -> Course:
    """The course with this slug. Raises `NotFound`."""
    course = find_course(db, slug)
    if course is None:
        raise NotFound(slug)
    return course


def find_current_version(db: Session, course_id: int) -> CourseVersion | None:
    """The version people get now, or None."""
    return db.scalar(
        sa.select(CourseVersion).join(Course, Course.version_id == CourseVersion.id).where(Course.id == course_id)
    )


def get_current_outline(db: Session, course_id: int) -> Outline:
    """The outline people get now. Raises `NotFound`."""
    row = db.execute(
        sa.select(CourseVersion.id, CourseVersion.sha256)
        .join(Course, Course.version_id == CourseVersion.id)
        .where(Course.id == course_id)
    ).first()
    if row is None:
        raise NotFound(f"course {course_id}")
    return get_outline(db, row.id, row.sha256)


def count_versions(db: Session, course_id: int) -> int:
    """How many versions were published."""
    return db.scalar(sa.select(sa.func.count()).where(CourseVersion.course_id == course_id)) or 0


def find_offer(db: Session, course_id: int, area: str) -> Offer | None:
    """The offer of a course in an area, open or withdrawn, or None."""
    return db.scalar(sa.select(Offer).where(Offer.course_id == course_id, Offer.area == area))


def list_offered_areas(db: Session, course_id: int) -> Sequence[str]:
    """The slugs of the areas in which the course can be found today, sorted."""
    return db.scalars(
        sa.select(Offer.area).where(Offer.course_id == course_id, _is_running()).order_by(Offer.area)
    ).all()


def has_offer(db: Session, area: str, slug: str) -> bool:
    """Whether this area offers the course, or once did: who enrolled then goes on."""
    return bool(
        db.scalar(sa.select(sa.exists().where(Offer.area == area, Offer.course_id == Course.id, Course.slug == slug)))
    )


def list_courses_with_offer(db: Session, area: str) -> Sequence[tuple[str, str, bool]]:
    """Every course there is, as (slug, title, whether this area offers it today), by title."""
    offered = sa.exists().where(Offer.course_id == Course.id, Offer.area == area, _is_running())
    rows = db.execute(
        sa.select(Course.slug, Course.title, offered)
        .where(Course.archived_at.is_(None), Course.version_id.is_not(None))
        .order_by(Course.title)
    )
    return [(slug, title, is_offered) for slug, title, is_offered in rows]


def list_course_titles(db: Session) -> Sequence[tuple[str, str]]:
    """Slug and title of every course that was ever published, also of those that are archived, by title."""
    rows = db.execute(sa.select(Course.slug, Course.title).where(Course.version_id.is_not(None)).order_by(Course.title))
    return [(slug, title) for slug, title in rows]


def list_areas_by_course(db: Session) -> dict[int, list[str]]:
    """The slugs of the areas in which each course can be found today, sorted; courses offered nowhere are left out."""
    found: dict[int, list[str]] = {}
    for course_id, area in db.execute(sa.select(Offer.course_id, Offer.area).where(_is_running()).order_by(Offer.area)):
        found.setdefault(course_id, []).append(area)
    return found


def named_areas(areas: Collection[str]) -> list[str]:
    """The areas that an outline names, in the order of the areas; "all" means every one."""
    return [area for area in all_areas() if area in areas or EVERY_AREA in areas]
