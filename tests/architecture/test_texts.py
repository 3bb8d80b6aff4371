"""Every text a person reads goes through gettext, and is there in every language."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture import texts
from tests.architecture.house import name_of, python_files, templates
from tests.architecture.texts import (
    TRANSLATIONS,
    check_catalogue,
    collect_texts,
    data_texts,
    extract_texts,
    write_catalogue,
)

pytestmark = pytest.mark.strings

OUR_NAME = "Leerlabo"
SPOKEN_TO_PEOPLE = {"Refused", "say"}
READ_ATTRIBUTES = re.compile(r"\b(?:alt|aria-label|title|placeholder|summary)=\"([^\"]*)\"")
# Comments, texts that are translated as a whole, and blocks that hold the name of a class or an address.
NOT_SPOKEN = re.compile(
    r"\{#.*?#\}"
    r"|\{%-?\s*(trans|raw)\b.*?end\1\s*-?%\}"
    r"|\{% block (?:\w+_class|\w+_url|wrap) %\}.*?\{% endblock %\}",
    re.DOTALL,
)
EXPRESSION = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
TAG = re.compile(r"<!--.*?-->|<style>.*?</style>|<[^>]*>|&\w+;|\s[\w-]+=\"[^\"]*\"", re.DOTALL)
WORD = re.compile(r"[^\W\d_]{2,}")


def bare_words(template: str) -> Iterator[str]:
    """Words in a template that no gettext sees: between tags, or in an attribute that is read aloud."""
    text = EXPRESSION.sub("", NOT_SPOKEN.sub("", template))
    for attribute in READ_ATTRIBUTES.findall(text):
        yield from WORD.findall(attribute)
    yield from (word for word in WORD.findall(TAG.sub(" ", text)) if word != OUR_NAME)


def bare_sentences(source: str) -> Iterator[str]:
    """What Python says to people as a bare string: `Refused("…")` where `Refused(_("…"))` is meant."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SPOKEN_TO_PEOPLE:
            for argument in node.args[:1]:
                if isinstance(argument, ast.JoinedStr) or (isinstance(argument, ast.Constant) and argument.value):
                    yield ast.unparse(node)


@pytest.mark.parametrize("language", TRANSLATIONS)
def test_every_text_is_translated(language: str) -> None:
    assert list(check_catalogue(collect_texts(), language)) == []


def test_templates_say_nothing_past_gettext() -> None:
    findings = {name_of(file): list(bare_words(file.read_text())) for file in templates()}
    assert {name: words for name, words in findings.items() if words} == {}


def test_python_says_nothing_past_gettext() -> None:
    findings = {name_of(file): list(bare_sentences(file.read_text())) for file in python_files()}
    assert {name: sentences for name, sentences in findings.items() if sentences} == {}


@pytest.mark.parametrize(
    ("template", "words"),
    [
        ("<p>Dag iedereen</p>", ["Dag", "iedereen"]),
        ('<img alt="Een kat">', ["Een", "kat"]),
        ('<h1>{{ _("Dag") }}</h1>{% trans %}Welkom, {{ name }}{% endtrans %}', []),
        ('<p class="lead" title="{{ _("Dag") }}">1 · 2 Leerlabo&nbsp;</p>{# Uitleg #}', []),
    ],
)
def test_bare_words_are_noticed(template: str, words: list[str]) -> None:
    assert list(bare_words(template)) == words


def test_bare_sentences_are_noticed() -> None:
    source = 'raise Refused("Nee")\nraise Refused(_("Nee"))\nsay(f"Dag {x}")\nraise ValueError("no")'
    assert list(bare_sentences(source)) == ["Refused('Nee')", "say(f'Dag {x}')"]


def test_texts_are_found_in_python_and_templates(tmp_path: Path) -> None:
    code, page = tmp_path / "a.py", tmp_path / "a.html"
    code.write_text('_("Dag %(name)s", name=1)\nngettext("%(n)s les", "%(n)s lessen", n)\n')
    page.write_text('{{ _("Tot ziens") }}{% trans n=n %}{{ n }} taak{% pluralize %}{{ n }} taken{% endtrans %}')
    assert list(extract_texts(code)) == ["Dag %(name)s", ("%(n)s les", "%(n)s lessen")]
    assert list(extract_texts(page)) == ["Tot ziens", ("%(n)s taak", "%(n)s taken")]


def test_texts_are_found_in_data(tmp_path: Path) -> None:
    data = tmp_path / "a.toml"
    data.write_text('name = "x"\n[[part]]\ntitle = "Dag"\nunit = ["les", "lessen"]\n[part.items]\nkey = "Tot ziens"\n')
    assert list(data_texts(data, {"title", "unit", "items"})) == ["Dag", "les", "lessen", "Tot ziens"]
    assert {"Gezinszorg", "Intersectoraal aanbod", "deelnames"} <= collect_texts().keys()


def test_a_catalogue_keeps_translations_and_tells_what_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(texts, "CATALOGUES", tmp_path)
    monkeypatch.setattr(texts, "name_of", lambda path: path.name)
    said: dict[texts.MessageId, list[str]] = {
        "Dag %(name)s": ["a.py"],
        "Tot ziens": ["a.py"],
        ("%(n)s les", "%(n)s lessen"): ["a.py", "b.html"],
    }
    write_catalogue(said, "en")
    file = tmp_path / "en.po"
    assert len(list(check_catalogue(said, "en"))) == 3

    file.write_text(
        file.read_text()
        .replace('msgid "Dag %(name)s"\nmsgstr ""', 'msgid "Dag %(name)s"\nmsgstr "Hello %(nam)s"')
        .replace('msgid "Tot ziens"\nmsgstr ""', 'msgid "Tot ziens"\nmsgstr "Goodbye"')
        .replace('msgstr[0] ""\nmsgstr[1] ""', 'msgstr[0] "one lesson"\nmsgstr[1] "%(n)s lessons"')
    )
    assert list(check_catalogue(said, "en")) == ["a.py: en: other placeholders: Dag %(name)s"]

    del said["Dag %(name)s"]
    assert list(check_catalogue(said, "en")) == ["en.po: leftover, run ./dev i18n: Dag %(name)s"]
    write_catalogue(said, "en")
    assert list(check_catalogue(said, "en")) == []

    file.write_text(file.read_text().replace('msgid "Tot ziens"', '#, fuzzy\nmsgid "Tot ziens"'))
    assert list(check_catalogue(said, "en")) == ["a.py: en: fuzzy: Tot ziens"]
