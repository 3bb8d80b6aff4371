"""Markdown of a course: CommonMark with tables and `:::` blocks, no raw HTML, to HTML that is safe by allow-list."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import nh3
from markdown_it import MarkdownIt
from markdown_it.token import Token
from mdit_py_plugins.container import container_plugin

from courses.authoring.formats.containers import CLOSING, CONTAINERS, SPECIAL, opening
from courses.authoring.formats.folder import CourseFolder
from courses.authoring.formats.media import PICTURES, picture_size, use_media
from courses.authoring.formats.readability import Passage
from lms.kernel.i18n import _

OPEN, CLOSE, IS_CLOSED = "container_block_open", "container_block_close", "is_closed"

_TEXT = {"p", "h2", "h3", "h4", "h5", "h6", "strong", "em", "b", "a", "br", "code", "pre", "blockquote", "hr", "img"}
_ROWS = {"ul", "ol", "li", "table", "thead", "tbody", "tr", "th", "td"}
_PARTS = {"div", "svg", "use"}  # the look's own
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt", "loading", "width", "height"},
    "ol": {"start"},
    "th": {"scope"},
    "svg": {"aria-hidden"},
    "use": {"href"},
}
_CLASSES = {"div": {"say", "say-yes", "say-no", "note", "note-tip", "note-bad", "sheet"}, "svg": {"i"}}
_OWN_ADDRESS = {("img", "src"): re.compile(r"media/[\w./-]+"), ("use", "href"): re.compile(r"icons\.svg#[a-z-]+")}
_CLOSING_LINE = re.compile(r"[\s>]*:{3,}\s*")
_LINK = re.compile(r"(?:https?://|mailto:|tel:)\S+")

_parser = MarkdownIt("commonmark", {"html": True}).enable("table")  # html: to find it, never to show it
_parser.use(container_plugin, "block", validate=lambda _info, _markup: True)


@dataclass(slots=True)
class Prose:
    """Markdown made safe: its tokens, ready to render, and what a reader reads."""

    tokens: list[Token]
    passages: list[Passage] = field(default_factory=list)


def parse(text: str) -> list[Token]:
    """Tokens of a whole file. The `meta` of a block's opening says whether it is closed by a line of its own."""
    tokens = _parser.parse(text)
    lines = text.split("\n")
    for token in tokens:
        if token.type == OPEN and token.map:
            last = lines[token.map[1]] if token.map[1] < len(lines) else ""
            token.meta[IS_CLOSED] = _CLOSING_LINE.fullmatch(last) is not None
    return tokens


def title_of(inline: str) -> str:
    """The plain words of a heading."""
    tokens = _parser.parseInline(inline)[0].children or []
    return "".join(token.content for token in tokens if token.type in {"text", "code_inline"}).strip()


def render(tokens: Sequence[Token]) -> str:
    """Sanitised HTML of tokens that `Writer` has gone through."""
    html: str = _parser.renderer.render(tokens, _parser.options, {})
    return nh3.clean(
        html,
        tags=_TEXT | _ROWS | _PARTS,
        attributes=_ATTRIBUTES,
        allowed_classes=_CLASSES,
        attribute_filter=_keep_attribute,
        generic_attribute_prefixes=set(),
        url_schemes={"https", "http", "mailto", "tel"},
    ).strip()


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    own = _OWN_ADDRESS.get((tag, name))
    return value if own is None or own.fullmatch(value) else None


def render_document(folder: CourseFolder, file: str, text: str, language: str) -> tuple[str, list[Passage]]:
    """A file that is one whole (a session, an assignment, a transcript): its HTML, and its passages to check."""
    writer = Writer(folder, file, language)
    tokens = writer.prepare(parse(text))
    return render(tokens), writer.passages


class Writer:
    """Goes through tokens once: finds what may not be there, gathers what is read, and puts our own parts in place."""

    def __init__(self, folder: CourseFolder, file: str, language: str) -> None:
        self.folder, self.file, self.language = folder, file, language
        self.passages: list[Passage] = []
        self._line = 1
        self._open: list[tuple[str, int]] = []  # name and line of each block around the token
        self._label = ""
        self._handlers: dict[str, Callable[[Token], list[Token]]] = {
            "html_block": self._html,
            "heading_open": self._heading,
            "heading_close": self._heading,
            "table_open": self._table,
            "table_close": self._table,
            "th_open": self._cell,
            "td_open": self._cell,
            "inline": self._inline,
            OPEN: self._container_open,
            CLOSE: self._container_close,
        }

    def prepare(self, tokens: Sequence[Token]) -> list[Token]:
        """The tokens to render. Findings go to the folder, passages to `passages`."""
        ready: list[Token] = []
        for token in tokens:
            if token.map:
                self._line = token.map[0] + 1
            if self._label and token.type not in {"paragraph_open", "inline"}:
                ready.append(_raw(f"<p><b>{self._take_label()}</b></p>\n"))  # a note that starts with a list
            handler = self._handlers.get(token.type)
            ready += handler(token) if handler else [token]
        return ready

    def error(self, code: str, message: str, line: int | None = None) -> None:
        self.folder.error(self.file, line or self._line, code, message)

    def _html(self, _token: Token) -> list[Token]:
        self.error("html", _("HTML kan hier niet. Gebruik Markdown."))
        return []

    def _heading(self, token: Token) -> list[Token]:
        if token.tag == "h1" and token.nesting == 1:
            if self._open:  # most likely the next page, swallowed by a block that was never closed
                self._refuse_unclosed(self._open[-1][1])
            self.error("heading", _("Een titel met één # kan hier niet. Gebruik ##."))
        token.tag = "h2" if token.tag == "h1" else token.tag
        return [token]

    def _table(self, token: Token) -> list[Token]:
        return [_raw('<div class="sheet">'), token] if token.nesting == 1 else [token, _raw("</div>\n")]

    def _cell(self, token: Token) -> list[Token]:
        token.attrs = {"scope": "col"} if token.type == "th_open" else {}
        return [token]

    def _container_open(self, token: Token) -> list[Token]:
        name, *rest = token.info.split() or [""]
        self._open.append((name, self._line))
        if not token.meta.get(IS_CLOSED):
            self._refuse_unclosed(self._line)
        container = CONTAINERS.get(name)
        if container is None:
            self._refuse_container(name)
            return []
        if rest:
            self.error("container", _("Na “::: %(name)s” komt niets meer op die regel.", name=name))
        self._label = "" if container.is_speech else container.label(self.language)
        return [_raw(opening(container, self.language))]

    def _refuse_container(self, name: str) -> None:
        if name in SPECIAL:
            self.error("container", _("“::: %(name)s” staat op zichzelf, niet in een ander blok.", name=name))
        else:
            known = ", ".join([*CONTAINERS, *SPECIAL])
            self.error("container", _("“::: %(name)s” bestaat niet. Kies uit: %(known)s.", name=name, known=known))

    def _container_close(self, _token: Token) -> list[Token]:
        name = self._open.pop()[0] if self._open else ""
        return [_raw(CLOSING)] if name in CONTAINERS else []

    def _refuse_unclosed(self, line: int) -> None:
        self.error("container", _("Dit blok is niet gesloten. Zet ::: op een eigen regel."), line)

    def _take_label(self) -> str:
        label, self._label = self._label, ""
        return label

    def _inline(self, token: Token) -> list[Token]:
        children = self._read_inline(token.children or [])
        if self._label:
            children.insert(0, Token("html_inline", "", 0, content=f"<b>{self._take_label()}</b> "))
        token.children = children
        return [token]

    def _read_inline(self, children: list[Token]) -> list[Token]:
        """Check pictures, links and HTML; gather the words, line by line."""
        kept: list[Token] = []
        words: list[str] = []
        line = start = self._line
        for child in children:
            if child.type in {"softbreak", "hardbreak"}:
                line += 1
            if child.type == "hardbreak":
                self._gather(start, words)
                words, start = [], line
            else:
                words.append(_words_of(child))
            if self._keep_inline(child, line):
                kept.append(child)
            line += child.content.count("\n") if child.type == "image" else 0
        self._gather(start, words)
        return kept

    def _gather(self, line: int, words: list[str]) -> None:
        text = "".join(words)
        if text.strip():
            self.passages.append(Passage(line, text))

    def _keep_inline(self, child: Token, line: int) -> bool:
        if child.type == "html_inline":
            self.error("html", _("HTML kan hier niet. Gebruik Markdown."), line)
            return False
        if child.type == "link_open" and not _LINK.fullmatch(str(child.attrGet("href"))):
            self.error("link", _("Een link begint met https://, mailto: of tel:."), line)
        if child.type == "image":
            self._read_picture(child, line)
        return True

    def _read_picture(self, image: Token, line: int) -> None:
        path = str(image.attrGet("src"))
        alternative = _alternative(image)
        if not alternative.strip():
            self.error("image-alt", _("Zeg tussen [ en ] wat er op de afbeelding te zien is."), line)
        self._gather(line, [alternative])
        if use_media(self.folder, self.file, line, path, PICTURES):
            size = picture_size(self.folder, path)
            image.attrs |= {"loading": "lazy"} | ({"width": size[0], "height": size[1]} if size else {})


def _alternative(image: Token) -> str:
    return "".join(_words_of(child) for child in image.children or [])


def _words_of(child: Token) -> str:
    if child.type == "softbreak":
        return "\n"
    return child.content if child.type in {"text", "text_special", "code_inline"} else ""


def _raw(html: str) -> Token:
    return Token("html_block", "", 0, content=html)
