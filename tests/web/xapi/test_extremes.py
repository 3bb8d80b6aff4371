"""What the standard allows at the end of what can be said: the whole platform must bear it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from lms.kernel.db import Database
from lms.kernel.identity import Role
from sectors.covenant.models import Milestone, Participation
from tests.factories.accounts import make_person, sign_in_as
from tests.factories.covenant import make_counted_course
from tests.unit.xapi.generated import EXTREME_DURATIONS, EXTREME_MOMENTS
from tests.web.visitor import Visitor
from tests.web.xapi.asking import named
from tests.web.xapi.conftest import Program

INITIALIZED = "http://adlnet.gov/expapi/verbs/initialized"


@pytest.mark.parametrize("moment", EXTREME_MOMENTS)
def test_the_first_and_the_last_moment_are_stored_counted_and_shown(
    program: Program, visitor: Visitor, database: Database, tmp_path: Path, moment: str
) -> None:
    with database.write() as db:
        course = make_counted_course(db, tmp_path, "tillen")
        admin = make_person(db, role=Role.ADMIN)
    begun = {"verb": {"id": INITIALIZED}, "object": {"id": f"https://leerlabo.example/activity/{course.slug}"}}
    statement = named("emma", timestamp=moment, **begun)

    assert program.post(statement).status_code == 200

    kept = program.get({"statementId": statement["id"]})
    assert kept.get_json()["timestamp"] == moment
    with database.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(Participation)) == 3  # two kinds of year, and a half
    sign_in_as(visitor, admin)
    visitor.page("/desk/statements")
    visitor.page(f"/desk/statements/{statement['id']}")


@pytest.mark.parametrize("duration", EXTREME_DURATIONS)
def test_any_duration_is_stored_and_what_is_too_long_counts_for_no_minutes(
    program: Program, database: Database, tmp_path: Path, duration: str
) -> None:
    with database.write() as db:
        course = make_counted_course(db, tmp_path, "tillen")
    begun = {"verb": {"id": INITIALIZED}, "object": {"id": f"https://leerlabo.example/activity/{course.slug}"}}

    assert program.post(named("emma", result={"duration": duration}, **begun)).status_code == 200

    with database.read() as db:
        assert db.scalar(sa.select(Milestone.minutes)) is None
