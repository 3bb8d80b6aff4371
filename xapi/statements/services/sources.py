"""Where statements come from in bulk: JSON lines, alone or in a zip with the data of their attachments. (For another
record store see `other_store`.)
"""

from __future__ import annotations

import hashlib
import re
import zipfile
import zlib
from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from lms.kernel.errors import CommandRefused
from xapi.statements.formats import ZIP_FILES, ZIP_LINES

if TYPE_CHECKING:
    from hashlib import _Hash as Hash

AT_ONCE = 500
LONGEST_LINE = 16 * 1024 * 1024  # octets
LARGEST_FILE = 120 * 1024 * 1024  # octets, as much as a request may bring: one is read into memory
MOST_PRESSED = 200  # times; statements are pressed 10 to 50 times
TOO_SMALL_TO_FEAR = 10 * 1024 * 1024  # octets
BLOCK = 1024 * 1024  # octets

_ENTRY = re.compile(rf"{ZIP_FILES}/([0-9a-f]{{56}}|[0-9a-f]{{64}}|[0-9a-f]{{96}}|[0-9a-f]{{128}})")

FileFinder = Callable[[str, str], bytes | None]
"""The data of an attachment of the statement with this id, by its SHA-2, when the source brings it along."""


@dataclass(frozen=True, slots=True)
class Line:
    """A statement's bytes, and its number in the source, from 1."""

    number: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Piece:
    """Some lines, in order, and how far the source is read with them: `position` is for who goes on later.

    `find_file` may be called until the next piece is asked for.
    """

    lines: list[Line]
    read: int
    position: str
    find_file: FileFinder = lambda _uuid, _sha2: None


def read_file(path: str, *, position: str = "", read: int = 0) -> Iterator[Piece]:
    """The lines of a file after `position`, of which `read` came before; all of them when what stood before it is not
    the same any more, as in a file that was mended.

    A zip holds the lines in `statements.jsonl` and the data of attachments in `attachments/<its SHA-2>`, and nothing
    else. Raises `CommandRefused` when it cannot be read.
    """
    try:
        with _opened(path) as (file, mark, find_file):
            seen = _skip(file, position, mark.copy())
            if seen is None:
                file.seek(0)
                read = 0
            yield from _pieces(file, read, seen or mark, find_file)
    except OSError as error:
        raise CommandRefused(f"{path} cannot be read: {error.strerror or error}") from None
    except _BROKEN as error:
        raise CommandRefused(f"{path} is no zip that can be read: {error}") from None


_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, UnicodeDecodeError)


@contextmanager
def _opened(path: str) -> Iterator[tuple[IO[bytes], Hash, FileFinder]]:
    """The lines; the hash that tells them from others, as far as nothing is read; and what finds their data."""
    with Path(path).open("rb") as file:
        if file.read(2) != b"PK":
            file.seek(0)
            yield file, hashlib.sha256(), lambda _uuid, _sha2: None
            return
        with zipfile.ZipFile(file) as archive:
            _check_entries(path, archive.infolist())
            with archive.open(ZIP_LINES) as lines:
                yield lines, _mark_of(archive), lambda _uuid, sha2: _find_file(path, archive, sha2)


def _check_entries(path: str, entries: Sequence[zipfile.ZipInfo]) -> None:
    """Refuse what no export of ours would hold, before anything of it is read."""
    names: set[str] = set()
    for entry in entries:
        if problem := _problem(entry, names):
            raise CommandRefused(f"{path} is refused: {entry.filename[:200]!r} {problem}")
        names.add(entry.filename)
    if ZIP_LINES not in names:
        raise CommandRefused(f"{path} is refused: there is no {ZIP_LINES} in it")


def _problem(entry: zipfile.ZipInfo, names: Container[str]) -> str:
    is_lines = entry.filename == ZIP_LINES
    if not is_lines and entry.filename != f"{ZIP_FILES}/" and not _ENTRY.fullmatch(entry.filename):
        return f"is neither {ZIP_LINES} nor {ZIP_FILES}/<SHA-2>"
    if entry.filename in names:
        return "stands there twice"
    if entry.flag_bits & 1:
        return "is encrypted"
    if not is_lines and entry.file_size > LARGEST_FILE:
        return f"is larger than {LARGEST_FILE} bytes"
    if is_lines and entry.file_size > max(TOO_SMALL_TO_FEAR, MOST_PRESSED * entry.compress_size):
        return f"is pressed more than {MOST_PRESSED} times: statements are not"
    return ""


def _mark_of(archive: zipfile.ZipFile) -> Hash:
    """The same lines with other data are another file: what was refused for its data may come in."""
    entries = sorted((entry.filename, entry.CRC) for entry in archive.infolist() if entry.filename != ZIP_LINES)
    return hashlib.sha256(repr(entries).encode())


def _find_file(path: str, archive: zipfile.ZipFile, sha2: str) -> bytes | None:
    try:
        return archive.read(f"{ZIP_FILES}/{sha2}")
    except KeyError:
        return None
    except _BROKEN as error:
        raise CommandRefused(f"{path} is refused: the data {sha2} cannot be read: {error}") from None


def _skip(file: IO[bytes], position: str, mark: Hash) -> Hash | None:
    """Go on to where `position` is, and return the hash up to there; None when it says something else by now.

    All of it is read again, as only that tells whether a line was mended, and reading is quick. A last line without an
    end may have been half a line.
    """
    offset, _, known = position.partition(" ")
    left, last = int(offset or 0), b""
    while left and (block := file.read(min(left, BLOCK))):
        mark.update(block)
        left, last = left - len(block), block[-1:]
    return mark if known == mark.hexdigest() and last == b"\n" else None


def _pieces(file: IO[bytes], read: int, mark: Hash, find_file: FileFinder) -> Iterator[Piece]:
    offset = file.tell()
    while chunk := _read_chunk(file):
        lines = [Line(number, data) for number, data in enumerate(chunk, read + 1) if data.strip()]
        for data in chunk:
            mark.update(data)
            offset += len(data)
        read += len(chunk)
        yield Piece(lines, read, f"{offset} {mark.hexdigest()}", find_file)


def _read_chunk(file: IO[bytes]) -> list[bytes]:
    """The next lines: so many, and not much more than the longest one may be."""
    chunk: list[bytes] = []
    size = 0
    while len(chunk) < AT_ONCE and size < LONGEST_LINE and (line := _read_line(file)):
        chunk.append(line)
        size += len(line)
    return chunk


def _read_line(file: IO[bytes]) -> bytes:
    line = file.readline(LONGEST_LINE + 1)
    if len(line) > LONGEST_LINE:
        raise CommandRefused(f"a line is longer than {LONGEST_LINE} bytes: no statement is")
    return line
