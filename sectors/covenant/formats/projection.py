"""From milestones to participations. Pure: the same milestones, in any order and however often, give the same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from lms.kernel.clock import local
from sectors.covenant.formats.periods import calendar_year, covenant_year


class MilestoneKind(StrEnum):
    """What a statement says that a participation needs to know."""

    BEGUN = "begun"
    ATTENDED = "attended"
    COMPLETED = "completed"
    VOIDED = "voided"


@dataclass(frozen=True, slots=True)
class Fact:
    """A milestone that still holds, of one person in one course."""

    statement_id: UUID
    kind: MilestoneKind
    at: datetime
    area: str
    organisation_id: int | None

    @property
    def day(self) -> date:
        """The day in Brussels."""
        return local(self.at).date()


@dataclass(frozen=True, slots=True)
class CourseTraits:
    """What of a course decides whether a participation counts: as it was published at one moment."""

    is_intersectoral: bool
    is_all_online: bool


@dataclass(frozen=True, slots=True)
class Counted:
    """A participation as it follows from its milestones, before it knows person and course."""

    year: str
    is_calendar: bool
    area: str
    organisation_id: int | None
    is_intersectoral: bool
    is_all_online: bool
    started_on: date
    attended_on: date | None
    completed_on: date | None
    counted_on: date | None
    evidence_id: UUID


def fold(facts: Iterable[Fact], traits_at: Callable[[datetime], CourseTraits]) -> list[Counted]:
    """The participations of one person in one course, one for each covenant year and calendar year.

    A year has one when she began in it or was there in it. Completing belongs to its own year, or else to the last one
    before it.
    """
    ordered = sorted(facts, key=lambda fact: (fact.at, fact.statement_id))
    return [
        *_fold_years(ordered, traits_at, covenant_year, is_calendar=False),
        *_fold_years(ordered, traits_at, calendar_year, is_calendar=True),
    ]


def _fold_years(
    facts: Sequence[Fact],
    traits_at: Callable[[datetime], CourseTraits],
    year_of: Callable[[date], str],
    *,
    is_calendar: bool,
) -> Iterator[Counted]:
    begun = [fact for fact in facts if fact.kind in (MilestoneKind.BEGUN, MilestoneKind.ATTENDED)]
    years = sorted({year_of(fact.day) for fact in begun})
    completions = _completions(facts, years, year_of)
    for year in years:
        own = [fact for fact in begun if year_of(fact.day) == year]
        yield _count(year, own, completions.get(year), traits_at(own[0].at), is_calendar=is_calendar)


def _completions(facts: Sequence[Fact], years: list[str], year_of: Callable[[date], str]) -> dict[str, Fact]:
    """The first completion of each year in which there is a participation to keep it."""
    found: dict[str, Fact] = {}
    for fact in facts:
        if fact.kind is MilestoneKind.COMPLETED:
            before = [year for year in years if year <= year_of(fact.day)]
            if before:
                found.setdefault(before[-1], fact)
    return found


def _count(year: str, begun: list[Fact], completed: Fact | None, traits: CourseTraits, *, is_calendar: bool) -> Counted:
    first = begun[0]
    attended = next((fact for fact in begun if fact.kind is MilestoneKind.ATTENDED), None)
    reasons = [fact for fact in (attended, completed if traits.is_all_online else None) if fact is not None]
    reason = min(reasons, key=lambda fact: (fact.at, fact.statement_id)) if reasons else None
    return Counted(
        year=year,
        is_calendar=is_calendar,
        area=first.area,
        organisation_id=first.organisation_id,
        is_intersectoral=traits.is_intersectoral,
        is_all_online=traits.is_all_online,
        started_on=first.day,
        attended_on=attended.day if attended else None,
        completed_on=completed.day if completed else None,
        counted_on=reason.day if reason and traits.is_intersectoral else None,
        evidence_id=(reason or first).statement_id,
    )
