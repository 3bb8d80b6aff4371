"""Reading GIFT: each kind, its weights and feedback, and errors with the line an author must go to."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from courses.quizzes.formats import GiftReading, Question, QuestionKind, Severity, read_gift
from courses.quizzes.formats.questions import question_from_json, question_to_json


def read(text: str) -> GiftReading:
    return read_gift(text.encode())


def one(text: str) -> Question:
    reading = read(text)
    assert not [remark for remark in reading.remarks if remark.severity is Severity.ERROR], reading.remarks
    (question,) = reading.questions
    return question


def remarks(text: str) -> list[tuple[int, str]]:
    return [(remark.line, remark.code) for remark in read(text).remarks]


def test_single_choice_has_stable_ids_weights_and_feedback() -> None:
    question = one("::eerste-stap::Wat doe je eerst?{=Kijken#Juist. ~Overnemen#Nog niet. ~%50%Vragen}")
    assert (question.id, question.kind) == ("eerste-stap", QuestionKind.SINGLE)
    assert question.prompt == "<p>Wat doe je eerst?</p>"
    assert [(a.id, a.text, a.weight, a.feedback) for a in question.answers] == [
        ("a", "Kijken", 100, "<p>Juist.</p>"),
        ("b", "Overnemen", 0, "<p>Nog niet.</p>"),
        ("c", "Vragen", 50, ""),
    ]


def test_several_answers_keep_the_weights_of_the_file() -> None:
    question = one("::q::Wie?{~%-50%Niemand ~%50%An ~%50%Bo ~%0%Cas}")
    assert question.kind is QuestionKind.MULTIPLE
    assert [a.weight for a in question.answers] == [-50, 50, 50, 0]


def test_a_wrong_answer_without_a_weight_costs_what_a_right_one_earns() -> None:
    assert [a.weight for a in one("::q::Wie?{~Niemand ~%50%An ~%50%Bo}").answers] == [-50, 50, 50]


def test_true_false_gives_the_feedback_on_a_wrong_answer_first() -> None:
    question = one("::q::De zon schijnt 's nachts.{F#Kijk eens buiten.#Juist.####Tot morgen.}")
    assert question.kind is QuestionKind.TRUE_FALSE
    assert {a.id: (a.weight, a.feedback) for a in question.answers} == {
        "true": (0, "<p>Kijk eens buiten.</p>"),
        "false": (100, "<p>Juist.</p>"),
    }
    assert question.feedback == "<p>Tot morgen.</p>"


def test_short_answers_may_earn_a_part() -> None:
    question = one("::q::De hoofdstad?{=Brussel =%50%Brusel#Bijna.}")
    assert question.kind is QuestionKind.SHORT_ANSWER
    assert [(a.text, a.weight) for a in question.answers] == [("Brussel", 100), ("Brusel", 50)]


def test_matching_keeps_pairs_and_a_side_that_fits_nowhere() -> None:
    question = one("::q::Wat hoort samen?{=Kat -> miauw =Hond -> woef = -> boe}")
    assert question.kind is QuestionKind.MATCHING
    assert [(a.id, a.text, a.match) for a in question.answers] == [("a", "Kat", "miauw"), ("b", "Hond", "woef")]
    assert question.distractors == ("boe",)


def test_numbers_have_a_margin_a_range_or_several_weights() -> None:
    assert [(a.low, a.high) for a in one("::q::Hoeveel?{#1822:5}").answers] == [("1817", "1827")]
    assert [(a.low, a.high) for a in one("::q::Hoeveel?{#3.141..3.142}").answers] == [("3.141", "3.142")]
    several = one("::q::Hoeveel?{#\n=12,5:0#Juist.\n=%50%12,5:2#Bijna.\n~#Tel opnieuw.}")
    assert [(a.text, a.low, a.high, a.weight) for a in several.answers] == [
        ("12,5", "12.5", "12.5", 100),
        ("12,5", "10.5", "14.5", 50),
        ("*", "", "", 0),
    ]


def test_escaped_signs_are_letters() -> None:
    question = one("::q::Welke\\: { \n ~ \\~ # geen \\#1 \n = \\= 2 \\{x\\} # \\\\ ja\\nnee\n}")
    assert [a.text for a in question.answers] == ["~", "= 2 {x}"]
    assert question.answers[0].feedback == "<p>geen #1</p>"
    assert question.answers[1].feedback == "<p>\\ ja\nnee</p>"
    assert question.prompt == "<p>Welke:</p>"


def test_formats_decide_how_text_becomes_html() -> None:
    def prompt(text: str) -> str:
        return one(f"::q::{text}{{T}}").prompt

    assert prompt("Dit is **vet** en 1 < 2.") == "<p>Dit is <strong>vet</strong> en 1 &lt; 2.</p>"
    assert prompt("[plain]Dit is **vet**.") == "<p>Dit is **vet**.</p>"
    assert prompt("[html]<p>Dit is <b>vet</b>.</p>") == "<p>Dit is <b>vet</b>.</p>"
    assert prompt("[moodle]Regel 1.\nRegel 2.") == "<p>Regel 1.<br>Regel 2.</p>"
    assert prompt("<p>Uit <em>Moodle</em>.</p>") == "<p>Uit <em>Moodle</em>.</p>"


def test_nothing_unsafe_comes_through() -> None:
    question = one(
        '::q::[html]<p onclick\\="x()">Hoi<script>x()</script><img src\\="https\\://x.be/a.png" alt\\="x"></p>'
        '{=<a href\\="javascript\\:x()">ja</a> ~nee}'
    )
    assert question.prompt == '<p>Hoi<img alt="x"></p>'
    assert question.answers[0].text == '<a rel="noopener noreferrer">ja</a>'


def test_a_missing_word_leaves_a_blank() -> None:
    assert one("::q::Grant ligt {=begraven ~levend} in een graf.").prompt == "<p>Grant ligt _____ in een graf.</p>"
    assert one("::q::Hij komt uit {=Gent}.").prompt == "<p>Hij komt uit _____.</p>"
    assert one("::q::Waar komt hij vandaan? {=Gent}.").prompt == "<p>Waar komt hij vandaan?</p>"


def test_comments_bom_and_windows_line_ends_do_not_matter() -> None:
    text = "\ufeff// uitleg\r\n::q::Waar of niet?\r\n// midden in\r\n{T}\r\n"
    assert one(text).prompt == "<p>Waar of niet?</p>"


def test_an_empty_line_inside_braces_is_forgiven() -> None:
    assert len(one("::q::Wie?{\n=An\n\n~Bo\n}").answers) == 2


def test_an_open_brace_does_not_swallow_the_next_question() -> None:
    reading = read("::een::Wie?{\n=An\n~Bo\n\n::twee::Waar of niet?{T}\n")
    assert [question.id for question in reading.questions] == ["twee"]
    assert [(remark.line, remark.code) for remark in reading.remarks] == [(1, "gift-brace")]


def test_errors_name_their_line() -> None:
    assert remarks("Zonder titel?{T}") == [(1, "gift-title")]
    assert remarks("::q::Geen antwoorden?") == [(1, "gift-no-answers")]
    assert remarks("::q::Open?{}") == [(1, "gift-essay")]
    assert remarks("\n\n::q::Wie?{\n~An\n~Bo\n}") == [(3, "gift-no-right-answer")]
    assert remarks("::q::Wie?{\n=An\n~\n}") == [(3, "gift-answer-empty")]
    assert remarks("::q::Wie?{\n=An\n~An\n}") == [(3, "gift-answer-twice")]
    assert remarks("::q::Wie?{=An}\n\n// niets\n::q::Wie?{=Bo}") == [(4, "gift-title-twice")]
    assert remarks("::q::Wie?{\n=%150%An\n~Bo}") == [(2, "gift-weight")]
    assert remarks("::q::Hoeveel?{#veel}") == [(1, "gift-number")]
    assert remarks("::q::Wat hoort samen?{\n=Kat -> miauw\n=Hond woef\n=Koe -> boe}") == [(3, "gift-pair")]
    assert remarks("::q::Wie?{An of Bo}") == [(1, "gift-answer-sign")]
    assert remarks("::q::Wie?\n{=An}\nof {=Bo}") == [(3, "gift-brace")]
    assert remarks("::q::{T}") == [(1, "gift-prompt")]


def test_categories_and_odd_weights_are_warnings() -> None:
    reading = read("$CATEGORY: zorg\n\n::q::Wie?{~%50%An ~%20%Bo ~Cas}\n\n::r::Wie?{=An =Bo ~Cas}")
    assert [(remark.line, remark.code, remark.severity) for remark in reading.remarks] == [
        (1, "gift-category", Severity.WARNING),
        (3, "gift-weights", Severity.WARNING),
        (5, "gift-two-right-answers", Severity.WARNING),
    ]
    assert len(reading.questions) == 2


def test_text_that_is_no_utf8_says_where() -> None:
    reading = read_gift("::q::Waar?{T}\n\n::r::Reünie?{T}".encode("latin-1"))
    assert [(remark.line, remark.code) for remark in reading.remarks] == [(3, "gift-encoding")]


def test_texts_for_learners_carry_their_line() -> None:
    texts = read("::q::\nWie?{\n=An#Juist.\n~Bo\n####Klaar.\n}").texts
    assert sorted((text.line, text.html) for text in texts) == [
        (2, "<p>Wie?</p>"),
        (3, "<p>Juist.</p>"),
        (3, "An"),
        (4, "Bo"),
        (5, "<p>Klaar.</p>"),
    ]


def test_a_question_survives_json() -> None:
    for text in ("{T#a#b}", "{=An ~Bo#x}", "{~%50%An ~%50%Bo ~C}", "{=a -> b =c -> d}", "{#1:2}", "{=An}"):
        question = one(f"::q::Wat?{text}")
        assert question_from_json(question_to_json(question)) == question


GIFTISH = st.text(alphabet=st.sampled_from("ab1 .,:\n\\~=#{}[]%->$*/TF\t\ufeff€é"), max_size=120)


@given(st.one_of(st.text(max_size=200), GIFTISH, GIFTISH.map(lambda inner: "::q::Wat?{" + inner + "}")))
def test_any_text_gives_questions_or_remarks_and_never_raises(text: str) -> None:
    data = text.encode("utf-8", errors="surrogatepass")
    reading = read_gift(data)
    lines = data.count(b"\n") + data.count(b"\r") + 1
    assert all(1 <= remark.line <= lines for remark in reading.remarks)
    assert all(1 <= found.line <= lines for found in reading.texts)
    assert all(question_from_json(question_to_json(question)) == question for question in reading.questions)
    if text.strip("\ufeff \n\t\r") and not reading.questions:
        assert reading.remarks or "//" in text or not text.split()


@given(st.binary(max_size=200))
def test_any_bytes_never_raise(data: bytes) -> None:
    read_gift(data)
