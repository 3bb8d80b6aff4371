"""Somebody a platform brought proves that she has an account here: on our own site, and by more than a claim."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from courses.enrolment.models import Enrolment
from lms.accounts.models import Person
from lms.accounts.services import block_person
from lms.app import connect_jobs
from lms.kernel import clock
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.jobs import OutboxRow
from lms.lti.models import LinkRequest, LtiUser
from lms.lti.services.linking import KIND
from tests.factories.accounts import make_person, sign_in_as
from tests.services.lti_platform import Client, LtiPlatform
from tests.services.lti_platform.browsing import Launcher
from tests.web.lti.conftest import TOOL
from tests.web.page import Page
from tests.web.visitor import Visitor, visitor_of

pytestmark = pytest.mark.usefixtures("tool")


@pytest.fixture
def emma(database: Database, tool: Client) -> Person:
    with database.write() as db:
        return make_person(db, first_name="Emma", last_name="Peeters", email="emma@example.org")


@pytest.fixture
def framed(launcher: Launcher, platform: LtiPlatform, tool: Client) -> Page:
    """The course as Ilse sees it in her platform."""
    answer = launcher.launch(tool, platform.links["link-1"], platform.users["ilse"])
    return Page(launcher.browser.get(answer.headers["Location"]))


@pytest.fixture
def alone(app: Flask) -> Visitor:
    """A window of our own, without the frame's cookie."""
    return visitor_of(app)


def begin(framed: Page, alone: Visitor) -> str:
    """Press the button in the frame; returns where the new window lands."""
    found = re.search(r'action="[^"]*(/lti/link)".*?name="pass" value="([^"]+)"', html(framed), re.DOTALL)
    assert found is not None
    answer = alone.post(found[1], data={"pass": found[2]}, headers={"Origin": TOOL}, base_url=TOOL)
    assert answer.status_code == 303, answer.get_data(as_text=True)[:800]
    return answer.headers["Location"]


def _post(visitor: Visitor, url: str, fields: dict[str, str]) -> Page:
    """Send this from the page above it, whatever the answer."""
    path = url.removeprefix(TOOL)
    page = Page(visitor.get(path.rpartition("/")[0]))
    [token] = page.form("/language").values["csrf_token"]
    return Page(visitor.post(path, data={"csrf_token": token} | fields, headers={"Origin": TOOL}))


def html(page: Page) -> str:
    return page.response.get_data(as_text=True)


def code_for(database: Database, settings: Settings) -> str | None:
    """Do what the worker does for codes; the code in the newest mail, if any was written."""
    with database.read() as db:
        rows = db.scalars(sa.select(OutboxRow).where(OutboxRow.kind == KIND).order_by(OutboxRow.id)).all()
    for row in rows:
        connect_jobs(settings).run(database, KIND, row.payload)
    with database.read() as db:
        mails = db.scalars(sa.select(OutboxRow).where(OutboxRow.kind == "mail").order_by(OutboxRow.id)).all()
    found = re.search(r"\b(\d{6})\b", mails[-1].payload["text"]) if mails else None
    return found[1] if found else None


def who_is_ilse(database: Database) -> tuple[int, bool]:
    with database.read() as db:
        user = db.scalars(sa.select(LtiUser)).one()
        return user.person_id, user.linked_at is not None


def test_signed_in_and_confirmed_she_is_joined(
    framed: Page, alone: Visitor, emma: Person, database: Database, launcher: Launcher
) -> None:
    sign_in_as(alone, emma)
    url = begin(framed, alone)
    page = Page(alone.get(url))
    assert "Ilse Vermeulen" in html(page)
    assert "Thuiszorg Demerdal" in html(page)
    assert "Emma Peeters" in html(page)
    assert page.response.headers["Content-Security-Policy"].count("frame-ancestors 'none'") == 1
    assert _post(alone, f"{url}/me", {}).h1 == "Je account is gekoppeld"
    assert who_is_ilse(database) == (emma.id, True)
    with database.read() as db:
        assert db.scalars(sa.select(Enrolment)).one().person_id == emma.id
        mail = db.scalars(sa.select(OutboxRow).where(OutboxRow.kind == "mail")).one()
        assert mail.payload["to"] == "emma@example.org"
    again = Page(alone.get(url))
    assert again.status == 410
    assert "Thuiszorg Demerdal" in alone.page("/account").text


def test_the_visit_goes_on_as_the_account_and_asks_no_more(
    framed: Page, alone: Visitor, emma: Person, launcher: Launcher, platform: LtiPlatform, tool: Client
) -> None:
    sign_in_as(alone, emma)
    _post(alone, f"{begin(framed, alone)}/me", {})
    answer = launcher.launch(tool, platform.links["link-1"], platform.users["ilse"])
    page = Page(launcher.browser.get(answer.headers["Location"]))
    assert page.h1 == "Rustig helpen"
    assert "/lti/link" not in html(page)


def test_who_is_somebody_else_signs_out_and_may_go_on(framed: Page, alone: Visitor, emma: Person) -> None:
    sign_in_as(alone, emma)
    url = begin(framed, alone).removeprefix(TOOL)
    page = alone.submit(alone.page(url).form(holding="next", action="/sign-out"))
    assert (page.url, page.h1) == (url, "Koppel je account")
    assert "Stuur me een code" in page.text


@pytest.mark.parametrize("path", ["https://elders.example/", "//elders.example/", "/\\elders.example", "lti/link", ""])
def test_signing_out_leads_to_no_other_site(framed: Page, alone: Visitor, emma: Person, path: str) -> None:
    sign_in_as(alone, emma)
    form = alone.page(begin(framed, alone).removeprefix(TOOL)).form(holding="next", action="/sign-out")
    answer = alone.post(form.action, data=form.values | {"next": path})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")


def test_nobody_signed_in_cannot_confirm(framed: Page, alone: Visitor, emma: Person, database: Database) -> None:
    url = begin(framed, alone)
    assert "/sign-in" in _post(alone, f"{url}/me", {}).response.headers.get("Location", "")
    assert who_is_ilse(database)[1] is False


def test_a_mailed_code_proves_it_too(
    framed: Page, alone: Visitor, emma: Person, database: Database, settings: Settings
) -> None:
    url = begin(framed, alone)
    assert "Dan kreeg je nu een mail" in _post(alone, f"{url}/code", {"email": "Emma@example.org"}).text
    code = code_for(database, settings)
    assert code is not None
    assert _post(alone, f"{url}/proof", {"email": "emma@example.org", "code": f" {code[:3]} {code[3:]}"}).status == 200
    assert who_is_ilse(database) == (emma.id, True)


def test_whether_an_address_exists_is_not_told(
    framed: Page, alone: Visitor, emma: Person, database: Database, settings: Settings
) -> None:
    url = begin(framed, alone)
    hers = _post(alone, f"{url}/code", {"email": "emma@example.org"})
    nobodys = _post(alone, f"{url}/code", {"email": "niemand@example.org"})
    assert (hers.status, html(hers).replace("emma@", "x@")) == (
        nobodys.status,
        html(nobodys).replace("niemand@", "x@"),
    )
    with database.read() as db:
        assert db.scalar(sa.select(sa.func.count()).where(OutboxRow.kind == KIND)) == 2
    code_for(database, settings)
    assert _post(alone, f"{url}/proof", {"code": "000000"}).status == 422


def test_a_code_is_guessed_five_times_and_no_more(
    framed: Page, alone: Visitor, emma: Person, database: Database, settings: Settings
) -> None:
    url = begin(framed, alone)
    _post(alone, f"{url}/code", {"email": "emma@example.org"})
    code = code_for(database, settings)
    assert code is not None
    wrong = "111111" if code != "111111" else "222222"
    for _time in range(5):
        assert _post(alone, f"{url}/proof", {"code": wrong}).status in (410, 422)
    _post(alone, f"{url}/proof", {"code": code})
    assert who_is_ilse(database)[1] is False


def test_asking_for_codes_is_limited(framed: Page, alone: Visitor, emma: Person, database: Database) -> None:
    url = begin(framed, alone)
    statuses = [_post(alone, f"{url}/code", {"email": "emma@example.org"}).status for _time in range(12)]
    assert statuses[:10] == [200] * 10
    assert statuses[10:] == [429, 429]


def test_a_request_is_short_lived(framed: Page, alone: Visitor, emma: Person, database: Database) -> None:
    sign_in_as(alone, emma)
    url = begin(framed, alone)
    with clock.moved_to(clock.now() + timedelta(minutes=21)):
        assert _post(alone, f"{url}/me", {}).status == 410
    assert who_is_ilse(database)[1] is False


def test_an_account_that_is_closed_or_a_platforms_own_gets_no_code(
    framed: Page, alone: Visitor, emma: Person, database: Database, settings: Settings
) -> None:
    with database.write() as db:
        block_person(db, emma.id)
        make_person(db, email="andere@example.org", made_by="lti")
    url = begin(framed, alone)
    for email in ("emma@example.org", "andere@example.org"):
        _post(alone, f"{url}/code", {"email": email})
    assert code_for(database, settings) is None


def test_a_pass_of_ours_is_needed_and_only_from_our_own_page(framed: Page, alone: Visitor) -> None:
    found = re.search(r'name="pass" value="([^"]+)"', html(framed))
    assert found is not None
    assert alone.post("/lti/link", data={"pass": "made-up"}, headers={"Origin": TOOL}).status_code >= 400
    for origin in ("https://elders.example", "null"):
        refused = alone.post("/lti/link", data={"pass": found[1]}, headers={"Origin": origin})
        assert refused.status_code >= 400


def test_linking_is_shut_inside_the_frame(framed: Page, alone: Visitor, launcher: Launcher) -> None:
    url = begin(framed, alone)
    visit = re.search(r"/in/[0-9a-f-]{36}", html(framed))
    assert visit is not None
    inside = launcher.browser.get(f"{visit[0]}{url.removeprefix(TOOL)}")
    assert inside.status_code == 403


def test_a_second_request_ends_the_first(framed: Page, alone: Visitor, database: Database) -> None:
    first, second = begin(framed, alone), begin(framed, alone)
    assert Page(alone.get(first)).status == 410
    assert Page(alone.get(second)).status == 200
    with database.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(LinkRequest)) == 1
