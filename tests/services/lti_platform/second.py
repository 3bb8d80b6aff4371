"""A platform side that others wrote: lti1p3platform from PyPI begins the login, makes the message and signs it, for
links and for deep linking, and checks what comes back. Its services are in `second_services`.

Only what the library leaves to whoever uses it is ours: the routes, the page that sends the form, and what is placed.

What it cannot do, so what these launches do not show: it does not check that `redirect_uri` is one of the tool's, nor
the scope, response type and mode of the question; it sends `azp` always, the name as one claim, and no `locale`; it
knows one deployment for each client, no storage frame and no dynamic registration. Of an answer to deep linking it
checks the signature, the type of message and the types of items, and not for whom it is (`aud`), its deployment, its
nonce (the same answer is taken twice) nor `data`.
"""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from flask import Response, redirect, render_template_string, request
from flask.typing import ResponseReturnValue
from lti1p3platform.ltiplatform import LTI1P3PlatformConfAbstract
from lti1p3platform.message_launch import LTIAdvantageMessageLaunchAbstract
from lti1p3platform.oidc_login import OIDCLoginAbstract
from lti1p3platform.registration import Registration
from lti1p3platform.request import Request

from tests.services.lti_platform.choosing import DONE
from tests.services.lti_platform.launching import form_post
from tests.services.lti_platform.server import Client, Link, LtiPlatform

COURSE_PAGE = """<!doctype html>
<html lang="nl"><head><meta charset="utf-8"><title>tweede</title></head><body><h1>Tweede</h1>
<iframe id="tool" name="tool" title="tool" src="/second/start/{{ link }}?{{ query }}"></iframe></body></html>"""
CHOOSE = "choose"  # the hint of a launch in which content is chosen
DEPLOYMENT = "second-1"


class _Conf(LTI1P3PlatformConfAbstract):  # type: ignore[misc]  # a library without types
    """The library's own registration of us."""

    def init_platform_config(self, platform: LtiPlatform, client: Client) -> None:
        key = platform.keys[-1].private
        private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
        public = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        self._registration = (
            Registration()
            .set_iss(platform.issuer)
            .set_client_id(client.client_id)
            .set_deployment_id(client.deployments[0])
            .set_oidc_login_url(client.login_url)
            .set_launch_url(client.launch_url)
            .set_deeplink_launch_url(client.launch_url)
            .set_tool_key_set_url(client.jwks_uri)
            .set_platform_private_key(private.decode())
            .set_platform_public_key(public.decode())
        )

    def get_registration_by_params(self, **_params: Any) -> Registration:
        assert self._registration is not None
        return self._registration


class _Login(OIDCLoginAbstract):  # type: ignore[misc]  # a library without types
    def set_lti_message_hint(self, **hint: Any) -> None:
        self._lti_message_hint = hint["link"]

    def get_redirect(self, url: str) -> Any:
        return redirect(url)


class _Launch(LTIAdvantageMessageLaunchAbstract):  # type: ignore[misc]  # a library without types
    def render_launch_form(self, launch_data: dict[str, Any], **_more: Any) -> Response:
        fields = {name: launch_data[name] for name in ("id_token", "state")}
        return form_post(launch_data["launch_url"], fields)


class Asked(Request):  # type: ignore[misc]  # a library without types
    """What is asked now, in the library's words."""

    def __init__(self) -> None:
        self.request = {
            "method": request.method,
            "form_data": request.form.to_dict(),
            "get_data": request.args.to_dict(),
            "headers": request.headers,
            "content_type": request.content_type,
            "path": request.path,
            "json": request.get_json(force=True, silent=True),
        }


def know(platform: LtiPlatform, tool: str) -> Client:
    """Register a tool with the library."""
    client = platform.know(tool, "second", (DEPLOYMENT,))
    platform.kept["second"] = _Conf(platform=platform, client=client)
    return client


def endpoints(platform: LtiPlatform) -> dict[str, str]:
    """Where this side is asked, for the row of its registration."""
    return {
        "authorization_endpoint": f"{platform.address}/second/auth",
        "jwks_uri": f"{platform.address}/second/jwks",
        "token_endpoint": f"{platform.address}/second/token",
    }


def mount(platform: LtiPlatform) -> None:
    """Let the library answer under `/second`."""
    app = platform.app

    @app.get("/second/start/<link>")
    def second_start(link: str) -> ResponseReturnValue:
        login = _Login(Asked(), platform.kept["second"])
        login.set_lti_message_hint(link=link)
        started: Response = login.initiate_login(request.args["user"])
        return started

    @app.get("/second/course/<link>")
    def second_course(link: str) -> ResponseReturnValue:
        return render_template_string(COURSE_PAGE, link=link, query=request.query_string.decode())

    @app.get("/second/auth")
    def second_auth() -> ResponseReturnValue:
        launch = _Launch(Asked(), platform.kept["second"])
        user = platform.users[request.args["login_hint"]]
        launch.set_user_data(user.subject, list(user.roles), full_name=f"{user.given_name} {user.family_name}")
        if request.args["lti_message_hint"] == CHOOSE:
            launch.set_launch_context_claim("context-1", context_title="Onthaal")
            launch.set_dl(f"{platform.address}/second/chosen", accept_types={"ltiResourceLink"}, extra_data="kept")
            asked: Response = launch.lti_launch()
            return asked
        link = platform.links[request.args["lti_message_hint"]]
        launch.set_resource_link_claim(link.resource_link_id, title=link.title)
        launch.set_launch_context_claim(link.context_id, context_title=link.context_title)
        launch.set_launch_presentation_claim("iframe", f"{platform.address}/back")
        launch.set_custom_parameters_claim(link.custom)
        launch.set_ags(f"{platform.address}/second/lineitems")
        launch.set_nrps(f"{platform.address}/second/memberships")
        answer: Response = launch.lti_launch()
        return answer

    @app.post("/second/chosen")
    def second_chosen() -> ResponseReturnValue:
        items = platform.kept["second"].validate_deeplinking_resp(request.form.to_dict())
        for item in items:
            name = f"second-{len(platform.links)}"
            platform.links[name] = Link(name, item["url"], title=item["title"], custom=item.get("custom", {}))
        return render_template_string(DONE, items=items)

    @app.get("/second/jwks")
    def second_jwks() -> ResponseReturnValue:
        keys: dict[str, Any] = platform.kept["second"].get_jwks()
        return keys
