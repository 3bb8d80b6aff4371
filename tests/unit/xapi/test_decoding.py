"""Bytes from outside: strict JSON, each statement's own bytes untouched."""

from __future__ import annotations

from time import process_time

import pytest

from xapi.standard.decoding import decode_json, split_batch
from xapi.standard.errors import StandardError


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"{", id="half"),
        pytest.param(b'{"a": NaN}', id="not a number"),
        pytest.param(b'{"a": 1e999}', id="infinite"),
        pytest.param(b'{"a": 01}', id="a leading zero"),
        pytest.param(b"{'a': 1}", id="single quotes"),
        pytest.param(b'{"a": 1} x', id="something after"),
        pytest.param(b'"\\ud800"', id="half a character"),
        pytest.param(b'"\xff"', id="not UTF-8"),
        pytest.param(b"\xef\xbb\xbf{}", id="a byte order mark"),
        pytest.param(b"[" * 300 + b"]" * 300, id="nested 300 deep"),
        pytest.param(b"[" * 30_000, id="nested without end"),
        pytest.param(b'{"\\u003a":1,"a":' + b"[" * 300 + b"]" * 300 + b"}", id="nested, and a hidden colon"),
    ],
)
def test_data_2_2_what_is_not_json_is_refused(data: bytes) -> None:
    with pytest.raises(StandardError) as refused:
        decode_json(data)

    assert refused.value.status == 400


@pytest.mark.parametrize(
    "data",
    [
        b'{"a": 1, "a": 1}',
        b'{"a": 1, "\\u0061": 2}',
        b'{"a": 1, "a": "\\u003a"}',
        b'{"x": {"b": ":", "b": "\\u003a"}}',
        b'[{"a": "\\u003A\\u003a", "b": 1, "b": 2}]',
    ],
)
def test_data_2_2_a_property_said_twice_is_refused(data: bytes) -> None:
    with pytest.raises(StandardError, match="only once"):
        decode_json(data)


def test_data_2_2_a_property_said_twice_among_many_is_found_at_once() -> None:
    names = [*range(100_000), 99_999]
    began = process_time()

    with pytest.raises(StandardError, match="99999 only once"):
        decode_json(b"{" + b",".join(b'"%d":1' % name for name in names) + b"}")

    assert process_time() - began < 5  # looking at each pair would take minutes


@pytest.mark.parametrize("data", [b'{"a:b": "c:d", "x": [":"]}', b'{"a": "\\u003a"}', b'{"a": ' + b"9" * 300 + b"}"])
def test_data_2_2_colons_elsewhere_are_no_doubles(data: bytes) -> None:
    decode_json(data)


def test_communication_2_1_2_the_bytes_of_each_statement_are_kept() -> None:
    assert split_batch(b' [ {"a": 1.10 } , {"b":2}\n]') == ([b'{"a": 1.10 }', b'{"b":2}'], True)
    assert split_batch(b'\r\n {"a": 1.10 } ') == ([b'{"a": 1.10 }'], False)
    assert split_batch(b"[]") == ([], True)


@pytest.mark.parametrize("data", [b"[", b"[1,]", b"[1] 2", b"[" * 100_000])
def test_communication_2_1_2_a_broken_batch_is_refused(data: bytes) -> None:
    with pytest.raises(StandardError):
        split_batch(data)
