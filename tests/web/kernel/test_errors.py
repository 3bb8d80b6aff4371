"""Whatever goes wrong, a page of ours says what happened and what to do, in the language somebody reads."""

from __future__ import annotations

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from lms.app import create_app
from lms.kernel.config import Settings
from lms.kernel.web.flow import SESSION_KEY
from tests.services.processes import free_port
from tests.web.page import Page
from tests.web.visitor import Visitor, visitor_of

# Nothing here depends on the make of database.
pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)

CODES = [400, 403, 404, 405, 409, 410, 413, 415, 418, 422, 429, 500, 502, 503]


@pytest.mark.parametrize("code", CODES)
def test_each_code_has_a_page_with_a_way_on(visitor: Visitor, code: int) -> None:
    page = visitor.page(f"/test/answer/{code}", status=code)
    assert page.h1
    assert f"Code {code}" in page.text
    assert {"/", "/help"} <= set(page.links().values())


def test_the_page_keeps_the_language(visitor: Visitor) -> None:
    dutch = visitor.page("/nothing", status=404)
    english = visitor.page("/nothing", status=404, headers={"Accept-Language": "en-GB,en;q=0.9"})
    assert (dutch.root.get("lang"), english.root.get("lang")) == ("nl", "en")
    assert dutch.h1 != english.h1


def test_a_refusal_says_its_own_sentences(visitor: Visitor) -> None:
    page = visitor.page("/test/fail/refused", status=409)
    assert "Dit kan nu niet." in page.text
    assert "Kies een andere dag." in page.text


def test_too_often_says_how_long_to_wait(visitor: Visitor) -> None:
    page = visitor.page("/test/fail/too-many", status=429)
    assert "Wacht 2 minuten" in page.text
    assert page.response.headers["Retry-After"] == "90"


def test_a_way_of_asking_that_is_not_there_says_which_are(visitor: Visitor, token: str) -> None:
    answer = visitor.post("/privacy", data={"csrf_token": token})
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]
    assert Page(answer).h1


def test_who_is_not_signed_in_is_asked_to_and_comes_back_where_she_was(visitor: Visitor) -> None:
    answer = visitor.get("/test/fail/not-signed-in?from=card&q=é")
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/sign-in?next=%2Ftest%2Ffail%2Fnot-signed-in%3Ffrom%3Dcard%26q%3D%C3%A9"


def test_a_form_of_who_is_not_signed_in_is_not_sent_again_by_itself(visitor: Visitor, token: str) -> None:
    answer = visitor.post("/test/fail/not-signed-in", data={"csrf_token": token})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")


def test_even_without_a_database_there_is_a_page(settings: Settings) -> None:
    nowhere = f"postgresql+psycopg://nobody@127.0.0.1:{free_port()}/nowhere"
    app = create_app(replace(settings, database_url=nowhere))
    visitor = visitor_of(app)
    with visitor.session_transaction() as session:
        session[SESSION_KEY] = "somebody"
    with capture_logs() as logs:
        page = visitor.page("/", status=503)
        ready = visitor_of(app).get("/health/ready")
    assert page.h1 == "We zijn zo terug"
    assert [line["event"] for line in logs] == ["database_away"]
    assert ready.status_code == 503
