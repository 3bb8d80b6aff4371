"""One's own account: details, how the pages look, the password, and where one is signed in."""

from __future__ import annotations

from flask import current_app, redirect, request, session
from flask.typing import ResponseReturnValue

from lms.accounts import queries, services
from lms.accounts.formats.words import role_name, text_sizes, themes
from lms.accounts.queries.desk import list_grants
from lms.accounts.services.passwords import MINIMUM
from lms.accounts.views.pages import blueprint, forget_sign_in, go
from lms.kernel.errors import NotSignedIn, Refused, TooManyAttempts
from lms.kernel.i18n import LANGUAGE_NAMES
from lms.kernel.i18n import gettext as _
from lms.kernel.web import current_db, current_identity, database, render, say, signed_in
from lms.kernel.web.flow import LANGUAGE_KEY
from sectors.areas import area_name


@blueprint.get("/account")
@signed_in
def account() -> ResponseReturnValue:
    return _page()


@blueprint.post("/account/preferences")
@signed_in
def account_preferences() -> ResponseReturnValue:
    form = request.form
    services.change_preferences(
        current_db(),
        _person_id(),
        language=form.get("language"),
        text_size=form.get("text_size"),
        theme=form.get("theme"),
    )
    if form.get("language"):
        session[LANGUAGE_KEY] = form["language"]
    say(_("Bewaard"))
    return go("accounts.account")


@blueprint.post("/account/password")
@signed_in
def account_password() -> ResponseReturnValue:
    try:
        services.change_password(
            database(),
            _person_id(),
            current=request.form.get("current", ""),
            new=request.form.get("password", ""),
            keep_sign_in=current_identity().session_id,
        )
    except Refused as refused:
        return _page(422, errors=refused.fields)
    except TooManyAttempts as refused:
        minutes = -(-refused.retry_after // 60)
        message = _("Je probeerde het te vaak. Wacht %(minutes)s minuten.", minutes=minutes)
        return _page(429, errors={"current": message})
    say(_("Je wachtwoord is veranderd"))
    return go("accounts.account")


@blueprint.post("/account/sign-ins/<int:sign_in_id>/end")
@signed_in
def account_sign_in_end(sign_in_id: int) -> ResponseReturnValue:
    services.end_sign_in(current_db(), _person_id(), sign_in_id)
    say(_("Je bent daar uitgelogd"))
    return go("accounts.account")


@blueprint.post("/account/sign-out-everywhere")
@signed_in
def account_sign_out_everywhere() -> ResponseReturnValue:
    services.sign_out_everywhere(current_db(), _person_id())
    forget_sign_in()
    say(_("Je bent overal uitgelogd"))
    return redirect("/sign-in", 303)


def _page(status: int = 200, *, errors: dict[str, str] | None = None) -> tuple[str, int]:
    person_id = _person_id()
    with database().read() as db:
        person = queries.get_person(db, person_id)
        jobs = [job for job in queries.list_jobs(db, person_id) if job.ended_on is None]
        sign_ins = queries.list_sign_ins(db, person_id)
        grants = list_grants(db, person_id)
        platforms = current_app.extensions["platforms_of"](db, person_id)
    return render(
        "accounts/account.html",
        status,
        person=person,
        jobs=jobs,
        roles=[(role_name(grant.role), grant.organisation or area_name(grant.area)) for grant in grants],
        sign_ins=sign_ins,
        platforms=platforms,
        languages=list(LANGUAGE_NAMES.items()),
        text_sizes=text_sizes(),
        themes=themes(),
        minimum=MINIMUM,
        errors=errors or {},
    )


def _person_id() -> int:
    person_id = current_identity().person_id
    if person_id is None:
        raise NotSignedIn
    return person_id
