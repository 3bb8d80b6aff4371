"""What the data model allows is stored and comes back as it came (1.0.3 Data 2.2, 2.4 and 4; 2.0 4.2).

Each row changes one place of a statement that holds everything. What the store assigns is looked at elsewhere.
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.conformance.conftest import Speak
from tests.unit.xapi.broken import LISTS, with_sub_statement
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
    with_arrays,
)
from tests.web.xapi.conftest import Program
from xapi.standard.version import Version

ANYTHING = {"a": [1, None, {"b": 1.5}], "": "", "c": {"objectType": "Nobody", "mbox": 1}}

Row = tuple[str, str, Any]

EVERYWHERE: list[Row] = [
    ("Data 2.4: what is optional may be missing: result", "result", REMOVED),
    ("Data 2.4: what is optional may be missing: context", "context", REMOVED),
    ("Data 2.4: what is optional may be missing: timestamp", "timestamp", REMOVED),
    ("Data 2.4.2.1: an agent without objectType", "actor", {"mbox": "mailto:emma@example.org"}),
    ("Data 2.4.2.1: a name may be empty", "actor.name", ""),
    ("Data 2.4.2.2: an anonymous group", "actor", GROUP),
    ("Data 2.4.2.2: an identified group without members", "actor", {"objectType": "Group", "mbox": "mailto:a@b.org"}),
    ("Data 2.4.2.2: an identified group with members", "actor", TEAM),
    ("Data 2.4.2.3: mbox", "actor", {"mbox": "mailto:o'brien+x@sub.example.org"}),
    ("Data 2.4.2.3: mbox_sha1sum", "actor", {"mbox_sha1sum": "Ab" * 20}),
    ("Data 2.4.2.3: openid", "actor", {"openid": "https://id.example.org/emma"}),
    ("Data 2.4.2.4: account", "actor", {"account": {"homePage": "http://例え.org/", "name": "één/1 2"}}),
    ("Data 2.4.3: a verb without display", "verb.display", REMOVED),
    (
        "Data 2.4.3: a display in many languages",
        "verb.display",
        {"nl": "a", "en-US": "b", "zh-Hant-TW": "", "und": "c"},
    ),
    ("Data 2.4.4: an agent", "object", {"objectType": "Agent", **ACCOUNT}),
    ("Data 2.4.4: an anonymous group", "object", GROUP),
    ("Data 2.4.4: an identified group", "object", TEAM),
    ("Data 2.4.4: a statement", "object", REFERENCE),
    ("Data 2.4.4: a sub-statement", "object", {**SUB_STATEMENT, "context": {"platform": "Leerlabo"}}),
    ("Data 2.4.4.1: an activity without objectType", "object.objectType", REMOVED),
    ("Data 2.4.4.1: an activity without definition", "object.definition", REMOVED),
    ("Data 2.4.4.1: an empty definition", "object.definition", {}),
    *[
        (
            f"Data 2.4.4.1: {kind} has {' and '.join(lists) or 'no list'}",
            "object.definition",
            {"interactionType": kind, "correctResponsesPattern": ["a[,]b", ""]}
            | {key: [{"id": "1", "description": {"nl": "één"}}, {"id": ""}] for key in lists},
        )
        for kind, lists in LISTS.items()
    ],
    *[
        (f"Data 2.4.4.3: a sub-statement about {kind}", "object.object", thing)
        for kind, thing in [("an agent", {**AGENT}), ("a group", GROUP), ("a statement", REFERENCE)]
    ],
    ("Data 2.4.5: an empty result", "result", {}),
    ("Data 2.4.5: an empty response", "result.response", ""),
    *[(f"Data 2.4.5.1: scaled is {value}", "result.score", {"scaled": value}) for value in (-1, 0, 1, 0.333, -0.5)],
    *[
        (f"Data 2.4.5.1: raw at its limit {value}", "result.score", {"raw": value, "min": -5, "max": 5.5})
        for value in (-5, 5.5)
    ],
    *[
        (f"Data 4.6: {value}", "result.duration", value)
        for value in ("P1Y2M3DT4H5M6S", "PT0S", "P4W", "PT1.5H", "P0.5Y", "PT16559.14S", "P1DT0.00001S", "P2M")
    ],
    ("Data 2.4.6: an empty context", "context", {}),
    ("Data 2.4.6: an instructor may be a group", "context.instructor", GROUP),
    ("Data 2.4.6: a team without identifier", "context.team", GROUP),
    ("Data 2.4.6.2: no activity", "context.contextActivities", {}),
    ("Data 2.4.6.2: several activities", "context.contextActivities.other", [{"id": "urn:a"}, {"id": "urn:b"}]),
    ("Data 2.4.7: a moment to come", "timestamp", "2099-01-01T00:00:00.000Z"),
    ("Data 2.4.10: 1.0.0 of either version", "version", "1.0.0"),
    ("Data 2.4.10: a later patch", "version", "1.0.9"),
    ("Data 2.4.11: no attachment", "attachments", []),
    ("Data 2.4.11: an attachment without description", "attachments[0].description", REMOVED),
    *[(f"Data 2.4.11: a hash of {n * 4} bits", "attachments[0].sha2", "aB" * (n // 2)) for n in (56, 64, 96, 128)],
    ("Data 4.1: any JSON in extensions of an activity", "object.definition.extensions", {"urn:x": ANYTHING}),
    ("Data 4.1: any JSON in extensions of a result", "result.extensions", {"urn:x": ANYTHING, "urn:y": None}),
    ("Data 4.1: any JSON in extensions of a context", "context.extensions", {"urn:x": [], "http://x.org/y": False}),
    ("Data 4.1: no extension", "context.extensions", {}),
    *[
        (f"Data 4.2: language {tag}", "context.language", tag)
        for tag in ("nl", "sl-rozaj", "de-CH-1901", "x-own", "es-419")
    ],
    *[
        (f"Data 4.3: {iri}", "verb.id", iri)
        for iri in ("http://例え.org/動詞?x=é#y", "urn:uuid:e05aa883-acaf-40ad-bf54-02c8ce485fb0", "tag:a@b.org,2026:x")
    ],
    ("Data 4.4: a UUID in capitals", "context.registration", "EC531277-B57B-4C15-8D91-D292C5B2B8F7"),
    *[
        (f"Data 4.5: {moment}", "timestamp", moment)
        for moment in ("2026-11-23T10:11:12Z", "2026-11-23T10:11:12.1234567+05:30", "2024-02-29T00:00:00-11:00")
    ],
]
FIRST_ONLY: list[Row] = [
    (f"Data 4.5: {moment}", "timestamp", moment)
    for moment in ("2026-11-23T10:11:12", "20261123T101112Z", "2026-11-23T10:11Z", "2026-11-23T10:11:12,5+01")
]
SECOND_ONLY: list[Row] = [
    ("4.2.4.3: 2.0.0", "version", "2.0.0"),
    ("4.2.4.3: a later patch", "version", "2.0.7"),
    ("4.2.7: RFC 3339 in small letters", "timestamp", "2026-11-23t10:11:12z"),
    ("4.2.2.5: no context agent", "context.contextAgents", []),
    ("4.2.2.5: a context agent without types", "context.contextAgents[0].relevantTypes", REMOVED),
    ("4.2.2.5: no context group", "context.contextGroups", []),
    ("4.2.2.5: an anonymous context group", "context.contextGroups[0].group", GROUP),
    ("4.2.2.5: a context group with types", "context.contextGroups[0].relevantTypes", ["urn:a", "http://x.org/b"]),
]
ROWS = [
    pytest.param(version, place, value, id=f"{name} ({version})")
    for rows, versions in ((EVERYWHERE, BOTH), (FIRST_ONLY, BOTH[:1]), (SECOND_ONLY, BOTH[1:]))
    for name, place, value in rows
    for version in versions
]


@pytest.mark.parametrize(("version", "place", "value"), ROWS)
def test_it_is_stored_and_comes_back(speak: Speak, version: Version, place: str, value: Any) -> None:
    inside = place == "object.object"
    statement = (with_sub_statement if inside else full)(version) | {"id": str(uuid4())}
    if inside:
        put(statement, "object.context.platform", REMOVED)
    elif place == "object":
        for key in ("revision", "platform"):
            put(statement, f"context.{key}", REMOVED)
    put(statement, place, value)
    program = speak(version)

    assert program.put(statement, statement["id"]).status_code == 204

    kept = program.get({"statementId": statement["id"]}).get_json()
    expected = with_arrays(statement)
    for name in ("stored", "authority", *({"timestamp"} - expected.keys())):
        expected[name] = kept[name]
    assert kept == expected


@pytest.mark.parametrize("uuid_version", range(1, 9))
def test_data_4_4_an_id_is_any_uuid(visiting: Program, uuid_version: int) -> None:
    uuid = f"{uuid4()}"
    uuid = f"{uuid[:14]}{uuid_version}{uuid[15:]}"
    assert visiting.put(minimal(), uuid).status_code == 204
    assert visiting.get({"statementId": uuid.upper()}).get_json()["id"] == uuid


def test_data_2_4_only_three_properties_are_required(visiting: Program) -> None:
    [uuid] = visiting.post(minimal()).get_json()
    kept = visiting.get({"statementId": uuid}).get_json()
    assert kept.keys() == {"id", "actor", "verb", "object", "timestamp", "stored", "authority", "version"}
