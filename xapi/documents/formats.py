"""Where a document stands, what it holds, and how two of them become one."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from uuid import UUID

import orjson

from xapi.standard.errors import StandardError

MERGE_CLAUSE = "1.0.3 Communication 2.2; 2.0 4.1.6.2"
CONTENT_CLAUSE = "1.0.3 Communication 3.2; 2.0 4.1.3"
SIZE_CLAUSE = "1.0.3 Communication 3.2; 2.0 4.1.6"
JSON = "application/json"
_SPACE = " \t\r\n"


class Kind(StrEnum):
    """The three document resources."""

    STATE = "state"
    ACTIVITY_PROFILE = "activity profile"
    AGENT_PROFILE = "agent profile"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose documents: those of an activity (its IRI), of an agent (see `ifi_of`), or of one agent at one activity.

    `area` and `organisation` are the limits of the credential: each such place has documents of its own.
    """

    kind: Kind
    activity: str | None
    agent: str | None
    area: str | None
    organisation: UUID | None

    @property
    def key(self) -> UUID:
        """128 bits that are the same for the same holder, in every process, for ever."""
        return key_of(self.kind, self.activity, self.agent, self.area, self.organisation)

    @property
    def agent_key(self) -> UUID | None:
        """The key by which all documents about this agent are found."""
        return None if self.agent is None else key_of(self.agent)


@dataclass(frozen=True, slots=True)
class Address:
    """One document: its holder, its id there, and the registration it is part of."""

    holder: Holder
    name: str
    registration: UUID | None = None

    @property
    def key(self) -> UUID:
        """128 bits that no other document has."""
        return key_of(self.holder.key, self.registration, self.name)


@dataclass(frozen=True, slots=True)
class Content:
    """A document's content type, whole as it was sent, and its bytes."""

    type: str
    data: bytes

    @property
    def is_json(self) -> bool:
        """Whether it says that it is JSON; `check_json` looks whether that is true."""
        return self.type.partition(";")[0].strip().lower() == JSON


def key_of(*parts: object) -> UUID:
    """A key of 128 bits for what these parts say together."""
    return UUID(bytes=hashlib.blake2b(orjson.dumps(parts), digest_size=16).digest())


def check_size(size: int, most: int) -> None:
    """A document is no larger than this, neither when it comes nor when it is merged with another."""
    if size > most:
        raise StandardError("$", f"must be no larger than {most} bytes, merged or not", SIZE_CLAUSE, 413)


def check_json(content: Content) -> None:
    """What says it is JSON must be JSON (1.0.3 Communication 3.2). Half a surrogate pair is: browsers write them."""
    if content.is_json:
        _decode(content.data)


def merge(kept: Content | None, posted: Content) -> Content:
    """What a POST leaves behind: each property that was posted, and the others as they were kept.

    Only properties of the outermost object are merged; their values are carried over to the letter. Where nothing was
    kept, what was posted stays as it is. Raises `StandardError` when one of the two is no JSON object (1.0.3
    Communication 2.2).
    """
    if kept is None and not posted.is_json:
        return posted
    for content, whose in ((posted, "the posted document"), (kept or posted, "the existing document")):
        if not content.is_json:
            raise StandardError("Content-Type", f"must be {JSON} to be merged, also that of {whose}", MERGE_CLAUSE)
    properties = _properties(posted)
    if kept is None:
        return posted
    return Content(kept.type, _written(_properties(kept) | properties))


def _properties(content: Content) -> dict[str, str]:
    """The properties of a JSON object, each with its value as it is written."""
    value, text = _decode(content.data), content.data.decode()
    if type(value) is not dict:
        raise StandardError("$", "must be a JSON object, the posted document and the existing one", MERGE_CLAUSE)
    found: dict[str, str] = {}
    at = _past_space(text, text.index("{") + 1)
    while text[at] != "}":
        name, at = _DECODER.raw_decode(text, at)
        start = _past_space(text, text.index(":", at) + 1)
        _, end = _DECODER.raw_decode(text, start)
        found[name] = text[start:end]
        at = _past_space(text, end)
        at = _past_space(text, at + 1) if text[at] == "," else at
    return found


def _written(properties: dict[str, str]) -> bytes:
    return ("{" + ",".join(f"{json.dumps(name)}:{value}" for name, value in properties.items()) + "}").encode()


def _decode(data: bytes) -> Any:
    try:
        return _DECODER.decode(data.decode())
    except (ValueError, RecursionError) as error:
        raise StandardError("$", f"must be JSON, as its Content-Type says: {error}", CONTENT_CLAUSE) from None


def _past_space(text: str, at: int) -> int:
    while text[at] in _SPACE:
        at += 1
    return at


def _refuse(word: str) -> Any:
    raise ValueError(f"{word} is no JSON")


# Numbers are not looked into: they are carried over as they are written, however long.
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=_refuse)
