"""An id_token in its parts, before anybody believes it: strict JSON, of a bearable size."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, NoReturn

from lms.lti.formats.refusals import LaunchRefused, Reason

LONGEST = 64 * 1024
ALGORITHM = "RS256"  # Security Framework 1.0, 5.1.2: what every platform must offer


@dataclass(frozen=True, slots=True)
class UnverifiedToken:
    """What a token says of itself. Nothing of it is true before its signature was checked."""

    kid: str
    claims: dict[str, Any]


def read_token(text: str) -> UnverifiedToken:
    """The key it names and what it claims. Raises `LaunchRefused`."""
    if len(text) > LONGEST:
        raise LaunchRefused(Reason.TOO_LARGE, octets=str(len(text)))
    parts = text.split(".")
    if len(parts) != 3 or not text.isascii():
        raise LaunchRefused(Reason.NOT_A_TOKEN)
    header, claims = _json(parts[0]), _json(parts[1])
    if header.get("alg") != ALGORITHM or "crit" in header:
        raise LaunchRefused(Reason.WRONG_ALGORITHM, algorithm=str(header.get("alg")))
    kid = header.get("kid")
    if not isinstance(kid, str) or not kid:
        raise LaunchRefused(Reason.UNKNOWN_KEY, kid=str(kid))
    return UnverifiedToken(kid, claims)


def _json(part: str) -> dict[str, Any]:
    try:
        data = base64.b64decode(part + "=" * (-len(part) % 4), altchars=b"-_", validate=True)
        value = json.loads(data.decode(), object_pairs_hook=_once, parse_constant=_no_number)
        said = json.dumps(value, ensure_ascii=False, allow_nan=False)  # 1e999 is infinite, and no database keeps it
        said.encode()  # half a character is no text
    except (ValueError, binascii.Error, RecursionError) as error:
        raise LaunchRefused(Reason.NOT_A_TOKEN) from error
    if not isinstance(value, dict) or "\\u0000" in said:
        raise LaunchRefused(Reason.NOT_A_TOKEN)
    return value


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A claim that stands there twice could be read in two ways."""
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a name stands there twice")
    return value


def _no_number(word: str) -> NoReturn:
    raise ValueError(f"{word} is no number in JSON")
