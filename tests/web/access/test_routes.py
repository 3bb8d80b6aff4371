"""Every route as every role, on two areas and three employers: who gets through, and what she never reads."""

from __future__ import annotations

import pytest

from tests.web.access.routes import LINES
from tests.web.access.walk import Walker


def test_every_route_has_its_line_and_every_line_its_route(walker: Walker) -> None:
    routes = {rule.endpoint for rule in walker.app.url_map.iter_rules()}
    assert sorted(routes - LINES.keys()) == [], "say in routes.py who gets through"
    assert sorted(LINES.keys() - routes) == [], "these routes are gone: take their lines out of routes.py"


@pytest.mark.parametrize("endpoint", LINES)
def test_who_gets_through_and_what_she_reads(walker: Walker, endpoint: str) -> None:
    findings = list(walker.walk(endpoint, LINES[endpoint]))
    assert not findings, "\n".join(findings)
