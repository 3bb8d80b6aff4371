"""One small course that uses everything, for tests to break."""

from __future__ import annotations

import struct

import pytest

from courses.authoring.formats import new_course

FILM_MODULE = """\
---
title: Kijken en doen
minutes: "10"
---

# Kijk eerst {#kijk-eerst}

Lees **dit** eerst, en bel [de helpdesk](tel:078170170).

![Een schema van
drie stappen.](media/schema.png)

::: video media/kijk.webm captions=media/kijk.vtt transcript=media/kijk.md poster=media/poster.svg
Zo gaat het
:::

## Wat je zag

| Dit wel | Dit niet |
|---|:-:|
| Rustig | Snel |

::: tip
- Eén ding tegelijk.
:::

::: let-op
Geef nooit je code.
:::

::: voorbeeld
Samira wacht even.
:::
"""

CAPTIONS = """\
WEBVTT

NOTE gemaakt met de hand

1
00:00.000 --> 00:02.000
Samira komt binnen
en groet.

00:02.000 --> 00:04.500 align:start
<v Samira>Dag Robert.
"""

TRANSCRIPT = """\
Samira komt binnen en groet Robert.

Daarna gaan ze zitten.
"""


def png(width: int, height: int) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I4sII", 13, b"IHDR", width, height) + b"\x08\x02\0\0\0rest"


@pytest.fixture
def course() -> dict[str, bytes]:
    """The files of a course without one finding: all five kinds of step, all blocks, all kinds of media."""
    files = new_course("proef", "Proef op de som")
    manifest = files["course.yml"].decode()
    files["course.yml"] = (manifest + "  - id: film\n    kind: module\n    file: modules/film.md\n").encode()
    return files | {
        "modules/film.md": FILM_MODULE.encode(),
        "media/kijk.webm": b"\x1aE\xdf\xa3 een film",
        "media/kijk.vtt": CAPTIONS.encode(),
        "media/kijk.md": TRANSCRIPT.encode(),
        "media/poster.svg": files["media/route.svg"],
        "media/schema.png": png(640, 480),
    }
