"""Sofie opens a number down to a statement, makes the report, and looks after her own area."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import openpyxl
from playwright.sync_api import FilePayload, Page, ViewportSize, expect

from lms.kernel import clock
from lms.kernel.db import Database
from tests.browser.conftest import DESK, Look, NewPage
from tests.browser.documents import Document
from tests.browser.eye import fetch, follow
from tests.browser.watch import Watch
from xapi.forwarding.models import DeadLetter
from xapi.forwarding.services import Terms, create_target, switch_target
from xapi.standard.version import Version


def test_a_number_opens_down_to_its_statement(page_of: NewPage, viewport: ViewportSize, look: Look) -> None:
    page = page_of("sofie", viewport)
    page.goto("/covenant?covenant=2023-2025&cut_off=2024-06-30")
    look(page)
    page.locator('a[href*="/covenant/rv3"]').first.click()
    look(page)
    page.get_by_label("Zoek naam of organisatie").fill("Thuishulp De Linde")
    follow(page.get_by_role("button", name="Filter"))
    page.locator('a[href*="/covenant/rv3/rows/p"]').first.click()
    look(page)
    page.locator("summary", has_text="Het bericht zoals het bewaard is").first.click()
    statement = json.loads(page.locator("pre.payload").first.inner_text())
    assert statement["verb"]["id"].startswith("http://adlnet.gov/expapi/verbs/")
    assert statement["context"]["contextActivities"]["grouping"]
    look(page)


def test_the_record_is_read_as_sentences(page_of: NewPage, viewport: ViewportSize, look: Look) -> None:
    page = page_of("sofie", viewport)
    page.goto("/desk/statements")
    look(page)
    page.get_by_label("Naam of e-mailadres").fill("Emma Peeters")
    page.get_by_label("Wat gebeurde er?").select_option("http://adlnet.gov/expapi/verbs/completed")
    follow(page.get_by_role("button", name="Filter"))
    look(page)
    with page.expect_download() as sent:
        page.get_by_role("button", name="Naar JSON").click()
    lines = sent.value.path().read_bytes().splitlines()
    assert {json.loads(line)["verb"]["id"].rpartition("/")[2] for line in lines} == {"completed"}
    page.get_by_role("link", name="Emma Peeters rondde").first.click()
    look(page)
    assert json.loads(page.locator("pre.payload").first.inner_text()) in [json.loads(line) for line in lines]
    page.goto("/desk/statements?search=niemand")
    look(page)


def test_a_key_is_made_and_taken_back(page_of: NewPage, viewport: ViewportSize, look: Look) -> None:
    page = page_of("sofie", viewport)
    page.goto("/desk/credentials")
    look(page)
    follow(page.get_by_role("link", name="Maak een sleutel"))
    look(page)
    name = f"Leerplatform {viewport['width']}"
    page.get_by_label("Voor welk programma?").fill(name)
    follow(page.get_by_role("button", name="Maak de sleutel"))
    expect(page.get_by_text("Bewaar het geheim nu.")).to_be_visible()
    look(page)
    follow(page.get_by_role("link", name="Alle sleutels"))
    look(page)
    follow(page.get_by_role("link", name=name))
    expect(page.get_by_text("Bewaar het geheim nu.")).to_be_hidden()
    look(page)
    follow(page.get_by_role("button", name="Trek de sleutel in"))
    expect(page.get_by_text("Ingetrokken op")).to_be_visible()
    look(page)


def test_a_destination_is_made_changed_and_stopped(page_of: NewPage, viewport: ViewportSize, look: Look) -> None:
    page = page_of("sofie", viewport)
    page.goto("/desk/credentials")
    follow(page.get_by_role("link", name="Stuur berichten door"))
    look(page)
    follow(page.get_by_role("link", name="Maak een bestemming"))
    look(page)
    name = f"Ander programma {viewport['width']}"
    page.get_by_label("Naam").fill(name)
    page.get_by_label("Adres").fill("http://127.0.0.1:9/xapi")  # nobody is there
    page.get_by_label("Sleutel").fill("sleutel")
    page.get_by_label("Geheim").fill("geheim")
    follow(page.get_by_role("button", name="Bewaar"))
    look(page)
    follow(page.get_by_role("link", name="Pas aan"))
    look(page)
    page.get_by_label("Waarover").fill("https://voorbeeld.be/opleiding")
    follow(page.get_by_role("button", name="Bewaar"))
    expect(page.get_by_text("https://voorbeeld.be/opleiding")).to_be_visible()
    page.goto(f"{page.url}/refused")
    look(page)
    follow(page.get_by_role("link", name=name))
    follow(page.get_by_role("button", name="Stop met doorsturen"))
    expect(page.get_by_role("button", name="Start met doorsturen")).to_be_visible()
    look(page)
    follow(page.get_by_role("link", name="Alle bestemmingen"))
    expect(page.get_by_role("link", name=name)).to_be_visible()
    look(page)


def test_what_a_destination_refused_is_listed(page_of: NewPage, data: Path, viewport: ViewportSize, look: Look) -> None:
    name = f"Streng programma {viewport['width']}"
    _refuse(data, name)
    page = page_of("admin", viewport)
    page.goto("/desk/forwarding")
    follow(page.get_by_role("link", name=name))
    look(page)
    follow(page.get_by_role("link", name="Bekijk wat geweigerd is"))
    look(page)
    follow(page.get_by_role("button", name="Probeer opnieuw").first)
    expect(page.get_by_text("We proberen het opnieuw").first).to_be_visible()
    look(page)
    follow(page.get_by_role("button", name="Laat vallen").first)
    expect(page.locator("tbody tr")).to_have_count(2)


def test_what_goes_to_a_platform_is_seen_and_sent_again(page_of: NewPage, viewport: ViewportSize, look: Look) -> None:
    page = page_of("admin", viewport)
    page.goto("/desk/platforms")
    follow(page.get_by_role("link", name="Moodle van").first)
    look(page)
    follow(page.get_by_role("link", name="Deelnemers en resultaten"))
    look(page)
    follow(page.get_by_role("link", name="Onthaal nieuwe collega's"))
    expect(page.get_by_role("rowheader", name="Lotte Hermans")).to_be_visible()
    expect(page.get_by_text("Verstuurd").first).to_be_visible()
    look(page)
    with page.expect_response("**/sent"):
        follow(page.get_by_role("button", name="Stuur opnieuw", exact=True).first)
        expect(page.get_by_text("wacht nog.").or_(page.get_by_text("wachten nog."))).to_be_visible()
    look(page)


def _refuse(data: Path, name: str) -> None:
    """Three statements that a destination would not take: one it named a fault in, one at which it broke."""
    answers = [
        (400, '{"error": "$.result.score.scaled: ' + "buiten bereik, " * 20 + '"}'),
        (500, ""),
        (409, "<b>Nee</b>"),
    ]
    database = Database(f"sqlite:///{data / 'leerlabo.db'}")
    with database.write() as db:
        terms = Terms(name, "http://127.0.0.1:9/xapi", Version.V2, "sleutel", "geheim")
        target = create_target(db, terms, since=clock.now())
        switch_target(db, target, on=False)
        db.add_all(
            DeadLetter(
                target_id=target.id,
                statement_id=number,
                statement=uuid4(),
                status=status,
                answer=answer,
                failed_at=clock.now(),
            )
            for number, (status, answer) in enumerate(answers)
        )
    database.dispose()


def test_a_long_file_is_followed_until_it_is_there(page_of: NewPage, look: Look) -> None:
    page = page_of("admin", DESK)
    page.goto("/desk/statements")
    follow(page.get_by_role("button", name="Naar CSV"))
    look(page)
    key = page.get_by_role("link", name="Haal het bestand op")
    expect(key).to_be_visible(timeout=60_000)
    look(page)
    assert len(fetch(page, key).body().splitlines()) > 5_000


def test_the_report_says_what_the_cockpit_says(page_of: NewPage, look: Look) -> None:
    page = page_of("sofie", DESK)
    page.goto("/covenant?covenant=2023-2025&cut_off=2024-06-30")
    earned = page.locator(".fund .big").first.inner_text()
    answer = fetch(page, page.get_by_role("link", name="Maak rapport"))
    assert answer.headers["content-type"] == "application/pdf"
    report = Document(answer.body())
    assert "742.000,00" in report.words
    assert earned.replace("\N{NO-BREAK SPACE}", " ") in report.words.replace("\N{NO-BREAK SPACE}", " ")
    assert report.is_tagged
    assert {"/H1", "/Table", "/Figure"} <= report.tags


def test_the_rest_of_her_desk(page_of: NewPage, viewport: ViewportSize, look: Look) -> None:
    page = page_of("sofie", viewport)
    page.goto("/covenant?covenant=2023-2025")
    openpyxl.load_workbook(io.BytesIO(fetch(page, page.get_by_role("link", name="Excel")).body()))
    follow(page.get_by_role("link", name="Zo rekenen we dit uit"))
    look(page)
    for key in ("rv1a", "rv2", "in-users", "in-innovation"):
        page.goto(f"/covenant/{key}?covenant=2023-2025")
        look(page)
    page.goto("/covenant/rv3?covenant=2023-2025")
    openpyxl.load_workbook(io.BytesIO(fetch(page, page.get_by_role("link", name="Naar Excel")).body()))
    page.goto("/covenant/rv2/evidence?covenant=2023-2025")
    look(page)


def test_evidence_is_added_and_taken_back(page_of: NewPage, look: Look) -> None:
    page = page_of("sofie", DESK)
    page.goto("/covenant/rv2/evidence?covenant=2023-2025")
    page.get_by_role("checkbox").first.check()
    page.get_by_label("Titel").fill("Verslag van de werkgroep")
    page.get_by_label("Datum").fill("2025-03-14")
    page.get_by_label("Bestand (mag leeg)").set_input_files(
        files=[FilePayload(name="verslag.pdf", mimeType="application/pdf", buffer=b"%PDF-1.7\n%%EOF\n")]
    )
    page.get_by_role("button", name="Bewaar").first.click()
    piece = page.locator("article", has_text="Verslag van de werkgroep").first
    expect(piece).to_be_visible()
    assert fetch(page, piece.get_by_role("link", name="verslag.pdf")).body().startswith(b"%PDF")
    piece.locator("summary").click()
    piece.get_by_label("Waarom?").fill("Dubbel ingevoerd.")
    follow(piece.get_by_role("button", name="Trek dit bewijs in"))
    expect(page.get_by_text("Dubbel ingevoerd.").first).to_be_visible()
    look(page)


def test_she_edits_her_own_area_and_no_other(
    page_of: NewPage, viewport: ViewportSize, look: Look, watch: Callable[[Page], Watch]
) -> None:
    page = page_of("sofie", viewport)
    page.goto("/desk/areas")
    look(page)
    page.locator('main a[href="/desk/areas/gezinszorg"]').first.click()
    look(page)
    words = f"Elke dag een stapje {viewport['width']}"
    page.get_by_label("Welkom").fill(words)
    page.get_by_role("button", name="Bewaar").first.click()
    page.goto("/gezinszorg/")
    expect(page.get_by_role("heading", name=words)).to_be_visible()
    watch(page).allow("status of 403")
    answer = page.goto("/desk/areas/ouderenzorg")
    assert answer is not None
    assert answer.status == 403
    look(page)
