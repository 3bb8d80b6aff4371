"""What a question is, whatever file it came from."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

import msgspec

from lms.kernel.i18n import _


class QuestionKind(StrEnum):
    """How a question is answered."""

    SINGLE = "single"
    MULTIPLE = "multiple"
    TRUE_FALSE = "true-false"
    SHORT_ANSWER = "short-answer"
    MATCHING = "matching"
    NUMERICAL = "numerical"


class Answer(msgspec.Struct, frozen=True, omit_defaults=True):
    r"""One answer the author foresaw. Ids are a, b, c … in file order ("true" and "false" for those two).

    single, multiple: `text` is safe inline HTML. `weight` is a percentage, below zero for an answer that costs points.
    true-false: no `text`; the screen says it in its own language (see `choices`).
    short-answer: `text` is plain; `*` stands for anything, and `\*` for the star itself.
    matching: `text` is the left side (safe inline HTML), `match` the right side (plain).
    numerical: between `low` and `high`, both included, as decimal text. A `text` of `*` is any other number.
    """

    id: str
    text: str = ""
    weight: float = 0.0
    feedback: str = ""  # safe HTML
    match: str = ""
    low: str = ""
    high: str = ""


class Question(msgspec.Struct, frozen=True, omit_defaults=True):
    """One question. `id` is stable over versions of its quiz; `prompt` and `feedback` (for everybody) are safe HTML.

    `distractors`: right sides of a matching question that fit nowhere.
    """

    id: str
    kind: QuestionKind
    prompt: str
    answers: tuple[Answer, ...]
    feedback: str = ""
    distractors: tuple[str, ...] = ()


def question_to_json(question: Question) -> dict[str, Any]:
    """The form that stands in a course's outline: plain dicts, lists, text and numbers."""
    stored: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(question))
    return stored


def question_from_json(data: dict[str, Any]) -> Question:
    """Read the stored form. Raises `msgspec.ValidationError` on anything that is not a question."""
    return msgspec.convert(data, Question)


def choices(question: Question) -> tuple[tuple[str, str], ...]:
    """What can be chosen, as (id, safe HTML) in file order; the left sides of a matching question.

    Empty for the kinds that are typed.
    """
    if question.kind is QuestionKind.TRUE_FALSE:
        return (("true", _("Juist")), ("false", _("Fout")))
    if question.kind in {QuestionKind.SINGLE, QuestionKind.MULTIPLE, QuestionKind.MATCHING}:
        return tuple((answer.id, answer.text) for answer in question.answers)
    return ()


def targets(question: Question) -> tuple[tuple[str, str], ...]:
    """The right sides of a matching question, as (id, plain text): every text once, in alphabetical order.

    The ids "1", "2" … follow the file, so that the order on screen gives nothing away.
    """
    ids = target_ids(question)
    return tuple((ids[text], text) for text in sorted(ids, key=lambda text: (text.casefold(), text)))


def target_ids(question: Question) -> dict[str, str]:
    """Text of each right side → its id, in file order."""
    if question.kind is not QuestionKind.MATCHING:
        return {}
    texts = [answer.match for answer in question.answers] + list(question.distractors)
    return {text: str(number) for number, text in enumerate(dict.fromkeys(texts), start=1)}
