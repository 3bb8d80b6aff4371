"""The platform's side of Deep Linking 2.0: it asks a tool for content, and keeps the items that come back.

A link with `asking(...)` begins it. `/chosen` takes the answer as a platform must (4.5): signed by the tool, for us, by
a client and deployment we know, once, and with our own `data`; each item becomes a link that can be launched. With
`only_framed` it hands what came back to the page around it, as Moodle does: from a window of its own nothing is placed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.request import urlopen

import jwt
from flask import Flask, render_template_string, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from tests.services.lti_platform.launching import CLAIM
from tests.services.lti_platform.server import Client, Link, LtiPlatform

DL = "https://purl.imsglobal.org/spec/lti-dl/claim/"
SETTINGS = f"{DL}deep_linking_settings"
DATA = "course-7;place-3"
TEACHER = "http://purl.imsglobal.org/vocab/lis/v2/membership#Instructor"
DONE = """<!doctype html><html lang="nl"><head><meta charset="utf-8"><title>Geplaatst</title></head>
<body><h1>Geplaatst</h1><ul>{% for item in items %}<li>{{ item.title }}</li>{% endfor %}</ul></body></html>"""

HANDING_OVER = """<!doctype html><html lang="nl"><head><meta charset="utf-8"><title>Inhoud</title></head>
<body><h1>Inhoud</h1><script type="module">
if (window !== window.top) {
  await fetch("/placed", {method: "POST", body: new URLSearchParams({JWT: {{ token|tojson }}})});
  document.querySelector("h1").textContent = "Geplaatst";
}
</script></body></html>"""


@dataclass
class Chosen:
    """What came back: the claims of each answer. `find_keys`: how the tool's key set is read."""

    answers: list[dict[str, Any]] = field(default_factory=list)
    nonces: set[str] = field(default_factory=set)
    only_framed: bool = False
    find_keys: Callable[[str], dict[str, Any]] = lambda uri: json.load(urlopen(uri, timeout=10))


def chosen_of(platform: LtiPlatform) -> Chosen:
    """The answers this platform got."""
    chosen: Chosen = platform.kept.setdefault("choosing", Chosen())
    return chosen


def asking(platform: LtiPlatform, tool: str, name: str = "choose", **settings: Any) -> Link:
    """A place in a course from where content is chosen. A setting of None is left out."""
    said = {
        "deep_link_return_url": f"{platform.address}/chosen",
        "accept_types": ["link", "ltiResourceLink"],
        "accept_presentation_document_targets": ["iframe", "window"],
        "accept_multiple": True,
        "accept_lineitem": True,
        "data": DATA,
    } | settings
    more = {
        f"{CLAIM}message_type": "LtiDeepLinkingRequest",
        f"{CLAIM}resource_link": None,
        SETTINGS: {key: value for key, value in said.items() if value is not None},
    }
    platform.links[name] = Link(name, f"{tool}/lti/launch", more=more)
    return platform.links[name]


def mount(platform: LtiPlatform) -> None:
    """Let content be chosen for this platform."""
    app: Flask = platform.app

    @app.post("/chosen")
    def chosen() -> ResponseReturnValue:
        if chosen_of(platform).only_framed:
            return render_template_string(HANDING_OVER, token=request.form["JWT"])
        return render_template_string(DONE, items=take(platform, request.form["JWT"]))

    @app.post("/placed")
    def placed() -> ResponseReturnValue:
        return {"items": take(platform, request.form["JWT"])}


def take(platform: LtiPlatform, token: str) -> list[dict[str, Any]]:
    """The items of this answer, which are placed. Raises `BadRequest` for one that a platform must refuse."""
    chosen = chosen_of(platform)
    client = _client_of(platform, token)
    try:
        keys = jwt.PyJWKSet.from_dict(chosen.find_keys(client.jwks_uri))
        key = keys[jwt.get_unverified_header(token)["kid"]]
        needed = ["iss", "aud", "exp", "iat", "nonce"]
        claims: dict[str, Any] = jwt.decode(
            token, key, algorithms=["RS256"], audience=platform.issuer, options={"require": needed}
        )
    except (jwt.PyJWTError, KeyError) as error:
        raise BadRequest(f"not signed as it should be: {error}") from error
    if claims[f"{CLAIM}message_type"] != "LtiDeepLinkingResponse" or claims[f"{CLAIM}version"] != "1.3.0":
        raise BadRequest("another message")
    if claims[f"{CLAIM}deployment_id"] not in client.deployments or claims["nonce"] in chosen.nonces:
        raise BadRequest("another deployment, or again")
    chosen.nonces.add(claims["nonce"])
    chosen.answers.append(claims)
    items: list[dict[str, Any]] = claims[f"{DL}content_items"]
    for item in items:
        name = f"placed-{len(platform.links)}"
        platform.links[name] = Link(name, item["url"], title=item["title"], custom=item.get("custom", {}))
    return items


def _client_of(platform: LtiPlatform, token: str) -> Client:
    try:
        said = jwt.decode(token, options={"verify_signature": False})
        return platform.clients[said["iss"]]
    except (jwt.PyJWTError, KeyError) as error:
        raise BadRequest("nobody we know") from error
