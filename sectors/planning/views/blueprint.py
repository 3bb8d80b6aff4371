"""What the pages of this desk share: which employer it is for, and how one comes back to it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from lms.kernel.errors import NotFound
from lms.kernel.identity import Permission
from lms.kernel.web import Place, current_db, current_identity, render, requires, show_area
from sectors.areas import get_area
from sectors.planning.queries.organisations import Desk, find_desk, list_desks

blueprint = Blueprint("planning", __name__, template_folder="../templates")
guard = requires(Permission.ENROL_STAFF)


class DeskNotChosenError(Exception):
    """She sits at several desks and the address names none."""


def current_desk() -> Desk:
    """The desk of this request: the one that is named, or her own. Sends her to the choice when it is open."""
    asked = request.values.get("organisation", "")
    try:
        uuid = UUID(asked) if asked else None
    except ValueError:
        raise NotFound(asked) from None
    desk = find_desk(current_db(), current_identity(), uuid)
    if desk is None:
        raise DeskNotChosenError
    return at_desk(desk)


def at_desk(desk: Desk) -> Desk:
    """Put the employer's name and its area's tint on the page."""
    area = get_area(desk.area)
    show_area(Place(area.slug, desk.name, area.tint, area.icon))
    return desk


def address(endpoint: str, **values: Any) -> str:
    """Where a page of this desk is; values that are None or empty are left out."""
    return url_for(endpoint, **{name: value for name, value in values.items() if value not in (None, "")})


def go(endpoint: str, **values: Any) -> ResponseReturnValue:
    """See the page after a form was sent."""
    return redirect(address(endpoint, **values), 303)


@blueprint.errorhandler(DeskNotChosenError)
def choose_desk(_error: DeskNotChosenError) -> ResponseReturnValue:
    return go("planning.desks")


@blueprint.get("/desk/organisations/staff")
@guard
def desks() -> ResponseReturnValue:
    """Who enrols for several employers chooses one first."""
    search = request.args.get("q", "").strip()[:80]
    found = list_desks(current_db(), current_identity(), search=search)
    return render("planning/desks.html", desks=found, search=search)
