"""Lists of people to enrol: the lists there were, and a new one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from courses.catalogue.queries import find_offered_course, list_offered_courses
from courses.enrolment.queries import batches as queries
from courses.enrolment.services.batches import make_batch, make_batch_of_people
from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.web import current_db, current_identity, drop_changes, page_number, render
from sectors.planning.forms import read_table, read_uuids
from sectors.planning.queries.organisations import Desk, get_organisation
from sectors.planning.views.blueprint import address, blueprint, current_desk, go, guard

PAGE_SIZE = 25


@blueprint.get("/desk/enrolments")
@guard
def enrolments() -> ResponseReturnValue:
    db, desk = current_db(), current_desk()
    total = queries.count_batches(db, desk.id)
    page = min(page_number(), max(1, -(-total // PAGE_SIZE)))
    rows = queries.list_batches(db, desk.id, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE)
    return render(
        "planning/enrolments.html",
        desk=desk,
        rows=rows,
        total=total,
        first=(page - 1) * PAGE_SIZE + 1,
        last=(page - 1) * PAGE_SIZE + len(rows),
        previous=address("planning.enrolments", **desk.args, page=page - 1) if page > 1 else "",
        next=address("planning.enrolments", **desk.args, page=page + 1) if page * PAGE_SIZE < total else "",
    )


@blueprint.get("/desk/enrolments/new")
@guard
def enrolment_new() -> ResponseReturnValue:
    return _form(current_desk(), course=request.args.get("course", ""))


@blueprint.post("/desk/enrolments/people")
@guard
def enrolment_people() -> ResponseReturnValue:
    """*Schrijf in voor…* on the staff list: the people are chosen, the course is not."""
    desk, people = current_desk(), read_uuids(request.form.getlist("row"))
    return _form(desk, course=request.form.get("course", ""), people=people)


@blueprint.post("/desk/enrolments/new")
@guard
def enrolment_create() -> ResponseReturnValue:
    """Keep the list and check it. Nobody is enrolled before she saw what will happen."""
    desk, db = current_desk(), current_db()
    people, slug = read_uuids(request.form.getlist("person")), request.form.get("course", "")
    try:
        batch = _make(desk, slug, people)
    except Refused as refused:
        drop_changes()
        errors = refused.fields or {"course": str(refused)}
        return _form(desk, 422, course=slug, people=people, text=request.form.get("list", ""), errors=errors)
    db.flush()
    return go("planning.batch", uuid=batch)


def _make(desk: Desk, slug: str, people: Sequence[UUID]) -> UUID:
    db = current_db()
    course = find_offered_course(db, desk.area, slug)
    if course is None:
        message = _("Kies een opleiding uit de lijst.")
        raise Refused(message, {"course": message})
    organisation, by = get_organisation(db, desk), current_identity().person_id or 0
    if people:
        return make_batch_of_people(
            db, organisation=organisation, course_id=course.id, by_person_id=by, people=people
        ).uuid
    table, source = read_table(request.form.get("list", ""), request.files.get("file"))
    batch = make_batch(db, organisation=organisation, course_id=course.id, by_person_id=by, table=table, source=source)
    return batch.uuid


def _form(
    desk: Desk,
    status: int = 200,
    *,
    course: str = "",
    people: Sequence[UUID] = (),
    text: str = "",
    errors: Mapping[str, str] | None = None,
) -> ResponseReturnValue:
    offered = [(offer.slug, offer.title) for offer in list_offered_courses(current_db(), desk.area)]
    return render(
        "planning/enrolment_new.html",
        status,
        desk=desk,
        courses=[("", _("Kies een opleiding")), *offered],
        course=course,
        people=people,
        text=text,
        errors=errors or {},
    )
