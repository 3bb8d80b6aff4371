"""The three blocks that are more than text: a film, a reflection and an exercise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Self

import msgspec
from markdown_it.token import Token

from courses.authoring.formats.containers import EXERCISE, REFLECTION, VIDEO
from courses.authoring.formats.fields import is_slug
from courses.authoring.formats.folder import CourseFolder
from courses.authoring.formats.markdown import IS_CLOSED, Writer, render_document
from courses.authoring.formats.media import CAPTIONS, FILMS, PICTURES, TRANSCRIPTS, use_media
from courses.authoring.formats.questions import read_questions
from courses.authoring.formats.readability import Passage
from courses.catalogue.formats import Block, BlockKind
from courses.quizzes.formats import question_to_json
from lms.kernel.i18n import _


@dataclass(frozen=True, slots=True)
class SpecialBlock:
    """One such block: its name and the words after it, the tokens inside, and where it stands (lines from 1)."""

    name: str
    words: tuple[str, ...]
    tokens: Sequence[Token]
    line: int
    last_line: int  # of its content
    is_closed: bool

    @classmethod
    def of(cls, tokens: Sequence[Token]) -> Self:
        """From the tokens of the whole block, its opening and closing included."""
        opening = tokens[0]
        name, *words = opening.info.split()
        first, end = opening.map or [0, 1]
        return cls(name, tuple(words), tokens[1:-1], first + 1, end, bool(opening.meta.get(IS_CLOSED)))


@dataclass(slots=True)
class Found:
    """The block, or None when it cannot be made, and what a learner reads in it."""

    block: Block | None = None
    passages: list[Passage] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a block is being read."""

    folder: CourseFolder
    file: str
    lines: Sequence[str]
    language: str

    def error(self, line: int, code: str, message: str) -> None:
        self.folder.error(self.file, line, code, message)


def read_special(folder: CourseFolder, file: str, special: SpecialBlock, lines: Sequence[str], language: str) -> Found:
    """Read one special block; `lines` are those of the whole file."""
    place = _Place(folder, file, lines, language)
    if not special.is_closed:
        place.error(special.line, "container", _("Dit blok is niet gesloten. Zet ::: op een eigen regel."))
    readers: dict[str, Callable[[_Place, SpecialBlock], Found]] = {
        VIDEO: _read_video,
        REFLECTION: _read_reflection,
        EXERCISE: _read_exercise,
    }
    return readers[special.name](place, special)


def _read_words(place: _Place, special: SpecialBlock) -> tuple[str, list[Passage]]:
    """The plain text inside the block."""
    writer = Writer(place.folder, place.file, place.language)
    writer.prepare(special.tokens)
    return " ".join(" ".join(passage.text.split()) for passage in writer.passages), writer.passages


def _read_id(place: _Place, special: SpecialBlock) -> str:
    block_id = special.words[0] if len(special.words) == 1 else ""
    if not is_slug(block_id):
        message = _("Geef dit blok één vaste naam, zoals “::: %(name)s mijn-naam”.", name=special.name)
        place.error(special.line, "block-id", message)
    return block_id


# ---- film ------------------------------------------------------------------------------------------------------------

_EXTRAS = {"captions": CAPTIONS, "transcript": TRANSCRIPTS, "poster": PICTURES}


def _read_video(place: _Place, special: SpecialBlock) -> Found:
    title, passages = _read_words(place, special)
    if not title:
        place.error(special.line, "video-title", _("Geef deze film een titel, op de regel eronder."))
    src = special.words[0] if special.words else ""
    use_media(place.folder, place.file, special.line, src, FILMS)
    extras = _read_extras(place, special)
    if "captions" not in extras:
        place.error(special.line, "video-captions", _("Deze film heeft geen ondertitels. Voeg captions=media/… toe."))
    if "transcript" not in extras:
        message = _("Deze film heeft geen uitgeschreven tekst. Voeg transcript=media/… toe.")
        place.error(special.line, "video-transcript", message)
    block = Block(
        kind=BlockKind.VIDEO,
        src=src,
        captions=extras.get("captions", ""),
        poster=extras.get("poster", ""),
        title=title,
        transcript=_read_transcript(place, extras.get("transcript", "")),
    )
    return Found(block, passages)


def _read_extras(place: _Place, special: SpecialBlock) -> dict[str, str]:
    extras: dict[str, str] = {}
    for word in special.words[1:]:
        key, _equals, path = word.partition("=")
        if key not in _EXTRAS or key in extras:
            known = ", ".join(_EXTRAS)
            message = _("“%(word)s” kan hier niet. Kies uit: %(known)s.", word=word, known=known)
            place.error(special.line, "video-option", message)
        elif use_media(place.folder, place.file, special.line, path, _EXTRAS[key]):
            extras[key] = path
    return extras


def _read_transcript(place: _Place, path: str) -> str:
    if not path:
        return ""
    html, passages = render_document(place.folder, path, place.folder.text(path), place.language)
    place.folder.check_sentences(path, passages)
    if not html:
        place.folder.error(path, 1, "video-transcript", _("Deze uitgeschreven tekst is leeg."))
    return html


# ---- reflection and exercise -----------------------------------------------------------------------------------------


def _read_reflection(place: _Place, special: SpecialBlock) -> Found:
    prompt, passages = _read_words(place, special)
    if not prompt:
        place.error(special.line, "reflection", _("Stel een vraag in deze reflectie."))
    return Found(Block(kind=BlockKind.REFLECTION, id=_read_id(place, special), prompt=prompt), passages)


def _read_exercise(place: _Place, special: SpecialBlock) -> Found:
    block_id = _read_id(place, special)
    source = "\n".join(place.lines[special.line : special.last_line])
    questions, passages = read_questions(place.folder, place.file, source, special.line, titled=False)
    if len(questions) > 1:
        place.error(special.line, "exercise", _("Eén oefening heeft één vraag. Maak er twee blokken van."))
    if not questions:
        place.error(special.line, "exercise", _("Deze oefening heeft geen vraag die klopt."))
        return Found(None, passages)
    question = msgspec.structs.replace(questions[0], id=block_id)
    return Found(Block(kind=BlockKind.EXERCISE, id=block_id, question=question_to_json(question)), passages)
