"""A question as xAPI 1.0.3 wants it told: part 2, "Interaction Activities" (2.4.4.1)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from courses.quizzes.formats.judging import number_meant, parse_response, right_answers
from courses.quizzes.formats.markup import plain_text
from courses.quizzes.formats.questions import Answer, Question, QuestionKind, choices, target_ids, targets

INTERACTION_ACTIVITY = "http://adlnet.gov/expapi/activities/cmi.interaction"
BETWEEN_RESPONSES = "[,]"
BETWEEN_PAIR = "[.]"
BETWEEN_BOUNDS = "[:]"

_TYPES = {
    QuestionKind.SINGLE: "choice",
    QuestionKind.MULTIPLE: "choice",
    QuestionKind.TRUE_FALSE: "true-false",
    QuestionKind.SHORT_ANSWER: "fill-in",
    QuestionKind.MATCHING: "matching",
    QuestionKind.NUMERICAL: "numeric",
}


def interaction(question: Question, language: str = "nl") -> dict[str, Any]:
    """The definition of the question's Activity: type, description, interactionType, components and right responses.

    `language` is the RFC 5646 tag the course is written in. Capitals do not matter in a fill-in, which is the
    standard's own default.
    """
    definition: dict[str, Any] = {
        "type": INTERACTION_ACTIVITY,
        "description": {language: plain_text(question.prompt)},
        "interactionType": _TYPES[question.kind],
        "correctResponsesPattern": _correct_responses(question),
    }
    return definition | _components(question, language)


def _components(question: Question, language: str) -> dict[str, Any]:
    if question.kind in {QuestionKind.SINGLE, QuestionKind.MULTIPLE}:
        return {"choices": _component_list(choices(question), language)}
    if question.kind is QuestionKind.MATCHING:
        left, right = choices(question), sorted(targets(question), key=lambda target: int(target[0]))
        return {"source": _component_list(left, language), "target": _component_list(right, language, html=False)}
    return {}


def _component_list(
    parts: Sequence[tuple[str, str]], language: str, *, html: bool = True
) -> list[dict[str, str | dict[str, str]]]:
    return [{"id": id_, "description": {language: plain_text(text) if html else text}} for id_, text in parts]


def _correct_responses(question: Question) -> list[str]:
    right = right_answers(question)
    match question.kind:
        case QuestionKind.MULTIPLE:
            return [BETWEEN_RESPONSES.join(answer.id for answer in right)]
        case QuestionKind.SINGLE | QuestionKind.TRUE_FALSE:
            return [answer.id for answer in right]
        case QuestionKind.SHORT_ANSWER:
            return [_without_delimiters(answer.text.replace("\\*", "*")) for answer in right]
        case QuestionKind.NUMERICAL:
            return [_bounds(answer) for answer in right if answer.text != "*"]
        case QuestionKind.MATCHING:
            ids = target_ids(question)
            return [
                BETWEEN_RESPONSES.join(f"{answer.id}{BETWEEN_PAIR}{ids[answer.match]}" for answer in question.answers)
            ]


def _bounds(answer: Answer) -> str:
    return answer.low if answer.low == answer.high else f"{answer.low}{BETWEEN_BOUNDS}{answer.high}"


def response_text(question: Question, response: Sequence[str]) -> str:
    """`result.response` of the Statement for a form's values; empty when they are not an answer."""
    given = parse_response(question, response)
    if given is None:
        return ""
    match question.kind:
        case QuestionKind.SHORT_ANSWER:
            return _without_delimiters(given[0])
        case QuestionKind.NUMERICAL:
            return format(number_meant(question, given[0]), "f")
        case QuestionKind.MATCHING:
            return BETWEEN_RESPONSES.join(pair.replace(".", BETWEEN_PAIR, 1) for pair in given)
        case _:
            return BETWEEN_RESPONSES.join(given)


def _without_delimiters(text: str) -> str:
    """A learner may type "[,]"; in the record that would split her answer in two."""
    return text.replace(BETWEEN_RESPONSES, ",")
