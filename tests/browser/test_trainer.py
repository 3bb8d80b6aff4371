"""Tom makes a course, plans a meeting, notes who was there, and reads what was handed in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import FilePayload, Page, ViewportSize, expect

from courses.authoring.services import read_folder, shipped_folders, zip_files
from lms.kernel import clock
from tests.browser.conftest import DESK, PHONE, Look, NewPage
from tests.browser.eye import follow
from tests.browser.watch import Watch

LONG = "Deze zin is met opzet veel te lang, want hij telt meer dan vijftien woorden en dat mag hier niet."


def a_zip(course_id: str, *, change: Callable[[str], str] = lambda text: text) -> FilePayload:
    """The course on diversity under another name, as a trainer would upload it."""
    folder = next(folder for folder in shipped_folders() if folder.name == "in-gesprek-over-diversiteit")
    files = read_folder(folder)
    manifest = files["course.yml"].decode()
    files["course.yml"] = re.sub(r"(?m)^id: .*$", f"id: {course_id}", manifest).encode()
    page = next(path for path in sorted(files) if path.startswith("modules/"))
    files[page] = change(files[page].decode()).encode()
    return {"name": f"{course_id}.zip", "mimeType": "application/zip", "buffer": zip_files(files)}


def upload(page: Page, file: FilePayload) -> None:
    page.goto("/desk/courses/upload")
    page.get_by_label("Zip-bestand").set_input_files(files=[file])
    follow(page.get_by_role("button", name="Kijk na"))
    page.wait_for_url(re.compile("/desk/courses/drafts/"))


def test_a_course_is_mended_previewed_and_published(page_of: NewPage, viewport: ViewportSize, look: Look) -> None:
    page = page_of("tom", viewport)
    name = f"in-gesprek-{viewport['width']}"
    page.goto("/desk/courses")
    look(page)
    follow(page.get_by_role("link", name="Laad een opleiding op"))
    look(page)
    upload(page, a_zip(name, change=lambda text: f"{text}\n\n{LONG}\n"))
    look(page)
    expect(page.get_by_text(re.compile("1 zin is te lang"))).to_be_visible()
    follow(page.get_by_role("link", name=re.compile("^1\\. ")))
    expect(page.get_by_text(re.compile(r"modules/.*\.md, regel \d+")).first).to_be_visible()
    look(page)

    upload(page, a_zip(name))
    follow(page.get_by_role("link", name="Bekijk als deelnemer"))
    look(page)
    follow(page.get_by_role("link", name="Volgende"))
    look(page)
    follow(page.get_by_role("link", name="Stoppen"))
    follow(page.get_by_role("button", name="Controleer en publiceer"))
    expect(page.get_by_text("Gepubliceerd als versie 1.").first).to_be_visible()
    look(page)
    page.goto(f"/gezinszorg/courses/{name}")
    expect(page.get_by_role("heading", name="Dit ga je doen")).to_be_visible()


def test_a_file_that_is_no_course_is_refused(page_of: NewPage, look: Look, watch: Callable[[Page], Watch]) -> None:
    page = page_of("tom", DESK)
    watch(page).allow("status of 422")
    page.goto("/desk/courses/upload")
    page.get_by_label("Zip-bestand").set_input_files(
        files=[FilePayload(name="foto.zip", mimeType="application/zip", buffer=b"geen zip")]
    )
    follow(page.get_by_role("button", name="Kijk na"))
    expect(page.get_by_role("alert")).to_be_visible()
    look(page)


def test_a_meeting_is_planned_changed_and_called_off(page_of: NewPage, viewport: ViewportSize, look: Look) -> None:
    page = page_of("tom", viewport)
    page.goto("/desk/sessions")
    look(page)
    follow(page.get_by_role("link", name="Plan een sessie"))
    look(page)
    page.get_by_role("link", name=re.compile("Word digicoach")).first.click()
    look(page)
    day = clock.today() + timedelta(days=40)
    page.get_by_label("Dag", exact=True).fill(day.isoformat())
    page.get_by_label("Van", exact=True).fill("09:30")
    page.get_by_label("Tot", exact=True).fill("12:00")
    page.get_by_label("In een lokaal").check()
    page.get_by_label("Plaats (mag leeg)").fill("Zaal De Gaard")
    follow(page.get_by_role("button", name="Plan de sessie"))
    expect(page.get_by_text("De sessie is gepland.").first).to_be_visible()
    look(page)
    follow(page.get_by_role("link", name="Wijzig de sessie"))
    look(page)
    page.get_by_label("Hoeveel plaatsen?").fill("12")
    follow(page.get_by_role("button", name="Bewaar de sessie"))
    expect(page.get_by_text("De sessie is gewijzigd.").first).to_be_visible()
    follow(page.get_by_role("link", name="Wijzig de sessie"))
    page.get_by_role("link", name="Deze sessie gaat niet door").click()
    follow(page.get_by_role("button", name="Annuleer de sessie"))
    expect(page.get_by_text("De sessie is geannuleerd.").first).to_be_visible()


def test_presence_takes_two_taps_and_is_saved_at_once(page_of: NewPage, look: Look) -> None:
    page = page_of("tom", PHONE)
    page.goto("/desk/sessions?when=to-mark")
    look(page)
    page.locator('a[href$="/attendance"]').first.click()
    look(page)
    first = page.locator(".roll li").first
    with page.expect_response(re.compile("/attendance$")) as answer:
        first.get_by_role("radio", name="Aanwezig").click()
    assert answer.value.status == 204
    page.wait_for_timeout(300)
    page.reload()
    expect(first.get_by_role("radio", name="Aanwezig")).to_be_checked()


def test_what_was_handed_in_is_read_and_answered(page_of: NewPage, look: Look) -> None:
    page = page_of("tom", DESK)
    page.goto("/desk/submissions")
    look(page)
    page.locator('a[href*="/desk/submissions/"]').first.click()
    look(page)
    page.get_by_label("Wat zeg je erover?").fill("Mooi gedaan. Je liet haar zelf zoeken.")
    follow(page.get_by_role("button", name="Keur goed"))
    page.goto("/desk/submissions?pile=accepted")
    look(page)
