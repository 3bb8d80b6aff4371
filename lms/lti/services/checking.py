"""Try a platform's addresses, and say which part is wrong. Nothing is written, and no transaction is open meanwhile."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlencode
from uuid import uuid4

from lms.kernel.db import Database
from lms.kernel.outgoing import Answer, Fault, Outgoing, Unreachable
from lms.lti.formats.endpoints import is_issuer, is_web_address
from lms.lti.formats.keys import KEY_BITS, rs256_bits
from lms.lti.formats.tool import SCOPES
from lms.lti.models import Deployment, PlatformRegistration
from lms.lti.services.keys import sign

ASSERTION_S = 60
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
GONE = (404, 410)


class Part(StrEnum):
    """What is looked at."""

    ISSUER = "issuer"
    LOGIN = "login"
    KEYS = "keys"
    TOKEN = "token"  # noqa: S105  a part of a platform
    DEPLOYMENT = "deployment"


class Finding(StrEnum):
    """What can be found."""

    GOOD = "good"
    INSECURE = "insecure"
    UNREACHABLE = "unreachable"  # `fault` says how
    STATUS = "status"  # it answers, and not well
    NOT_JSON = "not-json"
    NO_KEYS = "no-keys"  # no RS256 key with a name in the set
    WEAK_KEYS = "weak-keys"
    UNKNOWN_CLIENT = "unknown-client"
    NO_TOKEN = "no-token"  # noqa: S105  it answers something else
    NO_DEPLOYMENT = "no-deployment"


@dataclass(frozen=True, slots=True)
class Check:
    """What was found about one part. `detail`: what the other side said, or how many keys there are."""

    part: Part
    finding: Finding
    detail: str = ""
    fault: Fault | None = None

    @property
    def is_good(self) -> bool:
        return self.finding is Finding.GOOD


def check_part(
    part: Part, registration: PlatformRegistration, deployments: list[Deployment], *, outgoing: Outgoing, us: Database
) -> Check:
    """Look at one part of a platform."""
    if part is Part.LOGIN:
        return check_login(registration, outgoing)
    if part is Part.KEYS:
        return check_key_set(registration, outgoing)
    if part is Part.TOKEN:
        return check_token(registration, outgoing, us)
    if part is Part.DEPLOYMENT:
        is_on = any(deployment.switched_off_at is None for deployment in deployments)
        return Check(part, Finding.GOOD if is_on else Finding.NO_DEPLOYMENT)
    is_good = is_issuer(registration.issuer, may_be_insecure=False)
    return Check(part, Finding.GOOD if is_good else Finding.INSECURE, registration.issuer)


def check_login(registration: PlatformRegistration, outgoing: Outgoing) -> Check:
    """Whether somebody answers where logins go on. It misses our parameters, so what it answers says little."""
    url = registration.authorization_endpoint
    if not is_web_address(url, may_be_insecure=False):
        return Check(Part.LOGIN, Finding.INSECURE, url)
    try:
        answer = outgoing.ask(url)
    except Unreachable as error:
        if error.fault in (Fault.ELSEWHERE, Fault.TOO_LARGE):  # it sends us to sign in, or shows a page: it is there
            return Check(Part.LOGIN, Finding.GOOD)
        return Check(Part.LOGIN, Finding.UNREACHABLE, error.detail, error.fault)
    is_there = answer.status not in GONE and answer.status < 500
    return Check(Part.LOGIN, Finding.GOOD) if is_there else _status(Part.LOGIN, answer)


def check_key_set(registration: PlatformRegistration, outgoing: Outgoing) -> Check:
    """Whether the key set is there, is JSON, and has a key that may have signed a launch."""
    try:
        answer = outgoing.ask(registration.jwks_uri, headers={"Accept": "application/json"})
    except Unreachable as error:
        return Check(Part.KEYS, Finding.UNREACHABLE, error.detail, error.fault)
    if not answer.is_good:
        return _status(Part.KEYS, answer)
    try:
        said = answer.json()
        found = said["keys"]
        keys = [key for key in found if isinstance(key, dict)]
    except (ValueError, KeyError, TypeError):
        return Check(Part.KEYS, Finding.NOT_JSON, _quote(answer))
    sizes = [size for size in map(rs256_bits, keys) if size]
    if not sizes:
        return Check(Part.KEYS, Finding.NO_KEYS)
    if max(sizes) < KEY_BITS:
        return Check(Part.KEYS, Finding.WEAK_KEYS, str(max(sizes)))
    return Check(Part.KEYS, Finding.GOOD, str(len(sizes)))


def check_token(registration: PlatformRegistration, outgoing: Outgoing, us: Database) -> Check:
    """Whether the platform knows us by our signature (Security Framework 1.0, 4.1): it gives a token, or says why not.

    Scopes that it does not grant are no fault here: to say so it must have known us.
    """
    endpoint = registration.token_endpoint
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": ASSERTION_TYPE,
        "client_assertion": sign(us, assertion_claims(registration)),
        "scope": " ".join(registration.scopes or SCOPES),
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
    try:
        answer = outgoing.ask(endpoint, "POST", headers=headers, body=urlencode(form).encode())
    except Unreachable as error:
        return Check(Part.TOKEN, Finding.UNREACHABLE, error.detail, error.fault)
    try:
        said = answer.json()
    except ValueError:
        said = None
    if not isinstance(said, dict):
        return _status(Part.TOKEN, answer) if not answer.is_good else Check(Part.TOKEN, Finding.NOT_JSON)
    if answer.is_good and isinstance(said.get("access_token"), str):
        return Check(Part.TOKEN, Finding.GOOD)
    error_code = said.get("error")
    if error_code == "invalid_scope":
        return Check(Part.TOKEN, Finding.GOOD)
    if answer.status == 401 or error_code in ("invalid_client", "unauthorized_client"):
        return Check(Part.TOKEN, Finding.UNKNOWN_CLIENT, _quote(answer))
    return _status(Part.TOKEN, answer) if not answer.is_good else Check(Part.TOKEN, Finding.NO_TOKEN, _quote(answer))


def assertion_claims(registration: PlatformRegistration) -> dict[str, Any]:
    """Who we are, for the token endpoint of this platform (RFC 7523, 3; Security Framework 1.0, 4.1.1)."""
    now = int(time.time())
    return {
        "iss": registration.client_id,
        "sub": registration.client_id,
        "aud": registration.token_audience or registration.token_endpoint,
        "iat": now,
        "exp": now + ASSERTION_S,
        "jti": uuid4().hex,
    }


def _status(part: Part, answer: Answer) -> Check:
    return Check(part, Finding.STATUS, f"{answer.status} {_quote(answer)}".strip())


def _quote(answer: Answer) -> str:
    """The first words of an answer, for somebody who knows what they mean."""
    return " ".join(answer.body[:400].decode("utf-8", "replace").split())[:200]
