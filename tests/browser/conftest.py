"""Chromium, and the platform as it runs in production, with a copy of the demo.

`page` is a fresh browser at both sizes of screen in turn; `phone` and `desk` are one size each; `new_page(...)` makes
more, with any option of a browser context (`java_script_enabled=False`, `color_scheme="dark"`); `page_of("vera")` is
one of the demo's people, signed in; `forgetful(beside)` keeps nothing of ours in a platform's frames. Relative
addresses are the platform's. After each test no page may have had an error in its console, or have asked another host
for anything; what is meant to fail is allowed by `watch(page).allow("status of 404")`. `axe(page)` looks at the page as
it stands.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from tests.browser.demo import serving, told_demo
from tests.browser.eye import Eye
from tests.browser.framing import Beside, keeping_no_cookies
from tests.browser.visits import record
from tests.browser.watch import Watch

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PHONE: ViewportSize = {"width": 360, "height": 740}
DESK: ViewportSize = {"width": 1280, "height": 800}
PATIENCE_MS = 15_000

PASSWORD = "leerlabo"

NewPage = Callable[..., Page]
Look = Callable[[Page], None]
Forgetful = Callable[[Beside], Page]


def sign_in(page: Page, name: str) -> None:
    """Fill in the form of the sign-in page; the demo's people share one password."""
    if not page.url.endswith("/sign-in") and "/sign-in?" not in page.url:
        page.goto("/sign-in")
    page.get_by_label("E-mailadres of gebruikersnaam").fill(name)
    page.get_by_label("Wachtwoord", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Inloggen").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, started once."""
    with sync_playwright() as playwright:
        # Chromium's sandbox does not work for root, and is kept for everybody else.
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=list(ARGUMENTS), chromium_sandbox=os.geteuid() != 0
        )
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of the demo's data, a copy for each worker: tests leave each other's people alone."""
    folder = tmp_path_factory.mktemp("platform")
    shutil.copytree(told_demo(), folder / "data")
    yield folder / "data"
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def platform(data: Path) -> Iterator[str]:
    """The address of a platform with that data."""
    with serving(data, data.with_name("log")) as address:
        yield address


@pytest.fixture
def _watches() -> Iterator[list[Watch]]:
    watches: list[Watch] = []
    yield watches
    for watch in watches:
        watch.check()


@pytest.fixture
def new_page(chromium: Browser, platform: str, _watches: list[Watch]) -> Iterator[NewPage]:
    """Makes a page in a browser of its own: no cookies, nothing remembered."""
    with ExitStack() as stack:

        def make(viewport: ViewportSize = PHONE, **options: Any) -> Page:
            context = chromium.new_context(
                base_url=platform, viewport=viewport, locale="nl-BE", timezone_id="Europe/Brussels", **options
            )
            stack.callback(context.close)
            context.set_default_timeout(PATIENCE_MS)
            _watches.append(Watch(context, record))
            return context.new_page()

        yield make


@pytest.fixture(params=[PHONE, DESK], ids=["phone", "desk"])
def viewport(request: pytest.FixtureRequest) -> ViewportSize:
    """The two sizes of screen every page is made for."""
    size: ViewportSize = request.param
    return size


@pytest.fixture
def page(new_page: NewPage, viewport: ViewportSize) -> Page:
    """A page at each size in turn."""
    return new_page(viewport)


@pytest.fixture
def phone(new_page: NewPage) -> Page:
    """A page on a phone, 360 × 740."""
    return new_page(PHONE)


@pytest.fixture
def desk(new_page: NewPage) -> Page:
    """A page at a desk, 1280 × 800."""
    return new_page(DESK)


@pytest.fixture(scope="session")
def _cookies() -> dict[str, Any]:
    """Who signed in through the form, with what her browser then kept."""
    return {}


@pytest.fixture
def page_of(new_page: NewPage, _cookies: dict[str, Any]) -> NewPage:
    """Makes a page of one of the demo's people, signed in: `page_of("emma", viewport)`. Her first time is the form."""

    def make(name: str, viewport: ViewportSize = PHONE, **options: Any) -> Page:
        if name not in _cookies:
            page = new_page(viewport)
            sign_in(page, name)
            _cookies[name] = page.context.storage_state()
        return new_page(viewport, storage_state=_cookies[name], **options)

    return make


@pytest.fixture
def watch(_watches: list[Watch]) -> Callable[[Page], Watch]:
    """The watch over a page: `watch(page).allow("status of 404")`."""

    def of(page: Page) -> Watch:
        return next(watch for watch in _watches if watch.context is page.context)

    return of


@pytest.fixture(scope="session")
def _eye() -> Eye:
    return Eye()


@pytest.fixture
def look(_eye: Eye, watch: Callable[[Page], Watch]) -> Look:
    """Looks at a page as it stands: its structure each time, axe the first time."""

    def at(page: Page) -> None:
        _eye.look(page, watch(page))

    return at


@pytest.fixture
def axe(watch: Callable[[Page], Watch]) -> Callable[[Page], None]:
    """Fails when the page, as it stands, breaks a rule of WCAG 2.2 AA that axe can see."""

    def look(page: Page) -> None:
        watch(page).check_accessibility(page)

    return look


@pytest.fixture
def forgetful(chromium: Browser, tmp_path: Path) -> Iterator[Forgetful]:
    """Makes a page in a browser that keeps nothing of ours in that platform's frames."""
    with ExitStack() as stack:

        def make(beside: Beside) -> Page:
            context = stack.enter_context(
                keeping_no_cookies(
                    chromium.browser_type, tmp_path / "profile", CHROMIUM, beside.tool, beside.platform.address
                )
            )
            return context.new_page()

        yield make
