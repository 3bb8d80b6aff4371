"""The administrator's desk: the organisations and where they work."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.accounts import queries, services
from lms.accounts.forms import OrganisationForm
from lms.accounts.models import Organisation
from lms.accounts.queries import desk
from lms.accounts.views.pages import blueprint, go, pager
from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Permission, Scope
from lms.kernel.web import current_db, current_identity, drop_changes, page_number, render, requires, say
from sectors.areas import area_choices, area_name

guard = requires(Permission.ADMINISTER)


@blueprint.get("/desk/organisations")
@guard
def organisations() -> ResponseReturnValue:
    search, page = request.args.get("search", "").strip(), page_number()
    found = desk.list_organisations(current_db(), current_identity(), search=search, page=page)
    return render(
        "accounts/organisations.html",
        found=found,
        search=search,
        area_name=area_name,
        pager=pager(found, "accounts.organisations", search=search),
    )


@blueprint.get("/desk/organisations/new")
@guard
def organisation_new() -> ResponseReturnValue:
    return _form(OrganisationForm())


@blueprint.post("/desk/organisations/new")
@guard
def organisation_create() -> ResponseReturnValue:
    form = OrganisationForm.typed(request.form)
    current_identity().require(Permission.ADMINISTER, Scope(area=form.area))
    try:
        organisation = services.create_organisation(current_db(), **form.values)
    except Refused as refused:
        drop_changes()
        return _form(form, 422, errors=refused.fields)
    say(_("Bewaard"))
    return go("accounts.organisation", uuid=organisation.uuid)


@blueprint.get("/desk/organisations/<uuid:uuid>")
@guard
def organisation(uuid: UUID) -> ResponseReturnValue:
    found = _load(uuid)
    return _form(OrganisationForm.of(found), organisation=found)


@blueprint.post("/desk/organisations/<uuid:uuid>")
@guard
def organisation_change(uuid: UUID) -> ResponseReturnValue:
    found, form = _load(uuid), OrganisationForm.typed(request.form)
    current_identity().require(Permission.ADMINISTER, Scope(form.area, found.id))
    try:
        services.change_organisation(current_db(), found.id, **form.values)
    except Refused as refused:
        drop_changes()
        return _form(form, 422, organisation=found, errors=refused.fields)
    say(_("Bewaard"))
    return go("accounts.organisation", uuid=uuid)


@blueprint.post("/desk/organisations/<uuid:uuid>/establishments")
@guard
def establishment_add(uuid: UUID) -> ResponseReturnValue:
    found = _load(uuid)
    name, number = request.form.get("place_name", ""), request.form.get("place_number", "")
    try:
        services.add_establishment(current_db(), found.id, name=name, number=number)
    except Refused as refused:
        drop_changes()
        errors = {f"place_{field}": message for field, message in refused.fields.items()}
        return _form(OrganisationForm.of(found), 422, organisation=found, errors=errors)
    say(_("De vestiging is toegevoegd"))
    return go("accounts.organisation", uuid=uuid)


@blueprint.post("/desk/organisations/<uuid:uuid>/archive")
@guard
def organisation_archive(uuid: UUID) -> ResponseReturnValue:
    services.archive_organisation(current_db(), _load(uuid).id)
    say(_("De organisatie staat niet meer in de lijst"))
    return go("accounts.organisations")


def _load(uuid: UUID) -> Organisation:
    return desk.get_administered_organisation(current_db(), current_identity(), uuid)


def _form(
    form: OrganisationForm,
    status: int = 200,
    *,
    organisation: Organisation | None = None,
    errors: dict[str, str] | None = None,
) -> tuple[str, int]:
    places = queries.list_establishments(current_db(), organisation.id) if organisation else []
    return render(
        "accounts/organisation.html",
        status,
        form=form,
        organisation=organisation,
        places=places,
        areas=[("", _("Kies een afdeling")), *area_choices(current_identity(), Permission.ADMINISTER)],
        typed=request.form,
        errors=errors or {},
    )
