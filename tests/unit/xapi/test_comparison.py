"""Which differences count when a statement comes again (1.0.3 Data 2.3.1)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.xapi.examples import ACCOUNT, AGENT, BOTH, REMOVED, SUB_STATEMENT, full, minimal, put
from xapi.standard.comparison import is_same_statement
from xapi.standard.decoding import decode_kept
from xapi.standard.version import Version

AREA = "https://leerlabo.example/area/gezinszorg"


@pytest.mark.parametrize(
    ("place", "value"),
    [
        pytest.param("id", REMOVED, id="id"),
        pytest.param("stored", "2020-01-01T00:00:00Z", id="stored"),
        pytest.param("authority", ACCOUNT, id="authority"),
        pytest.param("version", "1.0.3", id="version"),
        pytest.param("timestamp", REMOVED, id="a timestamp the store set"),
        pytest.param("timestamp", "2026-11-23T09:11:12.123000Z", id="the same moment"),
        pytest.param("verb.display", {"en": "answered"}, id="a display"),
        pytest.param("object.definition", REMOVED, id="a definition"),
        pytest.param("context.contextActivities.parent[0].definition", {"name": {"nl": "x"}}, id="another definition"),
        pytest.param("context.contextActivities.grouping", [{"id": AREA}], id="a list of one"),
        pytest.param("actor.mbox", "mailto:emma@EXAMPLE.org", id="the case of a domain"),
        pytest.param("result.duration", "PT4H35M59.149S", id="thousandths of a second"),
        pytest.param("result.score.max", 10.0, id="a whole number"),
    ],
)
@pytest.mark.parametrize("version", BOTH)
def test_data_2_3_1_it_does_not_count(version: Version, place: str, value: Any) -> None:
    assert is_same_statement(put(full(version), place, value), full(version))


@pytest.mark.parametrize(
    ("place", "value"),
    [
        pytest.param("actor.name", "Emma D.", id="a name"),
        pytest.param("actor.mbox", "mailto:EMMA@example.org", id="the case before the at sign"),
        pytest.param("actor.objectType", REMOVED, id="an objectType"),
        pytest.param("verb.id", "http://adlnet.gov/expapi/verbs/passed", id="a verb"),
        pytest.param("object.id", "urn:x", id="an object"),
        pytest.param("result.duration", "PT4H35M59.15S", id="a hundredth of a second"),
        pytest.param("result.success", REMOVED, id="success"),
        pytest.param("result.extensions", {"https://leerlabo.example/y": {"any": [True, None]}}, id="true for 1"),
        pytest.param("context.registration", REMOVED, id="a registration"),
        pytest.param("context.instructor", AGENT, id="an instructor"),
        pytest.param("timestamp", "2026-11-23T10:11:12.124+01:00", id="another moment"),
        pytest.param("attachments", [], id="attachments"),
    ],
)
@pytest.mark.parametrize("version", BOTH)
def test_data_2_3_1_it_counts(version: Version, place: str, value: Any) -> None:
    assert not is_same_statement(put(full(version), place, value), full(version))


def test_data_2_3_1_members_have_no_order() -> None:
    group = {"objectType": "Group", "member": [AGENT, ACCOUNT]}
    turned = {"objectType": "Group", "member": [ACCOUNT, AGENT]}

    assert is_same_statement(minimal(actor=group), minimal(actor=turned))
    assert not is_same_statement(minimal(actor=group), minimal(actor={**group, "member": [AGENT]}))


def test_data_2_3_1_a_sub_statement_is_compared_the_same_way() -> None:
    other = {**SUB_STATEMENT, "timestamp": "2030-01-01T11:00:00+01:00"}

    assert is_same_statement(minimal(object=SUB_STATEMENT), minimal(object=other))
    assert not is_same_statement(minimal(object=SUB_STATEMENT), minimal(object={**other, "actor": AGENT}))


def test_2_0_context_agents_are_compared() -> None:
    statement = full(Version.V2)
    other = put(full(Version.V2), "context.contextAgents[0].agent", ACCOUNT)

    assert not is_same_statement(other, statement)


def _measured(number: str) -> Any:
    return decode_kept(
        b'{"actor":{},"verb":{"id":"x"},"object":{},"result":{"extensions":{"urn:x":[%s]}}}' % number.encode()
    )


@pytest.mark.parametrize(
    "alike",
    [
        ("0", "-0", "0.0", "-0.00", "0e9", "0E-99999999999999999999", "0.0000000000000000"),
        ("100", "1e2", "100.0", "1E+2", "10000e-2", "100.00000000000000000000"),
        ("12345678901234567890123", "12345678901234567890123.0", "1.2345678901234567890123e22"),
        ("9007199254740993", "9007199254740993.0", "9.007199254740993e15"),
        ("18446744073709551615", "1.8446744073709551615e19"),
        ("10000000000000000000", "1e19"),
        ("0.1", "1e-1", "0.10", "0.1000000000000000000"),
        ("1e300", "1" + "0" * 300, "10e299"),
        ("1e-99999999999999999999", "1e-99999999999999999999"),
    ],
)
def test_data_2_3_1_it_does_not_count_how_a_number_is_written(alike: tuple[str, ...]) -> None:
    for number in alike:
        assert is_same_statement(_measured(number), _measured(alike[0])), number


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12345678901234567890123", "12345678901234567890124"),
        ("9007199254740993", "9007199254740992"),
        ("9007199254740993", "9007199254740992.0"),
        ("0.12345678901234567890", "0.12345678901234567891"),
        ("1e-400", "0"),
        ("1", "-1"),
        ("1", '"1"'),
        ("12345678901234567890123", '"12345678901234567890123"'),
    ],
)
def test_data_2_3_1_each_digit_of_a_number_counts(one: str, other: str) -> None:
    assert not is_same_statement(_measured(one), _measured(other))
