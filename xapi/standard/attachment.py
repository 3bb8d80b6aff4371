"""What a statement says about its attachments (1.0.3 Data 2.4.11; 2.0 4.2.2.6)."""

from __future__ import annotations

import re
from typing import Any

from xapi.standard.errors import StandardError
from xapi.standard.formatting import check_array, check_object, required
from xapi.standard.iri import check_iri
from xapi.standard.language import check_language_map

CLAUSE = "1.0.3 Data 2.4.11; 2.0 4.2.2.6"

_ATTACHMENT = frozenset({"usageType", "display", "description", "contentType", "length", "sha2", "fileUrl"})
_MEDIA_TYPE = re.compile(r"[\w!#$&^.+-]+/[\w!#$&^.+-]+(?:\s*;.*)?", re.ASCII)
_SHA2 = re.compile(r"(?:[0-9a-fA-F]{56}|[0-9a-fA-F]{64}|[0-9a-fA-F]{96}|[0-9a-fA-F]{128})")


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
    if type(sha2) is not str or _SHA2.fullmatch(sha2) is None:
        raise StandardError(f"{path}.sha2", "must be a SHA-2 in hexadecimal digits", CLAUSE)
    if "fileUrl" in attachment:
        check_iri(attachment["fileUrl"], f"{path}.fileUrl")
