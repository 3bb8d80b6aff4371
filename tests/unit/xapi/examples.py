"""Statements to test with: one that holds every property, and ways to change one place of it."""

from __future__ import annotations

import re
from typing import Any

import orjson

from xapi.standard.version import Version

BOTH = (Version.V1, Version.V2)
REMOVED = object()

AGENT: dict[str, Any] = {"objectType": "Agent", "name": "Emma", "mbox": "mailto:emma@example.org"}
ACCOUNT: dict[str, Any] = {"account": {"homePage": "https://leerlabo.example/", "name": "1625378"}}
GROUP: dict[str, Any] = {"objectType": "Group", "name": "Team", "member": [AGENT, ACCOUNT]}
TEAM: dict[str, Any] = {"objectType": "Group", "openid": "https://id.example.org/team", "member": [ACCOUNT]}
REFERENCE: dict[str, Any] = {"objectType": "StatementRef", "id": "e05aa883-acaf-40ad-bf54-02c8ce485fb0"}

ACTIVITY: dict[str, Any] = {
    "objectType": "Activity",
    "id": "https://leerlabo.example/activity/word-digicoach/toets",
    "definition": {
        "name": {"nl": "Toets", "en-GB": "Quiz"},
        "description": {"nl-BE": "Een toets"},
        "type": "http://adlnet.gov/expapi/activities/cmi.interaction",
        "moreInfo": "https://leerlabo.example/more",
        "interactionType": "choice",
        "correctResponsesPattern": ["golf[,]tetris"],
        "choices": [{"id": "golf", "description": {"nl": "Golf"}}, {"id": "tetris"}],
        "extensions": {"https://leerlabo.example/x": None},
    },
}

FULL: dict[str, Any] = {
    "id": "12345678-1234-4678-9234-567812345678",
    "actor": AGENT,
    "verb": {"id": "http://adlnet.gov/expapi/verbs/answered", "display": {"nl": "antwoordde"}},
    "object": ACTIVITY,
    "result": {
        "score": {"scaled": 0.8, "raw": 8, "min": 0, "max": 10},
        "success": True,
        "completion": False,
        "response": "golf[,]tetris",
        "duration": "PT4H35M59.14S",
        "extensions": {"https://leerlabo.example/y": {"any": [1, None]}},
    },
    "context": {
        "registration": "ec531277-b57b-4c15-8d91-d292c5b2b8f7",
        "instructor": ACCOUNT,
        "team": TEAM,
        "contextActivities": {
            "parent": [{"id": "https://leerlabo.example/activity/word-digicoach"}],
            "grouping": {"id": "https://leerlabo.example/area/gezinszorg"},
            "category": [],
            "other": [{"objectType": "Activity", "id": "urn:other"}],
        },
        "revision": "2",
        "platform": "Leerlabo",
        "language": "nl-BE",
        "statement": REFERENCE,
        "extensions": {"https://leerlabo.example/z": ""},
    },
    "timestamp": "2026-11-23T10:11:12.123+01:00",
    "stored": "2026-11-23T10:11:13Z",
    "authority": AGENT,
    "version": "1.0.0",
    "attachments": [
        {
            "usageType": "http://example.org/certificate",
            "display": {"nl": "Attest"},
            "description": {"nl": "Een attest"},
            "contentType": "text/plain; charset=ascii",
            "length": 27,
            "sha2": "495395e777cd98da653df9615d09c0fd6bb2f8d4788394cd53c56a3bfdcd848a",
            "fileUrl": "https://leerlabo.example/attest.txt",
        }
    ],
}

FULL_2: dict[str, Any] = {
    **FULL,
    "version": "2.0.0",
    "context": {
        **FULL["context"],
        "contextAgents": [
            {"objectType": "contextAgent", "agent": AGENT, "relevantTypes": ["https://example.org/role/player"]}
        ],
        "contextGroups": [{"objectType": "contextGroup", "group": TEAM}],
    },
}

SUB_STATEMENT: dict[str, Any] = {
    "objectType": "SubStatement",
    "actor": TEAM,
    "verb": {"id": "http://example.org/planned"},
    "object": {"id": "http://example.org/visit"},
    "context": {"instructor": AGENT, "contextActivities": {"parent": {"id": "urn:inner"}}, "platform": "Leerlabo"},
    "timestamp": "2030-01-01T10:00:00Z",
}


def fresh(value: Any) -> Any:
    """A copy that shares no part with what it was made from, nor a part with itself."""
    return orjson.loads(orjson.dumps(value))


def full(version: Version) -> dict[str, Any]:
    """A fresh statement with every property this version knows."""
    statement: dict[str, Any] = fresh(FULL if version is Version.V1 else FULL_2)
    return statement


def minimal(**more: Any) -> dict[str, Any]:
    """A fresh statement with nothing but what is required, and `more`."""
    statement: dict[str, Any] = {
        "actor": {"mbox": "mailto:xapi@adlnet.gov"},
        "verb": {"id": "http://adlnet.gov/expapi/verbs/created"},
        "object": {"id": "http://example.adlnet.gov/xapi/example/activity"},
        **fresh(more),
    }
    return statement


def put(statement: dict[str, Any], place: str, value: Any) -> dict[str, Any]:
    """Set `value` at a place such as `context.team.member[0]`; `REMOVED` takes it out. Changes and returns it."""
    steps = [int(found[1]) if found[1] else found[0] for found in re.finditer(r"\[(\d+)\]|[^.\[\]]+", place)]
    inside: Any = statement
    for step in steps[:-1]:
        inside = inside[step]
    if value is REMOVED:
        del inside[steps[-1]]
    else:
        inside[steps[-1]] = fresh(value)
    return statement


def with_arrays(statement: dict[str, Any]) -> dict[str, Any]:
    """The statement with its context activities as a store returns them: always in arrays (Data 2.4.6.2)."""
    related = statement.get("context", {}).get("contextActivities", {})
    related.update({key: [found] for key, found in related.items() if type(found) is dict})
    if statement["object"].get("objectType") == "SubStatement":
        with_arrays(statement["object"])
    return statement
