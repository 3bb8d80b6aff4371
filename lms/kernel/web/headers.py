"""What every answer says to the browser: run nothing from outside, frame us nowhere, guess no types."""

from __future__ import annotations

from flask import Flask, Response, g, request

from lms.kernel.visits import FramedVisit
from lms.kernel.web.frames import visit_key

POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors {ancestors}; "
    # A form may lead to one of our own hosts: an area has its own. It comes last: see `forms_lead_to`.
    "form-action 'self' {scheme}://{host} {scheme}://*.{host}"
)
YEAR_S = 31_536_000


NOBODY = "'none'"


def framed_by(*origins: str) -> None:
    """Let the answer to this request stand in a frame of these origins: a page on the way into a visit."""
    g.frame_ancestors = " ".join(sorted({origin for origin in origins if origin})) or NOBODY


def forms_lead_to(origin: str) -> None:
    """Let the forms of the answer to this request lead to this origin too: what somebody chose goes to her platform."""
    g.form_origin = origin


def may_be_framed() -> bool:
    """Whether the answer to this request may stand in somebody else's frame."""
    return _ancestors() != NOBODY


def install(app: Flask) -> None:
    """Put the headers on every answer."""
    settings = app.extensions["settings"]
    hosts = {"scheme": "https" if settings.is_https else "http", "host": settings.base_host}
    plain = POLICY.format(ancestors=NOBODY, **hosts)

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        ancestors = _ancestors()
        policy = plain if ancestors == NOBODY else POLICY.format(ancestors=ancestors, **hosts)
        forms = f" {g.form_origin}" if "form_origin" in g else ""
        headers.setdefault("Content-Security-Policy", policy + forms)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        if ancestors == NOBODY:  # a window that another site opened must stay its opener's
            headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if settings.is_https:
            headers.setdefault("Strict-Transport-Security", f"max-age={YEAR_S}; includeSubDomains")
        if request.endpoint == "static" and response.status_code < 400:
            headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable" if "v" in request.args else "no-cache"
        else:
            headers.setdefault("Cache-Control", "no-store" if request.cookies else "no-cache")
        return response


def _ancestors() -> str:
    """Who may frame this answer: the platform of a visit, who is on the way into one, and nobody else."""
    if visit_key() is not None:
        visit: FramedVisit | None = g.get("visit")
        return visit.frame_origin if visit is not None else NOBODY
    ancestors: str = g.get("frame_ancestors", NOBODY)
    return ancestors
