"""Bodies in several parts: whatever is joined comes apart the same, and anything else is judged."""

from __future__ import annotations

from contextlib import suppress
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xapi.standard.errors import StandardError
from xapi.standard.multipart import join_multipart, new_boundary, split_multipart

tokens = st.from_regex(r"[A-Za-z][A-Za-z0-9-]{0,20}", fullmatch=True)
values = st.from_regex(r"[!-~]([ -~]{0,30}[!-~])?", fullmatch=True)
headers = st.dictionaries(tokens.map(str.lower), values, min_size=1, max_size=4)
octets = st.binary() | st.lists(st.sampled_from([b"\r\n", b"--", b"b", b"\r", b"\n", b" "])).map(b"".join)


@given(st.lists(st.tuples(headers, octets), min_size=1, max_size=5))
def test_rfc_2046_what_is_joined_comes_apart_the_same(parts: list[tuple[dict[str, str], bytes]]) -> None:
    boundary = new_boundary()

    found = split_multipart(b"".join(join_multipart(boundary, iter(parts))), boundary)

    assert [(part.headers, part.data) for part in found] == parts
    assert [part.place for part in found] == [f"parts[{index}]" for index in range(len(parts))]


@given(
    st.binary()
    | st.lists(st.sampled_from([b"--b", b"--", b"\r\n", b"\n", b"b", b"a: b", b" ", b":", b"\xff"])).map(b"".join),
    st.none() | st.sampled_from(["b", "b b", ""]),
)
def test_any_bytes_are_judged_without_another_exception(body: bytes, boundary: str | None) -> None:
    with suppress(StandardError):
        assert split_multipart(body, boundary)


def test_rfc_2046_a_header_is_read_at_once_however_much_space_it_has() -> None:
    space = b" \t" * 100_000
    began = process_time()

    [part] = split_multipart(b"--b\r\nX:" + space + b"a" + space + b"b" + space + b"\r\n\r\n\r\n--b--", "b")

    assert part.headers == {"x": f"a{space.decode()}b"}
    assert process_time() - began < 5  # beginning anew at each space would take minutes


@pytest.mark.parametrize("line", [b"no colon", b": no name", b"two words: x", b" before: x", b"\xff: x"])
def test_rfc_2046_a_header_has_a_name_and_a_colon(line: bytes) -> None:
    with pytest.raises(StandardError, match="name: value"):
        split_multipart(b"--b\r\nA: b\r\n" + line + b"\r\nB: c\r\n\r\n\r\n--b--", "b")
