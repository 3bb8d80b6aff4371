"""Every rule of the standard that a statement can break, one row each.

A row is for both versions unless its table says otherwise. What a row changes is a statement that holds everything
(`examples.full`), or its sub-statement.
"""

from __future__ import annotations

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
    put,
)
from xapi.standard.version import Version

V1, V2 = Version.V1, Version.V2
UNKNOWN = {"Extra": 1}

# Which lists of components belong to which type of interaction.
LISTS: dict[str, tuple[str, ...]] = {
    "true-false": (),
    "choice": ("choices",),
    "fill-in": (),
    "long-fill-in": (),
    "matching": ("source", "target"),
    "performance": ("steps",),
    "sequencing": ("choices",),
    "likert": ("scale",),
    "numeric": (),
    "other": (),
}

# clause, what is broken, where, with what
Row = tuple[str, str, str, Any]

STATEMENT: list[Row] = [
    ("Data 2.2", "actor is required", "actor", REMOVED),
    ("Data 2.2", "verb is required", "verb", REMOVED),
    ("Data 2.2", "object is required", "object", REMOVED),
    ("Data 2.2", "no unknown property", "Extra", 1),
    ("Data 2.2", "the case of a key counts", "Verb", {"id": "http://example.org/v"}),
    ("Data 2.2", "null is no actor", "actor", None),
    ("Data 2.2", "null is no result", "result", None),
    ("Data 2.2", "null is no context", "context", None),
    ("Data 2.4", "an array is no actor", "actor", [AGENT]),
    ("Data 2.4.1", "id has 36 characters", "id", "12345678-1234-4678-9234-5678123456789"),
    ("Data 2.4.1", "id is hexadecimal", "id", "M2345678-1234-4678-9234-567812345678"),
    ("Data 2.4.1", "id has hyphens", "id", "12345678123446789234567812345678"),
    ("Data 2.4.1", "id is a string", "id", 12345),
    ("Data 2.4.1", "id is not empty", "id", ""),
    ("Data 2.4.10", "version is a string", "version", 1.0),
    ("Data 2.4.10", "version is not 0.9", "version", "0.9.9"),
    ("Data 2.4.10", "version is not 1.1", "version", "1.1.0"),
    ("Data 2.4.10", "version is not 10", "version", "1.01"),
    ("Data 2.4.8", "stored is a timestamp", "stored", "yesterday"),
    ("Data 2.4.7", "timestamp is a timestamp", "timestamp", "01/01/2015"),
]

ACTOR: list[Row] = [
    ("Data 2.4.2.1", "an agent has an identifier", "actor.mbox", REMOVED),
    ("Data 2.4.2.1", "an agent has no unknown property", "actor.Extra", 1),
    ("Data 2.4.2.1", "an agent has no members", "actor.member", [ACCOUNT]),
    ("Data 2.4.2.1", "objectType is Agent or Group", "actor.objectType", "Person"),
    ("Data 2.2", "the case of Agent counts", "actor.objectType", "agent"),
    ("Data 2.4.2.1", "objectType is no array", "actor.objectType", ["Agent"]),
    ("Data 2.4.2.1", "a name is a string", "actor.name", 5),
    ("Data 2.2", "a name is not null", "actor.name", None),
    ("Data 2.4.2.3", "only one identifier: account", "actor.account", ACCOUNT["account"]),
    ("Data 2.4.2.3", "only one identifier: openid", "actor.openid", "https://id.example.org/emma"),
    ("Data 2.4.2.3", "only one identifier: mbox_sha1sum", "actor.mbox_sha1sum", "a" * 40),
    ("Data 2.4.2.3", "mbox begins with mailto", "actor.mbox", "emma@example.org"),
    ("Data 2.4.2.3", "mbox has an address", "actor.mbox", "mailto:emma"),
    ("Data 2.4.2.3", "mbox has one address", "actor.mbox", "mailto:emma@example.org,tom@example.org"),
    ("Data 2.4.2.3", "mbox has no subject", "actor.mbox", "mailto:emma@example.org?subject=x"),
    ("Data 2.4.2.3", "mbox is a string", "actor.mbox", {"key": "value"}),
    ("Data 2.4.2.3", "mbox_sha1sum has 40 digits", "actor", {"mbox_sha1sum": "a" * 39}),
    ("Data 2.4.2.3", "mbox_sha1sum is hexadecimal", "actor", {"mbox_sha1sum": "g" * 40}),
    ("Data 2.4.2.3", "mbox_sha1sum is a string", "actor", {"mbox_sha1sum": 1}),
    ("Data 2.4.2.3", "openid has a scheme", "actor", {"openid": "id.example.org/emma"}),
    ("Data 2.4.2.3", "openid is a string", "actor", {"openid": 5}),
    ("Data 2.4.2.4", "an account is an object", "actor", {"account": "emma"}),
    ("Data 2.4.2.4", "an account has a homePage", "actor", {"account": {"name": "emma"}}),
    ("Data 2.4.2.4", "an account has a name", "actor", {"account": {"homePage": "https://leerlabo.example"}}),
    ("Data 2.4.2.4", "homePage has a scheme", "actor", {"account": {"homePage": "leerlabo", "name": "emma"}}),
    ("Data 2.4.2.4", "an account's name is a string", "actor", {"account": {"homePage": "https://x.org", "name": 1}}),
    ("Data 2.4.2.4", "an account has no unknown property", "actor", {"account": {**ACCOUNT["account"], **UNKNOWN}}),
    ("Data 2.4.2.2", "a group without identifier has members", "actor", {"objectType": "Group"}),
    ("Data 2.4.2.2", "members are not none", "actor", {"objectType": "Group", "member": []}),
    ("Data 2.4.2.2", "members are an array", "actor", {"objectType": "Group", "member": AGENT}),
    ("Data 2.4.2.2", "a member is an agent", "actor", {"objectType": "Group", "member": [{"name": "x"}]}),
    ("Data 2.4.2.2", "a member is no group", "actor", {"objectType": "Group", "member": [TEAM]}),
    ("Data 2.4.2.2", "members of an identified group are no groups", "actor", {**TEAM, "member": [GROUP]}),
    ("Data 2.4.2.2", "members of an identified group are agents", "actor", {**TEAM, "member": ["emma"]}),
    ("Data 2.4.2.2", "a group has one identifier", "actor", {**TEAM, "mbox": "mailto:a@example.org"}),
    ("Data 2.4.2.2", "a group has no unknown property", "actor", {**GROUP, **UNKNOWN}),
    ("Data 2.4.9", "an authority is an agent", "authority", "emma"),
    ("Data 2.4.9", "an authority has an identifier", "authority", {"name": "emma"}),
    ("Data 2.4.9", "an authority's group has no identifier", "authority", {**TEAM, "member": [AGENT, ACCOUNT]}),
    ("Data 2.4.9", "an authority's group is not of one", "authority", {**GROUP, "member": [AGENT]}),
    ("Data 2.4.9", "an authority's group is not of three", "authority", {**GROUP, "member": [AGENT, AGENT, ACCOUNT]}),
]

VERB: list[Row] = [
    ("Data 2.4.3", "a verb is an object", "verb", "http://example.org/v"),
    ("Data 2.4.3", "a verb has an id", "verb.id", REMOVED),
    ("Data 2.4.3", "a verb's id has a scheme", "verb.id", "should.fail.com"),
    ("Data 2.4.3", "a verb's scheme has no equals sign", "verb.id", "ab=c://should.fail.com"),
    ("Data 2.4.3", "a verb's id is a string", "verb.id", 12345),
    ("Data 2.2", "a verb's id is not empty", "verb.id", ""),
    ("Data 4.3", "an IRI has no space", "verb.id", "http://example.org/a b"),
    ("Data 4.3", "an IRI has no control character", "verb.id", "http://example.org/\u0000"),
    ("Data 4.3", "an IRI has no quotes", "verb.id", 'http://example.org/"'),
    ("Data 4.3", "an IRI is more than a scheme", "verb.id", "http:"),
    ("Data 2.4.3", "a display is an object", "verb.display", "antwoordde"),
    ("Data 4.2", "a display's key is a language", "verb.display", {"a12345": "x"}),
    ("Data 4.2", "a language is not too long", "verb.display", {"something": "x"}),
    ("Data 4.2", "a language is not empty", "verb.display", {"": "x"}),
    ("Data 4.2", "a display's value is a string", "verb.display", {"nl": 1}),
    ("Data 2.2", "a display's value is not null", "verb.display", {"nl": None}),
    ("Data 2.4.3", "a verb has no unknown property", "verb.Extra", 1),
    ("Data 2.3.2", "what is voided is a reference", "verb", {"id": "http://adlnet.gov/expapi/verbs/voided"}),
]

OBJECT: list[Row] = [
    ("Data 2.4.4", "an object is an object", "object", "http://example.org/activity"),
    ("Data 2.4.4", "objectType is one of five", "object.objectType", "Course"),
    ("Data 2.2", "the case of Activity counts", "object.objectType", "activity"),
    ("Data 2.4.4", "objectType is a string", "object.objectType", {"a": 1}),
    ("Data 2.4.4.1", "an activity has an id", "object.id", REMOVED),
    ("Data 2.4.4.1", "an activity's id has a scheme", "object.id", "word-digicoach"),
    ("Data 2.4.4.1", "an activity's id is a string", "object.id", 1),
    ("Data 2.4.4.1", "an activity has no unknown property", "object.Extra", 1),
    ("Data 2.4.4.1", "a definition is an object", "object.definition", "x"),
    ("Data 2.4.4.1", "a definition has no unknown property", "object.definition.Extra", 1),
    ("Data 2.4.4.1", "a name is a language map", "object.definition.name", "Toets"),
    ("Data 2.4.4.1", "a description is a language map", "object.definition.description", 1234),
    ("Data 4.2", "a name's key is a language", "object.definition.name", {"nl_BE": "Toets"}),
    ("Data 2.4.4.1", "a type has a scheme", "object.definition.type", "meeting"),
    ("Data 2.4.4.1", "moreInfo has a scheme", "object.definition.moreInfo", "/more"),
    ("Data 2.4.4.1", "interactionType is one of ten", "object.definition.interactionType", "essay"),
    ("Data 2.4.4.1", "interactionType is a string", "object.definition.interactionType", 12345),
    ("Data 2.4.4.1", "choices need an interactionType", "object.definition.interactionType", REMOVED),
    ("Data 2.4.4.1", "a pattern needs an interactionType", "object.definition", {"correctResponsesPattern": ["a"]}),
    ("Data 2.4.4.1", "choices are not for numeric", "object.definition.interactionType", "numeric"),
    ("Data 2.4.4.1", "choices are an array", "object.definition.choices", {"id": "golf"}),
    ("Data 2.4.4.1", "a choice is an object", "object.definition.choices[0]", "golf"),
    ("Data 2.4.4.1", "a choice has an id", "object.definition.choices[0].id", REMOVED),
    ("Data 2.4.4.1", "a choice's id is a string", "object.definition.choices[0].id", 1),
    ("Data 2.4.4.1", "choices have different ids", "object.definition.choices[1].id", "golf"),
    ("Data 2.4.4.1", "a choice's description is a language map", "object.definition.choices[0].description", "Golf"),
    ("Data 2.4.4.1", "a choice has no unknown property", "object.definition.choices[0].Extra", 1),
    ("Data 2.4.4.1", "patterns are an array", "object.definition.correctResponsesPattern", "golf"),
    ("Data 2.4.4.1", "a pattern is a string", "object.definition.correctResponsesPattern", [1]),
    *[
        ("Data 2.4.4.1", f"{key} is not for {kind}", "object.definition", {"interactionType": kind, key: [{"id": "1"}]})
        for kind, owned in LISTS.items()
        for key in ("choices", "scale", "source", "target", "steps")
        if key not in owned
    ],
    *[
        (
            "Data 2.4.4.1",
            f"{key} of {kind} has different ids",
            "object.definition",
            {"interactionType": kind, key: [{"id": "1"}, {"id": "1"}]},
        )
        for kind, owned in LISTS.items()
        for key in owned
    ],
    ("Data 4.1", "extensions are an object", "object.definition.extensions", "x"),
    ("Data 4.1", "an extension's key has a scheme", "object.definition.extensions", {"x": 1}),
    ("Data 2.4.4.2", "an agent as object says so", "object", {"mbox": "mailto:emma@example.org"}),
    ("Data 2.4.4.2", "a group as object says so", "object", {"member": [AGENT]}),
    ("Data 2.4.4.2", "an agent as object has an identifier", "object", {"objectType": "Agent", "name": "x"}),
    ("Data 2.4.4.3", "a reference has an id", "object", {"objectType": "StatementRef"}),
    ("Data 2.4.4.3", "a reference's id is a UUID", "object", {"objectType": "StatementRef", "id": "1"}),
    ("Data 2.4.4.3", "a reference has no unknown property", "object", {**REFERENCE, **UNKNOWN}),
]

SUB: list[Row] = [
    ("Data 2.4.4.3", "a sub-statement has an actor", "actor", REMOVED),
    ("Data 2.4.4.3", "a sub-statement has a verb", "verb", REMOVED),
    ("Data 2.4.4.3", "a sub-statement has an object", "object", REMOVED),
    ("Data 2.4.4.3", "a sub-statement has no id", "id", REFERENCE["id"]),
    ("Data 2.4.4.3", "a sub-statement has no stored", "stored", "2026-11-23T10:11:13Z"),
    ("Data 2.4.4.3", "a sub-statement has no version", "version", "1.0.0"),
    ("Data 2.4.4.3", "a sub-statement has no authority", "authority", AGENT),
    ("Data 2.4.4.3", "a sub-statement has no other inside", "object", SUB_STATEMENT),
    ("Data 2.4.4.3", "a sub-statement is a statement: verb", "verb.id", "planned"),
    ("Data 2.4.4.3", "a sub-statement is a statement: timestamp", "timestamp", "soon"),
    ("Data 2.4.4.3", "a sub-statement is a statement: result", "result", {"success": "yes"}),
    ("Data 2.4.4.3", "a sub-statement is a statement: attachments", "attachments", [1]),
    ("Data 2.4.6", "platform is for activities", "object", REFERENCE),
]

RESULT: list[Row] = [
    ("Data 2.4.5", "a result is an object", "result", "passed"),
    ("Data 2.4.5", "a result has no unknown property", "result.Extra", 1),
    ("Data 2.4.5", "a score is an object", "result.score", 8),
    ("Data 2.2", "success is no string", "result.success", "true"),
    ("Data 2.2", "completion is no number", "result.completion", 1),
    ("Data 2.4.5", "a response is a string", "result.response", 1),
    ("Data 4.6", "a duration is a string", "result.duration", 60),
    ("Data 4.6", "a duration begins with P", "result.duration", "T1M"),
    ("Data 4.6", "a duration has parts", "result.duration", "P"),
    ("Data 4.6", "a duration's time has parts", "result.duration", "P1DT"),
    ("Data 4.6", "a duration's parts have numbers", "result.duration", "PA1H0M0S"),
    ("Data 4.6", "a duration's parts are in order", "result.duration", "PT1S1M"),
    ("Data 4.6", "weeks stand alone", "result.duration", "P4W1D"),
    ("Data 4.6", "only the last part has a fraction", "result.duration", "PT1.5H3M"),
    ("Data 4.6", "only the last part has a fraction, before T", "result.duration", "P1.5DT3M"),
    ("Data 4.6", "the alternative format is refused", "result.duration", "P0003-06-04T12:30:05"),
    ("Data 4.1", "extensions are an object", "result.extensions", []),
    ("Data 4.1", "an extension's key has a scheme", "result.extensions", {"y": 1}),
    ("Data 2.4.5.1", "a score has no unknown property", "result.score.Extra", 1),
    ("Data 2.2", "a score is no string", "result.score.scaled", "0.8"),
    ("Data 2.2", "a score is no boolean", "result.score.raw", True),
    ("Data 2.4.5.1", "scaled is at most 1", "result.score.scaled", 1.01),
    ("Data 2.4.5.1", "scaled is at least -1", "result.score.scaled", -1.01),
    ("Data 2.4.5.1", "raw is at most max", "result.score.raw", 11),
    ("Data 2.4.5.1", "raw is at least min", "result.score.raw", -1),
    ("Data 2.4.5.1", "min is below max", "result.score", {"min": 10, "max": 10}),
]

CONTEXT: list[Row] = [
    ("Data 2.4.6", "a context is an object", "context", []),
    ("Data 2.4.6", "a context has no unknown property", "context.Extra", 1),
    ("Data 2.4.6", "a registration is a UUID", "context.registration", "1"),
    ("Data 2.4.6", "an instructor is an agent or group", "context.instructor", {"name": "Tom"}),
    ("Data 2.4.6", "a team is a group", "context.team", AGENT),
    ("Data 2.4.6", "revision is a string", "context.revision", 2),
    ("Data 2.4.6", "platform is a string", "context.platform", ["Leerlabo"]),
    ("Data 2.4.6", "a language is a tag", "context.language", "Nederlands!"),
    ("Data 2.4.6", "a language is a string", "context.language", 1),
    ("Data 2.4.6", "a statement is a reference", "context.statement", {"id": REFERENCE["id"]}),
    ("Data 2.4.6", "a statement is no sub-statement", "context.statement", SUB_STATEMENT),
    ("Data 4.1", "an extension's key has a scheme", "context.extensions", {"z": 1}),
    ("Data 2.4.6.2", "context activities are an object", "context.contextActivities", []),
    ("Data 2.4.6.2", "there are four relations", "context.contextActivities.sibling", []),
    ("Data 2.2", "the case of a relation counts", "context.contextActivities.Parent", []),
    ("Data 2.4.6.2", "a parent is an activity", "context.contextActivities.parent[0]", AGENT),
    ("Data 2.4.6.2", "a parent is no string", "context.contextActivities.parent", "http://example.org"),
    ("Data 2.4.6.2", "a single grouping is an activity", "context.contextActivities.grouping", {"id": "x"}),
    ("Data 2.4.6", "revision is not for an agent", "object", {"objectType": "Agent", **ACCOUNT}),
    ("Data 2.4.6", "revision is not for a group", "object", TEAM),
    ("Data 2.4.6", "revision is not for a statement", "object", REFERENCE),
    ("Data 2.4.6", "revision is not for a sub-statement", "object", SUB_STATEMENT),
]

ATTACHMENT: list[Row] = [
    ("Data 2.4.11", "attachments are an array", "attachments", {}),
    ("Data 2.4.11", "an attachment is an object", "attachments[0]", "x"),
    ("Data 2.4.11", "an attachment has no unknown property", "attachments[0].Extra", 1),
    *[
        ("Data 2.4.11", f"{key} is required", f"attachments[0].{key}", REMOVED)
        for key in ("usageType", "display", "contentType", "length", "sha2")
    ],
    ("Data 2.4.11", "usageType has a scheme", "attachments[0].usageType", "certificate"),
    ("Data 2.4.11", "display is a language map", "attachments[0].display", "Attest"),
    ("Data 2.4.11", "description is a language map", "attachments[0].description", 12345),
    ("Data 2.4.11", "contentType is a media type", "attachments[0].contentType", "text"),
    ("Data 2.4.11", "contentType is a string", "attachments[0].contentType", 12345),
    ("Data 2.4.11", "length is no string", "attachments[0].length", "27"),
    ("Data 2.4.11", "length is whole", "attachments[0].length", 27.5),
    ("Data 2.4.11", "length is not negative", "attachments[0].length", -1),
    ("Data 2.4.11", "sha2 is a string", "attachments[0].sha2", 12345),
    ("Data 2.4.11", "sha2 is a hash", "attachments[0].sha2", "495395e7"),
    ("Data 2.4.11", "fileUrl has a scheme", "attachments[0].fileUrl", "attest.txt"),
]

FIRST_ONLY: list[Row] = [
    ("Data 2.4.10", "version is not 2.0", "version", "2.0.0"),
    ("Data 2.4.6", "no contextAgents before 2.0", "context.contextAgents", []),
    ("Data 2.4.6", "no contextGroups before 2.0", "context.contextGroups", []),
    ("Data 4.5", "a date alone is no timestamp", "timestamp", "2026-11-23"),
    ("Data 4.5", "basic and extended do not mix", "timestamp", "2026-11-23T1011"),
    ("Data 4.5", "no offset of -00", "timestamp", "2026-11-23T10:11:12-00"),
    ("Data 4.5", "no offset of -0000", "timestamp", "2026-11-23T10:11:12-0000"),
    ("Data 4.5", "no offset of -00:00", "timestamp", "2026-11-23T10:11:12-00:00"),
    ("Data 4.5", "a day that exists", "timestamp", "2026-02-30T10:11:12Z"),
    *[
        ("Data 4.5", f"an offset that exists: {offset}", "timestamp", f"2026-11-23T10:11:12{offset}")
        for offset in ("+01:75", "+0199", "+24:00", "-25", "+01:60")
    ],
    ("Data 4.5", "an offset that exists, in the basic format", "timestamp", "20261123T101112+0199"),
    ("Data 4.5", "a moment that UTC can say", "timestamp", "0001-01-01T00:00:00+14:00"),
]

SECOND_ONLY: list[Row] = [
    ("4.2.4.3", "version is not 2.1", "version", "2.1.0"),
    ("4.2.7", "a timestamp has an offset", "timestamp", "2026-11-23T10:11:12"),
    ("4.2.7", "a timestamp has seconds", "timestamp", "2026-11-23T10:11Z"),
    ("4.2.7", "a timestamp is not basic", "timestamp", "20261123T101112Z"),
    ("4.2.7", "an offset has minutes", "timestamp", "2026-11-23T10:11:12+01"),
    ("4.2.7", "no offset of -00:00", "timestamp", "2026-11-23T10:11:12-00:00"),
    ("4.2.7", "a day that exists", "timestamp", "2026-02-30T10:11:12Z"),
    *[
        ("4.2.7", f"an offset that exists: {offset}", "timestamp", f"2026-11-23T10:11:12{offset}")
        for offset in ("+01:75", "+24:00", "-99:00", "+00:60")
    ],
    ("4.2.2.5", "contextAgents are an array", "context.contextAgents", {}),
    ("4.2.2.5", "a context agent is an object", "context.contextAgents[0]", "x"),
    ("4.2.2.5", "a context agent says what it is", "context.contextAgents[0].objectType", REMOVED),
    ("4.2.2.5", "a context agent is no other thing", "context.contextAgents[0].objectType", "Agent"),
    ("4.2.2.5", "a context agent has an agent", "context.contextAgents[0].agent", REMOVED),
    ("4.2.2.5", "a context agent's agent is valid", "context.contextAgents[0].agent", {"name": "x"}),
    ("4.2.2.5", "a context agent's agent is no group", "context.contextAgents[0].agent", TEAM),
    ("4.2.2.5", "relevant types are an array", "context.contextAgents[0].relevantTypes", "https://x.org"),
    ("4.2.2.5", "relevant types are not none", "context.contextAgents[0].relevantTypes", []),
    ("4.2.2.5", "a relevant type has a scheme", "context.contextAgents[0].relevantTypes", ["abc"]),
    ("4.2.2.5", "a context agent has no unknown property", "context.contextAgents[0].Extra", 1),
    ("4.2.2.5", "contextGroups are an array", "context.contextGroups", {}),
    ("4.2.2.5", "a context group is no other thing", "context.contextGroups[0].objectType", "Group"),
    ("4.2.2.5", "a context group has a group", "context.contextGroups[0].group", REMOVED),
    ("4.2.2.5", "a context group's group is no agent", "context.contextGroups[0].group", AGENT),
    ("4.2.2.5", "a context group's types are not none", "context.contextGroups[0].relevantTypes", []),
]

LEAP_SECONDS: list[Row] = [
    ("4.2.7", f"a second that exists: {moment}", "timestamp", moment)
    for moment in (
        "2026-11-23T10:15:60Z",
        "2026-11-30T23:59:60Z",
        "2016-12-31T23:59:61Z",
        "2016-12-31T23:59:60+01:00",
        "2017-01-01T00:00:60Z",
        "2016-06-30T22:59:60Z",
    )
]

EVERYWHERE = [*STATEMENT, *ACTOR, *VERB, *OBJECT, *RESULT, *CONTEXT, *ATTACHMENT, *LEAP_SECONDS]


def cases(rows: list[Row], versions: tuple[Version, ...]) -> list[Any]:
    """Each row once for each version, as pytest wants it: version, place, value."""
    return [
        pytest.param(version, place, value, id=f"{clause}: {sentence} ({version})")
        for clause, sentence, place, value in rows
        for version in versions
    ]


BROKEN = [*cases(EVERYWHERE, BOTH), *cases(FIRST_ONLY, (V1,)), *cases(SECOND_ONLY, (V2,))]
BROKEN_INSIDE = cases(SUB, BOTH)


def with_sub_statement(version: Version) -> dict[str, Any]:
    """A statement with everything, whose object is a sub-statement."""
    statement = full(version)
    for key in ("revision", "platform"):
        put(statement, f"context.{key}", REMOVED)
    return put(statement, "object", SUB_STATEMENT)
