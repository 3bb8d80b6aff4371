"""What a visit begins with, and comes back to: the course, or the one step, that its link places."""

from __future__ import annotations

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue

from courses.player.queries import get_learner_in_seat, get_seat
from lms.kernel.errors import NotFound
from lms.kernel.web import asking_db, current_db, current_identity, render
from lms.kernel.web.flow import current_visit
from lms.lti.queries.visits import get_placed

blueprint = Blueprint("lti_visit", __name__, template_folder="../templates")


@blueprint.get("/lti/visit")
def home() -> ResponseReturnValue:
    """The course; of a step its state, with the way in."""
    visit = current_visit()
    if visit is None:
        raise NotFound("visit")
    area, placed = get_placed(asking_db(), visit.uuid)
    if placed is None:
        return redirect(url_for("lti_deep_linking.choose"), 303)
    if not placed.step:
        return redirect(url_for("player.course", area=area, course=placed.course), 303)
    learner = get_learner_in_seat(asking_db(), current_identity(), area, placed.course)
    seat = get_seat(current_db(), learner, area)
    stop = next((stop for stop in seat.route.stops if stop.step.id == placed.step), None)
    if stop is None:
        raise NotFound(str(placed))
    url = url_for("player.step", area=area, course=placed.course, step=placed.step)
    return render("lti/step.html", seat=seat, stop=stop, url=url)
