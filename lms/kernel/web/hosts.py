"""One platform, many hosts: `/gezinszorg/courses` is also `gezinszorg.<base host>/courses`.

A middleware puts the area's slug in front of the path, so that a page has one route; `url_for` takes it off again on
that host. What belongs to no area (`/sign-in`, `/static`, `/xapi`) stays where it is on every host. Only `/` is the
area there, so the platform's home is asked as `/home`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable
from functools import lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Flask, Request, current_app, has_request_context, request
from werkzeug.exceptions import BadRequest
from werkzeug.routing import IntegerConverter, Map

from lms.kernel.web import frames
from lms.kernel.web.flow import SAFE_METHODS

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

    from lms.kernel.config import Settings

LOOPBACK = ("localhost", "127.0.0.1", "[::1]")
AREA_KEY = "leerlabo.area_host"
LARGEST_ROW = 2**31 - 1
HOME, HOME_BESIDE_AREA = "/", "/home"
_LOCAL = re.compile(r"/(?![/\\])[^\\\x00-\x20\x7f]*")  # browsers drop a tab, and read a backslash as a slash


class AreaHosts:
    """WSGI middleware: the first label of the host names the area."""

    def __init__(self, app: WSGIApplication, slugs: Collection[str], roots: Collection[str], base_host: str) -> None:
        self._app, self._slugs, self._roots = app, frozenset(slugs), frozenset(roots)
        self._suffix = f".{base_host}"

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Rewrite the path of a request to an area's host, and remember that we did."""
        host = environ.get("HTTP_HOST", "").lower()
        slug = host.removesuffix(self._suffix)
        if slug != host and slug in self._slugs:
            path = environ.get("PATH_INFO", "/")
            environ[AREA_KEY] = slug
            first = path.split("/", 2)[1] if path.startswith("/") else ""
            if first not in self._roots and first not in self._slugs:
                environ["PATH_INFO"] = f"/{slug}{path}"
        return self._app(environ, start_response)


def install(app: Flask, settings: Settings, slugs: Collection[str]) -> None:
    """Serve the areas on their hosts, refuse hosts that are not ours, and check where unsafe requests come from."""
    roots = {rule.rule.split("/", 2)[1] for rule in app.url_map.iter_rules()} - {"", "<area>"}
    # Visits are on the platform's own host: an area's host knows no address that begins with /in.
    inside = frames.Frames(app.wsgi_app)
    app.wsgi_app = AreaHosts(inside, slugs, roots, settings.base_host)  # type: ignore[method-assign]
    hosts = frozenset(our_hosts(settings, slugs))

    @app.before_request
    def check_host_and_origin() -> None:
        if request.host.lower() not in hosts:
            raise BadRequest(f"this server does not answer for {request.host}")
        if request.method not in SAFE_METHODS and not is_exempt(app):
            origin = request.headers.get("Origin")
            if origin is not None and origin != f"{request.scheme}://{request.host}":
                raise BadRequest("this form was sent from another site")
        if not is_exempt(app):
            _refuse_null()


def _refuse_null() -> None:
    """Nobody types the character NUL, and PostgreSQL keeps none: no view needs to think of it."""
    said = [request.path, *chain.from_iterable(request.args.items(multi=True))]
    if request.method not in SAFE_METHODS:
        said += chain.from_iterable(request.form.items(multi=True))
        said += [file.filename or "" for _name, file in request.files.items(multi=True)]
    if any("\0" in words for words in said):
        raise BadRequest("there is a NUL in what was sent")


def our_hosts(settings: Settings, slugs: Iterable[str]) -> set[str]:
    """Every host that is ours; on one's own machine also the numbers behind `localhost`."""
    base = settings.base_host.lower()
    hosts = {base, *(f"{slug}.{base}" for slug in slugs)}
    parts = urlsplit(f"//{base}")
    if parts.hostname in ("localhost", "127.0.0.1", "::1"):
        port = f":{parts.port}" if parts.port else ""
        hosts |= {f"{name}{port}" for name in LOOPBACK} | {f"{slug}.localhost{port}" for slug in slugs}
    return hosts


def local_path(text: str | None) -> str:
    """Where somebody asks to go next: a path on this host, and never another site. Anything else leads home."""
    return text if text and _LOCAL.fullmatch(text) else HOME


def is_exempt(app: Flask) -> bool:
    """Whether this request belongs to a blueprint that other programs call with credentials of their own."""
    blueprint = app.blueprints.get(request.blueprint or "")
    return getattr(blueprint, "called_by_programs", False)


class RowConverter(IntegerConverter):
    """`<int:…>` in an address is the number of a row: no larger than one can be, or there is no such page."""

    def __init__(self, map: Map, **limits: Any) -> None:  # noqa: A002  Werkzeug's own word
        super().__init__(map, **({"max": LARGEST_ROW} | limits))


class SmallForms(Request):
    """A request whose typed form is small; only files may weigh as much as an upload may. Too much of either is 413.

    Werkzeug keeps to the limit on typed words in a multipart form, not in a plain one.
    """

    @property  # type: ignore[misc]
    def max_content_length(self) -> int | None:  # type: ignore[override]  # Flask's can be set too
        """How many bytes the whole body may have."""
        is_plain_form = self.mimetype == "application/x-www-form-urlencoded" and not is_exempt(current_app)
        return self.max_form_memory_size if is_plain_form else super().max_content_length


class AreaFlask(Flask):
    """Flask that knows area hosts: on such a host the area's own pages lose the slug in front.

    The addresses of a page are asked again and again, so they are remembered.
    """

    request_class = SmallForms

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session_interface = frames.Sessions()
        self.url_map.converters["int"] = RowConverter
        self._build = lru_cache(maxsize=16_384)(self._build_url)

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Every view of ours is a plain function; asking each of them, ten times a request, costs time."""
        return func

    def url_for(self, endpoint: str, **values: Any) -> str:
        """The address of a page of ours, as a path; `_external=True` gives the full address on the platform's host.

        In a visit paths stay in that visit; full addresses lead out of it.
        """
        if endpoint.startswith("."):
            endpoint = f"{request.blueprint}{endpoint}"
        if not has_request_context():
            return self._build(endpoint, None, tuple(values.items()))
        path = self._build(endpoint, request.environ.get(AREA_KEY), tuple(values.items()))
        visit = request.environ.get(frames.VISIT_KEY)
        return path if visit is None or values.get("_external") else frames.path_in(visit, path)

    def _build_url(self, endpoint: str, slug: str | None, items: tuple[tuple[str, Any], ...]) -> str:
        values = dict(items)
        external = values.pop("_external", False)
        anchor = values.pop("_anchor", None)
        settings: Settings = self.extensions["settings"]
        path = self.url_map.bind(settings.base_host).build(endpoint, values)
        if anchor:
            path = f"{path}#{anchor}"
        if external:
            return f"{settings.base_url}{path}"
        if slug and path == HOME:
            return HOME_BESIDE_AREA
        if slug and values.get("area") == slug and path.startswith(f"/{slug}/"):
            return path[len(slug) + 1 :]
        return path


def own_host(settings: Settings, slug: str) -> str:
    """The host of an area, with its port; empty where the platform's own is a number, which has no names below it."""
    name = urlsplit(f"//{settings.base_host}").hostname or ""
    is_number = ":" in name or name.replace(".", "").isdecimal()
    return "" if is_number else f"{slug}.{settings.base_host}"


def current_area_host() -> str | None:
    """The slug of the area whose own host was asked, or None on the platform's."""
    slug: str | None = request.environ.get(AREA_KEY)
    return slug
