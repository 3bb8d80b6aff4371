"""Every answer tells the browser to run nothing from outside and to guess nothing; only our own files are kept."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from structlog.testing import capture_logs

from lms.app import create_app
from lms.kernel.config import Settings
from lms.kernel.web.headers import NOBODY, POLICY
from lms.kernel.web.pages import static
from tests.services.platform import HOST
from tests.web.visitor import Visitor, visitor_of

# Nothing here depends on the make of database.
pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

ANSWERS = {
    "a page": "/sign-in",
    "an area": "/gezinszorg/",
    "a file": "/static/css/1-tokens.css",
    "no such file": "/static/css/nothing.css",
    "no such page": "/nothing",
    "a redirect": "/my/courses",
    "health": "/health/live",
    "an error": "/test/answer/418",
    "a fault of ours": "/test/fail/unforeseen",
    "the record store": "/xapi/about",
    "the record store, without credentials": "/xapi/statements",
}
EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@pytest.mark.parametrize("path", ANSWERS.values(), ids=ANSWERS)
def test_every_kind_of_answer_carries_the_headers(visitor: Visitor, path: str) -> None:
    with capture_logs():
        headers = visitor.get(path, buffered=True).headers
    assert headers["Content-Security-Policy"] == POLICY.format(ancestors=NOBODY, scheme="http", host=HOST)
    assert {name: headers.get(name) for name in EXPECTED} == EXPECTED
    assert "camera=()" in headers["Permissions-Policy"]
    assert headers["Cache-Control"]
    assert "Strict-Transport-Security" not in headers


def test_a_refused_host_and_a_refused_form_carry_them_too(visitor: Visitor) -> None:
    for answer in (visitor.get("/", headers={"Host": "evil.example"}), visitor.post("/sign-in")):
        assert answer.status_code == 400
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


def test_the_policy_allows_nothing_inline_and_nothing_from_outside(visitor: Visitor) -> None:
    policy = visitor.get("/sign-in").headers["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert "*" not in policy.replace(f"http://*.{HOST}", "")
    for part in ("object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"):
        assert part in policy


def test_a_file_with_its_fingerprint_is_kept_a_year_and_without_it_is_asked_again(visitor: Visitor) -> None:
    fingerprinted = static("css/1-tokens.css")
    first = visitor.get(fingerprinted, buffered=True)
    assert "immutable" in first.headers["Cache-Control"]
    assert visitor.get("/static/css/1-tokens.css", buffered=True).headers["Cache-Control"] == "no-cache"
    again = visitor.get(fingerprinted, headers={"If-None-Match": first.headers["ETag"]}, buffered=True)
    assert again.status_code == 304
    assert "immutable" in again.headers["Cache-Control"]


def test_a_file_that_is_not_there_yet_is_not_remembered_as_missing(visitor: Visitor) -> None:
    answer = visitor.get("/static/css/tomorrow.css?v=0123456789")
    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] in ("no-cache", "no-store")


def test_a_page_with_a_person_in_it_is_never_kept(visitor: Visitor) -> None:
    assert visitor.get("/gezinszorg/").headers["Cache-Control"] == "no-cache"
    visitor.get("/test/page")
    assert visitor.get("/gezinszorg/").headers["Cache-Control"] == "no-store"


def test_the_cookie_is_for_this_host_only_and_not_for_scripts(visitor: Visitor) -> None:
    cookie = visitor.get("/test/page").headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Domain" not in cookie


@pytest.fixture
def secure_app(settings: Settings) -> Flask:
    return create_app(replace(settings, base_url="https://leren.example"))


def test_over_tls_the_browser_is_told_to_stay_there(secure_app: Flask) -> None:
    visitor = visitor_of(secure_app)
    answer = visitor.get("/sign-in", base_url="https://leren.example")
    assert "max-age=31536000" in answer.headers["Strict-Transport-Security"]
    assert "https://*.leren.example" in answer.headers["Content-Security-Policy"]
    assert "Secure" in answer.headers["Set-Cookie"]
    secure_app.extensions["database"].dispose()
