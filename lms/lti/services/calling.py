"""Ask a service of a platform: with a token, within limits, page by page, and never in the middle of a transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any, Self

import orjson

from lms.kernel.db import Database
from lms.kernel.outgoing import Answer, Fault, Outgoing, Unreachable
from lms.lti.formats.services import Problem, is_literal, is_same_origin, next_page
from lms.lti.models import PlatformRegistration
from lms.lti.services.tokens import ServiceFailure, Tokens

MOST_PAGES = 200
MOST_SAID = 400
_TOKENS = Tokens()


@dataclass(frozen=True, slots=True)
class PlatformCaller:
    """One platform, as its services are asked. The address of each service came from the platform itself, signed.

    `until`: from when on (on the clock of this machine) nothing is asked any more.
    """

    database: Database
    registration: PlatformRegistration
    outgoing: Outgoing
    tokens: Tokens = field(default=_TOKENS)
    until: float | None = None

    def within(self, seconds: float) -> Self:
        """The same, but all that is asked together may take so long: each page may be slow, and there may be many."""
        return replace(self, until=monotonic() + seconds)

    @property
    def is_late(self) -> bool:
        """Whether its time is up."""
        return self.until is not None and monotonic() >= self.until

    def get(self, url: str, *, scope: str, accept: str) -> Answer:
        """Read one page. Raises `ServiceFailure`."""
        return self._ask(url, "GET", scope, {"Accept": accept}, None)

    def post(self, url: str, data: Any, *, scope: str, media_type: str, accept: str = "application/json") -> Answer:
        """Send this as JSON. Raises `ServiceFailure`."""
        headers = {"Accept": accept, "Content-Type": media_type}
        return self._ask(url, "POST", scope, headers, orjson.dumps(data))

    def pages(self, url: str, *, scope: str, accept: str, most: int = MOST_PAGES) -> Iterator[Any]:
        """The JSON of each page, from the first to the last one.

        A next page on another host, one that was there already, or one too many is a `ServiceFailure`: half a list is
        no list.
        """
        seen: set[str] = set()
        following: str | None = url
        while following is not None:
            if following in seen or len(seen) >= most:
                raise ServiceFailure(Problem.TOO_MANY_PAGES, said=following[:MOST_SAID])
            if not is_same_origin(url, following):
                raise ServiceFailure(Problem.NOT_ITS_ADDRESS, said=following[:MOST_SAID])
            seen.add(following)
            answer = self.get(following, scope=scope, accept=accept)
            yield json_of(answer)
            following = _next_page(following, answer)

    def _ask(self, url: str, method: str, scope: str, headers: dict[str, str], body: bytes | None) -> Answer:
        """With the token we have; when that is refused once, with a new one, once.

        A service is never asked with less secrecy than its token endpoint: a token on plain http is anybody's.
        """
        is_secret = self.registration.token_endpoint.startswith("https:")
        if not url or is_literal(url) or (is_secret and not url.startswith("https:")):
            raise ServiceFailure(Problem.NOT_ITS_ADDRESS, said=url[:MOST_SAID])
        answer = self._ask_once(url, method, scope, headers, body)
        if answer.status == 401:
            self.tokens.drop(self.registration, [scope])
            answer = self._ask_once(url, method, scope, headers, body)
            if answer.status == 401:
                self.tokens.drop(self.registration, [scope])
        return _checked(answer)

    def _ask_once(self, url: str, method: str, scope: str, headers: dict[str, str], body: bytes | None) -> Answer:
        if self.is_late:
            raise ServiceFailure(Fault.TOO_LATE)
        token = self.tokens.get(self.database, self.registration, [scope], self.outgoing)
        try:
            return self.outgoing.ask(url, method, headers={**headers, "Authorization": f"Bearer {token}"}, body=body)
        except Unreachable as failure:
            raise ServiceFailure(failure.fault, said=failure.detail) from failure


def json_of(answer: Answer) -> Any:
    """The JSON of an answer. Raises `ServiceFailure`."""
    try:
        return answer.json()
    except ValueError as error:
        raise ServiceFailure(Problem.BROKEN_ANSWER, answer.status, said_in(answer)) from error


def _next_page(url: str, answer: Answer) -> str | None:
    try:
        return next_page(url, answer.headers)
    except ValueError as error:
        raise ServiceFailure(Problem.NOT_ITS_ADDRESS, answer.status, answer.headers["link"][:MOST_SAID]) from error


def said_in(answer: Answer) -> str:
    """The first words of an answer, for who looks after the platform."""
    return answer.body[: 4 * MOST_SAID].decode(errors="replace").replace("\0", "")[:MOST_SAID]


_PROBLEMS = {401: Problem.NOT_LET_IN, 404: Problem.GONE, 410: Problem.GONE, 409: Problem.OLDER}


def _checked(answer: Answer) -> Answer:
    if answer.is_good:
        return answer
    if answer.status in (408, 425, 429):
        problem = Problem.BUSY
    elif answer.status >= 500 or answer.status < 400:
        problem = Problem.SERVER
    else:
        problem = _PROBLEMS.get(answer.status, Problem.REFUSED)
    raise ServiceFailure(problem, answer.status, said_in(answer), _wait_s(answer))


def _wait_s(answer: Answer) -> int | None:
    text = answer.headers.get("retry-after", "").strip()
    return min(int(text), 86_400) if text.isdecimal() and len(text) < 9 else None
