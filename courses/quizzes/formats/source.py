"""The text of a GIFT file cut into questions, with every character's line still known."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

import msgspec

from lms.kernel.i18n import _

# Escaped signs travel as private characters, so that they are never taken for the signs of the format.
_ESCAPES = {sign: chr(0xE000 + at) for at, sign in enumerate("~=#{}:\\n")}
_MEANINGS = {private: "\n" if sign == "n" else sign for sign, private in _ESCAPES.items()}
_ESCAPED = re.compile(r"\\([~=#{}:\\n])")
_STRAY_PRIVATE = re.compile("[\ue000-\ue007]")


class Severity(StrEnum):
    """An error must be mended; a warning is worth a look."""

    ERROR = "error"
    WARNING = "warning"


class Remark(msgspec.Struct, frozen=True, order=True):
    """One finding in a file of questions. Lines count from 1; the message is Dutch, for the author."""

    line: int
    code: str
    severity: Severity
    message: str


@dataclass(slots=True)
class Remarks:
    """Collects what is found while reading."""

    found: list[Remark] = field(default_factory=list)

    def error(self, line: int, code: str, message: str) -> None:
        self.found.append(Remark(line, f"gift-{code}", Severity.ERROR, message))

    def warn(self, line: int, code: str, message: str) -> None:
        self.found.append(Remark(line, f"gift-{code}", Severity.WARNING, message))


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of text and the number of each of its lines (comments in between may be gone)."""

    text: str
    lines: tuple[int, ...]

    def line_at(self, offset: int) -> int:
        return self.lines[self.text.count("\n", 0, offset)]

    def part(self, start: int, end: int | None = None) -> Span:
        """The span from `start` to `end`, without the space around it."""
        piece = self.text[start:end]
        start += len(piece) - len(piece.lstrip())
        piece = piece.strip()
        first = self.text.count("\n", 0, start)
        return Span(piece, self.lines[first : first + piece.count("\n") + 1])

    @property
    def line(self) -> int:
        return self.lines[0]


def escape(text: str) -> str:
    """Hide escaped signs."""
    return _ESCAPED.sub(lambda found: _ESCAPES[found[1]], _STRAY_PRIVATE.sub("\N{REPLACEMENT CHARACTER}", text))


def unescape(text: str) -> str:
    """Escaped signs as the author meant them."""
    for private, meaning in _MEANINGS.items():
        text = text.replace(private, meaning)
    return text


def decode(data: bytes, remarks: Remarks) -> str:
    r"""Text with `\n` line ends, its byte order mark gone. Bytes that are no UTF-8 are an error with their line."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        remarks.error(line, "encoding", _("Dit bestand is geen UTF-8. Bewaar het opnieuw als UTF-8."))
        text = data.decode("utf-8-sig", errors="replace")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def cut_into_questions(text: str, remarks: Remarks) -> Iterator[Span]:
    """Questions end at an empty line; one inside braces is forgiven unless a new title follows it."""
    chunk: list[tuple[int, str]] = []
    open_braces = 0
    for number, line in enumerate(escape(text).split("\n"), start=1):
        content = _without_category(line.lstrip(), number, remarks)
        if content.startswith("//"):
            continue
        is_between = not content and open_braces <= 0
        if chunk and (is_between or (content.startswith("::") and not chunk[-1][1])):
            yield _span(chunk)
            chunk, open_braces = [], 0
        if content or chunk:
            chunk.append((number, line if content else ""))
            open_braces += content.count("{") - content.count("}")
    if chunk:
        yield _span(chunk)


def _without_category(content: str, number: int, remarks: Remarks) -> str:
    if not content.startswith("$CATEGORY"):
        return content
    remarks.warn(number, "category", _("Categorieën doen hier niets. Deze regel is overgeslagen."))
    return ""


def _span(chunk: list[tuple[int, str]]) -> Span:
    whole = Span("\n".join(line for _number, line in chunk), tuple(number for number, _line in chunk))
    return whole.part(0)
