"""What an area offers."""

from __future__ import annotations

from flask import Blueprint, request
from flask.typing import ResponseReturnValue

from courses.catalogue.formats import TOPICS, topic_name
from courses.catalogue.queries import list_offered_courses
from lms.kernel.web import Place, current_db, render, show_area
from sectors.areas import get_area

blueprint = Blueprint("catalogue", __name__, template_folder="templates")


@blueprint.get("/<area>/courses")
def courses(area: str) -> ResponseReturnValue:
    """The catalogue of one area: everything, one topic, or what fits these words."""
    here = get_area(area)
    show_area(Place(here.slug, here.name, here.tint, here.icon))
    topic, search = request.args.get("topic", ""), request.args.get("q", "").strip()[:80]
    return render(
        "catalogue/courses.html",
        area=here,
        courses=list_offered_courses(current_db(), area, topic=topic, search=search),
        topics=[(key, topic_name(key), icon) for key, icon in TOPICS.items()],
        topic=topic,
        search=search,
    )
