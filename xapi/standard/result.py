"""Results: score, success, completion, response, duration (1.0.3 Data 2.4.5; 2.0 4.2.2.4)."""

from __future__ import annotations

from typing import Any

from xapi.standard.duration import check_duration
from xapi.standard.errors import StandardError
from xapi.standard.extensions import check_extensions
from xapi.standard.formatting import check_boolean, check_number, check_object, check_string

CLAUSE = "1.0.3 Data 2.4.5; 2.0 4.2.2.4"
SCORE_CLAUSE = "1.0.3 Data 2.4.5.1; 2.0 4.2.2.4"

_RESULT = frozenset({"score", "success", "completion", "response", "duration", "extensions"})
_SCORE = frozenset({"scaled", "raw", "min", "max"})


def check_result(value: Any, path: str) -> None:
    """A measured outcome; every property is optional."""
    result = check_object(value, path, _RESULT, CLAUSE)
    if "score" in result:
        check_score(result["score"], f"{path}.score")
    for key in ("success", "completion"):
        if key in result:
            check_boolean(result[key], f"{path}.{key}", CLAUSE)
    if "response" in result:
        check_string(result["response"], f"{path}.response", CLAUSE)
    if "duration" in result:
        check_duration(result["duration"], f"{path}.duration")
    if "extensions" in result:
        check_extensions(result["extensions"], f"{path}.extensions")


def check_score(value: Any, path: str) -> None:
    """Scaled lies between -1 and 1; raw between min and max; min below max."""
    score = check_object(value, path, _SCORE, SCORE_CLAUSE)
    for key, number in score.items():
        check_number(number, f"{path}.{key}", SCORE_CLAUSE)
    if not -1 <= score.get("scaled", 0) <= 1:
        raise StandardError(f"{path}.scaled", "must lie between -1 and 1", SCORE_CLAUSE)
    low, high, raw = score.get("min"), score.get("max"), score.get("raw")
    if low is not None and high is not None and low >= high:
        raise StandardError(f"{path}.min", "must be less than max", SCORE_CLAUSE)
    if raw is not None and ((low is not None and raw < low) or (high is not None and raw > high)):
        raise StandardError(f"{path}.raw", "must lie between min and max", SCORE_CLAUSE)
