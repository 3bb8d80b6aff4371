"""Another organisation's platform beside ours, in Chromium: its page frames us, on another site."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from playwright.sync_api import BrowserContext, BrowserType, Frame, Page, expect

from lms.accounts.models import Organisation
from lms.kernel.db import Database
from tests.factories.lti import make_registration
from tests.services.lti_platform import Client, Link, LtiPlatform, User

COURSE = "in-gesprek-over-diversiteit"
FRAME = "tool"


class Beside:
    """A platform that knows the one that is served, and its pages."""

    def __init__(self, platform: LtiPlatform, tool: str, data: Path) -> None:
        self.platform, self.tool, self._data = platform, tool, data
        self.client: Client = platform.know(tool, client_id=f"client-{platform.address[-5:]}")
        self.register(self.client)

    def register(self, client: Client, **values: Any) -> None:
        """The row of ours for this client."""
        database = Database(f"sqlite:///{self._data / 'leerlabo.db'}")
        with database.write() as db:
            employer = db.scalars(sa.select(Organisation).where(Organisation.area == "gezinszorg")).first()
            assert employer is not None
            make_registration(db, self.platform, client, organisation_id=employer.id, **values)
        database.dispose()

    def place(self, content: str, *, name: str = "link-1", **more: object) -> Link:
        """A link to this content."""
        link = Link(name, f"{self.tool}/lti/launch", custom={"content": content}, more=dict(more))
        self.platform.links[name] = link
        return link

    def know(self, subject: str, **more: Any) -> User:
        """A learner of the platform."""
        user = self.platform.users[subject] = User(subject, **more)
        return user

    def page_of(self, link: Link, user: User, **options: str) -> str:
        """The address of the page that frames this link."""
        query = {"user": user.subject, "client": self.client.client_id} | options
        return f"{self.platform.address}/course/{link.resource_link_id}?{urlencode(query)}"

    def open(self, page: Page, link: Link, user: User, **options: str) -> Frame:
        """Click on the link, and wait until a page of ours stands in the frame."""
        page.goto(self.page_of(link, user, **options))
        page.get_by_role("button", name="Open").click()
        return self.frame(page)

    def frame(self, page: Page) -> Frame:
        """The frame with our page, once it stands there, as high as it asked: a click must not miss what moves."""
        page.frame_locator(f"#{FRAME}").locator("h1").wait_for()
        frame = page.frame(FRAME)
        assert frame is not None
        if "/in/" in frame.url and page.locator("#said").count():
            expect(page.locator("#said li")).not_to_have_count(0)
        return frame


@contextmanager
def keeping_no_cookies(
    browser: BrowserType, folder: Path, chromium: str, ours: str, framed_by: str
) -> Iterator[BrowserContext]:
    """A browser that lets our site keep nothing in frames of that other site, not even apart for it."""
    preferences = {
        "profile": {"content_settings": {"exceptions": {"cookies": {f"{ours},{framed_by}": {"setting": 2}}}}}
    }
    (folder / "Default").mkdir(parents=True)
    (folder / "Default" / "Preferences").write_text(json.dumps(preferences))
    context = browser.launch_persistent_context(
        folder,
        executable_path=chromium,
        chromium_sandbox=os.geteuid() != 0,
        args=["--disable-gpu", "--disable-site-isolation-trials"],
        locale="nl-BE",
    )
    yield context
    context.close()
