"""A task for the work floor: read it, write, hand in, and see what the trainer says."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue

from courses.assignments.formats import HandedFile
from courses.assignments.queries import find_submission
from courses.assignments.services import hand_in, save_draft
from courses.catalogue.formats import StepKind
from courses.player.queries import Seat, get_open_stop
from courses.player.views.blueprint import STEP, blueprint, course_url, go, step_url, take_seat
from courses.player.views.pages import fill_addresses, media_base
from courses.progress.queries import Stop
from courses.progress.services import enter_step
from lms.kernel.errors import NotFound, Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.web import current_db, drop_changes, render, say, signed_in, storage


@blueprint.get(f"{STEP}/assignment")
@signed_in
def assignment(area: str, course: str, step: str) -> ResponseReturnValue:
    """The task, with what she wrote so far."""
    seat, stop = _assignment_stop(area, course, step)
    return _show(seat, stop)


@blueprint.post(f"{STEP}/assignment")
@signed_in
def assignment_hand_in(area: str, course: str, step: str) -> ResponseReturnValue:
    """*Dien in*."""
    seat, stop = _assignment_stop(area, course, step)
    db = current_db()
    text = request.form.get("text", "")
    upload = request.files.get("file")
    file = HandedFile(upload.filename, upload.read()) if upload and upload.filename else None
    try:
        enter_step(db, seat.learner, stop.step)
        hand_in(db, seat.learner, stop.step, text=text, file=file, storage=storage())
    except Refused as refusal:
        drop_changes()
        return _show(seat, stop, refusal=refusal, text=text)
    say(_("Je opdracht is ingediend."))
    return go(url_for("player.assignment", area=area, course=course, step=step))


@blueprint.post(f"{STEP}/assignment/draft")
@signed_in
def assignment_draft(area: str, course: str, step: str) -> ResponseReturnValue:
    """Keep what she writes, while she writes."""
    seat, stop = _assignment_stop(area, course, step)
    enter_step(current_db(), seat.learner, stop.step)
    save_draft(current_db(), seat.learner, stop.step, request.form.get("text", ""))
    return "", 204


def _assignment_stop(area: str, course: str, step: str) -> tuple[Seat, Stop]:
    seat = take_seat(area, course)
    stop = get_open_stop(seat, step)
    if stop.step.kind is not StepKind.ASSIGNMENT:
        raise NotFound(step)
    return seat, stop


def _show(seat: Seat, stop: Stop, *, refusal: Refused | None = None, text: str | None = None) -> ResponseReturnValue:
    submission = find_submission(current_db(), seat.learner.enrolment_id, stop.step.id)
    written = submission.text if submission else ""
    following = seat.route.next
    plan = stop.step.assignment
    return render(
        "player/assignment.html",
        422 if refusal else 200,
        seat=seat,
        stop=stop,
        submission=submission,
        about=fill_addresses(plan.about if plan else "", media_base(seat)),
        text=written if text is None else text,
        errors=refusal.fields if refusal else {},
        next_url=step_url(seat, following) if following and following.step.id != stop.step.id else course_url(seat),
    )
