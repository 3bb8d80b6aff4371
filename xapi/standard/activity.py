"""Activities and their definitions (1.0.3 Data 2.4.4.1; 2.0 4.2.2.3)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from xapi.standard.errors import StandardError
from xapi.standard.extensions import check_extensions
from xapi.standard.formatting import check_object, required
from xapi.standard.interaction import INTERACTION, check_interaction
from xapi.standard.iri import check_iri
from xapi.standard.language import check_language_map

CLAUSE = "1.0.3 Data 2.4.4.1; 2.0 4.2.2.3"

_MAPS = frozenset({"name", "description", "extensions"})
_ACTIVITY = frozenset({"objectType", "id", "definition"})
_DEFINITION = frozenset({"name", "description", "type", "moreInfo", "extensions"}) | INTERACTION


def check_activity(value: Any, path: str) -> None:
    """An activity is known by its IRI alone; a definition may describe it."""
    activity = check_object(value, path, _ACTIVITY, CLAUSE)
    if activity.get("objectType", "Activity") != "Activity":
        raise StandardError(f"{path}.objectType", "must be Activity", CLAUSE)
    check_iri(required(activity, "id", path, CLAUSE), f"{path}.id")
    if "definition" in activity:
        check_definition(activity["definition"], f"{path}.definition")


def check_definition(value: Any, path: str) -> None:
    """Names, a type, a page with more, the interaction's properties, extensions."""
    definition = check_object(value, path, _DEFINITION, CLAUSE)
    for key in ("name", "description"):
        if key in definition:
            check_language_map(definition[key], f"{path}.{key}")
    for key in ("type", "moreInfo"):
        if key in definition:
            check_iri(definition[key], f"{path}.{key}")
    if not INTERACTION.isdisjoint(definition):
        check_interaction(definition, path)
    if "extensions" in definition:
        check_extensions(definition["extensions"], f"{path}.extensions")


def full_definition(definitions: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """All that valid definitions of one activity say, the newest last (1.0.3 Communication 2.5; 2.0 4.1.6.4).

    Texts of other languages and other extensions are added up; of what only one can say, the newest counts.
    """
    definition: dict[str, Any] = {}
    for newer in definitions:
        if "interactionType" in newer:  # a question's type, choices and answers belong together
            definition = {key: value for key, value in definition.items() if key not in INTERACTION}
        maps = {key: definition.get(key, {}) | newer[key] for key in _MAPS & newer.keys()}
        definition |= newer | maps
    return definition
