"""The covenant as data: it is complete, its periods are the text's, and a mistake in it is named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from sectors.covenant.formats import FOLDER, CovenantError, Kind, load_covenant, read_covenant
from sectors.covenant.formats.funding import Deduction
from sectors.covenant.formats.periods import Period, current_period, periods_of

TEXT = (Path(FOLDER) / "2023-2025.toml").read_text(encoding="utf-8")
COVENANT = load_covenant("2023-2025")


KEYS = [
    *("rv1a", "rv1b", "rv1c", "rv1d", "rv2", "rv3"),
    *("in-areas", "in-users", "in-network", "in-maatwerk", "in-paths", "in-digicoach", "in-admin", "in-education"),
    *("in-innovation", "in-goesting", "in-tracks", "in-staff", "in-trainers"),
    *("in-visitors", "in-trajectories", "in-stage"),
]


def test_every_commitment_of_the_text_is_there() -> None:
    assert [commitment.key for commitment in COVENANT.commitment] == KEYS
    assert {name: [it.key for it in members] for name, members in COVENANT.groups.items()} == {
        "rv1": ["rv1a", "rv1b", "rv1c", "rv1d"],
        "rv2": ["rv2"],
        "rv3": ["rv3"],
    }
    assert sum(commitment.kind is Kind.EFFORT for commitment in COVENANT.commitment) == 16


def test_the_terms_are_those_of_the_articles() -> None:
    assert (COVENANT.days, str(COVENANT.terms.maximum), COVENANT.terms.result_commitments) == (731, "742000.00", 3)
    assert COVENANT.terms.deduction is Deduction.LAST
    assert COVENANT.progress_report_due == date(2024, 9, 30)
    assert COVENANT.joint_committees == ("318.02", "319.01", "327.01", "329.01", "330", "331", "337")


@pytest.mark.parametrize(
    ("key", "targets"),
    [
        ("rv1a", [5]),
        ("rv1b", [100]),
        ("rv1c", [100, 100]),
        ("rv1d", [25, 25]),
        ("rv2", [6]),
        ("rv3", [1000, 1000]),
        ("in-areas", [12]),
        ("in-users", [2000]),
        ("in-network", [12]),
        ("in-maatwerk", [5]),
        ("in-paths", [3]),
        ("in-digicoach", [10]),
        ("in-admin", [2]),
        ("in-education", [150]),
        ("in-innovation", [10, 10]),
        ("in-goesting", [1, 1, 1, 1]),
        ("in-tracks", [10, 10]),
        ("in-staff", [1, 1]),
        ("in-trainers", [1]),
        ("in-visitors", [45000, 45000]),
        ("in-trajectories", [43, 43]),
        ("in-stage", [90, 90]),
    ],
)
def test_the_targets_are_those_of_the_text(key: str, targets: list[int]) -> None:
    commitment = COVENANT.find_commitment(key)
    assert commitment is not None
    assert [period.target for period in periods_of(COVENANT, commitment.part[0])] == targets


def test_a_part_of_a_calendar_year_gets_that_part_of_the_target() -> None:
    rv3 = COVENANT.find_commitment("rv3")
    assert rv3 is not None
    found = [(it.label, it.first, it.last, it.target) for it in periods_of(COVENANT, rv3.part[0], calendar=True)]
    assert found == [
        ("2023-2", date(2023, 7, 1), date(2023, 12, 31), 505),
        ("2024", date(2024, 1, 1), date(2024, 12, 31), 1000),
        ("2025-1", date(2025, 1, 1), date(2025, 6, 30), 496),
    ]


def test_what_is_needed_grows_by_the_day() -> None:
    year = Period("2024-2025", date(2024, 7, 1), date(2025, 6, 30), 1000)
    days = [date(2024, 6, 30), date(2024, 7, 1), date(2025, 3, 14), date(2025, 6, 30), date(2026, 1, 1)]
    assert [year.needed_on(day) for day in days] == [0, 3, 704, 1000, 1000]


def test_the_current_period_is_the_one_of_the_day_or_the_nearest() -> None:
    rv3 = COVENANT.find_commitment("rv3")
    assert rv3 is not None
    periods = periods_of(COVENANT, rv3.part[0])
    days = [date(2022, 1, 1), date(2024, 6, 30), date(2024, 7, 1), date(2027, 1, 1)]
    assert [current_period(periods, day).label for day in days] == ["2023-2024", "2023-2024", "2024-2025", "2024-2025"]


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        ('counter = "tracks"', 'counter = "trakcs"', "commitment in-tracks"),
        ('mark = "goesting"\n', "", "commitment in-goesting: part sessies: counter sessions-held needs a mark"),
        ('mark = "deepening"', 'mark = "deeper"', "mark deeper is not explained"),
        ('operational = "1.3.1"', 'operational = "9.9.9"', "operational goal 9.9.9 does not exist"),
        ('effort_share = "0.70"', 'effort_share = "0.60"', "make no whole"),
        ("target = 2000", "target = 0", "a target is at least 1"),
        ('key = "in-staff"', 'key = "in-admin"', "commitment in-admin stands there twice"),
        ('label = "RV2"', 'label = "RV2"\ncolour = "red"', "commitment rv2"),
        ("ends_on = 2025-06-30", "ends_on = 2022-06-30", "ends_on comes before starts_on"),
        ("[[theme]]", "[[theme", "2023-2025.toml"),
        ('theme = "4"', 'theme = "7"', "names theme 7, which does not exist"),
        ('group = "rv2"\n', "", "a result commitment has a group"),
    ],
)
def test_a_mistake_is_named(was: str, becomes: str, says: str) -> None:
    assert was in TEXT
    with pytest.raises(CovenantError, match=r"^2023-2025\.toml: ") as raised:
        read_covenant(TEXT.replace(was, becomes, 1), source="2023-2025.toml")
    assert says in str(raised.value)


def test_a_covenant_that_does_not_exist() -> None:
    with pytest.raises(KeyError):
        load_covenant("1999-2001")


def test_no_sentence_of_a_definition_is_longer_than_fifteen_words() -> None:
    long = [
        sentence
        for commitment in COVENANT.commitment
        for line in commitment.definition
        for sentence in line.split(". ")
        if len(sentence.split()) > 15
    ]
    assert long == []
