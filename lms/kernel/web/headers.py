"""What every answer says to the browser: run nothing from outside, frame us nowhere, guess no types."""

from __future__ import annotations

from flask import Flask, Response, request

POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; "
    # A form may lead to one of our own hosts: an area has its own.
    "form-action 'self' {scheme}://{host} {scheme}://*.{host}"
)
YEAR_S = 31_536_000


def install(app: Flask) -> None:
    """Put the headers on every answer."""
    settings = app.extensions["settings"]
    policy = POLICY.format(scheme="https" if settings.is_https else "http", host=settings.base_host)

    @app.after_request
    def add_headers(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()")
        headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if settings.is_https:
            headers.setdefault("Strict-Transport-Security", f"max-age={YEAR_S}; includeSubDomains")
        if request.endpoint == "static" and response.status_code < 400:
            headers["Cache-Control"] = f"public, max-age={YEAR_S}, immutable" if "v" in request.args else "no-cache"
        else:
            headers.setdefault("Cache-Control", "no-store" if request.cookies else "no-cache")
        return response
