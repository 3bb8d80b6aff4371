"""Joining with an account one has: begun by a form in a visit, carried out here, on our own site and in no frame."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, current_app, redirect, request
from flask.typing import ResponseReturnValue

from lms.kernel.errors import NotSignedIn, Refused, TooManyAttempts
from lms.kernel.i18n import current_language, ngettext
from lms.kernel.i18n import gettext as _
from lms.kernel.web import current_db, current_identity, database, drop_changes, frames, reading_db, render
from lms.lti.formats.refusals import LaunchRefused, Reason
from lms.lti.queries.linking import find_asked_link
from lms.lti.services import linking
from lms.lti.services.arriving import LASTS
from lms.lti.views.launching import PASS
from lms.lti.views.launching import blueprint as door

blueprint = Blueprint("lti_linking", __name__, template_folder="../templates")

OVER = 410


@door.post("/lti/link")
def link_begin() -> ResponseReturnValue:
    """From a visit, in a window of its own: the form carries a pass of ours, because no cookie comes along."""
    if request.headers.get("Origin") != f"{request.scheme}://{request.host}":
        raise LaunchRefused(Reason.OTHER_BROWSER)
    visit = frames.read_window_pass(request.form.get(PASS, ""), int(LASTS.total_seconds()))
    token = linking.begin_link(current_db(), visit) if visit is not None else None
    if token is None:
        raise LaunchRefused(Reason.STATE_UNKNOWN)
    return redirect(current_app.url_for("lti_linking.link", token=token), 303)


@blueprint.get("/lti/link/<token>")
def link(token: str) -> ResponseReturnValue:
    return _page(token)


@blueprint.post("/lti/link/<token>/me")
def link_confirm(token: str) -> ResponseReturnValue:
    person_id = current_identity().person_id
    if person_id is None:
        raise NotSignedIn
    try:
        linking.confirm_link(current_db(), token, person_id)
    except Refused as refused:
        drop_changes()
        return _page(token, 422, errors={"me": str(refused)})
    return _done()


@blueprint.post("/lti/link/<token>/code")
def link_code_ask(token: str) -> ResponseReturnValue:
    email = request.form.get("email", "").strip()
    if "@" not in email:
        return _page(token, 422, email=email, errors={"email": _("Vul het e-mailadres van je account in.")})
    if find_asked_link(reading_db(), token) is None:
        return _page(token)
    try:
        linking.ask_code(database(), token, email, address=request.remote_addr or "", language=current_language())
    except TooManyAttempts as refused:
        return _page(token, 429, email=email, errors={"email": say_wait(refused)})
    return _page(token, email=email, asked=True)


@blueprint.post("/lti/link/<token>/proof")
def link_code_use(token: str) -> ResponseReturnValue:
    email, code = request.form.get("email", ""), request.form.get("code", "")
    try:
        linking.use_code(database(), token, code, address=request.remote_addr or "")
    except Refused as refused:
        return _page(token, 422, email=email, asked=True, errors={"code": str(refused)})
    except TooManyAttempts as refused:
        return _page(token, 429, email=email, asked=True, errors={"code": say_wait(refused)})
    return _done()


def _page(
    token: str, status: int = 200, *, email: str = "", asked: bool = False, errors: dict[str, str] | None = None
) -> ResponseReturnValue:
    found = find_asked_link(reading_db(), token)
    if found is None:
        return render("lti/link_over.html", OVER)
    here = current_app.url_for("lti_linking.link", token=token)
    return render(
        "lti/link.html",
        status,
        found=found,
        token=token,
        me=current_identity(),
        sign_in_url=f"{current_app.url_for('accounts.sign_in')}?{urlencode({'next': here})}",
        email=email,
        asked=asked,
        errors=errors or {},
    )


def _done() -> ResponseReturnValue:
    return render("lti/link_done.html")


def say_wait(refused: TooManyAttempts) -> str:
    """How long, in words."""
    minutes = -(-refused.retry_after // 60)
    return ngettext(
        "Je probeerde het te vaak. Wacht %(n)s minuut.", "Je probeerde het te vaak. Wacht %(n)s minuten.", minutes
    )
