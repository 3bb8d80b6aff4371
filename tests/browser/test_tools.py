"""The tools of browser tests notice what they must: tried on a small site of our own."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from flask import Flask, redirect
from flask.typing import ResponseReturnValue
from playwright.sync_api import Page
from werkzeug.serving import make_server

from tests.browser.conftest import NewPage
from tests.browser.visits import AXE, FOLDER, PAGE, PART, endpoint_of, judge
from tests.browser.watch import Watch

FRAME = (
    '<!doctype html><html lang="nl"><title>{0}</title><link rel="icon" href="/icon"><main><h1>{0}</h1>{1}</main></html>'
)


def small_site() -> Flask:
    site = Flask(__name__)

    @site.get("/")
    def good() -> str:
        return FRAME.format("Dag", "<p>Welkom</p>")

    @site.get("/<area>/grey")
    def grey(area: str) -> str:
        return FRAME.format(area, '<p style="color: #bbb">Bijna onleesbaar</p>')

    @site.get("/loud")
    def loud() -> str:
        return FRAME.format("Luid", "<script>console.error('au'); throw new Error('kapot')</script>")

    @site.get("/foreign")
    def foreign() -> str:
        return FRAME.format("Vreemd", '<img alt="" src="http://elsewhere.invalid/x.png">')

    @site.get("/icon")
    def icon() -> ResponseReturnValue:
        return "", 204

    @site.get("/moved")
    def moved() -> ResponseReturnValue:
        return redirect("/")

    return site


@pytest.fixture(scope="module")
def platform() -> Iterator[str]:
    """The small site, in place of the platform."""
    server = make_server("127.0.0.1", 0, small_site(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(autouse=True)
def visits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], list[tuple[str, str]]]:
    """What was recorded in this test alone: visits to the small site may not count for the platform."""
    monkeypatch.setenv(FOLDER, str(tmp_path))

    def read() -> list[tuple[str, str]]:
        lines = [line for file in tmp_path.glob("*.txt") for line in file.read_text().splitlines()]
        return [(kind, url) for kind, _, url in (line.partition(" ") for line in lines)]

    return read


WatchOf = Callable[[Page], Watch]


def test_a_good_page_passes(page: Page, axe: Callable[[Page], None]) -> None:
    page.goto("/")
    axe(page)
    assert page.viewport_size in ({"width": 360, "height": 740}, {"width": 1280, "height": 800})


def test_axe_sees_words_that_are_too_pale(phone: Page, axe: Callable[[Page], None]) -> None:
    phone.goto("/gezinszorg/grey")
    with pytest.raises(AssertionError, match="color-contrast"):
        axe(phone)


@pytest.mark.parametrize(
    ("path", "problems"),
    [
        ("/loud", ["in the console: au", "an error in a script: kapot"]),
        ("/foreign", ["a request to another host: http://elsewhere.invalid/x.png", "in the console: Failed to load"]),
        ("/nowhere", ["in the console: Failed to load resource: the server responded with a status of 404"]),
    ],
)
def test_what_may_not_happen_is_seen(desk: Page, watch: WatchOf, path: str, problems: list[str]) -> None:
    desk.goto(path)
    desk.wait_for_load_state("networkidle")
    with pytest.raises(AssertionError):
        watch(desk).check()
    for problem in problems:
        assert any(seen.startswith(problem) for seen in watch(desk).problems)
        watch(desk).allow(problem)
    watch(desk).check()


def test_scripts_can_be_off(new_page: NewPage) -> None:
    new_page(java_script_enabled=False).goto("/loud")


def test_every_route_is_visited_and_looked_at_or_excused(
    phone: Page, axe: Callable[[Page], None], visits: Callable[[], list[tuple[str, str]]]
) -> None:
    phone.goto("/moved")
    axe(phone)
    phone.goto("/gezinszorg/grey")
    excused = {"static": "files", "gone": "was here once"}
    assert {kind for kind, _ in visits()} == {PAGE, PART, AXE}
    assert sorted(judge(small_site(), ["gezinszorg"], visits(), excused)) == [
        "axe did not look at grey",
        "excused, but there is no route gone",
        "no browser visited foreign",
        "no browser visited loud",
    ]


@pytest.mark.parametrize(
    ("url", "endpoint"),
    [
        ("http://localhost:8000/gezinszorg/grey?x=1", "grey"),
        ("http://gezinszorg.localhost:8000/grey", "grey"),
        ("http://gezinszorg.localhost:8000/loud", "loud"),
        ("http://elsewhere.localhost:8000/grey", None),
    ],
)
def test_an_area_has_its_own_host(url: str, endpoint: str | None) -> None:
    assert endpoint_of(small_site(), frozenset({"gezinszorg"}), url) == endpoint
