"""What holds for every statement: valid ones pass, and one forbidden change is refused as the standard says."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.xapi.examples import BOTH
from tests.unit.xapi.generated import json_values, mutants, statements
from xapi.standard.comparison import is_same_statement
from xapi.standard.decoding import decode_json, split_batch
from xapi.standard.errors import StandardError
from xapi.standard.relations import activities_of, agents_of
from xapi.standard.statement import check_statement
from xapi.standard.version import Version

versions = st.sampled_from(BOTH)


@given(st.data(), versions)
def test_any_valid_statement_is_accepted_and_equals_itself(data: st.DataObject, version: Version) -> None:
    statement = data.draw(statements(version))

    check_statement(statement, version)

    assert is_same_statement(statement, decode_json(orjson.dumps(statement)))
    assert agents_of(statement) is not None
    assert activities_of(statement) is not None


@given(st.data())
def test_any_1_0_3_statement_is_also_valid_under_2_0(data: st.DataObject) -> None:
    check_statement(data.draw(statements(Version.V1)), Version.V2)


@given(st.data(), versions)
def test_any_forbidden_change_is_refused_and_nothing_else_goes_wrong(data: st.DataObject, version: Version) -> None:
    statement = data.draw(mutants(version))

    with pytest.raises(StandardError) as refused:
        check_statement(statement, version)

    assert refused.value.status == 400


@given(json_values, versions)
def test_any_json_is_judged_without_another_exception(value: Any, version: Version) -> None:
    with pytest.raises(StandardError):
        check_statement(value, version)


@given(st.binary())
def test_any_bytes_are_judged_without_another_exception(data: bytes) -> None:
    with suppress(StandardError):
        for part in split_batch(data)[0]:
            decode_json(part)


@given(st.lists(json_values))
def test_a_split_batch_is_the_batch(values: list[Any]) -> None:
    parts, is_batch = split_batch(orjson.dumps(values))

    assert is_batch
    assert [orjson.loads(part) for part in parts] == values
