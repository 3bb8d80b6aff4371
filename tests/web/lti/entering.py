"""Coming in from a platform, up to the first page of the visit."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from tests.services.lti_platform import Client, Link, User
from tests.services.lti_platform.browsing import Launcher
from tests.web.page import Form, Page


def land(launcher: Launcher, answer: TestResponse) -> Page:
    assert answer.status_code == 303, answer.get_data(as_text=True)[:800]
    return Page(launcher.browser.get(answer.headers["Location"], follow_redirects=True))


def enter(launcher: Launcher, tool: Client, user: User, link: Link | None = None, **claims: Any) -> Page:
    begun = launcher.begin(tool, link or launcher.platform.links["link-1"], user)
    token = launcher.platform.sign(launcher.claims(begun, **claims))
    return land(launcher, launcher.answer(begun, token))


def visit_of(page: Page) -> str:
    """`/in/<visit>` of the visit this page is in."""
    action = next(form.action for form in page.forms() if form.action.startswith("/in/"))
    return "/".join(action.split("/")[:3])


def form_to_begin(page: Page) -> Form:
    """*Begin* stands there twice: for a phone, and for a desk."""
    return next(form for form in page.forms() if form.action.endswith("/launch"))
