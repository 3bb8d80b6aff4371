"""The numbers of the Crossroads Bank for Enterprises (KBO): ten digits, the last two check the first eight."""

from __future__ import annotations

import re

DIGITS = 10
_COUNTRY = re.compile(r"^\s*BE", re.IGNORECASE)
_SEPARATORS = re.compile(r"[\s./-]")


def digits_of(text: str) -> str:
    """The number without its country, dots and spaces. A spreadsheet drops the leading zero: it is put back."""
    bare = _SEPARATORS.sub("", _COUNTRY.sub("", text))
    return f"0{bare}" if len(bare) == DIGITS - 1 else bare


def is_kbo_number(digits: str) -> bool:
    """Whether this is an enterprise's number: it starts with 0 or 1."""
    return _is_checked(digits) and digits[0] in "01"


def is_establishment_number(digits: str) -> bool:
    """Whether this is the number of a place of work: it starts with 2 to 8."""
    return _is_checked(digits) and digits[0] in "2345678"


def spell_number(digits: str) -> str:
    """The number as people read it: 0472.871.139."""
    return f"{digits[:4]}.{digits[4:7]}.{digits[7:]}" if len(digits) == DIGITS else digits


def check_digits(first_eight: str) -> str:
    """The two digits that follow these eight: 97 less their remainder by 97."""
    return f"{97 - int(first_eight) % 97:02d}"


def _is_checked(digits: str) -> bool:
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdecimal()):
        return False
    return digits[8:] == check_digits(digits[:8])
