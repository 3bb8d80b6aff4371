"""From milestones to participations: the order of arrival never matters."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from random import Random
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from sectors.covenant.formats.projection import CourseTraits, Fact, MilestoneKind, fold

BLENDED = CourseTraits(is_intersectoral=True, is_all_online=False)
ONLINE = CourseTraits(is_intersectoral=True, is_all_online=True)
START = datetime(2023, 7, 1, 10, tzinfo=UTC)
KINDS = [MilestoneKind.BEGUN, MilestoneKind.ATTENDED, MilestoneKind.COMPLETED]

facts = st.lists(
    st.builds(
        Fact,
        statement_id=st.uuids(version=4),
        kind=st.sampled_from(KINDS),
        at=st.integers(0, 800).map(lambda days: START + timedelta(days=days)),
        area=st.sampled_from(["gezinszorg", "onderwijs"]),
        organisation_id=st.sampled_from([None, 1, 2]),
    ),
    max_size=8,
    unique_by=lambda fact: fact.statement_id,
)


def fact(number: int, kind: MilestoneKind, day: date) -> Fact:
    at = datetime(day.year, day.month, day.day, 10, tzinfo=UTC)
    return Fact(UUID(int=number), kind, at, "gezinszorg", 1)


@given(given_facts=facts, traits=st.sampled_from([BLENDED, ONLINE]), seed=st.integers())
def test_any_order_gives_the_same_participations(given_facts: list[Fact], traits: CourseTraits, seed: int) -> None:
    shuffled = list(given_facts)
    Random(seed).shuffle(shuffled)
    assert fold(shuffled, lambda _at: traits) == fold(given_facts, lambda _at: traits)


@given(given_facts=facts)
def test_there_is_one_participation_for_each_year_in_which_she_began_or_was_there(given_facts: list[Fact]) -> None:
    began = {it.day.year - (it.day.month < 7) for it in given_facts if it.kind is not MilestoneKind.COMPLETED}
    found = [it for it in fold(given_facts, lambda _at: BLENDED) if not it.is_calendar]
    assert [it.year for it in found] == [f"{year}-{year + 1}" for year in sorted(began)]


def test_completing_before_beginning_is_kept_for_its_year() -> None:
    found = fold(
        [fact(1, MilestoneKind.COMPLETED, date(2024, 3, 1)), fact(2, MilestoneKind.BEGUN, date(2024, 3, 2))],
        lambda _at: ONLINE,
    )
    assert (found[0].started_on, found[0].completed_on) == (date(2024, 3, 2), date(2024, 3, 1))
    assert found[0].counted_on == date(2024, 3, 1)


def test_presence_in_two_years_is_two_participations_and_completing_belongs_to_the_last() -> None:
    found = fold(
        [
            fact(1, MilestoneKind.ATTENDED, date(2024, 6, 30)),
            fact(2, MilestoneKind.ATTENDED, date(2024, 7, 1)),
            fact(3, MilestoneKind.COMPLETED, date(2025, 1, 9)),
        ],
        lambda _at: BLENDED,
    )
    years = [(it.year, it.counted_on, it.completed_on) for it in found]
    assert years == [
        ("2023-2024", date(2024, 6, 30), None),
        ("2024-2025", date(2024, 7, 1), date(2025, 1, 9)),
        ("2024", date(2024, 6, 30), date(2025, 1, 9)),
        ("2024-1", date(2024, 6, 30), None),
        ("2024-2", date(2024, 7, 1), date(2025, 1, 9)),
    ]


def test_completing_counts_once_over_the_halves_and_years_of_a_covenant() -> None:
    """Begun in autumn, completed in spring, looked at again in the next autumn: the year of completing has it."""
    found = fold(
        [
            fact(1, MilestoneKind.BEGUN, date(2023, 10, 1)),
            fact(2, MilestoneKind.COMPLETED, date(2024, 3, 1)),
            fact(3, MilestoneKind.BEGUN, date(2024, 9, 1)),
        ],
        lambda _at: ONLINE,
    )
    counted = {it.year for it in found if it.counted_on is not None}
    assert counted & {"2023-2", "2024", "2025-1"} == {"2024"}


def test_completing_an_online_course_a_year_later_counts_in_the_year_she_began() -> None:
    found = fold(
        [fact(1, MilestoneKind.BEGUN, date(2024, 6, 1)), fact(2, MilestoneKind.COMPLETED, date(2024, 9, 1))],
        lambda _at: ONLINE,
    )
    assert (found[0].year, found[0].counted_on) == ("2023-2024", date(2024, 9, 1))


def test_a_course_with_a_taught_moment_counts_by_presence_only() -> None:
    found = fold(
        [fact(1, MilestoneKind.BEGUN, date(2024, 1, 1)), fact(2, MilestoneKind.COMPLETED, date(2024, 2, 1))],
        lambda _at: BLENDED,
    )
    assert found[0].counted_on is None


def test_a_day_is_a_day_in_brussels() -> None:
    late = Fact(UUID(int=1), MilestoneKind.BEGUN, datetime(2024, 6, 30, 22, 30, tzinfo=UTC), "", None)
    assert fold([late], lambda _at: ONLINE)[0].year == "2024-2025"


def test_completing_alone_is_no_participation() -> None:
    assert fold([fact(1, MilestoneKind.COMPLETED, date(2024, 1, 1))], lambda _at: ONLINE) == []
