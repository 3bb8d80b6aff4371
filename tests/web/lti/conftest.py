"""A platform that knows us, a course that it places, and somebody who clicks."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from lms.kernel.config import Settings
from lms.kernel.db import Database
from tests.factories.courses import make_course
from tests.factories.lti import make_registration
from tests.services.lti_platform import Client, Link, LtiPlatform, User, launching, lti_platform
from tests.services.lti_platform.browsing import Launcher
from tests.services.platform import HOST
from tests.web.visitor import visitor_of

TOOL = f"http://{HOST}"


@pytest.fixture
def platform() -> Iterator[LtiPlatform]:
    with lti_platform(launching.mount) as platform:
        yield platform


@pytest.fixture
def tool(platform: LtiPlatform, database: Database, settings: Settings) -> Client:
    """Us, as the platform knows us: a row on each side, and a course it may place."""
    client = platform.know(TOOL)
    platform.users["ilse"] = User("ilse")
    platform.links["link-1"] = Link("link-1", f"{TOOL}/lti/launch", custom={"content": "rustig-helpen"})
    with database.write() as db:
        make_registration(db, platform, client)
        make_course(db, settings.data_dir)
    return client


@pytest.fixture
def launcher(platform: LtiPlatform, app: Flask) -> Launcher:
    return Launcher(platform, visitor_of(app), TOOL)
