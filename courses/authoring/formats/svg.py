"""Is a drawing safe to show? It may hold shapes, words and its own styles: no scripts, and nothing from elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from xml.parsers import expat  # events only; a document type, where XML's traps live, ends the reading at once

from lms.kernel.i18n import _

_SVG = "http://www.w3.org/2000/svg"
_FORBIDDEN = re.compile(
    r"script|foreignobject|iframe|object|embed|audio|video|canvas|handler|listener|set|animate\w*", re.IGNORECASE
)
# A backslash in a style can spell any of these.
_ELSEWHERE = re.compile(r"url\(\s*['\"]?\s*(?!['\"#])|@import|javascript:|expression\(|-moz-binding|\\", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?[0-9]{1,6}(?:\.[0-9]{1,6})?(?=px|$)")


@dataclass(slots=True)
class Drawing:
    """What a drawing's text says: its size in whole pixels when known, and (line, code, message) of what is wrong."""

    size: tuple[int, int] | None = None
    problems: list[tuple[int, str, str]] = field(default_factory=list)


class _Stop(Exception):  # noqa: N818  not an error: it ends the reading early
    """Nothing after this may be trusted."""


def read_svg(data: bytes) -> Drawing:
    """Read a drawing. Never raises."""
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except _Stop:
        pass
    except (expat.ExpatError, ValueError, LookupError):
        reader.complain("svg-syntax", _("Deze tekening is niet te lezen. Bewaar ze opnieuw als gewone SVG."))
    return reader.drawing


class _Reader:
    def __init__(self) -> None:
        self.drawing = Drawing()
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self.on_element
        self.parser.EndElementHandler = self.on_end
        self.parser.CharacterDataHandler = self.on_text
        self.parser.StartDoctypeDeclHandler = self.on_doctype
        self.parser.ProcessingInstructionHandler = self.on_instruction
        self._is_first = True
        self._in_style = False
        self._style = ""

    def complain(self, code: str, message: str) -> None:
        self.drawing.problems.append((max(self.parser.CurrentLineNumber, 1), code, message))

    def on_doctype(self, *_rest: object) -> None:
        self.complain("svg-doctype", _("Haal de regel <!DOCTYPE weg."))
        raise _Stop

    def on_instruction(self, target: str, _content: str) -> None:
        self.complain("svg-unsafe", _("“%(what)s” mag niet in een tekening.", what=f"<?{target}"))

    def on_element(self, name: str, attributes: dict[str, str]) -> None:
        space, _space, local = name.rpartition(" ")
        if self._is_first:
            self._read_root(space, local, attributes)
        self._in_style = local == "style"
        if _FORBIDDEN.fullmatch(local):
            self.complain("svg-unsafe", _("“%(what)s” mag niet in een tekening.", what=f"<{local}>"))
        for key, value in attributes.items():
            self._check_attribute(key.rpartition(" ")[2], value)

    def _read_root(self, space: str, local: str, attributes: dict[str, str]) -> None:
        self._is_first = False
        if (space, local) != (_SVG, "svg"):
            self.complain("svg-syntax", _("Deze tekening begint niet met <svg> en zijn xmlns."))
        self.drawing.size = _size(attributes)

    def _check_attribute(self, name: str, value: str) -> None:
        if name.lower().startswith("on"):
            self.complain("svg-unsafe", _("“%(what)s” mag niet in een tekening.", what=name))
        elif _ELSEWHERE.search(value) or (name.lower() in {"href", "src", "base"} and not value.startswith("#")):
            self.complain("svg-elsewhere", _("Een tekening haalt niets van elders. Haal “%(what)s” weg.", what=name))

    def on_text(self, text: str) -> None:
        if self._in_style:
            self._style += text

    def on_end(self, _name: str) -> None:
        if _ELSEWHERE.search(self._style):
            self.complain("svg-elsewhere", _("Een tekening haalt niets van elders. Haal “%(what)s” weg.", what="style"))
        self._style, self._in_style = "", False


def _size(attributes: dict[str, str]) -> tuple[int, int] | None:
    """From `viewBox`, else from `width` and `height`."""
    box = attributes.get("viewBox", "").replace(",", " ").split()
    wanted = box[2:] if len(box) == 4 else [attributes.get("width", ""), attributes.get("height", "")]
    numbers = [_NUMBER.match(text.strip()) for text in wanted]
    sizes = [round(float(number[0])) for number in numbers if number is not None]
    return (sizes[0], sizes[1]) if len(sizes) == 2 and min(sizes) > 0 else None
