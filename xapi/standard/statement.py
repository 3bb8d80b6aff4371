"""Statements: who did what, with which result, in which context (1.0.3 Data 2.4; 2.0 4.2)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from xapi.standard.activity import check_activity
from xapi.standard.actor import check_actor, check_agent, check_authority, check_group
from xapi.standard.attachment import check_attachments
from xapi.standard.context import check_context
from xapi.standard.errors import StandardError
from xapi.standard.formatting import check_object, required
from xapi.standard.identifier import check_uuid
from xapi.standard.reference import check_statement_ref
from xapi.standard.result import check_result
from xapi.standard.timestamp import parse_timestamp
from xapi.standard.verb import VOIDED, check_verb
from xapi.standard.version import Version, check_version

CLAUSE = "1.0.3 Data 2.4; 2.0 4.2.2"
OBJECT_CLAUSE = "1.0.3 Data 2.4.4; 2.0 4.2.2.3"
SUB_STATEMENT_CLAUSE = "1.0.3 Data 2.4.4.3; 2.0 4.2.2.3"
VOIDING_CLAUSE = "1.0.3 Data 2.3.2; 2.0 4.2.5"

_SHARED = frozenset({"actor", "verb", "object", "result", "context", "timestamp", "attachments"})
_STATEMENT = _SHARED | {"id", "stored", "authority", "version"}
_SUB_STATEMENT = _SHARED | {"objectType"}


def check_statement(value: Any, version: Version, path: str = "$") -> None:
    """Check a decoded statement whole. Raises `StandardError` for the first rule that is broken."""
    statement = check_object(value, path, _STATEMENT, CLAUSE)
    if "id" in statement:
        check_uuid(statement["id"], f"{path}.id")
    _check_shared(statement, path, version, _OBJECTS)
    if "stored" in statement:
        parse_timestamp(statement["stored"], f"{path}.stored", version)
    if "authority" in statement:
        check_authority(statement["authority"], f"{path}.authority")
    if "version" in statement:
        check_version(statement["version"], f"{path}.version", version)


def is_voiding(statement: dict[str, Any]) -> bool:
    """Whether this valid statement voids the one its object refers to (1.0.3 Data 2.3.2; 2.0 4.2.5)."""
    return bool(statement["verb"]["id"] == VOIDED)


def _check_shared(statement: dict[str, Any], path: str, version: Version, objects: dict[str, _Check]) -> None:
    check_actor(required(statement, "actor", path, CLAUSE), f"{path}.actor")
    check_verb(required(statement, "verb", path, CLAUSE), f"{path}.verb")
    kind = _check_object(required(statement, "object", path, CLAUSE), f"{path}.object", version, objects)
    if kind != "StatementRef" and is_voiding(statement):
        raise StandardError(f"{path}.object", "must be a StatementRef, for the verb is voided", VOIDING_CLAUSE)
    if "result" in statement:
        check_result(statement["result"], f"{path}.result")
    if "context" in statement:
        check_context(statement["context"], f"{path}.context", version, about_activity=kind == "Activity")
    if "timestamp" in statement:
        parse_timestamp(statement["timestamp"], f"{path}.timestamp", version)
    if "attachments" in statement:
        check_attachments(statement["attachments"], f"{path}.attachments")


def _check_object(value: Any, path: str, version: Version, objects: dict[str, _Check]) -> str:
    if type(value) is not dict:
        raise StandardError(path, "must be an object", OBJECT_CLAUSE)
    kind = value.get("objectType", "Activity")
    if type(kind) is not str or kind not in objects:
        raise StandardError(f"{path}.objectType", f"must be one of {', '.join(objects)}", OBJECT_CLAUSE)
    objects[kind](value, path, version)
    return kind


def _check_sub_statement(value: dict[str, Any], path: str, version: Version) -> None:
    """A statement inside: without id, stored, authority and version, and without another inside it."""
    _check_shared(check_object(value, path, _SUB_STATEMENT, SUB_STATEMENT_CLAUSE), path, version, _INNER_OBJECTS)


_Check = Callable[[dict[str, Any], str, Version], None]
_INNER_OBJECTS: dict[str, _Check] = {
    "Activity": lambda value, path, _version: check_activity(value, path),
    "Agent": lambda value, path, _version: check_agent(value, path),
    "Group": lambda value, path, _version: check_group(value, path),
    "StatementRef": lambda value, path, _version: check_statement_ref(value, path),
}
_OBJECTS: dict[str, _Check] = {**_INNER_OBJECTS, "SubStatement": _check_sub_statement}
