"""Templates hold no scripts and no styles: the policy we send to browsers forbids them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.house import name_of, templates

pytestmark = pytest.mark.strings

INLINE = re.compile(
    r"<style\b"  # a sheet in the page
    r"|<[a-z][^>{]*?\sstyle\s*="  # a style on an element
    r"|<script(?![^>]*\bsrc=)(?![^>]*type=\"application/json\")"  # a script in the page; data is none
    r"|[\s\"']on[a-z]+\s*=\s*[\"']"  # a handler in an attribute
    r"|\bhx-on\b|\bhx-vals=[\"']js:"  # the same, through htmx
    r"|javascript:",
    re.IGNORECASE,
)
ON_PAPER = "_pdf.html"
COMMENT = re.compile(r"\{#.*?#\}", re.DOTALL)


def inline_code(template: str) -> list[str]:
    """What a browser would refuse."""
    return [match.group() for match in INLINE.finditer(COMMENT.sub("", template))]


def for_browsers() -> Iterator[Path]:
    """Templates of pages. A document for paper, which no browser is given, brings its own sheet."""
    return (file for file in templates() if not file.name.endswith(ON_PAPER))


def test_no_template_holds_a_script_or_a_style() -> None:
    findings = {name_of(file): inline_code(file.read_text()) for file in for_browsers()}
    assert {name: found for name, found in findings.items() if found} == {}


@pytest.mark.parametrize(
    "template",
    [
        "<style>p {}</style>",
        '<p class="x" style="color: red">',
        "<script>alert(1)</script>",
        '<script type="module">import x</script>',
        '<button onclick="go()">',
        '<a href="javascript:go()">',
        '<div hx-on:click="go()">',
        "<div hx-vals='js:{a: 1}'>",
    ],
)
def test_inline_code_is_noticed(template: str) -> None:
    assert inline_code(template)


@pytest.mark.parametrize(
    "template",
    [
        '<script type="module" src="{{ static("js/page.js") }}"></script>',
        '<script type="application/json" id="data">{}</script>',
        '<link rel="stylesheet" href="x.css">',
        '<p data-online="yes" data-style-name="x">',
        "{# never <style> here #}",
    ],
)
def test_what_is_allowed_is_left_alone(template: str) -> None:
    assert not inline_code(template)
