"""In, out, another language, and a step to another host of ours."""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urlencode

from flask import redirect, request, session
from flask.typing import ResponseReturnValue

from lms.accounts import services
from lms.accounts.formats.words import role_name
from lms.accounts.services import LinkKind
from lms.accounts.views.pages import (
    blueprint,
    device,
    forget_sign_in,
    go,
    keep_signed_in,
    next_path,
    show_place_of,
)
from lms.kernel.errors import Refused, TooManyAttempts
from lms.kernel.i18n import LANGUAGES, ngettext
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Role
from lms.kernel.web import current_db, current_identity, database, render, settings, writes
from lms.kernel.web.flow import LANGUAGE_KEY, SESSION_KEY
from lms.kernel.web.hosts import local_path, our_hosts
from sectors.areas import all_areas

DEMO_PASSWORD = "leerlabo"  # noqa: S105  printed on the demo's own page
DEMO_PEOPLE = {
    "emma": ("Emma", Role.LEARNER),
    "vera": ("Vera", Role.OFFICER),
    "tom": ("Tom", Role.TRAINER),
    "lies": ("Lies", Role.TEACHER),
    "dirk": ("Dirk", Role.DIGICOACH),
    "karel": ("Karel", Role.DELEGATE),
    "sofie": ("Sofie", Role.CONSULTANT),
    "admin": ("Admin", Role.ADMIN),
}


class DemoSignIn(NamedTuple):
    """One of the eight people anybody can be on a demo."""

    user_name: str
    name: str
    role: str


@blueprint.get("/sign-in")
def sign_in() -> ResponseReturnValue:
    if current_identity().is_signed_in:
        return redirect(next_path(), 303)
    return _form()


@blueprint.post("/sign-in")
def sign_in_try() -> ResponseReturnValue:
    name, password = request.form.get("name", "").strip(), request.form.get("password", "")
    empty = _empty_fields(name, password)
    if empty:
        return _form(422, name=name, errors=empty)
    try:
        token = services.sign_in(
            database(), name=name, password=password, address=request.remote_addr or "", device=device()
        )
    except Refused as refused:
        return _form(422, name=name, errors={"name": str(refused)})
    except TooManyAttempts as refused:
        text, status = _form(429, name=name, errors={"name": _wait(refused.retry_after)})
        return text, status, {"Retry-After": str(refused.retry_after)}
    _end_current_sign_in()
    keep_signed_in(token)
    return redirect(next_path(), 303)


def _empty_fields(name: str, password: str) -> dict[str, str]:
    errors = {}
    if not name:
        errors["name"] = _("Vul je e-mailadres of je gebruikersnaam in.")
    if not password:
        errors["password"] = _("Vul je wachtwoord in.")
    return errors


def _wait(seconds: int) -> str:
    minutes = -(-seconds // 60)
    return ngettext(
        "Je probeerde het te vaak. Wacht %(n)s minuut.", "Je probeerde het te vaak. Wacht %(n)s minuten.", minutes
    )


def _form(status: int = 200, *, name: str = "", errors: dict[str, str] | None = None) -> tuple[str, int]:
    path = next_path()
    show_place_of(path)
    people = [DemoSignIn(key, who, role_name(role)) for key, (who, role) in DEMO_PEOPLE.items()]
    return render(
        "accounts/sign_in.html",
        status,
        name=name,
        errors=errors or {},
        next_path=path,
        demo_people=people if settings().demo else [],
        demo_password=DEMO_PASSWORD,
    )


def _end_current_sign_in() -> None:
    """Who signs in over a sign-in leaves the first one behind: nobody can come back to it."""
    token = session.get(SESSION_KEY)
    if token:
        services.sign_out(current_db(), token)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    _end_current_sign_in()
    forget_sign_in()
    return redirect(local_path(request.form.get("next")), 303)


@blueprint.post("/language")
def language_choose() -> ResponseReturnValue:
    language = request.form.get("language", "")
    if language not in LANGUAGES:
        raise Refused(_("Kies een van de talen op de pagina."))
    session[LANGUAGE_KEY] = language
    session.permanent = True
    person_id = current_identity().person_id
    if person_id is not None:
        services.change_preferences(current_db(), person_id, language=language)
    return redirect(next_path(), 303)


# ---- browsers share no cookie between our hosts ----------------------------------------------------------------------


@blueprint.post("/handover")
def handover() -> ResponseReturnValue:
    """Go to another host of ours and be signed in there too."""
    host = request.form.get("host", "").lower()
    if host not in our_hosts(settings(), all_areas()):
        raise Refused(_("Deze afdeling bestaat niet. Kies er een op de pagina met afdelingen."))
    target = f"{request.scheme}://{host}"
    person_id = current_identity().person_id
    if person_id is None or host == request.host.lower():
        return redirect(f"{target}{next_path()}", 303)
    token = services.make_link(current_db(), person_id, LinkKind.HANDOVER, host=host)
    return redirect(f"{target}/handover/{token}?{urlencode({'next': next_path()})}", 303)


@blueprint.get("/handover/<token>")
@writes
def handover_arrive(token: str) -> ResponseReturnValue:
    """Arrive from another host of ours. Who is signed in here stays who she is: no link can make her somebody else."""
    if current_identity().is_signed_in:
        return redirect(next_path(), 303)
    try:
        person_id = services.use_link(current_db(), LinkKind.HANDOVER, token, host=request.host.lower())
    except Refused:
        return go("accounts.sign_in", next=next_path())
    keep_signed_in(services.open_sign_in(current_db(), person_id, device=device()))
    return redirect(next_path(), 303)
