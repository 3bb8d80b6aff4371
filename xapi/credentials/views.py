"""Keys to the record store: for who looks after an area, or after all of them."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from lms.kernel import clock
from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Permission
from lms.kernel.web import current_db, current_identity, drop_changes, render, requires, say, settings
from sectors.areas import area_name, limit_choices
from xapi.credentials.forms import CredentialForm
from xapi.credentials.models import Credential, Scope
from xapi.credentials.queries import (
    find_employer_name,
    get_managed_credential,
    list_credentials,
    list_employers,
)
from xapi.credentials.services import create_credential, revoke_credential

blueprint = Blueprint("credentials", __name__, template_folder="templates")
guard = requires(Permission.MANAGE_CREDENTIALS)


@blueprint.get("/desk/credentials")
@guard
def credentials() -> ResponseReturnValue:
    found = list_credentials(current_db(), current_identity())
    return render("credentials/credentials.html", found=found, area_name=area_name, state_of=_state_of)


@blueprint.get("/desk/credentials/new")
@guard
def credential_new() -> ResponseReturnValue:
    return _form(CredentialForm(scopes=(Scope.WRITE, Scope.READ_MINE)))


@blueprint.post("/desk/credentials/new")
@guard
def credential_create() -> ResponseReturnValue:
    form = CredentialForm.typed(request.form)
    areas = [slug for slug, _name in _areas()]
    try:
        values = form.values(areas, list_employers(current_db(), current_identity()))
    except Refused as refused:
        drop_changes()
        return _form(form, 422, errors=refused.fields)
    credential, secret = create_credential(current_db(), **values)
    return _show(credential, secret=secret)


@blueprint.get("/desk/credentials/<uuid:uuid>")
@guard
def credential(uuid: UUID) -> ResponseReturnValue:
    return _show(get_managed_credential(current_db(), current_identity(), uuid))


@blueprint.post("/desk/credentials/<uuid:uuid>/revocation")
@guard
def credential_revoke(uuid: UUID) -> ResponseReturnValue:
    found = get_managed_credential(current_db(), current_identity(), uuid)
    revoke_credential(current_db(), found.key)
    say(_("De sleutel is ingetrokken"))
    return redirect(url_for("credentials.credential", uuid=uuid), 303)


def _show(found: Credential, *, secret: str = "") -> ResponseReturnValue:
    """The page of a key; with its secret only in the answer to making it, for we do not know it afterwards."""
    may = dict(_scopes())
    return render(
        "credentials/credential.html",
        found=found,
        secret=secret,
        address=f"{settings().base_url}/xapi/",
        scopes=[may[scope] for scope in found.scopes],
        area=area_name(found.area),
        organisation=find_employer_name(current_db(), found.organisation),
        state=_state_of(found),
    )


def _form(form: CredentialForm, status: int = 200, *, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    employers = list_employers(current_db(), current_identity())
    return render(
        "credentials/credential_form.html",
        status,
        form=form,
        errors=errors or {},
        scopes=_scopes(),
        areas=_areas(),
        employers=[("", _("Alle organisaties")), *((employer.uuid, employer.name) for employer in employers)],
    )


def _areas() -> list[tuple[str, str]]:
    return limit_choices(current_identity(), Permission.MANAGE_CREDENTIALS)


def _scopes() -> list[tuple[str, str]]:
    """What a key may do, in words."""
    return [
        (Scope.WRITE, _("Berichten bewaren")),
        (Scope.READ_MINE, _("Berichten lezen die het zelf bewaarde")),
        (Scope.READ, _("Alle berichten lezen")),
        (Scope.STATE, _("Onthouden waar iemand bleef")),
        (Scope.PROFILE, _("Notities bij mensen en opleidingen bewaren")),
        (Scope.ALL, _("Alles, ook berichten intrekken")),
    ]


def _state_of(found: Credential) -> tuple[str, str]:
    """Whether a key is still good: the key of a chip, and a word."""
    if found.revoked_at is not None:
        return "todo", _("Ingetrokken")
    if found.expires_at is not None and found.expires_at <= clock.now():
        return "waiting", _("Verlopen")
    return ("done", _("In gebruik")) if found.last_used_at else ("todo", _("Nog niet gebruikt"))
