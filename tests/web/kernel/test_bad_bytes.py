"""Bytes that are no text, and more bytes than anybody means, are refused before any view sees them."""

from __future__ import annotations

import io

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lms.app import MAX_FORM_BYTES, MAX_UPLOAD_BYTES
from lms.kernel.db import Database
from tests.web.kernel.conftest import noted
from tests.web.page import Page
from tests.web.visitor import Visitor

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "path",
    [
        "/gezinszorg/courses?q=%00",
        "/gezinszorg/courses?q=a&q=%00",
        "/gezinszorg/courses?%00=a",
        "/gezinszorg%00/",
        "/gezinszorg/courses/%00",
        "/check/%00",
        "/static/%00",
    ],
)
def test_a_nul_in_an_address_is_a_request_nobody_meant(visitor: Visitor, path: str) -> None:
    assert Page(visitor.get(path)).status in (400, 404)
    if "?" in path:
        assert Page(visitor.get(path)).status == 400


@pytest.mark.parametrize("body", ["key=%00", "key=a&key=%00", "%00=a", "a%00b=c"])
def test_a_nul_in_a_form_is_refused(visitor: Visitor, token: str, database: Database, body: str) -> None:
    answer = visitor.post("/test/write", data=f"csrf_token={token}&{body}", content_type=FORM)
    assert Page(answer).status == 400
    assert noted(database) == []


def test_a_nul_in_the_name_of_a_file_is_refused(visitor: Visitor, token: str, database: Database) -> None:
    data = {"csrf_token": token, "file": (io.BytesIO(b"x"), "a\0b.txt")}
    assert visitor.post("/test/write", data=data).status_code in (200, 400)
    twice = {"csrf_token": token, "file": [(io.BytesIO(b"x"), "a.txt"), (io.BytesIO(b"x"), "a\0b.txt")]}
    assert visitor.post("/test/write", data=twice).status_code in (200, 400)


@pytest.mark.parametrize(
    "path", ["/gezinszorg/courses?q=%ff%fe", "/gezinszorg/courses/%ff", "/%c3%28/", "/check/%ed%a0%80", "/%e0%80%af"]
)
def test_bytes_that_are_no_text_never_break_a_page(visitor: Visitor, path: str) -> None:
    assert Page(visitor.get(path, follow_redirects=True)).status in (200, 400, 404)


def test_bytes_that_are_no_text_in_a_form_are_kept_as_text_or_not_at_all(
    visitor: Visitor, token: str, database: Database
) -> None:
    quoted, raw = f"csrf_token={token}&key=%ff%ed%a0%80".encode(), f"csrf_token={token}&key=".encode() + b"\xff"
    assert visitor.post("/test/write", data=quoted, content_type=FORM).status_code == 200
    assert visitor.post("/test/write", data=raw, content_type=FORM).status_code == 400
    [kept] = noted(database)
    assert kept.encode().decode() == kept


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.binary(max_size=12), query=st.binary(max_size=12))
def test_no_address_breaks_a_page(visitor: Visitor, path: bytes, query: bytes) -> None:
    def quoted(data: bytes) -> str:
        return "".join(f"%{byte:02x}" for byte in data)

    for address in (f"/gezinszorg/courses?q={quoted(query)}", f"/check/{quoted(path)}", f"/gezinszorg/{quoted(path)}"):
        assert visitor.get(address).status_code < 500, address


def test_an_address_as_long_as_a_book_is_no_fault_of_ours(visitor: Visitor) -> None:
    assert visitor.get("/gezinszorg/courses?q=" + "é" * 4000).status_code == 200
    assert visitor.get("/gezinszorg/courses/" + "x" * 5000).status_code == 404
    assert visitor.get("/gezinszorg/courses?topic=" + "x" * 5000).status_code == 200


def test_a_form_that_is_too_big_is_told_so(visitor: Visitor, token: str, database: Database) -> None:
    body = f"csrf_token={token}&key=" + "x" * MAX_FORM_BYTES
    page = Page(visitor.post("/test/write", data=body, content_type=FORM))
    assert page.status == 413
    assert page.h1 == "Je bestand is te groot"
    assert noted(database) == []


def test_a_file_that_is_too_big_is_refused_before_it_is_read(visitor: Visitor, token: str) -> None:
    data = {"csrf_token": token, "file": (io.BytesIO(b"x"), "film.webm")}
    says = {"CONTENT_LENGTH": str(MAX_UPLOAD_BYTES + 1)}
    page = Page(visitor.post("/test/write", data=data, environ_overrides=says))
    assert page.status == 413
    assert page.response.headers["Connection"] == "close"
