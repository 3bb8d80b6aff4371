"""Somebody with a browser without JavaScript: asks for pages, follows redirects, fills in forms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.services.platform import HOST
from tests.web.page import Form, Page


class Visitor(FlaskClient):
    """A test client whose pages are all parsed and checked. Redirects are followed, unless told otherwise.

    `page(path)` and `submit(form, field=value)` give a `Page`; the ordinary `get`, `post` and so on give responses.
    """

    def open(self, *arguments: Any, **options: Any) -> TestResponse:
        """Ask the platform's own host, unless `base_url` says otherwise."""
        if arguments and isinstance(arguments[0], str):
            options.setdefault("base_url", f"http://{HOST}")
        return super().open(*arguments, **options)

    def page(self, path: str, *, status: int = 200, **options: Any) -> Page:
        """Ask for a page. Fails when the answer has another status."""
        return self._ask("GET", path, status, options)

    def submit(self, form: Form, fields: Mapping[str, Any] | None = None, *, status: int = 200, **more: Any) -> Page:
        """Send a form with these fields filled in: a word, a list, or (a stream, a file name). None leaves one out."""
        filled = {**form.values, **(fields or {}), **more}
        data = {name: value for name, value in filled.items() if value is not None}
        key = "query_string" if form.method == "get" else "data"
        return self._ask(form.method.upper(), form.action, status, {key: data})

    def sign_in(self, name: str, password: str) -> Page:
        """Go through the sign-in page as anybody would; the page one then lands on."""
        form = self.page("/sign-in").form(holding="password")
        field = next(name for name in form.values if name not in ("password", "csrf_token", "next"))
        return self.submit(form, {field: name, "password": password})

    def _ask(self, method: str, path: str, status: int, options: dict[str, Any]) -> Page:
        response = self.open(path, **({"method": method, "follow_redirects": True} | options))
        page = Page(response, is_part="HX-Request" in (options.get("headers") or {}))
        if page.status != status:
            raise AssertionError(f"{method} {path} gave {page.status} and not {status}: {page.text[:500]}")
        return page


def visitor_of(app: Flask) -> Visitor:
    """A fresh browser, with no cookies."""
    return Visitor(app, app.response_class)
