"""Access tokens for a platform's services (Security Framework 1.0, 4.1): asked with a message we signed, and kept."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from threading import Lock
from urllib.parse import urlencode
from uuid import uuid4

from lms.kernel.db import Database
from lms.kernel.outgoing import Outgoing, Unreachable
from lms.lti.formats.services import Problem
from lms.lti.formats.texts import cleaned
from lms.lti.models import PlatformRegistration
from lms.lti.services.keys import sign

LASTS_S = 60  # of our own message
EARLY_S = 30  # a token is not used in its last seconds
LONGEST_S = 3600
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


class ServiceFailure(Exception):  # noqa: N818  what a service of a platform did
    """A service did not do what we asked. `problem`: a `Problem` or a fault of `kernel.outgoing`; `status` when it
    answered; `said`: the first words of the answer; `wait_s`: how long it asks us to wait.
    """

    def __init__(self, problem: str, status: int | None = None, said: str = "", wait_s: int | None = None) -> None:
        super().__init__(f"{problem} {status or ''} {said}".strip())
        self.problem, self.status, self.said, self.wait_s = str(problem), status, cleaned(said), wait_s


@dataclass(frozen=True, slots=True)
class _Kept:
    token: str
    until: float


class Tokens:
    """The tokens this process holds, by registration and scopes.

    In memory and nowhere else: a token is a secret that opens a grade book, and each worker may ask its own.
    """

    def __init__(self) -> None:
        self._kept: dict[tuple[object, ...], _Kept] = {}
        self._lock = Lock()

    def get(
        self, database: Database, registration: PlatformRegistration, scopes: Iterable[str], outgoing: Outgoing
    ) -> str:  # fmt: skip
        """A token for these scopes. Raises `ServiceFailure`."""
        key = _key(registration, scopes)
        with self._lock:
            kept = self._kept.get(key)
        if kept is not None and kept.until > time.monotonic():
            return kept.token
        fresh = _ask(database, registration, scopes, outgoing)
        with self._lock:
            self._kept[key] = fresh
        return fresh.token

    def drop(self, registration: PlatformRegistration, scopes: Iterable[str]) -> None:
        """It was refused: the next one is new."""
        with self._lock:
            self._kept.pop(_key(registration, scopes), None)


def _key(registration: PlatformRegistration, scopes: Iterable[str]) -> tuple[object, ...]:
    """A registration that was changed gets new tokens."""
    who = (registration.issuer, registration.client_id, registration.token_endpoint, registration.token_audience)
    return (*who, *sorted(scopes))


def _ask(
    database: Database, registration: PlatformRegistration, scopes: Iterable[str], outgoing: Outgoing
) -> _Kept:  # fmt: skip
    """Client credentials with a signed assertion (RFC 7523). Redirects of a POST are not followed."""
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION,
        "client_assertion": sign(database, assertion_claims(registration)),
        "scope": " ".join(sorted(scopes)),
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    asked_at = time.monotonic()
    try:
        answer = outgoing.ask(registration.token_endpoint, "POST", headers=headers, body=urlencode(form).encode())
    except Unreachable as failure:
        raise ServiceFailure(failure.fault, said=failure.detail) from failure
    said = answer.body[:400].decode(errors="replace").replace("\0", "")
    if answer.status >= 500 or answer.status == 429:
        raise ServiceFailure(Problem.SERVER if answer.status >= 500 else Problem.BUSY, answer.status, said)
    if not answer.is_good:
        raise ServiceFailure(Problem.TOKEN, answer.status, said)
    try:
        data = answer.json()
    except ValueError as error:
        raise ServiceFailure(Problem.TOKEN, answer.status, said) from error
    token = data.get("access_token") if isinstance(data, dict) else None
    is_plain = isinstance(token, str) and token.isascii() and token.isprintable() and " " not in token
    if not is_plain or not token or str(data.get("token_type", "bearer")).lower() != "bearer":
        raise ServiceFailure(Problem.TOKEN, answer.status, "")  # a token that is none is kept out of every log
    return _Kept(token, asked_at + _lasts_s(data.get("expires_in")) - EARLY_S)


def assertion_claims(registration: PlatformRegistration) -> dict[str, object]:
    """Who we are, for the token endpoint of this platform (RFC 7523, 3; Security Framework 1.0, 4.1.1)."""
    now = int(time.time())
    return {
        "iss": registration.client_id,
        "sub": registration.client_id,
        "aud": registration.token_audience or registration.token_endpoint,
        "iat": now - 5,
        "exp": now + LASTS_S,
        "jti": str(uuid4()),
    }


def _lasts_s(given: object) -> float:
    """Who does not say how long a token lasts gets it used once or twice."""
    if isinstance(given, str) and given.isdecimal() and len(given) < 10:
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int | float) or not given > 0:
        return LASTS_S
    return float(min(given, LONGEST_S))
