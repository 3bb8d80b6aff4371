"""The desk sees what went to grade books, for platforms of its own areas, and sends again."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
import sqlalchemy as sa
from flask import Flask

from courses.catalogue.queries import get_course
from lms.app import connect_jobs
from lms.kernel import clock
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.identity import Role
from lms.kernel.jobs import OutboxRow, run_due
from lms.lti.models import LineItem, LtiContext, PlatformRegistration, Score
from lms.lti.queries.keys import list_published_keys
from tests.factories.accounts import make_person, sign_in_as
from tests.factories.courses import make_course
from tests.factories.lti import make_registration
from tests.factories.lti_places import make_learner, make_place
from tests.services.lti_platform import LtiPlatform, grade_book, lti_platform, roster
from tests.services.lti_platform.grade_book import book_of
from tests.unit.lti.course import do_step
from tests.web.lti.conftest import TOOL
from tests.web.page import Page
from tests.web.visitor import Visitor, visitor_of


@pytest.fixture
def served(database: Database, settings: Settings) -> Iterator[LtiPlatform]:
    with lti_platform(grade_book.mount, roster.mount) as platform:
        client = platform.know(TOOL)
        platform.kept["tool_keys"] = lambda: _keys(database)
        with database.write() as db:
            course = make_course(db, settings.data_dir)
            place = make_place(
                db,
                make_registration(db, platform, client),
                course.slug,
                line_items_url=grade_book.line_items_url(platform),
                memberships_url=roster.memberships_url(platform),
            )
            user = make_learner(db, place, "ilse")
        do_step(database, user.person_id, course, "welkom")
        yield platform


def _keys(database: Database) -> list[dict[str, object]]:
    with database.read() as db:
        return list_published_keys(db)


def consultant(app: Flask, database: Database, area: str = "gezinszorg") -> Visitor:
    with database.write() as db:
        person = make_person(db, role=Role.CONSULTANT, area=area)
    visitor = visitor_of(app)
    sign_in_as(visitor, person)
    return visitor


def address(database: Database) -> str:
    with database.read() as db:
        platform = db.scalars(sa.select(PlatformRegistration.uuid)).one()
        context = db.scalars(sa.select(LtiContext.uuid)).one()
    return f"/desk/platforms/{platform}/courses/{context}"


def work(database: Database, settings: Settings) -> None:
    run_due(database, connect_jobs(settings))


def test_what_was_sent_is_shown_and_sent_again(
    app: Flask, served: LtiPlatform, database: Database, settings: Settings
) -> None:
    desk = consultant(app, database)
    page = desk.page(address(database))
    assert "1 resultaat wacht nog." in page.text
    work(database, settings)
    page = desk.page(address(database))
    assert "Ilse Vermeulen" in page.text
    assert "Verstuurd" in page.text
    assert len(book_of(served).scores) == 1
    desk.submit(page.forms()[again(page)])
    work(database, settings)
    assert len(book_of(served).scores) == 2
    with database.read() as db:
        assert db.scalars(sa.select(Score.next_try_at)).one() is None


def again(page: Page) -> int:
    return next(number for number, form in enumerate(page.forms()) if "/scores/" in form.action)


def test_results_and_roster_are_asked_for(
    app: Flask, served: LtiPlatform, database: Database, settings: Settings
) -> None:
    work(database, settings)
    desk = consultant(app, database)
    page = desk.page(address(database))
    desk.submit(page.form("/results"))
    roster.add(served, "ilse")
    roster.add(served, "bram", given_name="Bram", family_name="Maes")
    desk.submit(desk.page(address(database)).form("/roster"))
    work(database, settings)
    with database.read() as db:
        assert db.scalars(sa.select(Score.result_score)).one() == Decimal(25)
        assert db.scalars(sa.select(LtiContext.roster_problem)).one() == ""
    assert "In orde" in desk.page(address(database)).text


def test_another_area_sees_none_of_it(app: Flask, served: LtiPlatform, database: Database) -> None:
    desk = consultant(app, database, "ouderenzorg")
    url = address(database)
    for path in (url, url.rpartition("/")[0], f"{url}/sent"):
        assert desk.get(path).status_code == 404


def test_a_column_of_another_context_is_not_found(
    app: Flask, served: LtiPlatform, database: Database, settings: Settings
) -> None:
    with database.write() as db:
        course = get_course(db, "rustig-helpen")
        registration = db.scalars(sa.select(PlatformRegistration)).one()
        context = LtiContext(
            deployment_id=db.scalars(sa.select(LtiContext.deployment_id)).one(),
            context_id="elders",
            grade_scopes=[],
            created_at=clock.now(),
        )
        db.add(context)
        db.flush()
        column = db.scalars(sa.select(LineItem.id)).one()
        url = f"/desk/platforms/{registration.uuid}/courses/{context.uuid}"
        assert course is not None
    desk = consultant(app, database)
    token = desk.page(url).form("/language").values["csrf_token"]
    for act in ("again", "results"):
        assert desk.post(f"{url}/columns/{column}/{act}", data={"csrf_token": token}).status_code == 404
    with database.read() as db:
        assert db.scalar(sa.select(sa.func.count()).where(OutboxRow.kind == "lti-results")) == 0
