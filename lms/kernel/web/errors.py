"""When something goes wrong, a page says what happened, what is kept and what to do. Nobody ever sees a bare 500."""

from __future__ import annotations

from urllib.parse import urlencode

import structlog
from flask import Flask, current_app, g, redirect, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from lms.kernel.errors import Forbidden, NotFound, NotSignedIn, Refused, TooManyAttempts
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import ANONYMOUS
from lms.kernel.web.flow import SAFE_METHODS, ask_no_more, drop_changes
from lms.kernel.web.pages import render

log = structlog.get_logger()
OUR_FAULT = 500


def install(app: Flask, sign_in_endpoint: str) -> None:
    """Answer every error with a page in our words."""
    app.extensions["sign_in_endpoint"] = sign_in_endpoint
    app.register_error_handler(NotSignedIn, _not_signed_in)
    app.register_error_handler(Forbidden, lambda _error: _page(403))
    app.register_error_handler(NotFound, lambda _error: _page(404))
    app.register_error_handler(Refused, _refused)
    app.register_error_handler(TooManyAttempts, _too_many)
    app.register_error_handler(IntegrityError, _overtaken)
    app.register_error_handler(OperationalError, _database_away)
    app.register_error_handler(CSRFError, lambda _error: _page(400))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _unforeseen)


def _not_signed_in(_error: NotSignedIn) -> ResponseReturnValue:
    drop_changes()
    here = request.full_path.rstrip("?") if request.method in SAFE_METHODS else ""
    query = f"?{urlencode({'next': here})}" if here else ""
    return redirect(current_app.url_for(current_app.extensions["sign_in_endpoint"]) + query, 303)


def _refused(error: Refused) -> ResponseReturnValue:
    return _page(409, message=str(error), details=tuple(error.fields.values()))


def _overtaken(error: IntegrityError) -> ResponseReturnValue:
    """Two people did the same at the same moment, and the database kept the first."""
    log.warning("overtaken", rule=str(request.url_rule), exc_info=error)
    return _page(409, message=_("Iemand was je net voor. Kijk opnieuw, en probeer het nog eens."))


def _database_away(error: OperationalError) -> ResponseReturnValue:
    log.error("database_away", rule=str(request.url_rule), exc_info=error)
    return _page(503)


def _too_many(error: TooManyAttempts) -> ResponseReturnValue:
    minutes = -(-error.retry_after // 60)
    text, status = _page(429, message=_("Je probeerde het te vaak. Wacht %(minutes)s minuten.", minutes=minutes))
    return text, status, {"Retry-After": str(error.retry_after)}


def _http(error: HTTPException) -> ResponseReturnValue:
    if error.code is None or error.code < 400:
        return error
    text, status = _page(error.code)
    headers = {key: value for key, value in error.get_headers() if key in ("Allow", "Retry-After")}
    if isinstance(error, RequestEntityTooLarge):
        headers["Connection"] = "close"
    return text, status, headers


def _unforeseen(error: Exception) -> ResponseReturnValue:
    log.error("unforeseen_error", rule=str(request.url_rule), method=request.method, exc_info=error)
    ask_no_more()  # it may be the database that does not answer
    return _page(500)


def _page(status: int, message: str = "", details: tuple[str, ...] = ()) -> tuple[str, int]:
    drop_changes()
    if status >= OUR_FAULT:
        g.setdefault("visit", None)
        g.setdefault("identity", ANONYMOUS)  # whoever it is: asking the database may be what failed
    return render("errors/error.html", status, code=status, message=message, details=details)
