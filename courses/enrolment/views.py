"""Enrolling oneself, and leaving a course again."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from courses.catalogue.queries import get_offered_course
from courses.enrolment.queries import find_learner
from courses.enrolment.services import enrol_learner, withdraw_learner
from lms.kernel.errors import NotFound
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Permission
from lms.kernel.web import current_db, current_identity, requires, say

blueprint = Blueprint("enrolment", __name__)


@blueprint.post("/<area>/courses/<course>/enrolment")
@requires(Permission.LEARN)
def enrolment(area: str, course: str) -> ResponseReturnValue:
    """*Schrijf je in*."""
    db, identity = current_db(), current_identity()
    offered = get_offered_course(db, area, course)
    enrol_learner(db, person_id=_person_id(), course_id=offered.id, area=area, by_person_id=identity.person_id)
    say(_("Je bent ingeschreven."))
    return redirect(url_for("player.course", area=area, course=course), 303)


@blueprint.post("/<area>/courses/<course>/enrolment/withdrawal")
@requires(Permission.LEARN)
def withdrawal(area: str, course: str) -> ResponseReturnValue:
    """Stop with a course. What was done stays, and she may come back."""
    learner = find_learner(current_db(), _person_id(), course, area=area)
    if learner is None:
        raise NotFound(course)
    withdraw_learner(current_db(), learner.enrolment_id)
    say(_("Je bent uitgeschreven. Wat je deed, blijft bewaard."))
    return redirect(url_for("site.home"), 303)


def _person_id() -> int:
    person_id = current_identity().person_id
    if person_id is None:
        raise NotFound
    return person_id
