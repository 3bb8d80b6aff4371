"""Each rule of the standard that a statement can break is judged; a test is named after its clause and sentence."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.xapi.broken import BROKEN, BROKEN_INSIDE, with_sub_statement
from tests.unit.xapi.examples import full, put
from xapi.standard.errors import StandardError
from xapi.standard.statement import check_statement
from xapi.standard.version import Version


@pytest.mark.parametrize(("version", "place", "value"), BROKEN)
def test_a_broken_rule_is_refused_with_its_place_and_clause(version: Version, place: str, value: Any) -> None:
    statement = full(version)
    check_statement(statement, version)

    with pytest.raises(StandardError) as refused:
        check_statement(put(statement, place, value), version)

    assert refused.value.status == 400
    assert refused.value.path.startswith("$")
    assert "4.2" in refused.value.clause
    assert refused.value.rule


@pytest.mark.parametrize(("version", "place", "value"), BROKEN_INSIDE)
def test_a_broken_rule_in_a_sub_statement_is_refused(version: Version, place: str, value: Any) -> None:
    statement = with_sub_statement(version)
    check_statement(statement, version)

    with pytest.raises(StandardError) as refused:
        check_statement(put(statement, f"object.{place}", value), version)

    assert refused.value.path.startswith("$.object")


def test_an_error_says_where_it_is() -> None:
    statement = put(full(Version.V1), "context.team.member[0].account.homePage", "nowhere")

    with pytest.raises(StandardError) as refused:
        check_statement(statement, Version.V1)

    assert refused.value.as_dict() == {
        "error": {
            "path": "$.context.team.member[0].account.homePage",
            "rule": "must be an IRI with a scheme",
            "clause": "1.0.3 Data 4.3; 2.0 4.2.7",
        }
    }
    assert refused.value.inside("$[3]").path.startswith("$[3].context.team")
