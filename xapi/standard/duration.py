"""Durations as ISO 8601:2004 4.4.3.2 writes them (1.0.3 Data 4.6; 2.0 4.2.7)."""

from __future__ import annotations

import re
from typing import Any

from xapi.standard.errors import StandardError

CLAUSE = "1.0.3 Data 4.6; 2.0 4.2.7"

_NUMBER = r"\d+(?:[.,]\d+)?"
_DURATION = re.compile(
    rf"P(?:{_NUMBER}W"
    rf"|(?=\d|T\d)(?:{_NUMBER}Y)?(?:{_NUMBER}M)?(?:{_NUMBER}D)?(?:T(?=\d)(?:{_NUMBER}H)?(?:{_NUMBER}M)?(?:{_NUMBER}S)?)?)",
    re.ASCII,
)
_FRACTION_BEFORE_THE_LAST = re.compile(r"[.,]\d+[A-Z]T?\d", re.ASCII)
_FRACTION_OF_SECONDS = re.compile(r"[.,](\d+)S$", re.ASCII)


def check_duration(value: Any, path: str) -> str:
    """`PnYnMnDTnHnMnS` or `PnW`; only the smallest part may have a fraction."""
    if (
        type(value) is not str
        or _DURATION.fullmatch(value) is None
        or _FRACTION_BEFORE_THE_LAST.search(value) is not None
    ):
        raise StandardError(path, "must be an ISO 8601 duration such as PT4H35M59.14S", CLAUSE)
    return value


def comparable_duration(value: str) -> str:
    """A duration without what is finer than 0.01 second: that does not count when statements are compared."""
    return _FRACTION_OF_SECONDS.sub(_hundredths, value)


def _hundredths(fraction: re.Match[str]) -> str:
    kept = fraction[1][:2].rstrip("0")
    return f".{kept}S" if kept else "S"
