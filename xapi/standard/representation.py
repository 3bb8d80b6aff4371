"""How a statement is shown when it is not asked for exactly (1.0.3 Communication 2.1.3; 2.0 4.1.6.1).

`ids` keeps what identifies agents, groups, verbs and activities. `canonical` says of each activity all that is known of
it, and keeps one language in every language map, chosen for the reader.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from xapi.standard.actor import IFI
from xapi.standard.interaction import COMPONENTS
from xapi.standard.language import choose_language

Change = Callable[[dict[str, Any]], dict[str, Any]]


def as_ids(statement: dict[str, Any]) -> dict[str, Any]:
    """A copy with the least that identifies everyone and everything in it."""
    return _rebuilt(statement, actor=_actor_id, verb=lambda verb: {"id": verb["id"]}, activity=_activity_id)


def as_canonical(
    statement: dict[str, Any], languages: list[str], definitions: Mapping[str, dict[str, Any]]
) -> dict[str, Any]:
    """A copy in which activities have these definitions (by IRI), and each map one language.

    `languages`: lower-case ranges of Accept-Language, the dearest first.
    """

    def verb(value: dict[str, Any]) -> dict[str, Any]:
        return _translated(value, ("display",), languages)

    def activity(value: dict[str, Any]) -> dict[str, Any]:
        known = definitions.get(value["id"])
        return {**value, "definition": _definition(known, languages)} if known else value

    return _rebuilt(statement, actor=lambda actor: actor, verb=verb, activity=activity)


def _rebuilt(statement: dict[str, Any], *, actor: Change, verb: Change, activity: Change) -> dict[str, Any]:
    """A copy of a statement or sub-statement in which every actor, verb and activity is changed."""
    copy = {**statement, "actor": actor(statement["actor"]), "verb": verb(statement["verb"])}
    if "authority" in copy:
        copy["authority"] = actor(copy["authority"])
    thing = statement["object"]
    kind = thing.get("objectType", "Activity")
    if kind == "SubStatement":
        copy["object"] = _rebuilt(thing, actor=actor, verb=verb, activity=activity)
    elif kind == "Activity":
        copy["object"] = activity(thing)
    elif kind != "StatementRef":
        copy["object"] = actor(thing)
    if "context" in copy:
        copy["context"] = _context(copy["context"], actor, activity)
    return copy


def _context(context: dict[str, Any], actor: Change, activity: Change) -> dict[str, Any]:
    copy = dict(context)
    for key in ("instructor", "team"):
        if key in copy:
            copy[key] = actor(copy[key])
    for key, part in (("contextAgents", "agent"), ("contextGroups", "group")):
        if key in copy:
            copy[key] = [{**entry, part: actor(entry[part])} for entry in copy[key]]
    if "contextActivities" in copy:
        related = copy["contextActivities"].items()
        copy["contextActivities"] = {relation: [activity(item) for item in found] for relation, found in related}
    return copy


def _actor_id(actor: dict[str, Any]) -> dict[str, Any]:
    kept = {key: value for key, value in actor.items() if key in IFI or key == "objectType"}
    if not actor.keys() & IFI:
        kept["member"] = [_actor_id(member) for member in actor["member"]]
    return kept


def _activity_id(activity: dict[str, Any]) -> dict[str, Any]:
    return {"id": activity["id"]}


def _definition(definition: dict[str, Any], languages: list[str]) -> dict[str, Any]:
    copy = _translated(definition, ("name", "description"), languages)
    for key in COMPONENTS & copy.keys():
        copy[key] = [_translated(component, ("description",), languages) for component in copy[key]]
    return copy


def _translated(value: dict[str, Any], keys: tuple[str, ...], languages: list[str]) -> dict[str, Any]:
    chosen = {key: choose_language(value[key], languages) for key in keys if key in value}
    return {**value, **chosen}
