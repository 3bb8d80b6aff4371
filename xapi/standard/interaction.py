"""Interaction activities: questions, their choices and what counts as right (1.0.3 Data 2.4.4.1; 2.0 4.2.2.3)."""

from __future__ import annotations

from typing import Any

from xapi.standard.errors import StandardError
from xapi.standard.formatting import check_array, check_object, check_string, required
from xapi.standard.language import check_language_map

CLAUSE = "1.0.3 Data 2.4.4.1; 2.0 4.2.2.3"

COMPONENTS = frozenset({"choices", "scale", "source", "target", "steps"})
INTERACTION = COMPONENTS | {"interactionType", "correctResponsesPattern"}
_COMPONENT = frozenset({"id", "description"})

# Which lists of components belong to which type of interaction.
_LISTS: dict[str, frozenset[str]] = {
    "true-false": frozenset(),
    "choice": frozenset({"choices"}),
    "fill-in": frozenset(),
    "long-fill-in": frozenset(),
    "matching": frozenset({"source", "target"}),
    "performance": frozenset({"steps"}),
    "sequencing": frozenset({"choices"}),
    "likert": frozenset({"scale"}),
    "numeric": frozenset(),
    "other": frozenset(),
}


def check_interaction(definition: dict[str, Any], path: str) -> None:
    """The type must be one of ten, and only the lists of that type may be there."""
    kind = required(definition, "interactionType", path, CLAUSE)
    if type(kind) is not str or kind not in _LISTS:
        raise StandardError(f"{path}.interactionType", f"must be one of {', '.join(_LISTS)}", CLAUSE)
    if "correctResponsesPattern" in definition:
        _check_patterns(definition["correctResponsesPattern"], f"{path}.correctResponsesPattern")
    for key in sorted(COMPONENTS & definition.keys()):
        if key not in _LISTS[kind]:
            raise StandardError(f"{path}.{key}", f"does not belong to an interaction of type {kind}", CLAUSE)
        _check_components(definition[key], f"{path}.{key}")


def _check_patterns(value: Any, path: str) -> None:
    for index, pattern in enumerate(check_array(value, path, CLAUSE)):
        check_string(pattern, f"{path}[{index}]", CLAUSE)


def _check_components(value: Any, path: str) -> None:
    seen: set[str] = set()
    for index, item in enumerate(check_array(value, path, CLAUSE)):
        place = f"{path}[{index}]"
        component = check_object(item, place, _COMPONENT, CLAUSE)
        name = check_string(required(component, "id", place, CLAUSE), f"{place}.id", CLAUSE)
        if name in seen:
            raise StandardError(f"{place}.id", "must differ from the other ids in the list", CLAUSE)
        seen.add(name)
        if "description" in component:
            check_language_map(component["description"], f"{place}.description")
