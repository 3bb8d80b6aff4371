"""Three languages: the browser's at first, then the one somebody chose, and that lasts."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.factories.accounts import sign_in_as
from tests.web.page import Page
from tests.web.site.conftest import House, form_of
from tests.web.visitor import Visitor

# The words themselves come from the catalogues; the database has no part in it.
pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def language(page: Page) -> str:
    return page.root.get("lang") or ""


@pytest.mark.parametrize(
    ("asked", "spoken"),
    [
        ("", "nl"),
        ("fr-BE,fr;q=0.9,en;q=0.5", "fr"),
        ("en-US", "en"),
        ("de,en;q=0.2", "en"),
        ("de", "nl"),
        (";;=", "nl"),
    ],
)
def test_a_visitor_reads_her_browsers_language(visitor: Visitor, asked: str, spoken: str) -> None:
    assert language(visitor.page("/", headers={"Accept-Language": asked})) == spoken


def test_a_choice_lasts_over_pages_and_over_the_browsers_own(visitor: Visitor) -> None:
    page = visitor.submit(form_of(visitor.page("/gezinszorg/courses"), "/language"), language="fr")
    assert page.url == "/gezinszorg/courses"
    assert language(page) == "fr"
    assert language(visitor.page("/help", headers={"Accept-Language": "en"})) == "fr"
    assert language(visitor.page("/nergens/", status=404)) == "fr"
    assert language(visitor.submit(form_of(page, "/language"), language="nl")) == "nl"


def test_a_choice_goes_with_her_to_another_browser(house: House, another_visitor: Callable[[], Visitor]) -> None:
    house.emma.submit(form_of(house.emma.page("/"), "/language"), language="en")
    assert language(house.emma.page("/")) == "en"
    phone = another_visitor()
    sign_in_as(phone, house.emma_person)
    assert language(phone.page("/")) == "en"


def test_a_language_we_do_not_speak_changes_nothing(visitor: Visitor) -> None:
    form = form_of(visitor.page("/"), "/language")
    assert visitor.post("/language", data={**form.values, "language": "de"}).status_code == 409
    assert language(visitor.page("/")) == "nl"


def test_every_page_for_everybody_is_whole_in_each_language(house: House, visitor: Visitor) -> None:
    for code in ("nl", "en", "fr"):
        for path in (
            "/",
            "/gezinszorg/",
            "/gezinszorg/courses",
            "/gezinszorg/courses/rustig-helpen",
            "/help",
            "/check",
        ):
            page = visitor.page(path, headers={"Accept-Language": code})
            assert language(page) == code
            assert "%(" not in page.text
            assert "%%" not in page.text
