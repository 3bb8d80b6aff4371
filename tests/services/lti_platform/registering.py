"""The platform's side of a dynamic registration (LTI Dynamic Registration 1.0), as Moodle does it.

`/tools?url=…` is the page of its administrator: it opens a tool's registration link in a frame, or with `&window=1` in
a window, with a registration token that is good once; the tool says when it is done, and the frame goes.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from flask import Flask, jsonify, render_template_string, request
from flask.typing import ResponseReturnValue

from tests.services.lti_platform.server import LINE_ITEM, RESULT, ROSTER, SCORE, Client, LtiPlatform

KEPT = "registering"
PLATFORM = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL = "https://purl.imsglobal.org/spec/lti-tool-configuration"

TOOLS_PAGE = """<!doctype html>
<html lang="nl"><head><meta charset="utf-8"><title>Tools</title><link rel="icon" href="/icon"></head>
<body><h1>Tools</h1>
{% if window %}<button id="open">Voeg toe</button>
{% else %}<iframe id="tool" title="Registratie" width="100%" height="900" src="{{ url }}"></iframe>{% endif %}
<ul id="said"></ul>
<script>
let opened = null;
document.getElementById("open")?.addEventListener("click", () => { opened = window.open({{ url|tojson }}, "tool"); });
addEventListener("message", event => {
  const line = document.createElement("li");
  line.textContent = event.origin + " " + event.data.subject;
  document.getElementById("said").append(line);
  if (event.data.subject !== "org.imsglobal.lti.close") return;
  document.getElementById("tool")?.remove();
  opened?.close();
});
</script></body></html>"""


@dataclass
class Desk:
    """What this platform keeps of registrations. `says`, `answers`: members to change; None takes one away."""

    tokens: set[str] = field(default_factory=set)
    spent: set[str] = field(default_factory=set)
    received: list[dict[str, Any]] = field(default_factory=list)
    says: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Any] = field(default_factory=dict)
    deployment: str | None = "4"


def desk_of(platform: LtiPlatform) -> Desk:
    """The registrations of this platform."""
    desk: Desk = platform.kept.setdefault(KEPT, Desk())
    return desk


def opening(platform: LtiPlatform, token: str | None = None) -> dict[str, str]:
    """What stands behind a tool's registration link when this platform opens it, with a new token."""
    fresh = secrets.token_hex(12) if token is None else token
    desk_of(platform).tokens.add(fresh)
    return {"openid_configuration": f"{platform.address}/openid-configuration", "registration_token": fresh}


def mount(platform: LtiPlatform) -> None:
    """Let tools be registered here."""
    app: Flask = platform.app
    desk = desk_of(platform)

    @app.get("/tools")
    def tools() -> ResponseReturnValue:
        url = f"{request.args['url']}?{urlencode(opening(platform))}"
        return render_template_string(TOOLS_PAGE, url=url, window="window" in request.args)

    @app.get("/icon")
    def icon() -> ResponseReturnValue:
        return "", 204

    @app.get("/openid-configuration")
    def openid_configuration() -> ResponseReturnValue:
        return jsonify(_changed(_configuration(platform), desk.says))

    @app.post("/register")
    def register() -> ResponseReturnValue:
        kind, _space, token = request.headers.get("Authorization", "").partition(" ")
        if kind != "Bearer" or token not in desk.tokens or token in desk.spent:
            return "token_already_used", 401
        said = json.loads(request.get_data())
        if problem := _judge(said):
            return problem, 400
        desk.spent.add(token)
        desk.received.append(said)
        return jsonify(_changed(_know(platform, desk, said), desk.answers))


def _configuration(platform: LtiPlatform) -> dict[str, Any]:
    return {
        "issuer": platform.issuer,
        "authorization_endpoint": platform.authorization_endpoint,
        "token_endpoint": platform.token_endpoint,
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        "token_endpoint_auth_signing_alg_values_supported": ["RS256"],
        "jwks_uri": platform.jwks_uri,
        "registration_endpoint": f"{platform.address}/register",
        "scopes_supported": ["openid", LINE_ITEM, SCORE, RESULT, ROSTER],
        "response_types_supported": ["id_token"],
        "subject_types_supported": ["public", "pairwise"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "claims_supported": ["sub", "iss", "name", "given_name", "family_name", "email"],
        PLATFORM: {
            "product_family_code": "moodle",
            "version": "4.5",
            "messages_supported": [{"type": "LtiResourceLinkRequest"}, {"type": "LtiDeepLinkingRequest"}],
        },
    }


def _judge(said: dict[str, Any]) -> str:
    """What Moodle would not take (mod/lti, registration_helper)."""
    needed = ("response_types", "initiate_login_uri", "redirect_uris", "client_name", "jwks_uri", TOOL)
    missing = [name for name in needed if not said.get(name)]
    missing += [name for name in ("domain", "target_link_uri") if not said.get(TOOL, {}).get(name)]
    if missing:
        return f"missing required attribute {missing[0]}"
    if "id_token" not in said["response_types"]:
        return "invalid_response_types"
    if not isinstance(said["redirect_uris"], list):
        return "invalid_redirect_uris"
    return "" if said["token_endpoint_auth_method"] == "private_key_jwt" else "invalid_token_endpoint_auth_method"


def _know(platform: LtiPlatform, desk: Desk, said: dict[str, Any]) -> dict[str, Any]:
    client_id = secrets.token_hex(8)
    scopes = tuple(said["scope"].split())
    deployments = [desk.deployment] if desk.deployment else []
    platform.clients[client_id] = Client(
        client_id, deployments, said["initiate_login_uri"], said["redirect_uris"][0], said["jwks_uri"], scopes
    )
    tool = said[TOOL] | ({"deployment_id": desk.deployment} if desk.deployment else {})
    return said | {"client_id": client_id, TOOL: tool}


def _changed(said: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in (said | changes).items() if value is not None}
