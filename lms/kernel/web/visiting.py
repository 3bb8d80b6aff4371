"""The guard before every view in a visit: what does not belong to its link is not shown there."""

from __future__ import annotations

from flask import Flask, current_app, redirect, request
from flask.typing import ResponseReturnValue

from lms.kernel.errors import NotFound
from lms.kernel.visits import Door
from lms.kernel.web.flow import SAFE_METHODS, asking_db, current_visit, drop_changes
from lms.kernel.web.frames import visit_key
from lms.kernel.web.pages import render

OVER, ELSEWHERE = 401, 403


def install(app: Flask, home_endpoint: str) -> None:
    """Guard visits. `home_endpoint`: the page of what a visit's link places."""

    @app.before_request
    def keep_to_the_visit() -> ResponseReturnValue | None:
        if visit_key() is None or request.endpoint is None:
            return None
        visit = current_visit()
        if visit is None:
            raise NotFound("visit")
        if not visit.identity.is_signed_in:
            return _page(OVER)
        door = visit.door(asking_db(), request.endpoint, request.view_args or {})
        if door is Door.OPEN:
            return None
        if door is Door.HOME and request.method in SAFE_METHODS:
            return redirect(current_app.url_for(home_endpoint), 303)
        return _page(ELSEWHERE)


def _page(status: int) -> ResponseReturnValue:
    drop_changes()
    return render("errors/visit.html", status, code=status)
