"""Signing in, out, another language, and from one host of ours to another, as a browser meets them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from werkzeug.test import Cookie

from lms.accounts import services
from lms.accounts.models import Person, SignIn, SignInAttempts
from lms.accounts.services import LinkKind
from lms.kernel import clock
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.identity import Role
from lms.kernel.web.flow import SESSION_KEY
from tests.factories.accounts import PASSWORD, make_organisation, make_person, sign_in_as
from tests.services.platform import HOST, settings_for
from tests.web.visitor import Visitor

AREA_HOST = f"gezinszorg.{HOST}"


@pytest.fixture
def emma(database: Database) -> Person:
    with database.write() as db:
        organisation = make_organisation(db, name="Thuishulp De Linde")
        return make_person(
            db, organisation=organisation, first_name="Emma", last_name="Peeters", email="emma@example.org",
            user_name="emma", password=PASSWORD,
        )  # fmt: skip


def token_of(visitor: Visitor) -> str | None:
    with visitor.session_transaction() as session:
        token: str | None = session.get(SESSION_KEY)
        return token


def lasts_a_month(cookie: Cookie) -> bool:
    return cookie.expires is not None and cookie.expires > clock.now() + timedelta(days=30)


def test_she_signs_in_and_lands_where_she_was_going(visitor: Visitor, emma: Person) -> None:
    page = visitor.page("/account")
    assert page.url == "/sign-in"
    page = visitor.submit(page.form(holding="password"), name="emma", password=PASSWORD)
    assert page.url == "/account"
    assert "Thuishulp De Linde" in page.text
    cookie = visitor.get_cookie("leerlabo")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert lasts_a_month(cookie)
    assert visitor.page("/sign-in?next=/account").url == "/account"


def test_a_refused_try_keeps_the_name_and_counts(visitor: Visitor, emma: Person, database: Database) -> None:
    form = visitor.page("/sign-in?next=/account").form(holding="password")
    page = visitor.submit(form, name="emma", password="mis", status=422)
    assert page.form(holding="password").values["name"] == ["emma"]
    assert page.form(holding="password").values["next"] == ["/account"]
    assert page.form(holding="password").values["password"] == [""]
    with database.read() as db:
        assert sorted(db.scalars(sa.select(SignInAttempts.failures))) == [1, 1]


def test_nobody_can_tell_which_names_exist(emma: Person, another_visitor: Callable[[], Visitor]) -> None:
    answers = set()
    for name in ("emma@example.org", "niemand@example.org"):
        visitor = another_visitor()
        page = visitor.submit(visitor.page("/sign-in").form(holding="password"), name=name, password="mis", status=422)
        reset = visitor.submit(visitor.page("/reset").form(holding="name"), name=name)
        answers.add((page.text, reset.url, reset.text))
    assert len(answers) == 1


def test_after_ten_tries_the_page_says_how_long_to_wait(visitor: Visitor, emma: Person) -> None:
    form = visitor.page("/sign-in").form(holding="password")
    for _ in range(10):
        visitor.submit(form, name="emma", password="mis", status=422)
    page = visitor.submit(form, name="emma", password=PASSWORD, status=429)
    assert "Wacht 15 minuten" in page.text
    assert int(page.response.headers["Retry-After"]) > 800
    assert token_of(visitor) is None


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example",
        "\\\\evil.example",
        "/%09/evil\t",
        "javascript:x",
        "x",
    ],
)
def test_next_leads_to_our_own_pages_only(visitor: Visitor, emma: Person, elsewhere: str) -> None:
    form = visitor.page("/sign-in").form(holding="password")
    fields = {**form.values, "name": "emma", "password": PASSWORD, "next": elsewhere}
    answer = visitor.post("/sign-in", data=fields)
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/"


def test_signing_in_makes_a_new_session_and_ends_the_one_before(
    visitor: Visitor, emma: Person, database: Database
) -> None:
    sign_in_as(visitor, emma)
    before = token_of(visitor)
    with visitor.session_transaction() as session:
        session["planted"] = "by somebody else"
        session["language"] = "fr"
    csrf = visitor.page("/account").form(holding="current").values["csrf_token"]
    visitor.post("/sign-in", data={"name": "emma", "password": PASSWORD, "csrf_token": csrf})
    with visitor.session_transaction() as session:
        assert "planted" not in session
        assert session["language"] == "fr"
        assert session[SESSION_KEY] not in (None, before)
    with database.read() as db:
        ended = db.scalars(sa.select(SignIn.ended_at).order_by(SignIn.id)).all()
        assert [moment is None for moment in ended] == [False, True]


def test_signing_out_ends_the_sign_in_and_keeps_the_language(
    visitor: Visitor, emma: Person, database: Database
) -> None:
    sign_in_as(visitor, emma)
    token = token_of(visitor)
    page = visitor.page("/account")
    form = next(form for form in page.forms() if form.action == "/sign-out")
    visitor.submit(form)
    assert token_of(visitor) is None
    assert visitor.page("/account").url == "/sign-in"
    with visitor.session_transaction() as session:
        session[SESSION_KEY] = token  # somebody kept the old cookie
    assert visitor.page("/account").url == "/sign-in"


def test_a_form_without_its_token_or_from_another_site_is_refused(visitor: Visitor, emma: Person) -> None:
    values = visitor.page("/sign-in").form(holding="password").values | {"name": "emma", "password": PASSWORD}
    bare = {name: value for name, value in values.items() if name != "csrf_token"}
    assert visitor.post("/sign-in", data=bare).status_code == 400
    assert visitor.post("/sign-in", data=values, headers={"Origin": "https://evil.example"}).status_code == 400
    assert visitor.post("/sign-in", data=values, headers={"Origin": f"http://{AREA_HOST}"}).status_code == 400
    assert visitor.post("/sign-in", data=values, headers={"Origin": f"http://{HOST}"}).status_code == 303


def test_a_language_lasts_for_a_visitor_and_follows_who_is_signed_in(
    visitor: Visitor, emma: Person, another_visitor: Callable[[], Visitor]
) -> None:
    def choose(who: Visitor, language: str) -> None:
        csrf = who.page("/sign-in").form("/language").values["csrf_token"]
        answer = who.post("/language", data={"language": language, "next": "/sign-in", "csrf_token": csrf})
        assert answer.headers["Location"] == "/sign-in"

    choose(visitor, "fr")
    assert 'lang="fr"' in visitor.get("/sign-in").text
    cookie = visitor.get_cookie("leerlabo")
    assert cookie is not None
    assert lasts_a_month(cookie)

    sign_in_as(visitor, emma)
    csrf = visitor.page("/account").form("/language").values["csrf_token"]
    visitor.post("/language", data={"language": "en", "csrf_token": csrf})
    elsewhere = another_visitor()
    sign_in_as(elsewhere, emma)
    assert 'lang="en"' in elsewhere.get("/account").text
    assert visitor.post("/language", data={"language": "de", "csrf_token": csrf}).status_code == 409


def test_the_sign_in_page_shows_the_area_she_was_going_to(visitor: Visitor) -> None:
    assert 'data-tint="bes"' in visitor.get("/sign-in?next=/gezinszorg/").text
    assert 'data-tint="bes"' in visitor.get("/sign-in", base_url=f"http://{AREA_HOST}").text
    assert "Gezinszorg" not in visitor.page("/sign-in").h1


# ---- from host to host -----------------------------------------------------------------------------------------------


def hand_over(visitor: Visitor, host: str, to: str = "/account") -> str:
    csrf = visitor.page("/account").form(holding="current").values["csrf_token"]
    answer = visitor.post("/handover", data={"host": host, "next": to, "csrf_token": csrf})
    assert answer.status_code == 303
    return answer.headers["Location"]


def test_she_stays_signed_in_on_another_host_of_ours(visitor: Visitor, emma: Person) -> None:
    sign_in_as(visitor, emma)
    address = hand_over(visitor, AREA_HOST)
    assert address.startswith(f"http://{AREA_HOST}/handover/")
    path = address.removeprefix(f"http://{AREA_HOST}")
    page = visitor.page(path, base_url=f"http://{AREA_HOST}")
    assert page.url == "/account"
    assert "Emma Peeters" in page.text


def test_a_handover_works_once_and_on_its_host_alone(
    visitor: Visitor, emma: Person, another_visitor: Callable[[], Visitor]
) -> None:
    sign_in_as(visitor, emma)
    path = hand_over(visitor, AREA_HOST).removeprefix(f"http://{AREA_HOST}")
    wrong_host, first, second = (another_visitor() for _ in range(3))
    assert wrong_host.page(path, base_url=f"http://ouderenzorg.{HOST}").url == "/sign-in"
    assert first.page(path, base_url=f"http://{AREA_HOST}").url == "/account"
    assert second.page(path, base_url=f"http://{AREA_HOST}").url == "/sign-in"


def test_a_handover_leads_to_no_other_site(visitor: Visitor, emma: Person) -> None:
    sign_in_as(visitor, emma)
    csrf = visitor.page("/account").form(holding="current").values["csrf_token"]
    answer = visitor.post("/handover", data={"host": "evil.example", "csrf_token": csrf})
    assert answer.status_code == 409
    assert hand_over(visitor, AREA_HOST, to="//evil.example").endswith("?next=%2F")


def test_a_handover_never_makes_somebody_another_person(
    visitor: Visitor, emma: Person, database: Database, another_visitor: Callable[[], Visitor]
) -> None:
    with database.write() as db:
        token = services.make_link(db, make_person(db, first_name="Mallory").id, LinkKind.HANDOVER, host=HOST)
    sign_in_as(visitor, emma)
    assert "Emma Peeters" in visitor.page(f"/handover/{token}?next=/account").text


# ---- the demo --------------------------------------------------------------------------------------------------------


class TestDemo:
    @pytest.fixture
    def settings(self, database_url: str, tmp_path: Path) -> Settings:
        return settings_for(database_url, tmp_path, LEERLABO_DEMO="yes")

    def test_one_click_signs_in_as_one_of_the_eight(self, visitor: Visitor, database: Database) -> None:
        with database.write() as db:
            make_person(db, first_name="Sofie", user_name="sofie", password="leerlabo", role=Role.CONSULTANT)
        page = visitor.page("/sign-in?next=/account")
        names = [form.values["name"][0] for form in page.forms() if form.values.get("password") == ["leerlabo"]]
        assert names == ["emma", "vera", "tom", "lies", "dirk", "karel", "sofie", "admin"]
        [form] = [form for form in page.forms() if form.values.get("name") == ["sofie"]]
        assert "Sofie" in visitor.submit(form).text


def test_elsewhere_the_page_lists_nobody(visitor: Visitor) -> None:
    assert "demo" not in visitor.page("/sign-in").text.lower()
