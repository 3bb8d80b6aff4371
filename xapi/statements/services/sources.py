"""Where statements come from in bulk: a file of JSON lines, or another record store that is read page by page."""

from __future__ import annotations

import base64
import hashlib
import itertools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin
from urllib.request import Request, urlopen

import msgspec

from lms.kernel.errors import CommandRefused
from xapi.standard.version import Version

AT_ONCE = 500
PATIENCE_S = 60


@dataclass(frozen=True, slots=True)
class Line:
    """A statement's bytes, and its number in the source, from 1."""

    number: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines, in order, and how far the source is read with them: `position` is for who goes on later."""

    lines: list[Line]
    read: int
    position: str


def read_file(path: str, *, position: str = "", read: int = 0) -> Iterator[Piece]:
    """The lines of a file after `position`, of which `read` came before; all of them when it is another file by now.

    Raises `CommandRefused` when it cannot be read.
    """
    try:
        with Path(path).open("rb") as file:
            mark = hashlib.sha256(file.readline()).hexdigest()[:16]  # a file that only grew is known by its first line
            offset, _, known = position.partition(" ")
            if known == mark:
                file.seek(int(offset))
            else:
                file.seek(0)
                read = 0
            yield from _pieces(file, read, mark)
    except OSError as error:
        raise CommandRefused(f"{path} cannot be read: {error.strerror or error}") from None


def _pieces(file: IO[bytes], read: int, mark: str) -> Iterator[Piece]:
    offset = file.tell()
    while chunk := list(itertools.islice(file, AT_ONCE)):
        lines = [Line(number, data) for number, data in enumerate(chunk, read + 1) if data.strip()]
        read, offset = read + len(chunk), offset + sum(map(len, chunk))
        yield Piece(lines, read, f"{offset} {mark}")


def read_store(url: str, *, auth: str, version: Version, position: str = "", read: int = 0) -> Iterator[Piece]:
    """The statements of the record store at this address (`…/xapi`), the oldest first, after `position`.

    `auth` is `KEY:SECRET`. Raises `CommandRefused` when it does not answer as a record store does.
    """
    query = urlencode({"ascending": "true", "limit": AT_ONCE})
    address = position or f"{url.rstrip('/')}/statements?{query}"
    while True:
        page = _page(address, auth, version)
        lines = [Line(number, bytes(raw)) for number, raw in enumerate(page.statements, read + 1)]
        read += len(lines)
        following = urljoin(address, page.more) if page.more else ""
        yield Piece(lines, read, following)
        if not following:
            return
        address = following


class _Page(msgspec.Struct):
    statements: list[msgspec.Raw]
    more: str = ""


def _page(address: str, auth: str, version: Version) -> _Page:
    headers = {"X-Experience-API-Version": str(version)}
    if auth:
        headers["Authorization"] = f"Basic {base64.b64encode(auth.encode()).decode()}"
    request = Request(address, headers=headers)  # noqa: S310  whoever runs the command names the address
    try:
        with urlopen(request, timeout=PATIENCE_S) as answer:  # noqa: S310
            return msgspec.json.decode(answer.read(), type=_Page)
    except HTTPError as error:
        raise CommandRefused(f"{address} answered {error.code}: {error.read(300).decode(errors='replace')}") from None
    except (OSError, ValueError) as error:  # nobody there, cut off, or no JSON
        raise CommandRefused(f"{address} did not answer as a record store does: {error}") from None
