"""Uploading a course, seeing what the check found, and publishing it."""

from __future__ import annotations

from uuid import UUID

from flask import request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from courses.authoring.models import CourseDraft
from courses.authoring.queries import areas_left_out, areas_to_offer, get_checks, get_draft
from courses.authoring.services import check_publishable, check_upload, prepare_draft, publish_draft, save_upload
from courses.authoring.views.blueprint import COURSES, DRAFT, blueprint
from courses.authoring.views.rows import draft_rows, general_findings
from courses.catalogue.formats import outline_from_json
from lms.kernel.errors import NotSignedIn, Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.i18n import ngettext
from lms.kernel.identity import Permission
from lms.kernel.web import (
    current_db,
    current_identity,
    drop_changes,
    reading_db,
    render,
    requires,
    say,
    storage,
)
from sectors.areas import get_area


@blueprint.get(f"{COURSES}/upload")
@requires(Permission.PUBLISH_COURSES)
def upload() -> ResponseReturnValue:
    return render("authoring/upload.html", errors={})


@blueprint.post(f"{COURSES}/upload")
@requires(Permission.PUBLISH_COURSES)
def upload_check() -> ResponseReturnValue:
    person_id = current_identity().person_id
    if person_id is None:
        raise NotSignedIn
    file = request.files.get("course")
    if file is None or not file.filename:
        return render("authoring/upload.html", 422, errors={"course": _("Kies het zip-bestand van je opleiding.")})
    try:
        draft = check_upload(data=file.read(), file_name=file.filename, author_id=person_id, storage=storage())
    except Refused as refused:
        return render("authoring/upload.html", 422, errors={"course": str(refused)})
    save_upload(current_db(), draft)
    return redirect(url_for("authoring.draft", uuid=draft.uuid), 303)


@blueprint.get(DRAFT)
@requires(Permission.PUBLISH_COURSES)
def draft(uuid: UUID) -> ResponseReturnValue:
    return _show(get_draft(current_db(), current_identity(), uuid))


@blueprint.post(f"{DRAFT}/publication")
@requires(Permission.PUBLISH_COURSES)
def draft_publish(uuid: UUID) -> ResponseReturnValue:
    identity, reason = current_identity(), request.form.get("reason", "")
    try:
        found = get_draft(reading_db(), identity, uuid)
        check_publishable(reading_db(), found, identity, reason=reason)
        prepared = prepare_draft(found, storage=storage())
        found = get_draft(current_db(), identity, uuid)
        version = publish_draft(current_db(), found, prepared, identity, reason=reason)
    except Refused as refused:
        drop_changes()
        again = get_draft(current_db(), identity, uuid)
        return _show(again, 422, errors=refused.fields or {"": str(refused)}, reason=reason)
    say(_("Gepubliceerd als versie %(number)s.", number=version.number))
    return redirect(url_for("authoring.course", slug=found.slug), 303)


def _show(
    found: CourseDraft, status: int = 200, *, errors: dict[str, str] | None = None, reason: str = ""
) -> ResponseReturnValue:
    identity = current_identity()
    checks = get_checks(found)
    outline = outline_from_json(found.outline) if found.outline else None
    rows = draft_rows(checks, outline)
    chosen = next((row for row in rows if row.id == request.args.get("step")), None)
    return render(
        "authoring/draft.html",
        status,
        draft=found,
        checks=checks,
        outline=outline,
        rows=rows,
        chosen=chosen,
        general=general_findings(checks),
        summary=_summary(found),
        offered=[get_area(area).name for area in areas_to_offer(identity, outline)] if outline else [],
        left_out=[get_area(area).name for area in areas_left_out(identity, outline)] if outline else [],
        errors=errors or {},
        reason=reason,
    )


def _summary(found: CourseDraft) -> list[tuple[bool, str]]:
    """What must be right before it is published, each with whether it is."""
    checks = get_checks(found)
    codes = [finding.code for finding in checks.findings]
    words = sum(report.words for report in checks.readability)
    sentences = sum(report.sentences for report in checks.readability)
    average = f"{words / sentences:.1f}".replace(".", ",") if sentences else "0"
    long = codes.count("sentence-long")
    images = codes.count("image-alt")
    films = codes.count("video-captions") + codes.count("video-transcript")
    rest = len(codes) - long - images - films
    return [
        (True, _("Leesbaar: %(average)s woorden per zin", average=average))
        if not long
        else (False, ngettext("1 zin is te lang", "%(n)s zinnen zijn te lang", long)),
        (True, _("Alle beelden hebben een beschrijving"))
        if not images
        else (False, ngettext("1 beeld zonder beschrijving", "%(n)s beelden zonder beschrijving", images)),
        (True, _("Alle films hebben ondertitels en tekst"))
        if not films
        else (False, ngettext("1 punt bij een film", "%(n)s punten bij films", films)),
        (True, _("De opbouw klopt")) if not rest else (False, ngettext("1 ander punt", "%(n)s andere punten", rest)),
    ]
