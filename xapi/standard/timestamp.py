"""Timestamps: ISO 8601 date and time in 1.0.3 (Data 4.5), RFC 3339 in 2.0 (4.2.7). A moment without zone is UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

from xapi.standard.errors import StandardError
from xapi.standard.version import Version

CLAUSE = "1.0.3 Data 4.5; 2.0 4.2.7"

# Each has four groups: date and time, its seconds, their fraction, the offset.
_RFC3339 = re.compile(r"(\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:(\d{2}))(\.\d+)?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_EXTENDED = re.compile(
    r"(\d{4}-\d{2}-\d{2}T\d{2}(?::\d{2}(?::(\d{2}))?)?)((?<=:\d{2}:\d{2})[.,]\d+)?(Z|[+-]\d{2}(?::?\d{2})?)?", re.ASCII
)
_BASIC = re.compile(r"(\d{8}T\d{2}(?:\d{2}(\d{2})?)?)((?<=T\d{6})[.,]\d+)?(Z|[+-]\d{2}(?:\d{2})?)?", re.ASCII)
_NEGATIVE_ZERO = re.compile(r"-00(:?00)?", re.ASCII)


def parse_timestamp(value: Any, path: str, version: Version) -> datetime:
    """The moment in UTC, to the microsecond. Raises `StandardError` when it is not a timestamp of this version."""
    found = _match(value, version) if type(value) is str else None
    if found is None:
        raise StandardError(path, _RULE[version], CLAUSE)
    if _NEGATIVE_ZERO.fullmatch(found[4] or ""):
        raise StandardError(path, "must not have the offset -00:00", CLAUSE)
    try:
        return _moment(found)
    except (ValueError, OverflowError):
        raise StandardError(path, "must be a date and time that exist", CLAUSE) from None


_RULE = {
    Version.V1: "must be a date and time as ISO 8601 writes them",
    Version.V2: "must be a date and time with its offset, as RFC 3339 writes them",
}


def format_timestamp(moment: datetime) -> str:
    """A moment as the store writes it: UTC, microseconds, `Z` (Data 4.5: at least milliseconds)."""
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _match(text: str, version: Version) -> re.Match[str] | None:
    if version is Version.V2:
        return _RFC3339.fullmatch(text)
    return _EXTENDED.fullmatch(text) or _BASIC.fullmatch(text)


def _moment(found: re.Match[str]) -> datetime:
    time, second, fraction, offset = found.groups(default="")
    leap = second == "60"  # RFC 3339 knows leap seconds, Python does not: the second after :59
    text = (time[:-2] + "59" if leap else time) + fraction + offset
    moment = datetime.fromisoformat(text.upper())
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return moment.astimezone(UTC) + timedelta(seconds=leap)
