"""Timestamps: ISO 8601 date and time in 1.0.3 (Data 4.5), RFC 3339 in 2.0 (4.2.7). A moment without zone is UTC."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Any

from xapi.standard.errors import StandardError
from xapi.standard.version import Version

CLAUSE = "1.0.3 Data 4.5; 2.0 4.2.7"

_HOURS, _MINUTES = r"(?:[01]\d|2[0-3])", r"[0-5]\d"  # of an offset; datetime takes more of them, and judges the rest
# Each has four groups: date and time, its seconds, their fraction, the offset.
_RFC3339 = re.compile(
    rf"(\d{{4}}-\d{{2}}-\d{{2}}[Tt]\d{{2}}:\d{{2}}:(\d{{2}}))(\.\d+)?([Zz]|[+-]{_HOURS}:{_MINUTES})", re.ASCII
)
_EXTENDED = re.compile(
    r"(\d{4}-\d{2}-\d{2}T\d{2}(?::\d{2}(?::(\d{2}))?)?)((?<=:\d{2}:\d{2})[.,]\d+)?"
    rf"(Z|[+-]{_HOURS}(?::?{_MINUTES})?)?",
    re.ASCII,
)
_BASIC = re.compile(
    rf"(\d{{8}}T\d{{2}}(?:\d{{2}}(\d{{2}})?)?)((?<=T\d{{6}})[.,]\d+)?(Z|[+-]{_HOURS}(?:{_MINUTES})?)?", re.ASCII
)
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
    text = found[0].upper()
    if found[2] == "60":
        return _leap_second(text, found.span(2))
    return _utc(datetime.fromisoformat(text))


def _leap_second(text: str, seconds: tuple[int, int]) -> datetime:
    """The last second of a June or a December in UTC, which Python does not know: the one after :59 (RFC 3339 5.7)."""
    start, end = seconds
    moment = _utc(datetime.fromisoformat(f"{text[:start]}59{text[end:]}")) + timedelta(seconds=1)
    if moment.day != 1 or moment.month not in (1, 7) or moment.replace(microsecond=0).time() != time():
        raise ValueError("no minute but the last of a June or a December has 61 seconds")
    return moment


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
