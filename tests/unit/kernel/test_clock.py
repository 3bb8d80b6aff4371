"""The time: UTC inside, Brussels on screen, and a clock that can be moved."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel import clock

moments = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 hypothesis wants naive bounds


def test_now_is_in_utc_and_goes_on() -> None:
    before = datetime.now(UTC)
    assert before <= clock.now() <= datetime.now(UTC)
    assert clock.now().tzinfo is UTC


def test_moving_stands_still_nests_and_comes_back() -> None:
    monday, tuesday = datetime(2026, 3, 2, 9, tzinfo=UTC), datetime(2026, 3, 3, 9, tzinfo=UTC)
    with clock.moved_to(monday):
        with clock.moved_to(tuesday):
            assert clock.now() == clock.now() == tuesday
        assert clock.now() == monday
    assert clock.now() > tuesday


def test_the_clock_comes_back_after_an_error_too() -> None:
    with pytest.raises(ZeroDivisionError), clock.moved_to(datetime(2020, 1, 1, tzinfo=UTC)):
        _ = 1 / 0
    assert clock.now().year > 2020


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"), clock.moved_to(datetime(2026, 3, 2, 9)):  # noqa: DTZ001 the point
        pass


def test_a_moment_in_another_zone_is_the_same_moment() -> None:
    there = datetime(2026, 3, 2, 4, tzinfo=timezone(timedelta(hours=-5)))
    with clock.moved_to(there):
        assert clock.now() == there
        assert clock.now().tzinfo is UTC


def test_another_thread_keeps_its_own_clock() -> None:
    seen: list[int] = []
    with clock.moved_to(datetime(2020, 1, 1, tzinfo=UTC)):
        thread = Thread(target=lambda: seen.append(clock.now().year))
        thread.start()
        thread.join()
    assert seen != [2020]


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 1, 31, 22, 59, tzinfo=UTC), date(2026, 1, 31)),
        (datetime(2026, 1, 31, 23, 0, tzinfo=UTC), date(2026, 2, 1)),  # winter: one hour ahead
        (datetime(2026, 6, 30, 21, 59, tzinfo=UTC), date(2026, 6, 30)),
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), date(2026, 7, 1)),  # summer: two; the covenant's year begins
    ],
)
def test_the_day_changes_at_midnight_in_brussels(moment: datetime, day: date) -> None:
    with clock.moved_to(moment):
        assert clock.today() == day


@pytest.mark.parametrize(
    ("typed", "moment"),
    [
        ("2026-03-29T01:59", "2026-03-29T00:59Z"),
        ("2026-03-29T03:00", "2026-03-29T01:00Z"),  # the clock went from 2 to 3
        ("2026-10-25T02:30", "2026-10-25T00:30Z"),  # an hour that comes twice: the first one is meant
        ("2026-10-25T03:00", "2026-10-25T02:00Z"),
    ],
)
def test_what_is_typed_in_brussels_is_read_with_summer_time(typed: str, moment: str) -> None:
    assert clock.from_local(datetime.fromisoformat(typed)) == datetime.fromisoformat(moment)


def test_an_hour_that_does_not_exist_is_still_a_moment_of_that_night() -> None:
    moment = clock.from_local(datetime(2026, 3, 29, 2, 30))  # noqa: DTZ001 as typed
    assert clock.local(moment).strftime("%d %H.%M") == "29 03.30"


@given(moments)
def test_local_is_the_same_moment(moment: datetime) -> None:
    # Python calls an hour that comes twice unequal to any moment of another zone: so both in UTC.
    assert clock.local(moment).astimezone(UTC) == moment


@given(moments)
def test_typing_over_what_the_screen_shows_gives_the_moment_or_the_hour_before_in_autumn(moment: datetime) -> None:
    again = clock.from_local(clock.local(moment).replace(tzinfo=None, fold=0))
    assert again in (moment, moment - timedelta(hours=1))


@pytest.mark.parametrize(
    ("moment", "shown"),
    [
        (datetime.max.replace(tzinfo=UTC), "9999-12-31 23.59"),
        (datetime.min.replace(tzinfo=timezone(timedelta(hours=14))), "1-01-01 00.00"),
    ],
)
def test_a_clock_in_brussels_stops_where_the_calendar_ends(moment: datetime, shown: str) -> None:
    at = clock.local(moment)
    assert f"{at.year}-{at:%m-%d %H.%M}" == shown
