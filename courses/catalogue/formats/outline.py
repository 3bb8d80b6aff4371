"""The outline of a published course: what every other feature reads of it.

An outline is plain, frozen and stored as JSON in a course version. Authoring makes it from text (`blended/1`), the
player shows it, progress decides on it. Questions stay JSON here (`quizzes.formats` reads them): the catalogue knows
that a step holds questions, not how one is answered.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec


class StepKind(StrEnum):
    """The five kinds of step a blended course is made of."""

    MODULE = "module"
    QUIZ = "quiz"
    SESSION = "session"
    ASSIGNMENT = "assignment"
    FOLLOW_UP = "follow-up"


class BlockKind(StrEnum):
    """What one piece of a page is."""

    HTML = "html"
    VIDEO = "video"
    REFLECTION = "reflection"
    EXERCISE = "exercise"


class Block(msgspec.Struct, frozen=True, omit_defaults=True):
    """One piece of a page, in reading order. Only the fields of its kind are filled.

    html: sanitised HTML, its image addresses relative to the course (`media/…`).
    video: `src`, `captions` (WebVTT) and `poster` relative to the course; `transcript` is sanitised HTML.
    reflection: `id` and `prompt`; the learner's own words are kept, nobody judges them.
    exercise: `id` and `question` (JSON of `quizzes.formats`); it gives feedback and never blocks.
    """

    kind: BlockKind
    html: str = ""
    src: str = ""
    captions: str = ""
    poster: str = ""
    title: str = ""
    transcript: str = ""
    id: str = ""
    prompt: str = ""
    question: dict[str, Any] | None = None


class Page(msgspec.Struct, frozen=True, omit_defaults=True):
    """One screen of a module: one idea. `id` is stable within its step."""

    id: str
    title: str
    blocks: tuple[Block, ...] = ()


class SessionPlan(msgspec.Struct, frozen=True, omit_defaults=True):
    """What a taught moment is, before it has a date. Hours are decimal text ("3", "1.5") as typed in the course."""

    mode: str  # "classroom" or "webinar"
    contact_hours: str
    about: str = ""  # sanitised HTML
    bring: str = ""


class AssignmentPlan(msgspec.Struct, frozen=True, omit_defaults=True):
    """A task for the work floor: handed in as text or as a file."""

    hand_in: str  # "text", "file" or "either"
    about: str = ""  # sanitised HTML


class Step(msgspec.Struct, frozen=True, omit_defaults=True):
    """One stop on the route of a course. `id` is stable over versions; progress hangs on it.

    `requires`: ids of steps that must be complete before this one opens.
    `complete_when`: "pages-seen" (module, follow-up), "passed" (quiz), "attended" (session),
    "handed-in" or "accepted" (assignment).
    `after` and `release_days`: a follow-up opens so many days after that session was held.
    `pass_mark`: per cent, 0–100. `attempts`: 0 means without limit.
    """

    id: str
    kind: StepKind
    title: str
    minutes: int
    complete_when: str
    requires: tuple[str, ...] = ()
    pages: tuple[Page, ...] = ()
    questions: tuple[dict[str, Any], ...] = ()
    pass_mark: int = 70
    attempts: int = 0
    session: SessionPlan | None = None
    assignment: AssignmentPlan | None = None
    after: str = ""
    release_days: int = 0


class Outline(msgspec.Struct, frozen=True, omit_defaults=True):
    """A whole course as it was published.

    `areas`: slugs the authors propose; ("all",) means every area. What is really offered where is an `Offer`.
    `marks`: words the covenant counts by, e.g. "innovative", "digicoach", "administration", "maatwerk-online",
    "path-319.01", "ld-webinar", "education".
    `cost`, `payer`, `cancellation`: sentences the learner reads before she confirms.
    """

    id: str
    title: str
    summary: str
    language: str
    steps: tuple[Step, ...]
    areas: tuple[str, ...]
    topic: str = ""
    intersectoral: bool = False
    marks: tuple[str, ...] = ()
    online_hours: str = ""
    together: str = ""
    cost: str = ""
    cancellation: str = ""
    certificate: str = ""  # title on the proof; empty: this course gives none
    certificate_requires: tuple[str, ...] = ()  # empty: every step

    def step(self, step_id: str) -> Step | None:
        """The step with this id, or None."""
        return next((step for step in self.steps if step.id == step_id), None)


_decoder = msgspec.json.Decoder(Outline)


def outline_to_json(outline: Outline) -> bytes:
    """The stored form: UTF-8 JSON with fields in declaration order, so equal outlines are equal bytes."""
    return msgspec.json.encode(outline)


def outline_from_json(data: bytes | str) -> Outline:
    """Read a stored outline. Raises `msgspec.ValidationError` on anything that is not one."""
    return _decoder.decode(data)
