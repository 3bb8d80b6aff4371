"""A program with a key sees what belongs to its area and employer, whatever it asks for."""

from __future__ import annotations

import pytest
from werkzeug.test import TestResponse

from tests.web.access.markers import Side
from tests.web.access.routes import ANONYMOUS
from tests.web.access.walk import Walker

VERSION = {"X-Experience-API-Version": "2.0.0"}


def ask(walker: Walker, side: Side, query: str = "", *, secret: str = "") -> TestResponse:
    """The statements, asked with the key of this side."""
    key, own = side.values["credential"]
    answer: TestResponse = walker.client(ANONYMOUS).get(
        f"/xapi/statements{query}", headers=VERSION, auth=(key, secret or own)
    )
    return answer


def test_a_key_lists_what_its_own_people_did(walker: Walker) -> None:
    for side in walker.world.sides:
        said = ask(walker, side, "?limit=500").get_data(as_text=True)
        for other in walker.world.sides:
            assert (str(other.values["learner"].uuid) in said) == (other is side), f"{side.name} about {other.name}"


def test_a_statement_of_others_is_not_there(walker: Walker) -> None:
    far = ask(walker, walker.world.far, "?limit=1").get_json()["statements"][0]["id"]
    assert ask(walker, walker.world.far, f"?statementId={far}").status_code == 200
    assert ask(walker, walker.world.here, f"?statementId={far}").status_code == 404


def test_a_key_needs_its_own_secret(walker: Walker) -> None:
    _key, secret = walker.world.far.values["credential"]
    assert ask(walker, walker.world.here, secret=secret).status_code == 401
    assert ask(walker, walker.world.here, secret="x").status_code == 401


@pytest.mark.parametrize("value", ["%00", "9" * 400, "%F0%9F%92%A5", "'; DROP TABLE statement; --", "1e400"])
@pytest.mark.parametrize(
    "name", ["statementId", "agent", "verb", "activity", "registration", "since", "limit", "cursor"]
)
def test_no_odd_question_breaks_the_store(walker: Walker, name: str, value: str) -> None:
    assert ask(walker, walker.world.here, f"?{name}={value}").status_code < 500
