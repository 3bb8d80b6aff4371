"""A statement's bytes: taken in to the letter, and completed with what only the store may say.

What was received is never serialised anew. Where a property must go (a client's `stored` or `authority`) or must be
wrapped (a single context activity, which the standard returns as an array), its neighbours' bytes are carried over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec
import orjson

from xapi.standard.decoding import decode_json, split_batch
from xapi.standard.errors import StandardError
from xapi.standard.statement import check_statement
from xapi.standard.version import Version

OVERWRITTEN = ("stored", "authority")  # 1.0.3 Data 2.4.8 and 2.4.9: the store sets them, whatever came
_SPACE = b" \t\r\n"


@dataclass(frozen=True, slots=True)
class Received:
    """A valid statement as it came: its bytes without the store's properties and without the closing brace."""

    statement: dict[str, Any]
    head: bytes
    version: Version


def receive(body: bytes, version: Version) -> tuple[list[Received], bool]:
    """Read and judge a request's statements; says whether they came as an array. Raises `StandardError`."""
    parts, is_batch = split_batch(body)
    place = "$[{}]" if is_batch else "$"
    return [_receive_one(part, version, place.format(index)) for index, part in enumerate(parts)], is_batch


def _receive_one(data: bytes, version: Version, place: str) -> Received:
    statement = decode_json(data, place)
    try:
        check_statement(statement, version)
    except StandardError as error:
        raise error.inside(place) from None
    if has_single_activities(statement):
        data = _edit(data, _WRAPPERS)
    if any(name in statement for name in OVERWRITTEN):
        data = _edit(data, dict.fromkeys(OVERWRITTEN, _drop))
    return Received(statement, data.rstrip(_SPACE)[:-1].rstrip(_SPACE), version)


def complete(head: bytes, added: dict[str, Any]) -> bytes:
    """The kept bytes: what came, and after it what the store adds."""
    return head + b"," + orjson.dumps(added)[1:]


def has_single_activities(statement: dict[str, Any]) -> bool:
    """Whether a context activity stands alone where the standard returns an array (1.0.3 Data 2.4.6.2)."""
    related = statement.get("context", {}).get("contextActivities", {})
    if any(type(activities) is dict for activities in related.values()):
        return True
    thing = statement["object"]
    return thing.get("objectType") == "SubStatement" and has_single_activities(thing)


def with_arrays(statement: dict[str, Any]) -> dict[str, Any]:
    """A copy of a statement of our own in which every context activity stands in an array."""
    wrapped: dict[str, Any] = orjson.loads(_edit(orjson.dumps(statement), _WRAPPERS))
    return wrapped


Edit = Callable[[bytes], bytes]


def _edit(data: bytes, edits: dict[str, Edit]) -> bytes:
    """The same object with some of its properties edited; those that become empty are left out."""
    parts = []
    for name, raw in msgspec.json.decode(data, type=dict[str, msgspec.Raw]).items():
        value = bytes(raw)
        edit = edits.get(name)
        value = edit(value) if edit and value else value
        if value:
            parts.append(orjson.dumps(name) + b":" + value)
    return b"{" + b",".join(parts) + b"}"


def _drop(_value: bytes) -> bytes:
    return b""


def _wrap(value: bytes) -> bytes:
    return b"[" + value + b"]" if value.startswith(b"{") else value


def _wrap_context(value: bytes) -> bytes:
    return _edit(value, {"contextActivities": _wrap_relations})


def _wrap_relations(value: bytes) -> bytes:
    return _edit(value, dict.fromkeys(("parent", "grouping", "category", "other"), _wrap))


def _wrap_object(value: bytes) -> bytes:
    return (
        _edit(value, {"context": _wrap_context}) if orjson.loads(value).get("objectType") == "SubStatement" else value
    )


_WRAPPERS: dict[str, Edit] = {"context": _wrap_context, "object": _wrap_object}


def places_of(statement: dict[str, Any], iri_base: str) -> tuple[str | None, UUID | None]:
    """The area's slug and the organisation that a statement names among its context activities, by our own IRIs."""
    area = organisation = None
    for activity in _context_activities(statement):
        iri = activity["id"]
        if iri.startswith(f"{iri_base}area/"):
            area = area or iri.removeprefix(f"{iri_base}area/")
        elif iri.startswith(f"{iri_base}organisation/"):
            organisation = organisation or _uuid(iri.removeprefix(f"{iri_base}organisation/"))
    return area, organisation


def _context_activities(statement: dict[str, Any]) -> Sequence[dict[str, Any]]:
    related = statement.get("context", {}).get("contextActivities", {})
    return [activity for found in related.values() for activity in (found if type(found) is list else [found])]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
