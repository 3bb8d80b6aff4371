"""Tokens, line items, scores and results as a platform keeps them (AGS 2.0), strict where the standard is.

`book_of(platform)` is what it holds; `platform.trouble` makes a path fail, `book.refuse` one score.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Lock
from typing import Any

import jwt
from flask import Flask, Response, jsonify, request
from flask.typing import ResponseReturnValue

from tests.services.lti_platform.roster import in_header
from tests.services.lti_platform.server import LINE_ITEM, RESULT, SCORE, LtiPlatform

LINE_ITEM_TYPE = "application/vnd.ims.lis.v2.lineitem+json"
SCORE_TYPE = "application/vnd.ims.lis.v1.score+json"
ACTIVITY = ("Initialized", "Started", "InProgress", "Submitted", "Completed")
GRADING = ("FullyGraded", "Pending", "PendingManual", "Failed", "NotReady")


@dataclass
class Book:
    """The grade book of one context. `scores`: all that were taken, in order, by the number of their line item."""

    items: dict[int, dict[str, Any]] = field(default_factory=dict)
    scores: list[tuple[int, dict[str, Any]]] = field(default_factory=list)
    tokens: dict[str, tuple[str, float]] = field(default_factory=dict)  # token: its scope, and until when it is good
    assertions: list[dict[str, Any]] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)  # of assertions: each is good once
    page: int = 2
    quotes: str = ""  # about the names of its links: Moodle writes curly ones
    lasts_s: int = 3600
    filters: bool = True
    drops_authorization: bool = False  # a proxy in front of it does not pass the header on
    audience: str = ""
    like_moodle: bool = False  # compares whole seconds with the moment at which it got the last one
    got_at: dict[tuple[int, str], float] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def of(self, subject: str) -> list[dict[str, Any]]:
        """The scores of somebody, in the order they came."""
        return [score for _item, score in self.scores if score["userId"] == subject]


def book_of(platform: LtiPlatform) -> Book:
    """What the grade book of this platform holds."""
    book: Book = platform.kept["grade_book"]
    return book


def line_items_url(platform: LtiPlatform) -> str:
    """Where it stands, with a query of its own as some platforms have."""
    return f"{platform.address}/context-1/lineitems?type_id=1"


def give_item(platform: LtiPlatform, **values: Any) -> str:
    """A line item that is there already; its address."""
    book = book_of(platform)
    number = len(book.items) + 1
    url = f"{platform.address}/context-1/lineitems/{number}?type_id=1"
    book.items[number] = {"id": url, "label": "Kolom", "scoreMaximum": 10, **values}
    return url


def mount(platform: LtiPlatform) -> None:
    """Let this platform have a grade book."""
    book = platform.kept["grade_book"] = Book()
    _mount_tokens(platform, platform.app, book)
    _mount_items(platform, platform.app, book)
    _mount_scores(platform, platform.app, book)


def _mount_tokens(platform: LtiPlatform, app: Flask, book: Book) -> None:
    @app.post("/token")
    def token() -> ResponseReturnValue:
        form, client = request.form, None
        if form.get("grant_type") == "client_credentials" and form.get("client_assertion_type", "").endswith(
            "jwt-bearer"
        ):
            client = _client(platform, book, form.get("client_assertion", ""))
        if client is None:
            return jsonify(error="invalid_client"), 401
        scopes = form.get("scope", "").split()
        if not scopes or not set(scopes) <= set(platform.clients[client].scopes):
            return jsonify(error="invalid_scope"), 400
        name = f"token-{len(book.tokens) + 1}"
        book.tokens[name] = (form["scope"], time.time() + book.lasts_s)
        return jsonify(access_token=name, token_type="bearer", expires_in=book.lasts_s, scope=form["scope"])


def _mount_items(platform: LtiPlatform, app: Flask, book: Book) -> None:
    @app.get("/context-1/lineitems")
    @_let_in(book, LINE_ITEM)
    def items() -> ResponseReturnValue:
        found = list(book.items.items())
        if book.filters:
            for name, key in (("resource_link_id", "resourceLinkId"), ("resource_id", "resourceId")):
                if name in request.args:
                    found = [(number, item) for number, item in found if item.get(key) == request.args[name]]
        return _paged(platform, book, [item for _number, item in found])

    @app.post("/context-1/lineitems")
    @_let_in(book, LINE_ITEM)
    def item_create() -> ResponseReturnValue:
        if request.mimetype != LINE_ITEM_TYPE:
            return "unsupported media type", 415
        data = request.get_json(force=True)
        if not data.get("label") or not data.get("scoreMaximum"):
            return "label and scoreMaximum are required", 400
        with book.lock:
            url = give_item(platform, **data)
        return Response(jsonify(book.items[len(book.items)]).data, 201, mimetype=LINE_ITEM_TYPE, headers={"X-Id": url})


def _mount_scores(platform: LtiPlatform, app: Flask, book: Book) -> None:
    @app.post("/context-1/lineitems/<int:number>/scores")
    @_let_in(book, SCORE)
    def score_create(number: int) -> ResponseReturnValue:
        if request.args.get("type_id") != "1":
            return "the query of the line item is part of its address", 400
        if number not in book.items:
            return "no such line item", 404
        data = request.get_json(force=True)
        if problem := _wrong(data):
            return problem, 400
        with book.lock:
            known = [s["timestamp"] for item, s in book.scores if item == number and s["userId"] == data["userId"]]
            if known and _moment(data["timestamp"]) <= max(map(_moment, known)):
                return "there is a newer one", 409
            column = (number, data["userId"])
            if book.like_moodle and int(_moment(data["timestamp"]).timestamp()) <= int(book.got_at.get(column, 0)):
                return "Refusing score with an earlier timestamp", 409
            book.got_at[column] = time.time()
            book.scores.append((number, data))
        return "", 204

    @app.get("/context-1/lineitems/<int:number>/results")
    @_let_in(book, RESULT)
    def results(number: int) -> ResponseReturnValue:
        newest = {s["userId"]: s for item, s in book.scores if item == number}
        wanted = request.args.get("user_id")
        found = [
            {
                "id": f"{platform.address}/results/{subject}",
                "userId": subject,
                "resultScore": score.get("scoreGiven"),
                "resultMaximum": score.get("scoreMaximum"),
            }
            for subject, score in newest.items()
            if wanted in (None, subject)
        ]
        return _paged(platform, book, found)


def _client(platform: LtiPlatform, book: Book, assertion: str) -> str | None:
    """Whose message this is, signed with a key it publishes; each message is good once (RFC 7523)."""
    try:
        name = jwt.decode(assertion, options={"verify_signature": False})["iss"]
        keys = platform.kept["tool_keys"]()
        key = next(key for key in keys if key["kid"] == jwt.get_unverified_header(assertion)["kid"])
        claims = jwt.decode(
            assertion,
            jwt.PyJWK(key),
            algorithms=["RS256"],
            audience=book.audience or platform.token_endpoint,
            options={"require": ["iss", "sub", "aud", "iat", "exp", "jti"]},
        )
    except (jwt.PyJWTError, StopIteration, KeyError):
        return None
    if name not in platform.clients or claims["sub"] != name or claims["jti"] in book.ids:
        return None
    book.ids.add(claims["jti"])
    book.assertions.append(claims)
    return str(name)


def _let_in(book: Book, scope: str) -> Callable[[Callable[..., ResponseReturnValue]], Callable[..., Any]]:
    def guard(view: Callable[..., ResponseReturnValue]) -> Callable[..., Any]:
        def guarded(**values: Any) -> ResponseReturnValue:
            header = "" if book.drops_authorization else request.headers.get("Authorization", "")
            granted, until = book.tokens.get(header.removeprefix("Bearer "), ("", 0.0))
            if not granted or until < time.time():
                return jsonify(error="invalid_token"), 401
            return view(**values) if scope in granted.split() else (jsonify(error="insufficient_scope"), 403)

        guarded.__name__ = view.__name__
        return guarded

    return guard


def _paged(platform: LtiPlatform, book: Book, rows: list[Any]) -> Response:
    start = int(request.args.get("from", "0"))
    answer = jsonify(rows[start : start + book.page])
    if len(rows) > start + book.page:
        query = "&".join(f"{key}={value}" for key, value in {**request.args, "from": start + book.page}.items())
        first = f'<{platform.address}{request.path}?from=0>; rel="first"'
        rel = in_header(book.quotes, "next") if book.quotes else "next"
        answer.headers["Link"] = f'{first}, <{platform.address}{request.path}?{query}>; title="more, please"; rel={rel}'
    return answer


def _wrong(data: dict[str, Any]) -> str:
    if request.mimetype != SCORE_TYPE:
        return "unsupported media type"
    if data.get("activityProgress") not in ACTIVITY or data.get("gradingProgress") not in GRADING:
        return "progress"
    if ("scoreGiven" in data) != ("scoreMaximum" in data) or not data.get("userId"):
        return "a score needs its maximum"
    try:
        return "" if _moment(data["timestamp"]).tzinfo and "." in data["timestamp"] else "timestamp"
    except (KeyError, ValueError):
        return "timestamp"


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)
