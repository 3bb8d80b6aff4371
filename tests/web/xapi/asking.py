"""Statements to send in a test, and what a refusal looks like."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from tests.unit.xapi.examples import minimal


def named(name: str, **more: Any) -> dict[str, Any]:
    """A statement with a fresh id about somebody."""
    return minimal(**{"id": str(uuid4()), "actor": {"mbox": f"mailto:{name}@example.org"}} | more)


def refused(answer: Any, status: int, path: str) -> None:
    """Check that an answer is a refusal with its place and clause, under 2.0."""
    assert answer.status_code == status, answer.data
    assert answer.json["error"]["path"] == path
    assert answer.json["error"]["clause"]
    assert answer.headers["X-Experience-API-Version"] == "2.0.0"
