"""Checks the values of a YAML table one by one; every complaint names the exact line."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from courses.authoring.formats.folder import CourseFolder
from courses.authoring.formats.readability import Passage
from courses.authoring.formats.strings_yaml import Rows, Table, Text, YamlProblem, read_yaml
from lms.kernel.i18n import _

SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_SLUG = 60


def is_slug(text: str) -> bool:
    """Small letters, digits and single hyphens, at most 60: stable in addresses and in the record."""
    return len(text) <= LONGEST_SLUG and SLUG.fullmatch(text) is not None


def read_table(folder: CourseFolder, file: str, text: str, first_line: int = 1) -> Table:
    """The text as a table of keys; empty, with a finding, when it is not one."""
    try:
        value = read_yaml(text, first_line)
    except YamlProblem as problem:
        folder.error(file, problem.line, "yaml", str(problem))
        return Table({}, {}, first_line)
    if value is not None and not isinstance(value, Table):
        folder.error(file, value.line, "yaml", _("Hier hoort een lijst van sleutels, zoals “title: Mijn opleiding”."))
    return value if isinstance(value, Table) else Table({}, {}, first_line)


class Fields:
    """The keys of one table. Each method checks one value and returns something usable, also after a complaint."""

    def __init__(self, folder: CourseFolder, file: str, table: Table, known: Collection[str]) -> None:
        self.folder, self.file, self.table = folder, file, table
        for key, line in table.key_lines.items():
            if key not in known:
                message = _("De sleutel “%(key)s” bestaat niet. Kies uit: %(known)s.", key=key, known=", ".join(known))
                self.error(line, "key-unknown", message)

    def error(self, line: int, code: str, message: str) -> None:
        self.folder.error(self.file, line, code, message)

    def line(self, key: str) -> int:
        """The line of this key; of the table when it is absent."""
        return self.table.key_lines.get(key, self.table.line)

    def has(self, key: str) -> bool:
        return key in self.table.values

    def text(self, key: str, *, required: bool = False, default: str = "") -> str:
        value = self.table.values.get(key)
        if value is None:
            if required:
                self.error(self.table.line, "key-missing", _("De sleutel “%(key)s” ontbreekt.", key=key))
            return default
        if not isinstance(value, Text):
            self.error(self.line(key), "value", _("Bij “%(key)s” hoort één tekst.", key=key))
            return default
        if required and not value.value:
            self.error(self.line(key), "value", _("Vul “%(key)s” in.", key=key))
        return value.value

    def slug(self, key: str) -> str:
        value = self.text(key, required=True)
        if value and not is_slug(value):
            self.error(
                self.line(key), "slug", _("Gebruik bij “%(key)s” kleine letters, cijfers en streepjes.", key=key)
            )
        return value

    def choice(self, key: str, options: Sequence[str], *, required: bool = False) -> str:
        """One of the options; the first when the key is absent or wrong."""
        value = self.text(key, required=required)
        if value and value not in options:
            message = _("“%(value)s” kan hier niet. Kies uit: %(options)s.", value=value, options=", ".join(options))
            self.error(self.line(key), "value", message)
        return value if value in options else options[0]

    def whole(self, key: str, lowest: int, highest: int, *, required: bool = False, default: int = 0) -> int:
        value = self.text(key, required=required)
        if not value:
            return default
        if not re.fullmatch(r"[0-9]{1,6}", value) or not lowest <= int(value) <= highest:
            message = _(
                "Bij “%(key)s” hoort een getal van %(lowest)s tot %(highest)s.", key=key, lowest=lowest, highest=highest
            )
            self.error(self.line(key), "value", message)
            return default
        return int(value)

    def hours(self, key: str, *, required: bool = False) -> str:
        """Decimal text such as "3" or "1.5"."""
        value = self.text(key, required=required)
        if value and not re.fullmatch(r"[0-9]{1,3}(?:\.[0-9]{1,2})?", value):
            self.error(self.line(key), "value", _("Bij “%(key)s” hoort een aantal uren, zoals 3 of 1.5.", key=key))
            return ""
        return value

    def texts(self, key: str) -> list[Text]:
        """A list of texts; a single text counts as a list of one."""
        value = self.table.values.get(key)
        if value is None:
            return []
        items = value.items if isinstance(value, Rows) else (value,)
        texts = [item for item in items if isinstance(item, Text) and item.value]
        if len(texts) != len(items):
            self.error(self.line(key), "value", _("Bij “%(key)s” hoort een lijst van woorden.", key=key))
        return texts

    def passages(self, *keys: str) -> list[Passage]:
        """What a learner reads of these keys."""
        found = [(key, self.table.values.get(key)) for key in keys]
        return [Passage(self.line(key), value.value) for key, value in found if isinstance(value, Text)]
