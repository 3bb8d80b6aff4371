"""What every answer of the record store shares: the version spoken, who asks, errors as JSON, and CORS for content.

The store is mounted twice: `/xapi/` speaks 2.0 and `/xapi/1.0.3/` speaks 1.0.3 until a request's header says otherwise.
The two differ only in the header of an answer to a request that named no version, or none we speak.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import parse_qs, urlencode

import orjson
import structlog
from flask import Blueprint, Flask, Response, after_this_request, current_app, g, request
from flask.typing import ResponseReturnValue
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.http import http_date
from werkzeug.wsgi import get_input_stream

from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.errors import TooManyAttempts
from lms.kernel.web import database, drop_changes, settings
from xapi.credentials.models import Scope
from xapi.credentials.queries import Access, find_access
from xapi.credentials.services import count_request, note_use
from xapi.standard.concurrency import etag_of
from xapi.standard.errors import StandardError
from xapi.standard.version import HEADER_CLAUSE, Version, version_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MOUNTS = {Version.V2: "/xapi", Version.V1: "/xapi/1.0.3"}
METHODS = ("GET", "PUT", "POST", "DELETE", "PATCH")
VERSION_HEADER = "X-Experience-API-Version"
CONSISTENT_HEADER = "X-Experience-API-Consistent-Through"
AUTHENTICATION_CLAUSE = "1.0.3 Communication 4.0; 2.0 4.1.6"
ERROR_CLAUSE = "1.0.3 Communication 3.2; 2.0 4.1.6"
RATE_CLAUSE = "RFC 6585, 4"
ACCESS_SECONDS = 5  # how long a revoked credential may still be let in by a process that knew it
MAX_KNOWN = 1_000
USE_NOTED_EVERY = timedelta(minutes=15)  # by each process

log = structlog.get_logger()


def prepare(blueprint: Blueprint) -> None:
    """Give a resource's blueprint what every answer shares. Its views say themselves what a caller must be allowed."""
    blueprint.called_by_programs = True  # type: ignore[attr-defined]  # no CSRF token, no check of Origin
    blueprint.before_request(_choose_version)
    blueprint.after_request(_add_headers)
    blueprint.register_error_handler(StandardError, _refused)
    blueprint.register_error_handler(Exception, _unforeseen)


def install(app: Flask) -> None:
    """Let content of 1.0.3 call the store from browsers that can only POST, and let no page answer in its place."""
    app.wsgi_app = AlternateSyntax(app.wsgi_app)  # type: ignore[method-assign]
    app.after_request(_replace_page)


def rules(resource: str) -> Iterator[str]:
    """The routes of a resource under both mounts; content also calls `/xapi//statements`, with two slashes."""
    for prefix in MOUNTS.values():
        yield f"{prefix}/{resource}"
        yield f"{prefix}//{resource}"


def current_version() -> Version:
    """The version this request is judged by."""
    return cast("Version", g.xapi_version)


def allow(*scopes: Scope) -> Access:
    """Who asks. Raises `StandardError`: 401 without a good credential, 403 when it holds none of these scopes, 429 when
    it asks more often than the settings let it.
    """
    access = _current_access()
    _check_rate(access)
    if not access.has(*scopes):
        raise StandardError("Authorization", f"must hold one of {', '.join(scopes)}", ERROR_CLAUSE, 403)
    return access


def check_parameters(known: frozenset[str]) -> dict[str, str]:
    """The query's parameters. Unknown ones, also by their case, and repeated ones are refused (Communication 3.2)."""
    for name, values in request.args.lists():
        if name not in known:
            raise StandardError(name, "is not a parameter here", ERROR_CLAUSE)
        if len(values) > 1:
            raise StandardError(name, "must be given once", ERROR_CLAUSE)
    return request.args.to_dict()


def required(given: dict[str, str], name: str, clause: str) -> str:
    """A parameter that must be given."""
    if name not in given:
        raise StandardError(name, "must be given", clause)
    return given[name]


def json_answer(body: bytes, status: int = 200) -> Response:
    """An answer in JSON, of bytes that are JSON already."""
    return Response(body, status, content_type="application/json")


def with_etag(answer: Response, updated: datetime | None = None) -> Response:
    """The same answer with its ETag, and with the moment of the last change (1.0.3 Communication 2.2 and 3.1)."""
    answer.set_etag(etag_of(answer.get_data()))
    if updated is not None:
        answer.headers["Last-Modified"] = http_date(updated)
    return answer


class RateError(StandardError):
    """The error for a credential that asked too often; after `seconds` it may again (RFC 6585)."""

    def __init__(self, most: int, seconds: int) -> None:
        rule = f"may send {most} requests a minute here, and sent more: try again in {seconds} seconds"
        super().__init__("Authorization", rule, RATE_CLAUSE, 429)
        self.seconds = seconds


class MethodError(StandardError):
    """The error for a method this resource does not know; `methods` are those it knows."""

    def __init__(self, methods: str) -> None:
        super().__init__("$", f"must be sent with one of {methods}", ERROR_CLAUSE, 405)
        self.methods = methods


# ---- alternate request syntax ----------------------------------------------------------------------------------------

_METHODS = frozenset({"GET", "HEAD", "PUT", "POST", "DELETE"})
_WITH_CONTENT = frozenset({"PUT", "POST"})
_FORM_HEADERS = {
    "authorization": "HTTP_AUTHORIZATION",
    "x-experience-api-version": "HTTP_X_EXPERIENCE_API_VERSION",
    "content-type": "CONTENT_TYPE",
    "if-match": "HTTP_IF_MATCH",
    "if-none-match": "HTTP_IF_NONE_MATCH",
}
LARGEST_FORM = 120 * 1024 * 1024  # bytes


class AlternateSyntax:
    """WSGI middleware: `POST …?method=PUT`, all the rest in a form, is the request it stands for (Communication 1.3).

    What follows sees that request only. A form that breaks the rules of the syntax is left alone, and so is one in 2.0,
    which knows no such syntax: `method` is then refused as a parameter that does not exist.
    """

    def __init__(self, app: WSGIApplication) -> None:
        self._app = app

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Rewrite the request where it is such a form."""
        method = _alternate_method(environ)
        if method is not None:
            _unfold(environ, method)
        return self._app(environ, start_response)


def _alternate_method(environ: WSGIEnvironment) -> str | None:
    """The method meant; None when the request is no such form: the query then says more than a method."""
    if environ["REQUEST_METHOD"] != "POST" or not environ.get("PATH_INFO", "").startswith("/xapi/"):
        return None
    name, _, method = environ.get("QUERY_STRING", "").partition("=")
    return method if name == "method" and method in _METHODS else None


def _unfold(environ: WSGIEnvironment, method: str) -> None:
    try:
        body = get_input_stream(environ, max_content_length=LARGEST_FORM).read()
        environ["wsgi.input"] = BytesIO(body)
        form = parse_qs(body.decode(), keep_blank_values=True, strict_parsing=True, errors="strict")
    except (ValueError, HTTPException):
        return
    headers = {name.lower(): form[name][-1] for name in form if name.lower() in {*_FORM_HEADERS, "content-length"}}
    version = headers.get("x-experience-api-version") or environ.get("HTTP_X_EXPERIENCE_API_VERSION") or ""
    is_sound = all(value.isascii() and value.isprintable() for value in headers.values())
    if not is_sound or version.startswith("2") or (method in _WITH_CONTENT and "content" not in form):
        return
    content = form.pop("content", [""])[-1].encode()
    parameters = {name: values for name, values in form.items() if name.lower() not in headers}
    environ.update({_FORM_HEADERS[name]: value for name, value in headers.items() if name in _FORM_HEADERS})
    environ.update(
        {
            "REQUEST_METHOD": method,
            "QUERY_STRING": urlencode(parameters, doseq=True),
            "CONTENT_TYPE": headers.get("content-type", "application/json"),
            "CONTENT_LENGTH": str(len(content)),
            "wsgi.input": BytesIO(content),
        }
    )


# ---- version ---------------------------------------------------------------------------------------------------------


def _choose_version() -> None:
    g.xapi_version = _mounted_version()
    header = request.headers.get(VERSION_HEADER)
    if header is not None:
        g.xapi_version = version_of(header)
    elif request.method != "OPTIONS" and not request.path.endswith("/about"):
        raise StandardError(VERSION_HEADER, "must be sent with every request", HEADER_CLAUSE)


def _mounted_version() -> Version:
    return Version.V1 if _is_under(MOUNTS[Version.V1]) else Version.V2


def _is_under(mount: str) -> bool:
    return f"{request.path}/".startswith(f"{mount}/")


# ---- credentials -----------------------------------------------------------------------------------------------------


def _current_access() -> Access:
    """Look the caller up, or remember: a good credential is known for a few seconds, a bad one never."""
    given = request.authorization
    if given is None or given.type != "basic" or given.username is None or given.password is None:
        raise _unauthorised()
    if "\0" in given.username:
        raise _unauthorised()  # PostgreSQL takes no NUL, and no key holds one
    secret_hash = hashlib.sha256(given.password.encode()).digest()
    known = _known()
    entry = known.get((given.username, secret_hash))
    now = clock.now()
    if entry is not None and abs((now - entry[1]).total_seconds()) < ACCESS_SECONDS and not entry[0].is_over(now):
        _note_use(entry[0], now)
        return entry[0]
    with database().read() as db:
        access = find_access(db, given.username, secret_hash)
    if access is None:
        raise _unauthorised()
    if len(known) >= MAX_KNOWN:
        known.clear()
    known[given.username, secret_hash] = (access, now)
    _note_use(access, now)
    return access


def _check_rate(access: Access) -> None:
    most = settings().lrs_requests_a_minute
    if most == 0:
        return
    try:
        count_request(database(), access.credential_id, most)
    except TooManyAttempts as error:
        raise RateError(most, error.retry_after) from error


def _known() -> dict[tuple[str, bytes], tuple[Access, Any]]:
    """What this process remembers, by key and hash of the secret: no secret itself is kept."""
    found: dict[tuple[str, bytes], tuple[Access, Any]] = current_app.extensions.setdefault("xapi_access", {})
    return found


def _note_use(access: Access, now: datetime) -> None:
    """Have it known that this credential was used: once in a while, and when the caller has her answer already."""
    noted: dict[int, datetime] = current_app.extensions.setdefault("xapi_used", {})
    before = noted.get(access.credential_id)
    if before is not None and now - before < USE_NOTED_EVERY:
        return
    noted[access.credential_id] = now
    kept = database()

    @after_this_request
    def note_when_sent(response: Response) -> Response:
        response.call_on_close(lambda: _write_use(kept, access.credential_id, now))
        return response


def _write_use(kept: Database, credential_id: int, now: datetime) -> None:
    try:
        note_use(kept, credential_id, now)
    except SQLAlchemyError:  # the caller was served; when it was used is told again by a later request
        log.warning("credential_use_not_noted", credential=credential_id, exc_info=True)


def _unauthorised() -> StandardError:
    return StandardError(
        "Authorization", "must be Basic, with a key and secret that are good here", AUTHENTICATION_CLAUSE, 401
    )


# ---- answers ---------------------------------------------------------------------------------------------------------


def _refused(error: StandardError) -> ResponseReturnValue:
    drop_changes()
    answer = json_answer(orjson.dumps(error.as_dict()), error.status)
    if error.status == 401:
        answer.headers["WWW-Authenticate"] = 'Basic realm="xAPI", charset="UTF-8"'
    if isinstance(error, MethodError):
        answer.headers["Allow"] = f"{error.methods}, OPTIONS"
    if isinstance(error, RateError):
        answer.headers["Retry-After"] = str(error.seconds)
    return answer


def _unforeseen(error: Exception) -> ResponseReturnValue:
    drop_changes()
    status = getattr(error, "code", None) or 500
    if status >= 500:
        log.error("unforeseen_error", path=request.path, method=request.method, exc_info=error)
    return json_answer(_reason(status), status)


def _replace_page(response: Response) -> Response:
    """Who asks the store reads no pages: where no resource of it was met, and the platform refused, it says so itself.

    That is a path or method it does not know, or a host that is not ours.
    """
    if VERSION_HEADER in response.headers or not _is_under(MOUNTS[Version.V2]):
        return response
    if isinstance(request.routing_exception, MethodNotAllowed):
        response.status_code, response.headers["Allow"] = 405, _KNOWN
    elif request.routing_exception is not None:
        response.status_code = 404
    with suppress(StandardError):
        _choose_version()
    response.headers.pop("Location", None)
    response.set_data(_reason(response.status_code))
    response.content_type = "application/json"
    return _add_headers(response)


def _reason(status: int) -> bytes:
    """The body of an answer to what never came as far as a rule of the standard."""
    rule = "is refused"
    if status == 404:
        rule = "is no resource of this store"
    elif status == 405:
        rule = "must be sent with a method that the resource knows"
    elif status == 413:
        rule = f"must be no larger than {request.max_content_length} bytes"
    elif status >= 500:
        rule = "could not be handled: something went wrong here"
    return orjson.dumps(StandardError("$", rule, ERROR_CLAUSE, status).as_dict())


def _add_headers(response: Response) -> Response:
    headers = response.headers
    headers[VERSION_HEADER] = g.get("xapi_version") or _mounted_version()
    headers["Access-Control-Allow-Origin"] = "*"  # callers show a credential, never a cookie
    headers["Access-Control-Expose-Headers"] = _EXPOSED
    headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    if request.method == "OPTIONS":
        headers["Access-Control-Allow-Methods"] = _KNOWN
        headers["Access-Control-Allow-Headers"] = _ALLOWED
        headers["Access-Control-Max-Age"] = "86400"
    return response


_KNOWN = "GET, HEAD, PUT, POST, DELETE, OPTIONS"
_ALLOWED = (
    "Authorization, Content-Type, Content-Length, Accept, Accept-Language, If-Match, If-None-Match,"
    " X-Experience-API-Version"
)
_EXPOSED = (
    "ETag, Last-Modified, Content-Length, Cache-Control, Retry-After, WWW-Authenticate, X-Experience-API-Version,"
    " X-Experience-API-Consistent-Through"
)
