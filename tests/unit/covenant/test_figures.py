"""Every figure against a second, independent computation on random data, on several days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from itertools import product
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.sessions.events import AttendanceMarked
from lms.kernel.identity import Grant, Identity, Role
from sectors.covenant.formats import Commitment, Counter, Part, load_covenant
from sectors.covenant.queries import RowFilter, Targets, compute_commitment, compute_targets, list_rows, wanted_rows
from sectors.covenant.queries.rows import NO_COMMITTEE
from sectors.covenant.queries.settings import Choice
from sectors.covenant.services import choose_counter, keep_delegate
from tests.factories.covenant import listen
from tests.factories.covenant_story import tell_story
from tests.unit.covenant.oracle import Oracle, all_figures

COVENANT = load_covenant("2023-2025")
DAYS = (
    date(2023, 6, 30),
    date(2024, 2, 29),
    date(2024, 6, 30),
    date(2025, 3, 14),
    date(2025, 6, 30),
    date(2026, 1, 15),
)
CALENDAR = ("2023-2", "2024", "2025-1")
ADMIN = Identity(person_id=1, grants=(Grant(Role.ADMIN),))


def story(db: Session, folder: Path, seed: int) -> None:
    listen(db)
    db.info["leerlabo.events"].subscribe(AttendanceMarked, keep_delegate)
    tell_story(db, folder, seed)


def figures(targets: Targets) -> dict[tuple[str, str, str], Decimal | None]:
    return {
        (figure.commitment.key, part.part.key, period.period.label): period.figure
        for figure in targets.commitments
        for part in figure.parts
        for period in part.periods
    }


@pytest.mark.parametrize("seed", [1, 2])
def test_every_figure_is_what_plain_counting_says(db: Session, tmp_path: Path, seed: int) -> None:
    story(db, tmp_path, seed)
    nothing = True
    for day in DAYS:
        oracle = Oracle(db, day)
        said, counted = figures(compute_targets(db, COVENANT, cut_off=day)), all_figures(oracle)
        del said["in-digicoach", "sectoren", "2023-2025"]  # its people are counted, and their committees follow
        assert {key: value for key, value in said.items() if value != counted[key]} == {}
        assert said.keys() == counted.keys()
        assert by_choice(db, day, Choice(counts_people=True)) == [
            oracle.rv3(label, people=True) for label in ("2023-2024", "2024-2025")
        ]
        assert by_choice(db, day, Choice(is_calendar=True)) == [oracle.rv3_calendar(year) for year in CALENDAR]
        education = compute_commitment(db, COVENANT, commitment("in-education"), cut_off=day).headline
        assert [education.participations, education.people] == [oracle.education(), oracle.education(people=True)]
        nothing = nothing and not any(said.values())
    assert not nothing


def test_rows_and_choices_say_the_same_as_the_figure(db: Session, tmp_path: Path) -> None:
    story(db, tmp_path, 3)
    day = date(2025, 6, 30)
    targets = compute_targets(db, COVENANT, cut_off=day)
    for figure in targets.commitments:
        for part in (part for part in figure.parts if is_counted_by_rows(part.part)):
            for period in part.periods:
                given = RowFilter(part=part.part.key, period=period.period.label)
                wanted = wanted_rows(COVENANT, figure.commitment, figure.choice, given, cut_off=day, identity=ADMIN)
                assert list_rows(db, wanted, given).total == period.figure, (figure.commitment.key, part.part.key)
    before = targets.get("rv3").headline
    choose_counter(db, COVENANT, commitment("rv3"), counts="people", by_person_id=None)
    after = compute_targets(db, COVENANT, cut_off=day).get("rv3").headline
    assert after.current.figure == before.people != before.current.figure
    assert after.participations == before.participations


@pytest.mark.parametrize("seed", [4, 5])
def test_the_committees_add_up_to_the_figure_however_we_count(db: Session, tmp_path: Path, seed: int) -> None:
    story(db, tmp_path, seed)
    without = 0
    for key, people, is_calendar in product(("rv3", "in-education"), (False, True), (False, True)):
        chosen, choice = commitment(key), Choice(people, is_calendar)
        headline = compute_commitment(db, COVENANT, chosen, cut_off=date(2025, 8, 1), choice=choice).headline
        for period in headline.periods:
            given = RowFilter(part=headline.part.key, period=period.period.label, page=0)
            wanted = wanted_rows(COVENANT, chosen, choice, given, cut_off=date(2025, 8, 1), identity=ADMIN)
            page = list_rows(db, wanted, given)
            assert sum(count for _name, count in page.committees) == len(page.rows) == period.figure
            for name, count in page.committees:
                asked = replace(given, committee=name or NO_COMMITTEE)
                assert list_rows(db, wanted, asked).total == count
                without += 0 if name else count
    assert without


def test_the_cockpit_asks_few_questions_however_much_was_learnt(db: Session, tmp_path: Path) -> None:
    story(db, tmp_path, 1)
    compute_targets(db, COVENANT, cut_off=DAYS[0])  # outlines are remembered from the first time on
    asked: list[str] = []
    sa.event.listen(db.connection(), "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    compute_targets(db, COVENANT, cut_off=DAYS[-1])
    assert len(asked) <= 11


def is_counted_by_rows(part: Part) -> bool:
    """Elsewhere a row is a document or a meeting, not one of what is counted."""
    others = (Counter.EVIDENCE_FIGURE, Counter.DELIVERABLES, Counter.TESTED_PATHS)
    return not part.counter.is_share and part.counter not in others and not part.each


def by_choice(db: Session, day: date, choice: Choice) -> list[Decimal | None]:
    found = compute_commitment(db, COVENANT, commitment("rv3"), cut_off=day, choice=choice)
    return [period.figure for period in found.headline.periods]


def commitment(key: str) -> Commitment:
    found = COVENANT.find_commitment(key)
    assert found is not None
    return found
