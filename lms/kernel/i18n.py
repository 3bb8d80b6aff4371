"""Words, dates and money as people here read them. Dutch sentences are the message ids; en and fr are translations.

Formatting is memoised: a page repeats the same few dates and numbers for everybody.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.dates import format_date as babel_date
from babel.messages.pofile import read_po
from babel.numbers import format_currency, format_decimal
from markupsafe import Markup

from lms.kernel.clock import local

LANGUAGES = ("nl", "en", "fr")
LANGUAGE_NAMES = {"nl": "Nederlands", "en": "English", "fr": "Français"}
DEFAULT_LANGUAGE = "nl"
CATALOGUES = Path(__file__).parent / "translations"

_LOCALES = {"nl": "nl_BE", "en": "en_GB", "fr": "fr_BE"}
_language: ContextVar[str] = ContextVar("language", default=DEFAULT_LANGUAGE)


def current_language() -> str:
    """The language of this request or job: nl, en or fr."""
    return _language.get()


@contextmanager
def use_language(code: str) -> Iterator[None]:
    """Speak this language inside the block. An unknown code means Dutch."""
    token = set_language(code)
    try:
        yield
    finally:
        _language.reset(token)


def set_language(code: str) -> Any:
    """Speak this language from now on; returns the token `ContextVar.reset` takes."""
    return _language.set(code if code in LANGUAGES else DEFAULT_LANGUAGE)


def gettext(message: str, **values: Any) -> str:
    """The message in the current language, with `%(name)s` filled in."""
    text = _catalogue(_language.get()).get(message, message)
    return text % values if values else text


def gettext_for_templates(message: str, **values: Any) -> Markup:
    """The message as safe HTML; the values are escaped. What Jinja's own would give, with the words remembered."""
    text = _safe(_language.get(), message)
    return text % values if values else text


def ngettext(one: str, many: str, n: int, **values: Any) -> str:
    """The message for n things. `%(n)s` is always available."""
    return _form(one, many, n) % {"n": format_number(n), **values}


def ngettext_for_templates(one: str, many: str, n: int) -> str:
    """The message for n things with only `%(n)s` filled in: Jinja itself fills in the rest."""
    return _form(one, many, n).replace("%(n)s", format_number(n))


@lru_cache(maxsize=4096)
def _safe(language: str, message: str) -> Markup:
    return Markup(_catalogue(language).get(message, message))  # noqa: S704  our own words


def _form(one: str, many: str, n: int) -> str:
    language = _language.get()
    forms = _plurals(language).get((one, many), (one, many))
    is_singular = n in {0, 1} if language == "fr" else n == 1
    return forms[0 if is_singular else 1]


_ = gettext


@lru_cache(maxsize=len(LANGUAGES))
def _catalogue(language: str) -> dict[str, str]:
    return {key: text for key, text in _entries(language) if isinstance(key, str) and isinstance(text, str) and text}


@lru_cache(maxsize=len(LANGUAGES))
def _plurals(language: str) -> dict[tuple[str, str], tuple[str, str]]:
    return {
        (key[0], key[1]): (text[0], text[1])
        for key, text in _entries(language)
        if isinstance(key, tuple) and isinstance(text, tuple) and all(text)
    }


@lru_cache(maxsize=len(LANGUAGES))
def _entries(language: str) -> tuple[tuple[Any, Any], ...]:
    path = CATALOGUES / f"{language}.po"
    if language == DEFAULT_LANGUAGE or not path.exists():
        return ()
    with path.open("rb") as file:
        catalogue = read_po(file, locale=language)
    return tuple((message.id, message.string) for message in catalogue if message.id and not message.fuzzy)


# ---- dates -----------------------------------------------------------------------------------------------------------


def _day(moment: date | datetime) -> date:
    return local(moment).date() if isinstance(moment, datetime) else moment


def format_date(moment: date | datetime) -> str:
    """25 maart 2025."""
    return _date(_day(moment), "d MMMM y", _language.get())


def format_day(moment: date | datetime) -> str:
    """Dinsdag 25 maart, without a capital and without the year."""
    return _date(_day(moment), "EEEE d MMMM", _language.get())


def format_short_date(moment: date | datetime) -> str:
    """25-03-2025: for the rows of a desk."""
    return _date(_day(moment), "dd-MM-y", _language.get())


def format_month(moment: date | datetime) -> str:
    """The month in words: maart 2025."""
    return _date(_day(moment), "LLLL y", _language.get())


def leaf(moment: date | datetime) -> tuple[str, str, str]:
    """The three words on a calendar leaf: di, 25, maart."""
    day, language = _day(moment), _language.get()
    return _date(day, "EEEEEE" if language != "nl" else "EE", language), str(day.day), _date(day, "MMMM", language)


def format_time(moment: datetime | time) -> str:
    """13.30, as it is written here."""
    at = local(moment).time() if isinstance(moment, datetime) else moment
    return f"{at.hour}.{at.minute:02d}"


@lru_cache(maxsize=4096)
def _date(day: date, pattern: str, language: str) -> str:
    return babel_date(day, pattern, locale=_LOCALES[language])


# ---- numbers ---------------------------------------------------------------------------------------------------------


def format_number(number: int | Decimal) -> str:
    """1.000, or 1,5."""
    return _number(number, _language.get())


def format_money(amount: Decimal) -> str:
    """€ 742.000,00, with a space that never breaks."""
    return _money(amount, _language.get())


@lru_cache(maxsize=4096)
def _number(number: int | Decimal, language: str) -> str:
    return format_decimal(number, locale=_LOCALES[language])


@lru_cache(maxsize=1024)
def _money(amount: Decimal, language: str) -> str:
    return format_currency(amount, "EUR", locale=_LOCALES[language])
