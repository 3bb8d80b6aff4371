"""From milestones to participations. Pure: the same milestones, in any order and however often, give the same rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from lms.kernel.clock import local
from sectors.covenant.formats.periods import calendar_year, covenant_year, half_year


class MilestoneKind(StrEnum):
    """What a statement says that a participation needs to know."""

    BEGUN = "begun"
    ATTENDED = "attended"
    COMPLETED = "completed"
    VOIDED = "voided"


_BEGINNINGS = (MilestoneKind.BEGUN, MilestoneKind.ATTENDED)


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
    """The participations of one person in one course, one for each covenant year, calendar year and half year.

    Each has one when she began in it or was there in it. Completing belongs to its own year, or else to the last one
    before it. The halves stand for the calendar years of which a covenant holds only a half: what came in the other
    half is not its.
    """
    ordered = sorted(facts, key=lambda fact: (fact.at, fact.statement_id))
    by_year = _by_stretch(ordered, calendar_year)
    by_half = [half for own in by_year.values() for half in _by_stretch(own, half_year).items()]
    return [
        *(_count(year, own, traits_at, is_calendar=False) for year, own in _by_stretch(ordered, covenant_year).items()),
        *(_count(year, own, traits_at, is_calendar=True) for year, own in [*by_year.items(), *by_half]),
    ]


def _by_stretch(facts: Sequence[Fact], label_of: Callable[[date], str]) -> dict[str, list[Fact]]:
    """What happened in each stretch of time she began in or was there in, with the completions that belong to it."""
    labels = sorted({label_of(fact.day) for fact in facts if fact.kind in _BEGINNINGS})
    found: dict[str, list[Fact]] = {label: [] for label in labels}
    for fact in facts:
        before = [label for label in labels if label <= label_of(fact.day)]
        if before:
            found[before[-1]].append(fact)
    return found


def _count(
    year: str, facts: Sequence[Fact], traits_at: Callable[[datetime], CourseTraits], *, is_calendar: bool
) -> Counted:
    first = next(fact for fact in facts if fact.kind in _BEGINNINGS)
    attended = next((fact for fact in facts if fact.kind is MilestoneKind.ATTENDED), None)
    completed = next((fact for fact in facts if fact.kind is MilestoneKind.COMPLETED), None)
    traits = traits_at(first.at)
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
