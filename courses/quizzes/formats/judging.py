"""Judging a response: what a form sent, against what the author foresaw.

A response is the list of values a form sends for one question:
single `["b"]`, multiple `["a", "c"]`, true-false `["true"]`, short-answer `["Brussel"]`, numerical `["12,5"]`,
matching one `"<left id>.<right id>"` for each left side, as `["a.2", "b.1"]`. The order never matters.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from courses.quizzes.formats.markup import plain_text
from courses.quizzes.formats.questions import Answer, Question, QuestionKind, choices, target_ids
from lms.kernel.i18n import _

LONGEST_RESPONSE = 1000  # characters in one value: longer is no answer to a question of a quiz

_NUMBER = re.compile(r"[+-]?\d{1,18}(?:[.,]\d{1,18})?", re.ASCII)
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:\.\d{3}){1,5}(?:,\d{1,18})?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a response.

    `answered` is False when the values hold no answer to this question; `message` then says what to do, and the score
    is 0. `score` runs from 0 to 1. `correct` means the full score. `feedback` is safe HTML about the answers chosen,
    in file order; `general` is the author's feedback for everybody.
    """

    answered: bool
    score: Fraction
    correct: bool
    feedback: tuple[str, ...] = ()
    general: str = ""
    message: str = ""


def judge(question: Question, response: Sequence[str]) -> Verdict:
    """Judge the values of a form. Never raises: what cannot be read is "not an answer", with a sentence that helps."""
    given = parse_response(question, response)
    if given is None:
        return Verdict(answered=False, score=Fraction(0), correct=False, message=_hint(question.kind))
    score, chosen = _JUDGES[question.kind](question, given)
    return Verdict(
        answered=True,
        score=score,
        correct=score == 1,
        feedback=tuple(answer.feedback for answer in chosen if answer.feedback),
        general=question.feedback,
    )


def _hint(kind: QuestionKind) -> str:
    hints = {
        QuestionKind.SINGLE: _("Kies één antwoord."),
        QuestionKind.TRUE_FALSE: _("Kies één antwoord."),
        QuestionKind.MULTIPLE: _("Kies één of meer antwoorden."),
        QuestionKind.SHORT_ANSWER: _("Typ je antwoord."),
        QuestionKind.MATCHING: _("Kies bij elke regel een antwoord."),
        QuestionKind.NUMERICAL: _("Typ een getal, bijvoorbeeld 12 of 12,5."),
    }
    return hints[kind]


# ---- reading the values ----------------------------------------------------------------------------------------------


def parse_response(question: Question, response: Sequence[str]) -> tuple[str, ...] | None:
    """The values in one canonical form (file order, spaces gone), or None when they are not an answer."""
    values = [" ".join(str(value).split()) for value in response]
    values = [value for value in values if value]
    if not values or any(len(value) > LONGEST_RESPONSE for value in values):
        return None
    return _PARSERS[question.kind](question, values)


def _parse_one_choice(question: Question, values: list[str]) -> tuple[str, ...] | None:
    ids = [id_ for id_, _text in choices(question)]
    return (values[0],) if len(values) == 1 and values[0] in ids else None


def _parse_choices(question: Question, values: list[str]) -> tuple[str, ...] | None:
    ids = [id_ for id_, _text in choices(question)]
    if not set(values) <= set(ids):
        return None
    return tuple(id_ for id_ in ids if id_ in values)


def _parse_text(_question: Question, values: list[str]) -> tuple[str, ...] | None:
    return (values[0],) if len(values) == 1 and any(sign.isprintable() for sign in values[0]) else None


def _parse_number(_question: Question, values: list[str]) -> tuple[str, ...] | None:
    return (values[0],) if len(values) == 1 and read_numbers(values[0]) else None


def _parse_pairs(question: Question, values: list[str]) -> tuple[str, ...] | None:
    pairs = dict(value.partition(".")[::2] for value in values)
    rights = set(target_ids(question).values())
    lefts = [answer.id for answer in question.answers]
    if len(pairs) != len(values) or set(pairs) != set(lefts) or not set(pairs.values()) <= rights:
        return None
    return tuple(f"{left}.{pairs[left]}" for left in lefts)


_PARSERS: dict[QuestionKind, Callable[[Question, list[str]], tuple[str, ...] | None]] = {
    QuestionKind.SINGLE: _parse_one_choice,
    QuestionKind.TRUE_FALSE: _parse_one_choice,
    QuestionKind.MULTIPLE: _parse_choices,
    QuestionKind.SHORT_ANSWER: _parse_text,
    QuestionKind.MATCHING: _parse_pairs,
    QuestionKind.NUMERICAL: _parse_number,
}


def read_numbers(text: str) -> tuple[Decimal, ...]:
    """Every number this text may mean: "1.000" is a thousand here and one elsewhere. None at all: empty."""
    bare = "".join(text.split()).replace("\N{MINUS SIGN}", "-").removeprefix("€").removesuffix("%")
    found = []
    if _NUMBER.fullmatch(bare):
        found.append(Decimal(bare.replace(",", ".")))
    if _THOUSANDS.fullmatch(bare):
        found.append(Decimal(bare.replace(".", "").replace(",", ".")))
    return tuple(found)


# ---- judging ---------------------------------------------------------------------------------------------------------

_Judged = tuple[Fraction, tuple[Answer, ...]]


def _judge_choice(question: Question, given: tuple[str, ...]) -> _Judged:
    chosen = tuple(answer for answer in question.answers if answer.id in given)
    return _within(max((weight_of(answer) for answer in chosen), default=Fraction(0))), chosen


def _judge_choices(question: Question, given: tuple[str, ...]) -> _Judged:
    """The weights of the chosen answers, as a part of all there is to earn: thirds of 33,33333 add up to one."""
    chosen = tuple(answer for answer in question.answers if answer.id in given)
    best = sum((weight_of(answer) for answer in question.answers if answer.weight > 0), Fraction(0))
    earned = sum((weight_of(answer) for answer in chosen), Fraction(0))
    return _within(earned / best if best else Fraction(0)), chosen


def _judge_text(question: Question, given: tuple[str, ...]) -> _Judged:
    return _best(answer for answer in question.answers if text_fits(answer.text, given[0]))


def _judge_number(question: Question, given: tuple[str, ...]) -> _Judged:
    numbers = read_numbers(given[0])
    return _best(answer for answer in question.answers if number_fits(answer, numbers))


def _judge_pairs(question: Question, given: tuple[str, ...]) -> _Judged:
    ids = target_ids(question)
    right = [answer for answer in question.answers if f"{answer.id}.{ids[answer.match]}" in given]
    return Fraction(len(right), len(question.answers)), tuple(right)


_JUDGES: dict[QuestionKind, Callable[[Question, tuple[str, ...]], _Judged]] = {
    QuestionKind.SINGLE: _judge_choice,
    QuestionKind.TRUE_FALSE: _judge_choice,
    QuestionKind.MULTIPLE: _judge_choices,
    QuestionKind.SHORT_ANSWER: _judge_text,
    QuestionKind.MATCHING: _judge_pairs,
    QuestionKind.NUMERICAL: _judge_number,
}


def _best(fitting: Iterable[Answer]) -> _Judged:
    """The fitting answer worth most; with equal worth the first in the file, so a `*` at the end is a last resort."""
    best = max(fitting, key=weight_of, default=None)
    return (_within(weight_of(best)), (best,)) if best else (Fraction(0), ())


def weight_of(answer: Answer) -> Fraction:
    """The weight as an exact part of one."""
    return Fraction(str(answer.weight)) / 100


def _within(score: Fraction) -> Fraction:
    return min(max(score, Fraction(0)), Fraction(1))


def text_fits(pattern: str, text: str) -> bool:
    """Do they say the same? Capitals, accents, spaces and a last full stop make no difference.

    The pieces between stars are looked for one after the other: no pattern of an author can make this slow.
    """
    pieces = [_bare(piece.replace("\\*", "*")) for piece in re.split(r"(?<!\\)\*", pattern)]
    said = _bare(text)
    if len(pieces) == 1:
        return said == pieces[0]
    first, *middle, last = pieces
    if len(said) < len(first) + len(last) or not (said.startswith(first) and said.endswith(last)):
        return False
    return _holds_in_order(said[len(first) : len(said) - len(last)], middle)


def _holds_in_order(text: str, pieces: Sequence[str]) -> bool:
    at = 0
    for piece in pieces:
        found = text.find(piece, at)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def _bare(text: str) -> str:
    letters = unicodedata.normalize("NFKD", text.casefold())
    without_accents = "".join(sign for sign in letters if not unicodedata.combining(sign))
    return " ".join(without_accents.split()).rstrip(".").strip()


def number_fits(answer: Answer, numbers: Sequence[Decimal]) -> bool:
    """Is one of these numbers within the answer's bounds?"""
    return answer.text == "*" or any(_is_within_bounds(answer, number) for number in numbers)


def number_meant(question: Question, text: str) -> Decimal:
    """The number a text stands for: the reading that earns points, or else the Dutch one."""
    numbers = read_numbers(text)
    earning = [answer for answer in question.answers if answer.weight > 0 and answer.text != "*"]
    fitting = (number for number in numbers for answer in earning if _is_within_bounds(answer, number))
    return next(fitting, numbers[-1])


def _is_within_bounds(answer: Answer, number: Decimal) -> bool:
    return Decimal(answer.low) <= number <= Decimal(answer.high)


# ---- the right answer, in words --------------------------------------------------------------------------------------


def right_answer(question: Question) -> str:
    """What a learner reads under *Toon het juiste antwoord*: plain text, in the screen's language."""
    if question.kind is QuestionKind.MATCHING:
        return "; ".join(f"{plain_text(answer.text)}: {answer.match}" for answer in question.answers)
    right = [_in_words(question, answer) for answer in right_answers(question)]
    return _list(right, _("en") if question.kind is QuestionKind.MULTIPLE else _("of"))


def right_answers(question: Question) -> list[Answer]:
    """The answers that make a full score: all together for multiple, each alone for the other kinds."""
    if question.kind is QuestionKind.MULTIPLE:
        return [answer for answer in question.answers if answer.weight > 0]
    return [answer for answer in question.answers if answer.weight >= 100]


def _in_words(question: Question, answer: Answer) -> str:
    if question.kind is QuestionKind.TRUE_FALSE:
        return dict(choices(question))[answer.id]
    if question.kind is QuestionKind.NUMERICAL:
        return _number_in_words(answer)
    return (
        plain_text(answer.text) if question.kind is not QuestionKind.SHORT_ANSWER else answer.text.replace("\\*", "*")
    )


def _number_in_words(answer: Answer) -> str:
    if answer.text and answer.text != "*":
        return answer.text
    low, high = answer.low.replace(".", ","), answer.high.replace(".", ",")
    return low if low == high else _("een getal van %(low)s tot %(high)s", low=low, high=high)


def _list(words: list[str], joint: str) -> str:
    return f" {joint} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
