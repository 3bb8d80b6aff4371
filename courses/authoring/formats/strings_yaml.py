"""YAML in which every value is text, and every key and value knows its line.

YAML's own guesses turn `no` into false, `1:30` into 90 and `1.10` into 1.1; none of that happens here. Refused are
keys that stand twice, anchors, aliases, tags and more than one document: in a course they can only be mistakes.
"""

from __future__ import annotations

from dataclasses import dataclass

import yaml
from yaml.events import AliasEvent
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from lms.kernel.i18n import _

DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Text:
    """A single value."""

    value: str
    line: int


@dataclass(frozen=True, slots=True)
class Rows:
    """A list."""

    items: tuple[Value, ...]
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """Keys with their values; `key_lines` tells where each key stands."""

    values: dict[str, Value]
    key_lines: dict[str, int]
    line: int


Value = Text | Rows | Table


class YamlProblem(Exception):  # noqa: N818  a mistake of an author, with its place
    """Why the text cannot be read, in a sentence for its author."""

    def __init__(self, line: int, message: str) -> None:
        super().__init__(message)
        self.line = line


class _Loader(yaml.BaseLoader):
    """Composes nodes and refuses what a course has no use for."""

    depth = 0

    def compose_node(self, parent: Node | None, index: int) -> Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call]
        line = event.start_mark.line + 1
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None) is not None:
            raise YamlProblem(line, _("Verwijzingen met & en * kunnen hier niet. Schrijf de waarde voluit."))
        if getattr(event, "tag", None) is not None:
            raise YamlProblem(line, _("Een ! vooraan kan hier niet. Zet de tekst tussen aanhalingstekens."))
        if self.depth > DEEPEST:
            raise YamlProblem(line, _("Dit is te diep genest."))
        self.depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1


def read_yaml(text: str, first_line: int = 1) -> Value | None:
    """Read one document; None when it is empty. `first_line` is where the text stands in its file.

    Raises `YamlProblem`.
    """
    offset = first_line - 1
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        return None if node is None else _value(node, offset)
    except YamlProblem as problem:
        raise YamlProblem(problem.line + offset, str(problem)) from problem
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlProblem((mark.line + 1 if mark else 1) + offset, _why(error)) from error
    except yaml.YAMLError as error:
        position = getattr(error, "position", 0)
        line = text.count("\n", 0, position) + 1 + offset
        raise YamlProblem(line, _("Hier staat een teken dat niet mag.")) from error


def _why(error: yaml.MarkedYAMLError) -> str:
    if isinstance(error, yaml.composer.ComposerError):
        return _("Hier begint een tweede document. Eén is genoeg: laat de regel --- weg.")
    if "mapping values are not allowed" in (error.problem or ""):
        return _("Staat er een dubbelpunt in de tekst? Zet de tekst dan tussen aanhalingstekens.")
    if "tab" in (error.problem or "") or "\\t" in (error.problem or ""):
        return _("Hier staat een tab. Spring in met spaties.")
    return _("Deze regel is niet te lezen. Kijk naar inspringen, dubbelpunten en aanhalingstekens.")


def _value(node: Node, offset: int) -> Value:
    line = node.start_mark.line + 1 + offset
    if isinstance(node, ScalarNode):
        return Text(str(node.value).strip(), line)
    if isinstance(node, SequenceNode):
        return Rows(tuple(_value(item, offset) for item in node.value), line)
    return _table(node, line, offset)


def _table(node: Node, line: int, offset: int) -> Table:
    table = Table({}, {}, line)
    if not isinstance(node, MappingNode):
        return table
    for key_node, value_node in node.value:
        key_line = key_node.start_mark.line + 1
        if not isinstance(key_node, ScalarNode):
            raise YamlProblem(key_line, _("Een sleutel is één woord."))
        key = str(key_node.value)
        if key in table.values:
            raise YamlProblem(key_line, _("De sleutel “%(key)s” staat er twee keer.", key=key))
        table.values[key] = _value(value_node, offset)
        table.key_lines[key] = key_line + offset
    return table
