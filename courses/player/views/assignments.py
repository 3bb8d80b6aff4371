"""A task for the work floor: read it, write, hand in, and see what the trainer says."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue

from courses.assignments.formats import HandedFile
from courses.assignments.queries import find_submission
from courses.assignments.services import KeptFile, hand_in, keep_file, save_draft
from courses.catalogue.formats import StepKind
from courses.player.queries import Seat, get_learner_in_seat, get_open_stop, get_seat
from courses.player.views.blueprint import STEP, addresses_of, blueprint, course_url, go, step_url, take_seat
from courses.progress.queries import Stop
from courses.progress.services import enter_step
from lms.kernel.errors import NotFound, Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.web import (
    current_db,
    current_identity,
    drop_changes,
    reading_db,
    render,
    say,
    signed_in,
    storage,
)


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
    text, file = request.form.get("text", ""), None
    try:
        file = _keep_upload(area, course, step)
        seat, stop = _assignment_stop(area, course, step)
        enter_step(current_db(), seat.learner, stop.step)
        hand_in(current_db(), seat.learner, stop.step, text=text, file=file)
    except Refused as refusal:
        drop_changes()
        if file is not None:
            storage().delete(file.key)
        return _show(*_assignment_stop(area, course, step), refusal=refusal, text=text)
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


def _keep_upload(area: str, course: str, step: str) -> KeptFile | None:
    """The file that was sent along, stored before the request's transaction begins; None when there is none."""
    upload = request.files.get("file")
    if not upload or not upload.filename:
        return None
    learner = get_learner_in_seat(reading_db(), current_identity(), area, course)
    _find_stop(get_seat(reading_db(), learner, area), step)
    return keep_file(learner, HandedFile(upload.filename, upload.read()), storage=storage())


def _assignment_stop(area: str, course: str, step: str) -> tuple[Seat, Stop]:
    return _find_stop(take_seat(area, course), step)


def _find_stop(seat: Seat, step: str) -> tuple[Seat, Stop]:
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
        about=addresses_of(seat).fill(plan.about) if plan else "",
        text=written if text is None else text,
        errors=refusal.fields if refusal else {},
        next_url=step_url(seat, following) if following and following.step.id != stop.step.id else course_url(seat),
    )
