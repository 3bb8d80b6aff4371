"""JSON from outside, decoded strictly, with each statement's own bytes kept beside it (1.0.3 Data 2.2; 2.0 4.2.1)."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import orjson

from xapi.standard.errors import StandardError
from xapi.standard.formatting import CLAUSE

BATCH_CLAUSE = "1.0.3 Communication 2.1.2; 2.0 4.1.6.1"


def decode_json(data: bytes, path: str = "$") -> Any:
    """Decode UTF-8 JSON. Refuses NaN, infinities, broken escapes, and an object that says a property twice.

    Also a number that most programs would read as an infinity: 1e400, or one of 400 digits.

    Data 2.2 allows each property once and leaves the store free in what it does with more. Kept bytes that say two
    things would mean one thing here and another elsewhere, so we refuse.
    """
    try:
        value = orjson.loads(data)
        # A property said twice is lost on decoding, and its colon with it: then the counts differ. An escaped colon
        # (\u003a) would hide that, and is looked at again as well.
        if data.count(b":") != orjson.dumps(value).count(b":") or b"\\u003" in data:
            json.loads(data, object_pairs_hook=_refuse_doubles, parse_int=float)
    except orjson.JSONDecodeError as error:
        rule = "must hold no number beyond 1.8e308" if "infinity" in error.msg else f"must be JSON: {error.msg}"
        raise StandardError(path, rule, CLAUSE) from None
    except (TypeError, RecursionError):  # what orjson and json raise past their depth
        raise StandardError(path, "must not be nested deeper than 250 levels", CLAUSE) from None
    except _SaidTwiceError as error:
        raise StandardError(path, f"must use {error} only once in an object", CLAUSE) from None
    return value


def split_batch(data: bytes) -> tuple[list[bytes], bool]:
    """The bytes of each statement in a body, untouched, and whether the body was an array.

    Only the outermost array is looked at: what is inside is still to be decoded.
    """
    if not data.lstrip(b" \t\r\n").startswith(b"["):
        return [data.strip(b" \t\r\n")], False
    try:
        return [bytes(item) for item in msgspec.json.decode(data, type=list[msgspec.Raw])], True
    except (msgspec.DecodeError, RecursionError) as error:
        raise StandardError("$", f"must be JSON: {error}", BATCH_CLAUSE) from None


class Number:
    """A number as it is written, which Python would round."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def decode_kept(data: bytes) -> Any:
    """Decode JSON that was judged before, and round no number: see `Number`."""
    if _LONG.search(data) is None:
        return orjson.loads(data)
    return json.loads(data, parse_int=_number, parse_float=_number)


def encode_json(value: Any) -> bytes:
    """What `decode_kept` gave, or a part of it, as JSON again."""
    return orjson.dumps(value, default=_written)


_LONG = re.compile(rb"[\d.]{16}|\d[eE][+-]?\d{3}")  # a double holds any 15 digits, and powers of two figures


def _number(text: str) -> int | Number:
    value = orjson.loads(text)
    return value if type(value) is int else Number(text)


def _written(value: object) -> orjson.Fragment:
    if isinstance(value, Number):
        return orjson.Fragment(value.text)
    raise TypeError


class _SaidTwiceError(Exception):
    pass


def _refuse_doubles(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise _SaidTwiceError(name)
            seen.add(name)
    return found
