"""Requests and answers in several parts, written out so that a test can spoil any of them."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson
from werkzeug.test import TestResponse

from tests.web.xapi.conftest import Program

BOUNDARY = "abcABC0123'()+_,-./:=?"
MIXED = f'multipart/mixed; boundary="{BOUNDARY}"'

Part = tuple[dict[str, str], bytes]


def attachment(data: bytes, *, family: str = "sha256", **more: Any) -> dict[str, Any]:
    """What a statement says about this data."""
    return {
        "usageType": "http://example.org/attest",
        "display": {"nl": "Attest"},
        "contentType": "text/plain; charset=ascii",
        "length": len(data),
        "sha2": hashlib.new(family, data).hexdigest(),
        **more,
    }


def statements_part(statements: Any) -> Part:
    """The first part."""
    return {"Content-Type": "application/json"}, orjson.dumps(statements)


def file_part(data: bytes, *, family: str = "sha256", **headers: str | None) -> Part:
    """The part with this data. `headers` change it, by their names in lower case; None leaves one out."""
    sha2 = hashlib.new(family, data).hexdigest()
    named = {"Content-Type": "text/plain", "Content-Transfer-Encoding": "binary", "X-Experience-API-Hash": sha2}
    changed = {name: headers.get(name.lower().replace("-", "_"), value) for name, value in named.items()}
    return {name: value for name, value in changed.items() if value is not None}, data


def body_of(*parts: Part, boundary: str = BOUNDARY) -> bytes:
    """The octets of a request."""
    body = b""
    for headers, data in parts:
        lines = [f"--{boundary}", *(f"{name}:{value}" for name, value in headers.items()), "", ""]
        body += "\r\n".join(lines).encode() + data + b"\r\n"
    return body + f"--{boundary}--\r\n".encode()


def send(program: Program, statements: Any, *files: Part) -> TestResponse:
    """POST statements with the data of their attachments."""
    return program.post(body_of(statements_part(statements), *files), content_type=MIXED)


def parts_of(answer: TestResponse) -> list[Part]:
    """What an answer in several parts holds, read as its headers tell."""
    kind, _, boundary = answer.content_type.partition("; boundary=")
    assert (answer.status_code, kind) == (200, "multipart/mixed")
    before, *parts, after = (b"\r\n" + answer.data).split(b"\r\n--" + boundary.strip('"').encode())
    assert (before, after) == (b"", b"--\r\n")
    return [_part(part) for part in parts]


def _part(text: bytes) -> Part:
    head, _, data = text.removeprefix(b"\r\n").partition(b"\r\n\r\n")
    headers = (line.split(": ", 1) for line in head.decode().split("\r\n"))
    return {name: value for name, value in headers}, data  # noqa: C416  two of them, as mypy knows
