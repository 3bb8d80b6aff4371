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
from playwright.sync_api import BrowserContext, BrowserType, Frame, Locator, Page

from lms.accounts.models import Organisation
from lms.kernel.db import Database
from tests.browser.hands import Pointer
from tests.factories.lti import make_registration
from tests.services.lti_platform import Client, Link, LtiPlatform, User

COURSE = "in-gesprek-over-diversiteit"
FRAME = "tool"
ASKED_HEIGHT = "document.body.dataset.frameOrigin ? Math.ceil(document.body.getBoundingClientRect().height) : 0"
AS_HIGH = """([outer, asked]) => !asked || !outer.matches("[data-grows]") || outer.height == asked"""
MOST_MOVES = 100


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
        """The frame with our page, once it stands there."""
        page.frame_locator(f"#{FRAME}").locator("h1").wait_for()
        frame = page.frame(FRAME)
        assert frame is not None
        return frame


class Steady(Pointer):
    """A pointer that waits until nothing moves any more."""

    def press(self, button: Locator) -> None:
        """Click, in a frame or in a window."""
        _wait_for_rest(button)
        super().press(button)

    def choose(self, option: Locator) -> None:
        """Click, unless it is chosen."""
        _wait_for_rest(option)
        super().choose(option)


press = Steady().press


def wait_for_rest(frame: Frame) -> None:
    """Until styles have come and a frame that grows is as high as its page asked.

    A platform gives a frame its height some time after the page stands in it. What is clicked in between moves away
    from under the pointer, and what a style has still to hide can be clicked on paper only.
    """
    frame.wait_for_load_state()
    around = frame.parent_frame
    if around is None:
        return
    outer = frame.frame_element()
    for _move in range(MOST_MOVES):
        if around.evaluate(AS_HIGH, [outer, frame.evaluate(ASKED_HEIGHT)]):
            return
        frame.wait_for_timeout(50)
    raise AssertionError(f"{frame.url}: the frame does not become as high as its page")


def _wait_for_rest(element: Locator) -> None:
    frame = element.element_handle().owner_frame()
    assert frame is not None
    wait_for_rest(frame)


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
