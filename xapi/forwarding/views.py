"""Other record stores that get our statements: for who looks after an area, or after all of them."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Permission
from lms.kernel.outgoing import Fault
from lms.kernel.web import current_db, current_identity, drop_changes, page_number, render, requires, say, settings
from sectors.areas import area_name, limit_choices
from xapi.forwarding.forms import FROM_NOW, TargetForm
from xapi.forwarding.models import DeadLetter, Target
from xapi.forwarding.queries import (
    LETTERS_A_PAGE,
    MOST_COUNTED,
    Standing,
    get_letter,
    get_standing,
    list_letters,
    list_standings,
)
from xapi.forwarding.services import (
    change_target,
    create_target,
    drop_letter,
    send_again,
    send_all_again,
    switch_target,
)
from xapi.standard.version import Version

blueprint = Blueprint("forwarding", __name__, template_folder="templates")
guard = requires(Permission.MANAGE_CREDENTIALS)


@blueprint.get("/desk/forwarding")
@guard
def targets() -> ResponseReturnValue:
    found = list_standings(current_db(), current_identity())
    return render(
        "forwarding/targets.html", found=found, area_name=area_name, state_of=_state_of, waiting_of=_waiting_of
    )


@blueprint.get("/desk/forwarding/new")
@guard
def target_new() -> ResponseReturnValue:
    return _form(TargetForm())


@blueprint.post("/desk/forwarding/new")
@guard
def target_create() -> ResponseReturnValue:
    form, is_inside = _typed()
    try:
        terms = form.terms(_slugs(), endpoint=None, is_inside=is_inside)
    except Refused as refused:
        drop_changes()
        return _form(form, 422, errors=refused.fields)
    made = create_target(current_db(), terms, since=form.since)
    say(_("De bestemming is bewaard"))
    return redirect(url_for("forwarding.target", uuid=made.uuid), 303)


@blueprint.get("/desk/forwarding/<uuid:uuid>")
@guard
def target(uuid: UUID) -> ResponseReturnValue:
    found = _standing(uuid)
    return render(
        "forwarding/target.html",
        found=found.target,
        letters=found.letters,
        is_paused=found.is_paused,
        waiting=_waiting_of(found),
        area=area_name(found.target.area),
        state=_state_of(found),
        said=_said(found.target),
    )


@blueprint.get("/desk/forwarding/<uuid:uuid>/change")
@guard
def target_edit(uuid: UUID) -> ResponseReturnValue:
    found = _standing(uuid).target
    return _form(TargetForm.of(found), target=found)


@blueprint.post("/desk/forwarding/<uuid:uuid>/change")
@guard
def target_change(uuid: UUID) -> ResponseReturnValue:
    form, is_inside = _typed()
    found = _standing(uuid).target
    try:
        terms = form.terms(_slugs(), endpoint=found.endpoint, is_inside=is_inside)
    except Refused as refused:
        drop_changes()
        return _form(form, 422, errors=refused.fields, target=found)
    change_target(current_db(), found, terms)
    say(_("De bestemming is bewaard"))
    return redirect(url_for("forwarding.target", uuid=uuid), 303)


@blueprint.post("/desk/forwarding/<uuid:uuid>/start", defaults={"on": True})
@blueprint.post("/desk/forwarding/<uuid:uuid>/stop", defaults={"on": False})
@guard
def target_switch(uuid: UUID, on: bool) -> ResponseReturnValue:  # noqa: FBT001  from the address
    switch_target(current_db(), _standing(uuid).target, on=on)
    say(_("Het doorsturen is gestart") if on else _("Het doorsturen is gestopt"))
    return redirect(url_for("forwarding.target", uuid=uuid), 303)


@blueprint.get("/desk/forwarding/<uuid:uuid>/refused")
@guard
def letters(uuid: UUID) -> ResponseReturnValue:
    found = _standing(uuid)
    page = min(page_number(), max(1, -(-found.letters // LETTERS_A_PAGE)))
    listed = list_letters(current_db(), found.target, page=page)
    before = (page - 1) * LETTERS_A_PAGE
    return render(
        "forwarding/letters.html",
        target=found.target,
        found=listed,
        total=found.letters,
        page=page if page > 1 else None,
        first=before + 1,
        last=before + len(listed),
        previous=_letters_address(uuid, page - 1) if page > 1 else "",
        next=_letters_address(uuid, page + 1) if before + len(listed) < found.letters else "",
        said_of=_said,
    )


@blueprint.post("/desk/forwarding/<uuid:uuid>/refused/again")
@guard
def letters_again(uuid: UUID) -> ResponseReturnValue:
    send_all_again(current_db(), _standing(uuid).target)
    say(_("We proberen alles zo opnieuw"))
    return redirect(_letters_address(uuid), 303)


@blueprint.post("/desk/forwarding/<uuid:uuid>/refused/<uuid:letter>/again")
@guard
def letter_again(uuid: UUID, letter: UUID) -> ResponseReturnValue:
    send_again(current_db(), get_letter(current_db(), _standing(uuid).target, letter))
    say(_("We proberen het zo opnieuw"))
    return redirect(_letters_address(uuid, page_number()), 303)


@blueprint.post("/desk/forwarding/<uuid:uuid>/refused/<uuid:letter>/drop")
@guard
def letter_drop(uuid: UUID, letter: UUID) -> ResponseReturnValue:
    drop_letter(current_db(), get_letter(current_db(), _standing(uuid).target, letter))
    say(_("We sturen dit bericht niet meer door"))
    return redirect(_letters_address(uuid, page_number()), 303)


def _letters_address(uuid: UUID, page: int = 1) -> str:
    """Where a page of what a target would not take is."""
    return url_for("forwarding.letters", uuid=uuid, page=page if page > 1 else None)


def _standing(uuid: UUID) -> Standing:
    return get_standing(current_db(), current_identity(), uuid)


def _typed() -> tuple[TargetForm, bool]:
    """What was typed, and whether its address leads where we may not go: asked before a transaction is open."""
    form = TargetForm.typed(request.form)
    return form, not settings().may_go_inside and form.leads_inside()


def _form(
    form: TargetForm, status: int = 200, *, errors: dict[str, str] | None = None, target: Target | None = None
) -> ResponseReturnValue:
    return render(
        "forwarding/target_form.html",
        status,
        form=form,
        errors=errors or {},
        target=target,
        areas=_areas(),
        versions=[(version.value, version.value) for version in reversed(Version)],
        begins=[("", _("Alles wat er al is, en wat nog komt")), (FROM_NOW, _("Enkel wat nog komt"))],
    )


def _areas() -> list[tuple[str, str]]:
    return limit_choices(current_identity(), Permission.MANAGE_CREDENTIALS)


def _slugs() -> list[str]:
    return [slug for slug, _name in _areas()]


def _waiting_of(found: Standing) -> str:
    if found.waiting > MOST_COUNTED:
        return _("meer dan %(n)s", n=MOST_COUNTED)
    return str(found.waiting)


def _state_of(found: Standing) -> tuple[str, str]:
    """How it goes with a target: the key of a chip, and a word."""
    if not found.target.is_on:
        return "todo", _("Gestopt")
    if found.is_paused:
        return "waiting", _("Wacht even")
    return ("busy", _("Bezig")) if found.waiting else ("done", _("Alles is doorgestuurd"))


def _said(said: Target | DeadLetter) -> str:
    """What a target said when it did not take something, in a line; empty when nothing went wrong."""
    if said.status is not None:
        return _("Antwoord %(status)s", status=said.status)
    if isinstance(said, Target) and said.paused_until is None:
        return ""
    if said.answer == Fault.INSIDE:
        return _("Het adres ligt in ons eigen netwerk")
    return _("Geen antwoord")
