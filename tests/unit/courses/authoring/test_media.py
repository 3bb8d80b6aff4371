"""Drawings, captions and pictures: what is safe, what a player can show."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.authoring.formats.captions import read_captions
from courses.authoring.formats.media import png_size
from courses.authoring.formats.svg import read_svg

XMLNS = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'


def drawing(inside: str, attributes: str = 'viewBox="0 0 320 120"') -> bytes:
    return f"<svg {XMLNS} {attributes}>\n{inside}\n</svg>".encode()


def codes(data: bytes) -> list[tuple[int, str]]:
    return [(line, code) for line, code, _message in read_svg(data).problems]


@pytest.mark.parametrize(
    "inside",
    [
        '<path d="M0 0h9" fill="url(#verf)"/><use href="#a"/><use xlink:href="#a"/>',
        "<title>Een weg</title><style>.a { fill: #fff } .b { fill: url(#verf) }</style>",
        '<g style="fill: url(\'#verf\')"><text x="1">javascript is een taal</text></g>',
    ],
)
def test_shapes_words_and_own_styles_are_fine(inside: str) -> None:
    assert codes(drawing(inside)) == []


@pytest.mark.parametrize(
    ("inside", "code"),
    [
        ("<script>x()</script>", "svg-unsafe"),
        ('<g onload="x()"/>', "svg-unsafe"),
        ("<foreignObject><p>x</p></foreignObject>", "svg-unsafe"),
        ('<animate attributeName="href" to="x"/>', "svg-unsafe"),
        ('<x:script xmlns:x="http://www.w3.org/2000/svg">x()</x:script>', "svg-unsafe"),
        ('<image href="https://x.be/a.png"/>', "svg-elsewhere"),
        ('<image xlink:href="data:image/svg+xml,x"/>', "svg-elsewhere"),
        ('<a href="javascript:x()"><text>x</text></a>', "svg-elsewhere"),
        ("<style>@import 'x.css';</style>", "svg-elsewhere"),
        ("<style>.a { fill: url(http://x.be/a) }</style>", "svg-elsewhere"),
        ("<style>.a { fill: \\75rl(x) }</style>", "svg-elsewhere"),
        ("<g style=\"background: url('//x.be/a')\"/>", "svg-elsewhere"),
        ("<?xml-stylesheet href='x.css'?>", "svg-unsafe"),
    ],
)
def test_scripts_and_what_comes_from_elsewhere_are_found_with_their_line(inside: str, code: str) -> None:
    assert codes(drawing(inside)) == [(2, code)]


def test_a_document_type_ends_the_reading() -> None:
    bomb = b'<!DOCTYPE svg [<!ENTITY a "<script/>"><!ENTITY b "&a;&a;">]>\n' + drawing("<g>&b;</g>")
    assert codes(bomb) == [(1, "svg-doctype")]


def test_what_is_no_drawing_says_so() -> None:
    assert codes(b"<html><p>x</p></html>") == [(1, "svg-syntax")]
    assert codes(b"") == [(1, "svg-syntax")]
    assert codes(drawing("<g>")) == [(3, "svg-syntax")]


def test_sizes_come_from_the_file() -> None:
    assert read_svg(drawing("")).size == (320, 120)
    assert read_svg(drawing("", 'width="40px" height="20.4"')).size == (40, 20)
    assert read_svg(drawing("", 'width="100%" height="20"')).size is None
    assert png_size(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\x02\x80\0\0\x01\xe0") == (640, 480)
    assert png_size(b"GIF89a") is None


def test_good_captions_give_their_words_by_line() -> None:
    captions = read_captions(
        "WEBVTT - titel\n\n1\n00:00.000 --> 01:02.000\n<v An>Dag,\nRobert\n\n01:00:00.000 --> 01:00:01.000\nis er.\n"
    )
    assert captions.problems == []
    assert [(passage.line, passage.text.split()) for passage in captions.passages] == [
        (5, ["Dag,", "Robert", "is", "er."])
    ]


def test_a_cue_with_a_capital_begins_a_sentence_of_its_own() -> None:
    captions = read_captions("WEBVTT\n\n00:00.000 --> 00:01.000\nStap 1\n\n00:01.000 --> 00:02.000\nKijk eerst\n")
    assert [passage.line for passage in captions.passages] == [4, 7]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("00:00.000 --> 00:01.000\nHoi\n", 1),
        ("WEBVTT\n\n0:00 --> 0:01\nHoi\n\n00:02.000 --> 00:03.000\nHoi\n", 3),
        ("WEBVTT\n\n00:00.000 --> 00:01.000\n\n00:02.000 --> 00:03.000\nHoi\n", 3),
        ("WEBVTT\n\n00:05.000 --> 00:04.000\nHoi\n", 3),
        ("WEBVTT\n\n00:05.000 --> 00:06.000\nHoi\n\nnaam\n00:01.000 --> 00:02.000\nDag\n", 7),
        ("WEBVTT\n\nLosse tekst\n\n00:05.000 --> 00:06.000\nHoi\n", 3),
        ("WEBVTT\n", 1),
    ],
)
def test_wrong_captions_name_their_line(text: str, line: int) -> None:
    assert [found for found, _message in read_captions(text).problems] == [line]


@given(st.text(alphabet=st.sampled_from("<>/svg=\"' &!?[]\n#:x"), max_size=80), st.binary(max_size=80))
def test_no_drawing_raises(text: str, data: bytes) -> None:
    for made in (text.encode(), data, drawing(text)):
        assert all(1 <= line <= made.count(b"\n") + made.count(b"\r") + 1 for line, _code in codes(made))


@given(st.text(alphabet=st.sampled_from("WEBVTTNOTE-> 0:1.\n<a"), max_size=80))
def test_no_captions_raise(text: str) -> None:
    lines = text.count("\n") + 1
    captions = read_captions(text)
    assert all(1 <= line <= lines for line, _message in captions.problems)
    assert all(1 <= passage.line <= lines for passage in captions.passages)
