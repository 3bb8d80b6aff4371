"""The two versions of the standard we speak, and the version a statement may carry."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

from xapi.standard.errors import StandardError

CLAUSE = "1.0.3 Data 2.4.10; 2.0 4.2.4.3"
HEADER_CLAUSE = "1.0.3 Communication 3.3; 2.0 4.1.6"


class Version(StrEnum):
    """A version of xAPI; its value is the latest patch version, as the header of an answer says it."""

    V1 = "1.0.3"
    V2 = "2.0.0"

    @property
    def statement_version(self) -> str:
        """What the store writes in a statement that came without version (Data 2.4.10: 1.0.0 for every 1.0.x)."""
        return "1.0.0" if self is Version.V1 else "2.0.0"


_FIRST = re.compile(r"1\.0(\.\d+)?", re.ASCII)
_SECOND = re.compile(r"2\.0(\.\d+)?", re.ASCII)


def version_of(header: str) -> Version:
    """The version a request's `X-Experience-API-Version` asks for. Raises `StandardError` for any other."""
    if _FIRST.fullmatch(header):
        return Version.V1
    if _SECOND.fullmatch(header):
        return Version.V2
    raise StandardError("X-Experience-API-Version", "must be 1.0.x or 2.0.x", HEADER_CLAUSE)


def check_version(value: Any, path: str, version: Version) -> None:
    """A statement's own version: 1.0.x, and under 2.0 also 2.0.x."""
    if isinstance(value, str) and (_FIRST.fullmatch(value) or (version is Version.V2 and _SECOND.fullmatch(value))):
        return
    raise StandardError(path, "must be 1.0.x" if version is Version.V1 else "must be 1.0.x or 2.0.x", CLAUSE)
