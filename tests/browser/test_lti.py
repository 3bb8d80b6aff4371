"""Our courses in another organisation's platform: in a frame of another site, and in windows of our own."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Frame, Page, expect

from tests.browser.conftest import ARGUMENTS, CHROMIUM, Forgetful, Look, NewPage
from tests.browser.framing import COURSE, Beside, Steady, press, wait_for_rest
from tests.browser.study import Student
from tests.browser.watch import Watch
from tests.services.lti_platform import launching, lti_platform, second, second_services

GetWatch = Callable[[Page], Watch]


@pytest.fixture
def beside(platform: str, data: Path) -> Iterator[Beside]:
    with lti_platform(launching.mount, second.mount, second_services.mount) as other:
        yield Beside(other, platform, data)


@pytest.fixture(scope="session")
def chromium_without_theirs(chromium: Browser) -> Iterator[Browser]:
    """The browser as it will be everywhere: without cookies of other sites, but for those kept apart for each site."""
    browser = chromium.browser_type.launch(
        executable_path=CHROMIUM,
        args=[*ARGUMENTS, "--test-third-party-cookie-phaseout"],
        chromium_sandbox=os.geteuid() != 0,
    )
    yield browser
    browser.close()


def links_out(frame: Frame) -> list[str]:
    """Addresses on this page of ours that lead out of the visit; what opens a window of its own, or goes back, may."""
    found: list[str] = frame.evaluate(
        """() => {
          const prefix = location.pathname.match(/^\\/in\\/[0-9a-f-]{36}/)?.[0];
          if (!prefix) return ["the page itself: " + location.href];
          const all = [...document.querySelectorAll("a[href]"), ...document.querySelectorAll("form")];
          const address = one => new URL(one.getAttribute("href") ?? one.getAttribute("action") ?? "", location.href);
          return all
            .filter(one => !["_blank", "_top"].includes(one.target))
            .map(address)
            .filter(url => /^https?:$/.test(url.protocol))
            .filter(url => url.host !== location.host || !url.pathname.startsWith(prefix + "/"))
            .map(url => url.href);
        }"""
    )
    return found


def test_a_learner_takes_a_whole_course_in_the_frame(desk: Page, beside: Beside) -> None:
    frame = beside.open(desk, beside.place(COURSE), beside.know("heel"))
    assert frame.locator("h1").inner_text() == "In gesprek over diversiteit"
    seen = []

    def look(_page: object) -> None:
        seen.append(frame.url)
        assert links_out(frame) == []
        assert frame.locator(".nav-main, .tabs").count() == 0

    Student(frame, COURSE, look=look, hand=Steady()).study()
    wait_for_rest(frame)
    expect(frame.get_by_text("Alles is klaar.").locator("visible=true")).to_have_count(1)
    assert len(seen) > 10
    said = [json.loads(line) for line in desk.locator("#said li").all_inner_texts()]
    assert all(line["origin"] == beside.tool for line in said)
    heights = [line["data"]["height"] for line in said if isinstance(line["data"], dict)]
    assert len(set(heights)) > 1
    assert desk.locator("#tool").bounding_box()["height"] >= heights[-1]  # type: ignore[index]
    assert any(
        isinstance(line["data"], str) and json.loads(line["data"])["subject"] == "lti.frameResize" for line in said
    )


def test_she_learns_on_when_browsers_block_the_cookies_of_others(
    chromium_without_theirs: Browser, beside: Beside
) -> None:
    page = chromium_without_theirs.new_page()
    frame = beside.open(page, beside.place(COURSE), beside.know("geblokkeerd"))
    assert frame.locator("h1").inner_text() == "In gesprek over diversiteit"
    press(frame.get_by_role("button", name="Begin").locator("visible=true").first)
    frame.wait_for_url("**/pages/**")
    press(frame.get_by_role("button", name="Volgende"))
    frame.get_by_role("button", name="Volgende").wait_for()
    page.close()


def test_a_browser_that_keeps_nothing_goes_on_in_a_window_of_our_own(forgetful: Forgetful, beside: Beside) -> None:
    page, user = forgetful(beside), beside.know("vergeet")
    frame = beside.open(page, beside.place(COURSE), user)
    assert frame.locator("h1").inner_text() == "Open je opleiding in een nieuw venster"
    with page.context.expect_page() as opened:
        press(frame.get_by_role("link", name="Open in een nieuw venster"))
    window = opened.value
    expect(window.locator("h1")).to_have_text("In gesprek over diversiteit")
    assert "/in/" in window.url
    expect(window.get_by_role("button", name="Verder in een nieuw venster")).to_have_count(0)


def test_the_frame_of_the_platform_keeps_the_state_for_such_a_browser(forgetful: Forgetful, beside: Beside) -> None:
    page = forgetful(beside)
    frame = beside.open(page, beside.place(COURSE), beside.know("opslag"), storage="1")
    expect(frame.locator("h1")).to_have_text("Open je opleiding in een nieuw venster")
    logins = len(beside.platform.asked_for("/auth"))
    with page.context.expect_page() as opened:
        press(frame.get_by_role("button", name="Open in een nieuw venster"))
    expect(opened.value.locator("h1")).to_have_text("In gesprek over diversiteit")
    assert len(beside.platform.asked_for("/auth")) == logins == 1  # she was known already: no second launch


def test_a_platform_that_opens_a_window_gets_the_same(desk: Page, beside: Beside) -> None:
    desk.goto(beside.page_of(beside.place(COURSE), beside.know("venster"), new_window="1"))
    with desk.context.expect_page() as opened:
        desk.get_by_role("button", name="Open").click()
    window = opened.value
    expect(window.locator("h1")).to_have_text("In gesprek over diversiteit")
    press(window.get_by_role("button", name="Begin").locator("visible=true").first)
    window.wait_for_url("**/in/*/gezinszorg/courses/*/steps/*/pages/*")


def test_from_the_frame_to_a_window_of_our_own_and_back_to_the_platform(desk: Page, beside: Beside, look: Look) -> None:
    frame = beside.open(desk, beside.place(COURSE), beside.know("verder"))
    with desk.context.expect_page() as opened:
        press(frame.get_by_role("button", name="Verder in een nieuw venster"))
    window = opened.value
    expect(window.locator("h1")).to_have_text("In gesprek over diversiteit")
    assert window.url.split("/")[4] != frame.url.split("/")[4]  # a visit of its own
    look(window)
    press(frame.get_by_role("link", name="Terug naar je leerplatform"))
    expect(desk.locator("h1")).to_have_text("Terug in het leerplatform")


def test_two_frames_beside_each_other_do_not_know_of_each_other(desk: Page, beside: Beside) -> None:
    for name, content in (("een", COURSE), ("twee", "leerbeleid-vto")):
        beside.place(content, name=name)
    user = beside.know("dubbel")
    desk.goto(f"{beside.platform.address}/beside/een/twee?user={user.subject}&client={beside.client.client_id}")
    titles = {}
    for name in ("een", "twee"):
        outer = desk.frame_locator(f"iframe[name={name}]")
        outer.get_by_role("button", name="Open").click()
        titles[name] = outer.frame_locator("#tool").locator("h1")
        titles[name].wait_for()
    expect(titles["een"]).to_have_text("In gesprek over diversiteit")
    expect(titles["twee"]).not_to_have_text("In gesprek over diversiteit")


def test_who_is_signed_in_on_our_own_site_is_nobody_in_the_frame(page_of: NewPage, beside: Beside) -> None:
    page = page_of("emma")
    frame = beside.open(page, beside.place(COURSE), beside.know("iemand"))
    assert "Emma" not in frame.content()
    page.goto(frame.url.split("/in/")[0] + "/account")
    expect(page.locator("body")).to_contain_text("Emma")


def test_another_site_cannot_frame_a_visit_nor_our_own_pages(
    new_page: NewPage, beside: Beside, watch: GetWatch
) -> None:
    page = new_page()
    watch(page).allow("frame-ancestors|ERR_BLOCKED_BY_RESPONSE|Refused to frame|Framing|favicon")
    frame = beside.open(page, beside.place(COURSE), beside.know("vreemd"))
    visit = frame.url
    with lti_platform(launching.mount) as stranger:
        for url in (visit, f"{beside.tool}/sign-in"):
            with page.expect_console_message(lambda message: "frame-ancestors" in message.text):
                page.goto(f"{stranger.address}/frames?url={url}")
            assert not any(framed.url.startswith(beside.tool) for framed in page.frames)


def test_one_step_is_one_step(desk: Page, beside: Beside, look: Look) -> None:
    frame = beside.open(desk, beside.place(f"{COURSE}/anders-kijken"), beside.know("stap"))
    expect(frame.locator("h1")).to_have_text("Anders kijken")
    assert links_out(frame) == []
    with desk.context.expect_page() as opened:
        press(frame.get_by_role("button", name="Verder in een nieuw venster"))
    look(opened.value)
    opened.value.close()
    press(frame.get_by_role("link", name="Begin"))
    frame.wait_for_url("**/pages/**")
    while "/pages/" in frame.url:
        with frame.expect_navigation():
            press(frame.get_by_role("button", name="Volgende"))
    press(frame.get_by_role("link", name="Ga verder"))
    frame.wait_for_url("**/lti/visit")
    expect(frame.get_by_text("Je deed dit al.")).to_be_visible()


def test_a_visit_shows_nothing_else_of_ours(desk: Page, beside: Beside, watch: GetWatch) -> None:
    watch(desk).allow("status of 40[134]")
    frame = beside.open(desk, beside.place(COURSE), beside.know("grens"))
    prefix = "/".join(frame.url.split("/")[:5])
    for path in (
        "/account",
        "/",
        "/my/courses",
        "/gezinszorg/courses",
        "/gezinszorg/courses/leerbeleid-vto",
        "/sign-in",
    ):
        frame.goto(f"{prefix}{path}")
        expect(frame.locator("h1")).to_have_text("Dit hoort niet bij deze link")
    frame.goto(f"{prefix}/help")
    assert links_out(frame) == []


def test_a_platform_that_others_wrote_launches_the_same(desk: Page, beside: Beside) -> None:
    """What it cannot do is said in `second`."""
    client = second.know(beside.platform, beside.tool)
    beside.register(client, **second.endpoints(beside.platform))
    beside.place(COURSE, name="tweede")
    user = beside.know("tweede", family_name="Claes")
    desk.goto(f"{beside.platform.address}/second/course/tweede?user={user.subject}")
    frame = beside.frame(desk)
    expect(frame.locator("h1")).to_have_text("In gesprek over diversiteit")
    press(frame.get_by_role("button", name="Begin").locator("visible=true").first)
    frame.wait_for_url("**/in/*/gezinszorg/courses/*/steps/*/pages/*")
    desk.goto(f"{beside.platform.address}/second/start/tweede?user={user.subject}")  # in a window of its own
    expect(desk.locator("h1")).to_have_text("In gesprek over diversiteit")
