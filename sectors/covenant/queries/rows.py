"""The rows behind a figure, as somebody may see them: names only of people in her own areas."""

from __future__ import annotations

from collections import Counter as Tallied
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.models import Course
from lms.accounts.models import Employment, Organisation, Person
from lms.kernel.clock import local
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Identity, Permission
from sectors.covenant.formats import Commitment, Counter, Covenant, Only, Part
from sectors.covenant.formats.periods import Period, end_of, periods_of
from sectors.covenant.models import Participation
from sectors.covenant.queries.settings import Choice
from sectors.covenant.queries.sources import was_open

PAGE_SIZE = 50
NO_COMMITTEE = "-"  # how an address asks for who has no joint committee


@dataclass(frozen=True, slots=True)
class Row:
    """One thing that counts. `id` opens what stands behind it. `name` is already fit for who asks."""

    id: str
    on: date
    name: str
    organisation: str = ""
    joint_committee: str = ""
    area: str = ""
    course: str = ""
    evidence: str = ""
    figure: str = ""


@dataclass(frozen=True, slots=True)
class RowFilter:
    """What somebody asks of a list. `period`: a label, or empty for every period. Pages count from 1; 0 is all rows."""

    part: str = ""
    period: str = ""
    committee: str = ""
    course: str = ""
    search: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class RowPage:
    """A page of rows. `committees` and `courses` are of all rows of the period, whatever else is filtered.

    `committees` adds up to the number of those rows: who has no joint committee stands under an empty name.
    """

    rows: list[Row]
    total: int
    page: int
    committees: list[tuple[str, int]]
    courses: list[tuple[str, str]]

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE_SIZE))


@dataclass(frozen=True, slots=True)
class Wanted:
    """Whose rows are asked: a part of a commitment, its periods, up to and with a day, by whom."""

    covenant: Covenant
    commitment: Commitment
    part: Part
    periods: tuple[Period, ...]
    labels: frozenset[str]
    cut_off: date
    identity: Identity
    counts_people: bool = False

    def holds(self, day: date) -> bool:
        """Whether a day is in one of the periods and not after the cut-off."""
        return day <= self.cut_off and any(day in period for period in self.periods)


def wanted_rows(
    covenant: Covenant, commitment: Commitment, choice: Choice, given: RowFilter, *, cut_off: date, identity: Identity
) -> Wanted:
    """What a filter means. An unknown part or period means the first, and every period."""
    part = next((part for part in commitment.part if part.key == given.part), commitment.part[0])
    periods = periods_of(covenant, part, calendar=choice.is_calendar)
    chosen = tuple(period for period in periods if period.label == given.period) or periods
    labels = frozenset(period.label for period in periods)
    counts_people = choice.counts_people and part.counter is Counter.PARTICIPATIONS
    return Wanted(covenant, commitment, part, chosen, labels, cut_off, identity, counts_people)


def name_for(identity: Identity, area: str, name: str, organisation: str) -> str:
    """The name of somebody of this area, or only where she works when that is not for who asks."""
    if may_see_names(identity, area):
        return name or _("Iemand van buiten het platform")
    return _("Medewerker van %(organisation)s", organisation=organisation) if organisation else _("Een medewerker")


def may_see_names(identity: Identity, area: str) -> bool:
    """Whether who asks looks after this area."""
    areas = identity.areas(Permission.SEE_COVENANT)
    return areas is None or area in areas


def full_name(first_name: str | None, last_name: str | None, *, erased: bool) -> str:
    """Last name first, as lists have it."""
    if erased:
        return _("Gewiste persoon")
    return ", ".join(filter(None, (last_name, first_name)))


def page_of(rows: Iterable[Row], given: RowFilter) -> RowPage:
    """Filter, count and cut rows that are all at hand."""
    everything = sorted(rows, key=lambda row: (row.on, row.name), reverse=True)
    committees = Tallied(row.joint_committee for row in everything)
    courses = sorted({(row.course, row.course) for row in everything if row.course})
    found = [row for row in everything if _matches(row, given)]
    page = min(max(given.page, 1), max(1, -(-len(found) // PAGE_SIZE)))
    shown = found if given.page == 0 else found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    return RowPage(shown, len(found), page, sorted(committees.items()), courses)


def _matches(row: Row, given: RowFilter) -> bool:
    words = f"{row.name} {row.organisation} {row.course} {row.evidence}".lower()
    return (
        given.committee in ("", row.joint_committee or NO_COMMITTEE)
        and given.course in ("", row.course)
        and all(word in words for word in given.search.lower().split())
    )


# ---- participations: many, so the database filters and cuts ----------------------------------------------------------


def is_participations(part: Part) -> bool:
    """Whether a part's rows are participations."""
    return part.counter in (Counter.PARTICIPATIONS, Counter.PEOPLE)


def list_participations(db: Session, wanted: Wanted, given: RowFilter, course_ids: Sequence[int] | None) -> RowPage:
    """Participations by day, the last first. `course_ids`: only in these courses. Four questions."""
    day: Any = Participation.counted_on if wanted.part.only is Only.INTERSECTORAL else Participation.started_on
    counted = _counted(wanted, day, course_ids)
    found = [*counted, *_asked(wanted, given)]
    total = db.scalar(_from(sa.select(sa.func.count())).where(*found)) or 0
    page = min(max(given.page, 1), max(1, -(-total // PAGE_SIZE)))
    question = _from(sa.select(*_COLUMNS, day.label("day"))).where(*found).order_by(day.desc(), Participation.id.desc())
    if given.page:
        question = question.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    rows = [_participation_row(row, wanted.identity) for row in db.execute(question)]
    return RowPage(rows, total, page, _committees(db, counted), _courses(db, counted))


_COLUMNS = (
    Participation.id,
    Participation.area,
    Participation.joint_committee,
    Participation.attended_on,
    Participation.completed_on,
    Person.first_name,
    Person.last_name,
    Person.erased_at,
    Organisation.name.label("organisation"),
    Course.title,
)


def _from(question: sa.Select[*tuple[Any, ...]]) -> Any:
    return (
        question.select_from(Participation)
        .join(Course, Course.id == Participation.course_id)
        .outerjoin(Person, Person.id == Participation.person_id)
        .outerjoin(Organisation, Organisation.id == Participation.organisation_id)
    )


def _counted(wanted: Wanted, day: Any, course_ids: Sequence[int] | None) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [day.is_not(None), day <= wanted.cut_off]
    if wanted.part.only is Only.INTERSECTORAL:
        conditions.append(Participation.year.in_([period.label for period in wanted.periods]))
    else:
        first, last = wanted.periods[0].first, wanted.periods[-1].last
        conditions += [Participation.is_calendar.is_(False), day >= first, day <= last]
    if wanted.part.only is Only.EDUCATION:
        conditions.append(Participation.is_education.is_(True))
    if course_ids is not None:
        conditions.append(Participation.course_id.in_(course_ids))
    if wanted.counts_people or wanted.part.counter is Counter.PEOPLE:
        conditions.append(Participation.id.in_(_first_of_each_person(wanted, day, conditions)))
    return conditions


def _first_of_each_person(wanted: Wanted, day: Any, counted: list[sa.ColumnElement[bool]]) -> Any:
    """The participation by which each person counts: her first; in the intersectoral offer her first of each year."""
    each: list[Any] = [Participation.person_key]
    if wanted.part.only is Only.INTERSECTORAL:
        each.append(Participation.year)
    place = sa.func.row_number().over(partition_by=each, order_by=(day, Participation.id)).label("place")
    placed = sa.select(Participation.id, place).where(*counted).subquery()
    return sa.select(placed.c.id).where(placed.c.place == 1)


def _asked(wanted: Wanted, given: RowFilter) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    if given.committee:
        committee = "" if given.committee == NO_COMMITTEE else given.committee
        conditions.append(Participation.joint_committee == committee)
    if given.course:
        conditions.append(Course.slug == given.course)
    area, organisation = Participation.area, Organisation.name
    return conditions + [_holds_word(wanted.identity, word, area, organisation) for word in given.search.split()]


def _holds_word(
    identity: Identity, word: str, area: sa.SQLColumnExpression[str], organisation: sa.SQLColumnExpression[str]
) -> sa.ColumnElement[bool]:
    """In the organisation's name, or in the name of somebody whose name she may see: a search is no way around that."""
    areas = identity.areas(Permission.SEE_COVENANT)
    in_name = sa.or_(
        Person.first_name.icontains(word, autoescape=True), Person.last_name.icontains(word, autoescape=True)
    )
    seen = sa.true() if areas is None else area.in_(sorted(areas))
    return sa.or_(organisation.icontains(word, autoescape=True), sa.and_(seen, in_name))


def _participation_row(row: Any, identity: Identity) -> Row:
    name = full_name(row.first_name, row.last_name, erased=row.erased_at is not None)
    organisation = row.organisation or ""
    return Row(
        id=f"p{row.id}",
        on=row.day,
        name=name_for(identity, row.area, name, organisation),
        organisation=organisation,
        joint_committee=row.joint_committee,
        area=row.area,
        course=row.title,
        evidence=_what_she_did(row),
    )


def _what_she_did(row: Any) -> str:
    if row.attended_on is not None:
        return _("Aanwezig")
    return _("Online klaar") if row.completed_on is not None else _("Begonnen")


def _committees(db: Session, counted: list[sa.ColumnElement[bool]]) -> list[tuple[str, int]]:
    committee = Participation.joint_committee
    rows = db.execute(sa.select(committee, sa.func.count()).where(*counted).group_by(committee).order_by(committee))
    return [(name, count) for name, count in rows]


def _courses(db: Session, counted: list[sa.ColumnElement[bool]]) -> list[tuple[str, str]]:
    ids = sa.select(Participation.course_id).where(*counted)
    rows = db.execute(sa.select(Course.slug, Course.title).where(Course.id.in_(ids)).order_by(Course.title))
    return [(slug, title) for slug, title in rows]


# ---- accounts: as many as there are people, so here too --------------------------------------------------------------


def list_accounts(db: Session, wanted: Wanted, given: RowFilter) -> RowPage:
    """Open accounts, the newest first: where people work is shown, and their names to who looks after their area.

    Three questions, whatever the number of accounts.
    """
    job = _jobs_on(wanted.cut_off)
    committee = sa.func.coalesce(job.c.joint_committee, "")
    counted = [Person.is_test.is_(False), was_open(end_of(wanted.cut_off))]
    found = [*counted, *(_account_holds(wanted.identity, job, word) for word in given.search.split())]
    if given.committee:
        found.append(committee == ("" if given.committee == NO_COMMITTEE else given.committee))
    accounts = sa.outerjoin(Person, job, job.c.person_id == Person.id)
    count = sa.select(sa.func.count()).select_from(accounts)
    total = db.scalar(count.where(*found)) or 0
    page = min(max(given.page, 1), max(1, -(-total // PAGE_SIZE)))
    question = (
        sa.select(Person.first_name, Person.last_name, Person.created_at, Person.erased_at, job)
        .select_from(accounts)
        .where(*found)
        .order_by(Person.created_at.desc(), Person.id.desc())
    )
    if given.page:
        question = question.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)
    rows = [_account_row(row, wanted.identity) for row in db.execute(question)]
    committees = db.execute(count.add_columns(committee).where(*counted).group_by(committee).order_by(committee))
    return RowPage(rows, total, page, [(name, number) for number, name in committees], [])


def _jobs_on(day: date) -> sa.Subquery:
    """Where each person works on a day: the job that began last."""
    latest = (Employment.started_on.desc(), Employment.id.desc())
    place = sa.func.row_number().over(partition_by=Employment.person_id, order_by=latest).label("place")
    jobs = (
        sa.select(
            Employment.person_id,
            Organisation.name.label("organisation"),
            Organisation.area,
            Organisation.joint_committee,
            place,
        )
        .join(Organisation, Organisation.id == Employment.organisation_id)
        .where(Employment.started_on <= day, sa.or_(Employment.ended_on.is_(None), Employment.ended_on >= day))
        .subquery()
    )
    return sa.select(jobs).where(jobs.c.place == 1).subquery()


def _account_holds(identity: Identity, job: sa.Subquery, word: str) -> sa.ColumnElement[bool]:
    return _holds_word(identity, word, sa.func.coalesce(job.c.area, ""), job.c.organisation)


def _account_row(row: Any, identity: Identity) -> Row:
    name = full_name(row.first_name, row.last_name, erased=row.erased_at is not None)
    area, organisation = row.area or "", row.organisation or ""
    return Row(
        id="",
        on=local(row.created_at).date(),
        name=name_for(identity, area, name, organisation),
        organisation=organisation,
        joint_committee=row.joint_committee or "",
        area=area,
        evidence=_("Account open"),
    )
