"""The stretches of time a target is set for, and where one should stand within one. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_CEILING, ROUND_HALF_UP, Decimal

from lms.kernel.clock import BRUSSELS
from sectors.covenant.formats.covenants import Covenant, Every, Part

DAY = timedelta(days=1)
COVENANT_YEAR_STARTS = 7  # 1 July
SCHOOL_YEAR_STARTS = 9  # 1 September


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day to the last, both counted. `target` is for this period alone."""

    label: str
    first: date
    last: date
    target: int

    def __contains__(self, day: date) -> bool:
        return self.first <= day <= self.last

    @property
    def days(self) -> int:
        """How many days it lasts."""
        return (self.last - self.first).days + 1

    def needed_on(self, day: date) -> int:
        """Where one should stand at the end of this day, when every day brings as much as another."""
        passed = min(max((day - self.first).days + 1, 0), self.days)
        return int((Decimal(self.target) * passed / self.days).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def periods_of(covenant: Covenant, part: Part, *, calendar: bool = False) -> tuple[Period, ...]:
    """The periods a part's target is set for, in order.

    `calendar`: read covenant years as calendar years. A year of which the covenant holds only a half is called by that
    half, gets that part of the target, rounded up, and counts what came in that half.
    """
    first, last = max(part.from_ or covenant.starts_on, covenant.starts_on), part.until or covenant.ends_on
    if part.period in (Every.COVENANT, Every.NOW):
        whole = (first, last) == (covenant.starts_on, covenant.ends_on)
        label = covenant.name if whole else f"{first.isoformat()}/{last.isoformat()}"
        return (Period(label, first, last, part.target),)
    every = part.period
    if every is Every.COVENANT_YEAR and calendar:
        every = Every.CALENDAR_YEAR
    return tuple(
        _cut(every, (start, end), (first, last), part)
        for start, end in _stretches(every, first, last)
        if every is not Every.SCHOOL_YEAR or start >= first  # a school year that began before belongs to who was before
    )


def covenant_year(day: date) -> str:
    """The covenant year of a day: 1 July to 30 June, written 2024-2025."""
    start = day.year if day.month >= COVENANT_YEAR_STARTS else day.year - 1
    return f"{start}-{start + 1}"


def calendar_year(day: date) -> str:
    """The calendar year of a day, written 2024."""
    return str(day.year)


def half_year(day: date) -> str:
    """The half of the calendar year of a day, written 2024-1 or 2024-2."""
    return f"{day.year}-{1 if day.month < COVENANT_YEAR_STARTS else 2}"


def end_of(day: date) -> datetime:
    """The first moment after this day, in Brussels: what happened before it counts on that day."""
    following = day + DAY
    return datetime(following.year, following.month, following.day, tzinfo=BRUSSELS)


def label_of(every: Every, start: date) -> str:
    """What a period is called by the day it starts."""
    if every is Every.CALENDAR_YEAR:
        return str(start.year)
    if every is Every.SEMESTER:
        return half_year(start)
    return f"{start.year}-{start.year + 1}"


def current_period(periods: tuple[Period, ...], day: date) -> Period:
    """The period this day is in; before the first one the first, after the last one the last."""
    for period in periods:
        if day <= period.last:
            return period
    return periods[-1]


def _stretches(every: Every, first: date, last: date) -> Iterator[tuple[date, date]]:
    start = _start_of(every, first)
    while start <= last:
        following = _next(every, start)
        yield start, following - DAY
        start = following


def _start_of(every: Every, day: date) -> date:
    if every is Every.CALENDAR_YEAR:
        return date(day.year, 1, 1)
    if every is Every.SEMESTER:
        return date(day.year, 1 if day.month < COVENANT_YEAR_STARTS else 7, 1)
    month = SCHOOL_YEAR_STARTS if every is Every.SCHOOL_YEAR else COVENANT_YEAR_STARTS
    return date(day.year if day.month >= month else day.year - 1, month, 1)


def _next(every: Every, start: date) -> date:
    if every is Every.SEMESTER:
        return date(start.year, 7, 1) if start.month == 1 else date(start.year + 1, 1, 1)
    return date(start.year + 1, start.month, 1)


def _cut(every: Every, stretch: tuple[date, date], limits: tuple[date, date], part: Part) -> Period:
    """The stretch within the limits. Only a calendar year instead of a covenant year makes the target smaller."""
    first, last = max(stretch[0], limits[0]), min(stretch[1], limits[1])
    is_part = (first, last) != stretch and part.period is Every.COVENANT_YEAR
    label = half_year(first) if is_part and every is Every.CALENDAR_YEAR else label_of(every, stretch[0])
    if not is_part or part.counter.is_share:
        return Period(label, first, last, part.target)
    share = Decimal((last - first).days + 1) / ((stretch[1] - stretch[0]).days + 1)
    return Period(label, first, last, int((part.target * share).to_integral_value(ROUND_CEILING)))
