"""Judging: the right answer earns 1, order never matters, and garbage is no answer."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.quizzes.formats import Question, QuestionKind, choices, judge, read_gift, right_answer, targets

QUESTIONS = {
    "single": "{=Kijken#Juist. ~Overnemen#Nog niet. ~%50%Vragen}",
    "multiple": "{~%33.33333%An ~%33.33333%Bo ~%33.33333%Cas ~Dirk#Neen. ~%-100%Eva}",
    "true-false": "{F#Kijk nog eens.#Juist.####Altijd.}",
    "short-answer": "{=Reünie =%50%feest* =2 \\* 3}",
    "matching": "{=Kat -> miauw =Hond -> woef =Wolf -> woef = -> boe}",
    "numerical": "{#=12.5:0.5#Juist. =%50%12.5:2 ~#Tel opnieuw.}",
}
RIGHT = {
    "single": ["a"],
    "multiple": ["a", "b", "c"],
    "true-false": ["false"],
    "short-answer": ["reunie"],
    "matching": ["a.1", "b.2", "c.2"],
    "numerical": ["12,5"],
}


def question(kind: str) -> Question:
    return read_gift(f"::q::Wat?{QUESTIONS[kind]}".encode()).questions[0]


def score(kind: str, *response: str) -> Fraction:
    verdict = judge(question(kind), response)
    assert verdict.answered
    return verdict.score


@pytest.mark.parametrize("kind", QUESTIONS)
def test_the_right_answer_earns_one(kind: str) -> None:
    assert question(kind).kind == kind
    verdict = judge(question(kind), RIGHT[kind])
    assert (verdict.answered, float(verdict.score), verdict.correct) == (True, 1, True)


def test_single_and_true_false() -> None:
    assert [score("single", id_) for id_ in "abc"] == [1, 0, Fraction(1, 2)]
    wrong = judge(question("true-false"), ["true"])
    assert (float(wrong.score), wrong.feedback, wrong.general) == (0, ("<p>Kijk nog eens.</p>",), "<p>Altijd.</p>")


def test_ticking_every_box_earns_nothing() -> None:
    assert score("multiple", "a", "b") == Fraction(2, 3)
    assert score("multiple", "a", "b", "c", "d") == Fraction(2, 3)
    assert score("multiple", "a", "b", "c", "d", "e") == 0
    assert judge(question("multiple"), ["d", "a"]).feedback == ("<p>Neen.</p>",)


@pytest.mark.parametrize("typed", ["Reünie", "  REÜNIE. ", "reunie"])
def test_typed_words_forgive_capitals_accents_and_spaces(typed: str) -> None:
    assert score("short-answer", typed) == 1


def test_a_star_stands_for_anything_and_an_escaped_one_for_itself() -> None:
    assert score("short-answer", "Feestje bij An") == Fraction(1, 2)
    assert score("short-answer", "het feest") == 0
    assert score("short-answer", "2 * 3") == 1
    assert score("short-answer", "2 x 3") == 0


@pytest.mark.parametrize(
    ("typed", "points"), [("12,9", 1), ("12.0", 1), ("14", Fraction(1, 2)), ("15", 0), ("\N{MINUS SIGN}12", 0)]
)
def test_numbers_within_a_margin(typed: str, points: Fraction) -> None:
    assert score("numerical", typed) == points


def test_a_thousand_may_be_written_either_way() -> None:
    thousand = read_gift(b"::q::Hoeveel?{#1000}").questions[0]
    for typed in ("1000", "1.000", "1 000", "€ 1.000,00", "1000,0"):
        assert judge(thousand, [typed]).correct, typed
    pi = read_gift(b"::q::Hoeveel?{#3.142}").questions[0]
    assert judge(pi, ["3.142"]).correct
    assert judge(pi, ["3,142"]).correct


def test_a_pair_earns_its_part_also_when_two_share_a_side() -> None:
    assert score("matching", "a.1", "b.3", "c.2") == Fraction(2, 3)
    assert targets(question("matching")) == (("3", "boe"), ("1", "miauw"), ("2", "woef"))


@pytest.mark.parametrize(
    ("kind", "response"),
    [
        ("single", []),
        ("single", ["a", "b"]),
        ("single", ["z"]),
        ("multiple", ["a", "z"]),
        ("true-false", ["misschien"]),
        ("short-answer", ["   "]),
        ("short-answer", ["x" * 1001]),
        ("numerical", ["twaalf"]),
        ("numerical", ["1e999999"]),
        ("numerical", ["٣"]),
        ("matching", ["a.1", "b.2"]),
        ("matching", ["a.1", "b.2", "c."]),
        ("matching", ["a.1", "a.2", "b.1", "c.1"]),
    ],
)
def test_garbage_is_no_answer_and_says_what_to_do(kind: str, response: list[str]) -> None:
    verdict = judge(question(kind), response)
    assert (verdict.answered, float(verdict.score), verdict.correct) == (False, 0, False)
    assert verdict.message.endswith(".")


def test_the_right_answer_in_words() -> None:
    assert {kind: right_answer(question(kind)) for kind in QUESTIONS} == {
        "single": "Kijken",
        "multiple": "An, Bo en Cas",
        "true-false": "Fout",
        "short-answer": "Reünie of 2 * 3",
        "matching": "Kat: miauw; Hond: woef; Wolf: woef",
        "numerical": "12,5",
    }


def test_choices_are_what_a_page_shows() -> None:
    assert choices(question("true-false")) == (("true", "Juist"), ("false", "Fout"))
    assert choices(question("matching")) == (("a", "Kat"), ("b", "Hond"), ("c", "Wolf"))
    assert choices(question("numerical")) == ()


kinds = st.sampled_from(sorted(QUESTIONS))
plausible = st.sampled_from(
    ["a", "b", "c", "d", "true", "false", "a.1", "b.2", "c.2", "12,5", "12", "feest", "reunie", ""]
)
responses = st.lists(st.one_of(plausible, st.text(max_size=30)), max_size=5)


@given(kinds, responses)
def test_any_response_is_judged_between_zero_and_one(kind: str, response: list[str]) -> None:
    verdict = judge(question(kind), response)
    assert 0 <= verdict.score <= 1
    assert verdict.correct == (verdict.score == 1)
    assert verdict.answered or (verdict.score == 0 and verdict.message)


@given(kinds, responses.flatmap(lambda values: st.tuples(st.just(values), st.permutations(values))))
def test_order_never_matters(kind: str, pair: tuple[list[str], Sequence[str]]) -> None:
    given_, shuffled = pair
    assert judge(question(kind), given_) == judge(question(kind), shuffled)


weights = st.integers(min_value=1, max_value=100)


@given(st.lists(weights, min_size=1, max_size=6), st.lists(st.integers(-100, 0) | st.none(), max_size=4))
def test_whatever_the_weights_exactly_the_right_boxes_earn_one(right: list[int], wrong: list[int | None]) -> None:
    rows = [f"~%{weight}%goed{at}" for at, weight in enumerate(right)]
    rows += [f"~{'' if cost is None else f'%{cost}%'}fout{at}" for at, cost in enumerate(wrong)]
    reading = read_gift(("::q::Wat?{" + "\n".join([*rows, "~%0%niets"]) + "}").encode())
    asked = reading.questions[0]
    assert asked.kind is QuestionKind.MULTIPLE
    assert judge(asked, "abcdefghij"[: len(right)]).correct
    assert len(right) == 1 or not judge(asked, "a").correct
