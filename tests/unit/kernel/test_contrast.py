"""The colours can be read: every pair the look puts together has the ratio WCAG 2.2 asks, in light and in dark."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

CSS = Path(__file__).parents[3] / "lms/kernel/web/static/css"
VALUE = re.compile(r"(--[\w-]+):\s*(#[0-9a-f]{6})\b")
TINT = re.compile(r'\[data-tint="(\w+)"\]\s*\{([^}]*)\}')

TEXT, EDGE = 4.5, 3.0

Palette = dict[str, str]


def tokens(text: str) -> Palette:
    """The hexadecimal tokens of the first :root of a stylesheet."""
    return dict(VALUE.findall(re.search(r":root \{(.*?)\n\}", text, re.DOTALL)[1]))  # type: ignore[index]


def tints(text: str) -> dict[str, Palette]:
    """Each tint's own tokens by its name."""
    return {name: dict(VALUE.findall(body)) for name, body in TINT.findall(text)}


LIGHT_TEXT, DARK_TEXT = ((CSS / name).read_text() for name in ("1-tokens.css", "2-dark.css"))
LIGHT = tokens(LIGHT_TEXT)
DARK = LIGHT | tokens(DARK_TEXT)
PLACES = {
    **{f"light {name}": LIGHT | own for name, own in tints(LIGHT_TEXT).items()},
    **{f"dark {name}": DARK | tints(LIGHT_TEXT)[name] | own for name, own in tints(DARK_TEXT).items()},
    "light without area": LIGHT,
    "dark without area": DARK,
}
GROUNDS = ("--ll-canvas", "--ll-surface", "--ll-sunken")
PAIRS = [
    *((ink, ground, TEXT) for ground in GROUNDS for ink in ("--ll-ink", "--ll-muted", "--ll-ok", "--ll-bad")),
    *(("--ll-ink", ground, TEXT) for ground in ("--ll-accent-soft", "--ll-ok-soft", "--ll-bad-soft", "--area-soft")),
    *(("--ll-line-strong", ground, EDGE) for ground in GROUNDS),
    ("--ll-muted", "--ll-accent-soft", TEXT),
    ("--ll-ok", "--ll-ok-soft", TEXT),
    ("--ll-bad", "--ll-bad-soft", TEXT),
    ("--ll-on-accent", "--ll-accent", TEXT),
    ("--ll-on-accent", "--ll-accent-hover", TEXT),
    ("--ll-on-accent", "--ll-accent-press", TEXT),
    ("--ll-accent-text", "--ll-accent-soft", TEXT),
    ("--ll-canvas", "--ll-ink", TEXT),
    ("--ll-ring", "--ll-canvas", EDGE),
    ("--area-on", "--area", TEXT),
    ("--area-text", "--ll-canvas", TEXT),
    ("--area-text", "--ll-surface", TEXT),
    ("--area-text", "--area-soft", TEXT),
    ("--area-text", "--ll-line", 2.0),
]


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb, WCAG 2.2."""
    channels = (int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, from 1 to 21."""
    lower, higher = sorted((luminance(one), luminance(other)))
    return (higher + 0.05) / (lower + 0.05)


def test_the_ratio_is_that_of_wcag() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_there_are_thirteen_tints_in_both_looks() -> None:
    assert len(tints(LIGHT_TEXT)) == 13
    assert tints(LIGHT_TEXT).keys() == tints(DARK_TEXT).keys()


@pytest.mark.parametrize("place", PLACES)
def test_every_pair_can_be_read(place: str) -> None:
    palette = PLACES[place]
    weak = {
        f"{ink} on {ground}": round(contrast(palette[ink], palette[ground]), 2)
        for ink, ground, least in PAIRS
        if contrast(palette[ink], palette[ground]) < least
    }
    assert weak == {}
