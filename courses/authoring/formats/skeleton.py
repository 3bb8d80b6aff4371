"""The first text of a new course: small, whole, and good enough to pass its own check."""

from __future__ import annotations

import json

from courses.authoring.formats.fields import is_slug
from lms.kernel.errors import Refused
from lms.kernel.i18n import _

_MANIFEST = """\
format: blended/1
id: {id}
title: {title}
summary: Zeg in één zin wat iemand hier leert.
language: nl
areas: all
topic: zorg
intersectoral: no
online_hours: "1"
together: 1 keer samen, in een lokaal
cost: Gratis. Het vormingsfonds betaalt.
cancellation: Annuleren is gratis tot en met 3 dagen vooraf.
certificate:
  title: Deelnameattest
  requires: all
steps:
  - id: welkom
    kind: module
    file: modules/welkom.md
  - id: toets
    kind: quiz
    file: quizzes/toets.gift
    title: "Toets: wat kan jij al?"
    minutes: "5"
    pass_mark: "70"
    attempts: unlimited
    requires: [welkom]
  - id: samen
    kind: session
    file: sessions/samen.md
  - id: praktijk
    kind: assignment
    file: assignments/praktijk.md
    requires: [samen]
  - id: terugblik
    kind: follow-up
    file: modules/terugblik.md
    after: samen
    release_days: "14"
"""

_WELCOME = """\
---
title: Welkom
minutes: "10"
---

# Waarover gaat het? {#waarover}

![Een weg met drie haltes.](media/route.svg)

Schrijf hier één idee. Hou je zinnen kort.

::: liever-niet
“Dat leg ik later wel uit.”
:::

::: wel
“Ik toon het meteen.”
:::

::: waarom
Wie het ziet, onthoudt het beter.
:::

# Wat denk jij? {#wat-denk-jij}

::: reflectie mijn-idee
Wat wil jij hier leren?
:::

::: oefening even-oefenen
Wat maakt een tekst gemakkelijk? {
=Korte zinnen#Juist! Hoogstens 15 woorden.
~Moeilijke woorden#Nog niet. Kies woorden die iedereen kent.
}
:::
"""

_FOLLOW_UP = """\
---
title: Terugblik
minutes: "5"
---

# Hoe ging het? {#hoe-ging-het}

Het is twee weken later. Kijk even terug.

::: reflectie wat-lukte
Wat lukte al op je werk?
:::
"""

_QUIZ = """\
// Elke vraag begint met een vaste naam tussen dubbele punten.

::korte-zinnen::
Een zin heeft best hoogstens 15 woorden. {TRUE#Toch wel. Kort leest sneller.#Juist!}

::goede-woorden::
Welke woorden kies je? Kies er twee. {
~%50%Woorden van elke dag#Juist.
~%50%Woorden van het werk#Juist.
~%-50%Woorden uit de wet#Liever niet. Leg ze uit.
}
"""

_SESSION = """\
---
title: Samen oefenen
mode: classroom
contact_hours: "3"
minutes: "180"
bring: Iets om te schrijven.
---

Zeg hier wat jullie samen doen.

- Je maakt kennis.
- Je oefent met een echt voorbeeld.
"""

_ASSIGNMENT = """\
---
title: Probeer het op je werk
minutes: "30"
hand_in: text
---

Doe het één keer op je werk. Schrijf daarna in drie zinnen hoe het ging.
"""

_DRAWING = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 320 120" fill="none" stroke="#2a1b26" stroke-width="6">
  <path d="M40 60h240"/>
  <circle cx="40" cy="60" r="18" fill="#ffc533"/>
  <circle cx="160" cy="60" r="18" fill="#ffffff"/>
  <circle cx="280" cy="60" r="18" fill="#ffffff"/>
</svg>
"""


def new_course(course_id: str, title: str) -> dict[str, bytes]:
    """The files of a new course, by path relative to its folder. Raises `Refused` on an id that is no slug."""
    if not is_slug(course_id):
        raise Refused(_("Gebruik kleine letters, cijfers en streepjes, hoogstens 60 tekens."))
    if not title.strip():
        raise Refused(_("Geef de opleiding een titel."))
    quoted = json.dumps(" ".join(title.split()), ensure_ascii=False)
    texts = {
        "course.yml": _MANIFEST.format(id=course_id, title=quoted),
        "modules/welkom.md": _WELCOME,
        "modules/terugblik.md": _FOLLOW_UP,
        "quizzes/toets.gift": _QUIZ,
        "sessions/samen.md": _SESSION,
        "assignments/praktijk.md": _ASSIGNMENT,
        "media/route.svg": _DRAWING,
    }
    return {path: text.encode() for path, text in texts.items()}
