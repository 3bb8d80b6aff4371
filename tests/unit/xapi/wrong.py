"""Every value of a valid statement that is of its type, and still one that the standard forbids there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tests.unit.xapi.examples import ACCOUNT, AGENT, REMOVED, SUB_STATEMENT, TEAM, minimal
from xapi.standard.actor import IFI
from xapi.standard.interaction import COMPONENTS
from xapi.standard.verb import VOIDED
from xapi.standard.version import Version

Wrong = tuple[Any, Any, Any]  # what holds it, the property or the place in the array, and its new value or REMOVED
Thing = dict[str, Any]

IRIS = ("example.org", "http:", "http://example.org/a b", "", "#part", "/path", 'urn:"x"', "3x:y")
UUIDS = ("", "1", "12345678-1234-4678-9234-56781234567", "12345678123446789234567812345678", "urn:uuid:" + "1" * 36)
TAGS = ("", "nl_BE", "a12345", "nl-", "-nl", "1", "nl be", "toolonglanguage")
DURATIONS = (
    "",
    "P",
    "PT",
    "1D",
    "T1M",
    "P1S",
    "PT1D",
    "P4W1D",
    "PT1S1M",
    "PT1.5H3M",
    "P-1D",
    "-P1D",
    "P1Y ",
    "P0003-06-04",
)
MOMENTS = (
    "",
    "soon",
    "2026-11-23",
    "2026-02-30T10:11:12Z",
    "2026-13-01T10:11:12Z",
    "2026-11-23T25:11:12Z",
    "2026-11-23T10:15:60Z",
    "2026-11-23T10:11:12-00:00",
    "2026-11-23T10:11:12+01:75",
    "0000-01-01T00:00:00Z",
    "12026-11-23T10:11:12Z",
    "2026-11-23 10:11:12Z",
)
MBOXES = ("", "emma@example.org", "mailto:", "mailto:emma", "mailto:a@b@c", "mailto: a@b.org", "mailto:a@b.org?x=1")
IDENTIFIERS = {"mbox": MBOXES, "mbox_sha1sum": ("", "a" * 39, "g" * 40, "a" * 41), "openid": IRIS}
VERSIONS = {
    Version.V1: ("2.0.0", "1.1.0", "0.95", "1", "1.0.x"),
    Version.V2: ("2.1", "2.1.0", "1.1.0", "3.0.0", "2.0."),
}


def wrong_values(statement: Thing, version: Version) -> list[Wrong]:
    """Every single change of this kind. A language map or extensions get a key that is none."""
    found = list(_of_statement(statement, version))
    found += [(statement, "id", value) for value in UUIDS]
    found += [(statement, "stored", value) for value in MOMENTS]
    found += [(statement, "version", value) for value in VERSIONS[version]]
    found += [(statement, "authority", {**TEAM, "member": [AGENT, ACCOUNT]})]
    found += [(statement, "authority", {"objectType": "Group", "member": [AGENT] * count}) for count in (1, 3)]
    return found


def _of_statement(statement: Thing, version: Version) -> Iterator[Wrong]:
    for key in ("actor", "verb", "object"):
        yield statement, key, REMOVED
    for value in MOMENTS:
        yield statement, "timestamp", value
    yield from _of_actor(statement, "actor")
    yield from _of_verb(statement["verb"], kind := statement["object"].get("objectType", "Activity"))
    yield from _of_object(statement, kind, version)
    if "authority" in statement:
        yield from _of_actor(statement, "authority")
    yield from _of_result(statement.get("result", {}))
    if "context" in statement:
        yield from _of_context(statement["context"], kind, version)
    for attachment in statement.get("attachments", ()):
        yield from _of_attachment(attachment)


def _of_verb(verb: Thing, kind: str) -> Iterator[Wrong]:
    for value in (REMOVED, *IRIS):
        yield verb, "id", value
    if kind != "StatementRef":
        yield verb, "id", VOIDED
    yield from _of_map(verb, "display")


def _of_object(statement: Thing, kind: str, version: Version) -> Iterator[Wrong]:
    thing = statement["object"]
    for value in ("", "Course", kind.lower(), "Substatement"):
        yield thing, "objectType", value
    if kind == "Activity":
        yield from _of_activity(thing)
    elif kind == "StatementRef":
        yield from _of_reference(thing)
    elif kind == "SubStatement":
        yield from _of_statement(thing, version)
        yield thing, "object", {"objectType": "SubStatement", **minimal()}
        for key, value in {
            "id": statement.get("id", "x"),
            "stored": "2026-11-23T10:11:12Z",
            "authority": AGENT,
        }.items():
            yield thing, key, value
        yield thing, "version", "1.0.0"
    else:
        yield from _of_actor(statement, "object")


def _of_actor(holder: Any, key: Any, *, is_agent: bool = False) -> Iterator[Wrong]:
    actor = holder[key]
    is_group = actor.get("objectType") == "Group"
    yield from ((actor, "objectType", value) for value in ("", "agent", "Person"))
    yield from _of_identifiers(actor, may_go=is_group and bool(actor.get("member")))
    if is_group:
        yield from _of_group(actor, is_known=bool(actor.keys() & IFI))
    else:
        yield actor, "member", [AGENT]
    if is_agent and not is_group:
        yield holder, key, TEAM


def _of_identifiers(actor: Thing, *, may_go: bool) -> Iterator[Wrong]:
    for identifier in actor.keys() & IFI:
        if not may_go:
            yield actor, identifier, REMOVED
        for other in IFI - {identifier}:
            yield actor, other, {"mbox": AGENT["mbox"], "mbox_sha1sum": "a" * 40, "openid": "urn:x", **ACCOUNT}[other]
        yield from ((actor, identifier, value) for value in IDENTIFIERS.get(identifier, ()))
    if "account" in actor:
        yield from ((actor["account"], name, REMOVED) for name in ("homePage", "name"))
        yield from ((actor["account"], "homePage", value) for value in IRIS)


def _of_group(group: Thing, *, is_known: bool) -> Iterator[Wrong]:
    yield group, "member", [TEAM]
    yield group, "member", [{"name": "nobody"}]
    if not is_known:
        yield group, "member", []
        yield group, "member", REMOVED
    for index in range(len(group.get("member", ()))):
        yield from _of_actor(group["member"], index, is_agent=True)


def _of_activity(activity: Thing) -> Iterator[Wrong]:
    for value in (REMOVED, *IRIS):
        yield activity, "id", value
    yield activity, "objectType", "Agent"
    if "definition" in activity:
        yield from _of_definition(activity["definition"])


def _of_definition(definition: Thing) -> Iterator[Wrong]:
    for key in ("type", "moreInfo"):
        yield from ((definition, key, value) for value in IRIS)
    for key in ("name", "description"):
        yield from _of_map(definition, key)
    yield from _of_extensions(definition)
    kind = definition.get("interactionType")
    for value in ("", "essay", "Choice"):
        yield definition, "interactionType", value
    if kind is None:
        yield definition, "correctResponsesPattern", ["a"]
        yield definition, "choices", [{"id": "a"}]
        return
    if definition.keys() & {*COMPONENTS, "correctResponsesPattern"}:
        yield definition, "interactionType", REMOVED
    for key in COMPONENTS:
        if key in definition:
            wrong: list[list[Thing]] = [[{"id": "a"}] * 2, [{}], [{"id": "a", "description": {"nl_BE": "x"}}]]
            yield from ((definition, key, components) for components in wrong)
    yield definition, "steps" if kind != "performance" else "scale", [{"id": "a"}]


def _of_reference(reference: Thing) -> Iterator[Wrong]:
    for value in (REMOVED, *UUIDS):
        yield reference, "id", value
    yield reference, "objectType", REMOVED


def _of_result(result: Thing) -> Iterator[Wrong]:
    if "duration" in result:
        yield from ((result, "duration", value) for value in DURATIONS)
    yield from _of_extensions(result)
    if "score" not in result:
        return
    score = result["score"]
    for value in (1.0000001, -1.0000001, 2, -(10**15)):
        yield score, "scaled", value
    low, high, raw = score.get("min"), score.get("max"), score.get("raw")
    if high is not None:
        yield from ((score, name, value) for name, value in (("raw", high + 0.5), ("min", high), ("min", high + 1)))
    if low is not None:
        yield from ((score, name, value) for name, value in (("raw", low - 0.5), ("max", low), ("max", low - 1)))
    if raw is not None:
        yield from ((score, name, value) for name, value in (("min", raw + 1), ("max", raw - 1)))


def _of_context(context: Thing, kind: str, version: Version) -> Iterator[Wrong]:
    yield from ((context, "registration", value) for value in UUIDS)
    yield from ((context, "language", value) for value in TAGS)
    yield context, "team", AGENT
    yield context, "statement", SUB_STATEMENT
    yield from _of_extensions(context)
    if kind != "Activity":
        yield from ((context, key, "x") for key in ("revision", "platform"))
    if version is Version.V1:
        yield from ((context, key, []) for key in ("contextAgents", "contextGroups"))
    for key in ("instructor", "team"):
        if key in context:
            yield from _of_actor(context, key)
    if "statement" in context:
        yield from _of_reference(context["statement"])
    for activities in context.get("contextActivities", {}).values():
        for activity in activities if type(activities) is list else [activities]:
            yield from _of_activity(activity)
    for key, part in (("contextAgents", "agent"), ("contextGroups", "group")):
        for entry in context.get(key, ()):
            yield from ((entry, "objectType", value) for value in (REMOVED, "", part.title()))
            yield from ((entry, "relevantTypes", value) for value in ([], ["x"]))
            yield entry, part, REMOVED
            yield from _of_actor(entry, part, is_agent=part == "agent")
            yield entry, part, AGENT if part == "group" else TEAM


def _of_attachment(attachment: Thing) -> Iterator[Wrong]:
    for key in ("usageType", "display", "contentType", "length", "sha2"):
        yield attachment, key, REMOVED
    for key in ("usageType", "fileUrl"):
        yield from ((attachment, key, value) for value in IRIS)
    for key in ("display", "description"):
        yield from _of_map(attachment, key)
    yield from ((attachment, "contentType", value) for value in ("", "text", "text/", "/plain", "text/plain\r\nX: y"))
    yield from ((attachment, "length", value) for value in (-1, 0.5))
    yield from ((attachment, "sha2", value) for value in ("", "a" * 63, "g" * 64))


def _of_map(holder: Thing, key: str) -> Iterator[Wrong]:
    yield from ((holder[key], tag, "x") for tag in TAGS if key in holder)


def _of_extensions(holder: Thing) -> Iterator[Wrong]:
    yield from ((holder["extensions"], iri, "x") for iri in IRIS if "extensions" in holder)
