"""YAML of strings: nothing is guessed, every value knows its line, and what is odd is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.authoring.formats.strings_yaml import Rows, Table, Text, YamlProblem, read_yaml


def test_nothing_is_guessed() -> None:
    table = read_yaml("a: no\nb: 1:30\nc: 1.10\nd: 0x1F\ne: null\nf: 2025-03-25\ng: ~\n")
    assert isinstance(table, Table)
    values = [value.value for value in table.values.values() if isinstance(value, Text)]
    assert values == ["no", "1:30", "1.10", "0x1F", "null", "2025-03-25", "~"]


def test_lines_are_those_of_the_file() -> None:
    table = read_yaml("# uitleg\na: 1\nb:\n  - x\n  - y\n", first_line=11)
    assert isinstance(table, Table)
    assert table.key_lines == {"a": 12, "b": 13}
    rows = table.values["b"]
    assert isinstance(rows, Rows)
    assert [(item.line, item.value) for item in rows.items if isinstance(item, Text)] == [(14, "x"), (15, "y")]


def test_an_empty_text_is_nothing() -> None:
    assert read_yaml("") is None
    assert read_yaml("# alleen uitleg\n") is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: 2\na: 3\n", 3),
        ("a: 1\nb: &x 2\n", 2),
        ("a: 1\nb: *x\n", 2),
        ("a: !!int 1\n", 1),
        ("a: 1\n? [b]\n: 2\n", 2),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: 1\nb: c: d\n", 2),
        ("a: [1, 2\n", 2),
        ("a: 1\n\tb: 2\n", 2),
        ("a: 1\nb: \x07\n", 2),
        ("a: " + "[" * 30 + "]" * 30, 1),
        ("a: {" * 3000, 1),
    ],
)
def test_what_a_course_has_no_use_for_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(YamlProblem) as caught:
        read_yaml(text)
    assert caught.value.line == line
    assert str(caught.value).endswith(".")


@given(st.text(alphabet=st.sampled_from("ab:-[]{}&*!|>'\"#%@`,? \n\t~é\x00\x85"), max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    assert 1 <= problem_line(text) <= text.count("\n") + text.count("\x85") + 1


def problem_line(text: str) -> int:
    """Where the text cannot be read; 1 when it can."""
    try:
        read_yaml(text)
    except YamlProblem as problem:
        return problem.line
    return 1
