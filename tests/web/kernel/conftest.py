"""A platform with a few views of its own under `/test`, each doing one thing a view may do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask, Response, abort, request, session
from flask.typing import ResponseReturnValue

from lms.accounts.models import SignInAttempts
from lms.kernel.db import Database
from lms.kernel.errors import Forbidden, NotFound, NotSignedIn, Refused, TooManyAttempts
from lms.kernel.web import current_db, drop_changes, render, writes
from tests.web.visitor import Visitor

ERRORS: dict[str, Callable[[], Exception]] = {
    "refused": lambda: Refused("Dit kan nu niet.", {"date": "Kies een andere dag."}),
    "forbidden": Forbidden,
    "not-found": NotFound,
    "not-signed-in": NotSignedIn,
    "too-many": lambda: TooManyAttempts(90),
    "unforeseen": lambda: RuntimeError("the password is leerlabo"),
}


def note(key: str) -> None:
    """Write a row that a test can look for."""
    current_db().add(SignInAttempts(key=key, since=datetime(2026, 3, 2, tzinfo=UTC), failures=0))
    current_db().flush()


def noted(database: Database) -> list[str]:
    """What was really kept."""
    with database.read() as db:
        return sorted(db.scalars(sa.select(SignInAttempts.key)))


@pytest.fixture
def app(app: Flask) -> Flask:
    """The whole platform, and the views of these tests."""

    def write() -> ResponseReturnValue:
        note(request.values.get("key", "key"))
        return Response("written", int(request.values.get("status", "200")), mimetype="text/plain")

    def write_by_link() -> ResponseReturnValue:
        return write()

    def write_twice() -> ResponseReturnValue:
        note("dropped")
        drop_changes()
        note("kept")
        return "written"

    def fail(error: str) -> ResponseReturnValue:
        note("failed")
        failure = ERRORS[error]()
        raise failure

    def fail_reading(error: str) -> ResponseReturnValue:
        failure = ERRORS[error]()
        raise failure

    def answer(code: int) -> ResponseReturnValue:
        abort(code)

    def echo() -> ResponseReturnValue:
        session["seen"] = True
        return render("site/privacy.html")

    app.add_url_rule("/test/write", "test_write", write, methods=["GET", "POST"])
    app.add_url_rule("/test/link", "test_link", writes(write_by_link), methods=["GET"])
    app.add_url_rule("/test/write-twice", "test_write_twice", write_twice, methods=["POST"])
    app.add_url_rule("/test/fail/<error>", "test_fail", fail, methods=["POST"])
    app.add_url_rule("/test/fail/<error>", "test_fail_reading", fail_reading, methods=["GET"])
    app.add_url_rule("/test/answer/<int:code>", "test_answer", answer)
    app.add_url_rule("/test/page", "test_page", echo)
    return app


@pytest.fixture
def token(visitor: Visitor) -> str:
    """What a form of this visitor carries."""
    return visitor.page("/sign-in").form(holding="password").values["csrf_token"][0]
