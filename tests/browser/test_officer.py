"""Vera enrols her staff from an Excel list, and takes it back."""

from __future__ import annotations

import io
import re

import openpyxl
from playwright.sync_api import FilePayload, ViewportSize, expect

from tests.browser.conftest import DESK, PHONE, Look, NewPage
from tests.browser.eye import fetch, follow

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
COURSES = {PHONE["width"]: "omgaan-met-agressie", DESK["width"]: "rugvriendelijk-werken"}


def a_list(width: int) -> FilePayload:
    """Three people who can be enrolled, and one without a name."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Voornaam", "Naam", "E-mailadres"])
    for number, first in enumerate(("Ilse", "Rachid", "Nele")):
        sheet.append([first, f"Proefmans {width} {number}", f"{first.lower()}{width}@example.org"])
    sheet.append(["Zonder", None, f"zonder{width}@example.org"])
    data = io.BytesIO()
    book.save(data)
    return {"name": "nieuwe-collegas.xlsx", "mimeType": XLSX, "buffer": data.getvalue()}


def test_a_list_is_read_mended_carried_out_and_undone(page_of: NewPage, viewport: ViewportSize, look: Look) -> None:
    page, width = page_of("vera", viewport), viewport["width"]
    page.goto("/desk/enrolments")
    look(page)
    page.goto("/desk/enrolments/new")
    look(page)
    page.get_by_label("Voor welke opleiding?").select_option(COURSES[width])
    page.get_by_label("Of kies een bestand").set_input_files(files=[a_list(width)])
    follow(page.get_by_role("button", name="Controleer de lijst"))
    page.wait_for_url(re.compile(r"/desk/enrolments/[0-9a-f-]{36}"))
    here = page.url
    look(page)
    expect(page.get_by_text(re.compile("rij 5", re.IGNORECASE)).first).to_be_visible()
    page.goto(f"{here.partition('?')[0].partition('#')[0]}/rows/5")
    look(page)
    page.goto(here)
    page.get_by_role("button", name="Schrijf 3 medewerkers in").click()
    expect(page.get_by_text("3 medewerkers zijn ingeschreven.")).to_be_visible(timeout=30_000)
    look(page)
    follow(page.get_by_role("button", name="Maak ongedaan"))
    expect(page.get_by_text("3 medewerkers zijn weer uitgeschreven.")).to_be_visible(timeout=30_000)
    look(page)


def test_the_staff_list_and_one_colleague(page_of: NewPage, viewport: ViewportSize, look: Look) -> None:
    page = page_of("vera", viewport)
    page.goto("/desk/staff")
    look(page)
    sheet = openpyxl.load_workbook(io.BytesIO(fetch(page, page.get_by_role("link", name="Naar Excel")).body())).active
    assert sheet is not None
    assert sheet.max_row > 10
    page.goto("/desk/staff?q=Peeters")
    follow(page.get_by_role("link", name="Peeters, Emma"))
    look(page)
    expect(page.get_by_text("Word digicoach").first).to_be_visible()


def test_who_sits_at_one_desk_needs_no_choice(page_of: NewPage, look: Look) -> None:
    page = page_of("vera", DESK)
    page.goto("/desk/organisations/staff")
    look(page)
