"""Registration links at the desk: make one, see how it stands, let it be over."""

from __future__ import annotations

from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from lms.kernel import clock
from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.web import current_db, current_identity, drop_changes, reading_db, render, say
from lms.lti.forms import InvitationForm
from lms.lti.models import PlatformRegistration, RegistrationInvitation
from lms.lti.queries.platforms import get_invitation
from lms.lti.services.registering import make_invitation, withdraw_invitation
from lms.lti.views.pages import (
    addresses,
    area_options,
    blueprint,
    employer_options,
    guard,
    her_employers,
    her_slugs,
)
from lms.lti.views.platforms import invitation_state
from sectors.areas import area_name


@blueprint.get("/desk/platforms/invitations/new")
@guard
def invitation_new() -> ResponseReturnValue:
    return _form(InvitationForm())


@blueprint.post("/desk/platforms/invitations/new")
@guard
def invitation_create() -> ResponseReturnValue:
    form, identity = InvitationForm.typed(request.form), current_identity()
    try:
        organisation_id = form.organisation_id(her_slugs(), her_employers())
    except Refused as refused:
        drop_changes()
        return _form(form, 422, errors=refused.fields)
    invitation, token = make_invitation(
        current_db(),
        name=form.name,
        area=form.area,
        organisation_id=organisation_id,
        by_person_id=identity.person_id or 0,
    )
    return _show(invitation, link=addresses().registration(token))


@blueprint.get("/desk/platforms/invitations/<uuid:uuid>")
@guard
def invitation(uuid: UUID) -> ResponseReturnValue:
    return _show(get_invitation(current_db(), current_identity(), uuid))


@blueprint.post("/desk/platforms/invitations/<uuid:uuid>/withdrawal")
@guard
def invitation_withdraw(uuid: UUID) -> ResponseReturnValue:
    withdraw_invitation(current_db(), get_invitation(current_db(), current_identity(), uuid))
    say(_("De registratielink werkt niet meer"))
    return redirect(url_for("platforms.invitation", uuid=uuid), 303)


def _show(found: RegistrationInvitation, *, link: str = "") -> ResponseReturnValue:
    """The page of a link; the link itself only in the answer to making it, for we do not know it afterwards."""
    registration = reading_db().get(PlatformRegistration, found.registration_id) if found.registration_id else None
    return render(
        "platforms/invitation.html",
        found=found,
        link=link,
        registration=registration,
        area=area_name(found.area),
        state=invitation_state(found),
        is_open=found.registration_id is None and found.expires_at > clock.now(),
    )


def _form(form: InvitationForm, status: int = 200, *, errors: dict[str, str] | None = None) -> ResponseReturnValue:
    return render(
        "platforms/invitation_form.html",
        status,
        form=form,
        errors=errors or {},
        areas=area_options(),
        employers=employer_options(),
    )
