"""What holds for every statement: valid ones pass, and one forbidden change is refused as the standard says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.xapi.broken import with_sub_statement
from tests.unit.xapi.examples import BOTH, full, minimal
from tests.unit.xapi.generated import json_values, mutants, put_in_place, statements
from tests.unit.xapi.wrong import wrong_values
from xapi.standard.actor import ifi_of
from xapi.standard.comparison import is_same_statement
from xapi.standard.decoding import decode_json, split_batch
from xapi.standard.errors import StandardError
from xapi.standard.relations import Role, activities_of, agents_of
from xapi.standard.statement import check_statement
from xapi.standard.version import Version

versions = st.sampled_from(BOTH)


@given(st.data(), versions)
def test_any_valid_statement_is_accepted_and_equals_itself(data: st.DataObject, version: Version) -> None:
    statement = data.draw(statements(version))

    check_statement(statement, version)

    assert is_same_statement(statement, decode_json(orjson.dumps(statement)))


@given(st.data(), versions)
def test_any_statement_is_found_by_all_that_stands_in_it(data: st.DataObject, version: Version) -> None:
    statement = data.draw(statements(version))

    agents, activities = agents_of(statement), activities_of(statement)

    assert set(agents) == set(_agents_in(statement))
    assert set(activities) == set(_activities_in(statement))
    near = {"actor": statement["actor"], "object": statement["object"]}
    if near["object"].get("objectType") == "SubStatement":  # who is inside that stands further off
        del near["object"]
    assert {who for who, role in agents.items() if role is Role.DIRECT} == set(_agents_in(near))
    assert {iri for iri, role in activities.items() if role is Role.DIRECT} == set(_activities_in(near))


def _agents_in(value: Any) -> Iterator[str]:
    """The identifiers of whoever stands anywhere, without knowing where the standard lets somebody stand."""
    if type(value) is list:
        for item in value:
            yield from _agents_in(item)
    elif type(value) is dict:
        identifier = ifi_of(value)
        if identifier is not None:
            yield identifier
        for name, inner in value.items():
            if name not in ("account", "extensions"):
                yield from _agents_in(inner)


def _activities_in(value: Any, place: str = "") -> Iterator[str]:
    """The IRIs of what stands anywhere an activity may stand."""
    if type(value) is list:
        for item in value:
            yield from _activities_in(item, place)
    elif type(value) is dict:
        places = ("object", "parent", "grouping", "category", "other")
        if place in places and value.get("objectType", "Activity") == "Activity":
            yield value["id"]
        for name, inner in value.items():
            if name != "extensions":
                yield from _activities_in(inner, name)


@given(st.data())
def test_any_1_0_3_statement_is_also_valid_under_2_0(data: st.DataObject) -> None:
    check_statement(data.draw(statements(Version.V1)), Version.V2)


@given(st.data(), versions)
def test_any_forbidden_change_is_refused_and_nothing_else_goes_wrong(data: st.DataObject, version: Version) -> None:
    statement = data.draw(mutants(version))

    with pytest.raises(StandardError) as refused:
        check_statement(statement, version)

    assert refused.value.status == 400


def _with_plain_sub_statement(version: Version) -> dict[str, Any]:
    return minimal(object={"objectType": "SubStatement", **minimal()}, version=f"{version}")


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("make", [full, with_sub_statement, _with_plain_sub_statement])
def test_every_wrong_value_is_refused_by_itself(version: Version, make: Callable[[Version], dict[str, Any]]) -> None:
    """Each of them once, in a statement with everything: hypothesis comes by a few of them each time."""
    count = len(wrong_values(make(version), version))
    for number in range(count):
        statement = make(version)
        wrong = wrong_values(statement, version)[number]
        put_in_place(*wrong)
        with pytest.raises(StandardError) as refused:
            check_statement(statement, version)
        assert refused.value.status == 400
    assert count > 50


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
