"""For those who watch: alive, ready, and numbers."""

from __future__ import annotations

import re

import pytest
from structlog.testing import capture_logs

from tests.web.visitor import Visitor

# Nothing here depends on the make of database.
pytestmark = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)


def count(visitor: Visitor, labels: str) -> float:
    text = visitor.get("/metrics").text
    found = re.search(rf"^leerlabo_requests_total{{{re.escape(labels)}}} ([\d.]+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0


def test_it_says_that_it_lives_and_is_ready(visitor: Visitor) -> None:
    assert visitor.get("/health/live").text == "alive\n"
    assert visitor.get("/health/ready").text == "ready\n"
    assert "Set-Cookie" not in visitor.get("/health/ready").headers


def test_answers_are_counted_by_endpoint_and_status(visitor: Visitor) -> None:
    good, missing = 'endpoint="site.privacy",status="200"', 'endpoint="unknown",status="404"'
    failed = 'endpoint="test_fail_reading",status="500"'
    before = [count(visitor, labels) for labels in (good, missing, failed)]
    visitor.get("/privacy")
    visitor.get("/nothing/at/all")
    with capture_logs():
        visitor.get("/test/fail/unforeseen")
    assert [count(visitor, labels) for labels in (good, missing, failed)] == [number + 1 for number in before]


def test_what_people_ask_for_does_not_become_a_label(visitor: Visitor) -> None:
    for number in range(3):
        visitor.get(f"/secret-{number}/of-emma")
    answer = visitor.get("/metrics")
    assert answer.mimetype == "text/plain"
    assert "emma" not in answer.text
