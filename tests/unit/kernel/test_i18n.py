"""Words, numbers, money and dates in three languages; what is remembered is remembered for each language apart."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time
from decimal import Decimal
from pathlib import Path
from threading import Thread

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lms.kernel import i18n
from lms.kernel.i18n import LANGUAGES, current_language, gettext, ngettext, ngettext_for_templates, use_language

DAY = date(2025, 3, 25)
SPACE, NARROW = "\N{NO-BREAK SPACE}", "\N{NARROW NO-BREAK SPACE}"
ENGLISH = """
msgid ""
msgstr "Content-Type: text/plain; charset=utf-8\\n"

msgid "Dag"
msgstr "Hello"

msgid "Dag %(name)s"
msgstr "Hello %(name)s"

msgid "100 % klaar"
msgstr "100 % done"

msgid "1 stap"
msgid_plural "%(n)s stappen"
msgstr[0] "1 step"
msgstr[1] "%(n)s steps"

#, fuzzy
msgid "Onzeker"
msgstr "Uncertain"

msgid "Leeg"
msgstr ""
"""
FRENCH = ENGLISH.replace("Hello", "Bonjour").replace("1 step", "%(n)s étape").replace("%(n)s steps", "%(n)s étapes")


@pytest.fixture
def _catalogues(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Two small catalogues in place of the product's own."""
    (tmp_path / "en.po").write_text(ENGLISH)
    (tmp_path / "fr.po").write_text(FRENCH)
    monkeypatch.setattr(i18n, "CATALOGUES", tmp_path)
    remembered = (i18n._catalogue, i18n._plurals, i18n._entries)
    for function in remembered:
        function.cache_clear()
    yield
    for function in remembered:
        function.cache_clear()


def in_each(word: str) -> list[str]:
    """This message in Dutch, English and French."""
    spoken = []
    for language in LANGUAGES:
        with use_language(language):
            spoken.append(gettext(word))
    return spoken


# ---- which language --------------------------------------------------------------------------------------------------


def test_a_language_is_spoken_inside_the_block_and_blocks_nest() -> None:
    with use_language("fr"):
        with use_language("en"):
            assert current_language() == "en"
        assert current_language() == "fr"
    assert current_language() == "nl"


@pytest.mark.parametrize("code", ["de", "", "nl_BE", "EN", "../en"])
def test_an_unknown_language_means_dutch(code: str) -> None:
    with use_language("fr"), use_language(code):
        assert current_language() == "nl"


def test_another_thread_speaks_its_own_language() -> None:
    heard: list[str] = []
    with use_language("fr"):
        thread = Thread(target=lambda: heard.append(current_language()))
        thread.start()
        thread.join()
    assert heard == ["nl"]


# ---- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("_catalogues")
def test_a_message_is_translated_and_stays_dutch_where_nobody_did() -> None:
    assert in_each("Dag") == ["Dag", "Hello", "Bonjour"]
    assert in_each("Onbekend") == ["Onbekend"] * 3
    assert in_each("Leeg") == ["Leeg"] * 3
    assert in_each("Onzeker") == ["Onzeker"] * 3


@pytest.mark.usefixtures("_catalogues")
def test_values_are_filled_in_and_a_bare_per_cent_sign_is_one() -> None:
    with use_language("en"):
        assert gettext("Dag %(name)s", name="Zoë 100 %") == "Hello Zoë 100 %"
        assert gettext("100 % klaar") == "100 % done"


@pytest.mark.usefixtures("_catalogues")
@pytest.mark.parametrize(
    ("language", "n", "words"),
    [
        ("nl", 0, "0 stappen"),
        ("nl", 1, "1 stap"),
        ("nl", 2, "2 stappen"),
        ("nl", 1000, "1.000 stappen"),
        ("en", 0, "0 steps"),
        ("en", 1, "1 step"),
        ("en", 1000, "1,000 steps"),
        ("fr", 0, "0 étape"),  # in French nothing is singular
        ("fr", 1, "1 étape"),
        ("fr", 2, "2 étapes"),
        ("fr", 1000, f"1{NARROW}000 étapes"),
    ],
)
def test_things_are_counted_as_each_language_counts(language: str, n: int, words: str) -> None:
    with use_language(language):
        assert ngettext("1 stap", "%(n)s stappen", n) == words
        assert ngettext_for_templates("1 stap", "%(n)s stappen", n) == words


def test_a_count_that_nobody_translated_stays_dutch() -> None:
    with use_language("en"):
        assert ngettext("1 zin zonder vertaling", "%(n)s zinnen zonder %(what)s", 2, what="vertaling").startswith("2 z")


def test_the_products_own_catalogues_can_be_read() -> None:
    for language in ("en", "fr"):
        assert len(i18n._catalogue(language)) > 100
        assert i18n._plurals(language)


# ---- numbers, money, dates -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "number", "money"),
    [
        ("nl", "1.234.567,5", f"€{SPACE}742.000,00"),
        ("en", "1,234,567.5", "€742,000.00"),
        ("fr", f"1{NARROW}234{NARROW}567,5", f"742{NARROW}000,00{SPACE}€"),
    ],
)
def test_numbers_and_money_are_written_as_people_write_them(language: str, number: str, money: str) -> None:
    with use_language(language):
        assert i18n.format_number(Decimal("1234567.5")) == number
        assert i18n.format_money(Decimal(742000)) == money


def test_money_keeps_its_cents_and_its_sign() -> None:
    assert i18n.format_money(Decimal("14500.68")) == f"€{SPACE}14.500,68"
    assert i18n.format_money(Decimal("-0.5")) == f"€{SPACE}-0,50"
    assert i18n.format_money(Decimal(0)) == f"€{SPACE}0,00"


@pytest.mark.parametrize(
    ("language", "words", "month", "leaf"),
    [
        ("nl", ["25 maart 2025", "dinsdag 25 maart", "25-03-2025"], "maart 2025", ("di", "25", "maart")),
        ("en", ["25 March 2025", "Tuesday 25 March", "25-03-2025"], "March 2025", ("Tu", "25", "March")),
        ("fr", ["25 mars 2025", "mardi 25 mars", "25-03-2025"], "mars 2025", ("ma", "25", "mars")),
    ],
)
def test_a_day_is_named_in_each_language(language: str, words: list[str], month: str, leaf: tuple[str, ...]) -> None:
    with use_language(language):
        assert [i18n.format_date(DAY), i18n.format_day(DAY), i18n.format_short_date(DAY)] == words
        assert i18n.format_month(DAY) == month
        assert i18n.leaf(DAY) == leaf


def test_a_moment_is_shown_as_on_a_clock_in_brussels() -> None:
    late = datetime(2026, 6, 30, 22, 5, tzinfo=UTC)
    assert i18n.format_date(late) == "1 juli 2026"
    assert i18n.format_time(late) == "0.05"
    assert i18n.format_time(time(13, 30)) == "13.30"
    assert i18n.leaf(late) == ("wo", "1", "juli")


def test_what_is_remembered_is_remembered_for_one_language() -> None:
    for _turn in range(2):
        for language, month in (("nl", "maart"), ("en", "March"), ("fr", "mars")):
            with use_language(language):
                assert month in i18n.format_date(DAY)
                assert month in i18n.format_day(DAY)
                assert i18n.format_number(1000) == {"nl": "1.000", "en": "1,000", "fr": f"1{NARROW}000"}[language]
                assert i18n.format_money(Decimal(1)).startswith("€") == (language != "fr")


@given(number=st.integers(-(10**15), 10**15), language=st.sampled_from(LANGUAGES))
def test_a_number_keeps_its_digits(number: int, language: str) -> None:
    with use_language(language):
        assert int("".join(sign for sign in i18n.format_number(number) if sign.isdecimal())) == abs(number)


@given(cents=st.integers(-(10**11), 10**11), language=st.sampled_from(LANGUAGES))
def test_money_is_never_rounded(cents: int, language: str) -> None:
    with use_language(language):
        shown = i18n.format_money(Decimal(cents) / 100)
    assert int("".join(sign for sign in shown if sign.isdecimal())) == abs(cents)


@given(n=st.integers(0, 10**6), language=st.sampled_from(LANGUAGES))
def test_python_and_templates_count_alike(n: int, language: str) -> None:
    with use_language(language):
        assert ngettext("1 stap", "%(n)s stappen", n) == ngettext_for_templates("1 stap", "%(n)s stappen", n)
