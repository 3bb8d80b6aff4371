"""Where the services of a platform stand, and what an address must look like before we keep it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

LONGEST_ADDRESS = 500
MOODLE, CANVAS, OWN_CANVAS, OTHER = "moodle", "canvas", "canvas-own", ""
PRODUCTS = (MOODLE, CANVAS, OWN_CANVAS, OTHER)
_HOSTED_CANVAS = re.compile(r"[\w-]+(\.(?P<stage>beta|test))?\.instructure\.com")
_PORTS = {"https": 443, "http": 80}
_HOST = re.compile(r"[a-z0-9._-]+|[0-9a-f.]*:[0-9a-f.:]+")  # a name, or the address of a machine
_NEVER = frozenset(' "<>\\')  # stands in no address


@dataclass(frozen=True, slots=True)
class Endpoints:
    """A platform's issuer and the addresses behind it (Security Framework 1.0, 5.1.1 and 4.1; LTI 1.3 core, 3.1.3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str


def known_endpoints(product: str, site: str) -> Endpoints | None:
    """The addresses of a Moodle or Canvas whose site this is; None for another product.

    Every Canvas that Instructure hosts has one issuer, whatever the school's host; one on a server of the school's own
    (`OWN_CANVAS`) is its own.
    """
    root = site.rstrip("/")
    if product == MOODLE:
        return Endpoints(root, f"{root}/mod/lti/auth.php", f"{root}/mod/lti/token.php", f"{root}/mod/lti/certs.php")
    if product not in (CANVAS, OWN_CANVAS):
        return None
    issuer, door = root, root
    if product == CANVAS:
        hosted = _HOSTED_CANVAS.fullmatch(host_of(root))
        stage = f"{hosted['stage']}." if hosted and hosted["stage"] else ""
        issuer, door = f"https://canvas.{stage}instructure.com", f"https://sso.{stage}canvaslms.com"
    return Endpoints(
        issuer,
        f"{door}/api/lti/authorize_redirect",
        f"{door}/login/oauth2/token",
        f"{door}/api/lti/security/jwks",
    )


def is_web_address(text: str, *, may_be_insecure: bool) -> bool:
    """Whether this is a full address without a name and password in it: https, or http where that is allowed."""
    schemes = ("https:", "http:") if may_be_insecure else ("https:",)
    is_plain = text.isascii() and "#" not in text and len(text) <= LONGEST_ADDRESS
    return is_plain and text.lower().startswith(schemes) and bool(origin_of(text))


def is_issuer(text: str, *, may_be_insecure: bool) -> bool:
    """Whether this may be an `iss`: an address without query or fragment (Security Framework 1.0, 5.1.2)."""
    return is_web_address(text, may_be_insecure=may_be_insecure) and "?" not in text


def origin_of(url: str) -> str:
    """Scheme, host and port of an address, as browsers write an origin; empty when no browser may be sent there.

    Our policy on frames and forms names it. So its host is one host: no `*`, and no sign that means something there.
    What comes after the host is the other side's own affair.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return ""
    host, is_plain = host_of(url), url.isprintable() and not _NEVER & set(url)
    if parts.scheme not in _PORTS or "@" in parts.netloc or port == 0 or not host or not is_plain:
        return ""
    name = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{name}" + ("" if port in (None, _PORTS[parts.scheme]) else f":{port}")


def host_of(url: str) -> str:
    """The host in an address, in small letters; empty when there is none, or none that exists."""
    try:
        host = urlsplit(url).hostname or ""
    except ValueError:
        return ""
    return host if _HOST.fullmatch(host) else ""
