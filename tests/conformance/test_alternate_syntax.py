"""Alternate request syntax, for browsers that can only POST (1.0.3 Communication 1.3; 2.0 knows it no more)."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conformance.documents import STATE, etag
from tests.unit.xapi.examples import minimal
from tests.web.xapi.conftest import MakeProgram, Program
from xapi.standard.version import Version

STATEMENTS = "/xapi/1.0.3/statements"


class Page:
    """A page in an old browser: it posts forms, and sets no headers."""

    def __init__(self, client: FlaskClient, program: Program) -> None:
        key, secret = program.auth
        self.client = client
        self.headers = {
            "Authorization": f"Basic {b64encode(f'{key}:{secret}'.encode()).decode()}",
            "X-Experience-API-Version": "1.0.3",
        }

    def send(self, method: str, path: str = STATEMENTS, *, query: str = "", **form: Any) -> TestResponse:
        """Post what stands for a request with this method."""
        body = urlencode({**self.headers, **form})
        return self.client.post(f"{path}?method={method}{query}", data=body, base_url="http://localhost:8000")


@pytest.fixture
def page(app: Flask, make_program: MakeProgram) -> Page:
    """A page with a key."""
    return Page(app.test_client(), make_program(version=Version.V1)[0])


def test_communication_1_3_every_method_can_be_a_post(page: Page) -> None:
    uuid = str(uuid4())
    statement = minimal(result={"response": "één & twee = 100 % 🎓"})

    put = page.send("PUT", statementId=uuid, content=orjson.dumps(statement).decode())
    posted = page.send("POST", content=orjson.dumps([minimal()]).decode())
    got, head = page.send("GET", statementId=uuid), page.send("HEAD", statementId=uuid)
    listed = page.send("GET", limit="1")

    assert (put.status_code, posted.status_code, len(posted.get_json())) == (204, 200, 1)
    assert got.get_json()["result"] == statement["result"]
    assert (head.status_code, head.data, head.headers["Content-Length"]) == (200, b"", str(len(got.data)))
    assert [kept["id"] for kept in listed.get_json()["statements"]] == posted.get_json()
    assert got.headers["X-Experience-API-Version"] == "1.0.3"


def test_communication_1_3_headers_stand_in_the_form(page: Page) -> None:
    path = "/xapi/activities/state"
    put = page.send("PUT", path, **STATE.one, **{"Content-Type": "text/plain", "Content-Length": "3", "content": "één"})
    assert put.status_code == 204

    got = page.send("GET", path, **STATE.one)
    assert (got.get_data(as_text=True), got.headers["Content-Type"]) == ("één", "text/plain")
    blind = page.send("PUT", path, **STATE.one, **{"If-None-Match": "*"}, content="{}")
    knowing = page.send("PUT", path, **STATE.one, **{"If-Match": etag("één".encode())}, content="{}")
    assert (blind.status_code, knowing.status_code) == (412, 204)
    assert page.send("GET", path, **STATE.one).headers["Content-Type"] == "application/json"
    assert page.send("DELETE", path, **STATE.one).status_code == 204
    assert page.send("GET", path, **STATE.one).status_code == 404


def test_communication_1_3_the_form_counts_before_the_headers(page: Page) -> None:
    assert page.send("GET", **{"X-Experience-API-Version": "0.8"}).status_code == 400
    assert page.send("GET", Authorization="Basic eDp5").status_code == 401


def test_communication_1_3_headers_may_also_be_headers(page: Page) -> None:
    headers, page.headers = page.headers, {}
    answer = page.client.post(
        f"{STATEMENTS}?method=GET", data="limit=1", headers=headers, base_url="http://localhost:8000"
    )
    assert answer.status_code == 200
    assert "statements" in answer.get_json()


@pytest.mark.parametrize(
    ("method", "query", "form"),
    [
        ("PUT", "&statementId=e05aa883-acaf-40ad-bf54-02c8ce485fb0", {"content": "{}"}),
        ("PUT", "", {}),
        ("POST", "", {}),
        ("PATCH", "", {"content": "{}"}),
        ("get", "", {}),
        ("GET", "&method=GET", {}),
        ("GET", "", {"Limit": "1"}),
        ("GET", "", {"If-Match": "a\r\nX-Evil: b"}),
        ("GET", "", {"Authorization": "Basic é"}),
    ],
)
def test_communication_1_3_what_breaks_the_syntax_is_refused(
    page: Page, method: str, query: str, form: dict[str, str]
) -> None:
    headers = {name: value for name, value in page.headers.items() if name not in form}
    body = urlencode({**headers, **form})
    answer = page.client.post(
        f"{STATEMENTS}?method={method}{query}", data=body, headers=page.headers, base_url="http://localhost:8000"
    )
    assert answer.status_code == 400
    assert answer.get_json()["error"]["clause"]


@pytest.mark.parametrize("body", [b'{"limit": 1}', b"limit=1&\xff=\xff", b"limit=%FF"])
def test_communication_1_3_what_is_no_form_is_refused(page: Page, body: bytes) -> None:
    answer = page.client.post(
        f"{STATEMENTS}?method=GET", data=body, headers=page.headers, base_url="http://localhost:8000"
    )
    assert answer.status_code == 400


def test_communication_1_3_what_is_written_stands_in_the_field_content(page: Page) -> None:
    path = "/xapi/activities/state"
    form = {**STATE.one, "Content-Type": "text/plain"}
    assert page.send("PUT", path, **form).status_code == 400
    assert page.send("GET", path, **STATE.one).status_code == 404


def test_communication_1_3_it_is_issued_as_post_only(page: Page) -> None:
    for method in ("GET", "PUT", "DELETE"):
        answer = page.client.open(
            f"{STATEMENTS}?method=GET", method=method, headers=page.headers, base_url="http://localhost:8000"
        )
        assert answer.status_code in (400, 405)


@pytest.mark.parametrize("mount", ["/xapi/statements", "/xapi//statements", STATEMENTS])
def test_2_0_knows_no_alternate_syntax(page: Page, mount: str) -> None:
    spoken = {"X-Experience-API-Version": "2.0.0"}
    assert page.send("GET", mount, **spoken).status_code == 400
    headers = page.headers | spoken
    answer = page.client.post(f"{mount}?method=GET", data="limit=1", headers=headers, base_url="http://localhost:8000")
    assert answer.status_code == 400
    assert answer.get_json()["error"]["path"] == "method"
