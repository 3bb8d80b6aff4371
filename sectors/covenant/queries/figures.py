"""The commitments as they stand on a cut-off date: figures, what was needed, what is met, and what it pays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from sqlalchemy.orm import Session

from sectors.covenant.formats import Commitment, Counter, Covenant, Every, Kind, Part
from sectors.covenant.formats.funding import ZERO, Funding, compute_funding
from sectors.covenant.formats.periods import Period, current_period, periods_of
from sectors.covenant.queries.counters import Asked, tally
from sectors.covenant.queries.series import Tally
from sectors.covenant.queries.settings import Choice, CountSettings, Decision, get_settings
from sectors.covenant.queries.sources import Sources

TREND_WEEKS = 12
WEEK = timedelta(days=7)


class Status(StrEnum):
    """How a commitment stands, in one word."""

    MET = "met"
    DECIDED_MET = "decided-met"
    DECIDED_UNMET = "decided-unmet"
    MISSED = "missed"
    BEHIND = "behind"
    ON_TRACK = "on-track"


@dataclass(frozen=True, slots=True)
class PeriodFigure:
    """One part in one period. `figure` is None for a share of nothing; `needed` is where one should stand that day."""

    period: Period
    figure: Decimal | None
    needed: int
    is_met: bool
    is_over: bool

    @property
    def gap(self) -> Decimal:
        """How much too little, for that day."""
        return max(Decimal(0), self.needed - (self.figure or Decimal(0)))

    @property
    def to_go(self) -> Decimal:
        """How much is left to reach the target."""
        return max(Decimal(0), self.period.target - (self.figure or Decimal(0)))


@dataclass(frozen=True, slots=True)
class PartFigure:
    """One part in all its periods. `people` and `participations` are both there where there is a choice."""

    part: Part
    periods: tuple[PeriodFigure, ...]
    current: PeriodFigure
    trend: tuple[Decimal, ...]
    participations: Decimal | None = None
    people: Decimal | None = None

    @property
    def is_met(self) -> bool:
        """Met in every period."""
        return all(figure.is_met for figure in self.periods)

    @property
    def missed(self) -> PeriodFigure | None:
        """The first period that is over and was not met, or None."""
        return next((figure for figure in self.periods if figure.is_over and not figure.is_met), None)


@dataclass(frozen=True, slots=True)
class CommitmentFigure:
    """One commitment with its parts, the first of which is the one a table shows."""

    commitment: Commitment
    parts: tuple[PartFigure, ...]
    choice: Choice
    decision: Decision | None

    @property
    def headline(self) -> PartFigure:
        """The part a table shows."""
        return self.parts[0]

    @property
    def is_met(self) -> bool:
        """By the figures, unless the department decided."""
        return self.decision.is_met if self.decision else all(part.is_met for part in self.parts)

    @property
    def status(self) -> Status:
        """By the department's decision, else by the figures."""
        if self.decision is not None:
            return Status.DECIDED_MET if self.decision.is_met else Status.DECIDED_UNMET
        if self.is_met:
            return Status.MET
        if any(part.missed for part in self.parts):
            return Status.MISSED
        return Status.BEHIND if self.worst is not None else Status.ON_TRACK

    @property
    def can_be_met(self) -> bool:
        """Whether it is met, or still can be: no period is lost, or the department may yet decide."""
        if self.decision is not None:
            return self.decision.is_met
        return self.commitment.soft or not any(part.missed for part in self.parts)

    @property
    def worst(self) -> PartFigure | None:
        """The part that is furthest behind for today, or None."""
        behind = [part for part in self.parts if part.current.gap > 0 and not part.current.is_met]
        return max(behind, key=lambda part: part.current.gap / part.current.period.target, default=None)

    @property
    def needs_attention(self) -> bool:
        """Whether somebody must do something."""
        return self.status in (Status.MISSED, Status.BEHIND)


@dataclass(frozen=True, slots=True)
class Targets:
    """The whole covenant on one day."""

    covenant: Covenant
    cut_off: date
    commitments: tuple[CommitmentFigure, ...]
    groups: Mapping[str, bool]
    funding: Funding

    def get(self, key: str) -> CommitmentFigure:
        """The commitment with this key. Raises `KeyError`."""
        for figure in self.commitments:
            if figure.commitment.key == key:
                return figure
        raise KeyError(key)

    @property
    def still_to_earn(self) -> Decimal:
        """What result funding can still come, when every group that can be met will be."""
        can = sum(all(self.get(it.key).can_be_met for it in members) for members in self.covenant.groups.values())
        terms, funding = self.covenant.terms, self.funding
        best = compute_funding(terms, met=can, absence_days=funding.absence_days)
        return max(ZERO, best.earned - funding.earned)

    def of_kind(self, kind: Kind) -> tuple[CommitmentFigure, ...]:
        """Those the department judges by result, or by effort."""
        return tuple(figure for figure in self.commitments if figure.commitment.kind is kind)


def compute_targets(db: Session, covenant: Covenant, *, cut_off: date) -> Targets:
    """Every commitment, the groups that are met, and the money, as of the end of the cut-off day."""
    settings = get_settings(db, covenant, cut_off)
    sources = Sources(db, covenant, trend_days(cut_off))
    figures = tuple(_figure(sources, settings, commitment, cut_off) for commitment in covenant.commitment)
    by_key = {figure.commitment.key: figure.is_met for figure in figures}
    groups = {name: all(by_key[member.key] for member in members) for name, members in covenant.groups.items()}
    funding = compute_funding(covenant.terms, met=sum(groups.values()), absence_days=settings.absence_days)
    return Targets(covenant, cut_off, figures, groups, funding)


def compute_commitment(
    db: Session, covenant: Covenant, commitment: Commitment, *, cut_off: date, choice: Choice | None = None
) -> CommitmentFigure:
    """One commitment, with no more questions than it needs. `choice`: counted so, instead of as was chosen."""
    settings = get_settings(db, covenant, cut_off)
    if choice is not None:
        settings = replace(settings, choices={**settings.choices, commitment.key: choice})
    return _figure(Sources(db, covenant, trend_days(cut_off)), settings, commitment, cut_off)


def trend_days(cut_off: date) -> list[date]:
    """The days of the trend: weekly, the cut-off day last."""
    return [cut_off - WEEK * back for back in range(TREND_WEEKS - 1, -1, -1)]


def _figure(sources: Sources, settings: CountSettings, commitment: Commitment, cut_off: date) -> CommitmentFigure:
    choice = settings.choices.get(commitment.key, Choice())
    parts = tuple(_part_figure(sources, commitment, part, choice, cut_off) for part in commitment.part)
    decision = settings.decisions.get(commitment.key) if commitment.soft else None
    return CommitmentFigure(commitment, parts, choice, decision)


def _part_figure(sources: Sources, commitment: Commitment, part: Part, choice: Choice, cut_off: date) -> PartFigure:
    periods = periods_of(sources.covenant, part, calendar=choice.is_calendar)
    labels = frozenset(period.label for period in periods)
    asked = [Asked(commitment.key, part, period, labels, choice.counts_people) for period in periods]
    tallies = [tally(sources, one) for one in asked]
    figures = tuple(_period_figure(one.period, found, cut_off, part) for one, found in zip(asked, tallies, strict=True))
    index = periods.index(current_period(periods, cut_off))
    has_choice = commitment.has_choice and part.counter is Counter.PARTICIPATIONS
    both = _both_ways(sources, asked[index], cut_off) if has_choice else (None, None)
    trend = tuple(tallies[index].at(day) or Decimal(0) for day in sources.days)
    return PartFigure(part, figures, figures[index], trend, *both)


def _period_figure(period: Period, found: Tally, cut_off: date, part: Part) -> PeriodFigure:
    return PeriodFigure(
        period=period,
        figure=found.at(cut_off),
        needed=_needed(period, cut_off, part),
        is_met=found.reaches(period.target, cut_off),
        is_over=cut_off > period.last and part.period is not Every.NOW,
    )


def _needed(period: Period, cut_off: date, part: Part) -> int:
    """A share is needed whole at any day; a number grows day by day."""
    if part.counter.is_share:
        return period.target if cut_off >= period.first else 0
    return period.needed_on(cut_off)


def _both_ways(sources: Sources, asked: Asked, cut_off: date) -> tuple[Decimal | None, Decimal | None]:
    ways = (Asked(asked.key, asked.part, asked.period, asked.labels, people) for people in (False, True))
    participations, people = (tally(sources, way).at(cut_off) for way in ways)
    return participations, people
