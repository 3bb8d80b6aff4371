"""What is said in a dynamic registration (LTI Dynamic Registration 1.0): the platform's configuration and ours."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any
from urllib.parse import urlsplit

from lms.lti.formats.endpoints import CANVAS, Endpoints, host_of, is_issuer, is_web_address, origin_of
from lms.lti.formats.messages import MessageType
from lms.lti.formats.tool import NAME, SCOPES, ToolAddresses

PLATFORM_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-platform-configuration"
TOOL_CONFIGURATION = "https://purl.imsglobal.org/spec/lti-tool-configuration"
CANVAS_PRIVACY = "https://canvas.instructure.com/lti/privacy_level"
CANVAS_PLACEMENTS = ("link_selection", "assignment_selection")
CLAIMS = ("iss", "sub", "name", "given_name", "family_name", "locale")
LONGEST_ID = 255
LONGEST_PRODUCT = 60
LONGEST_REGISTRATION_TOKEN = 8_000
_CANVAS_ISSUER = re.compile(r"canvas\.((?P<stage>beta|test)\.)?instructure\.com")
_CANVAS_DOORS = re.compile(r"sso\.((beta|test)\.)?canvaslms\.com|([\w-]+\.)+instructure\.com")


class Flaw(StrEnum):
    """What is wrong with what a platform says."""

    NOT_JSON = "not-json"
    NO_LTI = "no-lti"  # no platform of LTI: a part is missing
    BAD_ADDRESS = "bad-address"
    OTHER_ISSUER = "other-issuer"
    NO_RS256 = "no-rs256"
    NO_CLIENT = "no-client"  # the answer to our registration has no usable client id


class FlawedError(Exception):
    """A platform says something we cannot go on with. `part`: the member that is wrong."""

    def __init__(self, flaw: Flaw, part: str = "") -> None:
        super().__init__(f"{flaw} {part}".strip())
        self.flaw, self.part = flaw, part


@dataclass(frozen=True, slots=True)
class PlatformConfiguration:
    """What a platform says of itself. `product`: its family code; `scopes`: those of ours that it offers."""

    endpoints: Endpoints
    registration_endpoint: str
    product: str
    version: str
    token_audience: str
    scopes: tuple[str, ...]

    @property
    def host(self) -> str:
        """What people call it by."""
        return urlsplit(self.endpoints.issuer).netloc


@dataclass(frozen=True, slots=True)
class Registered:
    """What a platform gave us."""

    client_id: str
    deployment_id: str
    scopes: tuple[str, ...]


def read_configuration(said: Any, url: str, *, may_be_insecure: bool) -> PlatformConfiguration:
    """The configuration that stood at `url`. Raises `FlawedError`.

    The issuer must be of the host where its configuration stands: else anybody could register us in the name of
    another's platform. Instructure's own Canvas has one issuer for all schools, and is known by name.
    """
    if not isinstance(said, Mapping):
        raise FlawedError(Flaw.NOT_JSON)
    issuer = _text(said, "issuer")
    if not is_issuer(issuer, may_be_insecure=may_be_insecure):
        raise FlawedError(Flaw.BAD_ADDRESS, "issuer")
    if not _is_at_home(issuer, url):
        raise FlawedError(Flaw.OTHER_ISSUER, issuer)
    ends = [
        _address(said, name, may_be_insecure=may_be_insecure)
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint")
    ]
    platform = said.get(PLATFORM_CONFIGURATION)
    if not isinstance(platform, Mapping):
        raise FlawedError(Flaw.NO_LTI, PLATFORM_CONFIGURATION)
    algorithms = said.get("id_token_signing_alg_values_supported", ["RS256"])
    if not isinstance(algorithms, list) or "RS256" not in algorithms:
        raise FlawedError(Flaw.NO_RS256)
    offered = said.get("scopes_supported")
    return PlatformConfiguration(
        endpoints=Endpoints(issuer, *ends[:3]),
        registration_endpoint=ends[3],
        product=_short(platform.get("product_family_code")),
        version=_short(platform.get("version")),
        token_audience=_audience(said),
        scopes=tuple(scope for scope in SCOPES if not isinstance(offered, list) or scope in offered),
    )


def tool_configuration(us: ToolAddresses, host: str, platform: PlatformConfiguration) -> dict[str, Any]:
    """What we say of ourselves (Dynamic Registration 1.0, 3.5). `host`: ours, with its port.

    Canvas gives each place in a course to the first message that names it, and the first place of all to one that
    names none: so the message with which teachers choose comes first.
    """
    message = {"target_link_uri": us.launch, "label": NAME, "icon_uri": us.icon}
    places = {"placements": list(CANVAS_PLACEMENTS)} if platform.product == CANVAS else {}
    return {
        "application_type": "web",
        "response_types": ["id_token"],
        "grant_types": ["implicit", "client_credentials"],
        "initiate_login_uri": us.login,
        "redirect_uris": [us.launch],
        "client_name": NAME,
        "jwks_uri": us.jwks,
        "logo_uri": us.icon,
        "token_endpoint_auth_method": "private_key_jwt",
        "scope": " ".join(platform.scopes),
        TOOL_CONFIGURATION: {
            "domain": host,
            "description": "Opleidingen van Leerlabo",
            "target_link_uri": us.launch,
            "custom_parameters": {},
            "claims": list(CLAIMS),
            "messages": [
                {"type": MessageType.DEEP_LINKING, **message, **places},
                {"type": MessageType.RESOURCE_LINK, **message},
            ],
            CANVAS_PRIVACY: "name_only",
        },
    }


def read_registered(said: Any, asked: tuple[str, ...]) -> Registered:
    """What the platform answered to our configuration. Raises `FlawedError`.

    A deployment may come with it, or be made later; Moodle gives a number as text, others give a number.
    """
    if not isinstance(said, Mapping):
        raise FlawedError(Flaw.NOT_JSON)
    client_id = _identifier(said.get("client_id"))
    if not client_id:
        raise FlawedError(Flaw.NO_CLIENT, "client_id")
    tool = said.get(TOOL_CONFIGURATION)
    deployment = _identifier(tool.get("deployment_id")) if isinstance(tool, Mapping) else ""
    granted = said.get("scope")
    scopes = tuple(scope for scope in asked if scope in granted.split()) if isinstance(granted, str) else asked
    return Registered(client_id, deployment, scopes)


def is_registration_token(text: str) -> bool:
    """Whether this may stand in an Authorization header."""
    return len(text) <= LONGEST_REGISTRATION_TOKEN and text.isascii() and text.isprintable() and " " not in text


def opener_origins(configuration_url: str) -> tuple[str, ...]:
    """Besides the origin of its configuration: which other origins of this platform may open our page."""
    return ("https://*.instructure.com",) if _CANVAS_DOORS.fullmatch(host_of(configuration_url)) else ()


def opener_of(named: str, configuration_url: str) -> str:
    """The origin that opened our page, and waits for our word: that of the platform's configuration.

    A school's Canvas may have a domain of its own, and its configuration stands at Instructure's. There it is what the
    browser names: all it gets is our page in its frame, and the word that it may be closed.
    """
    origin = origin_of(named)
    is_canvas = _CANVAS_DOORS.fullmatch(host_of(configuration_url)) and origin.startswith("https://")
    return origin if is_canvas else origin_of(configuration_url)


def _is_at_home(issuer: str, url: str) -> bool:
    host, door = host_of(issuer), host_of(url)
    return host == door or bool(_CANVAS_ISSUER.fullmatch(host) and _CANVAS_DOORS.fullmatch(door))


def _address(said: Mapping[str, Any], name: str, *, may_be_insecure: bool) -> str:
    text = _text(said, name)
    if not is_web_address(text, may_be_insecure=may_be_insecure):
        raise FlawedError(Flaw.BAD_ADDRESS, name)
    return text


def _text(said: Mapping[str, Any], name: str) -> str:
    value = said.get(name)
    if not isinstance(value, str) or not value:
        raise FlawedError(Flaw.NO_LTI, name)
    return value


def _audience(said: Mapping[str, Any]) -> str:
    """What the platform wants as `aud` of a token request (Dynamic Registration 1.0: `authorization_server`).

    Canvas names a bare host there, and takes its token endpoint: only a full address counts.
    """
    value = said.get("authorization_server")
    return value if isinstance(value, str) and is_web_address(value, may_be_insecure=True) else ""


def _short(value: Any) -> str:
    return value[:LONGEST_PRODUCT] if isinstance(value, str) and value.isprintable() else ""


def _identifier(value: Any) -> str:
    text = str(value) if isinstance(value, int) and not isinstance(value, bool) else value
    is_good = isinstance(text, str) and 0 < len(text) <= LONGEST_ID and text.isprintable()
    return text if is_good else ""
