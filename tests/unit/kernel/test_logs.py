"""What a log line says of an error: its type and place, never its words."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from typing import Any

import pytest

from lms.kernel.logs import describe_error, name_error


def look_up(address: str) -> None:
    raise KeyError(address)


def send(address: str) -> None:
    try:
        look_up(address)
    except KeyError as cause:
        raise ValueError(f"no mailbox for {address}") from cause


def caught() -> ValueError:
    with pytest.raises(ValueError, match="emma") as raised:
        send("emma@example.org")
    return raised.value


def test_an_error_is_its_type_and_place_the_cause_first() -> None:
    found = describe_error(caught())
    assert re.fullmatch(
        r"KeyError at test_logs\.py:\d+ look_up, test_logs\.py:\d+ send; "
        r"ValueError at test_logs\.py:\d+ send, test_logs\.py:\d+ caught",
        found,
    )
    assert "emma" not in found


def test_a_log_line_never_holds_the_words_of_an_error() -> None:
    assert name_error(None, "error", {"event": "failed", "exc_info": caught()})["error"] == describe_error(caught())
    line: MutableMapping[str, Any] = {}
    try:
        send("emma@example.org")
    except ValueError:
        line = name_error(None, "error", {"event": "failed", "exc_info": True})
    assert "exc_info" not in line
    assert "emma" not in str(line)
    assert name_error(None, "info", {"event": "fine"}) == {"event": "fine"}
