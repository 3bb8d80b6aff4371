"""The check button says which part of a platform is wrong, whatever the other side does."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, Response, jsonify, redirect
from flask.typing import ResponseReturnValue
from jwt.algorithms import RSAAlgorithm
from werkzeug.datastructures import Headers

from lms.kernel.db import Database
from lms.kernel.outgoing import Outgoing
from lms.lti.views import checking
from tests.services.lti_platform.server import Key, LtiPlatform, hanging, lti_platform
from tests.services.processes import free_port
from tests.web.lti.connecting import LIST, Office
from tests.web.page import Page


@pytest.fixture
def platform() -> Iterator[LtiPlatform]:
    with lti_platform() as platform:
        platform.trouble["/auth"] = lambda: Response("Missing parameters", status=400)
        platform.trouble["/token"] = lambda: jsonify(access_token="t", token_type="Bearer", expires_in=3600)
        yield platform


@pytest.fixture
def check(app: Flask, database: Database, platform: LtiPlatform) -> Callable[..., Page]:
    """Add this platform, with `changes`, and press the button; `part` asks for one alone, as the page does."""
    office = Office(app, database)

    def press(part: str = "", **changes: Any) -> Page:
        consultant = office.enter()
        ends = {name: getattr(platform, name) for name in ("authorization_endpoint", "token_endpoint", "jwks_uri")}
        office.add(consultant, product="", site="", issuer=platform.issuer, **(ends | changes))
        address = f"{LIST}/{office.platforms()[-1].uuid}/check"
        form = consultant.page(address).form(address)
        data = {**form.values, "part": part}
        return Page(consultant.post(address, data=data, headers={"HX-Request": "true"}), is_part=bool(part))

    return press


class Astray(Response):
    """Sends us to what is no address at all; Werkzeug's own answers do not."""

    def get_wsgi_headers(self, _environ: Any) -> Headers:
        return self.headers


def rows(page: Page) -> dict[str, tuple[bool, str]]:
    """Each part: whether it is right, and what is said."""
    found = {}
    for line in page.root.iter("li"):
        if "data-checked" in line.attrib:
            title = "".join(next(line.iter("b")).itertext())
            found[title] = (line.get("class") == "okc", " ".join("".join(line.itertext()).split()))
    return found


KEYS, TOKEN, LOGIN = "Sleutels van het leerplatform", "Adres voor tokens", "Adres voor het inloggen"


def test_all_is_well(check: Callable[..., Page], platform: LtiPlatform, client: Any) -> None:
    found = rows(check())
    good = {title for title, (is_good, _said) in found.items() if is_good}
    assert good == {KEYS, TOKEN, "Plaatsingen"}
    assert all("begint niet met https" in found[title][1] for title in ("Afzender (issuer)", LOGIN))
    assert "Aantal sleutels: 1." in found[KEYS][1]
    [asked] = platform.asked_for("/token")
    form = dict(pair.split("=", 1) for pair in asked.body.decode().split("&"))
    assert form["grant_type"] == "client_credentials"
    [ours] = client.get("/lti/jwks").json["keys"]
    claims = jwt.decode(
        form["client_assertion"], jwt.PyJWK(ours), algorithms=["RS256"], audience=platform.token_endpoint
    )
    assert (claims["iss"], claims["sub"]) == ("abc123", "abc123")
    assert {"iat", "exp", "jti"} <= claims.keys()


def test_a_platform_may_want_another_audience(check: Callable[..., Page], platform: LtiPlatform) -> None:
    check(token_audience="https://aud.example")
    [asked] = platform.asked_for("/token")
    assertion = dict(pair.split("=", 1) for pair in asked.body.decode().split("&"))["client_assertion"]
    assert jwt.decode(assertion, options={"verify_signature": False})["aud"] == "https://aud.example"


def _keys(*keys: dict[str, Any]) -> Callable[[], ResponseReturnValue]:
    return lambda: jsonify(keys=list(keys))


def _short_key() -> dict[str, Any]:

    private = rsa.generate_private_key(public_exponent=65537, key_size=1024)
    public: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(private.public_key()))
    return public | {"kid": "short"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda: Response("no", status=404), "antwoordt met een fout"),
        (lambda: Response("<h1>Welkom</h1>"), "iets anders dan we zoeken"),
        (lambda: jsonify([1, 2]), "iets anders dan we zoeken"),
        (lambda: jsonify(keys=3), "iets anders dan we zoeken"),
        (lambda: jsonify(keys=["x", 1]), "geen sleutel voor RS256"),
        (_keys(), "geen sleutel voor RS256"),
        (_keys({"kty": "EC", "crv": "P-256", "kid": "a"}), "geen sleutel voor RS256"),
        (_keys({"kty": "RSA", "n": "!", "e": "AQAB", "kid": "a"}), "geen sleutel voor RS256"),
        (lambda: jsonify(keys=[{**Key().jwk, "use": "enc"}]), "geen sleutel voor RS256"),
        (lambda: jsonify(keys=[{name: value for name, value in Key().jwk.items() if name != "kid"}]), "geen sleutel"),
        (lambda: jsonify(keys=[_short_key()]), "te kort"),
        (lambda: redirect("https://elsewhere.example/keys"), "stuurt ons door naar een andere site"),
        (lambda: Astray("", 303, {"Location": "http://[x"}), "niet te begrijpen"),
        (lambda: Response(b" " * 2_000_000), "veel te groot"),
    ],
)
def test_what_is_wrong_with_a_key_set(
    check: Callable[..., Page], platform: LtiPlatform, answer: Callable[[], ResponseReturnValue], said: str
) -> None:
    platform.trouble["/jwks"] = answer
    is_good, words = rows(check())[KEYS]
    assert not is_good
    assert said in words


@pytest.mark.parametrize(
    ("answer", "good", "said"),
    [
        (lambda: (jsonify(error="invalid_client"), 400), False, "kent ons niet"),
        (lambda: (jsonify(error="unauthorized_client"), 400), False, "kent ons niet"),
        (lambda: (jsonify(message="no"), 401), False, "kent ons niet"),
        (lambda: (jsonify(error="invalid_scope"), 400), True, "kent ons"),
        (lambda: (jsonify(error="server_error"), 500), False, "antwoordt met een fout"),
        (lambda: Response("gone", status=404), False, "antwoordt met een fout"),
        (lambda: jsonify(hello="you"), False, "gaf geen token"),
        (lambda: Response("<h1>Welkom</h1>"), False, "iets anders dan we zoeken"),
        (lambda: redirect("/elsewhere"), False, "stuurt ons door"),
        (lambda: Astray("", 303, {"Location": "http://[x"}), False, "niet te begrijpen"),
    ],
)
def test_what_a_token_endpoint_says(
    check: Callable[..., Page],
    platform: LtiPlatform,
    answer: Callable[[], ResponseReturnValue],
    said: str,
    *,
    good: bool,
) -> None:
    platform.trouble["/token"] = answer
    is_good, words = rows(check())[TOKEN]
    assert is_good is good
    assert said in words


def test_nobody_is_there(check: Callable[..., Page]) -> None:
    gone = f"http://127.0.0.1:{free_port()}/x"
    found = rows(check(jwks_uri=gone, token_endpoint="https://nowhere.invalid/token", deployment_id=""))
    assert "Daar antwoordt niemand." in found[KEYS][1]
    assert "Deze site bestaat niet." in found[TOKEN][1]
    assert found["Plaatsingen"][0] is False


def test_a_platform_that_hangs_is_left(
    check: Callable[..., Page], platform: LtiPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "outgoing", lambda: Outgoing(may_go_inside=True, limit_s=0.3))
    platform.trouble["/jwks"] = hanging(platform)
    is_good, words = rows(check(part="keys"))[KEYS]
    assert not is_good
    assert "kwam niet op tijd" in words


def test_one_part_alone_is_asked_for_alone(check: Callable[..., Page], platform: LtiPlatform) -> None:
    found = rows(check(part="keys"))
    assert set(found) == {KEYS}
    assert platform.asked_for("/token") == []


def test_inside_our_network_nobody_is_asked(
    check: Callable[..., Page], platform: LtiPlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checking, "outgoing", lambda: Outgoing(may_go_inside=False))
    found = rows(check())
    assert all("ons eigen netwerk" in found[title][1] for title in (KEYS, TOKEN))
    assert platform.asked == []
