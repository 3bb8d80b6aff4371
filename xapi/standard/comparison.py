"""Whether two statements say the same (1.0.3 Data 2.3.1, comparison requirements; 2.0 4.2.4.1).

Ignored is what a store may add or change itself, what is not part of a statement (definitions, displays), the order of
a group's members, the case of a mail domain, how a moment or a number is written, and what in a duration is finer than
0.01 second. Statements must be decoded by `decode_kept`, lest numbers are equal that were rounded.
"""

from __future__ import annotations

import re
from typing import Any

import orjson

from xapi.standard.decoding import Number
from xapi.standard.duration import comparable_duration
from xapi.standard.timestamp import parse_timestamp
from xapi.standard.version import Version

_ASSIGNED = ("id", "stored", "authority", "version")


def is_same_statement(sent: dict[str, Any], kept: dict[str, Any]) -> bool:
    """Whether `sent`, a valid statement, says the same as `kept`, which the store completed when it came.

    A `sent` without timestamp matches: the one in `kept` may be the store's own.
    """
    first, second = _comparable(sent), _comparable(kept)
    if "timestamp" not in first:
        second.pop("timestamp", None)
    return _canonical(first) == _canonical(second)


def _comparable(statement: dict[str, Any]) -> dict[str, Any]:
    """A copy in which everything that does not count is left out or written in one way."""
    copy = {key: value for key, value in statement.items() if key not in _ASSIGNED}
    copy["actor"] = _actor(copy["actor"])
    copy["verb"] = copy["verb"]["id"]
    copy["object"] = _object(copy["object"])
    if "timestamp" in copy:
        # ISO 8601 as 1.0.3 takes it holds all that 2.0 takes, but for the lower-case letters.
        copy["timestamp"] = parse_timestamp(copy["timestamp"].upper(), "$.timestamp", Version.V1).isoformat()
    if "duration" in copy.get("result", ()):
        copy["result"] = {**copy["result"], "duration": comparable_duration(copy["result"]["duration"])}
    if "context" in copy:
        copy["context"] = _context(copy["context"])
    return copy


def _object(value: dict[str, Any]) -> dict[str, Any]:
    kind = value.get("objectType", "Activity")
    if kind == "Activity":
        return {key: part for key, part in value.items() if key != "definition"}
    if kind == "SubStatement":
        return _comparable(value)
    return {**value, "id": value["id"].lower()} if kind == "StatementRef" else _actor(value)


def _actor(value: dict[str, Any]) -> dict[str, Any]:
    actor = dict(value)
    if "mbox" in actor:
        local, _, domain = actor["mbox"].rpartition("@")
        actor["mbox"] = f"{local}@{domain.lower()}"
    if "mbox_sha1sum" in actor:
        actor["mbox_sha1sum"] = actor["mbox_sha1sum"].lower()
    if "member" in actor:
        actor["member"] = sorted((_actor(member) for member in actor["member"]), key=_canonical)
    return actor


def _context(value: dict[str, Any]) -> dict[str, Any]:
    context = dict(value)
    for key in ("instructor", "team"):
        if key in context:
            context[key] = _actor(context[key])
    if "registration" in context:
        context["registration"] = context["registration"].lower()
    if "statement" in context:
        context["statement"] = _object(context["statement"])
    if "contextActivities" in context:
        context["contextActivities"] = {
            relation: [_object(activity) for activity in (found if type(found) is list else [found])]
            for relation, found in context["contextActivities"].items()
        }
    for key, part in (("contextAgents", "agent"), ("contextGroups", "group")):
        if key in context:
            context[key] = [{**entry, part: _actor(entry[part])} for entry in context[key]]
    return context


def _canonical(value: Any) -> bytes:
    """One serialisation for equal values: keys sorted, numbers alike however they were written."""
    return orjson.dumps(_alike(value), option=orjson.OPT_SORT_KEYS)


def _alike(value: Any) -> Any:
    kind = type(value)
    if kind is dict:
        return {key: _alike(part) for key, part in value.items()}
    if kind is list:
        return [_alike(part) for part in value]
    if kind is Number or kind is float:
        return orjson.Fragment(_number(value.text if kind is Number else repr(value)))
    return value


def _number(text: str) -> str:
    """A number without what does not count: as a whole one when it is that and not too long, else digits and power."""
    sign, whole, fraction, power = _NUMBER.fullmatch(text).groups("")  # type: ignore[union-attr]
    digits = (whole + fraction).lstrip("0")
    if not digits:
        return "0"
    if len(power) > _LONGEST_POWER:  # nearer to nothing than any double
        return f"{sign}{digits}e{power}"
    exponent = int(power or 0) - len(fraction) + len(digits)
    digits = digits.rstrip("0")
    exponent -= len(digits)
    if exponent >= 0 and len(digits) + exponent <= _LONGEST_WHOLE:
        return sign + digits + "0" * exponent
    return f"{sign}{digits}e{exponent}"


_NUMBER = re.compile(r"(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?")
_LONGEST_WHOLE = 20  # as many digits as a whole number can have that Python's JSON gives as one
_LONGEST_POWER = 18
