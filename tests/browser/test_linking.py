"""From somebody else's frame to the account she has here: asked for there, proved on our own site, in Chromium."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from lms.kernel.db import Database
from tests.browser.conftest import Look, NewPage
from tests.browser.framing import COURSE, Beside, press
from tests.factories.accounts import PASSWORD, make_person
from tests.services.lti_platform import launching, lti_platform

BUTTON = "Leer ook verder op Leerlabo"


@pytest.fixture
def beside(platform: str, data: Path) -> Iterator[Beside]:
    with lti_platform(launching.mount) as other:
        yield Beside(other, platform, data)


def _make_account(data: Path, name: str) -> None:
    database = Database(f"sqlite:///{data / 'leerlabo.db'}")
    with database.write() as db:
        make_person(db, first_name="Greet", last_name="Aerts", email="", user_name=name, password=PASSWORD)
    database.dispose()


def _ask(page: Page, beside: Beside, subject: str) -> Page:
    """Press the button in the frame; the window that opens."""
    frame = beside.open(page, beside.place(COURSE), beside.know(subject))
    with page.context.expect_page() as opened:
        press(frame.get_by_role("button", name=BUTTON))
    window = opened.value
    expect(window.locator("h1")).to_have_text("Koppel je account")
    return window


def test_she_signs_in_and_says_that_it_is_she(
    new_page: NewPage, viewport: ViewportSize, beside: Beside, data: Path, look: Look
) -> None:
    name = f"greet.{viewport['width']}"
    _make_account(data, name)
    page = new_page(viewport)
    window = _ask(page, beside, name)
    assert window.url.startswith(beside.tool)
    expect(window.get_by_text("Ilse Vermeulen")).to_be_visible()
    look(window)
    press(window.get_by_role("link", name="Inloggen").locator("visible=true").last)
    window.get_by_label("E-mailadres of gebruikersnaam").fill(name)
    window.get_by_label("Wachtwoord").fill(PASSWORD)
    press(window.get_by_role("button", name="Inloggen"))
    expect(window.get_by_text("Je bent ingelogd als Greet Aerts")).to_be_visible()
    look(window)
    press(window.get_by_role("button", name="Dit ben ik", exact=True))
    expect(window.locator("h1")).to_have_text("Je account is gekoppeld")
    look(window)
    window.goto(f"{beside.tool}/account")
    expect(window.get_by_text("Thuiszorg Demerdal")).to_be_visible()
    look(window)
    frame = beside.open(page, beside.place(COURSE), beside.know(name))
    expect(frame.locator("h1")).to_have_text("In gesprek over diversiteit")
    expect(frame.get_by_role("button", name=BUTTON)).to_have_count(0)


def test_who_has_no_account_is_shown_how_to_make_one(
    new_page: NewPage, viewport: ViewportSize, beside: Beside, look: Look
) -> None:
    window = _ask(new_page(viewport), beside, f"new.{viewport['width']}")
    press(window.get_by_role("link", name="Maak een account"))
    expect(window.locator("h1")).to_have_text("Maak een account")
    look(window)
    window.get_by_label("Je e-mailadres").fill("nieuw@example.org")
    press(window.get_by_role("button", name="Stuur me een code"))
    expect(window.get_by_label("Code van 6 cijfers")).to_be_visible()
    look(window)


def test_a_code_is_asked_for_on_our_own_site(
    new_page: NewPage, viewport: ViewportSize, beside: Beside, look: Look
) -> None:
    window = _ask(new_page(viewport), beside, f"code.{viewport['width']}")
    window.get_by_label("E-mailadres van je account").fill("niemand@example.org")
    press(window.get_by_role("button", name="Stuur me een code"))
    expect(window.get_by_label("Code van 6 cijfers")).to_be_visible()
    look(window)
