"""The administrator's desk: the people."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from lms.accounts import queries, services
from lms.accounts.formats.words import role_name
from lms.accounts.forms import PersonForm
from lms.accounts.models import Person
from lms.accounts.queries import Job, desk
from lms.accounts.views.pages import blueprint, go, pager
from lms.kernel.errors import Forbidden, Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Permission, Role, Scope
from lms.kernel.web import current_db, current_identity, drop_changes, page_number, render, requires, say
from sectors.areas import all_areas, area_name, find_area

ORGANISATION, AREA, EVERYWHERE = "organisation", "area", "everywhere"

guard = requires(Permission.ADMINISTER)


@blueprint.get("/desk/people")
@guard
def people() -> ResponseReturnValue:
    search, role = request.args.get("search", "").strip(), request.args.get("role", "")
    page = page_number()
    found = desk.list_people(current_db(), current_identity(), search=search, role=role, page=page)
    roles = [("", _("Alle rollen")), *((each.value, role_name(each)) for each in Role)]
    return render(
        "accounts/people.html",
        found=found,
        search=search,
        role=role,
        roles=roles,
        role_name=role_name,
        pager=pager(found, "accounts.people", search=search, role=role),
    )


@blueprint.get("/desk/people/new")
@guard
def person_new() -> ResponseReturnValue:
    return _form(PersonForm(), organisation="")


@blueprint.post("/desk/people/new")
@guard
def person_create() -> ResponseReturnValue:
    form, organisation = PersonForm.typed(request.form), request.form.get("organisation", "")
    identity = current_identity()
    try:
        employer = _chosen_organisation(organisation)
        person = services.create_person(current_db(), **form.values)
    except Refused as refused:
        drop_changes()
        return _form(form, 422, organisation=organisation, errors=refused.fields or {"": str(refused)})
    if employer is None:
        # Who administers a part of the people adds them there, or could not find them again.
        identity.require(Permission.ADMINISTER, Scope())
    else:
        services.employ(current_db(), person.id, employer)
    say(_("Het account is gemaakt"))
    return go("accounts.person", uuid=person.uuid)


@blueprint.get("/desk/people/<uuid:uuid>")
@guard
def person(uuid: UUID) -> ResponseReturnValue:
    return _person_page(_load(uuid))


@blueprint.get("/desk/people/<uuid:uuid>/edit")
@guard
def person_edit(uuid: UUID) -> ResponseReturnValue:
    who = _load_to_change(uuid)
    return _form(PersonForm.of(who), who=who)


@blueprint.post("/desk/people/<uuid:uuid>/edit")
@guard
def person_change(uuid: UUID) -> ResponseReturnValue:
    who, form = _load_to_change(uuid), PersonForm.typed(request.form)
    try:
        services.change_person(current_db(), who.id, **form.values)
    except Refused as refused:
        drop_changes()
        return _form(form, 422, who=who, errors=refused.fields)
    say(_("Bewaard"))
    return go("accounts.person", uuid=uuid)


@blueprint.post("/desk/people/<uuid:uuid>/invitation")
@guard
def person_invite(uuid: UUID) -> ResponseReturnValue:
    who = _load_to_change(uuid)
    url = services.invite(current_db(), who.id)
    if who.email:
        say(_("De uitnodiging is onderweg"))
        return go("accounts.person", uuid=uuid)
    return _person_page(who, invitation_url=url)


@blueprint.post("/desk/people/<uuid:uuid>/roles")
@guard
def person_role_grant(uuid: UUID) -> ResponseReturnValue:
    who = _load(uuid)
    try:
        role, (area, organisation_id) = _chosen_role(), _chosen_place(request.form.get("where", ""))
        current_identity().require(Permission.ADMINISTER, Scope(area, organisation_id))
        services.grant_role(current_db(), who.id, role, area=area, organisation_id=organisation_id)
    except Refused as refused:
        drop_changes()
        return _person_page(who, 422, errors=refused.fields or {"": str(refused)})
    say(_("De rol is gegeven"))
    return go("accounts.person", uuid=uuid)


@blueprint.post("/desk/people/<uuid:uuid>/roles/revoke")
@guard
def person_role_revoke(uuid: UUID) -> ResponseReturnValue:
    who = _load(uuid)
    role, area = _chosen_role(), request.form.get("area") or None
    organisation_id = _chosen_organisation(request.form.get("organisation", ""))
    current_identity().require(Permission.ADMINISTER, Scope(area, organisation_id))
    if who.id == current_identity().person_id and role is Role.ADMIN:
        raise Refused(_("Je kan je eigen rol van beheerder niet wegnemen. Vraag het een andere beheerder."))
    services.revoke_role(current_db(), who.id, role, area=area, organisation_id=organisation_id)
    say(_("De rol is weggenomen"))
    return go("accounts.person", uuid=uuid)


@blueprint.post("/desk/people/<uuid:uuid>/block")
@guard
def person_block(uuid: UUID) -> ResponseReturnValue:
    services.block_person(current_db(), _somebody_else(uuid).id)
    say(_("Het account is gesloten"))
    return go("accounts.person", uuid=uuid)


@blueprint.post("/desk/people/<uuid:uuid>/unblock")
@guard
def person_unblock(uuid: UUID) -> ResponseReturnValue:
    services.unblock_person(current_db(), _load_to_change(uuid).id)
    say(_("Het account is weer open"))
    return go("accounts.person", uuid=uuid)


@blueprint.post("/desk/people/<uuid:uuid>/erase")
@guard
def person_erase(uuid: UUID) -> ResponseReturnValue:
    services.erase_person(current_db(), _somebody_else(uuid).id, by_person_id=current_identity().person_id)
    say(_("De gegevens zijn gewist"))
    return go("accounts.people")


# ---- what the views above share --------------------------------------------------------------------------------------


def _load(uuid: UUID) -> Person:
    return desk.get_administered_person(current_db(), current_identity(), uuid)


def _load_to_change(uuid: UUID) -> Person:
    who = _load(uuid)
    if not desk.may_change_person(current_db(), current_identity(), who.id):
        raise Forbidden
    return who


def _somebody_else(uuid: UUID) -> Person:
    who = _load_to_change(uuid)
    if who.id == current_identity().person_id:
        raise Refused(_("Dit is je eigen account. Vraag het een andere beheerder."))
    return who


def _chosen_organisation(text: str) -> int | None:
    """The organisation chosen in a form, when the asker administers it."""
    if not text:
        return None
    mine = {str(key): key for key, _name in desk.list_organisation_names(current_db(), current_identity())}
    if text not in mine:
        message = _("Kies een organisatie uit de lijst.")
        raise Refused(message, {"organisation": message})
    return mine[text]


def _chosen_role() -> Role:
    try:
        return Role(request.form.get("role", ""))
    except ValueError:
        raise Refused(_("Kies een rol."), {"role": _("Kies een rol.")}) from None


def _chosen_place(text: str) -> tuple[str | None, int | None]:
    """For which area or organisation a role is given. Everywhere is a choice too: nothing chosen is not."""
    kind, _colon, key = text.partition(":")
    if kind == ORGANISATION and key:
        return None, _chosen_organisation(key)
    if kind == AREA and find_area(key) is not None:
        return key, None
    if text == EVERYWHERE:
        return None, None
    message = _("Kies waar de rol geldt.")
    raise Refused(message, {"where": message})


def _places(organisations: list[tuple[int, str]]) -> list[tuple[str, str]]:
    """Where a role can hold, the narrowest first."""
    return [
        ("", _("Kies waar")),
        *((f"{ORGANISATION}:{key}", name) for key, name in organisations),
        *((f"{AREA}:{area.slug}", _("Afdeling %(area)s", area=area.name)) for area in all_areas().values()),
        (EVERYWHERE, _("Overal")),
    ]


def _own_place(jobs: list[Job], places: list[tuple[str, str]]) -> str:
    """Where she works now, as a first proposal."""
    own = [f"{ORGANISATION}:{job.organisation_id}" for job in jobs if job.ended_on is None]
    return next((key for key, _name in places if key in own), "")


def _person_page(
    who: Person, status: int = 200, *, invitation_url: str = "", errors: dict[str, str] | None = None
) -> tuple[str, int]:
    db, identity = current_db(), current_identity()
    jobs, places = queries.list_jobs(db, who.id), _places(desk.list_organisation_names(db, identity))
    return render(
        "accounts/person.html",
        status,
        who=who,
        jobs=jobs,
        grants=desk.list_grants(db, who.id),
        role_name=role_name,
        roles=[("", _("Kies een rol")), *((role.value, role_name(role)) for role in Role)],
        places=places,
        where=request.form.get("where", _own_place(jobs, places)),
        area_name=area_name,
        is_self=who.id == identity.person_id,
        typed=request.form,
        invitation_url=invitation_url,
        errors=errors or {},
    )


def _form(
    form: PersonForm,
    status: int = 200,
    *,
    who: Person | None = None,
    organisation: str = "",
    errors: dict[str, str] | None = None,
) -> tuple[str, int]:
    names = [] if who else desk.list_organisation_names(current_db(), current_identity())
    return render(
        "accounts/person_form.html",
        status,
        form=form,
        who=who,
        organisation=organisation,
        organisations=[("", _("Nog geen organisatie")), *names],
        errors=errors or {},
    )
