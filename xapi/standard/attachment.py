"""What a statement says about its attachments (1.0.3 Data 2.4.11; 2.0 4.2.2.6)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any

from xapi.standard.errors import StandardError
from xapi.standard.formatting import check_array, check_object, required
from xapi.standard.iri import check_iri
from xapi.standard.language import check_language_map

CLAUSE = "1.0.3 Data 2.4.11; 2.0 4.2.2.6"

_ATTACHMENT = frozenset({"usageType", "display", "description", "contentType", "length", "sha2", "fileUrl"})
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:[ \t]*;[\t -~]*)?", re.ASCII)  # a header of ours repeats it
_SHA2 = re.compile(r"(?:[0-9a-fA-F]{56}|[0-9a-fA-F]{64}|[0-9a-fA-F]{96}|[0-9a-fA-F]{128})")
_FAMILY = {56: "sha224", 64: "sha256", 96: "sha384", 128: "sha512"}  # by the number of hexadecimal digits


def check_attachments(value: Any, path: str) -> None:
    """An array of attachments; the data itself comes beside the statement or from its fileUrl."""
    for index, attachment in enumerate(check_array(value, path, CLAUSE)):
        check_attachment(attachment, f"{path}[{index}]")


def check_attachment(value: Any, path: str) -> None:
    """Usage, display, type, length and hash are required; description and fileUrl are not."""
    attachment = check_object(value, path, _ATTACHMENT, CLAUSE)
    check_iri(required(attachment, "usageType", path, CLAUSE), f"{path}.usageType")
    check_language_map(required(attachment, "display", path, CLAUSE), f"{path}.display")
    if "description" in attachment:
        check_language_map(attachment["description"], f"{path}.description")
    content_type = required(attachment, "contentType", path, CLAUSE)
    if type(content_type) is not str or _MEDIA_TYPE.fullmatch(content_type) is None:
        raise StandardError(f"{path}.contentType", "must be an Internet media type", CLAUSE)
    length = required(attachment, "length", path, CLAUSE)
    if type(length) is not int or length < 0:
        raise StandardError(f"{path}.length", "must be a whole number of octets", CLAUSE)
    sha2 = required(attachment, "sha2", path, CLAUSE)
    if type(sha2) is not str or not is_hash(sha2):
        raise StandardError(f"{path}.sha2", "must be a SHA-2 in hexadecimal digits", CLAUSE)
    if "fileUrl" in attachment:
        check_iri(attachment["fileUrl"], f"{path}.fileUrl")


def attachments_of(statement: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Each attachment of a valid statement, and of a sub-statement in it, with its place."""
    for index, attachment in enumerate(statement.get("attachments", ())):
        yield f"$.attachments[{index}]", attachment
    for index, attachment in enumerate(statement["object"].get("attachments", ())):
        yield f"$.object.attachments[{index}]", attachment


def is_hash(text: str) -> bool:
    """Whether this can be a SHA-2, in hexadecimal digits."""
    return _SHA2.fullmatch(text) is not None


def hash_of(data: bytes, sha2: str) -> str:
    """The hash of this data, by the member of the SHA-2 family that the length of `sha2` tells, in lower case."""
    return hashlib.new(_FAMILY[len(sha2)], data).hexdigest()
