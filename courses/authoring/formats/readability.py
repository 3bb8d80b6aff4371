"""Sentences of Dutch text, and how long they are: at most 15 words, because one in seven Flemings reads with effort.

A heading, a list item and a table cell end a sentence without a full stop; each is a passage of its own. Left whole
are abbreviations (bv., d.w.z.), numbers (1.000), times (13.30), initials, and a quotation that runs on in lower case.
A colon before a quotation begins a new sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

MOST_WORDS = 15

_NEAR = 200  # characters on either side that decide whether a full stop ends a sentence

_OPENERS = "\"“„‘’'«([–—-*_ \n\t\N{NO-BREAK SPACE}"
_END = re.compile(r"(?:[.!?]+|…+)[\"”’»')\]*_]*(?=\s|$)|:(?=\s+[\"“„«‘][A-Z0-9À-ÖØ-Þ])")
_DIGIT_GROUPS = re.compile(r"(?<=\d)[ \u00a0\u202f/](?=\d)")
_APOSTROPHE_WORD = re.compile(r"['’‘][a-z]{1,2}\s+(?=\w)")
_INITIAL = re.compile(r"[A-Z]\.")
_DOTTED = re.compile(r"(?:[a-z]{1,3}\.)+[a-z]{1,3}")

# After these a capital or a digit goes on with the same sentence: bv. Samira, nr. 3, dr. Peeters.
_GO_ON = re.compile(
    r"aant|afb|afd|afk|alg|art|bijv|blz|bv|ca|cf|dhr|drs?|evt|excl|fig|gem|hfst|incl|ing|inz|ir|jl|max|mevr|min|mr"
    r"|nrs?|pag|par|pp?|prof|resp|str?|tel|tot|vb|vgl|vnl|vs|zgn"
)
# These go on too, but often stand last.
_MAY_END = frozenset(["enz", "etc", "e.d", "e.a", "a.u.b", "s.v.p", "v.chr", "n.chr", "e.v"])
_BEFORE_INITIAL = frozenset(["dr", "prof", "mevr", "dhr", "mr", "ir", "ing", "drs"])


@dataclass(frozen=True, slots=True)
class Passage:
    """Text that runs on: a paragraph, a heading, a list item. `line` is where its first line stands."""

    line: int
    text: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence, its line and its number of words."""

    line: int
    text: str
    words: int


class ReadabilityReport(msgspec.Struct, frozen=True):
    """How one page reads. `page` is its id, empty for a file that is one whole. `average` counts words a sentence."""

    file: str
    page: str
    title: str
    sentences: int
    words: int
    average: float
    longest: str
    longest_words: int


def report(file: str, page: str, title: str, sentences: Sequence[Sentence]) -> ReadabilityReport:
    """Sum up the sentences of a page."""
    words = sum(sentence.words for sentence in sentences)
    longest = max(sentences, key=lambda sentence: sentence.words, default=Sentence(1, "", 0))
    average = round(words / len(sentences), 1) if sentences else 0.0
    return ReadabilityReport(file, page, title, len(sentences), words, average, longest.text, longest.words)


def list_sentences(passages: Iterable[Passage]) -> list[Sentence]:
    """All sentences that hold at least one word, in reading order."""
    return [sentence for passage in passages for sentence in _split(passage) if sentence.words]


def _split(passage: Passage) -> Iterator[Sentence]:
    start = 0
    for end in [*_boundaries(passage.text), len(passage.text)]:
        piece = passage.text[start:end]
        begin = start + len(piece) - len(piece.lstrip())
        text = " ".join(piece.split())
        yield Sentence(passage.line + passage.text.count("\n", 0, begin), text, count_words(text))
        start = end


def _boundaries(text: str) -> Iterator[int]:
    start = 0
    for found in _END.finditer(text):
        before = text[max(start, found.start() - _NEAR) : found.start()]
        if _ends(before, found[0], text[found.end() : found.end() + _NEAR]):
            yield found.end()
            start = found.end()


def _ends(before: str, mark: str, after: str) -> bool:
    """Does the sentence end at this mark?"""
    if mark == ":":
        return True
    if not _can_begin(after):
        return False
    return mark != "." or not _is_abbreviation(before, after)


def _can_begin(after: str) -> bool:
    """Can a sentence begin here? Not with a small letter, unless after ’s or ’t."""
    rest = after.lstrip()
    if found := _APOSTROPHE_WORD.match(rest):
        rest = rest[found.end() :]
    rest = rest.lstrip(_OPENERS)
    return not rest or not rest[0].islower()


def _is_abbreviation(before: str, after: str) -> bool:
    words = before.split()
    if not words:
        return True
    word = words[-1].lstrip(_OPENERS)
    lower = word.lower()
    if lower in _MAY_END:
        return False
    if _GO_ON.fullmatch(lower) or _DOTTED.fullmatch(lower):
        return True
    if len(words) == 1 and word.isdigit():
        return True  # "1. Open de app.": a number in front, not a sentence
    return len(word) == 1 and word.isupper() and _is_initial(words[:-1], after)


def _is_initial(before: list[str], after: str) -> bool:
    """A single capital is an initial at the start, after a title or beside another initial; else it is "optie B."."""
    if not before or _INITIAL.match(after.lstrip()) or _INITIAL.fullmatch(before[-1]):
        return True
    return before[-1].lower().rstrip(".") in _BEFORE_INITIAL


def count_words(text: str) -> int:
    """Words as a reader meets them: "078 170 170", "en/of" and "e-mail" are one each, a dash is none."""
    joined = _DIGIT_GROUPS.sub("", text)
    return sum(any(sign.isalnum() for sign in word) for word in joined.split())
