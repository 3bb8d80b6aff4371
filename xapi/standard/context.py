"""Context: registration, instructor, team, related activities and agents (1.0.3 Data 2.4.6; 2.0 4.2.2.5)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xapi.standard.activity import check_activity
from xapi.standard.actor import check_actor, check_agent, check_group
from xapi.standard.errors import StandardError
from xapi.standard.extensions import check_extensions
from xapi.standard.formatting import check_array, check_object, check_string, required
from xapi.standard.identifier import check_uuid
from xapi.standard.iri import check_iri
from xapi.standard.language import check_language_tag
from xapi.standard.reference import check_statement_ref
from xapi.standard.version import Version

CLAUSE = "1.0.3 Data 2.4.6; 2.0 4.2.2.5"
ACTIVITIES_CLAUSE = "1.0.3 Data 2.4.6.2; 2.0 4.2.2.5"
AGENTS_CLAUSE = "2.0 4.2.2.5"

_FIRST = frozenset(
    {
        "registration",
        "instructor",
        "team",
        "contextActivities",
        "revision",
        "platform",
        "language",
        "statement",
        "extensions",
    }
)
_KNOWN = {Version.V1: _FIRST, Version.V2: _FIRST | {"contextAgents", "contextGroups"}}
_RELATIONS = frozenset({"parent", "grouping", "category", "other"})
_CONTEXT_AGENT = frozenset({"objectType", "agent", "relevantTypes"})
_CONTEXT_GROUP = frozenset({"objectType", "group", "relevantTypes"})


def check_context(value: Any, path: str, version: Version, *, about_activity: bool) -> None:
    """Everything is optional; revision and platform are for statements about an activity only."""
    context = check_object(value, path, _KNOWN[version], CLAUSE)
    for key, check in _CHECKS:
        if key in context:
            check(context[key], f"{path}.{key}")
    for key in ("revision", "platform"):
        if key in context:
            check_string(context[key], f"{path}.{key}", CLAUSE)
            if not about_activity:
                raise StandardError(f"{path}.{key}", "is only for a statement about an activity", CLAUSE)


def _check_context_activities(value: Any, path: str) -> None:
    for relation, activities in check_object(value, path, _RELATIONS, ACTIVITIES_CLAUSE).items():
        if type(activities) is list:
            for index, activity in enumerate(activities):
                check_activity(activity, f"{path}.{relation}[{index}]")
        else:
            check_activity(activities, f"{path}.{relation}")


def _check_context_agents(value: Any, path: str) -> None:
    for index, item in enumerate(check_array(value, path, AGENTS_CLAUSE)):
        place = f"{path}[{index}]"
        entry = check_object(item, place, _CONTEXT_AGENT, AGENTS_CLAUSE)
        _check_entry(entry, place, "contextAgent")
        check_agent(required(entry, "agent", place, AGENTS_CLAUSE), f"{place}.agent")


def _check_context_groups(value: Any, path: str) -> None:
    for index, item in enumerate(check_array(value, path, AGENTS_CLAUSE)):
        place = f"{path}[{index}]"
        entry = check_object(item, place, _CONTEXT_GROUP, AGENTS_CLAUSE)
        _check_entry(entry, place, "contextGroup")
        check_group(required(entry, "group", place, AGENTS_CLAUSE), f"{place}.group")


def _check_entry(entry: dict[str, Any], path: str, kind: str) -> None:
    if required(entry, "objectType", path, AGENTS_CLAUSE) != kind:
        raise StandardError(f"{path}.objectType", f"must be {kind}", AGENTS_CLAUSE)
    if "relevantTypes" not in entry:
        return
    types = check_array(entry["relevantTypes"], f"{path}.relevantTypes", AGENTS_CLAUSE)
    if not types:
        raise StandardError(f"{path}.relevantTypes", "must not be empty", AGENTS_CLAUSE)
    for index, iri in enumerate(types):
        check_iri(iri, f"{path}.relevantTypes[{index}]")


_CHECKS: tuple[tuple[str, Callable[[Any, str], object]], ...] = (
    ("registration", check_uuid),
    ("instructor", check_actor),
    ("team", check_group),
    ("contextActivities", _check_context_activities),
    ("contextAgents", _check_context_agents),
    ("contextGroups", _check_context_groups),
    ("language", check_language_tag),
    ("statement", check_statement_ref),
    ("extensions", check_extensions),
)
