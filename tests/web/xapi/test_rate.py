"""How often a key may ask: as often as it likes, unless a setting says otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lms.app import create_app
from lms.kernel import clock
from lms.kernel.config import Settings
from lms.kernel.db import Database
from tests.services.platform import settings_for
from tests.unit.xapi.examples import minimal
from tests.web.xapi.conftest import MakeProgram, Program

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
MOST = 3


@pytest.fixture
def settings(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    """Three requests a minute, unless the test asks for something else."""
    return replace(settings_for(database_url, tmp_path), lrs_requests_a_minute=getattr(request, "param", MOST))


def test_one_too_many_is_told_when_to_come_back(program: Program) -> None:
    with clock.moved_to(NOON):
        answers = [program.get() for _ in range(MOST)]
    with clock.moved_to(NOON + timedelta(seconds=20)):
        refused = program.post([minimal()])

    assert [answer.status_code for answer in answers] == [200] * MOST
    assert refused.status_code == 429
    assert refused.headers["Retry-After"] == "40"
    assert refused.headers["X-Experience-API-Version"] == "2.0.0"
    assert refused.get_json()["error"] == {
        "path": "Authorization",
        "rule": "may send 3 requests a minute here, and sent more: try again in 40 seconds",
        "clause": "RFC 6585, 4",
    }
    with clock.moved_to(NOON + timedelta(minutes=1)):
        assert program.listed() == []  # nothing was stored, and she may ask again


def test_every_key_has_its_own_count_and_about_has_none(make_program: MakeProgram) -> None:
    (one, _), (other, _) = make_program(), make_program()
    with clock.moved_to(NOON):
        assert [one.get().status_code for _ in range(MOST + 1)][-1] == 429
        assert other.get().status_code == 200
        assert one.get(path="/xapi/about").status_code == 200


def test_web_processes_count_together(program: Program, settings: Settings) -> None:
    app = create_app(settings)
    neighbour = Program(app, *program.auth)
    with clock.moved_to(NOON):
        codes = [each.get().status_code for _ in range(MOST) for each in (program, neighbour)]
    there: Database = app.extensions["database"]
    there.dispose()

    assert codes == [200] * MOST + [429] * MOST


@pytest.mark.parametrize("settings", [0], indirect=True)
def test_without_a_limit_nothing_is_counted(program: Program) -> None:
    with clock.moved_to(NOON):
        assert {program.get().status_code for _ in range(MOST * 10)} == {200}
