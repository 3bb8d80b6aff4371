"""The same course here and in a platform's frame, page by page, and then linked: one participation, in any order."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from courses.enrolment.models import Enrolment
from courses.enrolment.services import enrol_learner
from courses.progress.models import StepProgress
from lms.accounts.models import Person
from lms.kernel.db import Database
from sectors.covenant.models import Participation
from tests.factories.accounts import make_person, sign_in_as
from tests.services.lti_platform import Client, LtiPlatform
from tests.services.lti_platform.browsing import Launcher
from tests.web.lti.conftest import TOOL
from tests.web.page import Page
from tests.web.visitor import Visitor, visitor_of

HERE, THERE = "here", "there"
MODULE = "/gezinszorg/courses/rustig-helpen/steps/welkom/pages/start"


@pytest.fixture
def emma(database: Database, tool: Client) -> Person:
    with database.write() as db:
        return make_person(db, first_name="Emma", last_name="Peeters")


@pytest.fixture
def alone(launcher: Launcher, emma: Person) -> Visitor:
    """Her own browser, signed in on our own site."""
    visitor = visitor_of(launcher.browser.application)
    sign_in_as(visitor, emma)
    return visitor


def learn_here(alone: Visitor, emma: Person, database: Database) -> None:
    with database.write() as db:
        course_id = db.scalars(sa.text("SELECT id FROM course")).one()
        enrol_learner(db, person_id=emma.id, course_id=course_id, area="gezinszorg")
    alone.submit(next(form for form in alone.page(MODULE).forms() if form.action.startswith(MODULE)))


def learn_there(launcher: Launcher, platform: LtiPlatform, tool: Client) -> Page:
    """Launch, and leave the module's last page with *Volgende*; the page of the course in the frame."""
    answer = launcher.launch(tool, platform.links["link-1"], platform.users["ilse"])
    page = Page(launcher.browser.get(answer.headers["Location"]))
    prefix = re.match(r"/in/[0-9a-f-]{36}", answer.headers["Location"])
    assert prefix is not None
    module = Page(launcher.browser.get(prefix[0] + MODULE))
    form = next(form for form in module.forms() if form.action.startswith(prefix[0] + MODULE))
    sent = launcher.browser.post(form.action, data=form.values, headers={"Origin": TOOL})
    assert sent.status_code == 303, sent.get_data(as_text=True)[:500]
    return page


def link(framed: Page, alone: Visitor) -> None:
    [form] = [form for form in framed.forms() if form.action.endswith("/lti/link")]
    answer = alone.post("/lti/link", data=form.values, headers={"Origin": TOOL})
    page = alone.page(answer.headers["Location"].removeprefix(TOOL))
    assert alone.submit(page.form("/me")).h1 == "Je account is gekoppeld"


def counted(database: Database) -> list[tuple[int | None, str]]:
    with database.read() as db:
        rows = db.execute(
            sa.select(Participation.person_id, Participation.year).where(Participation.is_calendar.is_(False))
        )
        return [(row.person_id, row.year) for row in rows]


@pytest.mark.parametrize("first", [HERE, THERE])
def test_both_doors_and_then_linked_is_one(
    launcher: Launcher,
    platform: LtiPlatform,
    tool: Client,
    database: Database,
    alone: Visitor,
    emma: Person,
    first: str,
) -> None:
    if first == HERE:
        learn_here(alone, emma, database)
    framed = learn_there(launcher, platform, tool)
    if first == THERE:
        learn_here(alone, emma, database)
    assert len(counted(database)) == 2
    link(framed, alone)
    [(person_id, _year)] = counted(database)
    assert person_id == emma.id
    with database.read() as db:
        open_ones = db.scalars(sa.select(Enrolment).where(Enrolment.withdrawn_at.is_(None))).all()
        assert [enrolment.person_id for enrolment in open_ones] == [emma.id]
        done = sa.select(StepProgress.step).where(StepProgress.enrolment_id == open_ones[0].id)
        assert db.scalars(done).all() == ["welkom"]


def test_linked_first_there_is_nothing_to_join(
    launcher: Launcher, platform: LtiPlatform, tool: Client, database: Database, alone: Visitor, emma: Person
) -> None:
    answer = launcher.launch(tool, platform.links["link-1"], platform.users["ilse"])
    link(Page(launcher.browser.get(answer.headers["Location"])), alone)
    learn_there(launcher, platform, tool)
    assert [person for person, _year in counted(database)] == [emma.id]
    with database.read() as db:
        assert [row.person_id for row in db.scalars(sa.select(Enrolment))] == [emma.id]
