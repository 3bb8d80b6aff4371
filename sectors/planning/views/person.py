"""The page of one colleague: her courses, in and out of them again, and her way in."""

from __future__ import annotations

from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from courses.catalogue.queries import get_course, list_offered_courses
from courses.enrolment.services import enrol_learner, withdraw_learner
from lms.accounts import services as accounts
from lms.kernel.errors import NotFound, Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.web import current_db, current_identity, drop_changes, render, say
from sectors.planning.queries import person as queries
from sectors.planning.queries.organisations import Desk
from sectors.planning.queries.person import StaffMember
from sectors.planning.views.blueprint import blueprint, current_desk, go, guard
from sectors.planning.views.cards import cards_pdf


@blueprint.get("/desk/staff/<uuid:uuid>")
@guard
def staff_member(uuid: UUID) -> ResponseReturnValue:
    desk = current_desk()
    return _page(desk, queries.get_staff_member(current_db(), desk.id, uuid))


@blueprint.post("/desk/staff/<uuid:uuid>/enrolments")
@guard
def staff_enrol(uuid: UUID) -> ResponseReturnValue:
    """Enrol her in one course, or let her come back."""
    desk, db = current_desk(), current_db()
    who = queries.get_staff_member(db, desk.id, uuid)
    try:
        _check_open(who)
        enrol_learner(
            db,
            person_id=who.id,
            course_id=get_course(db, request.form.get("course", "")).id,
            area=desk.area,
            employment_id=who.employment_id,
            by_person_id=current_identity().person_id,
        )
    except (Refused, NotFound) as refused:
        drop_changes()
        return _page(desk, who, 422, error=str(refused) if isinstance(refused, Refused) else _("Kies een opleiding."))
    say(_("%(name)s is ingeschreven.", name=who.first_name))
    return go("planning.staff_member", uuid=uuid, **desk.args)


@blueprint.post("/desk/staff/<uuid:uuid>/enrolments/<course>/withdrawal")
@guard
def staff_withdraw(uuid: UUID, course: str) -> ResponseReturnValue:
    """Take her out of a course. What she learnt stays, and she may come back."""
    desk, db = current_desk(), current_db()
    who = queries.get_staff_member(db, desk.id, uuid)
    enrolment_id = queries.get_enrolment_id(db, desk.id, who.id, course)
    withdraw_learner(db, enrolment_id, by_person_id=current_identity().person_id)
    say(_("%(name)s is uitgeschreven. Wat ze leerde, blijft bewaard.", name=who.first_name))
    return go("planning.staff_member", uuid=uuid, **desk.args)


@blueprint.post("/desk/staff/<uuid:uuid>/invitation")
@guard
def staff_invite(uuid: UUID) -> ResponseReturnValue:
    """A new way in for who never chose a password: by mail, or on a card to print."""
    desk, db = current_desk(), current_db()
    who = queries.get_staff_member(db, desk.id, uuid)
    if who.has_been_in or who.is_blocked:
        raise Refused(_("%(name)s heeft al een wachtwoord. Een nieuw vraagt ze zelf.", name=who.first_name))
    if not who.email:
        return cards_pdf([who.id])
    accounts.invite(db, who.id)
    say(_("De uitnodiging is onderweg."))
    return go("planning.staff_member", uuid=uuid, **desk.args)


def _check_open(who: StaffMember) -> None:
    if who.is_blocked:
        raise Refused(_("Dit account is gesloten. Bel ons om het te openen."))


def _page(desk: Desk, who: StaffMember, status: int = 200, *, error: str = "") -> ResponseReturnValue:
    db = current_db()
    lines = queries.list_courses(db, desk.id, who.id)
    taken = {line.slug for line in lines}
    offered = [(course.slug, course.title) for course in list_offered_courses(db, desk.area)]
    return render(
        "planning/staff_member.html",
        status,
        desk=desk,
        who=who,
        lines=lines,
        offered={slug for slug, _title in offered},
        options=[("", _("Kies een opleiding")), *(pair for pair in offered if pair[0] not in taken)],
        history=queries.list_history(db, desk.id, who.id),
        happened={
            "enrolled": _("Ingeschreven"),
            "withdrawn": _("Uitgeschreven"),
            "returned": _("Opnieuw ingeschreven"),
        },
        error=error,
    )
