"""The trainer's piles of tasks, and the file behind one."""

from __future__ import annotations

from urllib.parse import quote
from uuid import UUID

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from courses.assignments.formats import content_type
from courses.assignments.queries import (
    DeskSubmission,
    Pile,
    count_desk_submissions,
    get_desk_row,
    get_desk_submission,
    get_file_submission,
    list_desk_submissions,
)
from courses.assignments.services import accept_submission, return_submission
from courses.catalogue.queries import get_current_outline
from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Permission
from lms.kernel.web import current_db, current_identity, drop_changes, render, requires, say, signed_in, storage

blueprint = Blueprint("assignments", __name__, template_folder="templates")

DESK = "/desk/submissions"


@blueprint.get(DESK)
@requires(Permission.RUN_SESSIONS)
def submissions() -> ResponseReturnValue:
    db, identity = current_db(), current_identity()
    asked = request.args.get("pile", Pile.TO_READ)
    pile = Pile(asked) if asked in set(Pile) else Pile.TO_READ
    rows = list_desk_submissions(db, identity, pile)
    return render(
        "assignments/submissions.html",
        pile=pile,
        counts=count_desk_submissions(db, identity),
        rows=rows,
        titles=_step_titles(rows),
    )


@blueprint.get(f"{DESK}/<uuid:uuid>")
@requires(Permission.RUN_SESSIONS)
def submission(uuid: UUID) -> ResponseReturnValue:
    return _show(uuid)


@blueprint.post(f"{DESK}/<uuid:uuid>/acceptance")
@requires(Permission.RUN_SESSIONS)
def submission_accept(uuid: UUID) -> ResponseReturnValue:
    db, identity = current_db(), current_identity()
    found = get_desk_submission(db, identity, uuid)
    accept_submission(db, found, feedback=request.form.get("feedback", ""), by_person_id=identity.person_id)
    say(_("Goedgekeurd."))
    return redirect(url_for("assignments.submissions"), 303)


@blueprint.post(f"{DESK}/<uuid:uuid>/return")
@requires(Permission.RUN_SESSIONS)
def submission_return(uuid: UUID) -> ResponseReturnValue:
    db, identity = current_db(), current_identity()
    feedback = request.form.get("feedback", "")
    try:
        return_submission(db, get_desk_submission(db, identity, uuid), feedback=feedback)
    except Refused as refused:
        drop_changes()
        return _show(uuid, 422, errors=refused.fields or {"": str(refused)}, feedback=feedback)
    say(_("Teruggegeven."))
    return redirect(url_for("assignments.submissions"), 303)


@blueprint.get("/submissions/<uuid:uuid>/file")
@signed_in
def submission_file(uuid: UUID) -> ResponseReturnValue:
    """The file itself, always as a download: for who made it, and for who may answer it."""
    found = get_file_submission(current_db(), current_identity(), uuid)
    response = Response(storage().get(found.file_key), content_type=content_type(found.file_key))
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(found.file_name)}"
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _show(
    uuid: UUID, status: int = 200, *, errors: dict[str, str] | None = None, feedback: str | None = None
) -> ResponseReturnValue:
    row = get_desk_row(current_db(), current_identity(), uuid)
    return render(
        "assignments/submission.html",
        status,
        row=row,
        step_title=_step_titles([row])[row.uuid],
        errors=errors or {},
        feedback=row.feedback if feedback is None else feedback,
    )


def _step_titles(rows: list[DeskSubmission]) -> dict[UUID, str]:
    """What each task is called in its course now; its id when it left the course."""
    titles = {}
    for row in rows:
        step = get_current_outline(current_db(), row.course_id).step(row.step)
        titles[row.uuid] = step.title if step else row.step
    return titles
