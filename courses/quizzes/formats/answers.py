"""What stands between the braces of a GIFT question."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from itertools import islice

import msgspec

from courses.quizzes.formats.markup import render
from courses.quizzes.formats.questions import Answer, QuestionKind
from courses.quizzes.formats.source import Remarks, Span, unescape
from lms.kernel.i18n import _

IDS = "abcdefghijklmnopqrstuvwxyz"

_WEIGHT = re.compile(r"\s*%(-?\d{1,3}(?:[.,]\d{1,9})?)%")
_MARKUP = re.compile(r"\s*\[(markdown|html|plain|moodle)\]", re.IGNORECASE)
_TRUTH = re.compile(r"(T|TRUE|F|FALSE)\s*(?=#|$)", re.IGNORECASE)
_NUMBER = re.compile(r"[+-]?\d{1,18}(?:[.,]\d{1,18})?", re.ASCII)


class GiftText(msgspec.Struct, frozen=True):
    """A text a learner may read, as safe HTML, and its line."""

    line: int
    html: str


@dataclass(frozen=True, slots=True)
class Body:
    """The text between the braces, the format its question names, and the question's own line."""

    span: Span
    markup: str
    line: int


@dataclass(slots=True)
class Answers:
    """What the braces held. `feedback` is for everybody."""

    kind: QuestionKind
    answers: list[Answer] = field(default_factory=list)
    distractors: list[str] = field(default_factory=list)
    feedback: str = ""


@dataclass(frozen=True, slots=True)
class _Part:
    """One `=…` or `~…`. `weight` is None when the file names none."""

    sign: str
    text: Span
    feedback: Span
    weight: float | None

    @property
    def line(self) -> int:
        return self.text.line

    @property
    def worth(self) -> float:
        return self.weight if self.weight is not None else 100.0 * (self.sign == "=")


def rendered(span: Span, markup: str, *, inline: bool = False) -> str:
    """Safe HTML of a span; a format named at its start wins from the question's."""
    own = _MARKUP.match(span.text)
    text, markup = (span.text[own.end() :], own[1].lower()) if own else (span.text, markup)
    return render(unescape(text), markup, inline=inline)


def read_body(body: Body, remarks: Remarks, texts: list[GiftText]) -> Answers | None:
    """The kind of question and its answers, or None with the reason remarked."""
    before = len(remarks.found)
    answered, general = _split_general_feedback(body.span)
    found = _read_kind(Body(answered, body.markup, body.line), remarks, texts)
    if found is None or any(remark.severity == "error" for remark in remarks.found[before:]):
        return None
    found.feedback = _shown(general, body.markup, texts)
    return found


def _split_general_feedback(span: Span) -> tuple[Span, Span]:
    at = span.text.find("####")
    return (span.part(0, at), span.part(at + 4)) if at >= 0 else (span, span.part(len(span.text)))


def _shown(span: Span, markup: str, texts: list[GiftText], *, inline: bool = False) -> str:
    """Render a text for learners and note it."""
    html = rendered(span, markup, inline=inline) if span.text else ""
    if html:
        texts.append(GiftText(span.line, html))
    return html


def _read_kind(body: Body, remarks: Remarks, texts: list[GiftText]) -> Answers | None:
    text = body.span.text
    if not text:
        remarks.error(body.line, "essay", _("Een open vraag kan hier niet. Gebruik een reflectie of een opdracht."))
        return None
    if text.startswith("#"):
        return _read_numerical(Body(body.span.part(1), body.markup, body.line), remarks, texts)
    if truth := _TRUTH.match(text):
        return _read_truth(body, truth, texts)
    return _read_listed(body, remarks, texts)


def _read_listed(body: Body, remarks: Remarks, texts: list[GiftText]) -> Answers | None:
    """The kinds whose answers stand in a row: choice, matching, short answer."""
    parts = list(islice(_read_parts(body.span, remarks), len(IDS) + 1))
    if len(parts) > len(IDS):
        remarks.error(body.line, "answers", _("Deze vraag heeft te veel antwoorden. Hou er hoogstens 26."))
        return None
    if any(part.sign == "~" for part in parts):
        return _read_choice(parts, body, remarks, texts)
    if any("->" in part.text.text for part in parts):
        return _read_matching(parts, body, remarks, texts)
    return _read_short(parts, body, remarks, texts) if parts else None


# ---- the parts -------------------------------------------------------------------------------------------------------


def _read_parts(span: Span, remarks: Remarks) -> Iterator[_Part]:
    signs = list(re.finditer(r"[=~]", span.text))
    if not signs or span.text[: signs[0].start()].strip():
        remarks.error(span.line, "answer-sign", _("Een antwoord begint met = (juist) of ~ (fout)."))
        return
    ends = [sign.start() for sign in signs[1:]] + [len(span.text)]
    for sign, end in zip(signs, ends, strict=True):
        yield _read_part(span, sign.start(), end, remarks)


def _read_part(span: Span, start: int, end: int, remarks: Remarks) -> _Part:
    whole = span.part(start, end)
    weighted = _WEIGHT.match(whole.text, 1)
    weight = float(weighted[1].replace(",", ".")) if weighted else None
    if weight is not None and not -100 <= weight <= 100:
        remarks.error(whole.line, "weight", _("Een gewicht ligt tussen -100 en 100."))
    begin = weighted.end() if weighted else 1
    hash_ = whole.text.find("#", begin)
    cut = hash_ if hash_ >= 0 else len(whole.text)
    return _Part(whole.text[0], whole.part(begin, cut), whole.part(cut + 1), weight)


def _refuse_empty(parts: list[_Part], remarks: Remarks) -> None:
    for part in parts:
        if not part.text.text:
            remarks.error(part.line, "answer-empty", _("Dit antwoord heeft geen tekst."))


def _refuse_doubles(texts: list[tuple[int, str]], remarks: Remarks) -> None:
    seen: set[str] = set()
    for line, text in texts:
        if text in seen:
            remarks.error(line, "answer-twice", _("Dit antwoord staat er twee keer."))
        seen.add(text)


# ---- each kind -------------------------------------------------------------------------------------------------------


def _read_truth(body: Body, truth: re.Match[str], texts: list[GiftText]) -> Answers:
    """`{T#when wrong#when right}`: Moodle gives the feedback on a wrong answer first."""
    right = truth[1].upper().startswith("T")
    bits = [body.span.part(found.start() + 1, found.end()) for found in re.finditer(r"#[^#]*", body.span.text)]
    wrong_feedback, right_feedback = ([_shown(bit, body.markup, texts) for bit in bits] + ["", ""])[:2]
    answers = [
        Answer(
            id=id_,
            weight=100.0 if is_right else 0.0,
            feedback=right_feedback if is_right else wrong_feedback,
        )
        for id_, is_right in (("true", right), ("false", not right))
    ]
    return Answers(QuestionKind.TRUE_FALSE, answers)


def _read_choice(parts: list[_Part], body: Body, remarks: Remarks, texts: list[GiftText]) -> Answers:
    kind = QuestionKind.SINGLE if any(part.sign == "=" for part in parts) else QuestionKind.MULTIPLE
    _refuse_empty(parts, remarks)
    if len(parts) < 2:
        remarks.error(body.line, "answers", _("Geef minstens twee antwoorden om uit te kiezen."))
    weights = [part.worth for part in parts]
    if kind is QuestionKind.SINGLE:
        _check_single(parts, body, remarks)
    else:
        weights = _check_multiple(parts, body, remarks)
    answers = [
        Answer(
            id=IDS[at],
            text=_shown(part.text, body.markup, texts, inline=True),
            weight=weight,
            feedback=_shown(part.feedback, body.markup, texts),
        )
        for at, (part, weight) in enumerate(zip(parts, weights, strict=True))
    ]
    _refuse_doubles([(part.line, answer.text) for part, answer in zip(parts, answers, strict=True)], remarks)
    return Answers(kind, answers)


def _check_single(parts: list[_Part], body: Body, remarks: Remarks) -> None:
    right = [part for part in parts if part.worth >= 100]
    if not right:
        remarks.error(body.line, "no-right-answer", _("Geen enkel antwoord is helemaal juist. Zet = voor het juiste."))
    if len(right) > 1:
        remarks.warn(
            right[1].line,
            "two-right-answers",
            _("Er staan twee juiste antwoorden met =. Moet je ze allemaal kiezen? Geef ze dan een gewicht."),
        )


def _check_multiple(parts: list[_Part], body: Body, remarks: Remarks) -> list[float]:
    """The weight of each answer; a wrong one without a weight costs what a right one earns on average."""
    right = [part.worth for part in parts if part.worth > 0]
    if not right:
        remarks.error(body.line, "no-right-answer", _("Geen enkel antwoord is juist. Zet = voor het juiste."))
        return [part.worth for part in parts]
    if abs(sum(right) - 100) > 0.1:
        remarks.warn(body.line, "weights", _("De gewichten van de juiste antwoorden zijn samen geen 100."))
    cost = -round(sum(right) / len(right), 5)
    return [cost if part.weight is None else part.weight for part in parts]


def _read_matching(parts: list[_Part], body: Body, remarks: Remarks, texts: list[GiftText]) -> Answers:
    found = Answers(QuestionKind.MATCHING)
    lefts = []
    for part in parts:
        arrow = part.text.text.find("->")
        left, right = part.text.part(0, max(arrow, 0)), part.text.part(arrow + 2)
        if arrow < 0 or not right.text:
            remarks.error(part.line, "pair", _("Schrijf een paar als =links -> rechts."))
        elif not left.text:
            found.distractors.append(_plain_shown(right, texts))
        else:
            lefts.append((part.line, left.text))
            html = _shown(left, body.markup, texts, inline=True)
            match = _plain_shown(right, texts)
            found.answers.append(Answer(id=IDS[len(found.answers)], text=html, weight=100.0, match=match))
    if len(found.answers) < 2:
        remarks.error(body.line, "answers", _("Geef minstens twee paren."))
    _refuse_doubles(lefts, remarks)
    return found


def _plain_shown(span: Span, texts: list[GiftText]) -> str:
    """Text that stays plain, because it stands in a list to choose from or is typed."""
    text = " ".join(unescape(span.text).split())
    texts.append(GiftText(span.line, render(text, "plain", inline=True)))
    return text


def _read_short(parts: list[_Part], body: Body, remarks: Remarks, texts: list[GiftText]) -> Answers:
    _refuse_empty(parts, remarks)
    _refuse_doubles([(part.line, part.text.text.casefold()) for part in parts], remarks)
    if not any(part.worth >= 100 for part in parts):
        remarks.error(body.line, "no-right-answer", _("Geen enkel antwoord is helemaal juist. Zet = voor het juiste."))
    answers = [
        Answer(
            id=IDS[at],
            text=_plain_shown(part.text, texts),
            weight=part.worth,
            feedback=_shown(part.feedback, body.markup, texts),
        )
        for at, part in enumerate(parts)
    ]
    return Answers(QuestionKind.SHORT_ANSWER, answers)


def _read_numerical(body: Body, remarks: Remarks, texts: list[GiftText]) -> Answers | None:
    parts = _numerical_parts(body.span, remarks)
    found = Answers(QuestionKind.NUMERICAL)
    for at, part in enumerate(parts):
        answer = _numerical_answer(part, IDS[at])
        if answer is None:
            remarks.error(part.line, "number", _("Dit is geen getal. Schrijf 12, 12.5, 12:0.5 of 10..14."))
        else:
            feedback = _shown(part.feedback, body.markup, texts)
            found.answers.append(msgspec.structs.replace(answer, weight=part.worth, feedback=feedback))
    if parts and not any(part.worth >= 100 for part in parts):
        remarks.error(body.line, "no-right-answer", _("Geen enkel antwoord is helemaal juist. Zet = voor het juiste."))
    return found


def _numerical_parts(span: Span, remarks: Remarks) -> list[_Part]:
    if not span.text:
        remarks.error(span.line, "number", _("Na # komt een getal."))
        return []
    if span.text[0] in "=~":
        return list(islice(_read_parts(span, remarks), len(IDS)))
    hash_ = span.text.find("#")
    cut = hash_ if hash_ >= 0 else len(span.text)
    return [_Part("=", span.part(0, cut), span.part(cut + 1), None)]


def _numerical_answer(part: _Part, id_: str) -> Answer | None:
    text = part.text.text
    if text == "*" or (part.sign == "~" and not text):
        return Answer(id=id_, text="*")
    low, dots, high = text.partition("..")
    if dots:
        bounds = _decimal(low), _decimal(high)
        return _between(id_, bounds[0], bounds[1]) if bounds[0] is not None and bounds[1] is not None else None
    value, _colon, margin = text.partition(":")
    middle, room = _decimal(value), _decimal(margin or "0")
    if middle is None or room is None or room < 0:
        return None
    shown = format(middle, "f").replace(".", ",")
    return msgspec.structs.replace(_between(id_, middle - room, middle + room), text=shown)


def _between(id_: str, low: Decimal, high: Decimal) -> Answer:
    low, high = sorted((low, high))
    return Answer(id=id_, low=format(low, "f"), high=format(high, "f"))


def _decimal(text: str) -> Decimal | None:
    bare = text.strip()
    try:
        return Decimal(bare.replace(",", ".")) if _NUMBER.fullmatch(bare) else None
    except InvalidOperation:
        return None
