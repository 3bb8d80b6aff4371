"""Looks at every page a test comes to: its structure each time, axe once for each kind of page and size of screen."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from playwright.sync_api import APIResponse, Locator, Page

from tests.browser.visits import PART, record
from tests.browser.watch import Watch

CHANGING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|(?<=/)\d+(?=/|$)|(?<=/)[\w-]{30,}(?=/|$)")
SCREENS = re.compile(r"/(pages|questions)/[^/]+$")  # every screen of a course on a phone, one at a desk
WIDE = 1000
TALLEST = 8_000  # a page higher than this is looked at in part
FAULTS = """() => {
  const count = selector => document.querySelectorAll(selector).length;
  const ids = [...document.querySelectorAll("[id]")].map(element => element.id);
  const twice = ids.filter((id, place) => ids.indexOf(id) !== place);
  return [
    ...(count("h1") === 1 ? [] : [`${count("h1")} main headings`]),
    ...(document.title.trim() ? [] : ["no title"]),
    ...(document.documentElement.lang ? [] : ["no language"]),
    ...[...new Set(twice)].map(id => `id ${id} stands twice`),
    ...(document.documentElement.scrollWidth > window.innerWidth ? ["wider than the screen"] : []),
  ];
}"""


class Eye:
    """What was looked at in this run of tests, and the looking."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, int, str]] = set()

    def look(self, page: Page, watch: Watch, *, scheme: str = "light") -> None:
        """Fail when the page is badly made, or breaks a rule of WCAG 2.2 AA that axe can see."""
        page.wait_for_load_state()
        if faults := page.evaluate(FAULTS):
            raise AssertionError(f"{page.url}: {'; '.join(faults)}")
        size = page.viewport_size
        assert size is not None
        path = CHANGING.sub("…", urlsplit(page.url).path)
        kind = (path if size["width"] < WIDE else SCREENS.sub(r"/\1/…", path), size["width"], scheme)
        if kind in self._seen:
            return
        # Bars that stick to an edge cover what lies behind them while one scrolls: on a screen as high as the page
        # everything is where it is.
        height = min(TALLEST, max(size["height"], page.evaluate("document.documentElement.scrollHeight")))
        page.set_viewport_size({"width": size["width"], "height": height})
        watch.check_accessibility(page)
        page.set_viewport_size(size)
        self._seen.add(kind)


def fetch(page: Page, link: Locator) -> APIResponse:
    """The file behind a link, asked for with the browser's own cookies."""
    address = link.get_attribute("href")
    assert address is not None
    answer = page.request.get(address)
    assert answer.ok, f"{address} gave {answer.status}"
    record(PART, answer.url)
    return answer


def follow(link: Locator) -> None:
    """Use a link or a button, and wait for the page it leads to."""
    with link.page.expect_navigation():
        link.click()
