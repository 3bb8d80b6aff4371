"""Days and hours of the story: people act in working hours, in Brussels."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from random import Random

from lms.kernel.clock import from_local

SATURDAY = 5  # as Python counts days
BEGIN = date(2023, 7, 1)
FIRST_WORKDAY = date(2023, 7, 3)
TURN = date(2024, 7, 1)  # the second covenant year begins
END = date(2025, 6, 30)
HISTORY_ENDS = from_local(datetime.combine(END, time(23, 30)))


def at(day: date, hour: int, minute: int = 0) -> datetime:
    """This time of the day in Brussels, as a moment in UTC."""
    return from_local(datetime.combine(day, time(hour, minute)))


def at_time(day: date, text: str) -> datetime:
    """As `at`, from text like 13:30."""
    return from_local(datetime.combine(day, time.fromisoformat(text)))


def working_day(day: date) -> date:
    """This day, or the Monday after it: nobody teaches in a weekend."""
    return day + timedelta(days=(7 - day.weekday()) if day.weekday() >= SATURDAY else 0)


def some_time(rng: Random, first: date, last: date) -> datetime:
    """Some moment between 7 and 21 o'clock, on a weekday mostly, from the first day to the last."""
    day = first + timedelta(days=rng.randint(0, max(0, (last - first).days)))
    if day.weekday() >= SATURDAY and rng.random() < 0.7 and day - timedelta(days=2) >= first:
        day -= timedelta(days=2)
    return at(day, rng.choice((7, 8, 9, 9, 10, 10, 11, 12, 13, 14, 15, 16, 19, 20)), rng.randint(0, 59))
