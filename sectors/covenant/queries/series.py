"""Figures as they grow: what was added on which day. Any cut-off date then costs an addition and no question. Pure."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import accumulate

ZERO = Decimal(0)
HUNDRED = Decimal(100)


class Series:
    """Additions (or, below zero, withdrawals) by day."""

    def __init__(self, additions: Iterable[tuple[date, Decimal | int]] = ()) -> None:
        ordered = sorted((day, Decimal(amount)) for day, amount in additions)
        self._days = [day for day, _amount in ordered]
        self._sums = list(accumulate(amount for _day, amount in ordered))

    def at(self, day: date) -> Decimal:
        """What stands there at the end of this day."""
        index = bisect_right(self._days, day)
        return self._sums[index - 1] if index else ZERO


@dataclass(frozen=True, slots=True)
class Seen:
    """One thing that counts, once however often it is seen. `until`: the day from which it no longer counts."""

    key: Hashable
    day: date
    until: date | None = None


def distinct(seen: Iterable[Seen]) -> Series:
    """How many different keys were seen, each from its first day on, and gone when its last sighting was withdrawn."""
    by_key: dict[Hashable, list[Seen]] = {}
    for sighting in seen:
        by_key.setdefault(sighting.key, []).append(sighting)
    return Series(addition for sightings in by_key.values() for addition in _presence(sightings))


def _presence(sightings: list[Seen]) -> list[tuple[date, int]]:
    """The days on which a key appears (+1) and disappears (-1), over sightings that may overlap."""
    additions: list[tuple[date, int]] = []
    lasting = [it for it in sightings if it.until is None or it.until > it.day]
    changes = [(it.day, 1) for it in lasting] + [(it.until, -1) for it in lasting if it.until is not None]
    standing = 0
    for day in sorted({day for day, _change in changes}):
        following = standing + sum(change for at, change in changes if at == day)
        if (following > 0) != (standing > 0):
            additions.append((day, 1 if following > 0 else -1))
        standing = following
    return additions


@dataclass(frozen=True, slots=True)
class Tally:
    """A figure that can be asked at any day: a number, or a share of one in another in per cent."""

    value: Series
    of: Series | None = None

    def at(self, day: date) -> Decimal | None:
        """The figure at the end of this day; None for a share of nothing. A share has one decimal, rounded down."""
        value = self.value.at(day)
        if self.of is None:
            return value
        whole = self.of.at(day)
        return None if whole <= 0 else (HUNDRED * value / whole * 10 // 1) / 10

    def reaches(self, target: int, day: date) -> bool:
        """Whether the target is reached, without any rounding."""
        value = self.value.at(day)
        if self.of is None:
            return value >= target
        whole = self.of.at(day)
        return whole > 0 and HUNDRED * value >= target * whole
