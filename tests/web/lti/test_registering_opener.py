"""Who opens a registration link may frame its page when she is of the platform, and is then told when it may be closed.

The link here is over: then nobody's configuration is asked, and the page stands in the same frame.
"""

from __future__ import annotations

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from tests.web.visitor import visitor_of

LINK = "/lti/register/never-made"
MOODLE = "http://127.0.0.1/mod/lti/openid-configuration.php"
CANVAS = "https://sso.canvaslms.com/api/lti/security/openid-configuration"


def opened_by(app: Flask, named: str, configuration: str) -> list[TestResponse]:
    """The page as this opener opens it, and what follows on the button."""
    visitor = visitor_of(app)
    opened = {"openid_configuration": configuration, "registration_token": "x"}
    page = visitor.get(LINK, query_string=opened, headers={"Referer": named})
    return [page, visitor.post(LINK, data=opened | {"opener": named})]


@pytest.mark.parametrize(
    "named",
    [
        "http://[x",
        "http://127.0.0.1:notaport",
        "http://127.0.0.1:81/",
        "about:blank",
        "https://*",
        "https://a.example",
        "",
    ],
)
def test_a_site_that_is_not_the_platforms_gets_nothing(app: Flask, named: str) -> None:
    for answer in opened_by(app, named, MOODLE):
        assert answer.status_code == 410
        assert "frame-ancestors http://127.0.0.1;" in answer.headers["Content-Security-Policy"]


def test_a_canvas_on_a_domain_of_its_own_sees_the_page_in_its_frame(app: Flask) -> None:
    school = "https://canvas.school.example"
    for answer in opened_by(app, f"{school}/", CANVAS):
        policy = answer.headers["Content-Security-Policy"]
        assert f"frame-ancestors https://*.instructure.com {school} https://sso.canvaslms.com;" in policy


@pytest.mark.parametrize("named", ["http://canvas.school.example/", "https://*", "https://[x", ""])
def test_before_canvas_too_it_must_be_one_site_and_a_safe_one(app: Flask, named: str) -> None:
    for answer in opened_by(app, named, CANVAS):
        policy = answer.headers["Content-Security-Policy"]
        assert "frame-ancestors https://*.instructure.com https://sso.canvaslms.com;" in policy
