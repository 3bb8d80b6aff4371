from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from lms.accounts.formats.devices import device_name
from lms.accounts.formats.numbers import check_digits, digits_of, is_establishment_number, is_kbo_number, spell_number

first_eight_of_an_enterprise = st.from_regex(r"[01][0-9]{7}", fullmatch=True)


@pytest.mark.parametrize(
    "text", ["0472.871.139", "BE 0472 871 139", "be0472871139", "0472-871-139", "472871139", " BE0472.871.139 "]
)
def test_a_number_is_read_as_people_write_it(text: str) -> None:
    assert digits_of(text) == "0472871139"
    assert is_kbo_number(digits_of(text))


@given(first_eight_of_an_enterprise)
def test_eight_digits_and_their_check_digits_make_a_number(first_eight: str) -> None:
    number = first_eight + check_digits(first_eight)
    assert is_kbo_number(number)
    assert not is_establishment_number(number)
    assert int(number[8:]) == 97 - int(first_eight) % 97


@given(first_eight_of_an_enterprise)
def test_a_number_is_spelt_so_that_it_is_read_again(first_eight: str) -> None:
    number = first_eight + check_digits(first_eight)
    assert digits_of(spell_number(number)) == number
    assert spell_number("0472871139") == "0472.871.139"


@given(first_eight_of_an_enterprise, st.integers(0, 9), st.integers(0, 9))
def test_one_wrong_digit_is_always_seen(first_eight: str, place: int, digit: int) -> None:
    number = first_eight + check_digits(first_eight)
    assume(number[place] != str(digit))
    assert not is_kbo_number(number[:place] + str(digit) + number[place + 1 :])


@given(first_eight_of_an_enterprise, st.integers(0, 8))
def test_two_neighbours_that_changed_places_are_seen(first_eight: str, place: int) -> None:
    number = first_eight + check_digits(first_eight)
    assume(number[place] != number[place + 1])
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert not is_kbo_number(swapped)


@given(st.from_regex(r"[2-8][0-9]{7}", fullmatch=True))
def test_an_establishment_number_starts_with_two_to_eight(first_eight: str) -> None:
    number = first_eight + check_digits(first_eight)
    assert is_establishment_number(number)
    assert not is_kbo_number(number)


@given(st.text(max_size=14))
def test_any_text_is_judged_without_an_accident(text: str) -> None:
    digits = digits_of(text)
    if is_kbo_number(digits):
        assert digits.isdecimal()
        assert len(digits) == 10


@pytest.mark.parametrize("text", ["", "0472871130", "04728711391", "٠٤٧٢٨٧١١٣٩", "9472871139"])
def test_other_texts_are_no_number(text: str) -> None:
    assert not is_kbo_number(digits_of(text))


@pytest.mark.parametrize(
    ("user_agent", "name"),
    [
        ("Mozilla/5.0 (Linux; Android 14) Chrome/140.0.0.0 Mobile Safari/537.36", "Chrome, Android"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) Chrome/140.0 Safari/537.36 Edg/140.0", "Edge, Windows"),
        ("curl/8.1", ""),
    ],
)  # fmt: skip
def test_a_browser_is_named_in_two_words(user_agent: str, name: str) -> None:
    assert device_name(user_agent) == name
