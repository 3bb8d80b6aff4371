"""A form counts only when it was sent from our own page, on the very host that was asked for."""

from __future__ import annotations

import pytest

from lms.kernel.db import Database
from tests.services.platform import HOST
from tests.web.kernel.conftest import noted
from tests.web.page import Page
from tests.web.visitor import Visitor

# Nothing here depends on the make of database.
pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

AREA_HOST = f"gezinszorg.{HOST}"


def send(visitor: Visitor, token: str, origin: str | None) -> Page:
    headers = {} if origin is None else {"Origin": origin}
    return Page(visitor.post("/test/write", data={"csrf_token": token}, headers=headers))


@pytest.mark.parametrize("host", [HOST, AREA_HOST])
def test_a_form_from_the_host_that_was_asked_is_taken(visitor: Visitor, host: str) -> None:
    url = f"http://{host}"
    form = visitor.page("/sign-in", base_url=url).form("/language")
    data = {**form.values, "language": "fr"}
    answer = visitor.post("/language", data=data, headers={"Origin": url}, base_url=url)
    assert answer.status_code == 303
    assert visitor.page("/sign-in", base_url=url).root.get("lang") == "fr"


def test_a_browser_that_says_no_origin_is_taken_at_its_token(visitor: Visitor, token: str, database: Database) -> None:
    assert send(visitor, token, None).status == 200


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "null",
        "",
        f"https://{HOST}",
        f"http://{AREA_HOST}",
        "http://localhost",
        "http://localhost:8001",
        f"http://{HOST}.evil.example",
        f"http://{HOST}/",
    ],
)
def test_a_form_from_anywhere_else_changes_nothing(
    visitor: Visitor, token: str, database: Database, origin: str
) -> None:
    page = send(visitor, token, origin)
    assert page.status == 400
    assert page.h1
    assert noted(database) == []


@pytest.mark.parametrize("token_sent", [None, "", "x", "IjEi.x.y"])
def test_a_form_without_its_token_changes_nothing(visitor: Visitor, database: Database, token_sent: str | None) -> None:
    data = {} if token_sent is None else {"csrf_token": token_sent}
    page = Page(visitor.post("/test/write", data=data))
    assert page.status == 400
    assert "Ga terug en probeer opnieuw" in page.text
    assert noted(database) == []


def test_a_token_of_somebody_else_is_worth_nothing(visitor: Visitor, token: str, another_visitor: type) -> None:
    stranger = another_visitor()
    stranger.page("/sign-in")
    assert stranger.post("/test/write", data={"csrf_token": token}).status_code == 400


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_no_other_way_of_writing_goes_without_a_token(visitor: Visitor, method: str) -> None:
    assert visitor.open("/test/write", method=method).status_code in (400, 405)
