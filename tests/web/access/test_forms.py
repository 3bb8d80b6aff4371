"""What a form must carry, and what may be typed into an address or a form without breaking anything."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask, Request
from werkzeug.datastructures import ImmutableMultiDict

from tests.web.access.markers import Side
from tests.web.access.routes import ANONYMOUS, LINES, Line
from tests.web.access.walk import SAFE, Walker, fill, hidden_parts

FORMS = [endpoint for endpoint, line in LINES.items() if not line.programs]
ODD_PARTS = {
    "string": ("x", "..", "%", "'; DROP TABLE person; --", "<script>", "é" * 200, "a" * 5000, "\x00", "\ud7ff"),
    "int": ("0", "2147483648", "9223372036854775808", "9" * 40),
    "uuid": ("00000000-0000-0000-0000-000000000000", "not-a-uuid"),
    "path": ("../../etc/passwd", "media/../../x", "x.svg", "\x00.svg", "a" * 5000),
}
HOSTILE = (
    "<script>alert(1)</script>'\"; DROP TABLE person; -- =cmd() é 💥",
    "\x00",
    "9" * 5000,
    "NaN",
    "-1e400",
    "2147483648",
    "31-02-2026",
)


class Asked(ImmutableMultiDict[str, str]):
    """A form that remembers which fields its view asked for."""

    names: set[str] = set()  # noqa: RUF012  one set for a whole walk

    def get(self, key, default=None, type=None):  # type: ignore[no-untyped-def, override]  # noqa: ANN001, ANN201
        self.names.add(key)
        return super().get(key, default, type)

    def getlist(self, key, type=None):  # type: ignore[no-untyped-def]  # noqa: ANN001, ANN201
        self.names.add(key)
        return super().getlist(key, type)


class AskedRequest(Request):
    parameter_storage_class = Asked


@pytest.fixture
def asked(walker: Walker, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names of all fields and parameters that views asked for in this test."""
    Asked.names = set()
    monkeypatch.setattr(walker.app, "request_class", AskedRequest)
    return Asked.names


def who_may(line: Line) -> str:
    """Somebody who gets through HERE, rather the least powerful."""
    order = (ANONYMOUS, "learner", "officer", "trainer", "consultant", "admin")
    return next((who for who in order if who in line.here), "learner")


def posts(walker: Walker, endpoint: str) -> Iterator[tuple[str, str]]:
    """The unsafe methods of an endpoint with their address HERE."""
    line = LINES[endpoint]
    for rule in walker.rules(endpoint):
        for method in sorted((rule.methods or set()) - SAFE):
            query = line.queries[-1].format(**walker.world.here.values)
            yield method, "?".join(filter(None, (fill(rule, line, walker.world.here), query)))


@pytest.mark.parametrize("endpoint", FORMS)
def test_a_form_needs_its_token_and_its_own_site(walker: Walker, endpoint: str) -> None:
    who = who_may(LINES[endpoint])
    for method, address in posts(walker, endpoint):
        assert walker.ask(method, address, who, token=False).status_code == 400, f"{address} without a token"
        elsewhere = walker.ask(method, address, who, headers={"Origin": "https://elsewhere.example"})
        assert elsewhere.status_code == 400, f"{address} from another site"


@pytest.mark.parametrize("endpoint", LINES)
def test_no_odd_address_breaks_a_page(walker: Walker, endpoint: str) -> None:
    line, here = LINES[endpoint], walker.world.here
    who = who_may(line)
    for rule in walker.rules(endpoint):
        for address in _odd_addresses(rule, line, here):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                assert walker.ask(method, address, who).status_code < 500, f"{who}: {method} {address!r}"


def _odd_addresses(rule, line: Line, side: Side) -> Iterator[str]:  # type: ignore[no-untyped-def]  # noqa: ANN001
    for converter, name in hidden_parts(rule):
        for value in ODD_PARTS[converter]:
            yield fill(rule, line, side, **{name: value})


@pytest.mark.parametrize("endpoint", LINES)
def test_nothing_typed_breaks_a_page(walker: Walker, endpoint: str, asked: set[str]) -> None:
    line, here = LINES[endpoint], walker.world.here
    who = who_may(line)
    for rule in walker.rules(endpoint):
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            for query in line.queries:
                address = f"{fill(rule, line, here)}?{query.format(**here.values)}"
                walker.ask(method, address, who)
                names = sorted(asked - {"csrf_token"})
                for value in HOSTILE if names else ():
                    typed = dict.fromkeys(names, value)
                    response = walker.ask(method, address, who, form=typed)
                    assert response.status_code < 500, f"{who}: {method} {address} with {value[:40]!r} in {names}"


def test_the_app_of_the_walk_is_the_platform(walker: Walker) -> None:
    assert isinstance(walker.app, Flask)
