"""A platform with a grade book and a roster, our whole house listening, and a course it may place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from courses.catalogue.models import Course
from lms.app import connect_events
from lms.kernel.db import Database
from lms.kernel.outgoing import Outgoing
from lms.lti.models import LtiUser
from lms.lti.queries.keys import list_published_keys
from lms.lti.services import calling
from lms.lti.services.tokens import Tokens
from tests.factories.courses import make_course, make_outline
from tests.factories.covenant import IRI_BASE
from tests.factories.lti import make_registration
from tests.factories.lti_places import Place, make_learner, make_place
from tests.services.lti_platform import LtiPlatform, grade_book, lti_platform, roster
from tests.unit.lti.course import STEPS

OUT = Outgoing(may_go_inside=True, limit_s=10)


@pytest.fixture
def house(database_url: str, database: Database) -> Iterator[Database]:
    """A database with everybody listening, as the platform opens it."""
    heard = Database(database_url, events=connect_events())
    heard.info.update(database.info)
    heard.info["leerlabo.iri_base"] = IRI_BASE
    heard.info["leerlabo.base_url"] = "http://localhost"
    heard.info["leerlabo.secret_key"] = "s" * 32
    yield heard
    heard.dispose()


@pytest.fixture
def platform(house: Database) -> Iterator[LtiPlatform]:
    with lti_platform(grade_book.mount, roster.mount) as platform:
        platform.know("http://localhost")

        def tool_keys() -> list[dict[str, object]]:
            with house.read() as db:
                return list_published_keys(db)

        platform.kept["tool_keys"] = tool_keys
        yield platform


@pytest.fixture
def course(house: Database, tmp_path: Path) -> Course:
    with house.write() as db:
        return make_course(db, tmp_path, make_outline(steps=STEPS))


@pytest.fixture
def place(house: Database, platform: LtiPlatform, course: Course) -> Place:
    """The whole course, placed in a context that has a grade book and a roster."""
    with house.write() as db:
        registration = make_registration(db, platform, platform.clients["client-1"])
        return make_place(
            db,
            registration,
            course.slug,
            line_items_url=grade_book.line_items_url(platform),
            memberships_url=roster.memberships_url(platform),
        )


@pytest.fixture(autouse=True)
def fresh_tokens(monkeypatch: pytest.MonkeyPatch) -> Tokens:
    """A process that just started."""
    tokens = Tokens()
    monkeypatch.setattr(calling.PlatformCaller.__init__, "__defaults__", (tokens, None))
    return tokens


@pytest.fixture
def user(house: Database, place: Place) -> LtiUser:
    with house.write() as db:
        return make_learner(db, place, "ilse")
