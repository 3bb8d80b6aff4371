"""What the standard allows, and a strict store might wrongly refuse; and what actors and moments are equal."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.unit.xapi.examples import (
    ACCOUNT,
    AGENT,
    BOTH,
    GROUP,
    REFERENCE,
    REMOVED,
    SUB_STATEMENT,
    TEAM,
    full,
    minimal,
    put,
)
from xapi.standard.actor import ifi_of
from xapi.standard.duration import check_duration, comparable_duration
from xapi.standard.language import choose_language, is_language_tag
from xapi.standard.relations import Role, activities_of, agents_of
from xapi.standard.statement import check_statement
from xapi.standard.timestamp import format_timestamp, parse_timestamp
from xapi.standard.version import Version, version_of


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize(
    ("place", "value"),
    [
        pytest.param("actor", GROUP, id="Data 2.4.2.2: an anonymous group acts"),
        pytest.param("actor", {"objectType": "Group", "mbox": "mailto:a@b.org"}, id="Data 2.4.2.2: without members"),
        pytest.param("actor", {**TEAM, "member": []}, id="Data 2.4.2.2: an identified group with no member yet"),
        pytest.param("actor", {"mbox_sha1sum": "AB" * 20}, id="Data 2.4.2.3: a hash in capitals"),
        pytest.param("actor", {"account": {"homePage": "urn:x", "name": ""}}, id="Data 2.4.2.4: an empty name"),
        pytest.param("authority", {"objectType": "Group", "member": [AGENT, ACCOUNT]}, id="Data 2.4.9: two for OAuth"),
        pytest.param("verb.display", {}, id="Data 2.2: an empty object should not, but may be"),
        pytest.param("verb.display", {"zh-Hant-TW-x-own": "x", "i-klingon": "y", "und": "z"}, id="Data 4.2: rare tags"),
        pytest.param("verb.id", "http://例え.org/動詞", id="Data 4.3: an IRI outside ASCII"),
        pytest.param("verb.id", "urn:uuid:e05aa883-acaf-40ad-bf54-02c8ce485fb0", id="Data 4.3: a URN"),
        pytest.param("object.definition.choices", [], id="Data 2.4.4.1: an empty list of choices"),
        pytest.param("object.definition.correctResponsesPattern", [], id="Data 2.4.4.1: no right answer"),
        pytest.param("object.definition", {"interactionType": "other"}, id="Data 2.4.4.1: a type alone"),
        pytest.param("object.definition.extensions", {"urn:x": {"a": None}}, id="Data 4.1: null in an extension"),
        pytest.param("result.score", {"scaled": -1}, id="Data 2.4.5.1: scaled alone"),
        pytest.param("result.score", {"raw": 1e300}, id="Data 2.4.5.1: raw without limits"),
        pytest.param("result.duration", "P1DT12H36M0.12567S", id="Data 4.6: finer than 0.01 second"),
        pytest.param("result.duration", "P4W", id="Data 4.6: weeks"),
        pytest.param("result.duration", "PT0,5H", id="Data 4.6: a decimal comma"),
        pytest.param("timestamp", "2099-01-01T00:00:00Z", id="Data 2.4.7: a future moment"),
        pytest.param("timestamp", "2016-12-31T23:59:60Z", id="Data 4.5: a leap second"),
        pytest.param("id", "12345678-1234-7678-1234-ABCDEFABCDEF", id="Data 4.4: any version, any case"),
        pytest.param("version", "1.0", id="Data 2.4.10: 1.0"),
        pytest.param("version", "1.0.9", id="Data 2.4.10: a later patch"),
        pytest.param("attachments", [], id="Data 2.4.11: no attachment"),
        pytest.param("attachments[0].fileUrl", REMOVED, id="Data 2.4.11: data beside the statement"),
    ],
)
def test_it_is_accepted(version: Version, place: str, value: Any) -> None:
    check_statement(put(full(version), place, value), version)


@pytest.mark.parametrize("version", BOTH)
@pytest.mark.parametrize("object_", [{"objectType": "Agent", **ACCOUNT}, GROUP, REFERENCE, SUB_STATEMENT])
def test_data_2_4_4_every_kind_of_object_is_accepted(version: Version, object_: dict[str, Any]) -> None:
    check_statement(minimal(object=object_), version)


@pytest.mark.parametrize(
    ("text", "version", "moment"),
    [
        ("2026-11-23T10:11:12.123+01:00", Version.V2, datetime(2026, 11, 23, 9, 11, 12, 123000, tzinfo=UTC)),
        ("2026-11-23t10:11:12z", Version.V2, datetime(2026, 11, 23, 10, 11, 12, tzinfo=UTC)),
        ("2016-12-31T23:59:60Z", Version.V2, datetime(2017, 1, 1, tzinfo=UTC)),
        ("1990-12-31T15:59:60.5-08:00", Version.V2, datetime(1991, 1, 1, microsecond=500_000, tzinfo=UTC)),
        ("20120701T055960+0600", Version.V1, datetime(2012, 7, 1, tzinfo=UTC)),
        ("2026-11-23T10:11:12+23:59", Version.V2, datetime(2026, 11, 22, 10, 12, 12, tzinfo=UTC)),
        ("2026-11-23T10:11:12-19", Version.V1, datetime(2026, 11, 24, 5, 11, 12, tzinfo=UTC)),
        ("2026-11-23T10:11", Version.V1, datetime(2026, 11, 23, 10, 11, tzinfo=UTC)),
        ("2026-11-23T10", Version.V1, datetime(2026, 11, 23, 10, tzinfo=UTC)),
        ("20261123T101112,5+0100", Version.V1, datetime(2026, 11, 23, 9, 11, 12, 500000, tzinfo=UTC)),
        ("2026-11-23T10:11:12.1234567891Z", Version.V1, datetime(2026, 11, 23, 10, 11, 12, 123456, tzinfo=UTC)),
    ],
)
def test_data_4_5_a_timestamp_is_a_moment_in_utc(text: str, version: Version, moment: datetime) -> None:
    assert parse_timestamp(text, "$", version) == moment


def test_data_4_5_the_store_writes_utc_with_microseconds() -> None:
    moment = datetime(2026, 11, 23, 10, 11, 12, 5, tzinfo=UTC)

    assert format_timestamp(moment) == "2026-11-23T10:11:12.000005Z"
    assert parse_timestamp(format_timestamp(moment), "$", Version.V2) == moment


@pytest.mark.parametrize(
    ("first", "second"),
    [("PT1.239S", "PT1.23S"), ("PT1.20S", "PT1.2S"), ("PT1.001S", "PT1S"), ("PT1,5S", "PT1.5S")],
)
def test_data_4_6_durations_are_compared_to_the_hundredth(first: str, second: str) -> None:
    assert comparable_duration(check_duration(first, "$")) == comparable_duration(check_duration(second, "$"))


def test_data_2_3_1_a_duration_is_otherwise_a_string() -> None:
    assert comparable_duration("PT60S") != comparable_duration("PT1M")


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({"mbox": "mailto:emma@Example.ORG"}, {"mbox": "mailto:emma@example.org", "name": "Emma"}, True),
        ({"mbox": "mailto:Emma@example.org"}, {"mbox": "mailto:emma@example.org"}, False),
        ({"mbox_sha1sum": "AB" * 20}, {"mbox_sha1sum": "ab" * 20}, True),
        ({"openid": "http://a.org/"}, {"openid": "http://a.org"}, False),
        (ACCOUNT, {**ACCOUNT, "objectType": "Agent"}, True),
        ({"account": {"homePage": "urn:a", "name": "b c"}}, {"account": {"homePage": "urn:a", "name": "c"}}, False),
    ],
)
def test_data_2_4_2_3_actors_are_equal_by_identifier(first: Any, second: Any, same: bool) -> None:  # noqa: FBT001
    assert (ifi_of(first) == ifi_of(second)) is same


def test_data_2_4_2_2_an_anonymous_group_has_no_identifier() -> None:
    assert ifi_of(GROUP) is None


def test_communication_2_1_3_agents_are_found_near_and_far() -> None:
    statement = minimal(actor=TEAM, authority=AGENT, object=SUB_STATEMENT, context={"instructor": AGENT})

    found = agents_of(statement)

    assert found == {
        "openid https://id.example.org/team": Role.DIRECT,
        "account https://leerlabo.example/ 1625378": Role.DIRECT,
        "mbox mailto:emma@example.org": Role.RELATED,
    }


def test_communication_2_1_3_activities_are_found_near_and_far() -> None:
    found = activities_of(full(Version.V1))

    assert found == {
        "https://leerlabo.example/activity/word-digicoach/toets": Role.DIRECT,
        "https://leerlabo.example/activity/word-digicoach": Role.RELATED,
        "https://leerlabo.example/area/gezinszorg": Role.RELATED,
        "urn:other": Role.RELATED,
    }
    assert set(activities_of(minimal(object=SUB_STATEMENT))) == {"http://example.org/visit", "urn:inner"}


@pytest.mark.parametrize("tag", ["nl", "nl-BE", "sl-rozaj-biske", "de-CH-1901", "x-own", "en-a-bbb-x-a", "tlh", "EN"])
def test_data_4_2_a_language_tag_is_known(tag: str) -> None:
    assert is_language_tag(tag)


@pytest.mark.parametrize("tag", ["", "n", "nl_BE", "nl-", "nl-BE-BE", "nl--BE", "verylonglanguage", "x", "nl-ü"])
def test_data_4_2_a_language_tag_is_refused(tag: str) -> None:
    assert not is_language_tag(tag)


@pytest.mark.parametrize(
    ("wanted", "chosen"),
    [(["fr"], "fr"), (["nl-be", "fr"], "nl"), (["en"], "en-GB"), (["de"], "nl"), (["de", "*"], "nl"), ([], "nl")],
)
def test_communication_2_1_3_one_language_is_chosen(wanted: list[str], chosen: str) -> None:
    assert list(choose_language({"nl": "a", "fr": "b", "en-GB": "c"}, wanted)) == [chosen]


@pytest.mark.parametrize(("wanted", "chosen"), [("en-gb", "en-GB"), ("en", "en"), ("en-us", "en"), ("fr", "fr-BE")])
def test_communication_2_1_3_the_same_language_comes_before_a_wider_one(wanted: str, chosen: str) -> None:
    assert list(choose_language({"nl": "a", "en": "b", "en-GB": "c", "fr-BE": "d"}, [wanted])) == [chosen]


@pytest.mark.parametrize(("header", "version"), [("1.0", "1.0.3"), ("1.0.0", "1.0.3"), ("2.0", "2.0.0")])
def test_communication_3_3_a_header_names_a_version(header: str, version: str) -> None:
    assert version_of(header) == version
