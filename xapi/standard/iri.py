"""IRIs and IRLs: identifiers with a scheme (1.0.3 Data 2.2 and 4.3; 2.0 4.2.7), kept and compared as plain strings."""

from __future__ import annotations

import re
from typing import Any

from xapi.standard.errors import StandardError

CLAUSE = "1.0.3 Data 4.3; 2.0 4.2.7"

# RFC 3987 without the parts a store need not judge: a scheme, then no character an IRI can never hold.
_IRI = re.compile(r'[A-Za-z][A-Za-z0-9+.-]*:[^\x00-\x20"<>\\^`{|}\x7f-\xa0\u2028\u2029\ufffe\uffff]+')


def is_iri(value: Any) -> bool:
    """Whether it is a string with a scheme and only characters an IRI may hold."""
    return type(value) is str and _IRI.fullmatch(value) is not None


def check_iri(value: Any, path: str) -> str:
    """An absolute IRI; fragments and relative addresses are refused."""
    if type(value) is not str or _IRI.fullmatch(value) is None:
        raise StandardError(path, "must be an IRI with a scheme", CLAUSE)
    return value
