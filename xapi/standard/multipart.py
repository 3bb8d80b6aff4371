"""`multipart/mixed`: statements first, then the raw data of their attachments (RFC 2046; 1.0.3 Communication 1.5.2)."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass

from xapi.standard.errors import StandardError

CLAUSE = "1.0.3 Communication 1.5.2; 2.0 4.1.3"
HASH_HEADER = "X-Experience-API-Hash"
ENCODING_HEADER = "Content-Transfer-Encoding"

_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]", re.ASCII)  # RFC 2046 5.1.1
_NAME = re.compile(rb"[0-9A-Za-z!#$%&'*+.^_`|~-]+")


@dataclass(frozen=True, slots=True)
class Part:
    """One part: its headers by lower-case name, and its octets as they came. `place` names it in an error."""

    place: str
    headers: dict[str, str]
    data: bytes

    @property
    def media_type(self) -> str:
        """Type and subtype in lower case; as RFC 2046 5.1 has it, text/plain when it is not said."""
        return bare_type(self.headers.get("content-type", "text/plain"))


def bare_type(content_type: str) -> str:
    """Type and subtype of a media type, in lower case, without its parameters."""
    return content_type.partition(";")[0].strip().lower()


def split_multipart(body: bytes, boundary: str | None) -> list[Part]:
    """The parts of a body, at least one. `boundary` is the parameter of the request's Content-Type.

    What stands before the first boundary and after the last is no part of it. Raises `StandardError`.
    """
    if boundary is None or _BOUNDARY.fullmatch(boundary) is None:
        raise StandardError("Content-Type", "must have a boundary of 1 to 70 characters that RFC 2046 allows", CLAUSE)
    line = re.compile(rb"(?:\A|\r\n)--%b(--)?[ \t]*(?=\r\n|\Z)" % re.escape(boundary.encode()))
    parts: list[Part] = []
    start: int | None = None
    for found in line.finditer(body):
        if start is not None:
            parts.append(_part(body[start : found.start()], f"parts[{len(parts)}]"))
        if found[1] and parts:
            return parts
        start = found.end()
    raise StandardError("$", "must begin each part with its boundary, and end with the closing one", CLAUSE)


def join_multipart(boundary: str, parts: Iterator[tuple[dict[str, str], bytes]]) -> Iterator[bytes]:
    """A body, piece by piece, of parts that are headers and octets."""
    for headers, data in parts:
        lines = [f"--{boundary}", *(f"{name}: {value}" for name, value in headers.items()), "", ""]
        yield "\r\n".join(lines).encode()
        yield data
        yield b"\r\n"
    yield f"--{boundary}--\r\n".encode()


def new_boundary() -> str:
    """A boundary that is in no data: 128 random bits."""
    return secrets.token_hex(16)


def _part(text: bytes, place: str) -> Part:
    """What stands between two boundaries: a line end, headers if any, an empty line, and octets."""
    head, empty_line, data = text.partition(b"\r\n\r\n")
    if not empty_line:
        raise StandardError(place, "must have an empty line after its headers", CLAUSE)
    headers: dict[str, str] = {}
    for line in head.split(b"\r\n")[1:]:
        name, colon, value = line.partition(b":")
        if not colon or _NAME.fullmatch(name) is None:
            raise StandardError(place, "must have headers of the form `name: value`, each on a line", CLAUSE)
        headers[name.decode("ascii").lower()] = value.strip(b" \t").decode("latin-1")
    return Part(place, headers, data)
