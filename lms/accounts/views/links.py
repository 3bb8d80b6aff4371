"""The pages behind the links in our mails: an invitation, and a new password."""

from __future__ import annotations

from flask import redirect, request
from flask.typing import ResponseReturnValue

from lms.accounts import services
from lms.accounts.services import LinkKind
from lms.accounts.services.passwords import MINIMUM
from lms.accounts.views.pages import blueprint, device, go, home_path, keep_signed_in, show_place_of
from lms.kernel.errors import Refused
from lms.kernel.i18n import current_language
from lms.kernel.i18n import gettext as _
from lms.kernel.web import current_db, database, drop_changes, render, say


@blueprint.get("/invitation/<token>")
def invitation(token: str) -> ResponseReturnValue:
    return _choose_page(LinkKind.INVITATION, token)


@blueprint.post("/invitation/<token>")
def invitation_use(token: str) -> ResponseReturnValue:
    return _choose(LinkKind.INVITATION, token)


@blueprint.get("/reset/<token>")
def reset_link(token: str) -> ResponseReturnValue:
    return _choose_page(LinkKind.RESET, token)


@blueprint.post("/reset/<token>")
def reset_link_use(token: str) -> ResponseReturnValue:
    return _choose(LinkKind.RESET, token)


@blueprint.get("/reset")
def reset() -> ResponseReturnValue:
    return _reset_page(asked=request.args.get("asked") == "yes")


@blueprint.post("/reset")
def reset_ask() -> ResponseReturnValue:
    """The same answer, in words and in time, whether or not somebody has this name."""
    name = request.form.get("name", "").strip()
    if not name:
        return _reset_page(422, errors={"name": _("Vul je e-mailadres of je gebruikersnaam in.")})
    services.count_reset(database(), name=name, address=request.remote_addr or "")
    services.ask_reset(current_db(), name, language=current_language())
    return go("accounts.reset", asked="yes")


def _reset_page(status: int = 200, *, asked: bool = False, errors: dict[str, str] | None = None) -> tuple[str, int]:
    show_place_of("/")
    return render("accounts/reset.html", status, asked=asked, errors=errors or {})


def _choose(kind: LinkKind, token: str) -> ResponseReturnValue:
    try:
        person_id = services.choose_password(current_db(), kind, token, request.form.get("password", ""))
    except Refused as refused:
        if not refused.fields:
            return _over()
        drop_changes()
        return _choose_page(kind, token, 422, errors=refused.fields)
    keep_signed_in(services.open_sign_in(current_db(), person_id, device=device()))
    say(_("Je wachtwoord is bewaard"))
    return redirect(home_path(), 303)


def _choose_page(
    kind: LinkKind, token: str, status: int = 200, *, errors: dict[str, str] | None = None
) -> ResponseReturnValue:
    show_place_of("/")
    with database().read() as db:
        try:
            first_name = services.check_link(db, kind, token)
        except Refused:
            return _over()
    return render(
        "accounts/choose_password.html",
        status,
        first_name=first_name,
        errors=errors or {},
        minimum=MINIMUM,
        is_invitation=kind is LinkKind.INVITATION,
    )


def _over() -> tuple[str, int]:
    show_place_of("/")
    return render("accounts/link_over.html", 410)
