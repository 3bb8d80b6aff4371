"""An account for who has none: from the page where others link theirs, on our own site and in no frame."""

from __future__ import annotations

from flask import Blueprint, current_app, redirect, request
from flask.typing import ResponseReturnValue

from lms.accounts.services import is_email
from lms.kernel.errors import Refused, TooManyAttempts
from lms.kernel.i18n import current_language
from lms.kernel.i18n import gettext as _
from lms.kernel.web import current_identity, database, reading_db, render
from lms.lti.queries.linking import find_asked_link
from lms.lti.services.own_accounts import ask_own_code, use_own_code
from lms.lti.views.linking import OVER, say_wait

blueprint = Blueprint("lti_own_account", __name__, template_folder="../templates")


@blueprint.get("/lti/link/<token>/new")
def new(token: str) -> ResponseReturnValue:
    return _page(token)


@blueprint.post("/lti/link/<token>/new")
def new_ask(token: str) -> ResponseReturnValue:
    email = request.form.get("email", "").strip()
    if not is_email(email.lower()):
        wrong = _("Dit is geen e-mailadres. Schrijf het als naam@voorbeeld.be.")
        return _page(token, 422, email=email, errors={"email": wrong})
    if find_asked_link(reading_db(), token) is None:
        return _page(token)
    try:
        ask_own_code(database(), token, email, address=request.remote_addr or "", language=current_language())
    except TooManyAttempts as refused:
        return _page(token, 429, email=email, errors={"email": say_wait(refused)})
    return _page(token, email=email, asked=True)


@blueprint.post("/lti/link/<token>/new/proof")
def new_prove(token: str) -> ResponseReturnValue:
    email, code = request.form.get("email", ""), request.form.get("code", "")
    try:
        url = use_own_code(database(), token, email, code, address=request.remote_addr or "")
    except Refused as refused:
        return _page(token, 422, email=email, asked=True, errors={"code": str(refused)})
    except TooManyAttempts as refused:
        return _page(token, 429, email=email, asked=True, errors={"code": say_wait(refused)})
    return render("lti/link_done.html") if url is None else redirect(url, 303)


def _page(
    token: str, status: int = 200, *, email: str = "", asked: bool = False, errors: dict[str, str] | None = None
) -> ResponseReturnValue:
    found = find_asked_link(reading_db(), token)
    if found is None:
        return render("lti/link_over.html", OVER)
    if current_identity().is_signed_in:  # she has one: it is the other page that joins it
        return redirect(current_app.url_for("lti_linking.link", token=token), 303)
    return render(
        "lti/own_account.html", status, found=found, token=token, email=email, asked=asked, errors=errors or {}
    )
