"""One row of a list as somebody: her names, and by what else she is known."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import msgspec

from courses.enrolment.formats.columns import Column

_EMAIL = re.compile(r"[^@\s,;<>]+@[^@\s,;<>]+\.[^@\s,;<>.]{2,}")
_USER_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,79}")
_IN_BRACKETS = re.compile(r".*<([^<>]+)>")
_LANGUAGES = {
    "nl": "nl nld dut ned nederlands vlaams dutch neerlandais",
    "en": "en eng engels english anglais",
    "fr": "fr fra fre frans french francais",
}
_LANGUAGE_BY_WORD = {word: code for code, words in _LANGUAGES.items() for word in words.split()}


class ListedPerson(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a row says of one person. `email` and `user_name` are in lower case; `language` is nl, en, fr or empty."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    user_name: str = ""
    staff_number: str = ""
    establishment: str = ""
    job_title: str = ""
    language: str = ""

    @property
    def name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()


def read_person(columns: Sequence[Column | str], cells: Sequence[str]) -> ListedPerson:
    """The person in this row, when its columns hold what `columns` says."""
    by_column = {
        Column(column): cell
        for column, cell in zip(columns, cells, strict=False)
        if any(letter.isalnum() for letter in cell)  # a dash is an empty cell
    }
    first, last = by_column.get(Column.FIRST_NAME, ""), by_column.get(Column.LAST_NAME, "")
    if Column.NAME in by_column and not (first and last):
        first, last = _split(by_column[Column.NAME])
    return ListedPerson(
        first_name=first[:80],
        last_name=last[:120],
        email=_address(by_column.get(Column.EMAIL, "")),
        user_name=by_column.get(Column.USER_NAME, "").lower()[:80],
        staff_number=by_column.get(Column.STAFF_NUMBER, "")[:40],
        establishment=by_column.get(Column.ESTABLISHMENT, "")[:120],
        job_title=by_column.get(Column.JOB_TITLE, "")[:120],
        language=_LANGUAGE_BY_WORD.get(plain_name(by_column.get(Column.LANGUAGE, "")), ""),
    )


def is_email(text: str) -> bool:
    """Whether this looks like an e-mail address."""
    return len(text) <= 254 and _EMAIL.fullmatch(text) is not None


def is_user_name(text: str) -> bool:
    """Whether this can be a user name."""
    return _USER_NAME.fullmatch(text) is not None


@lru_cache(maxsize=20_000)
def plain_name(text: str) -> str:
    """The letters of a name without accents, capitals, spaces and hyphens: what two spellings have in common."""
    letters = unicodedata.normalize("NFKD", text.replace("ø", "o").replace("Ø", "o").replace("ß", "ss").casefold())
    return "".join(letter for letter in letters if letter.isalnum())


def _address(text: str) -> str:
    """Outlook copies "Emma Peeters <emma@…>"."""
    inside = _IN_BRACKETS.fullmatch(text)
    return (inside[1] if inside else text).strip().lower()


def _split(name: str) -> tuple[str, str]:
    """Two names out of one cell: "Aerts, Kelly", "AERTS Kelly" and "Kelly Aerts" are the same person."""
    if "," in name:
        last, _comma, first = name.partition(",")
        return first.strip(), last.strip()
    words = name.split()
    capitals = [word for word in words if len(word) > 1 and word.isupper()]
    if capitals and len(capitals) < len(words):
        return " ".join(word for word in words if word not in capitals), " ".join(capitals)
    return " ".join(words[:1]), " ".join(words[1:])
