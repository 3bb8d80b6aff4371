"""The time, asked in one place, so that a test or the demo can stand at another day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")

_moved: ContextVar[datetime | None] = ContextVar("clock_moved", default=None)


def now() -> datetime:
    """This moment, in UTC."""
    return _moved.get() or datetime.now(UTC)


def today() -> date:
    """The day it is in Brussels."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """The same moment on a clock in Brussels. Only for screens: the database keeps UTC."""
    return moment.astimezone(BRUSSELS)


def from_local(moment: datetime) -> datetime:
    """A naive date and time as typed in Brussels, as a moment in UTC."""
    return moment.replace(tzinfo=BRUSSELS).astimezone(UTC)


@contextmanager
def moved_to(moment: datetime) -> Iterator[None]:
    """Let `now()` stand still at `moment` (aware) inside the block."""
    if moment.tzinfo is None:
        raise ValueError("the clock needs a moment with a time zone")
    token = _moved.set(moment.astimezone(UTC))
    try:
        yield
    finally:
        _moved.reset(token)
