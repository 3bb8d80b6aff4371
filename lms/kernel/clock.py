"""The time, asked in one place, so that a test or the demo can stand at another day."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

BRUSSELS = ZoneInfo("Europe/Brussels")
FIRST, LAST = datetime.min.replace(tzinfo=BRUSSELS), datetime.max.replace(tzinfo=BRUSSELS)

_moved: ContextVar[datetime | None] = ContextVar("clock_moved", default=None)


def now() -> datetime:
    """This moment, in UTC."""
    return _moved.get() or datetime.now(UTC)


def moved() -> datetime | None:
    """Where the clock was made to stand (`moved_to`), for who else reads the clock of the database; None: nowhere."""
    return _moved.get()


def today() -> date:
    """The day it is in Brussels."""
    return local(now()).date()


def local(moment: datetime) -> datetime:
    """The same moment on a clock in Brussels. Only for screens: the database keeps UTC.

    Where that would lie past the last year a calendar knows, or before the first, it is the end of the calendar: others
    send us statements of such moments.
    """
    try:
        return moment.astimezone(BRUSSELS)
    except OverflowError:
        return LAST if moment.year > 1 else FIRST


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
