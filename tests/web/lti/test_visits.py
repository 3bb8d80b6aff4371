"""What a visit may show, to whom, where, and how long."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from courses.catalogue.models import Course
from lms.kernel import clock
from lms.kernel.db import Database
from lms.lti.models import PlatformRegistration
from tests.factories.sessions import make_session
from tests.services.lti_platform import Client, User
from tests.services.lti_platform.browsing import Launcher
from tests.web.lti.entering import enter, form_to_begin, land, visit_of
from tests.web.page import Page

FORBIDDEN = (
    "/",
    "/account",
    "/areas",
    "/my/courses",
    "/sign-in",
    "/gezinszorg/",
    "/gezinszorg/courses",
    "/gezinszorg/courses/ander",
    "/ouderenzorg/courses/rustig-helpen",
    "/desk/people",
    "/check",
    "/xapi/about",
    "/metrics",
    "/health/live",
    "/lti/login",
)


@pytest.mark.parametrize("path", FORBIDDEN)
def test_a_visit_shows_nothing_else(path: str, launcher: Launcher, tool: Client) -> None:
    visit = visit_of(enter(launcher, tool, User("grens")))
    assert launcher.browser.get(visit + path).status_code in (403, 404)


def test_a_visit_is_of_its_own_browser(launcher: Launcher, tool: Client) -> None:
    visit = visit_of(enter(launcher, tool, User("eigen")))
    assert launcher.browser.get(f"{visit}/help").status_code == 200
    assert launcher.elsewhere().browser.get(f"{visit}/help", base_url=launcher.base_url).status_code == 401


def test_the_cookie_of_one_visit_opens_no_other(launcher: Launcher, tool: Client, app: Flask) -> None:
    first = visit_of(enter(launcher, tool, User("een")))
    second = visit_of(enter(launcher, tool, User("twee")))
    cookie = launcher.browser.get_cookie("leerlabo_visit", domain="localhost", path=first)
    assert cookie is not None
    other = launcher.elsewhere().browser
    other.set_cookie("leerlabo_visit", cookie.value, domain="localhost", path=second)
    assert other.get(f"{second}/help", base_url=launcher.base_url).status_code == 401
    other.set_cookie("leerlabo", cookie.value, domain="localhost")
    assert other.get("/account", base_url=launcher.base_url).status_code == 303


def test_the_cookie_says_what_browsers_want(launcher: Launcher, tool: Client) -> None:
    answer = launcher.launch(tool, launcher.platform.links["link-1"], User("koek"))
    visit = "/".join(answer.headers["Location"].split("/")[:3])
    given = next(one for one in answer.headers.getlist("Set-Cookie") if one.startswith("leerlabo_visit="))
    for word in ("Secure", "HttpOnly", "SameSite=None", "Partitioned", f"Path={visit}"):
        assert word in given
    page = launcher.browser.get(answer.headers["Location"], base_url=launcher.base_url)
    again = [one for one in page.headers.getlist("Set-Cookie") if one.startswith("leerlabo_visit=")]
    assert all("Partitioned" in one and f"Path={visit}" in one for one in again)
    assert not [one for one in page.headers.getlist("Set-Cookie") if one.startswith("leerlabo=")]


def test_only_the_platform_may_frame_it(launcher: Launcher, tool: Client) -> None:
    page = enter(launcher, tool, User("kader"))
    headers = page.response.headers
    assert f"frame-ancestors {launcher.platform.address};" in headers["Content-Security-Policy"]
    assert "Cross-Origin-Opener-Policy" not in headers
    assert "X-Frame-Options" not in headers
    assert "frame-ancestors 'none'" in launcher.browser.get("/sign-in").headers["Content-Security-Policy"]


def test_a_visit_ends(launcher: Launcher, tool: Client) -> None:
    visit = visit_of(enter(launcher, tool, User("lang")))
    with clock.moved_to(clock.now() + timedelta(hours=13)):
        page = Page(launcher.browser.get(f"{visit}/help"))
    assert (page.status, page.h1) == (401, "Je bezoek is voorbij")


def test_it_ends_when_the_platform_is_switched_off(launcher: Launcher, tool: Client, database: Database) -> None:
    visit = visit_of(enter(launcher, tool, User("uit")))
    with database.write() as db:
        db.execute(sa.update(PlatformRegistration).values(switched_off_at=clock.now()))
    assert launcher.browser.get(f"{visit}/help").status_code == 401


def test_a_form_from_another_site_is_refused_in_a_visit_too(launcher: Launcher, tool: Client) -> None:
    page = enter(launcher, tool, User("vals"))
    form = form_to_begin(page)
    foreign = {"Origin": launcher.platform.address}
    assert launcher.browser.post(form.action, data=form.values, headers=foreign).status_code == 400
    assert launcher.browser.post(form.action, data={}).status_code == 400
    assert launcher.browser.post(form.action, data=form.values).status_code == 303


def test_a_window_needs_a_pass_of_ours(launcher: Launcher, tool: Client) -> None:
    page = enter(launcher, tool, User("raam"))
    form = page.form("/lti/window")
    ours, theirs = {"Origin": launcher.base_url}, {"Origin": launcher.platform.address}
    post = launcher.browser.post
    assert post("/lti/window", data=form.values, headers=theirs).status_code == 400
    assert post("/lti/window", data={"pass": "made-up"}, headers=ours).status_code == 400
    answer = post("/lti/window", data=form.values, headers=ours)
    assert answer.status_code == 303
    assert visit_of(land(launcher, answer)) != visit_of(page)


def test_a_visit_nobody_made_is_not_there(launcher: Launcher) -> None:
    assert launcher.browser.get("/in/00000000-0000-4000-8000-000000000000/help").status_code == 404
    assert launcher.browser.get("/in/nothing/help").status_code == 404
    assert launcher.browser.get("/in/00000000-0000-4000-8000-000000000000").status_code == 404


def test_a_calendar_does_not_keep_the_address_of_a_visit(launcher: Launcher, tool: Client, database: Database) -> None:
    start = clock.now() + timedelta(days=8)
    with database.write() as db:
        course = db.scalars(sa.select(Course)).one()
        days = {"closes_at": start - timedelta(days=1), "free_until": start - timedelta(days=3)}
        uuid = make_session(db, course, starts_at=start, ends_at=start + timedelta(hours=3), **days).uuid
    page = enter(launcher, tool, User("agenda"))
    file = f"{visit_of(page)}/gezinszorg/courses/rustig-helpen/steps/samen/session/{uuid}.ics"
    data = launcher.browser.get(file).get_data(as_text=True)
    assert "BEGIN:VEVENT" in data
    assert "/in/" not in data
    assert "URL" not in data
