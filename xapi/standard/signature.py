"""Signed statements: a JSON web signature over the statement, sent as an attachment (1.0.3 Data 2.6; 2.0 4.2.6).

This catches mistakes in a signature, as the standard asks of a store. Who signed, and whether to trust her, is for
whoever reads the statement: the signature is kept and answered as it came.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.x509 import InvalidVersion, load_der_x509_certificate
from jwt import PyJWS, PyJWTError

from xapi.standard.comparison import is_same_statement
from xapi.standard.decoding import decode_json, decode_kept
from xapi.standard.errors import StandardError
from xapi.standard.multipart import bare_type
from xapi.standard.statement import check_statement
from xapi.standard.version import Version

CLAUSE = "1.0.3 Data 2.6; 2.0 4.2.6"
USAGE_TYPE = "http://adlnet.gov/expapi/attachments/signature"
CONTENT_TYPE = "application/octet-stream"
ALGORITHMS = ("RS256", "RS384", "RS512")

_jws = PyJWS(algorithms=ALGORITHMS)


def check_signatures(statement: dict[str, Any], data: Mapping[str, bytes], version: Version) -> None:
    """Check every signature of a valid statement, decoded by `decode_kept`.

    `data` is what came along, by hash in lower case. Raises `StandardError` for a signature that is not there, is
    malformed, says something else than the statement, or does not belong to the certificate it brings.
    """
    for index, attachment in enumerate(statement.get("attachments", ())):
        if attachment["usageType"] == USAGE_TYPE:
            _check_signature(statement, attachment, f"$.attachments[{index}]", data, version)


def _check_signature(
    statement: dict[str, Any], attachment: dict[str, Any], place: str, data: Mapping[str, bytes], version: Version
) -> None:
    if bare_type(attachment["contentType"]) != CONTENT_TYPE:
        raise StandardError(f"{place}.contentType", f"must be {CONTENT_TYPE}, for it is a signature", CLAUSE)
    token = data.get(attachment["sha2"].lower())
    if token is None:
        raise StandardError(place, "must be sent with its data, for it is a signature", CLAUSE)
    header, payload = _decode(token, place)
    if header.get("alg") not in ALGORITHMS:
        raise StandardError(place, f"must be signed with one of {', '.join(ALGORITHMS)}", CLAUSE)
    _check_says_the_same(payload, statement, place, version)
    if "x5c" in header:
        _check_certificate(token, header["x5c"], place)


def _decode(token: bytes, place: str) -> tuple[dict[str, Any], bytes]:
    """A signature's header and what it signs, not verified yet."""
    try:
        found = _jws.decode_complete(token, options={"verify_signature": False})
    except PyJWTError as error:
        rule = f"must be a JSON web signature in compact serialisation: {error}"
        raise StandardError(place, rule, CLAUSE) from None
    return found["header"], found["payload"]


def _check_says_the_same(payload: bytes, statement: dict[str, Any], place: str, version: Version) -> None:
    """What was signed is the statement before any signature was added to it."""
    try:
        signed = decode_json(payload)
        check_statement(signed, version)
    except StandardError as error:
        raise StandardError(place, f"must sign a valid statement: {error.path} {error.rule}", CLAUSE) from None
    ids = {found["id"].lower() for found in (signed, statement) if "id" in found}
    if len(ids) > 1 or not is_same_statement(_unsigned(decode_kept(payload)), _unsigned(statement)):
        raise StandardError(place, "must sign the statement it comes with, as it was before signing", CLAUSE)


def _unsigned(statement: dict[str, Any]) -> dict[str, Any]:
    """The statement without its signatures."""
    rest = [found for found in statement.get("attachments", ()) if found["usageType"] != USAGE_TYPE]
    copy = {name: value for name, value in statement.items() if name != "attachments"}
    return copy | {"attachments": rest} if rest else copy


def _check_certificate(token: bytes, chain: Any, place: str) -> None:
    """The first certificate of the header holds the key that signed (RFC 7515 4.1.6)."""
    try:
        certificates = [load_der_x509_certificate(base64.b64decode(item, validate=True)) for item in chain]
        key = certificates[0].public_key()
    except (TypeError, ValueError, IndexError, InvalidVersion, UnsupportedAlgorithm):
        raise StandardError(place, "must have X.509 certificates in the x5c of its header", CLAUSE) from None
    if not isinstance(key, RSAPublicKey):
        raise StandardError(place, "must have an RSA key in the certificate of its header", CLAUSE)
    try:
        _jws.decode_complete(token, key, algorithms=ALGORITHMS)
    except PyJWTError:
        raise StandardError(place, "must be signed with the key of the certificate in its header", CLAUSE) from None
