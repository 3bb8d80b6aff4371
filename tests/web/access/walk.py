"""Asks a route as everybody, for what is hers and for what is another's, and says in sentences what is wrong."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlencode

import openpyxl
from flask.testing import FlaskClient
from pypdf import PdfReader
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from lms.kernel.identity import Role
from tests.factories.accounts import sign_in_as
from tests.services.platform import HOST
from tests.web.access.markers import Kind, Marker, Side
from tests.web.access.routes import ANONYMOUS, EVERYBODY, Line
from tests.web.access.world import HERE_AREA, World
from tests.web.page import BadPageError, parse
from tests.web.visitor import visitor_of

ORIGIN = f"http://{HOST}"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
WRONG_FORM = frozenset({422, 429})
AREA_STAFF = frozenset({Role.TRAINER.value, Role.CONSULTANT.value})


@dataclass(frozen=True)
class Ticket:
    """What a visitor carries: the cookie of her sign-in and a token for her forms."""

    cookie: str
    token: str


class Walker:
    """Walks the routes of one world as each of its visitors. After an answer that changed something all is put back."""

    def __init__(self, world: World) -> None:
        self.world, self.app = world, world.app
        self.tickets = {who: self._sign_in(who) for who in EVERYBODY}
        self.put_back: Callable[[], None] = lambda: None

    def rules(self, endpoint: str) -> list[Rule]:
        """The addresses of an endpoint."""
        return list(self.app.url_map.iter_rules(endpoint))

    # ---- the walk ----------------------------------------------------------------------------------------------------

    def walk(self, endpoint: str, line: Line) -> Iterator[str]:
        """Everything wrong with this route."""
        for rule in self.rules(endpoint):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                for address, side, allowed in self._addresses(rule, line):
                    for who in sorted(EVERYBODY):
                        yield from self._ask(method, address, who, line, allowed=who in allowed, side=side)

    def _addresses(self, rule: Rule, line: Line) -> Iterator[tuple[str, Side, frozenset[str]]]:
        """What belongs to each side, and who gets through to it; what two sides share is HERE's."""
        seen: set[str] = set()
        for side, allowed in zip(self._places(line), (line.here, line.next_door, line.far, line.astray), strict=False):
            for query in line.queries:
                address = "?".join(filter(None, (fill(rule, line, side), query.format(**side.values))))
                if address not in seen:
                    seen.add(address)
                    yield address, side, allowed

    def _places(self, line: Line) -> tuple[Side, ...]:
        """The sides, and for an address that names an area: what is FAR, asked for HERE."""
        if line.values.keys() <= {"area"}:
            return self.world.sides
        astray = Side("zanduil, astray", HERE_AREA, values=self.world.far.values | {"area": HERE_AREA})
        return (*self.world.sides, astray) if "area" in line.values else self.world.sides

    def _ask(self, method: str, address: str, who: str, line: Line, *, allowed: bool, side: Side) -> Iterator[str]:
        where = f"{who}: {method} {address} ({side.name})"
        response = self.ask(method, address, who)
        if side not in self.world.sides:  # what is not offered there is not found there, whoever asks
            line = replace(line, door="refused" if response.status_code == 404 else line.door)
        if problem := _judge_status(response, who, line, allowed=allowed):
            yield f"{where} gave {response.status_code}: {problem}"
        yield from (
            f"{where} gave {response.status_code} and shows {marker.word}" for marker in self.leaks(response, who, line)
        )
        if allowed and response.status_code == 200 and response.mimetype == "text/html":
            yield from _faults(response, where)

    def ask(
        self,
        method: str,
        address: str,
        who: str,
        *,
        form: dict[str, Any] | None = None,
        headers: dict[str, str] | None = None,
        token: bool = True,
    ) -> TestResponse:
        """One request. What it changed is undone."""
        client = self.client(who)
        options: dict[str, Any] = {"method": method, "headers": headers or {}}
        if method in SAFE:
            address += ("&" if "?" in address else "?") + urlencode(form) if form else ""
        else:
            fields = {"csrf_token": self.tickets[who].token} if token else {}
            options["data"] = fields | (form or {})
        response = client.open(address, **options)
        response.get_data()
        response.close()
        if response.status_code < 400 and (method not in SAFE or self._writes(address)):
            self.put_back()
        return response

    def client(self, who: str) -> FlaskClient:
        """A browser of this visitor, as it was when she signed in."""
        client = visitor_of(self.app)
        if self.tickets and who in self.tickets:
            client.set_cookie("leerlabo", self.tickets[who].cookie, domain=HOST.partition(":")[0])
        return client

    def leaks(self, response: TestResponse, who: str, line: Line) -> list[Marker]:
        """The words in this answer that she may not read."""
        said = words_of(response)
        path = response.request.path
        return [
            marker
            for marker in self.world.markers
            if marker.word in said and not (marker.kind in line.shows or may_read(who, marker, path))
        ]

    # ---- signing in --------------------------------------------------------------------------------------------------

    def _sign_in(self, who: str) -> Ticket:
        client = visitor_of(self.app)
        if who != ANONYMOUS:
            sign_in_as(client, self.world.people[Role(who)])
        token = client.page("/help").forms()[0].values["csrf_token"][0]
        cookie = client.get_cookie("leerlabo", domain=HOST.partition(":")[0])
        assert cookie is not None
        return Ticket(cookie.value, token)

    def _writes(self, address: str) -> bool:
        return address.startswith("/handover/")


def fill(rule: Rule, line: Line, side: Side, **instead: str) -> str:
    """The address of this rule for what belongs to this side; `instead` names parts to be filled otherwise."""
    parts = []
    for converter, _arguments, name in _pieces(rule):
        if converter is None:
            parts.append(name)
        elif name in instead:
            parts.append(quote(instead[name], safe="/" if converter == "path" else ""))
        else:
            value = line.values[name]
            parts.append(value[1:] if value.startswith("=") else str(side.values[value]))
    return "".join(parts)


def hidden_parts(rule: Rule) -> list[tuple[str, str]]:
    """The arguments of a rule: converter and name."""
    return [(converter, name) for converter, _arguments, name in _pieces(rule) if converter is not None]


def _pieces(rule: Rule) -> Iterator[tuple[str | None, None, str]]:
    """A rule in pieces: fixed text (None), or a converter and the name of its argument."""
    rest = rule.rule
    while rest:
        fixed, angle, rest = rest.partition("<")
        if fixed:
            yield None, None, fixed
        if angle:
            inside, _, rest = rest.partition(">")
            converter, colon, name = inside.partition(":")
            yield (converter, None, name) if colon else ("string", None, converter)


# ---- what is right ---------------------------------------------------------------------------------------------------


def may_read(who: str, marker: Marker, path: str) -> bool:
    """Whether this visitor may read this word at this address, whatever the page."""
    if marker.kind is Kind.OPEN:  # what an area tells everybody stands on its own pages, and on no other area's
        return who == Role.ADMIN.value or not path.startswith(f"/{_other(marker.area)}/")
    if who in (Role.ADMIN.value, marker.owner):
        return True
    if who in AREA_STAFF:
        return marker.area == HERE_AREA
    is_hers = marker.side == "kwetsel"
    if who == Role.OFFICER.value:
        return is_hers and marker.kind in (Kind.PERSON, Kind.STAFF, Kind.EMPLOYER)
    if who == Role.LEARNER.value and is_hers:
        return marker.kind in (Kind.EMPLOYER, Kind.PRIVATE) or (marker.kind is Kind.STAFF and "trainer" in marker.owner)
    return who != ANONYMOUS and is_hers and marker.kind is Kind.EMPLOYER


def _other(area: str) -> str:
    return "ouderenzorg" if area == HERE_AREA else HERE_AREA


def _judge_status(response: TestResponse, who: str, line: Line, *, allowed: bool) -> str:
    status = response.status_code
    if status >= 500:
        return "broken"
    if line.programs:
        return "" if status in (400, 401, 404, 405) or allowed else "a cookie opened it"
    is_door = status == 303 and response.headers.get("Location", "").startswith("/sign-in?")
    is_door = is_door or (status == 303 and response.headers.get("Location") == "/sign-in" and who == ANONYMOUS)
    if allowed:
        fine = status < 400 or status in WRONG_FORM or status in line.answers
        return "" if fine and not is_door else "she should get through"
    if who == ANONYMOUS and line.door == "sign-in":
        return "" if is_door else "a visitor should be sent to the sign-in page"
    return "" if status in (403, 404) else "she should be refused"


def _faults(response: TestResponse, where: str) -> Iterator[str]:
    try:
        parse(response.get_data(as_text=True), where=where)
    except BadPageError as error:
        yield str(error)


def words_of(response: TestResponse) -> str:
    """Everything an answer says, in small letters: its body, whatever its kind, and where it sends one."""
    data = response.get_data()
    if response.mimetype == "application/pdf" and response.status_code == 200 and b"/Page" in data:
        text = " ".join(page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    elif "spreadsheet" in (response.mimetype or ""):
        book = openpyxl.load_workbook(io.BytesIO(data), read_only=True)
        text = " ".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row)
    else:
        text = data.decode("utf-8", "replace")
    return f"{text} {response.headers}".lower()
