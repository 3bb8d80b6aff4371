"""Bodies in several parts: whatever is joined comes apart the same, and anything else is judged."""

from __future__ import annotations

from contextlib import suppress

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
