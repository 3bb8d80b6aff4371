"""Which agents and activities a statement is found by (1.0.3 Communication 2.1.3; 2.0 4.1.6.1).

`agent` and `activity` look at a statement's actor and object. `related_agents` and `related_activities` look at the
authority, the context and a contained sub-statement as well. A group is found by its members too.
"""

from __future__ import annotations

from collections.abc import Iterator
from enum import IntEnum
from typing import Any

from xapi.standard.actor import ifi_of


class Role(IntEnum):
    """How near a statement stands to an agent or activity: the lower, the nearer."""

    DIRECT = 0  # actor or object: found by `agent` and `activity`
    RELATED = 1  # elsewhere: found when asked for related ones


def agents_of(statement: dict[str, Any]) -> dict[str, Role]:
    """The identifiers (see `ifi_of`) of everyone in a valid statement, each with its nearest role."""
    found: dict[str, Role] = {}
    for actor, role in _actors(statement):
        for key in _identifiers(actor):
            found[key] = min(role, found.get(key, role))
    return found


def activities_of(statement: dict[str, Any]) -> dict[str, Role]:
    """The IRIs of every activity in a valid statement, each with its nearest role."""
    found: dict[str, Role] = {}
    for activity, role in _activities(statement):
        iri = activity["id"]
        found[iri] = min(role, found.get(iri, role))
    return found


def definitions_in(statement: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """All that a valid statement says about what activities are, each with the IRI of the activity."""
    for activity, _ in _activities(statement):
        if "definition" in activity:
            yield activity["id"], activity["definition"]


def _actors(statement: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Role]]:
    thing = statement["object"]
    kind = thing.get("objectType")
    yield statement["actor"], Role.DIRECT
    if kind in ("Agent", "Group"):
        yield thing, Role.DIRECT
    if "authority" in statement:
        yield statement["authority"], Role.RELATED
    for actor in _context_actors(statement.get("context", {})):
        yield actor, Role.RELATED
    if kind == "SubStatement":
        for actor, _ in _actors(thing):
            yield actor, Role.RELATED


def _context_actors(context: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for key in ("instructor", "team"):
        if key in context:
            yield context[key]
    for entry in context.get("contextAgents", ()):
        yield entry["agent"]
    for entry in context.get("contextGroups", ()):
        yield entry["group"]


def _identifiers(actor: dict[str, Any]) -> Iterator[str]:
    key = ifi_of(actor)
    if key is not None:
        yield key
    for member in actor.get("member", ()):
        yield from _identifiers(member)


def _activities(statement: dict[str, Any]) -> Iterator[tuple[dict[str, Any], Role]]:
    thing = statement["object"]
    kind = thing.get("objectType", "Activity")
    if kind == "Activity":
        yield thing, Role.DIRECT
    for found in statement.get("context", {}).get("contextActivities", {}).values():
        for activity in found if type(found) is list else (found,):
            yield activity, Role.RELATED
    if kind == "SubStatement":
        for activity, _ in _activities(thing):
            yield activity, Role.RELATED
