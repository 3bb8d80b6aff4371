"""Signed statements (1.0.3 Data 2.6; 2.0 4.2.6)."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from typing import Any
from uuid import uuid4

import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from jwt import PyJWS
from werkzeug.test import TestResponse

from lms.kernel import clock
from tests.conformance.multipart import attachment, file_part, parts_of, send
from tests.unit.xapi.examples import minimal
from tests.web.xapi.conftest import Program
from xapi.standard.signature import CONTENT_TYPE, USAGE_TYPE

Key = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey


@cache
def _rsa_key(_name: str = "") -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(65537, 2048)


def _certificate(key: Key) -> str:
    """A certificate of this key's own, as a signature's header holds it."""
    name, now = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Leerlabo")]), clock.now()
    builder = x509.CertificateBuilder(name, name, key.public_key(), 1, now, now + timedelta(days=1))
    return base64.b64encode(builder.sign(key, hashes.SHA256()).public_bytes(Encoding.DER)).decode()


def sign(payload: bytes, algorithm: str = "RS256", key: Any = None, **header: Any) -> bytes:
    """A JSON web signature in compact serialisation."""
    return (
        PyJWS()
        .encode(payload, _rsa_key() if key is None else key, algorithm=algorithm, headers={"typ": "", **header})
        .encode()
    )


def signed(statement: dict[str, Any], token: bytes, **more: Any) -> dict[str, Any]:
    """The statement with one more attachment, its signature."""
    signature = attachment(token, **{"usageType": USAGE_TYPE, "contentType": CONTENT_TYPE, **more})
    return {**statement, "attachments": [*statement.get("attachments", ()), signature]}


def post(program: Program, statement: dict[str, Any], token: bytes, **more: Any) -> TestResponse:
    """POST a statement with this signature."""
    return send(program, signed(statement, token, **more), file_part(token, content_type=more.get("contentType")))


def refused(answer: TestResponse, rule: str, place: str = "$.attachments[0]") -> None:
    """Check that an answer is a 400 about the signature."""
    assert answer.status_code == 400, answer.data
    assert answer.json is not None
    error = answer.json["error"]
    assert error["path"] == place
    assert rule in error["rule"]
    assert "Data 2.6" in error["clause"]


@pytest.fixture
def statement() -> dict[str, Any]:
    """A statement to sign."""
    return minimal(id=str(uuid4()), timestamp="2026-11-23T10:00:00Z", result={"duration": "PT1.239S"})


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512"])
def test_data_2_6_s4_b4_rsa_signatures_are_taken_and_kept(
    program: Program, statement: dict[str, Any], algorithm: str
) -> None:
    token = sign(orjson.dumps(statement), algorithm)

    assert post(program, statement, token).status_code == 200
    (_, body), (_, kept) = parts_of(program.get({"statementId": statement["id"], "attachments": "true"}))
    assert kept == token
    assert orjson.loads(body)["attachments"][0]["usageType"] == USAGE_TYPE


@pytest.mark.parametrize("algorithm", ["HS256", "PS256", "none"])
def test_data_2_6_s4_b4_other_algorithms_are_refused(
    program: Program, statement: dict[str, Any], algorithm: str
) -> None:
    key = {"HS256": b"x" * 32, "PS256": None, "none": ""}[algorithm]
    refused(post(program, statement, sign(orjson.dumps(statement), algorithm, key)), "RS256, RS384, RS512")


def test_data_2_6_s4_b1_a_signature_is_an_octet_stream(program: Program, statement: dict[str, Any]) -> None:
    token = sign(orjson.dumps(statement))

    refused(
        post(program, statement, token, contentType="text/plain"),
        "application/octet-stream",
        "$.attachments[0].contentType",
    )
    assert post(program, statement, token, contentType="Application/Octet-Stream; a=b").status_code == 200


def test_data_2_6_s4_b1_a_signature_comes_with_its_data(program: Program, statement: dict[str, Any]) -> None:
    address = {"fileUrl": "http://example.org/signature"}

    refused(program.post(signed(statement, sign(b"{}"), **address)), "sent with its data")
    refused(send(program, signed(statement, sign(b"{}"), **address)), "sent with its data")


def _spoilt_end(token: bytes) -> bytes:
    return token[:-8] + b"!" * 8


@pytest.mark.parametrize(
    "spoil",
    [
        lambda _token: b"",
        lambda _token: b"..",
        lambda _token: b"\xff\x00",
        lambda token: token.rpartition(b".")[0],
        lambda token: b"e30" + token,
        lambda token: b"bnVsbA" + token[token.index(b".") :],
        lambda token: orjson.dumps({"payload": token.split(b".")[1].decode(), "signatures": []}),
        _spoilt_end,
    ],
)
def test_data_2_6_s4_b2_what_is_no_compact_signature_is_refused(
    program: Program, statement: dict[str, Any], spoil: Callable[[bytes], bytes]
) -> None:
    refused(post(program, statement, spoil(sign(orjson.dumps(statement)))), "compact")


@pytest.mark.parametrize("payload", [b"", b"null", b"{", b"{'id': 1}", b"[]", b"\xff", b"[" * 100_000])
def test_data_2_6_s4_b3_the_payload_is_a_statement(program: Program, statement: dict[str, Any], payload: bytes) -> None:
    refused(post(program, statement, sign(payload)), "must")


@pytest.mark.parametrize(
    "change",
    [
        {"id": str(uuid4())},
        {"actor": {"mbox": "mailto:other@example.org"}},
        {"result": {"duration": "PT1.24S"}},
        {"timestamp": "2026-11-23T10:00:01Z"},
        {"attachments": [attachment(b"x", fileUrl="urn:x")]},
    ],
)
def test_data_2_6_s5_b3_b2_the_payload_says_what_the_statement_says(
    program: Program, statement: dict[str, Any], change: dict[str, Any]
) -> None:
    refused(post(program, statement, sign(orjson.dumps(statement | change))), "must sign the statement")
    assert program.listed() == []


def test_data_2_6_s5_b3_b2_a_payload_need_only_be_equivalent(program: Program, statement: dict[str, Any]) -> None:
    bare = {name: value for name, value in statement.items() if name not in ("id", "timestamp")}
    payload = orjson.dumps({**bare, "result": {"duration": "PT1.23S"}}, option=orjson.OPT_INDENT_2)

    assert post(program, statement, sign(payload)).status_code == 200


def test_data_2_6_s4_b3_what_was_attached_before_is_signed_too(program: Program, statement: dict[str, Any]) -> None:
    whole = {**statement, "attachments": [attachment(b"x", fileUrl="urn:x")]}

    assert post(program, whole, sign(orjson.dumps(whole))).status_code == 200
    refused(post(program, whole | {"id": str(uuid4())}, sign(orjson.dumps(statement))), "must sign", "$.attachments[1]")


def test_data_2_6_two_may_sign(program: Program, statement: dict[str, Any]) -> None:
    first = sign(orjson.dumps(statement))
    once = signed(statement, first)
    second = sign(orjson.dumps(once), key=_rsa_key("another"))

    answer = send(
        program, signed(once, second), file_part(first, content_type=None), file_part(second, content_type=None)
    )

    assert answer.status_code == 200, answer.data


def test_data_2_6_s5_b3_b3_a_certificate_is_of_the_key_that_signed(program: Program, statement: dict[str, Any]) -> None:
    payload, own, other = orjson.dumps(statement), _certificate(_rsa_key()), _certificate(_rsa_key("another"))

    for algorithm in ("RS256", "RS384", "RS512"):
        assert post(program, statement, sign(payload, algorithm, x5c=[own, other])).status_code in (200, 409)
    refused(post(program, statement, sign(payload, x5c=[other, own])), "key of the certificate")
    token = sign(payload, x5c=[own])
    head, _, signature = token.rpartition(b".")
    refused(post(program, statement, head + b"." + signature[::-1].replace(b"A", b"B")[:-1] + b"A"), "must")


@pytest.mark.parametrize("chain", [[], None, 1, "x", ["x"], [1], [{}], {"a": 1}, [base64.b64encode(b"0").decode()]])
def test_data_2_6_s5_b3_b3_what_is_no_certificate_is_refused(
    program: Program, statement: dict[str, Any], chain: Any
) -> None:
    refused(post(program, statement, sign(orjson.dumps(statement), x5c=chain)), "X.509")


def test_data_2_6_s4_b5_the_key_of_a_certificate_is_rsa(program: Program, statement: dict[str, Any]) -> None:
    elliptic = _certificate(ec.generate_private_key(ec.SECP256R1()))
    refused(post(program, statement, sign(orjson.dumps(statement), x5c=[elliptic])), "RSA key")


def test_data_2_6_a_batch_says_which_statement_is_badly_signed(program: Program, statement: dict[str, Any]) -> None:
    token = sign(b"{}")
    answer = send(program, [minimal(), signed(statement, token)], file_part(token, content_type=None))
    refused(answer, "must sign a valid statement", "$[1].attachments[0]")
