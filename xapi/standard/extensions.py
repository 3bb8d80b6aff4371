"""Extensions: a map of IRIs to any JSON whatever, null included (1.0.3 Data 4.1; 2.0 4.2.7)."""

from __future__ import annotations

from typing import Any

from xapi.standard.errors import StandardError, step
from xapi.standard.formatting import check_map
from xapi.standard.iri import is_iri

CLAUSE = "1.0.3 Data 4.1; 2.0 4.2.7"


def check_extensions(value: Any, path: str) -> None:
    """Keys are IRIs; nothing is asked of the values."""
    for key in check_map(value, path, CLAUSE):
        if not is_iri(key):
            raise StandardError(step(path, key), "must have an IRI as its key", CLAUSE)
