"""A statement's bytes: taken in to the letter, and completed with what only the store may say.

What was received is never serialised anew. Where a property must go (a client's `stored` or `authority`) or must be
wrapped (a single context activity, which the standard returns as an array), its neighbours' bytes are carried over.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import msgspec
import orjson

from xapi.standard.attachment import attachments_of, hash_of, is_hash
from xapi.standard.decoding import decode_json, decode_kept, split_batch
from xapi.standard.errors import StandardError
from xapi.standard.multipart import CLAUSE as MULTIPART_CLAUSE
from xapi.standard.multipart import ENCODING_HEADER, HASH_HEADER, Part, bare_type
from xapi.standard.signature import check_signatures
from xapi.standard.statement import check_statement
from xapi.standard.version import Version

OVERWRITTEN = ("stored", "authority")  # 1.0.3 Data 2.4.8 and 2.4.9: the store sets them, whatever came
ERASED = "erased-"  # how the account name of somebody who was erased begins
_SPACE = b" \t\r\n"


ZIP_LINES, ZIP_FILES = "statements.jsonl", "attachments"  # what a zip holds: the lines, and a folder of data by SHA-2


@dataclass(frozen=True, slots=True)
class Received:
    """A valid statement as it came: its bytes without the store's properties and without the closing brace.

    `files` are the hashes, in lower case, of its attachments whose data came along.
    """

    statement: dict[str, Any]
    head: bytes
    version: Version
    files: tuple[str, ...] = ()


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
        data = edit_object(data, _WRAPPERS)
    if any(name in statement for name in OVERWRITTEN):
        data = edit_object(data, dict.fromkeys(OVERWRITTEN, _drop))
    return Received(statement, data.rstrip(_SPACE)[:-1].rstrip(_SPACE), version)


def statements_part(parts: Sequence[Part]) -> bytes:
    """The statements of a multipart request: its first part (1.0.3 Communication 1.5.2). Raises `StandardError`."""
    if parts[0].media_type != "application/json":
        raise StandardError(f"{parts[0].place}.Content-Type", "must be application/json", MULTIPART_CLAUSE)
    return parts[0].data


def match_files(
    received: Sequence[Received], parts: Sequence[Part], *, is_batch: bool
) -> tuple[list[Received], dict[str, bytes]]:
    """Give each statement the data of its attachments, by hash and in no other way (1.0.3 Communication 1.5.2).

    `parts` are those after the statements; none when the request was plain JSON. Returns the statements with `files`
    filled in, and all data by hash. Raises `StandardError` for an attachment that has neither a part nor a fileUrl, a
    part that is nobody's, and a signature that is no good. An attachment's `length` is kept as it was said: the hash
    alone tells which data is meant.
    """
    data = {_checked_hash(part): part.data for part in parts}
    matched = []
    types: dict[str, set[str]] = {}
    for index, item in enumerate(received):
        place = f"$[{index}]" if is_batch else "$"
        try:
            matched.append(_with_files(item, data))
        except StandardError as error:
            raise error.inside(place) from None
        for _, attachment in attachments_of(item.statement):
            types.setdefault(attachment["sha2"].lower(), set()).add(bare_type(attachment["contentType"]))
    for part in parts:
        _check_is_wanted(part, types)
    return matched, data


def _with_files(item: Received, data: dict[str, bytes]) -> Received:
    statement = item.statement
    if "attachments" not in statement and "attachments" not in statement["object"]:
        return item
    files = []
    for place, attachment in attachments_of(statement):
        sha2 = attachment["sha2"].lower()
        if sha2 in data:
            files.append(sha2)
        elif "fileUrl" not in attachment:
            raise StandardError(place, "must have a fileUrl, or its data in a part with its hash", MULTIPART_CLAUSE)
    check_signatures(decode_kept(item.head + b"}"), data, item.version)
    return replace(item, files=tuple(dict.fromkeys(files)))


def _checked_hash(part: Part) -> str:
    """The hash a part goes by, when it is that of its data and the data is not encoded."""
    sha2 = part.headers.get(HASH_HEADER.lower(), "").lower()
    if not is_hash(sha2) or hash_of(part.data, sha2) != sha2:
        raise StandardError(f"{part.place}.{HASH_HEADER}", "must be the SHA-2 of the part's data", MULTIPART_CLAUSE)
    if part.headers.get(ENCODING_HEADER.lower(), "").lower() != "binary":
        raise StandardError(f"{part.place}.{ENCODING_HEADER}", "must be binary", MULTIPART_CLAUSE)
    return sha2


def _check_is_wanted(part: Part, types: dict[str, set[str]]) -> None:
    """A part is the data of an attachment, and where it says its type, says it alike."""
    wanted = types.get(part.headers[HASH_HEADER.lower()].lower())
    if wanted is None:
        raise StandardError(part.place, "must be the data of an attachment of these statements", MULTIPART_CLAUSE)
    if "content-type" in part.headers and part.media_type not in wanted:
        rule = "must be the contentType of the attachment"
        raise StandardError(f"{part.place}.Content-Type", rule, MULTIPART_CLAUSE)


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
    wrapped: dict[str, Any] = orjson.loads(edit_object(orjson.dumps(statement), _WRAPPERS))
    return wrapped


Edit = Callable[[bytes], bytes]


def edit_object(data: bytes, edits: dict[str, Edit]) -> bytes:
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
    return edit_object(value, {"contextActivities": _wrap_relations})


def _wrap_relations(value: bytes) -> bytes:
    return edit_object(value, dict.fromkeys(("parent", "grouping", "category", "other"), _wrap))


def _wrap_object(value: bytes) -> bytes:
    return (
        edit_object(value, {"context": _wrap_context})
        if orjson.loads(value).get("objectType") == "SubStatement"
        else value
    )


_WRAPPERS: dict[str, Edit] = {"context": _wrap_context, "object": _wrap_object}


@dataclass(frozen=True, slots=True)
class Places:
    """The areas' slugs and the organisations that one context names, in its order."""

    areas: Sequence[str] = ()
    organisations: Sequence[UUID] = ()


_NOWHERE = Places()


def places_of(statement: dict[str, Any], iri_base: str) -> Places:
    """What a statement, or a sub-statement, names among its own context activities, by our own IRIs."""
    related = statement.get("context", {}).get("contextActivities")
    if not related:
        return _NOWHERE
    iris = [activity["id"] for found in related.values() for activity in (found if type(found) is list else [found])]
    area, organisation = f"{iri_base}area/", f"{iri_base}organisation/"
    areas = [iri.removeprefix(area) for iri in iris if iri.startswith(area)]
    uuids = [_uuid(iri.removeprefix(organisation)) for iri in iris if iri.startswith(organisation)]
    return Places(areas, [uuid for uuid in uuids if uuid is not None])


def all_places_of(statement: dict[str, Any], iri_base: str) -> Iterator[tuple[str, Places]]:
    """What it names anywhere, a sub-statement included, each with the JSON path of those context activities."""
    yield "$.context.contextActivities", places_of(statement, iri_base)
    if statement["object"].get("objectType") == "SubStatement":
        yield "$.object.context.contextActivities", places_of(statement["object"], iri_base)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
