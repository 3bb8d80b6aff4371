"""A learner's whole way: from the door of her area to a certificate that anybody can check."""

from __future__ import annotations

import re
from collections.abc import Callable

from playwright.sync_api import FilePayload, Page, ViewportSize, expect

from tests.browser.conftest import DESK, PHONE, Look, NewPage, sign_in
from tests.browser.documents import check_address, proof_of
from tests.browser.eye import fetch, follow
from tests.browser.hands import Keyboard
from tests.browser.study import THOUGHT, Student, outline_of
from tests.browser.watch import Watch

ADMINISTRATION = "digitaal-aan-de-slag-administratie"
DIVERSITY = "in-gesprek-over-diversiteit"
DIGICOACH = "word-digicoach"
LEARNERS = {
    PHONE["width"]: ("emma", "gezinszorg", "Emma Peeters"),
    DESK["width"]: ("dirk", "ziekenhuizen", "Dirk Maes"),
}


def test_from_the_door_to_a_proof(new_page: NewPage, viewport: ViewportSize, look: Look) -> None:
    who, area, name = LEARNERS[viewport["width"]]
    page = new_page(viewport)
    page.goto("/")
    look(page)
    page.goto(f"/{area}/")
    look(page)
    page.goto(f"/{area}/courses")
    look(page)
    page.get_by_role("link", name=re.compile("Digitaal aan de slag")).first.click()
    look(page)
    follow(page.locator("a:visible", has_text="Log in om je in te schrijven"))
    look(page)
    sign_in(page, who)
    expect(page).to_have_url(re.compile(f"/{area}/courses/{ADMINISTRATION}$"))
    follow(page.locator("button:visible", has_text="Schrijf je in"))
    expect(page.get_by_role("heading", name="Jouw weg")).to_be_visible()

    student = Student(page, ADMINISTRATION, look=look)
    student.study()
    assert student.screens > 20
    expect(page.get_by_text("Je hebt alle stappen gedaan.").locator("visible=true").first).to_be_visible()

    proof = proof_of(page)
    assert proof.is_tagged
    assert name in proof.words
    assert "Digitaal aan de slag" in proof.words
    check = new_page(viewport)
    check.goto(check_address(proof.words))
    look(check)
    expect(check.get_by_text(name).first).to_be_visible()


def test_she_goes_on_at_the_same_page_on_another_device(page_of: NewPage, look: Look) -> None:
    phone = page_of("emma", PHONE)
    phone.goto(f"/gezinszorg/courses/{DIGICOACH}")
    look(phone)
    follow(phone.locator("button:visible", has_text="Ga verder"))
    phone.wait_for_url(re.compile("/pages/"))
    follow(phone.get_by_role("button", name="Volgende"))
    phone.wait_for_url(re.compile("/pages/"))
    here = phone.url
    computer = page_of("emma", DESK)
    computer.goto(f"/gezinszorg/courses/{DIGICOACH}")
    follow(computer.locator("button:visible", has_text="Ga verder"))
    expect(computer).to_have_url(here)


def test_what_she_writes_is_kept_at_once(page_of: NewPage, look: Look) -> None:
    page = page_of("vera", PHONE)
    page.goto(f"/gezinszorg/courses/{DIVERSITY}")
    follow(page.locator("button:visible", has_text="Schrijf je in"))
    follow(page.locator("button:visible", has_text="Begin"))
    page.wait_for_url(re.compile("/pages/"))
    for _screen in range(30):
        if page.locator("main textarea").count():
            break
        follow(page.get_by_role("button", name="Volgende", exact=True))
        page.wait_for_load_state()
        if page.url.endswith("/done"):
            follow(page.get_by_role("link", name="Ga verder"))
            page.wait_for_load_state()
    field = page.locator("main textarea").first
    with page.expect_response(re.compile("/answers$")) as answer:
        field.press_sequentially(THOUGHT)
    assert answer.value.status == 204
    expect(page.get_by_text("Bewaard").locator("visible=true").first).to_be_visible()
    page.wait_for_timeout(500)
    page.reload()
    expect(field).to_have_value(THOUGHT)
    look(page)


def test_a_place_at_a_session(page_of: NewPage, viewport: ViewportSize, look: Look) -> None:
    page = page_of("karel", viewport)
    page.goto(f"/maatwerk/courses/{DIGICOACH}")
    if page.locator("button:visible", has_text="Schrijf je in").count():
        follow(page.locator("button:visible", has_text="Schrijf je in"))
    page.goto(f"/maatwerk/courses/{DIGICOACH}/steps/samen/session")
    look(page)
    page.get_by_role("button", name="Bevestig je plaats").first.click()
    expect(page.get_by_text("Je hebt een plaats")).to_be_visible()
    look(page)
    calendar = fetch(page, page.get_by_role("link", name="Zet in agenda"))
    assert calendar.headers["content-type"].startswith("text/calendar")
    assert "BEGIN:VEVENT" in calendar.text()
    page.goto("/")
    look(page)
    expect(page.get_by_role("heading", name="Jouw volgende sessie")).to_be_visible()
    page.goto(f"/maatwerk/courses/{DIGICOACH}/steps/samen/session")
    follow(page.get_by_role("link", name="Ik kan niet komen"))
    look(page)
    follow(page.get_by_role("button", name="Ja, annuleer mijn plaats"))
    expect(page.get_by_role("button", name="Bevestig je plaats").first).to_be_visible()


def test_a_task_for_the_work_floor(
    page_of: NewPage, viewport: ViewportSize, look: Look, watch: Callable[[Page], Watch]
) -> None:
    who, area = {PHONE["width"]: ("karel", "maatwerk"), DESK["width"]: ("vera", "gezinszorg")}[viewport["width"]]
    page = page_of(who, viewport)
    page.goto(f"/{area}/courses/{DIGICOACH}")
    if page.locator("button:visible", has_text="Schrijf je in").count():
        follow(page.locator("button:visible", has_text="Schrijf je in"))
    address = f"/{area}/courses/{DIGICOACH}/steps/{{}}"
    helping = outline_of(DIGICOACH).step("zo-help-je-een-collega")
    assert helping is not None
    for screen in helping.pages:
        page.goto(f"{address.format(helping.id)}/pages/{screen.id}")
        follow(page.get_by_role("button", name="Volgende", exact=True))
        page.wait_for_load_state()
    page.goto(f"{address.format('praktijk')}/assignment")
    look(page)
    watch(page).allow("status of 422")
    follow(page.get_by_role("button", name="Dien in"))
    expect(page.get_by_role("alert")).to_be_visible()
    look(page)
    page.get_by_label("Jouw antwoord").fill("Ik hielp Bart met zijn uurrooster.")
    page.get_by_label("Foto of bestand").set_input_files(
        files=[FilePayload(name="rooster.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7\n%%EOF\n")]
    )
    follow(page.get_by_role("button", name="Dien in"))
    expect(page.get_by_text("Je opdracht is ingediend.").first).to_be_visible()
    assert fetch(page, page.get_by_role("link", name="Bekijk rooster.pdf")).body().startswith(b"%PDF")
    look(page)


def test_the_whole_way_without_scripts(page_of: NewPage, look: Look) -> None:
    page = page_of("lies", PHONE, java_script_enabled=False)
    page.goto(f"/onderwijs/courses/{DIVERSITY}")
    Student(page, DIVERSITY, look=lambda _page: None).study()
    assert "Lies De Smet" in proof_of(page).words


def test_the_whole_way_by_keyboard_alone(new_page: NewPage, look: Look) -> None:
    page = new_page(DESK)
    hand = Keyboard(page)
    page.goto("/sign-in")
    hand.write(page.get_by_label("E-mailadres of gebruikersnaam"), "karel")
    hand.write(page.get_by_label("Wachtwoord", exact=True), "leerlabo")
    hand.press(page.get_by_role("button", name="Inloggen"))
    page.wait_for_url(re.compile("/$"))
    page.goto(f"/maatwerk/courses/{DIVERSITY}")
    with page.expect_navigation():
        hand.press(page.locator("button:visible", has_text="Schrijf je in"))
    Student(page, DIVERSITY, look=look, hand=hand).study()
    assert "Karel Aerts" in proof_of(page).words
