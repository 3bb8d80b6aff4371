"""Reading GIFT, Moodle's text format for questions.

https://docs.moodle.org/en/GIFT_format. Read: true/false, single choice, several answers with weights, short answer,
matching, numerical; titles, escapes, comments, `[markdown]` and its kin, feedback for an answer (#) and for all (####).
Not read: essays and descriptions, which nobody can judge; categories, which mean nothing inside a course.
Three choices are ours. Text without a named format is Markdown unless it holds HTML. A wrong answer of a
several-answers question that names no weight costs as much as a right one earns on average, so that ticking every box
earns nothing. And answers get the ids a, b, c … in file order.
"""

from __future__ import annotations

import re
import unicodedata

import msgspec

from courses.quizzes.formats.answers import Body, GiftText, read_body, rendered
from courses.quizzes.formats.questions import Question
from courses.quizzes.formats.source import Remark, Remarks, Severity, Span, cut_into_questions, decode, unescape
from lms.kernel.i18n import _

__all__ = ["GiftReading", "GiftText", "Remark", "Severity", "read_gift"]

_BLANK = "_____"


class GiftReading(msgspec.Struct, frozen=True):
    """What a file of questions holds. A question with an error in it is left out.

    `texts`: everything a learner may read, as safe HTML with its line. `remarks` are sorted by line.
    """

    questions: tuple[Question, ...]
    remarks: tuple[Remark, ...]
    texts: tuple[GiftText, ...]


def read_gift(data: bytes) -> GiftReading:
    """Read a file of GIFT questions. Never raises: whatever is wrong becomes a remark with its line."""
    remarks = Remarks()
    texts: list[GiftText] = []
    questions: dict[str, Question] = {}
    for span in cut_into_questions(decode(data, remarks), remarks):
        question = _read_question(span, remarks, texts)
        if question is None:
            continue
        if question.id in questions:
            remarks.error(span.line, "title-twice", _("De titel %(title)s staat er twee keer.", title=question.id))
        questions.setdefault(question.id, question)
    return GiftReading(tuple(questions.values()), tuple(sorted(remarks.found)), tuple(texts))


def _read_question(span: Span, remarks: Remarks, texts: list[GiftText]) -> Question | None:
    title, rest = _split_title(span, remarks)
    braces = _find_braces(rest, remarks)
    if braces is None:
        return None
    head, body, tail = rest.part(0, braces[0]), rest.part(braces[0] + 1, braces[1]), rest.part(braces[1] + 1)
    markup, prompt = _split_markup(_with_blank(head, tail))
    if not prompt.text.strip(" _"):
        remarks.error(span.line, "prompt", _("Deze vraag heeft geen tekst."))
        return None
    found = read_body(Body(body, markup, span.line), remarks, texts)
    texts.append(GiftText(prompt.line, rendered(prompt, markup)))
    if found is None:
        return None
    question_id = _slug(title) or _slug(unescape(prompt.text))[:60] or "vraag"
    return Question(
        id=question_id,
        kind=found.kind,
        prompt=rendered(prompt, markup),
        answers=tuple(found.answers),
        feedback=found.feedback,
        distractors=tuple(found.distractors),
    )


def _split_title(span: Span, remarks: Remarks) -> tuple[str, Span]:
    found = re.match(r"::(.*?)::", span.text, re.DOTALL)
    if found is None:
        remarks.error(span.line, "title", _("Deze vraag heeft geen titel. Zet er ::een-naam:: voor."))
        return "", span
    title = unescape(found[1]).strip()
    if not _slug(title):
        remarks.error(span.line, "title", _("Deze vraag heeft geen titel. Zet er ::een-naam:: voor."))
    return title, span.part(found.end())


def _slug(title: str) -> str:
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", re.sub(r"['’]", "", plain)).strip("-")


def _find_braces(span: Span, remarks: Remarks) -> tuple[int, int] | None:
    """Where the answers begin and end, or None with the reason remarked."""
    start, end = span.text.find("{"), span.text.find("}")
    if start < 0 and end < 0:
        remarks.error(span.line, "no-answers", _("Deze vraag heeft geen antwoorden. Zet ze tussen { en }."))
    elif start < 0 or 0 <= end < start:
        remarks.error(span.line_at(end), "brace", _("Hier staat } zonder { ervoor. Bedoel je het teken? Typ dan \\}."))
    elif end < 0:
        remarks.error(
            span.line_at(start), "brace", _("Hier begint { en er komt geen }. Zet } na het laatste antwoord.")
        )
    elif (extra := _next_brace(span.text, start, end)) >= 0:
        remarks.error(
            span.line_at(extra), "brace", _("Eén paar accolades per vraag. Bedoel je het teken? Typ dan \\{ of \\}.")
        )
    else:
        return start, end
    return None


def _next_brace(text: str, start: int, end: int) -> int:
    """The place of a third brace, or -1."""
    inner = text.find("{", start + 1)
    after = re.search(r"[{}]", text[end + 1 :])
    return inner if inner >= 0 else (end + 1 + after.start() if after else -1)


def _with_blank(head: Span, tail: Span) -> Span:
    """A missing-word question shows a blank where its answers stood."""
    is_whole = re.search(r"[.?!:…][\"”’)]*(?:</\w+>)?$", head.text) is not None
    if not re.search(r"\w", tail.text) and (is_whole or not tail.text):
        return head
    joint = "" if re.match(r"[.,;:!?)]", tail.text) else " "
    text = f"{head.text} {_BLANK}{joint}{tail.text}".strip()
    return _spread(text, head.lines + tail.lines)


def _spread(text: str, lines: tuple[int, ...]) -> Span:
    """A span over as many of these lines as the text has."""
    return Span(text, lines[: text.count("\n") + 1])


def _split_markup(span: Span) -> tuple[str, Span]:
    found = re.match(r"\[(markdown|html|plain|moodle)\]", span.text, re.IGNORECASE)
    return (found[1].lower(), span.part(found.end())) if found else ("", span)
