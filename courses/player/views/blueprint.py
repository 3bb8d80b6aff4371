"""What the player's views share: their blueprint, the seat of who asks, where a step begins and where files are."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, url_for
from werkzeug.utils import redirect
from werkzeug.wrappers import Response

from courses.catalogue.formats import Addresses, StepKind
from courses.player.queries import Seat, get_learner_in_seat, get_seat
from courses.progress.queries import Stop
from lms.kernel.web import Place, asking_db, current_db, current_identity, show_area
from lms.kernel.web.pages import static
from sectors.areas import get_area

blueprint = Blueprint("player", __name__, template_folder="../templates")

COURSE = "/<area>/courses/<course>"
STEP = f"{COURSE}/steps/<step>"


def take_seat(area: str, course: str, *, held: bool = False) -> Seat:
    """The seat of who asks, on a page in the tint of its area; `held` for who moves on."""
    show_place(area)
    learner = get_learner_in_seat(asking_db(), current_identity(), area, course)
    return get_seat(current_db(), learner, area, held=held)


def show_place(area: str) -> None:
    """Give the page the tint and name of this area. Raises `NotFound` for an area that does not exist."""
    found = get_area(area)
    show_area(Place(found.slug, found.name, found.tint, found.icon))


def step_url(seat: Seat, stop: Stop) -> str:
    """Where this step goes on: the page she was on, the quiz, the taught moment or the task."""
    address: dict[str, Any] = {"area": seat.area, "course": seat.learner.course_slug, "step": stop.step.id}
    if stop.step.kind in {StepKind.MODULE, StepKind.FOLLOW_UP}:
        return url_for("player.page", **address, page=_page_to_show(stop))
    endpoints = {
        StepKind.QUIZ: "player.quiz",
        StepKind.SESSION: "player.session",
        StepKind.ASSIGNMENT: "player.assignment",
    }
    return url_for(endpoints[stop.step.kind], **address)


def _page_to_show(stop: Stop) -> str:
    """The page she was on; the first one where that has left the course since, or the step is done."""
    pages = [page.id for page in stop.step.pages]
    kept = stop.record.page if stop.is_begun and stop.record else ""
    return kept if kept in pages else pages[0]


def addresses_of(seat: Seat) -> Addresses:
    """Where pages find the files of this version, and our icons."""
    learner = seat.learner
    file = url_for(
        "player.media", area=seat.area, course=learner.course_slug, version=learner.version_sha, path="media/x"
    )
    return Addresses(media=file.removesuffix("media/x"), icons=static("img/icons.svg"))


def course_url(seat: Seat) -> str:
    """The overview of this course."""
    return url_for("player.course", area=seat.area, course=seat.learner.course_slug)


def go(url: str) -> Response:
    """After a form was sent: look at this page."""
    return redirect(url, 303)
