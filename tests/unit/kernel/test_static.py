"""What the browser is given: every file of others is listed and unchanged, and ours ask nothing of another host."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
STATIC = ROOT / "lms/kernel/web/static"
VENDORS = (STATIC / "vendor", ROOT / "tests/browser/vendor")
MANIFEST = "manifest.toml"
COLOUR_FILES = ("1-tokens.css", "2-dark.css")

OWN_FILES = sorted(
    path for path in STATIC.rglob("*") if path.suffix in {".css", ".js", ".svg"} and "vendor" not in path.parts
)
STYLES = [path for path in OWN_FILES if path.suffix == ".css"]
TEMPLATES = sorted(
    path for top in ("lms", "courses", "sectors", "xapi") for path in (ROOT / top).rglob("templates/**/*.html")
)

NAMESPACE = "http://www.w3.org/2000/svg"
OTHER_HOST = re.compile(r"(?:https?:)?//[a-z0-9-]+\.[a-z]", re.IGNORECASE)
CSS_ADDRESS = re.compile(r"url\(\"([^\"?]+)(?:\?v=([0-9a-f]+))?\"\)")
COLOUR = re.compile(r"#[0-9a-f]{3,8}\b|\brgba?\(|\bhsla?\(", re.IGNORECASE)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
JINJA_COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)
ICON_NAMED = re.compile(r"""\b(?:icon|iconed)\(\s*"([a-z0-9-]+)"|\b(?:icon_name|after)\s*=\s*"([a-z0-9-]+)\"""")
INLINE = re.compile(
    r"""\sstyle\s*=|<style\b|<script(?![^>]*\ssrc=)|\son[a-z]+\s*=\s*["']|\bhx-on\b|javascript:""", re.IGNORECASE
)


def name_of(path: Path) -> str:
    """The path of a file, as a test shows it."""
    return path.relative_to(ROOT).as_posix()


def listed_in(vendor: Path) -> dict[str, dict[str, str]]:
    """The rows of a manifest by their file."""
    rows = tomllib.loads((vendor / MANIFEST).read_text())["file"]
    return {row["file"]: row for row in rows}


@pytest.mark.parametrize("vendor", VENDORS, ids=name_of)
def test_every_vendored_file_is_listed_once(vendor: Path) -> None:
    present = {path.relative_to(vendor).as_posix() for path in vendor.rglob("*") if path.is_file()}
    assert present - {MANIFEST} == set(listed_in(vendor))


@pytest.mark.parametrize("vendor", VENDORS, ids=name_of)
def test_no_vendored_file_was_changed(vendor: Path) -> None:
    for file, row in listed_in(vendor).items():
        assert hashlib.sha256((vendor / file).read_bytes()).hexdigest() == row["sha256"], file


@pytest.mark.parametrize("vendor", VENDORS, ids=name_of)
def test_every_vendored_file_says_version_and_licence(vendor: Path) -> None:
    for file, row in listed_in(vendor).items():
        assert row["name"], file
        assert row["version"], file
        assert row["licence"], file
        assert (vendor / row.get("licence_file", file)).is_file(), file


@pytest.mark.parametrize("path", OWN_FILES, ids=name_of)
def test_nothing_of_ours_asks_another_host(path: Path) -> None:
    text = COMMENT.sub("", path.read_text()).replace(NAMESPACE, "")
    assert OTHER_HOST.findall(text) == []
    assert "data:" not in text


@pytest.mark.parametrize("path", STYLES, ids=name_of)
def test_an_address_in_a_stylesheet_carries_the_mark_of_its_file(path: Path) -> None:
    for address, mark in CSS_ADDRESS.findall(path.read_text()):
        file = (path.parent / address).resolve()
        assert hashlib.sha256(file.read_bytes()).hexdigest()[:10] == mark, address


@pytest.mark.parametrize("path", STYLES, ids=name_of)
def test_only_the_tokens_name_a_colour(path: Path) -> None:
    if path.name not in COLOUR_FILES:
        assert COLOUR.findall(COMMENT.sub("", path.read_text())) == []


def test_modules_do_not_import_each_other() -> None:
    for path in OWN_FILES:
        if path.suffix == ".js":
            assert not re.search(r"^\s*import\b|\bimport\(", path.read_text(), re.MULTILINE), path.name


def test_the_sprite_has_no_icon_twice() -> None:
    names = list(symbols())
    assert sorted(names) == sorted(set(names))


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_every_icon_a_template_names_is_in_the_sprite(path: Path) -> None:
    text = JINJA_COMMENT.sub("", path.read_text())
    named = {first or second for first, second in ICON_NAMED.findall(text)}
    assert named - set(symbols()) == set()


@pytest.mark.parametrize("path", TEMPLATES, ids=name_of)
def test_no_template_writes_style_or_script_in_the_page(path: Path) -> None:
    if path.stem.endswith("_pdf"):
        return  # printed on the server, never sent to a browser
    assert INLINE.findall(JINJA_COMMENT.sub("", path.read_text())) == []


def symbols() -> Iterator[str]:
    """The names of the icons in the sprite."""
    return (found[1] for found in re.finditer(r'<symbol id="([^"]+)"', (STATIC / "img/icons.svg").read_text()))
