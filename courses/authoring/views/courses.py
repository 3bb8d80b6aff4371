"""*Mijn opleidingen*: what is published, where it is offered, and how far its people are."""

from __future__ import annotations

from flask import request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from courses.authoring.queries import (
    areas_of,
    count_participants,
    get_desk_course,
    list_desk_courses,
    list_drafts,
    list_version_rows,
)
from courses.authoring.views.blueprint import COURSES, blueprint
from courses.authoring.views.rows import outline_rows
from courses.catalogue.formats import StepKind
from courses.catalogue.queries import get_current_outline, list_offered_areas
from courses.catalogue.services import set_offers
from courses.sessions.queries import list_desk_sessions
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Permission
from lms.kernel.web import current_db, current_identity, render, requires, say
from sectors.areas import all_areas


@blueprint.get(COURSES)
@requires(Permission.PUBLISH_COURSES)
def courses() -> ResponseReturnValue:
    db, identity = current_db(), current_identity()
    return render(
        "authoring/courses.html",
        courses=list_desk_courses(db, identity),
        drafts=list_drafts(db, identity),
        areas=all_areas(),
    )


@blueprint.get(f"{COURSES}/<slug>")
@requires(Permission.PUBLISH_COURSES)
def course(slug: str) -> ResponseReturnValue:
    db, identity = current_db(), current_identity()
    found = get_desk_course(db, identity, slug)
    outline = get_current_outline(db, found.id)
    offered = list_offered_areas(db, found.id)
    return render(
        "authoring/course.html",
        course=found,
        outline=outline,
        rows=outline_rows(outline),
        session_steps=[step for step in outline.steps if step.kind is StepKind.SESSION],
        participants=count_participants(db, identity, found.id),
        sessions=list_desk_sessions(db, identity, course_id=found.id),
        versions=list_version_rows(db, found.id),
        offered=offered,
        own_areas=[area for slug, area in all_areas().items() if slug in areas_of(identity)],
        other_areas=[all_areas()[slug].name for slug in offered if slug not in areas_of(identity)],
        areas=all_areas(),
    )


@blueprint.post(f"{COURSES}/<slug>/offers")
@requires(Permission.PUBLISH_COURSES)
def offers_change(slug: str) -> ResponseReturnValue:
    """Offer the course in the ticked areas of hers, and withdraw it from the others of hers."""
    db, identity = current_db(), current_identity()
    found = get_desk_course(db, identity, slug)
    own = areas_of(identity)
    set_offers(db, found, own & set(request.form.getlist("area")), within=own)
    say(_("Het aanbod is bewaard."))
    return redirect(url_for("authoring.course", slug=slug), 303)
