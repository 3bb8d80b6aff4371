"""Statement references: a statement about, or in the context of, another one (1.0.3 Data 2.4.4.3; 2.0 4.2.2.3)."""

from __future__ import annotations

from typing import Any

from xapi.standard.errors import StandardError
from xapi.standard.formatting import check_object, required
from xapi.standard.identifier import check_uuid

CLAUSE = "1.0.3 Data 2.4.4.3; 2.0 4.2.2.3"

_REFERENCE = frozenset({"objectType", "id"})


def check_statement_ref(value: Any, path: str) -> None:
    """It says that it is a reference, and the id of a statement, which need not be here."""
    reference = check_object(value, path, _REFERENCE, CLAUSE)
    if required(reference, "objectType", path, CLAUSE) != "StatementRef":
        raise StandardError(f"{path}.objectType", "must be StatementRef", CLAUSE)
    check_uuid(required(reference, "id", path, CLAUSE), f"{path}.id")
