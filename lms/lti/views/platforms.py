"""The desk where platforms are kept: the list, one by hand, its deployments, off and on."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from flask import request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from lms.accounts.models import Organisation
from lms.kernel import clock
from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Permission
from lms.kernel.web import current_db, current_identity, drop_changes, reading_db, render, say, settings
from lms.lti.formats.endpoints import CANVAS, MOODLE, OTHER, OWN_CANVAS
from lms.lti.forms import PlatformForm
from lms.lti.models import PlatformRegistration, RegistrationInvitation
from lms.lti.queries.platforms import (
    get_deployment,
    get_platform,
    list_deployments,
    list_invitations,
    list_platforms,
)
from lms.lti.services import platforms as services
from lms.lti.views.pages import (
    addresses,
    area_options,
    blueprint,
    employer_options,
    guard,
    her_employers,
    her_slugs,
    load,
)
from sectors.areas import area_name

FILL_IN = "fill-in"


@blueprint.get("/desk/platforms")
@guard
def platforms() -> ResponseReturnValue:
    identity = current_identity()
    return render(
        "platforms/platforms.html",
        found=list_platforms(current_db(), identity),
        invitations=list_invitations(current_db(), identity),
        area_name=area_name,
        state_of=_state_of,
        invitation_state=invitation_state,
        may_rotate=identity.may(Permission.ADMINISTER),
    )


@blueprint.get("/desk/platforms/new")
@guard
def platform_new() -> ResponseReturnValue:
    return _form(PlatformForm(product=MOODLE))


@blueprint.post("/desk/platforms/new")
@guard
def platform_create() -> ResponseReturnValue:
    form = PlatformForm.typed(request.form).completed
    if request.form.get("act") == FILL_IN:
        return _form(form)
    try:
        terms = form.terms(her_slugs(), her_employers(), may_be_insecure=settings().may_go_inside)
        made = services.register_platform(current_db(), terms, deployment_id=form.deployment_id)
    except Refused as refused:
        drop_changes()
        return _form(form, 422, errors=refused.fields)
    say(_("Het leerplatform is bewaard"))
    return redirect(url_for("platforms.platform", uuid=made.uuid), 303)


@blueprint.get("/desk/platforms/<uuid:uuid>")
@guard
def platform(uuid: UUID) -> ResponseReturnValue:
    return _show(uuid)


@blueprint.get("/desk/platforms/<uuid:uuid>/change")
@guard
def platform_edit(uuid: UUID) -> ResponseReturnValue:
    found = load(uuid).registration
    return _form(PlatformForm.of(found, _organisation_uuid(found)), found=found)


@blueprint.post("/desk/platforms/<uuid:uuid>/change")
@guard
def platform_change(uuid: UUID) -> ResponseReturnValue:
    found = _load_to_change(uuid)
    form = PlatformForm.typed(request.form).completed
    try:
        terms = form.terms(her_slugs(), her_employers(), may_be_insecure=settings().may_go_inside)
        services.change_platform(current_db(), found, terms)
    except Refused as refused:
        drop_changes()
        return _form(form, 422, errors=refused.fields, found=found)
    say(_("Het leerplatform is bewaard"))
    return redirect(url_for("platforms.platform", uuid=uuid), 303)


@blueprint.post("/desk/platforms/<uuid:uuid>/off")
@guard
def platform_off(uuid: UUID) -> ResponseReturnValue:
    return _switch_platform(uuid, _("Het leerplatform is uitgezet"), on=False)


@blueprint.post("/desk/platforms/<uuid:uuid>/on")
@guard
def platform_on(uuid: UUID) -> ResponseReturnValue:
    return _switch_platform(uuid, _("Het leerplatform staat weer aan"), on=True)


@blueprint.post("/desk/platforms/<uuid:uuid>/deployments")
@guard
def deployment_add(uuid: UUID) -> ResponseReturnValue:
    found, typed = _load_to_change(uuid), request.form.get("deployment_id", "").strip()
    try:
        services.add_deployment(current_db(), found, typed)
    except Refused as refused:
        drop_changes()
        return _show(uuid, 422, typed=typed, errors=refused.fields)
    say(_("De plaatsing is toegevoegd"))
    return redirect(url_for("platforms.platform", uuid=uuid), 303)


@blueprint.post("/desk/platforms/<uuid:uuid>/deployments/<int:row>/off")
@guard
def deployment_off(uuid: UUID, row: int) -> ResponseReturnValue:
    return _switch_deployment(uuid, row, _("De plaatsing is uitgezet"), on=False)


@blueprint.post("/desk/platforms/<uuid:uuid>/deployments/<int:row>/on")
@guard
def deployment_on(uuid: UUID, row: int) -> ResponseReturnValue:
    return _switch_deployment(uuid, row, _("De plaatsing staat weer aan"), on=True)


def invitation_state(invitation: RegistrationInvitation) -> tuple[str, str]:
    """How it stands with a registration link: the key of a chip, and a word."""
    if invitation.registration_id is not None:
        return "done", _("Gebruikt")
    if invitation.expires_at <= clock.now():
        return "todo", _("Verlopen")
    if invitation.problem:
        return "error", _("Nog niet gelukt")
    return "open", _("Klaar om te gebruiken")


def _switch_platform(uuid: UUID, said: str, *, on: bool) -> ResponseReturnValue:
    services.switch_platform(current_db(), _load_to_change(uuid), on=on)
    say(said)
    return redirect(url_for("platforms.platform", uuid=uuid), 303)


def _switch_deployment(uuid: UUID, row: int, said: str, *, on: bool) -> ResponseReturnValue:
    found = get_deployment(current_db(), _load_to_change(uuid).id, row)
    services.switch_deployment(current_db(), found, on=on)
    say(said)
    return redirect(url_for("platforms.platform", uuid=uuid), 303)


def _load_to_change(uuid: UUID) -> PlatformRegistration:
    return get_platform(current_db(), current_identity(), uuid).registration


def _organisation_uuid(registration: PlatformRegistration) -> str:
    found = sa.select(Organisation.uuid).where(Organisation.id == registration.organisation_id)
    return str(reading_db().scalar(found))


def _show(
    uuid: UUID, status: int = 200, *, typed: str = "", errors: dict[str, str] | None = None
) -> ResponseReturnValue:
    found = load(uuid)
    return render(
        "platforms/platform.html",
        status,
        found=found.registration,
        organisation=found.organisation,
        area=area_name(found.registration.area),
        product=_products().get(found.registration.product, found.registration.product),
        state=_state_of(found.registration),
        deployments=list_deployments(reading_db(), found.registration.id),
        us=addresses(),
        typed=typed,
        errors=errors or {},
    )


def _form(
    form: PlatformForm,
    status: int = 200,
    *,
    errors: dict[str, str] | None = None,
    found: PlatformRegistration | None = None,
) -> ResponseReturnValue:
    return render(
        "platforms/platform_form.html",
        status,
        form=form,
        errors=errors or {},
        found=found,
        us=addresses(),
        products=list(_products().items()),
        areas=area_options(),
        employers=employer_options(),
        fill_in=FILL_IN,
    )


def _products() -> dict[str, str]:
    return {
        MOODLE: "Moodle",
        CANVAS: "Canvas",
        OWN_CANVAS: _("Canvas op een eigen server"),
        OTHER: _("Een ander"),
    }


def _state_of(registration: PlatformRegistration) -> tuple[str, str]:
    """Whether launches are taken from it: the key of a chip, and a word."""
    return ("open", _("Staat aan")) if registration.switched_off_at is None else ("todo", _("Uitgezet"))
