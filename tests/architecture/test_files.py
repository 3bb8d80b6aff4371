"""Files are named as the layers allow, and stay short enough to be read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.house import HOUSE, ROOTS, contracts, name_of, python_files

pytestmark = pytest.mark.strings

INSIDE = "Inside a feature"
PURE_WORDS = "xapi/standard"  # its files are the standard's nouns
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "common", "manager", "managers", "misc"}
LONGEST = 450
HISTORY = "lms/migrations/"  # written by Alembic, read once


def layer_names() -> set[str]:
    """views, cli, jobs, forms … as the contract names them."""
    layers = next(contract["layers"] for contract in contracts() if contract["name"] == INSIDE)
    return {name for layer in layers for name in re.findall(r"\w+", layer)}


def features(house: Path) -> Iterator[Path]:
    """The folders whose insides have layers."""
    containers = next(contract["containers"] for contract in contracts() if contract["name"] == INSIDE)
    for container in containers:
        for folder in sorted(house.glob(container.replace(".", "/"))):
            if (folder / "__init__.py").exists() and folder.relative_to(house).as_posix() != PURE_WORDS:
                yield folder


def strays(house: Path) -> Iterator[str]:
    """Files and folders of a feature that are in no layer. A folder without Python is data, or templates."""
    allowed = layer_names() | {"__init__"}
    for feature in features(house):
        for path in sorted(feature.iterdir()):
            if (path.suffix == ".py" or any(path.glob("**/*.py"))) and path.stem not in allowed:
                yield path.relative_to(house).as_posix()


def test_every_file_of_a_feature_is_in_a_layer() -> None:
    assert list(strays(HOUSE)) == []


def test_no_name_says_nothing() -> None:
    files = (file for file in python_files(*ROOTS, "tests") if SAYS_NOTHING & {file.stem, *file.parts})
    assert [name_of(file) for file in files] == []


def test_no_file_is_too_long() -> None:
    lengths = {name_of(file): len(file.read_text().splitlines()) for file in python_files(*ROOTS, "tests")}
    too_long = {name: length for name, length in lengths.items() if length > LONGEST and not name.startswith(HISTORY)}
    assert too_long == {}


def test_the_four_top_packages_are_empty() -> None:
    assert [root for root in ROOTS if (HOUSE / root / "__init__.py").read_text()] == []


def test_a_stray_is_noticed(tmp_path: Path) -> None:
    feature = tmp_path / "courses" / "catalogue"
    (feature / "templates").mkdir(parents=True)
    (feature / "formats").mkdir()
    (feature / "data").mkdir()
    (feature / "data" / "topics.toml").touch()
    for name in ("__init__", "models", "services", "tricks"):
        (feature / f"{name}.py").touch()
    assert list(strays(tmp_path)) == ["courses/catalogue/tricks.py"]
