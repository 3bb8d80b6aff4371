"""Statements that break the data model are answered 400 with the place, the rule and the clause (1.0.3 Data; 2.0 4.2).

Written from what the standard says of a valid statement: one change each to a statement that holds everything.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import orjson
import pytest
from werkzeug.test import TestResponse

from tests.conformance.conftest import Speak
from tests.unit.xapi.broken import BROKEN, BROKEN_INSIDE, with_sub_statement
from tests.unit.xapi.examples import BOTH, REMOVED, full, minimal, put
from tests.web.xapi.conftest import Program
from xapi.standard.version import Version

# Where the fault shows is not always where it was made: these tell which other property is wrong now.
SHOWS_ELSEWHERE = {
    "object.definition.interactionType": "object.definition.choices",  # numeric knows none
    "object": "context.revision",  # only for a statement about an activity
    "verb": "object",  # voided wants a reference
}


def places(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Every property and item outside extensions, with its value."""
    if type(value) is dict:
        inside = [(f"{path}.{key}" if path else key, part) for key, part in value.items()]
    else:
        inside = [(f"{path}[{index}]", part) for index, part in enumerate(value if type(value) is list else ())]
    for place, part in inside:
        yield place, part
        if not place.endswith("extensions"):
            yield from places(part, place)


EVERY_PLACE = [(version, place, value) for version in BOTH for place, value in places(full(version))]
# The keys of language maps are free, and an item has none.
_KEYLESS = re.compile(r"(display|name|description)\.[\w-]+$|]$")
EVERY_KEY = [row for row in EVERY_PLACE if _KEYLESS.search(row[1]) is None]


def named(rows: list[tuple[Version, str, Any]]) -> list[Any]:
    """The rows as pytest wants them, each with a name."""
    return [pytest.param(*row, id=f"{row[1]} ({row[0]})") for row in rows]


def refused(answer: TestResponse) -> str:
    """Check that an answer is a refusal that helps; returns the place it names."""
    assert answer.status_code == 400, answer.data
    error = orjson.loads(answer.data)["error"]
    assert re.search(r"\d", error["clause"]), error
    assert error["rule"]
    path: str = error["path"]
    return path


def as_path(place: str) -> str:
    """The JSON path of a place: names with a hyphen stand in brackets (RFC 9535)."""
    return "$." + re.sub(r"\.([a-zA-Z]+-[\w-]+)", r"['\1']", place)


def is_near(path: str, place: str) -> bool:
    """Whether an error names the place, something in it, or, when it must not be there or is missing, what holds it."""
    exact = f"$.{place}"
    return path.startswith(exact) or path == re.sub(r"(\.\w+|\[\d+\])$", "", exact)


@pytest.mark.parametrize(("version", "place", "value"), BROKEN)
def test_a_broken_rule_is_refused(speak: Speak, version: Version, place: str, value: Any) -> None:
    path = refused(speak(version).post(put(full(version), place, value)))
    assert is_near(path, place) or is_near(path, SHOWS_ELSEWHERE.get(place, place))


@pytest.mark.parametrize(("version", "place", "value"), BROKEN_INSIDE)
def test_a_broken_rule_in_a_sub_statement_is_refused(speak: Speak, version: Version, place: str, value: Any) -> None:
    path = refused(speak(version).post(put(with_sub_statement(version), f"object.{place}", value)))
    assert is_near(path, f"object.{place}") or path == "$.object.context.platform"


@pytest.mark.parametrize(("version", "place"), [row[:2] for row in EVERY_PLACE])
def test_data_2_2_null_is_refused_everywhere(speak: Speak, version: Version, place: str) -> None:
    assert refused(speak(version).post(put(full(version), place, None))) == as_path(place)


@pytest.mark.parametrize(("version", "place", "value"), named(EVERY_PLACE))
def test_data_2_2_another_type_is_refused(speak: Speak, version: Version, place: str, value: Any) -> None:
    other = {str: 1, bool: "true", int: "1", float: "1.5", dict: "x", list: "x"}[type(value)]
    assert refused(speak(version).post(put(full(version), place, other))) == as_path(place)


@pytest.mark.parametrize(("version", "place", "value"), named(EVERY_KEY))
def test_data_2_2_the_case_of_a_key_counts(speak: Speak, version: Version, place: str, value: Any) -> None:
    holder, _, key = place.rpartition(".")
    other = f"{holder}.{key.swapcase()}".lstrip(".")
    statement = put(put(full(version), place, REMOVED), other, value)
    assert refused(speak(version).post(statement)) == f"$.{other}"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="half an object"),
        pytest.param(b"[{}", id="half a batch"),
        pytest.param(b"[[]]", id="a batch in a batch"),
        pytest.param(b"[null]", id="a batch of null"),
        pytest.param(b'"x"', id="a string"),
        pytest.param(b"null", id="null"),
        pytest.param(b"{'actor': 1}", id="single quotes"),
        pytest.param(b"\xff{}", id="no UTF-8"),
        pytest.param(orjson.dumps(minimal())[:-1] + b',"result":{"score":{"raw":NaN}}}', id="NaN"),
        pytest.param(orjson.dumps(minimal())[:-1] + b',"result":{"score":{"raw":Infinity}}}', id="infinity"),
        pytest.param(orjson.dumps(minimal())[:-1] + b',"timestamp":"2026-01-01T00:00:00Z",}', id="a last comma"),
        pytest.param(orjson.dumps(minimal()) * 2, id="two statements that are no batch"),
    ],
)
def test_data_2_2_what_is_no_json_of_a_statement_is_refused(visiting: Program, body: bytes) -> None:
    refused(visiting.post(body))


def test_data_2_2_a_property_stands_once(visiting: Program) -> None:
    body = orjson.dumps(minimal())
    refused(visiting.post(body[:-1] + b',"verb":{"id":"urn:other"}}'))
    refused(visiting.post(body.replace(b'"mbox"', b'"mbox":"mailto:a@example.org","mbox"')))


@pytest.mark.parametrize(
    ("name", "path"),
    [
        ("a b", "$['a b']"),
        ("it's", "$['it\\'s']"),
        ('"\\\n', "$['\"\\\\\\n']"),
        ("", "$['']"),
        ("é", "$['é']"),
        ("3D", "$['3D']"),
        ("_x3", "$._x3"),
    ],
)
def test_communication_3_2_a_path_can_be_followed_whatever_a_property_is_called(
    visiting: Program, name: str, path: str
) -> None:
    assert refused(visiting.post(minimal() | {name: 1})) == path
    assert refused(visiting.post([minimal(), minimal() | {name: 1}])) == path.replace("$", "$[1]")
    assert refused(visiting.post(minimal(result={"extensions": {name: 1}}))) == f"$.result.extensions{path[1:]}"
    display = minimal(verb={"id": "urn:x", "display": {name: "x"}})
    assert refused(visiting.post(display)) == f"$.verb.display{path[1:]}"


def test_communication_3_2_the_place_in_a_batch_is_said(visiting: Program) -> None:
    batch = [minimal(), minimal(), put(minimal(), "actor.mbox", "emma")]
    assert refused(visiting.post(batch)) == "$[2].actor.mbox"
    assert refused(visiting.put(put(minimal(), "actor.mbox", "emma"), "e05aa883-acaf-40ad-bf54-02c8ce485fb0")) == (
        "$.actor.mbox"
    )


def test_communication_3_2_nothing_of_what_was_refused_is_stored(visiting: Program) -> None:
    """All tests of this file are refused on the same platform, so this holds wherever it stands among them."""
    assert visiting.listed() == []
