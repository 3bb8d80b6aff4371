"""Captions of a film: WebVTT, as https://www.w3.org/TR/webvtt1/ writes it, as far as a player depends on it."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from courses.authoring.formats.readability import Passage
from lms.kernel.i18n import _

_CLOCK = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"
_TIMING = re.compile(rf"{_CLOCK}[ \t]+-->[ \t]+{_CLOCK}(?:[ \t].*)?", re.ASCII)
_TAG = re.compile(r"<[^>]*>")
_NOT_A_CUE = ("NOTE", "STYLE", "REGION")


@dataclass(slots=True)
class Captions:
    """What the file says: passages to read, and (line, message) of what is wrong."""

    passages: list[Passage] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)


def read_captions(text: str) -> Captions:
    r"""Read captions with `\n` line ends. Never raises."""
    found = Captions()
    lines = text.split("\n")
    if not re.fullmatch(r"WEBVTT(?:[ \t].*)?", lines[0]):
        found.problems.append((1, _("Ondertitels beginnen met een regel WEBVTT.")))
    cues = 0
    latest = 0
    for first, block in _blocks(lines):
        if not block[0].startswith(_NOT_A_CUE) and not (first == 1 and "-->" not in "".join(block)):
            latest = _read_cue(first, block, latest, found)
            cues += 1
    if not cues:
        found.problems.append((1, _("Er staat geen enkele ondertitel in dit bestand.")))
    return found


def _blocks(lines: list[str]) -> list[tuple[int, list[str]]]:
    """The parts between empty lines, with the number of their first line."""
    blocks: list[tuple[int, list[str]]] = []
    previous = ""
    for number, line in enumerate(lines, start=1):
        if line.strip():
            if previous:
                blocks[-1][1].append(line)
            else:
                blocks.append((number, [line]))
        previous = line.strip()
    return blocks


def _read_cue(first: int, block: list[str], latest: int, found: Captions) -> int:
    """Check one cue and return its start in milliseconds."""
    at = next((index for index, line in enumerate(block[:2]) if "-->" in line), None)
    timing = _TIMING.fullmatch(block[at].strip()) if at is not None else None
    if at is None or timing is None:
        found.problems.append((first, _("Schrijf de tijd als 00:01.000 --> 00:04.000.")))
        return latest
    line = first + at
    start, end = _milliseconds(timing.groups()[:4]), _milliseconds(timing.groups()[4:])
    if end <= start:
        found.problems.append((line, _("Deze ondertitel stopt voor hij begint.")))
    if start < latest:
        found.problems.append((line, _("Deze ondertitel begint vroeger dan de vorige.")))
    _read_words(line + 1, block[at + 1 :], found)
    return start


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, rest = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + rest


def _read_words(line: int, lines: list[str], found: Captions) -> None:
    """A cue that goes on in small letters is the same sentence; any other begins a new one."""
    text = "\n".join(_TAG.sub("", words) for words in lines)
    if not text.strip():
        found.problems.append((line - 1, _("Deze ondertitel is leeg.")))
        return
    last = found.passages[-1] if found.passages else None
    if last is not None and text.lstrip()[0].islower():
        gap = "\n" * max(line - last.line - last.text.count("\n"), 1)
        found.passages[-1] = Passage(last.line, last.text + gap + text)
    else:
        found.passages.append(Passage(line, text))
