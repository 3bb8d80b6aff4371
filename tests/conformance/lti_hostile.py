"""Launches that somebody made up, each with the reason for which it is to be refused.

A `Hostile` gets the launcher and a login that was honestly begun, and answers in its own way.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from werkzeug.test import TestResponse

from lms.lti.formats.refusals import Reason
from tests.services.lti_platform import Link, LtiPlatform
from tests.services.lti_platform.browsing import Begun, Launcher
from tests.services.lti_platform.launching import CLAIM
from tests.services.lti_platform.server import Key

Hostile = Callable[[Launcher, Begun], TestResponse]
STRANGE: dict[str, tuple[Reason, Hostile]] = {}
FOREIGN_KEY = Key()
NRPS = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
AGS = "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint"
DL_SETTINGS = "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings"


def case(name: str, reason: Reason) -> Callable[[Hostile], Hostile]:
    """Name a launch, and say why it is refused."""

    def add(hostile: Hostile) -> Hostile:
        assert name not in STRANGE, name
        STRANGE[name] = (reason, hostile)
        return hostile

    return add


def _claims(name: str, reason: Reason, **changes: Any) -> None:
    """A launch whose claims are changed, signed as it should be."""
    STRANGE[name] = (reason, lambda launcher, begun: answer(launcher, begun, launcher.claims(begun, **changes)))


def answer(launcher: Launcher, begun: Begun, claims: dict[str, Any]) -> TestResponse:
    return launcher.answer(begun, launcher.platform.sign(claims))


def part(value: object) -> str:
    """One part of a token: these bytes, or this as JSON."""
    data = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def sign_raw(platform: LtiPlatform, header: object, body: object) -> str:
    """A token of any header and body whatever, with a good signature over it."""
    signed = f"{part(header)}.{part(body)}"
    key = platform.keys[-1].private
    signature = jwt.algorithms.RSAAlgorithm(jwt.algorithms.RSAAlgorithm.SHA256).sign(signed.encode(), key)
    return f"{signed}.{part(signature)}"


def header_of(platform: LtiPlatform, **changes: Any) -> dict[str, Any]:
    header = {"typ": "JWT", "alg": "RS256", "kid": platform.keys[-1].kid} | changes
    return {name: value for name, value in header.items() if value is not None}


# ---- claims that are missing -----------------------------------------------------------------------------------------

for _name, _reason in {
    "iss": Reason.WRONG_ISSUER,
    "aud": Reason.WRONG_AUDIENCE,
    "exp": Reason.WRONG_CLAIM,
    "iat": Reason.WRONG_CLAIM,
    "nonce": Reason.WRONG_NONCE,
    "sub": Reason.WRONG_CLAIM,
    f"{CLAIM}version": Reason.WRONG_VERSION,
    f"{CLAIM}message_type": Reason.UNKNOWN_MESSAGE,
    f"{CLAIM}deployment_id": Reason.WRONG_CLAIM,
    f"{CLAIM}target_link_uri": Reason.WRONG_CLAIM,
    f"{CLAIM}resource_link": Reason.WRONG_CLAIM,
    f"{CLAIM}roles": Reason.WRONG_CLAIM,
}.items():
    _claims(f"no {_name.removeprefix(CLAIM)}", _reason, **{_name: None})

# ---- claims that are wrong -------------------------------------------------------------------------------------------

NOW = int(time.time())
_claims("another issuer", Reason.WRONG_ISSUER, iss="https://elders.example")
_claims("the issuer with a slash behind it", Reason.WRONG_ISSUER, iss="http://127.0.0.1/")
_claims("another audience", Reason.WRONG_AUDIENCE, aud="client-2")
_claims("an audience that is a list without us", Reason.WRONG_AUDIENCE, aud=["client-2", "client-3"], azp="client-2")
_claims("an audience of several without azp", Reason.WRONG_AUDIENCE, aud=["client-1", "client-2"])
_claims("an audience of several and another's azp", Reason.WRONG_AUDIENCE, aud=["client-1", "client-2"], azp="client-2")
_claims("one audience and another's azp", Reason.WRONG_AUDIENCE, azp="client-2")
_claims("an empty audience", Reason.WRONG_AUDIENCE, aud=[])
_claims("an audience that is an object", Reason.WRONG_AUDIENCE, aud={"client-1": True})
_claims("an audience with a number in it", Reason.WRONG_AUDIENCE, aud=["client-1", 7], azp="client-1")
_claims("expired", Reason.EXPIRED, exp=NOW - 3600, iat=NOW - 7200)
_claims("expired a minute ago", Reason.EXPIRED, exp=NOW - 60)
_claims("made in an hour", Reason.FROM_THE_FUTURE, iat=NOW + 3600, exp=NOW + 7200)
_claims("not good before an hour", Reason.FROM_THE_FUTURE, nbf=NOW + 3600)
_claims("exp as text", Reason.WRONG_CLAIM, exp=str(NOW + 300))
_claims("exp as true", Reason.WRONG_CLAIM, exp=True)
_claims("exp beyond all dates", Reason.WRONG_CLAIM, exp=10**300)
for _name in ("exp", "iat", "nbf"):
    _claims(f"{_name} beyond all numbers that a computer reckons with", Reason.WRONG_CLAIM, **{_name: 10**400})
_claims("a token id that is a number", Reason.WRONG_CLAIM, jti=7)
_claims("exp below zero", Reason.WRONG_CLAIM, exp=-1)
_claims("iat as a list", Reason.WRONG_CLAIM, iat=[NOW])
_claims("another nonce", Reason.WRONG_NONCE, nonce="made-up")
_claims("a nonce that is a number", Reason.WRONG_NONCE, nonce=7)
_claims("a nonce that is a list", Reason.WRONG_NONCE, nonce=["made-up"])
_claims("version 1.1", Reason.WRONG_VERSION, **{f"{CLAIM}version": "LTI-1p0"})
_claims("version as a number", Reason.WRONG_VERSION, **{f"{CLAIM}version": 1.3})
_claims("a message nobody knows", Reason.UNKNOWN_MESSAGE, **{f"{CLAIM}message_type": "LtiStartProctoring"})
_claims("a message type that is a list", Reason.UNKNOWN_MESSAGE, **{f"{CLAIM}message_type": ["LtiResourceLinkRequest"]})
_claims("a deployment nobody told us of", Reason.UNKNOWN_DEPLOYMENT, **{f"{CLAIM}deployment_id": "7"})
_claims("the deployment of another client", Reason.UNKNOWN_DEPLOYMENT, **{f"{CLAIM}deployment_id": "of-client-2"})
_claims("a deployment that was switched off", Reason.SWITCHED_OFF, **{f"{CLAIM}deployment_id": "off"})
_claims("a deployment that is a number", Reason.WRONG_CLAIM, **{f"{CLAIM}deployment_id": 1})
_claims("a deployment that is a list", Reason.WRONG_CLAIM, **{f"{CLAIM}deployment_id": ["1"]})
_claims("a deployment id of 300 signs", Reason.WRONG_CLAIM, **{f"{CLAIM}deployment_id": "1" * 300})
_claims(
    "a target on another host", Reason.TARGET_ELSEWHERE, **{f"{CLAIM}target_link_uri": "https://elders.example/lti"}
)
_claims("another target of ours", Reason.OTHER_TARGET, **{f"{CLAIM}target_link_uri": "http://localhost:8000/account"})
_claims("a target that is no address", Reason.TARGET_ELSEWHERE, **{f"{CLAIM}target_link_uri": "http://[::1"})
_claims("a target that is a number", Reason.WRONG_CLAIM, **{f"{CLAIM}target_link_uri": 1})
_claims(
    "a target with our name before another's",
    Reason.TARGET_ELSEWHERE,
    **{f"{CLAIM}target_link_uri": "http://localhost:8000@elders.example/lti/launch"},
)
_claims("a link without id", Reason.WRONG_CLAIM, **{f"{CLAIM}resource_link": {"title": "x"}})
_claims("a link that is a text", Reason.WRONG_CLAIM, **{f"{CLAIM}resource_link": "link-1"})
_claims("a link with a number as id", Reason.WRONG_CLAIM, **{f"{CLAIM}resource_link": {"id": 1}})
_claims("a link with an id of blanks", Reason.WRONG_CLAIM, **{f"{CLAIM}resource_link": {"id": "  "}})
_claims("a link with an endless id", Reason.WRONG_CLAIM, **{f"{CLAIM}resource_link": {"id": "x" * 256}})
_claims("a context that is a list", Reason.WRONG_CLAIM, **{f"{CLAIM}context": ["context-1"]})
_claims("a context without id", Reason.WRONG_CLAIM, **{f"{CLAIM}context": {"title": "x"}})
_claims("roles that are a text", Reason.WRONG_CLAIM, **{f"{CLAIM}roles": "Learner"})
_claims("roles with a number among them", Reason.WRONG_CLAIM, **{f"{CLAIM}roles": [1]})
_claims("a thousand roles", Reason.WRONG_CLAIM, **{f"{CLAIM}roles": ["Learner"] * 1000})
_claims("a name that is an object", Reason.WRONG_CLAIM, given_name={"first": "Ilse"})
_claims("a subject that is a number", Reason.WRONG_CLAIM, sub=7)
_claims("an endless subject", Reason.WRONG_CLAIM, sub="x" * 256)
_claims("custom parameters that are a list", Reason.WRONG_CLAIM, **{f"{CLAIM}custom": ["content"]})
_claims("a presentation that is a text", Reason.WRONG_CLAIM, **{f"{CLAIM}launch_presentation": "iframe"})
_claims("a roster that is an address", Reason.WRONG_CLAIM, **{NRPS: "https://a.example/roster"})
_claims("columns that are a list", Reason.WRONG_CLAIM, **{AGS: []})
_claims("content that is no course of ours", Reason.COURSE_CLOSED, **{f"{CLAIM}custom": {"content": "bestaat-niet"}})
_claims("content that climbs out", Reason.NO_CONTENT, **{f"{CLAIM}custom": {"content": "../../account"}})

# ---- tokens ----------------------------------------------------------------------------------------------------------


@case("alg none", Reason.WRONG_ALGORITHM)
def _alg_none(launcher: Launcher, begun: Begun) -> TestResponse:
    token = f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(launcher.claims(begun))}."
    return launcher.answer(begun, token)


@case("alg None with a kid", Reason.WRONG_ALGORITHM)
def _alg_none_with_kid(launcher: Launcher, begun: Begun) -> TestResponse:
    header = header_of(launcher.platform, alg="None")
    return launcher.answer(begun, f"{part(header)}.{part(launcher.claims(begun))}.")


@case("HS256 with the public key as secret", Reason.WRONG_ALGORITHM)
def _hs256(launcher: Launcher, begun: Begun) -> TestResponse:
    public = launcher.platform.keys[-1].private.public_key()
    secret = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    signed = f"{part(header_of(launcher.platform, alg='HS256'))}.{part(launcher.claims(begun))}"
    return launcher.answer(begun, f"{signed}.{part(hmac.digest(secret, signed.encode(), hashlib.sha256))}")


@case("a key of somebody else under the platform's kid", Reason.WRONG_SIGNATURE)
def _foreign_key(launcher: Launcher, begun: Begun) -> TestResponse:
    header = {"kid": launcher.platform.keys[-1].kid}
    token = jwt.encode(launcher.claims(begun), FOREIGN_KEY.private, algorithm="RS256", headers=header)
    return launcher.answer(begun, token)


@case("a kid nobody knows", Reason.UNKNOWN_KEY)
def _foreign_kid(launcher: Launcher, begun: Begun) -> TestResponse:
    return launcher.answer(begun, launcher.platform.sign(launcher.claims(begun), FOREIGN_KEY))


@case("an issuer that is a list", Reason.WRONG_ISSUER)
def _listed_issuer(launcher: Launcher, begun: Begun) -> TestResponse:
    claims = launcher.claims(begun, iss=[launcher.platform.issuer])
    return launcher.answer(begun, sign_raw(launcher.platform, header_of(launcher.platform), claims))


@case("no kid", Reason.UNKNOWN_KEY)
def _no_kid(launcher: Launcher, begun: Begun) -> TestResponse:
    header = header_of(launcher.platform, kid=None)
    return launcher.answer(begun, sign_raw(launcher.platform, header, launcher.claims(begun)))


@case("a kid that is a list", Reason.UNKNOWN_KEY)
def _listed_kid(launcher: Launcher, begun: Begun) -> TestResponse:
    header = header_of(launcher.platform, kid=["a"])
    return launcher.answer(begun, sign_raw(launcher.platform, header, launcher.claims(begun)))


@case("a key in the token's own header", Reason.WRONG_SIGNATURE)
def _own_jwk(launcher: Launcher, begun: Begun) -> TestResponse:
    header = {"kid": launcher.platform.keys[-1].kid, "jwk": FOREIGN_KEY.jwk, "jku": "https://elders.example/jwks"}
    token = jwt.encode(launcher.claims(begun), FOREIGN_KEY.private, algorithm="RS256", headers=header)
    return launcher.answer(begun, token)


@case("a header that must be understood", Reason.WRONG_ALGORITHM)
def _crit(launcher: Launcher, begun: Begun) -> TestResponse:
    header = header_of(launcher.platform, crit=["b64"], b64=False)
    return launcher.answer(begun, sign_raw(launcher.platform, header, launcher.claims(begun)))


@case("a body that was changed after signing", Reason.WRONG_SIGNATURE)
def _changed(launcher: Launcher, begun: Begun) -> TestResponse:
    header, _body, signature = launcher.platform.sign(launcher.claims(begun)).split(".")
    return launcher.answer(begun, f"{header}.{part(launcher.claims(begun, sub='somebody-else'))}.{signature}")


@case("no signature", Reason.WRONG_SIGNATURE)
def _unsigned(launcher: Launcher, begun: Begun) -> TestResponse:
    header, body, _signature = launcher.platform.sign(launcher.claims(begun)).split(".")
    return launcher.answer(begun, f"{header}.{body}.")


@case("a claim that stands there twice", Reason.NOT_A_TOKEN)
def _twice(launcher: Launcher, begun: Begun) -> TestResponse:
    body = json.dumps(launcher.claims(begun))
    doubled = f'{{"sub": "somebody-else", {body[1:]}'.encode()
    return launcher.answer(begun, sign_raw(launcher.platform, header_of(launcher.platform), doubled))


@case("a body that is a list", Reason.NOT_A_TOKEN)
def _listed(launcher: Launcher, begun: Begun) -> TestResponse:
    body = [launcher.claims(begun)]
    return launcher.answer(begun, sign_raw(launcher.platform, header_of(launcher.platform), body))


@case("a body that is no JSON", Reason.NOT_A_TOKEN)
def _no_json(launcher: Launcher, begun: Begun) -> TestResponse:
    return launcher.answer(begun, sign_raw(launcher.platform, header_of(launcher.platform), b"sub=ilse"))


@case("a body nested ten thousand deep", Reason.NOT_A_TOKEN)
def _deep(launcher: Launcher, begun: Begun) -> TestResponse:
    body = b'{"a":' * 10_000 + b"1" + b"}" * 10_000
    return launcher.answer(begun, sign_raw(launcher.platform, header_of(launcher.platform), body[:40_000]))


@case("infinity as a moment", Reason.NOT_A_TOKEN)
def _infinite(launcher: Launcher, begun: Begun) -> TestResponse:
    body = json.dumps(launcher.claims(begun, exp=float("inf"))).encode()
    return launcher.answer(begun, sign_raw(launcher.platform, header_of(launcher.platform), body))


@case("1e999 as a moment", Reason.NOT_A_TOKEN)
def _overflowing(launcher: Launcher, begun: Begun) -> TestResponse:
    body = json.dumps(launcher.claims(begun, exp=0)).replace('"exp": 0', '"exp": 1e999').encode()
    return launcher.answer(begun, sign_raw(launcher.platform, header_of(launcher.platform), body))


@case("1e999 in what we are to give back", Reason.NOT_A_TOKEN)
def _overflowing_data(launcher: Launcher, begun: Begun) -> TestResponse:
    settings = {
        "deep_link_return_url": f"{launcher.platform.address}/chosen",
        "accept_types": ["ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe"],
        "data": 0,
    }
    asking = {
        f"{CLAIM}message_type": "LtiDeepLinkingRequest",
        f"{CLAIM}roles": ["http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"],
        DL_SETTINGS: settings,
    }
    body = json.dumps(launcher.claims(begun, **asking)).replace('"data": 0', '"data": 1e999').encode()
    return launcher.answer(begun, sign_raw(launcher.platform, header_of(launcher.platform), body))


@case("NUL in a claim", Reason.NOT_A_TOKEN)
def _nul(launcher: Launcher, begun: Begun) -> TestResponse:
    return answer(launcher, begun, launcher.claims(begun, sub="il\0se"))


@case("half a character in a claim", Reason.NOT_A_TOKEN)
def _surrogate(launcher: Launcher, begun: Begun) -> TestResponse:
    return answer(launcher, begun, launcher.claims(begun, given_name="\ud800"))


@case("a giant token", Reason.TOO_LARGE)
def _giant(launcher: Launcher, begun: Begun) -> TestResponse:
    return answer(launcher, begun, launcher.claims(begun, padding="x" * 100_000))


@case("a form of a megabyte", Reason.TOO_LARGE)
def _giant_form(launcher: Launcher, begun: Begun) -> TestResponse:
    return launcher.answer(begun, more="x" * 1_000_000)


@case("two parts", Reason.NOT_A_TOKEN)
def _two_parts(launcher: Launcher, begun: Begun) -> TestResponse:
    return launcher.answer(begun, "eyJhbGciOiJSUzI1NiJ9.e30")


@case("five parts, encrypted", Reason.NOT_A_TOKEN)
def _five_parts(launcher: Launcher, begun: Begun) -> TestResponse:
    return launcher.answer(begun, "a.b.c.d.e")


@case("signs outside ASCII", Reason.NOT_A_TOKEN)
def _not_ascii(launcher: Launcher, begun: Begun) -> TestResponse:
    return launcher.answer(begun, "é.è.ç")


@case("no token", Reason.FORM_INCOMPLETE)
def _no_token(launcher: Launcher, begun: Begun) -> TestResponse:
    return launcher.answer(begun, "")


@case("the platform says no", Reason.PLATFORM_REFUSED)
def _error(launcher: Launcher, begun: Begun) -> TestResponse:
    return launcher.answer(begun, "", error="unauthorized_client", error_description="Ask somebody else")


@case("the platform says that she is not signed in there", Reason.NOT_SIGNED_IN)
def _signed_out(launcher: Launcher, begun: Begun) -> TestResponse:
    return launcher.answer(begun, "", error="login_required", error_description="Log in first")


# ---- states and browsers ---------------------------------------------------------------------------------------------


@case("replayed", Reason.STATE_UNKNOWN)
def _replayed(launcher: Launcher, begun: Begun) -> TestResponse:
    token = launcher.platform.sign(launcher.claims(begun))
    assert launcher.answer(begun, token).status_code == 303
    return launcher.answer(begun, token)


@case("a good token in a second login", Reason.WRONG_NONCE)
def _in_another_login(launcher: Launcher, begun: Begun) -> TestResponse:
    token = launcher.platform.sign(launcher.claims(begun))
    again = launcher.begin(begun.client, begun.link, begun.user)
    return launcher.answer(again, token)


@case("no state", Reason.FORM_INCOMPLETE)
def _no_state(launcher: Launcher, begun: Begun) -> TestResponse:
    return launcher.answer(begun, state="")


@case("a state nobody gave", Reason.STATE_UNKNOWN)
def _made_up_state(launcher: Launcher, begun: Begun) -> TestResponse:
    return launcher.answer(begun, state="made-up")


@case("a state with NUL in it", Reason.FORM_INCOMPLETE)
def _nul_state(launcher: Launcher, begun: Begun) -> TestResponse:
    return launcher.answer(begun, state=f"{begun.state}\0")


@case("the state of another browser", Reason.OTHER_BROWSER)
def _other_browser(launcher: Launcher, begun: Begun) -> TestResponse:
    return launcher.elsewhere().answer(begun)


@case("another browser that says the platform kept its state", Reason.OTHER_BROWSER)
def _other_browser_claims(launcher: Launcher, begun: Begun) -> TestResponse:
    return launcher.elsewhere().answer(begun, stored=begun.state)


@case("the state of another login of the same browser", Reason.WRONG_NONCE)
def _crossed(launcher: Launcher, begun: Begun) -> TestResponse:
    other = launcher.begin(begun.client, begun.link, begun.user)
    return launcher.answer(other, launcher.platform.sign(launcher.claims(begun)))


@case("a login that began at another client", Reason.WRONG_AUDIENCE)
def _other_client(launcher: Launcher, begun: Begun) -> TestResponse:
    second = launcher.platform.clients["client-2"]
    other = launcher.begin(second, begun.link, begun.user)
    claims = launcher.claims(other, aud="client-1", **{f"{CLAIM}deployment_id": "1"})
    return answer(launcher, other, claims)


@case("two states in one form", Reason.FORM_INCOMPLETE)
def _two_states(launcher: Launcher, begun: Begun) -> TestResponse:
    token = launcher.platform.sign(launcher.claims(begun))
    return launcher.post("/lti/launch", {"state": [begun.state, "made-up"], "id_token": token})


# ---- logins ----------------------------------------------------------------------------------------------------------


def _login(name: str, reason: Reason, **changes: str | None) -> None:
    STRANGE[f"login: {name}"] = (
        reason,
        lambda launcher, begun: launcher.login(begun.client, begun.link, begun.user, **changes),
    )


_login("no issuer", Reason.LOGIN_INCOMPLETE, iss=None)
_login("no hint", Reason.LOGIN_INCOMPLETE, login_hint=None)
_login("no target", Reason.LOGIN_INCOMPLETE, target_link_uri=None)
_login("an issuer nobody knows", Reason.UNKNOWN_PLATFORM, iss="https://elders.example")
_login("a client nobody knows", Reason.UNKNOWN_PLATFORM, client_id="client-9")
_login("NUL in a hint", Reason.FORM_INCOMPLETE, login_hint="a\0b")
_login("a target on another host", Reason.TARGET_ELSEWHERE, target_link_uri="https://elders.example/lti/launch")
_login("a target that is a script", Reason.TARGET_ELSEWHERE, target_link_uri="javascript:alert(1)")
_login("a target with a new line", Reason.TARGET_ELSEWHERE, target_link_uri="http://localhost:8000/\r\nX: y")
_login("a hint of ten thousand signs", Reason.TOO_LARGE, login_hint="x" * 10_000)
_login("a storage frame with an endless name", Reason.TOO_LARGE, lti_storage_target="x" * 500)
_login("a registration that was switched off", Reason.SWITCHED_OFF, client_id="client-off")


def link_of(platform: LtiPlatform) -> Link:
    """The honest link all of these begin with."""
    return platform.links["link-1"]
