"""Verbs: an IRI with the meaning and a display for people (1.0.3 Data 2.4.3; 2.0 4.2.2.2)."""

from __future__ import annotations

from typing import Any

from xapi.standard.formatting import check_object, required
from xapi.standard.iri import check_iri
from xapi.standard.language import check_language_map

CLAUSE = "1.0.3 Data 2.4.3; 2.0 4.2.2.2"
VOIDED = "http://adlnet.gov/expapi/verbs/voided"

_VERB = frozenset({"id", "display"})


def check_verb(value: Any, path: str) -> None:
    """A verb has an IRI, and a language map to show."""
    verb = check_object(value, path, _VERB, CLAUSE)
    check_iri(required(verb, "id", path, CLAUSE), f"{path}.id")
    if "display" in verb:
        check_language_map(verb["display"], f"{path}.display")
