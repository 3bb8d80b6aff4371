"""Launches as a platform makes them (Security Framework 1.0, 5.1.1; LTI 1.3 core, 5).

`/course/<link>?user=…&client=…` is the page of a course that frames the tool; with `&new_window=1` it opens one.
"""

from __future__ import annotations

import time
from typing import Any

from flask import Flask, Response, render_template_string, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import BadRequest

from tests.services.lti_platform.server import Client, Link, LtiPlatform, User

CLAIM = "https://purl.imsglobal.org/spec/lti/claim/"

COURSE_PAGE = """<!doctype html>
<html lang="nl"><head><meta charset="utf-8"><title>{{ link.context_title }}</title></head>
<body><h1>{{ link.context_title }}</h1>
<form method="post" action="{{ client.login_url }}" target="{{ 'tool_window' if new_window else 'tool' }}" id="start">
{% for name, value in fields.items() %}<input type="hidden" name="{{ name }}" value="{{ value }}">{% endfor %}
<button>Open</button></form>
{% if not new_window %}
<iframe name="tool" id="tool" title="Leerlabo" width="900" height="400" data-grows></iframe>{% endif %}
{% if storage %}<iframe name="lti_storage" id="lti_storage" title="opslag" src="/storage" hidden></iframe>{% endif %}
<ul id="said"></ul>
<script>
addEventListener("message", event => {
  const line = document.createElement("li");
  line.textContent = JSON.stringify({origin: event.origin, data: event.data});
  document.getElementById("said").append(line);
  const frame = document.getElementById("tool");
  const data = typeof event.data === "string" ? JSON.parse(event.data) : event.data;
  if (frame && data.subject === "lti.frameResize") setTimeout(() => { frame.height = data.height; }, 100);
});
</script></body></html>"""

# Keeps what the tool asks it to, as LTI Client Side postMessages 1.0 and LTI Storage 1.0 say.
STORAGE_PAGE = """<!doctype html>
<html lang="nl"><head><meta charset="utf-8"><title>opslag</title></head><body><script>
const kept = new Map();
addEventListener("message", event => {
  const {subject, message_id, key, value} = event.data;
  const name = event.origin + " " + key;
  if (subject === "lti.put_data") kept.set(name, value);
  if (subject === "lti.put_data" || subject === "lti.get_data") {
    event.source.postMessage(
      {subject: subject + ".response", message_id, key, value: kept.get(name)}, event.origin);
  }
});
</script></body></html>"""

FORM_POST = """<!doctype html>
<html lang="nl"><head><meta charset="utf-8"><title>verder</title></head>
<body><form method="post" action="{{ url }}">
{% for name, value in fields.items() %}<input type="hidden" name="{{ name }}" value="{{ value }}">{% endfor %}
</form><script>document.forms[0].submit()</script></body></html>"""


def mount(platform: LtiPlatform) -> None:
    """Let this platform launch the tools it knows."""
    app: Flask = platform.app

    @app.get("/course/<link>")
    def course(link: str) -> ResponseReturnValue:
        place = platform.links[link]
        client = platform.clients[request.args.get("client", "client-1")]
        storage = bool(request.args.get("storage"))
        fields = login_fields(platform, client, place, platform.users[request.args["user"]])
        if storage:
            fields["lti_storage_target"] = "lti_storage"
        new_window = bool(request.args.get("new_window"))
        return render_template_string(
            COURSE_PAGE, link=place, client=client, fields=fields, storage=storage, new_window=new_window
        )

    @app.get("/back")
    def back() -> ResponseReturnValue:
        return "<!doctype html><html lang=nl><title>terug</title><h1>Terug in het leerplatform</h1></html>"

    @app.get("/beside/<first>/<second>")
    def beside(first: str, second: str) -> ResponseReturnValue:
        """Two courses beside each other in one page."""
        query = request.query_string.decode()
        frames = "".join(
            f'<iframe name="{one}" title="{one}" src="/course/{one}?{query}"></iframe>' for one in (first, second)
        )
        return f"<!doctype html><html lang=nl><title>twee</title><h1>Twee</h1>{frames}</html>"

    @app.get("/frames")
    def frames() -> ResponseReturnValue:
        """A page that frames any address."""
        return render_template_string(
            "<!doctype html><html lang=nl><title>vreemd</title><h1>Vreemd</h1>"
            '<iframe name="tool" id="tool" title="vreemd" src="{{ url }}"></iframe></html>',
            url=request.args["url"],
        )

    @app.get("/storage")
    def storage() -> ResponseReturnValue:
        return STORAGE_PAGE

    @app.route("/auth", methods=["GET", "POST"])
    def auth() -> ResponseReturnValue:
        asked = request.values
        client = platform.clients.get(asked["client_id"])
        if client is None or asked["redirect_uri"] != client.launch_url:
            raise BadRequest("an unknown client, or another address than it gave")
        expected = {"scope": "openid", "response_type": "id_token", "response_mode": "form_post", "prompt": "none"}
        if wrong := {name: asked.get(name) for name, value in expected.items() if asked.get(name) != value}:
            raise BadRequest(f"not as the security framework says: {wrong}")
        user, link = platform.users[asked["login_hint"]], platform.links[asked["lti_message_hint"]]
        token = platform.sign(launch_claims(platform, client, link, user, asked["nonce"]))
        return form_post(asked["redirect_uri"], {"id_token": token, "state": asked["state"]})


def form_post(url: str, fields: dict[str, str]) -> Response:
    """A page that sends these fields by itself (OAuth 2.0 Form Post Response Mode)."""
    return Response(render_template_string(FORM_POST, url=url, fields=fields), mimetype="text/html")


def login_fields(platform: LtiPlatform, client: Client, link: Link, user: User) -> dict[str, str]:
    """What a platform sends to begin a login (LTI 1.3 core, 4.1)."""
    return {
        "iss": platform.issuer,
        "login_hint": user.subject,
        "target_link_uri": link.target_link_uri,
        "lti_message_hint": link.resource_link_id,
        "client_id": client.client_id,
        "lti_deployment_id": client.deployments[0],
    }


def launch_claims(platform: LtiPlatform, client: Client, link: Link, user: User, nonce: str) -> dict[str, Any]:
    """The claims of a launch of this link by this user."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "iss": platform.issuer,
        "aud": client.client_id,
        "sub": user.subject,
        "iat": now,
        "exp": now + 300,
        "nonce": nonce,
        "given_name": user.given_name,
        "family_name": user.family_name,
        "name": f"{user.given_name} {user.family_name}",
        f"{CLAIM}message_type": "LtiResourceLinkRequest",
        f"{CLAIM}version": "1.3.0",
        f"{CLAIM}deployment_id": client.deployments[0],
        f"{CLAIM}target_link_uri": link.target_link_uri,
        f"{CLAIM}resource_link": {"id": link.resource_link_id, "title": link.title},
        f"{CLAIM}roles": list(user.roles),
        f"{CLAIM}context": {
            "id": link.context_id,
            "title": link.context_title,
            "label": link.context_id,
            "type": ["http://purl.imsglobal.org/vocab/lis/v2/course#CourseOffering"],
        },
        f"{CLAIM}custom": dict(link.custom),
        f"{CLAIM}launch_presentation": {
            "document_target": "iframe",
            "locale": "nl-BE",
            "return_url": f"{platform.address}/back",
        },
        f"{CLAIM}tool_platform": {"guid": "platform-1", "product_family_code": "leerlabo-tests"},
    }
    if user.email:
        claims["email"] = user.email
    claims |= link.more
    return {name: value for name, value in claims.items() if value is not None}
