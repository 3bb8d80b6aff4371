"""What may not happen while somebody looks at a page: errors in the console, and requests to others."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import urlsplit

from playwright.sync_api import BrowserContext, ConsoleMessage, Error, Page, Request, Response, WebError

from tests.browser.accessibility import violations
from tests.browser.visits import AXE, PAGE, PART

OUR_HOST = re.compile(r"(?:[\w-]+\.)?localhost|127\.0\.0\.1")
# A test that looks while a page still loads its styles makes the browser draw with Bootstrap's alone. Its two pictures
# in a ticked box our next sheet takes away; the policy refuses them, as it should. Nobody else ever sees that moment.
HALF_STYLED = re.compile(r"Loading the image 'data:image/svg\+xml,[^']*'[^']*' viewBox='(?:-4 -4 8 8|0 0 20 20)'")
NOT_FETCHED = {"data", "blob", "about", "chrome-error"}


class Watch:
    """Looks over the shoulder of every page of one browser context, and writes down which routes it meets."""

    def __init__(self, context: BrowserContext, record: Callable[[str, str], None]) -> None:
        self.context, self._record = context, record
        self._allowed: list[re.Pattern[str]] = []
        self.problems: list[str] = []
        context.on("request", self._on_request)
        context.on("response", self._on_response)
        context.on("console", self._on_console)
        context.on("weberror", self._on_error)

    def allow(self, pattern: str) -> None:
        """A problem that matches is meant to happen: `watch.allow("status of 404")`."""
        self._allowed.append(re.compile(pattern))

    def check(self) -> None:
        """Fail when something happened that may not happen."""
        left = [problem for problem in self.problems if not any(pattern.search(problem) for pattern in self._allowed)]
        if left:
            raise AssertionError("\n".join(left))

    def check_accessibility(self, page: Page) -> None:
        """Fail when axe finds a violation on this page as it stands."""
        if found := violations(page):
            raise AssertionError(f"{page.url}:\n" + "\n".join(found))
        self._record(AXE, page.url)

    def _on_request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in NOT_FETCHED and not OUR_HOST.fullmatch(parts.hostname or ""):
            self.problems.append(f"a request to another host: {request.url}")

    def _on_response(self, response: Response) -> None:
        request = response.request
        if request.method == "GET" and response.status < 400:
            is_page = request.is_navigation_request() and response.status == 200 and _is_html(response)
            self._record(PAGE if is_page else PART, request.url)

    def _on_console(self, message: ConsoleMessage) -> None:
        if message.type == "error" and not HALF_STYLED.match(message.text):
            self.problems.append(f"in the console: {message.text} ({message.location.get('url', '')})")

    def _on_error(self, error: WebError) -> None:
        self.problems.append(f"an error in a script: {error.error}")


def _is_html(response: Response) -> bool:
    try:
        return response.headers.get("content-type", "").startswith("text/html")
    except Error:  # the page is gone already
        return False
