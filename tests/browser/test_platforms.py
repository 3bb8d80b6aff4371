"""A consultant makes a registration link, and the administrator of a platform opens it in a frame, or in a window."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import DESK, Look, NewPage
from tests.browser.eye import follow
from tests.browser.watch import Watch
from tests.services.lti_platform import LtiPlatform, lti_platform, registering
from tests.services.processes import free_port

ORGANISATION = "Thuishulp De Linde"


@pytest.fixture
def school() -> Iterator[LtiPlatform]:
    """Somebody else's platform, on another site."""
    with lti_platform(registering.mount) as school:
        yield school


def make_link(page: Page, name: str, look: Look) -> str:
    """As a consultant: make a registration link, and copy it."""
    page.goto("/desk/platforms")
    look(page)
    follow(page.get_by_role("link", name="Maak een registratielink"))
    look(page)
    page.get_by_label("Naam").fill(name)
    page.get_by_label("Van welke organisatie?").select_option(label=ORGANISATION)
    follow(page.get_by_role("button", name="Maak de link"))
    look(page)
    return page.locator("[data-link]").inner_text()


def test_a_platform_is_registered_from_its_own_frame(
    page_of: NewPage, new_page: NewPage, school: LtiPlatform, viewport: ViewportSize, look: Look
) -> None:
    name = f"Moodle {viewport['width']}"
    consultant = page_of("sofie", viewport)
    link = make_link(consultant, name, look)
    theirs = new_page(viewport)
    theirs.goto(f"{school.address}/tools?url={link}")
    frame = theirs.frame_locator("#tool")
    expect(frame.get_by_role("heading", name="Verbind dit leerplatform")).to_be_visible()
    expect(frame.get_by_text(school.address)).to_be_visible()
    expect(frame.get_by_text(ORGANISATION)).to_be_visible()
    frame.get_by_role("button", name="Verbind met Leerlabo").click()
    ours = "{0.scheme}://{0.netloc}".format(urlsplit(link))
    expect(theirs.locator("#said li")).to_have_text([f"{ours} org.imsglobal.lti.close"])
    expect(theirs.locator("#tool")).to_have_count(0)  # the platform closed it

    consultant.goto("/desk/platforms")
    look(consultant)
    follow(consultant.get_by_role("link", name=name).first)
    expect(consultant.get_by_text(school.issuer, exact=True)).to_be_visible()
    look(consultant)


def test_a_platform_is_registered_from_a_window(
    page_of: NewPage, new_page: NewPage, school: LtiPlatform, look: Look
) -> None:
    link = make_link(page_of("sofie", DESK), "Moodle in een venster", look)
    theirs = new_page(DESK)
    theirs.goto(f"{school.address}/tools?window=1&url={link}")
    with theirs.expect_popup() as opened:
        theirs.get_by_role("button", name="Voeg toe").click()
    window = opened.value
    look(window)
    with window.expect_event("close"):
        window.get_by_role("button", name="Verbind met Leerlabo").click()
    expect(theirs.locator("#said li")).to_have_count(1)
    assert len(registering.desk_of(school).received) == 1


def test_a_link_that_is_over_says_so_in_the_frame(
    new_page: NewPage,
    school: LtiPlatform,
    platform: str,
    viewport: ViewportSize,
    look: Look,
    watch: Callable[[Page], Watch],
) -> None:
    theirs = new_page(viewport)
    watch(theirs).allow("status of 4")
    theirs.goto(f"{school.address}/tools?url={platform}/lti/register/never-made")
    expect(theirs.frame_locator("#tool").get_by_text("Deze registratielink werkt niet meer")).to_be_visible()
    theirs.goto("/lti/register")
    look(theirs)


def test_a_link_that_is_taken_back_opens_nothing(
    page_of: NewPage,
    new_page: NewPage,
    school: LtiPlatform,
    viewport: ViewportSize,
    look: Look,
    watch: Callable[[Page], Watch],
) -> None:
    name = f"Te vroeg gemaakt {viewport['width']}"
    consultant = page_of("sofie", viewport)
    link = make_link(consultant, name, look)
    consultant.goto("/desk/platforms")
    follow(consultant.get_by_role("link", name=name))
    expect(consultant.locator("[data-link]")).to_have_count(0)  # it is shown once
    look(consultant)
    follow(consultant.get_by_role("button", name="Trek de link in"))
    expect(consultant.get_by_role("button", name="Trek de link in")).to_have_count(0)
    look(consultant)
    theirs = new_page(viewport)
    watch(theirs).allow("status of 4")
    theirs.goto(f"{school.address}/tools?url={link}")
    expect(theirs.frame_locator("#tool").get_by_text("Deze registratielink werkt niet meer")).to_be_visible()


def test_another_site_cannot_frame_it(
    page_of: NewPage, new_page: NewPage, school: LtiPlatform, look: Look, watch: Callable[[Page], Watch]
) -> None:
    link = make_link(page_of("sofie", DESK), "Moodle van een ander", look)
    theirs = new_page(DESK)
    watch(theirs).allow("frame-ancestors|Refused to frame|Framing")
    with lti_platform(registering.mount) as other:
        behind = "&".join(f"{name}={value}" for name, value in registering.opening(school).items())
        theirs.goto(f"{other.address}/tools?url={link}%3F{behind.replace('&', '%26')}%26x%3D1%23")
        theirs.wait_for_load_state("networkidle")
        expect(theirs.frame_locator("#tool").get_by_role("button")).to_have_count(0)


def test_a_platform_is_added_by_hand_and_checked(
    page_of: NewPage, school: LtiPlatform, viewport: ViewportSize, look: Look, watch: Callable[[Page], Watch]
) -> None:
    page = page_of("sofie", viewport)
    page.goto("/desk/platforms")
    follow(page.get_by_role("link", name="Voeg er zelf een toe"))
    look(page)
    name = f"Met de hand {viewport['width']}"
    page.get_by_label("Naam").fill(name)
    page.get_by_label("Van welke organisatie?").select_option(label=ORGANISATION)
    page.get_by_label("Adres van de site").fill(school.address)
    follow(page.get_by_role("button", name="Vul de adressen in"))
    expect(page.get_by_label("Adres voor tokens")).to_have_value(f"{school.address}/mod/lti/token.php")
    page.get_by_label("Sleutels van het leerplatform").fill("nergens")
    page.get_by_label("Adres voor tokens").fill(f"http://127.0.0.1:{free_port()}/token")
    page.get_by_label("Client-id").fill(f"client-{viewport['width']}")
    watch(page).allow("status of 422")
    follow(page.get_by_role("button", name="Bewaar"))
    look(page)
    expect(page.get_by_label("Naam")).to_have_value(name)
    page.get_by_label("Sleutels van het leerplatform").fill(school.jwks_uri)
    follow(page.get_by_role("button", name="Bewaar"))
    look(page)
    page.get_by_label("Nummer van de plaatsing").fill("3")
    follow(page.get_by_role("button", name="Voeg de plaatsing toe"))
    look(page)
    follow(page.get_by_role("link", name="Kijk de verbinding na"))
    expect(page.locator("li[data-checked]")).to_have_count(5)
    look(page)
    expect(page.get_by_text("Aantal sleutels: 1.")).to_be_visible()
    expect(page.get_by_text("Daar antwoordt niemand.")).to_be_visible()
    follow(page.get_by_role("link", name=name))
    follow(page.get_by_role("link", name="Pas aan"))
    look(page)
    follow(page.get_by_role("link", name=name))
    follow(page.get_by_role("button", name="Zet uit", exact=True))
    expect(page.get_by_role("button", name="Zet aan", exact=True)).to_be_visible()
    look(page)


def test_without_scripts_the_check_is_one_form(new_page: NewPage, page_of: NewPage, school: LtiPlatform) -> None:
    kept = page_of("sofie", DESK)
    kept.goto("/desk/platforms/new")
    kept.get_by_label("Naam").fill("Zonder script")
    kept.get_by_label("Van welke organisatie?").select_option(label=ORGANISATION)
    kept.get_by_label("Adres van de site").fill(school.address)
    kept.get_by_label("Client-id").fill("no-script")
    follow(kept.get_by_role("button", name="Bewaar"))
    page = page_of("sofie", DESK, java_script_enabled=False)
    page.goto(f"{urlsplit(kept.url).path}/check")
    follow(page.get_by_role("button", name="Probeer alle adressen"))
    assert page.locator("li[data-checked]").count() == 5


def test_an_administrator_replaces_our_keys(page_of: NewPage, viewport: ViewportSize, look: Look) -> None:
    page = page_of("admin", viewport)
    page.goto("/desk/platforms")
    follow(page.get_by_role("link", name="Onze sleutels voor leerplatformen"))
    look(page)
    page.locator("summary", has_text="Heeft iemand anders onze sleutel?").click()
    look(page)
    follow(page.get_by_role("button", name="Vervang de sleutel meteen"))
    expect(page.get_by_text("Tekent nu").first).to_be_visible()
    follow(page.get_by_role("button", name="Maak een nieuwe sleutel"))
    expect(page.get_by_text("De nieuwe sleutel tekent pas na een dag.")).to_be_visible()
    look(page)
