"""The staff list: who works here, what she takes, how far she is. A handful of statements, whatever the number.

Only enrolments for this employer are shown: what somebody learns for another job is not this officer's business.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.models import Course, CourseVersion
from courses.catalogue.queries import get_outline
from courses.enrolment.models import Enrolment
from courses.progress.models import CourseProgress
from courses.sessions.models import BOOKED, WALK_IN, Booking, CourseSession
from lms.accounts.models import Employment, Establishment, Person
from lms.accounts.queries import goes_on
from lms.kernel import clock
from lms.kernel.names import name_order

PAGE_SIZE = 50
QUIET_DAYS = 30
SORTS = ("name", "job", "place", "progress", "session", "learnt", "status")
VIEWS = ("all", "todo", "behind", "year")


@dataclass(frozen=True, slots=True)
class StaffFilter:
    """What the officer asked for. `course`: a slug; `direction`: up or down."""

    view: str = "all"
    search: str = ""
    place: int | None = None
    job_title: str = ""
    course: str = ""
    sort: str = "name"
    direction: str = "up"


@dataclass(frozen=True, slots=True)
class StaffRow:
    """Somebody on the list. With a course chosen `done` of `total` are its steps, else courses.

    `status`: done, todo (began nothing), busy, behind (began, is not done, learnt nothing for 30 days and has no
    session ahead), or none.
    """

    uuid: UUID
    first_name: str
    last_name: str
    staff_number: str
    job_title: str
    place: str
    done: int
    total: int
    next_session: datetime | None
    learnt_at: datetime | None
    status: str


@dataclass(frozen=True, slots=True)
class ViewCounts:
    """How many people each saved view holds."""

    all: int
    todo: int
    behind: int
    year: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What the list can be filtered by, as (value, words)."""

    places: list[tuple[int, str]]
    job_titles: list[str]
    courses: list[tuple[str, str]]


def list_staff(
    db: Session, organisation_id: int, wanted: StaffFilter, *, limit: int | None = PAGE_SIZE, offset: int = 0
) -> list[StaffRow]:
    """The people of this employer who fit, sorted. Two statements at most. Whoever calls has checked the employer."""
    steps = _count_steps(db, wanted.course) if wanted.course else None
    people = _people(organisation_id, wanted).subquery()
    chosen = sa.select(people).where(_in_view(people, wanted.view)).order_by(*_order(people, wanted))
    rows = db.execute(chosen.limit(limit).offset(offset) if limit else chosen)
    return [_row(row, steps) for row in rows]


def count_views(db: Session, organisation_id: int, wanted: StaffFilter) -> ViewCounts:
    """How many people who fit the filters stand in each view. One statement."""
    people = _people(organisation_id, wanted).subquery()
    counts = [sa.func.coalesce(sa.func.sum(sa.case((_in_view(people, view), 1), else_=0)), 0) for view in VIEWS]
    row: Sequence[Any] = db.execute(sa.select(*counts).select_from(people)).one()
    return ViewCounts(*row)


def list_choices(db: Session, organisation_id: int) -> Choices:
    """The places, functions and courses that occur here. Three statements."""
    places = db.execute(
        sa.select(Establishment.id, Establishment.name)
        .where(Establishment.organisation_id == organisation_id)
        .order_by(Establishment.name)
    )
    titles = db.scalars(
        sa.select(Employment.job_title)
        .where(Employment.organisation_id == organisation_id, goes_on(), Employment.job_title != "")
        .distinct()
        .order_by(Employment.job_title)
    )
    courses = db.execute(
        sa.select(Course.slug, Course.title)
        .where(Course.id.in_(sa.select(Enrolment.course_id).where(Enrolment.organisation_id == organisation_id)))
        .order_by(Course.title)
    )
    return Choices([(key, name) for key, name in places], list(titles), [(slug, title) for slug, title in courses])


def works_at(organisation_id: int) -> sa.ColumnElement[bool]:
    """The condition on `Person` for who works at this employer now."""
    return sa.exists().where(
        Employment.person_id == Person.id, Employment.organisation_id == organisation_id, goes_on()
    )


# ---- the one big question --------------------------------------------------------------------------------------------


def _people(organisation_id: int, wanted: StaffFilter) -> sa.Select[*tuple[Any, ...]]:
    """A row for each person who fits the filters, with what is counted of her."""
    job = (
        sa.select(sa.func.max(Employment.id))
        .where(Employment.organisation_id == organisation_id, goes_on())
        .group_by(Employment.person_id)
    )
    learning = _learning(organisation_id, wanted.course)
    coming = _coming(organisation_id, wanted.course)
    chosen = (
        sa.select(
            Person.id,
            Person.uuid,
            Person.first_name,
            Person.last_name,
            Employment.staff_number,
            Employment.job_title,
            sa.func.coalesce(Establishment.name, "").label("place"),
            sa.func.coalesce(learning.c.courses, 0).label("courses"),
            sa.func.coalesce(learning.c.completed, 0).label("completed"),
            sa.func.coalesce(learning.c.completed_now, 0).label("completed_now"),
            sa.func.coalesce(learning.c.steps, 0).label("steps"),
            learning.c.learnt_at,
            coming.c.starts_at.label("next_session"),
            _status(learning, coming).label("status"),
        )
        .join(Employment, Employment.person_id == Person.id)
        .outerjoin(Establishment, Establishment.id == Employment.establishment_id)
        .join(learning, learning.c.person_id == Person.id, isouter=not wanted.course)
        .outerjoin(coming, coming.c.person_id == Person.id)
        .where(Employment.id.in_(job), Person.erased_at.is_(None), Person.blocked_at.is_(None))
    )
    return chosen.where(*_filters(wanted))


def _learning(organisation_id: int, course: str) -> sa.Subquery:
    """What each person takes for this employer, counted."""
    this_year = CourseProgress.completed_at >= _start_of_year()
    return (
        sa.select(
            Enrolment.person_id,
            sa.func.count().label("courses"),
            sa.func.count(CourseProgress.completed_at).label("completed"),
            sa.func.sum(sa.case((this_year, 1), else_=0)).label("completed_now"),
            sa.func.count(CourseProgress.enrolment_id).label("started"),
            sa.func.sum(CourseProgress.steps_done).label("steps"),
            sa.func.max(CourseProgress.touched_at).label("learnt_at"),
        )
        .outerjoin(CourseProgress, CourseProgress.enrolment_id == Enrolment.id)
        .where(*_enrolments(organisation_id, course))
        .group_by(Enrolment.person_id)
        .subquery()
    )


def _coming(organisation_id: int, course: str) -> sa.Subquery:
    """The next session each person has a place at."""
    return (
        sa.select(Enrolment.person_id, sa.func.min(CourseSession.starts_at).label("starts_at"))
        .join(Booking, Booking.enrolment_id == Enrolment.id)
        .join(CourseSession, CourseSession.id == Booking.session_id)
        .where(
            *_enrolments(organisation_id, course),
            Booking.state.in_((BOOKED, WALK_IN)),
            CourseSession.starts_at > clock.now(),
            CourseSession.cancelled_at.is_(None),
        )
        .group_by(Enrolment.person_id)
        .subquery()
    )


def _enrolments(organisation_id: int, course: str) -> list[sa.ColumnElement[bool]]:
    conditions = [Enrolment.organisation_id == organisation_id, Enrolment.withdrawn_at.is_(None)]
    if course:
        conditions.append(Enrolment.course_id == sa.select(Course.id).where(Course.slug == course).scalar_subquery())
    return conditions


def _status(learning: sa.Subquery, coming: sa.Subquery) -> sa.Case[str]:
    takes, started = learning.c.courses, learning.c.started
    is_quiet = learning.c.learnt_at < clock.now() - timedelta(days=QUIET_DAYS)
    return sa.case(
        (sa.func.coalesce(takes, 0) == 0, "none"),
        (learning.c.completed == takes, "done"),
        (started == 0, "todo"),
        (sa.and_(is_quiet, coming.c.starts_at.is_(None)), "behind"),
        else_="busy",
    )


def _filters(wanted: StaffFilter) -> list[sa.ColumnElement[bool]]:
    words = Person.first_name + " " + Person.last_name + " " + Employment.staff_number
    conditions = [words.icontains(word, autoescape=True) for word in wanted.search.replace(",", " ").split()[:8]]
    if wanted.place is not None:
        conditions.append(Employment.establishment_id == wanted.place)
    if wanted.job_title:
        conditions.append(Employment.job_title == wanted.job_title)
    return conditions


def _in_view(people: sa.Subquery, view: str) -> sa.ColumnElement[bool]:
    if view == "year":
        return people.c.completed_now > 0
    return sa.true() if view not in VIEWS or view == "all" else people.c.status == view


def _order(people: sa.Subquery, wanted: StaffFilter) -> list[sa.ColumnElement[Any]]:
    by_name = [name_order(people.c.last_name, people.c.first_name), people.c.id]
    columns: dict[str, sa.ColumnElement[Any]] = {
        "name": by_name[0],
        "job": sa.func.lower(people.c.job_title),
        "place": sa.func.lower(people.c.place),
        "progress": people.c.steps if wanted.course else people.c.completed,
        "session": people.c.next_session,
        "learnt": people.c.learnt_at,
        "status": people.c.status,
    }
    column = columns.get(wanted.sort, by_name[0])
    # Who has nothing to sort by comes last, both ways: the two databases disagree about that.
    first = column.desc() if wanted.direction == "down" else column.asc()
    return [column.is_(None), first, *by_name]


def _row(row: Any, steps: int | None) -> StaffRow:
    return StaffRow(
        uuid=row.uuid,
        first_name=row.first_name,
        last_name=row.last_name,
        staff_number=row.staff_number,
        job_title=row.job_title,
        place=row.place,
        done=row.completed if steps is None else min(int(row.steps), steps),
        total=row.courses if steps is None else steps,
        next_session=row.next_session,
        learnt_at=row.learnt_at,
        status=row.status,
    )


def _count_steps(db: Session, course: str) -> int:
    version = db.execute(
        sa.select(CourseVersion.id, CourseVersion.sha256)
        .join(Course, Course.version_id == CourseVersion.id)
        .where(Course.slug == course)
    ).first()
    return 0 if version is None else len(get_outline(db, version.id, version.sha256).steps)


def _start_of_year() -> datetime:
    first_day = clock.local(clock.now()).replace(month=1, day=1, hour=0, minute=0, second=0, microsecond=0)
    return first_day.astimezone(UTC)
