"""Visits in somebody else's frame: `/in/<visit>` stands before the path of every page in one.

A middleware takes it off and remembers it; `url_for` puts it back. Under such an address the session is another cookie,
with that path, so that visits beside each other do not know of each other, nor of who is signed in on our own site.
Why it is so: docs/decisions/lti.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from flask import Flask, Response, current_app, has_request_context, request
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature, URLSafeTimedSerializer

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

VISIT_KEY = "leerlabo.visit"
COOKIE = "leerlabo_visit"
TOKEN_KEY = "visit"  # noqa: S105  where the session keeps the visit's token
_PREFIX = re.compile(r"/in/([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})(?=/)")


class Frames:
    """WSGI middleware: what the path says of a visit is taken off and remembered."""

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Rewrite the path of a request in a visit."""
        found = _PREFIX.match(environ.get("PATH_INFO", ""))
        if found:
            environ[VISIT_KEY] = found[1]
            environ["PATH_INFO"] = environ["PATH_INFO"][found.end() :]
        return self._app(environ, start_response)


def visit_key() -> str | None:
    """The uuid of the visit this request is in, as its address says; None on our own site."""
    return request.environ.get(VISIT_KEY) if has_request_context() else None


def path_in(visit: UUID | str, path: str) -> str:
    """The address of this path in a visit."""
    return f"/in/{visit}{path}"


def here() -> str:
    """What stands before every path of this request's pages: empty, or `/in/<visit>`."""
    key = visit_key()
    return "" if key is None else path_in(key, "")


class Sessions(SecureCookieSessionInterface):
    """Flask's own sessions; in a visit in a cookie of that visit alone. What signs them is made once."""

    def __init__(self) -> None:
        self._signer: URLSafeTimedSerializer | None = None

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """What signs and reads the session cookie."""
        if self._signer is None:
            self._signer = super().get_signing_serializer(app)
        return self._signer

    def get_cookie_name(self, app: Flask) -> str:
        """Another name in a visit: the one cookie is never taken for the other."""
        return COOKIE if visit_key() else super().get_cookie_name(app)

    def get_cookie_path(self, app: Flask) -> str:
        """In a visit only its own addresses."""
        return here() or super().get_cookie_path(app)

    def get_cookie_secure(self, app: Flask) -> bool:
        """Browsers want it of a cookie in another's frame; on `localhost` they take it without TLS."""
        return bool(visit_key()) or super().get_cookie_secure(app)

    def get_cookie_samesite(self, app: Flask) -> str | None:
        """A visit is in another site's frame."""
        return "None" if visit_key() else super().get_cookie_samesite(app)

    def get_cookie_partitioned(self, app: Flask) -> bool:
        """A visit's cookie belongs to the site that frames it."""
        return bool(visit_key()) or super().get_cookie_partitioned(app)


def give_cookie(response: Response, visit: UUID, token: str) -> None:
    """Let this browser be in the visit from here on."""
    signer = current_app.session_interface.get_signing_serializer(current_app)  # type: ignore[attr-defined]
    response.set_cookie(
        COOKIE,
        signer.dumps({TOKEN_KEY: token}),
        path=path_in(visit, ""),
        secure=True,
        httponly=True,
        samesite="None",
        partitioned=True,
    )


# ---- out of the frame ------------------------------------------------------------------------------------------------


def window_pass(visit: UUID | str) -> str:
    """What a form in a visit carries to go on in a window of its own, where the frame's cookie is not sent."""
    return _window_signer().dumps(str(visit))


def read_window_pass(text: str, max_age_s: int) -> UUID | None:
    """The visit of such a form; None when it is not ours, or too old."""
    try:
        return UUID(_window_signer().loads(text, max_age=max_age_s))
    except (BadSignature, ValueError):
        return None


def _window_signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(current_app.secret_key or "", salt="visit-window")
