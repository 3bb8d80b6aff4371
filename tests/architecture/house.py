"""The house as text: which files there are, and in which layer a module lives."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TypedDict

HOUSE = Path(__file__).parents[2]
ROOTS = ("lms", "courses", "xapi", "sectors")
MAIN_CONTRACT = "Calls go down, events go up"


class Contract(TypedDict, total=False):
    """What we read of an import contract."""

    name: str
    containers: list[str]
    exhaustive: bool
    layers: list[str]


def python_files(*folders: str) -> Iterator[Path]:
    """Our Python, without what tests brought in."""
    for folder in folders or ROOTS:
        yield from sorted((HOUSE / folder).rglob("*.py"))


def templates() -> Iterator[Path]:
    """Every template of every feature."""
    for root in ROOTS:
        yield from sorted(path for path in (HOUSE / root).rglob("*.html") if "templates" in path.parts)


def written_files() -> list[Path]:
    """Every file of the project: what git tracks or would track."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(command, cwd=HOUSE, check=True, capture_output=True, text=True).stdout.split("\0")
    return [HOUSE / name for name in sorted(set(names)) if name and (HOUSE / name).is_file()]


def name_of(path: Path) -> str:
    """How a finding names a file."""
    return path.relative_to(HOUSE).as_posix()


def may_import(module: str, other: str) -> bool:
    """Whether the layers let `module` use `other`: it is below, or in the same feature."""
    if feature(module) == feature(other):
        return True
    for contract in _layered_contracts():
        for container in contract.get("containers", [""]):
            order = _order(contract["layers"], container)
            here, there = _place(module, order), _place(other, order)
            if here is not None and there is not None and here != there:
                return here > there
    return False


def feature(module: str) -> str:
    """The package at depth two in which a module lives."""
    return ".".join(module.split(".")[:2])


@cache
def contracts() -> tuple[Contract, ...]:
    """The import contracts, as pyproject.toml holds them."""
    pyproject = tomllib.loads((HOUSE / "pyproject.toml").read_text())
    return tuple(pyproject["tool"]["importlinter"]["contracts"])


def _layered_contracts() -> list[Contract]:
    return [contract for contract in contracts() if contract.get("exhaustive") or contract["name"] == MAIN_CONTRACT]


def _order(layers: list[str], container: str) -> dict[str, int]:
    """Each package with its height; packages of one layer share it."""
    prefix = f"{container}." if container else ""
    return {prefix + name.strip(): height for height, layer in enumerate(reversed(layers)) for name in layer.split("|")}


def _place(module: str, order: dict[str, int]) -> int | None:
    return next((height for name, height in order.items() if f"{module}.".startswith(f"{name}.")), None)
