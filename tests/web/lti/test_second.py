"""The whole way with a platform that others wrote: content is chosen, launched, learnt, and its services are used."""

from __future__ import annotations

import html
import http.client
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit
from urllib.request import Request, urlopen

import pytest
import sqlalchemy as sa
from flask import Flask

from courses.enrolment.models import Enrolment
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.outgoing import Outgoing
from lms.lti.models import LineItem, LtiContext, LtiUser, PlatformRegistration, ResourceLink, Score
from lms.lti.services import rosters, sending
from tests.factories.courses import make_course
from tests.factories.lti import make_registration
from tests.services.lti_platform import LtiPlatform, User, lti_platform, second, second_services
from tests.services.lti_platform.choosing import TEACHER
from tests.services.lti_platform.roster import LEARNER
from tests.services.lti_platform.second_services import SecondBook
from tests.web.lti.conftest import TOOL
from tests.web.page import Page
from tests.web.visitor import Visitor, visitor_of

OUT = Outgoing(may_go_inside=True, limit_s=10)
MODULE = "/gezinszorg/courses/rustig-helpen/steps/welkom/pages/start"


@pytest.fixture
def platform(app: Flask, database: Database, settings: Settings) -> Iterator[LtiPlatform]:
    with lti_platform(second.mount, second_services.mount) as platform:
        client = second.know(platform, TOOL)
        platform.kept["second"].get_registration().set_tool_key_set(visitor_of(app).get("/lti/jwks").json)
        platform.users |= {"ilse": User("ilse"), "lore": User("lore", "Lore", roles=(TEACHER,))}
        with database.write() as db:
            make_registration(db, platform, client, **second.endpoints(platform))
            make_course(db, settings.data_dir)
        yield platform


def launch(visitor: Visitor, platform: LtiPlatform, link: str, user: str) -> Page:
    """From the click to the page she lands on, by way of the library's own redirects and forms."""
    begun = _follow_once(f"{platform.address}/second/start/{link}?user={user}")
    ours = visitor.get(begun.removeprefix(TOOL))
    with urlopen(ours.headers["Location"], timeout=10) as answer:
        form = answer.read().decode()
    fields = {name: html.unescape(value) for name, value in re.findall(r'name="([^"]+)" value="([^"]+)"', form)}
    landed = visitor.post("/lti/launch", data=fields, headers={"Origin": platform.address})
    assert landed.status_code == 303, landed.get_data(as_text=True)[:500]
    return visitor.page(landed.headers["Location"])


def _follow_once(url: str) -> str:
    """Where a platform's page sends the browser."""
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=10)
    connection.request("GET", f"{parts.path}?{parts.query}")
    return connection.getresponse().headers["Location"]


def place(app: Flask, platform: LtiPlatform) -> str:
    """A teacher picks the course; the name of the link the library takes from our answer."""
    teacher = visitor_of(app)
    page = launch(teacher, platform, second.CHOOSE, "lore")
    page = teacher.submit(page.form("/items"), content=["rustig-helpen"])
    page = teacher.submit(page.form("/answer"), {})
    [form] = [form for form in page.forms() if "JWT" in form.values]
    body = f"JWT={form.values['JWT'][0]}".encode()
    with urlopen(Request(form.action, body), timeout=10) as answer:
        assert "Rustig helpen" in answer.read().decode()
    [name] = platform.links
    return name


def test_content_is_chosen_launched_and_graded(app: Flask, platform: LtiPlatform) -> None:
    database: Database = app.extensions["database"]
    book: SecondBook = platform.kept["second_book"]
    learner, name = visitor_of(app), place(app, platform)
    page = launch(learner, platform, name, "ilse")
    assert page.h1 == "Rustig helpen"
    prefix = "/".join(page.url.split("/")[:3])
    form = next(f for f in learner.page(prefix + MODULE).forms() if f.action.startswith(prefix + MODULE))
    assert learner.post(form.action, data=form.values, headers={"Origin": TOOL}).status_code == 303
    with database.read() as db:
        registration = db.scalars(sa.select(PlatformRegistration)).one()
    sending.send_scores(database, registration.id, OUT)
    [score], [item] = book.scores, book.items.values()
    assert (score["userId"], score["activityProgress"], score["scoreMaximum"]) == ("ilse", "InProgress", 100)
    assert (item["resourceId"], item["resourceLinkId"]) == ("rustig-helpen", name)
    with database.read() as db:
        kept = db.scalars(sa.select(Score)).one()
        assert (kept.answer, kept.next_try_at) == ("", None)
        column = db.scalars(sa.select(LineItem.id)).one()
    assert sending.read_results_of(database, column, OUT) == 1


def test_its_roster_is_followed(app: Flask, platform: LtiPlatform) -> None:
    database: Database = app.extensions["database"]
    book: SecondBook = platform.kept["second_book"]
    name = place(app, platform)
    launch(visitor_of(app), platform, name, "ilse")
    with database.read() as db:
        context_id = db.scalars(sa.select(LtiContext.id)).one()
    member: dict[str, Any] = {"roles": [LEARNER], "name": "Bram Maes"}
    book.members += [{"user_id": who, **member} for who in ("ilse", "bram")]
    book.links.add(name)
    rosters.follow_roster(database, context_id, OUT)
    with database.write() as db:
        assert db.scalars(sa.select(LtiContext.roster_problem)).one() == ""
        joined = sa.select(LtiUser.subject).join(Enrolment, Enrolment.person_id == LtiUser.person_id)
        assert set(db.scalars(joined.where(Enrolment.withdrawn_at.is_(None)))) == {"ilse", "bram"}
        assert db.scalars(sa.select(ResourceLink.asked_at)).one() is not None
        db.execute(sa.update(LtiContext).values(roster_due_at=None))
    book.links.clear()  # the library then says 403: that is about the link, since it knew the question before
    book.members.append({"user_id": "nieuw", **member})
    rosters.follow_roster(database, context_id, OUT)
    with database.read() as db:
        assert set(db.scalars(joined)) == {"ilse", "bram"}
