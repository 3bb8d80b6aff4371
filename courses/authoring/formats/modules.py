"""The pages of a module: one idea a screen, each from `# Titel {#id}` to the next."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from markdown_it.token import Token

from courses.authoring.formats.blocks import SpecialBlock, read_special
from courses.authoring.formats.containers import SPECIAL
from courses.authoring.formats.fields import is_slug
from courses.authoring.formats.folder import CourseFolder
from courses.authoring.formats.markdown import CLOSE, OPEN, Writer, parse, render, title_of
from courses.authoring.formats.readability import Passage
from courses.catalogue.formats import Block, BlockKind, Page
from lms.kernel.i18n import _

_HEADING = re.compile(r"(?P<title>.*?)\s*\{#(?P<id>[^}]*)\}\s*", re.DOTALL)


@dataclass(frozen=True, slots=True)
class _Screen:
    """The tokens of one page and its heading."""

    line: int
    heading: str
    tokens: Sequence[Token]


def read_pages(folder: CourseFolder, file: str, body: str, language: str) -> tuple[Page, ...]:
    """The pages of a module whose front matter has been blanked out, so that lines still count."""
    pages: list[Page] = []
    seen: set[str] = set()
    block_ids: set[str] = set()
    lines = body.split("\n")
    for screen in _cut(folder, file, parse(body)):
        page_id, title = _read_heading(folder, file, screen)
        if page_id in seen:
            folder.error(file, screen.line, "id-twice", _("De naam “%(id)s” staat er twee keer.", id=page_id))
        seen.add(page_id)
        pages.append(_read_page(folder, file, screen, (page_id, title), (lines, language, block_ids)))
    if not pages:
        folder.error(file, 1, "page-missing", _("Hier staat geen enkele pagina. Begin met “# Titel {#naam}”."))
    return tuple(pages)


def _cut(folder: CourseFolder, file: str, tokens: Sequence[Token]) -> Iterator[_Screen]:
    starts = [at for at, token in enumerate(tokens) if token.type == "heading_open" and _is_page(token)]
    before = tokens[: starts[0]] if starts else tokens
    if before and starts:
        line = before[0].map[0] + 1 if before[0].map else 1
        folder.error(file, line, "page-missing", _("Deze tekst staat voor de eerste pagina."))
    for start, end in pairwise([*starts, len(tokens)]):
        heading = tokens[start]
        line = heading.map[0] + 1 if heading.map else 1
        yield _Screen(line, tokens[start + 1].content, tokens[start + 3 : end])


def _is_page(token: Token) -> bool:
    return token.tag == "h1" and token.level == 0


def _read_heading(folder: CourseFolder, file: str, screen: _Screen) -> tuple[str, str]:
    found = _HEADING.fullmatch(screen.heading)
    if found is None:
        folder.error(
            file, screen.line, "page-id", _("Geef deze pagina een vaste naam, zoals “# Titel {#mijn-pagina}”.")
        )
        return "", title_of(screen.heading)
    title = title_of(found["title"])
    if not is_slug(found["id"]):
        folder.error(file, screen.line, "page-id", _("Een naam heeft alleen kleine letters, cijfers en streepjes."))
    if not title:
        folder.error(file, screen.line, "page-id", _("Deze pagina heeft geen titel."))
    return found["id"], title


def _read_page(
    folder: CourseFolder, file: str, screen: _Screen, name: tuple[str, str], around: tuple[Sequence[str], str, set[str]]
) -> Page:
    page_id, title = name
    lines, language, block_ids = around
    writer = Writer(folder, file, language)
    passages = [Passage(screen.line, title)]
    blocks: list[Block] = []
    for part in _parts(screen.tokens):
        if isinstance(part, SpecialBlock):
            found = read_special(folder, file, part, lines, language)
            passages += found.passages
            if found.block is not None:
                _refuse_second(folder, file, part.line, found.block.id, block_ids)
                blocks.append(found.block)
        elif html := render(writer.prepare(part)):
            blocks.append(Block(kind=BlockKind.HTML, html=html))
    if not blocks:
        folder.error(file, screen.line, "page-empty", _("Deze pagina is leeg."))
    folder.check_sentences(file, [*passages, *writer.passages], page=page_id, title=title)
    return Page(id=page_id, title=title, blocks=tuple(blocks))


def _parts(tokens: Sequence[Token]) -> Iterator[list[Token] | SpecialBlock]:
    """Runs of ordinary tokens, and the blocks that stand on their own between them."""
    run: list[Token] = []
    at = 0
    while at < len(tokens):
        token = tokens[at]
        if token.type == OPEN and token.level == 0 and token.info.split()[:1] and token.info.split()[0] in SPECIAL:
            if run:
                yield run
                run = []
            end = _closing(tokens, at)
            yield SpecialBlock.of(tokens[at : end + 1])
            at = end
        else:
            run.append(token)
        at += 1
    if run:
        yield run


def _closing(tokens: Sequence[Token], start: int) -> int:
    ends = (at for at in range(start, len(tokens)) if tokens[at].type == CLOSE and tokens[at].level == 0)
    return next(ends, len(tokens) - 1)


def _refuse_second(folder: CourseFolder, file: str, line: int, block_id: str, seen: set[str]) -> None:
    if block_id and block_id in seen:
        folder.error(file, line, "id-twice", _("De naam “%(id)s” staat er twee keer.", id=block_id))
    seen.add(block_id)
