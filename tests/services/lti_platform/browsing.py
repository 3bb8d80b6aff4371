"""A browser between a platform and us, without Chromium: it begins a login, lets the platform answer, brings it back.

For the many launches that are to be refused: every step can be changed on the way.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.services.lti_platform.launching import launch_claims, login_fields
from tests.services.lti_platform.server import Client, Link, LtiPlatform, User


@dataclass
class Begun:
    """A login under way: what we asked the platform."""

    question: dict[str, str]
    client: Client
    link: Link
    user: User

    @property
    def state(self) -> str:
        return self.question["state"]


class Launcher:
    """Somebody who clicks on links of a platform, in a browser of ours."""

    def __init__(self, platform: LtiPlatform, browser: FlaskClient, base_url: str) -> None:
        self.platform, self.browser, self.base_url = platform, browser, base_url

    def begin(self, client: Client, link: Link, user: User, **changes: str | None) -> Begun:
        """Up to the platform's authorization endpoint."""
        response = self.login(client, link, user, **changes)
        assert response.status_code == 303, response.get_data(as_text=True)[:2000]
        question = dict(parse_qsl(urlsplit(response.headers["Location"]).query))
        return Begun(question, client, link, user)

    def login(self, client: Client, link: Link, user: User, **changes: str | None) -> TestResponse:
        """Only the login, with some of its fields changed; None leaves one out."""
        fields = login_fields(self.platform, client, link, user) | changes
        given = {name: value for name, value in fields.items() if value is not None}
        return self.post("/lti/login", given)

    def claims(self, begun: Begun, **changes: Any) -> dict[str, Any]:
        """What the platform would say; a change of None takes a claim away."""
        claims = launch_claims(self.platform, begun.client, begun.link, begun.user, begun.question["nonce"])
        claims |= changes
        return {name: value for name, value in claims.items() if value is not None}

    def answer(self, begun: Begun, id_token: str | None = None, **fields: str) -> TestResponse:
        """Bring this token back, or the right one."""
        token = self.platform.sign(self.claims(begun)) if id_token is None else id_token
        return self.post("/lti/launch", {"state": begun.state, "id_token": token} | fields)

    def launch(self, client: Client, link: Link, user: User) -> TestResponse:
        """A launch from the click to our answer."""
        return self.answer(self.begin(client, link, user))

    def elsewhere(self) -> Launcher:
        """The same somebody in another browser, without the cookies of this one."""
        return Launcher(
            self.platform, type(self.browser)(self.browser.application, self.browser.response_wrapper), self.base_url
        )

    def post(self, path: str, fields: dict[str, Any]) -> TestResponse:
        """Send a form from the platform's page."""
        return self.browser.post(path, data=fields, base_url=self.base_url, headers={"Origin": self.platform.address})
