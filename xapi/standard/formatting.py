"""Formatting requirements: the JSON types, exact keys, and no value where none is allowed (1.0.3 Data 2.2; 2.0 4.2.1).

Null is refused everywhere outside extensions because no property has null as its type.
"""

from __future__ import annotations

from typing import Any

from xapi.standard.errors import StandardError, step

CLAUSE = "1.0.3 Data 2.2; 2.0 4.2.1"


def check_object(value: Any, path: str, known: frozenset[str], clause: str) -> dict[str, Any]:
    """An object that has no properties but the known ones, with their exact case."""
    if type(value) is not dict:
        raise StandardError(path, "must be an object", clause)
    if not value.keys() <= known:
        unknown = next(key for key in value if key not in known)
        raise StandardError(step(path, unknown), "is not a property the standard allows here", CLAUSE)
    return value


def check_map(value: Any, path: str, clause: str) -> dict[str, Any]:
    """An object whose keys are free, such as a language map or extensions."""
    if type(value) is not dict:
        raise StandardError(path, "must be an object", clause)
    return value


def check_array(value: Any, path: str, clause: str) -> list[Any]:
    """An array, possibly empty."""
    if type(value) is not list:
        raise StandardError(path, "must be an array", clause)
    return value


def check_string(value: Any, path: str, clause: str) -> str:
    """A string; a number or boolean is never taken for one."""
    if type(value) is not str:
        raise StandardError(path, "must be a string", clause)
    return value


def check_boolean(value: Any, path: str, clause: str) -> bool:
    """True or false, not a string that says so."""
    if type(value) is not bool:
        raise StandardError(path, "must be true or false", clause)
    return value


def check_number(value: Any, path: str, clause: str) -> float:
    """A number, not a string that contains one."""
    if type(value) is not float and type(value) is not int:
        raise StandardError(path, "must be a number", clause)
    return value


def required(value: dict[str, Any], key: str, path: str, clause: str) -> Any:
    """The value of a property that must be there."""
    try:
        return value[key]
    except KeyError:
        raise StandardError(path, f"must have {key}", clause) from None
