"""Who a platform brought makes herself an account on our own site, with an address she proves to be hers."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from courses.enrolment.models import Enrolment
from lms.accounts.models import Employment, Person
from lms.accounts.services import block_person
from lms.app import connect_jobs
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.jobs import OutboxRow
from lms.lti.models import LtiUser
from lms.lti.services.own_accounts import KIND
from tests.factories.accounts import PASSWORD, sign_in_as
from tests.services.lti_platform import Client, LtiPlatform, User
from tests.services.lti_platform.browsing import Launcher
from tests.services.platform import HOST
from tests.web.lti import test_linking as linking
from tests.web.page import Page
from tests.web.visitor import Visitor

pytestmark = pytest.mark.usefixtures("tool")
framed, alone, emma = linking.framed, linking.alone, linking.emma
ILSE = "ilse@example.org"


def ask(visitor: Visitor, url: str, email: str = ILSE) -> Page:
    return linking._post(visitor, f"{url}/new", {"email": email})


def prove(visitor: Visitor, url: str, code: str, email: str = ILSE) -> Page:
    return linking._post(visitor, f"{url}/new/proof", {"email": email, "code": code})


def code_in_mail(database: Database, settings: Settings) -> str:
    """Do what the worker does; the code in the newest mail."""
    with database.read() as db:
        rows = db.scalars(sa.select(OutboxRow).where(OutboxRow.kind == KIND).order_by(OutboxRow.id)).all()
    for row in rows:
        connect_jobs(settings).run(database, KIND, row.payload)
    with database.read() as db:
        mail = db.scalars(sa.select(OutboxRow).where(OutboxRow.kind == "mail").order_by(OutboxRow.id.desc())).first()
    found = re.search(r"\b(\d{6})\b", mail.payload["text"]) if mail else None
    assert found is not None
    return found[1]


def ilse(database: Database) -> Person:
    with database.read() as db:
        return db.scalars(sa.select(Person).join(LtiUser, LtiUser.person_id == Person.id)).one()


def test_she_makes_an_account_and_goes_on_with_what_she_learnt(
    framed: Page,
    alone: Visitor,
    database: Database,
    settings: Settings,
    launcher: Launcher,
    platform: LtiPlatform,
    tool: Client,
) -> None:
    url = linking.begin(framed, alone)
    assert "/new" in linking.html(Page(alone.get(url)))
    assert ask(alone, url, " Ilse@Example.org ").status == 200
    answer = prove(alone, url, code_in_mail(database, settings)).response
    assert answer.status_code == 303
    choose = alone.page(re.sub(r"^https?://[^/]+", "", answer.headers["Location"]))
    assert choose.h1 == "Welkom, Ilse"
    alone.submit(choose.form(holding="password"), password=PASSWORD)
    assert "Rustig helpen" in alone.page("/my/courses").text
    her = ilse(database)
    assert (her.email, her.made_by) == (ILSE, "")
    with database.read() as db:
        assert db.scalars(sa.select(Enrolment.person_id)).all() == [her.id]
        assert db.scalars(sa.select(Employment.person_id).where(Employment.ended_on.is_(None))).all() == [her.id]
    again = launcher.launch(tool, platform.links["link-1"], User("ilse", given_name="Anders"))
    page = Page(launcher.browser.get(again.headers["Location"]))
    assert "/lti/link" not in linking.html(page)
    assert ilse(database).first_name == "Ilse"


def test_an_address_that_has_an_account_is_that_account(
    framed: Page, alone: Visitor, emma: Person, database: Database, settings: Settings
) -> None:
    url = linking.begin(framed, alone)
    hers, nobodys = ask(alone, url, "emma@example.org"), ask(alone, url, "niemand@example.org")
    assert linking.html(hers).replace("emma@", "x@") == linking.html(nobodys).replace("niemand@", "x@")
    ask(alone, url, "emma@example.org")
    page = prove(alone, url, code_in_mail(database, settings), "emma@example.org")
    assert page.h1 == "Je account is gekoppeld"
    assert linking.who_is_ilse(database) == (emma.id, True)


def test_a_code_proves_the_address_it_was_mailed_to_and_makes_one_account(
    framed: Page, alone: Visitor, emma: Person, database: Database, settings: Settings
) -> None:
    url = linking.begin(framed, alone)
    ask(alone, url)
    code = code_in_mail(database, settings)
    assert prove(alone, url, code, "emma@example.org").status == 422
    assert linking._post(alone, f"{url}/proof", {"email": ILSE, "code": code}).status == 422
    assert (ilse(database).email, linking.who_is_ilse(database)[1]) == (None, False)
    assert prove(alone, url, code).status == 303
    assert prove(alone, url, code).status == 410


def test_an_account_that_is_closed_stays_closed(
    framed: Page, alone: Visitor, emma: Person, database: Database, settings: Settings
) -> None:
    with database.write() as db:
        block_person(db, emma.id)
    url = linking.begin(framed, alone)
    ask(alone, url, "emma@example.org")
    assert prove(alone, url, code_in_mail(database, settings), "emma@example.org").status == 422
    assert linking.who_is_ilse(database)[1] is False


def test_guessing_and_asking_are_limited(framed: Page, alone: Visitor, database: Database, settings: Settings) -> None:
    url = linking.begin(framed, alone)
    assert ask(alone, url, "geen adres").status == 422
    assert [ask(alone, url).status for _time in range(11)] == [200] * 10 + [429]
    code = code_in_mail(database, settings)
    wrong = "111111" if code != "111111" else "222222"
    for _time in range(5):
        assert prove(alone, url, wrong).status in (410, 422)
    assert prove(alone, url, code).status == 410
    assert ilse(database).email is None


def test_it_is_for_who_has_no_account_and_never_in_the_frame(
    framed: Page, alone: Visitor, emma: Person, launcher: Launcher
) -> None:
    url = linking.begin(framed, alone)
    visit = re.search(r"/in/[0-9a-f-]{36}", linking.html(framed))
    assert visit is not None
    inside = launcher.browser.get(f"{visit[0]}{url.removeprefix('http://' + HOST)}/new")
    assert inside.status_code == 403
    sign_in_as(alone, emma)
    assert Page(alone.get(f"{url}/new")).response.headers["Location"] == f"{url}"
