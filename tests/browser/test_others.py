"""The administrator's desk; who has learner's pages only; and the pages that are there for everybody."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import DESK, PHONE, Look, NewPage
from tests.browser.eye import follow
from tests.browser.newcomer import accept, invite
from tests.browser.watch import Watch

DESKS = (
    "/desk/courses",
    "/desk/sessions",
    "/desk/staff",
    "/desk/enrolments",
    "/desk/areas",
    "/desk/people",
    "/covenant",
)


def test_the_administrator_looks_after_people_and_organisations(
    page_of: NewPage, viewport: ViewportSize, look: Look
) -> None:
    page, width = page_of("admin", viewport), viewport["width"]
    page.goto("/desk/people")
    look(page)
    page.goto("/desk/people/new")
    look(page)
    page.get_by_label("Voornaam").fill("Proef")
    page.get_by_label("Naam", exact=True).fill(f"Persoon {width}")
    follow(page.get_by_role("button", name="Bewaar"))
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Proef Persoon {width}")
    look(page)
    page.get_by_label("Rol", exact=True).select_option("trainer")
    page.get_by_label("Waar geldt de rol?").select_option("area:ouderenzorg")
    follow(page.get_by_role("button", name="Geef deze rol"))
    expect(page.get_by_role("button", name=re.compile("Neem weg"))).to_be_visible()
    follow(page.get_by_role("link", name="Verander gegevens"))
    look(page)
    page.goto("/desk/organisations")
    look(page)
    page.locator('main a[href*="/desk/organisations/"]').filter(has_text="Thuishulp De Linde").first.click()
    look(page)
    page.goto("/desk/organisations/new")
    look(page)
    page.goto("/desk/organisations/staff")
    look(page)


def test_an_invitation_opens_an_account(page_of: NewPage, new_page: NewPage, look: Look) -> None:
    admin = page_of("admin", DESK)
    invitation = invite(admin, "Nieuwe", "Collega")
    look(admin)
    page = new_page(PHONE)
    page.goto(invitation)
    look(page)
    accept(page, invitation)
    expect(page.get_by_role("heading", name="Dag Nieuwe")).to_be_visible()
    look(page)


def test_a_forgotten_password_is_chosen_anew_from_a_mail(page_of: NewPage, new_page: NewPage, look: Look) -> None:
    admin = page_of("admin", DESK)
    admin.goto("/desk/people/new")
    for label, text in (("Voornaam", "Vera"), ("Naam", "Geet"), ("E-mailadres (mag leeg)", "vergeet@example.org")):
        admin.get_by_label(label, exact=True).fill(text)
    follow(admin.get_by_role("button", name="Bewaar"))
    page = new_page(PHONE)
    page.goto("/reset")
    look(page)
    page.locator("main input[name=name]").fill("vergeet@example.org")
    page.locator("main form").get_by_role("button").last.click()
    look(page)
    link = page.locator('a[href*="/reset/"]').first
    for _try in range(20):
        page.goto("/demo/mail")
        if link.count():
            break
        page.wait_for_timeout(500)
    look(page)
    page.goto(re.sub(r"^https?://[^/]+", "", str(link.get_attribute("href"))))
    look(page)


@pytest.mark.parametrize("who", ["lies", "dirk", "karel"])
def test_who_only_learns_sees_no_desk(
    page_of: NewPage, who: str, viewport: ViewportSize, look: Look, watch: Callable[[Page], Watch]
) -> None:
    page = page_of(who, viewport)
    page.goto("/")
    look(page)
    assert not page.locator('a[href*="/desk/"], a[href="/covenant"], a[href="/desk"]').count()
    page.goto("/my/courses")
    look(page)
    watch(page).allow("status of 403")
    for address in DESKS:
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 403, f"{who} at {address}"


def test_pages_for_everybody(
    new_page: NewPage, viewport: ViewportSize, look: Look, watch: Callable[[Page], Watch]
) -> None:
    page = new_page(viewport)
    for address in (
        "/",
        "/areas",
        "/gezinszorg/",
        "/onderwijs/courses?q=digitaal",
        "/help",
        "/privacy",
        "/accessibility",
    ):
        page.goto(address)
        look(page)
    page.goto("/check")
    look(page)
    watch(page).allow("status of 404")
    page.goto("/check/ABCDABCDABCD")
    look(page)
    page.goto("/nergens")
    look(page)


def test_another_host_of_ours_knows_her_too(page_of: NewPage, look: Look, platform: str) -> None:
    page = page_of("emma", PHONE)
    page.goto("/areas")
    look(page)
    page.goto("/gezinszorg/")
    host = platform.replace("http://", "gezinszorg.")
    page.get_by_role("button", name=f"Ga naar {host}").click()
    page.wait_for_url(f"http://{host}/gezinszorg/")
    look(page)
    page.goto(f"http://{host}/home")
    expect(page.get_by_role("heading", name="Dag Emma")).to_be_visible()
    look(page)


@pytest.mark.parametrize(
    ("who", "address"),
    [
        (None, "/"),
        (None, "/gezinszorg/"),
        ("emma", "/"),
        ("emma", "/gezinszorg/courses/word-digicoach"),
        ("emma", "/account"),
        ("vera", "/desk/staff"),
        ("tom", "/desk/sessions"),
        ("sofie", "/covenant?covenant=2023-2025"),
        ("admin", "/desk/people"),
    ],
)
def test_in_the_dark(
    new_page: NewPage, page_of: NewPage, who: str | None, address: str, watch: Callable[[Page], Watch]
) -> None:
    page = page_of(who, PHONE, color_scheme="dark") if who else new_page(PHONE, color_scheme="dark")
    page.goto(address)
    watch(page).check_accessibility(page)
