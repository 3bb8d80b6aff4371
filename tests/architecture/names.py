"""Names in strings, which no linter sees: endpoints in `url_for`, tables in foreign keys, classes in relationships."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from jinja2 import Environment, nodes
from sqlalchemy.orm import DeclarativeBase, Mapper

from tests.architecture.house import may_import


@dataclass(frozen=True, order=True)
class Use:
    """An endpoint that is named on a line of a file."""

    line: int
    endpoint: str


def endpoints_in_python(source: str) -> Iterator[Use]:
    """The endpoints that `url_for("…")` names, also through an object: `current_app.url_for("…")`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and _called(node) == "url_for" and node.args:
            for constant in _constants(node.args[0]):
                yield Use(node.lineno, constant)


def endpoints_in_template(source: str, environment: Environment) -> Iterator[Use]:
    """The endpoints that `url_for("…")` names in a template, also on both sides of an `if`."""
    for call in environment.parse(source).find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "url_for" and call.args:
            yield from (Use(call.lineno, name) for name in _template_constants(call.args[0]))


def links_up(base: type[DeclarativeBase]) -> Iterator[str]:
    """Foreign keys and relationships that lead to a module the layers do not let them use, one sentence each."""
    base.registry.configure()
    mappers = list(base.registry.mappers)
    owners = {mapper.local_table: mapper.class_.__module__ for mapper in mappers}
    yield from _relationships_up(mappers)
    yield from _foreign_keys_up(owners)


def _relationships_up(mappers: Iterable[Mapper[object]]) -> Iterator[str]:
    for mapper in mappers:
        for relationship in mapper.relationships:
            here, there = mapper.class_.__module__, relationship.mapper.class_.__module__
            if not may_import(here, there):
                yield f"{here}: relationship {relationship.key} leads up, to {there}"


def _foreign_keys_up(owners: dict[sa.FromClause, str]) -> Iterator[str]:
    for table, here in owners.items():
        for key in table.foreign_keys:
            there = owners[key.column.table]
            if not may_import(here, there):
                yield f"{here}: a foreign key leads up, to {key.target_fullname} of {there}"


def _called(node: ast.Call) -> str:
    match node.func:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name
    return ""


def _constants(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)


def _template_constants(node: nodes.Expr | None) -> Iterator[str]:
    if isinstance(node, nodes.Const) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, nodes.CondExpr):
        yield from _template_constants(node.expr1)
        yield from _template_constants(node.expr2)
