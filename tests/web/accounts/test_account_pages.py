"""The links in our mails, and one's own account."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa

from lms.accounts import queries, services
from lms.accounts.models import Person, SingleUseLink
from lms.accounts.services import LinkKind
from lms.accounts.services.passwords import is_password
from lms.kernel.db import Database
from tests.factories.accounts import PASSWORD, make_organisation, make_person, sign_in_as
from tests.web.visitor import Visitor

NEW = "vier groene stoelen"


@pytest.fixture
def emma(database: Database) -> Person:
    with database.write() as db:
        return make_person(
            db, first_name="Emma", user_name="emma", password=PASSWORD, organisation=make_organisation(db)
        )


def link(database: Database, person: Person, kind: LinkKind) -> str:
    with database.write() as db:
        return f"/{kind}/{services.make_link(db, person.id, kind)}"


def test_an_invitation_asks_for_a_password_and_signs_her_in(
    visitor: Visitor, database: Database, emma: Person, another_visitor: Callable[[], Visitor]
) -> None:
    path = link(database, emma, LinkKind.INVITATION)
    page = visitor.page(path)
    assert page.h1 == "Welkom, Emma"
    visitor.page(path)  # looking at it, as a mail program does, does not use it
    page = visitor.submit(page.form(holding="password"), password="welkom123", status=422)
    assert "Veel mensen kiezen dit wachtwoord" in page.text
    page = visitor.submit(page.form(holding="password"), password=NEW)
    assert "Emma" in visitor.page("/account").text
    again = another_visitor()
    assert "werkt niet meer" in again.page(path, status=410).h1
    again.sign_in("emma", NEW)
    assert again.page("/account").url == "/account"


def test_a_link_that_never_was_gets_the_page_of_one_that_is_over(visitor: Visitor) -> None:
    for path in ("/invitation/niets", "/reset/niets"):
        assert "werkt niet meer" in visitor.page(path, status=410).h1


def test_a_link_that_is_over_while_she_types_says_so(visitor: Visitor, database: Database, emma: Person) -> None:
    form = visitor.page(link(database, emma, LinkKind.RESET)).form(holding="password")
    with database.write() as db:
        db.execute(sa.update(SingleUseLink).values(used_at=SingleUseLink.created_at))
    assert "werkt niet meer" in visitor.submit(form, password=NEW, status=410).h1
    with database.read() as db:
        assert not is_password(queries.find_password_hash(db, emma.id), NEW)


def test_asking_too_often_for_a_new_password_has_to_wait(visitor: Visitor) -> None:
    form = visitor.page("/reset").form(holding="name")
    for _ in range(3):
        assert visitor.submit(form, name="niemand").url == "/reset"
    visitor.submit(form, name="niemand", status=429)
    assert "Vul je e-mailadres" in visitor.submit(form, name="", status=422).text


def test_preferences_are_kept_and_show_at_once(visitor: Visitor, database: Database, emma: Person) -> None:
    sign_in_as(visitor, emma)
    form = visitor.page("/account").form("/account/preferences")
    visitor.submit(form, language="fr", text_size="larger", theme="dark")
    html = visitor.get("/account").text
    assert '<html lang="fr" data-text-size="larger" data-bs-theme="dark">' in html
    visitor.submit(form, theme="roze", status=409)


def test_changing_the_password_signs_out_elsewhere(
    visitor: Visitor, emma: Person, another_visitor: Callable[[], Visitor]
) -> None:
    elsewhere = another_visitor()
    for browser in (visitor, elsewhere):
        browser.sign_in("emma", PASSWORD)
    form = visitor.page("/account").form("/account/password")
    page = visitor.submit(form, current="mis", password=NEW, status=422)
    assert "niet je wachtwoord van nu" in page.text
    page = visitor.submit(form, current=PASSWORD, password="kort", status=422)
    assert "te kort" in page.text
    assert visitor.submit(form, current=PASSWORD, password=NEW).url == "/account"
    assert elsewhere.page("/account").url == "/sign-in"


def test_guessing_the_password_of_a_browser_left_open_has_to_wait(visitor: Visitor, emma: Person) -> None:
    sign_in_as(visitor, emma)
    form = visitor.page("/account").form("/account/password")
    for _ in range(10):
        visitor.submit(form, current="mis", password=NEW, status=422)
    visitor.submit(form, current=PASSWORD, password=NEW, status=429)


def test_she_sees_where_she_is_signed_in_and_ends_it_there_or_everywhere(
    visitor: Visitor, emma: Person, another_visitor: Callable[[], Visitor]
) -> None:
    phone, tablet = another_visitor(), another_visitor()
    for browser in (phone, tablet, visitor):
        sign_in_as(browser, emma)
    page = visitor.page("/account")
    ends = [form for form in page.forms() if form.action.endswith("/end")]
    assert len(ends) == 2  # not the browser she sits at
    visitor.submit(ends[-1])
    assert phone.page("/account").url == "/sign-in"
    assert tablet.page("/account").url == "/account"
    assert visitor.submit(page.form("/account/sign-out-everywhere")).url == "/sign-in"
    assert tablet.page("/account").url == "/sign-in"


def test_the_account_is_for_who_signed_in(visitor: Visitor) -> None:
    assert visitor.page("/account").url == "/sign-in"
    csrf = visitor.page("/sign-in").form(holding="password").values["csrf_token"]
    for path in ("preferences", "password", "sign-ins/1/end", "sign-out-everywhere"):
        answer = visitor.post(f"/account/{path}", data={"csrf_token": csrf})
        assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
