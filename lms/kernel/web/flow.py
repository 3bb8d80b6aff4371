"""One request: load → authorise → act → commit once → after-commit work through the outbox.

A GET reads and never writes. Anything else writes in one transaction, committed after the view answered and before
the answer leaves; an answer that says something went wrong (400 and up) changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar, cast
from uuid import UUID

from flask import Flask, Response, current_app, g, request, session
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from lms.kernel.i18n import DEFAULT_LANGUAGE, LANGUAGES, set_language
from lms.kernel.identity import ANONYMOUS, Identity
from lms.kernel.visits import FramedVisit
from lms.kernel.web.frames import TOKEN_KEY, visit_key

if TYPE_CHECKING:
    from lms.kernel.config import Settings
    from lms.kernel.db import Database
    from lms.kernel.storage import Storage
    from lms.kernel.visits import FindVisit

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SESSION_KEY = "sid"
LANGUAGE_KEY = "language"
FIRST_ERROR = 400

FindIdentity = Callable[[Session, str], "Identity | None"]
View = TypeVar("View", bound=Callable[..., object])


def writes(view: View) -> View:
    """Mark a view whose GET may write: it consumes a single-use link, which a mail client can only GET."""
    view.leerlabo_writes = True  # type: ignore[attr-defined]
    return view


def settings() -> Settings:
    """The settings of this app."""
    return cast("Settings", current_app.extensions["settings"])


def storage() -> Storage:
    """Where this app keeps files."""
    return cast("Storage", current_app.extensions["storage"])


def database() -> Database:
    """The app's database, for what must not wait for the request's own transaction, or must outlive it."""
    return cast("Database", current_app.extensions["database"])


def page_number() -> int:
    """Which page of a list is asked for: 1 unless the address names another."""
    asked = request.args.get("page", "")
    return max(1, int(asked)) if asked.isascii() and asked.isdecimal() and len(asked) < 6 else 1


def current_db() -> Session:
    """The request's database session: a reader for GET, one write transaction for the rest."""
    if "db" not in g:
        g.db = database().writer() if _is_writing() else database().reader()
    return cast("Session", g.db)


def reading_db() -> Session:
    """A session that only reads: for a request that writes, what it can look up before others must wait for it.

    It does not see what this request has written. Whoever sends a file is known and allowed first; then the file is
    stored, and only then is anything written, since a store may be slow. So a file may be stored for nothing: nobody
    finds it, since no row names it.
    """
    if not _is_writing():
        return current_db()
    if "reading_db" not in g:
        g.reading_db = database().reader()
    return cast("Session", g.reading_db)


def asking_db() -> Session:
    """Where to look up who asks and what she may, with statements that open no transaction (`Prepared`).

    SQLite has one writer, who is not to be kept waiting for that; elsewhere it is the session that will write, which
    saves a second connection.
    """
    return reading_db() if database().is_sqlite else current_db()


def current_identity() -> Identity:
    """Who asks; `ANONYMOUS` when nobody signed in."""
    if "identity" not in g:
        g.identity = _find_identity()
    return cast("Identity", g.identity)


def current_visit() -> FramedVisit | None:
    """The visit whose address was asked; None on our own site, and for an address of no visit at all."""
    key = visit_key()
    if key is None:
        return None
    if "visit" not in g:
        find_visit: FindVisit = current_app.extensions["find_visit"]
        g.visit = find_visit(asking_db(), UUID(key), session.get(TOKEN_KEY, ""))
    return cast("FramedVisit | None", g.visit)


def drop_changes() -> None:
    """Undo what this request did so far: the person was refused."""
    db = g.pop("db", None)
    if db is not None:
        db.close()


def ask_no_more() -> None:
    """For the page that says something broke: who asks, if that is not known yet, is not looked for any more."""
    g.setdefault("visit", None)
    if "identity" not in g:
        g.identity = ANONYMOUS
        _choose_language()


def install(app: Flask, find_identity: FindIdentity, find_visit: FindVisit) -> None:
    """Give every request its transaction, its person and its language."""
    app.extensions["find_identity"] = find_identity
    app.extensions["find_visit"] = find_visit
    app.before_request(_choose_language)
    app.teardown_request(_close)


def commit_before_all_else(app: Flask) -> None:
    """Commit as the first thing after the view, so that whatever is added to an answer is added to the right one.

    Flask runs these in the reverse order of their registration: call it last.
    """
    app.after_request(_commit)


def _is_writing() -> bool:
    if request.method not in SAFE_METHODS:
        return True
    view = current_app.view_functions.get(request.endpoint or "")
    return getattr(view, "leerlabo_writes", False)


def _find_identity() -> Identity:
    if visit_key() is not None:
        visit = current_visit()
        return ANONYMOUS if visit is None else visit.identity
    token = session.get(SESSION_KEY)
    if not token:
        return ANONYMOUS
    find_identity: FindIdentity = current_app.extensions["find_identity"]
    return find_identity(asking_db(), token) or ANONYMOUS


def _choose_language() -> None:
    if request.endpoint == "static":
        return
    visit = current_visit()
    chosen = session.get(LANGUAGE_KEY) or (visit.language if visit else "") or current_identity().language
    set_language(chosen or request.accept_languages.best_match(LANGUAGES, DEFAULT_LANGUAGE))


def _commit(response: Response) -> Response:
    db = g.get("db")
    if db is None or not _is_writing():
        return response
    if response.status_code >= FIRST_ERROR:
        db.rollback()
        return response
    try:
        db.commit()
    except SQLAlchemyError as error:
        db.rollback()
        return current_app.make_response(current_app.handle_user_exception(error))
    return response


def _close(_error: BaseException | None) -> None:
    for name in ("db", "reading_db"):
        db = g.pop(name, None)
        if db is not None:
            db.close()
