"""The record's words for a question: xAPI 1.0.3, part 2, 2.4.4.1."""

from __future__ import annotations

from typing import Any

from courses.quizzes.formats import Question, interaction, read_gift, response_text


def question(answers: str) -> Question:
    return read_gift(f"::q::Wat **nu**?{answers}".encode()).questions[0]


def told(answers: str) -> dict[str, Any]:
    definition = interaction(question(answers))
    assert definition.pop("type") == "http://adlnet.gov/expapi/activities/cmi.interaction"
    assert definition.pop("description") == {"nl": "Wat nu?"}
    return definition


def test_one_choice() -> None:
    assert told("{~An =**Bo**}") == {
        "interactionType": "choice",
        "correctResponsesPattern": ["b"],
        "choices": [{"id": "a", "description": {"nl": "An"}}, {"id": "b", "description": {"nl": "Bo"}}],
    }
    assert response_text(question("{~An =Bo}"), ["a"]) == "a"


def test_several_choices_in_file_order() -> None:
    several = "{~%50%An ~Bo ~%50%Cas}"
    assert told(several)["correctResponsesPattern"] == ["a[,]c"]
    assert response_text(question(several), ["c", "a"]) == "a[,]c"


def test_true_false() -> None:
    assert told("{F}") == {"interactionType": "true-false", "correctResponsesPattern": ["false"]}
    assert response_text(question("{F}"), ["true"]) == "true"


def test_fill_in_lists_each_full_answer_and_keeps_delimiters_out() -> None:
    short = "{=An =%50%Bo =Cas}"
    assert told(short) == {"interactionType": "fill-in", "correctResponsesPattern": ["An", "Cas"]}
    assert response_text(question(short), ["  an[,]bo "]) == "an,bo"


def test_numeric_gives_bounds_and_a_plain_number() -> None:
    assert told("{#4}")["correctResponsesPattern"] == ["4"]
    assert told("{#4:1}") == {"interactionType": "numeric", "correctResponsesPattern": ["3[:]5"]}
    assert response_text(question("{#4:1}"), ["4,5"]) == "4.5"
    assert response_text(question("{#1000}"), ["1.000"]) == "1000"
    assert response_text(question("{#3.142}"), ["3.142"]) == "3.142"


def test_matching_names_source_and_target() -> None:
    pairs = "{=Kat -> miauw =Hond -> woef = -> boe}"
    assert told(pairs) == {
        "interactionType": "matching",
        "correctResponsesPattern": ["a[.]1[,]b[.]2"],
        "source": [{"id": "a", "description": {"nl": "Kat"}}, {"id": "b", "description": {"nl": "Hond"}}],
        "target": [
            {"id": "1", "description": {"nl": "miauw"}},
            {"id": "2", "description": {"nl": "woef"}},
            {"id": "3", "description": {"nl": "boe"}},
        ],
    }
    assert response_text(question(pairs), ["b.3", "a.1"]) == "a[.]1[,]b[.]3"


def test_what_is_no_answer_has_no_response() -> None:
    assert response_text(question("{=An ~Bo}"), ["z"]) == ""
    assert response_text(question("{#4}"), ["vier"]) == ""
