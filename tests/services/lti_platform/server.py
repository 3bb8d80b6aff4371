"""The platform itself: its keys, who knows whom, and a server in a thread of its own.

`with lti_platform(launching.mount, grade_book.mount) as platform:` mounts what a test needs; each `mount(platform)`
adds routes to `platform.app` and keeps its own rows in `platform.kept`. `platform.trouble["/jwks"] = answer` lets a
path misbehave; `platform.asked` is every request that came.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event, Thread
from typing import Any
from uuid import uuid4

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from jwt.algorithms import RSAAlgorithm
from werkzeug.serving import WSGIRequestHandler, make_server

LINE_ITEM = "https://purl.imsglobal.org/spec/lti-ags/scope/lineitem"
SCORE = "https://purl.imsglobal.org/spec/lti-ags/scope/score"
RESULT = "https://purl.imsglobal.org/spec/lti-ags/scope/result.readonly"
ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"


@dataclass
class Client:
    """A tool that is registered here. `targets`: where it may be launched; empty while nobody asked."""

    client_id: str
    deployments: list[str]
    login_url: str
    launch_url: str
    jwks_uri: str
    scopes: tuple[str, ...] = (LINE_ITEM, SCORE, RESULT, ROSTER)


@dataclass
class User:
    """Somebody who learns or teaches in this platform; `login_hint` is her `subject`."""

    subject: str
    given_name: str = "Ilse"
    family_name: str = "Vermeulen"
    email: str = ""
    roles: tuple[str, ...] = ("http://purl.imsglobal.org/vocab/lis/v2/membership#Learner",)


@dataclass
class Link:
    """A place in a course of this platform that opens a tool; `lti_message_hint` is its `resource_link_id`."""

    resource_link_id: str
    target_link_uri: str
    title: str = "Rustig helpen"
    context_id: str = "context-1"
    context_title: str = "Onthaal nieuwe medewerkers"
    custom: dict[str, str] = field(default_factory=dict)
    more: dict[str, Any] = field(default_factory=dict)  # claims that are added or changed; None takes one away


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    body: bytes


class Key:
    """A key pair with its id."""

    def __init__(self, bits: int = 2048) -> None:
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        self.kid = uuid4().hex[:12]

    @property
    def jwk(self) -> dict[str, Any]:
        """The public half."""
        public: dict[str, Any] = json.loads(RSAAlgorithm.to_jwk(self.private.public_key()))
        return public | {"kid": self.kid, "alg": "RS256", "use": "sig"}


_KEYS = [Key()]


@dataclass
class LtiPlatform:
    """What the platform knows. Its answers may be changed by a test at any moment."""

    address: str
    app: Flask
    keys: list[Key] = field(default_factory=lambda: list(_KEYS))  # the last one signs
    clients: dict[str, Client] = field(default_factory=dict)
    users: dict[str, User] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    trouble: dict[str, Callable[[], ResponseReturnValue | None]] = field(default_factory=dict)
    asked: list[Asked] = field(default_factory=list)
    kept: dict[str, Any] = field(default_factory=dict)  # rows of what is mounted, by the name of its module
    over: Event = field(default_factory=Event)

    @property
    def issuer(self) -> str:
        return self.address

    @property
    def authorization_endpoint(self) -> str:
        return f"{self.address}/auth"

    @property
    def token_endpoint(self) -> str:
        return f"{self.address}/token"

    @property
    def jwks_uri(self) -> str:
        return f"{self.address}/jwks"

    def know(self, tool: str, client_id: str = "client-1", deployments: tuple[str, ...] = ("1",)) -> Client:
        """Register a tool that is served at this address, by hand. Launches of it need `launching.mount`."""
        urls = (f"{tool}/lti/login", f"{tool}/lti/launch", f"{tool}/lti/jwks")
        client = Client(client_id, list(deployments), *urls)
        self.clients[client_id] = client
        return client

    def sign(self, claims: dict[str, Any], key: Key | None = None) -> str:
        """These claims as a token of ours."""
        key = key or self.keys[-1]
        return jwt.encode(claims, key.private, algorithm="RS256", headers={"kid": key.kid})

    def asked_for(self, path: str) -> list[Asked]:
        """The requests for this path, in order."""
        return [asked for asked in list(self.asked) if asked.path == path]


Mount = Callable[[LtiPlatform], None]


@contextmanager
def lti_platform(*mounts: Mount) -> Iterator[LtiPlatform]:
    """One of them, on a free port, until the block ends."""
    app = Flask("lti_platform", static_folder=None)
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    server.daemon_threads = True  # type: ignore[attr-defined]
    platform = LtiPlatform(f"http://127.0.0.1:{server.server_port}", app)
    app.before_request(_listen(platform))
    app.add_url_rule("/jwks", "jwks", lambda: {"keys": [key.jwk for key in platform.keys]})
    app.add_url_rule("/favicon.ico", "favicon", lambda: Response(status=204))
    for mount in mounts:
        mount(platform)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield platform
    finally:
        platform.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


def _listen(platform: LtiPlatform) -> Callable[[], ResponseReturnValue | None]:
    def listen() -> ResponseReturnValue | None:
        body = request.get_data(cache=True)
        platform.asked.append(Asked(request.method, request.path, request.args.to_dict(), dict(request.headers), body))
        answer = platform.trouble.get(request.path)
        return None if answer is None else answer()

    return listen


def hanging(platform: LtiPlatform) -> Callable[[], Response]:
    """An answer for `trouble` that does not come before the platform stops."""

    def wait() -> Response:
        platform.over.wait(60)
        return Response(status=503)

    return wait


class _Quiet(WSGIRequestHandler):
    def log(self, *_words: Any) -> None:
        """Say nothing."""
