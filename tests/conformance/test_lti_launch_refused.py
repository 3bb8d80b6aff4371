"""Every launch that is not what it says is refused: a calm page, one line in the log that says why, nothing changed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from structlog.testing import capture_logs

from lms.accounts.models import Person
from lms.app import create_app
from lms.kernel import clock
from lms.kernel.db import Database
from lms.lti.models import Deployment, Visit
from tests.conformance.lti_hostile import STRANGE, link_of
from tests.factories.courses import make_course
from tests.factories.lti import make_registration
from tests.services.lti_platform import Link, LtiPlatform, User, launching, lti_platform
from tests.services.lti_platform.browsing import Launcher
from tests.services.platform import HOST, settings_for
from tests.services.schema import empty_tables
from tests.web.page import Page
from tests.web.visitor import visitor_of

TOOL = f"http://{HOST}"


@pytest.fixture(scope="module")
def platform() -> Iterator[LtiPlatform]:
    with lti_platform(launching.mount) as platform:
        yield platform


@pytest.fixture(scope="module")
def tool(database_url: str, platform: LtiPlatform, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Us, known to the platform as two clients, and as one that was switched off."""
    folder: Path = tmp_path_factory.mktemp("tool")
    app = create_app(settings_for(database_url, folder))
    database: Database = app.extensions["database"]
    platform.users["ilse"] = User("ilse")
    platform.links["link-1"] = Link("link-1", f"{TOOL}/lti/launch", custom={"content": "rustig-helpen"})
    with database.write() as db:
        first = make_registration(db, platform, platform.know(TOOL, "client-1"))
        db.add(
            Deployment(
                registration_id=first.id, deployment_id="off", created_at=clock.now(), switched_off_at=clock.now()
            )
        )
        make_registration(db, platform, platform.know(TOOL, "client-2", ("of-client-2",)))
        make_registration(db, platform, platform.know(TOOL, "client-off", ("1",)), switched_off_at=clock.now())
        make_course(db, folder)
    yield app
    empty_tables(database)
    database.dispose()


@pytest.fixture
def launcher(tool: Flask, platform: LtiPlatform) -> Launcher:
    return Launcher(platform, visitor_of(tool), TOOL)


def count(tool: Flask) -> tuple[int, int]:
    database: Database = tool.extensions["database"]
    with database.read() as db:
        people = db.scalar(sa.select(sa.func.count()).select_from(Person))
        visits = db.scalar(sa.select(sa.func.count()).select_from(Visit))
    return people or 0, visits or 0


def test_there_are_enough_of_them() -> None:
    assert len(STRANGE) >= 60


def test_the_honest_one_goes_through(launcher: Launcher, platform: LtiPlatform) -> None:
    answer = launcher.launch(platform.clients["client-1"], link_of(platform), platform.users["ilse"])
    assert answer.status_code == 303


@pytest.mark.parametrize("name", STRANGE)
def test_it_is_refused_with_a_page_and_a_line(
    name: str, launcher: Launcher, platform: LtiPlatform, tool: Flask
) -> None:
    reason, hostile = STRANGE[name]
    before = count(tool)
    begun = launcher.begin(platform.clients["client-1"], link_of(platform), platform.users["ilse"])
    with capture_logs() as lines:
        answer = hostile(launcher, begun)
    assert 400 <= answer.status_code < 500, answer.get_data(as_text=True)[:500]
    refusals = [line for line in lines if line["event"] == "launch_refused"]
    assert [line["reason"] for line in refusals] == [reason.value], lines
    assert not any(secret in str(lines) for secret in ("eyJ", begun.state, begun.question["nonce"], "Vermeulen"))
    page = Page(answer)
    assert refusals[0]["reference"] in page.text
    assert "beheerder" in page.text
    assert [link.get("href") for link in page.root.iter("a") if link.get("target") is None] == ["#main"]
    assert "leerlabo_visit" not in answer.headers.get("Set-Cookie", "")
    if name != "replayed":
        assert count(tool) == before
