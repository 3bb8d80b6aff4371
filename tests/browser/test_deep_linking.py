"""A teacher places our courses from inside her own LMS, in a frame of another site."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Frame, Page, ViewportSize, expect

from tests.browser.accessibility import violations
from tests.browser.conftest import Forgetful, NewPage
from tests.browser.framing import COURSE, Beside, press
from tests.browser.visits import AXE, record
from tests.services.lti_platform import LtiPlatform, User, choosing, launching, lti_platform
from tests.services.lti_platform.choosing import DL, TEACHER, asking, chosen_of

FRAME_ID = "tool"


@pytest.fixture
def school() -> Iterator[LtiPlatform]:
    with lti_platform(launching.mount, choosing.mount) as school:
        yield school


@pytest.fixture
def beside(school: LtiPlatform, platform: str, data: Path) -> Beside:
    return Beside(school, platform, data)


def look(frame: Frame) -> None:
    """axe, in the frame."""
    assert violations(frame) == []
    record(AXE, frame.url)


def begin(page: Page, beside: Beside) -> Frame:
    """As a teacher: open the choice in her course."""
    teacher = beside.platform.users["lore"] = User("lore", "Lore", roles=(TEACHER,))
    return beside.open(page, asking(beside.platform, beside.tool), teacher)


def test_a_teacher_places_a_course_and_a_quiz_and_a_learner_opens_them(
    new_page: NewPage, beside: Beside, viewport: ViewportSize
) -> None:
    page = new_page(viewport)
    frame = begin(page, beside)
    assert frame.locator("h1").inner_text() == "Kies wat je plaatst"
    assert frame.locator(".nav-main, .tabs").count() == 0
    assert "los venster" not in frame.locator("main").inner_text()
    frame.get_by_label("Zoek een opleiding, module of toets").fill("diversiteit")
    press(frame.get_by_role("button", name="Zoek"))
    frame.locator(f'input[value="{COURSE}"]').check()
    frame.get_by_label("Zoek een opleiding, module of toets").fill("agenda")
    frame.get_by_label("Zoek een opleiding, module of toets").press("Enter")
    expect(frame.get_by_text("Al gekozen")).to_be_visible()
    expect(frame.locator(f'input[value="{COURSE}"]')).to_be_checked()
    frame.get_by_label("Zoek een opleiding, module of toets").fill("diversiteit")
    press(frame.get_by_role("button", name="Zoek"))
    expect(frame.get_by_text("Al gekozen")).to_have_count(0)
    quiz = frame.locator("label.answer", has_text="Toets").first
    press(quiz)
    title = quiz.inner_text().removesuffix("Toets").strip()
    look(frame)
    press(frame.get_by_role("button", name="Verder", exact=True))
    frame.get_by_label("Titel in je cursus").first.fill("Eerst dit")
    press(frame.locator("summary", has_text="Van wanneer tot wanneer?").first)
    frame.get_by_label("Zichtbaar vanaf").first.fill("2026-12-01")
    look(frame)
    press(frame.get_by_role("button", name="Plaats in mijn cursus"))
    expect(page.frame_locator(f"#{FRAME_ID}").get_by_role("heading", name="Geplaatst")).to_be_visible()
    [said] = chosen_of(beside.platform).answers
    first, second = said[f"{DL}content_items"]
    assert (first["title"], first["custom"]) == ("Eerst dit", {"content": COURSE})
    assert first["available"] == {"startDateTime": "2026-11-30T23:00:00Z"}
    assert (second["title"], second["custom"]["content"].partition("/")[0]) == (title, COURSE)
    assert second["lineItem"]["resourceId"] == second["custom"]["content"]

    learner = beside.know(f"leerling-{viewport['width']}")
    placed = [link for name, link in beside.platform.links.items() if name.startswith("placed-")]
    for link, heading in zip(placed, ("In gesprek over diversiteit", title), strict=True):
        frame = beside.open(page, link, learner)
        assert frame.locator("h1").inner_text() == heading


def test_a_teacher_goes_back_without_anything(desk: Page, beside: Beside) -> None:
    frame = begin(desk, beside)
    press(frame.get_by_role("button", name="Plaats niets"))
    expect(desk.frame_locator(f"#{FRAME_ID}").get_by_role("heading", name="Geplaatst")).to_be_visible()
    [said] = chosen_of(beside.platform).answers
    assert said[f"{DL}content_items"] == []


def test_a_platform_that_takes_nothing_from_windows_takes_it_from_a_frame(desk: Page, beside: Beside) -> None:
    chosen_of(beside.platform).only_framed = True
    frame = begin(desk, beside)
    frame.locator(f'input[value="{COURSE}"]').check()
    press(frame.get_by_role("button", name="Verder", exact=True))
    press(frame.get_by_role("button", name="Plaats in mijn cursus"))
    expect(desk.frame_locator(f"#{FRAME_ID}").get_by_role("heading", name="Geplaatst")).to_be_visible()
    assert _placed(beside) == [{"content": COURSE}]


@pytest.mark.parametrize("only_framed", [False, True], ids=["takes it", "takes nothing from windows"])
def test_a_teacher_whose_browser_keeps_nothing_chooses_in_a_window(
    forgetful: Forgetful, beside: Beside, *, only_framed: bool
) -> None:
    chosen_of(beside.platform).only_framed = only_framed
    page = forgetful(beside)
    frame = begin(page, beside)
    with page.context.expect_page() as opened:
        press(frame.get_by_role("link", name="Open in een nieuw venster"))
    window = opened.value
    expect(window.locator("h1")).to_have_text("Kies wat je plaatst")
    expect(window.get_by_text("Sommige leerplatformen, zoals Moodle, nemen niets over")).to_be_visible()
    window.locator(f'input[value="{COURSE}"]').check()
    press(window.get_by_role("button", name="Verder", exact=True))
    by_hand = window.locator("code").inner_text()
    assert violations(window) == []
    press(window.get_by_role("button", name="Plaats in mijn cursus"))
    expect(window.get_by_role("heading", name="Inhoud" if only_framed else "Geplaatst")).to_be_visible()
    assert _placed(beside) == ([] if only_framed else [{"content": COURSE}])
    name, _is, value = by_hand.partition("=")
    link = beside.place("", name="by-hand")
    link.custom = {name: value}
    learner = beside.open(page, link, beside.know("leerling-met-de-hand"))
    with page.context.expect_page() as opened:
        press(learner.get_by_role("link", name="Open in een nieuw venster"))
    expect(opened.value.locator("h1")).to_have_text("In gesprek over diversiteit")


def _placed(beside: Beside) -> list[dict[str, str]]:
    """The custom parameters of the links that this platform has of us."""
    return [dict(link.custom) for name, link in beside.platform.links.items() if name.startswith("placed-")]
