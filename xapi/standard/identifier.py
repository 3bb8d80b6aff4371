"""UUIDs in their standard string form (1.0.3 Data 4.4; 2.0 4.2.7)."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from xapi.standard.errors import StandardError

CLAUSE = "1.0.3 Data 2.4.1 and 4.4; 2.0 4.2.7"

_UUID = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")


def check_uuid(value: Any, path: str) -> str:
    """36 characters, hexadecimal with hyphens, in any case."""
    if type(value) is not str or _UUID.fullmatch(value) is None:
        raise StandardError(path, "must be a UUID in its standard form", CLAUSE)
    return value


def parse_uuid(value: Any, path: str) -> UUID:
    """The UUID a parameter or property holds. Raises `StandardError`."""
    return UUID(check_uuid(value, path))
