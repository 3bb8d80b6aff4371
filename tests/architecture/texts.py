"""Collects the texts people read and says which have no translation: `./dev i18n`, or `./dev i18n check` to only look.

Dutch sentences are the message ids. This is a tool of whoever writes the code, so it lives with the rule it serves and
not in the product, which only reads the catalogues.
"""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from lms.kernel.i18n import CATALOGUES, DEFAULT_LANGUAGE, LANGUAGES
from tests.architecture.house import HOUSE, name_of, python_files, templates

TRANSLATIONS = tuple(code for code in LANGUAGES if code != DEFAULT_LANGUAGE)
PLACEHOLDER = re.compile(r"%\((\w+)\)[a-z]")
# A date that changes with every collection would make every catalogue a conflict.
ALWAYS = datetime(2026, 1, 1, tzinfo=UTC)

# Data of ours whose words people read: the files, and the keys that hold words.
DATA = {
    "sectors/areas.toml": {"name"},
    "sectors/covenant/covenants/*.toml": {"title", "definition", "unit", "items"},
}

MessageId = str | tuple[str, ...]


def main(arguments: list[str]) -> int:
    """Collect (or only look, with `check`), print what is left to translate, and say 1 when something is."""
    if arguments not in ([], ["check"]):
        print("usage: ./dev i18n [check]", file=sys.stderr)
        return 2
    texts = collect_texts()
    if not arguments:
        for language in TRANSLATIONS:
            write_catalogue(texts, language)
    findings = [finding for language in TRANSLATIONS for finding in check_catalogue(texts, language)]
    print("\n".join(findings) or f"{len(texts)} texts, all in {' and '.join(TRANSLATIONS)}.")
    return 1 if findings else 0


def collect_texts() -> dict[MessageId, list[str]]:
    """Every text of Python, templates and data, with the files that say it. A plural is a pair."""
    texts: dict[MessageId, list[str]] = {}
    found = [(file, extract_texts(file)) for file in (*python_files(), *templates())]
    found += [(file, data_texts(file, keys)) for pattern, keys in DATA.items() for file in sorted(HOUSE.glob(pattern))]
    for file, message_ids in found:
        for message_id in message_ids:
            places = texts.setdefault(message_id, [])
            if name_of(file) not in places:
                places.append(name_of(file))
    return texts


def extract_texts(file: Path) -> Iterator[MessageId]:
    """The texts of one file, in its order."""
    method = "python" if file.suffix == ".py" else "jinja2"
    with file.open("rb") as source:
        for _line, message, _comments, _context in extract(method, source, options={"encoding": "utf-8"}):
            yield message


def data_texts(file: Path, keys: Collection[str]) -> Iterator[str]:
    """The words under these keys of a TOML file, in its order."""
    yield from _words_in(tomllib.loads(file.read_text(encoding="utf-8")), keys, is_spoken=False)


def _words_in(value: Any, keys: Collection[str], *, is_spoken: bool) -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _words_in(inner, keys, is_spoken=is_spoken or key in keys)
    elif isinstance(value, list):
        for inner in value:
            yield from _words_in(inner, keys, is_spoken=is_spoken)
    elif is_spoken and isinstance(value, str):
        yield value


def write_catalogue(texts: dict[MessageId, list[str]], language: str) -> None:
    """Write what the code says today; translations that exist are kept, texts that are gone go."""
    known = read_catalogue(language)
    catalogue = Catalog(
        language,
        header_comment="# Leerlabo: texts by their Dutch sentence. Written by ./dev i18n, translated by hand.",
        project="Leerlabo",
        version="1",
        creation_date=ALWAYS,
        revision_date=ALWAYS,
        last_translator="Leerlabo",
        language_team="Leerlabo",
        fuzzy=False,
    )
    for message_id, places in texts.items():
        before = known.get(_key(message_id))
        string = before.string if before is not None and before.id == message_id else None
        flags = before.flags if before is not None else ()
        catalogue.add(message_id, string, [(place, 0) for place in places], flags)
    CATALOGUES.mkdir(exist_ok=True)
    with _file(language).open("wb") as target:
        write_po(target, catalogue, width=120, sort_output=True, include_lineno=False)


def check_catalogue(texts: dict[MessageId, list[str]], language: str) -> Iterator[str]:
    """One sentence for each text that is missing, unsure, leftover, or has lost a placeholder."""
    known = read_catalogue(language)
    for message_id, places in texts.items():
        message = known.get(_key(message_id))
        if problem := _problem(message, message_id):
            yield f"{places[0]}: {language}: {problem}: {_key(message_id)}"
    ids = {_key(message_id) for message_id in texts}
    for message in known:
        if message.id and _key(message.id) not in ids:
            yield f"{name_of(_file(language))}: leftover, run ./dev i18n: {_key(message.id)}"


def read_catalogue(language: str) -> Catalog:
    """The catalogue as it stands; empty when there is none."""
    file = _file(language)
    if not file.exists():
        return Catalog(language)
    with file.open("rb") as source:
        return read_po(source, locale=language)


def _problem(message: Message | None, message_id: MessageId) -> str:
    if message is None or message.id != message_id:
        return "not collected, run ./dev i18n"
    forms = _forms(message)
    if not all(forms):
        return "not translated"
    if message.fuzzy:
        return "fuzzy"
    wanted = _placeholders(message_id)
    return "" if all(_placeholders(form) | {"n"} == wanted | {"n"} for form in forms) else "other placeholders"


def _forms(message: Message) -> tuple[str, ...]:
    text = message.string or ""
    return (text,) if isinstance(text, str) else tuple(text)


def _placeholders(text: MessageId) -> set[str]:
    return {name for form in ([text] if isinstance(text, str) else text) for name in PLACEHOLDER.findall(form)}


def _key(message_id: MessageId | list[str]) -> str:
    return message_id if isinstance(message_id, str) else message_id[0]


def _file(language: str) -> Path:
    return CATALOGUES / f"{language}.po"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
