"""A kept statement as a target can read it, and whether tincan would carry it unchanged."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import msgspec
from tincan import Statement

from xapi.standard.version import Version


@dataclass(frozen=True, slots=True)
class Answer:
    """What a target said. Without status it said nothing in time; `data` is then why."""

    status: int | None
    data: bytes = b""


def as_spoken(payload: bytes, version: Version) -> bytes:
    """The kept bytes, for a target that speaks this version.

    A 1.0.3 store must refuse a statement that says it is 2.0 (1.0.3 Data 2.4.10), also when it holds nothing that is
    new in 2.0. `version` is the store's own word and no part of what the statement says: to such a target it is 1.0.0.
    Every other property stays to the letter.
    """
    if version is Version.V2:
        return payload
    properties = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
    if not bytes(properties.get("version", b"")).startswith(b'"2.0'):
        return payload
    properties["version"] = msgspec.Raw(msgspec.json.encode(Version.V1.statement_version))
    return msgspec.json.encode(properties)


def carried_by_tincan(spoken: bytes) -> Statement | None:
    """The statement in tincan's objects, when they write it down again as it was; None when they do not.

    Two things may differ, for neither is changed by it: `stored` is left out, since every store writes its own, and the
    timestamp's `Z` may become `+00:00`. tincan adds objectTypes, rewrites durations, cuts nanoseconds, drops
    attachments, and refuses what it does not know.
    """
    try:
        made = Statement.from_json(spoken.decode())
        made.stored = None
        written = _read(made.to_json(str(Version.V1)))
    except Exception:  # noqa: BLE001  whatever it stumbles over, it cannot carry
        return None
    kept = _read(spoken.decode())
    kept.pop("stored", None)
    if str(kept.get("timestamp", "")).endswith("Z"):
        kept["timestamp"] = f"{kept['timestamp'][:-1]}+00:00"
    return made if written == kept else None


def _read(text: str) -> dict[str, Any]:
    """JSON with its numbers as they are written: 8 is not 8.0, nor true 1."""
    read: dict[str, Any] = json.loads(text, parse_int=_as_written, parse_float=_as_written)
    return read


def _as_written(digits: str) -> tuple[str]:
    return (digits,)
