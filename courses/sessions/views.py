"""The trainer's desk for meetings: the list, planning one, and who was there."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from courses.catalogue.formats import Step, StepKind
from courses.catalogue.models import Course
from courses.catalogue.queries import get_course, get_current_outline
from courses.sessions.forms import empty_form, form_of, read_form
from courses.sessions.models import ABSENT, EXCUSED, PRESENT, CourseSession
from courses.sessions.queries import (
    When,
    count_desk_sessions,
    get_desk_session,
    get_roll_booking,
    list_changes,
    list_desk_sessions,
    list_plannable_steps,
    list_roll,
    list_waiting,
    list_walk_in_candidates,
    may_change,
)
from courses.sessions.queries.desk import LONGEST_ID
from courses.sessions.services import (
    add_walk_in,
    cancel_session,
    change_session,
    hold_session,
    mark_attendance,
    plan_session,
)
from lms.kernel import clock
from lms.kernel.errors import Forbidden, NotFound, Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Permission
from lms.kernel.web import current_db, current_identity, drop_changes, render, requires, say
from sectors.areas import all_areas

blueprint = Blueprint("sessions", __name__, template_folder="templates")

DESK = "/desk/sessions"
SESSION = f"{DESK}/<uuid:uuid>"
MARK, SHOWN = "presence-", "shown-"


@blueprint.get(DESK)
@requires(Permission.RUN_SESSIONS)
def sessions() -> ResponseReturnValue:
    db, identity = current_db(), current_identity()
    asked = request.args.get("when", When.COMING)
    when = When(asked) if asked in set(When) else When.COMING
    return render(
        "sessions/sessions.html",
        when=when,
        counts=count_desk_sessions(db, identity),
        sessions=list_desk_sessions(db, identity, when=when),
        areas=all_areas(),
    )


# ---- planning --------------------------------------------------------------------------------------------------------


@blueprint.get(f"{DESK}/new")
@requires(Permission.RUN_SESSIONS)
def session_new() -> ResponseReturnValue:
    """Which step gets a date; then the form, with what is usual filled in."""
    if not request.args.get("course"):
        steps = list_plannable_steps(current_db(), current_identity())
        return render("sessions/choose_step.html", steps=steps)
    course, step = _asked_step()
    return _show_form(course, step, empty_form(step, _first_area()))


@blueprint.post(f"{DESK}/new")
@requires(Permission.RUN_SESSIONS)
def session_plan() -> ResponseReturnValue:
    course, step = _asked_step()
    try:
        details = read_form(request.form, trainer_id=current_identity().person_id)
        _check_area(details.area)
        session = plan_session(current_db(), course_id=course.id, step=step.id, details=details)
    except Refused as refused:
        drop_changes()
        return _show_form(course, step, dict(request.form), refused=refused)
    say(_("De sessie is gepland. Deelnemers kunnen nu een plaats vragen."))
    return redirect(url_for("sessions.attendance", uuid=session.uuid), 303)


@blueprint.get(f"{SESSION}/edit")
@requires(Permission.RUN_SESSIONS)
def session_edit(uuid: UUID) -> ResponseReturnValue:
    session = _changeable(uuid)
    return _show_form(*_step_of(session), form_of(session), session=session)


@blueprint.post(f"{SESSION}/edit")
@requires(Permission.RUN_SESSIONS)
def session_change(uuid: UUID) -> ResponseReturnValue:
    session = _changeable(uuid)
    try:
        details = read_form(request.form, trainer_id=session.trainer_id)
        _check_area(details.area)
        change_session(current_db(), session, details)
    except Refused as refused:
        drop_changes()
        session = _changeable(uuid)
        return _show_form(*_step_of(session), dict(request.form), session=session, refused=refused)
    say(_("De sessie is gewijzigd."))
    return redirect(url_for("sessions.attendance", uuid=uuid), 303)


@blueprint.post(f"{SESSION}/cancellation")
@requires(Permission.RUN_SESSIONS)
def session_cancel(uuid: UUID) -> ResponseReturnValue:
    cancel_session(current_db(), _changeable(uuid))
    say(_("De sessie is geannuleerd. Iedereen op de lijst krijgt een mail."))
    return redirect(url_for("sessions.sessions"), 303)


# ---- who was there ---------------------------------------------------------------------------------------------------


@blueprint.get(f"{SESSION}/attendance")
@requires(Permission.RUN_SESSIONS)
def attendance(uuid: UUID) -> ResponseReturnValue:
    db, identity = current_db(), current_identity()
    session = get_desk_session(db, identity, uuid)
    roll = list_roll(db, session.id)
    course, _step = _step_of(session)
    has_begun = session.cancelled_at is None and clock.local(session.starts_at).date() <= clock.today()
    return render(
        "sessions/attendance.html",
        session=session,
        course=course,
        roll=roll,
        counts={word: sum(row.presence == word for row in roll) for word in (PRESENT, ABSENT, EXCUSED, "")},
        waiting=list_waiting(db, session.id),
        candidates=list_walk_in_candidates(db, session) if has_begun else [],
        changes=list_changes(db, session.id),
        has_begun=has_begun,
        can_close=has_begun and session.held_at is None and session.starts_at <= clock.now(),
        can_change=may_change(identity, session.area),
    )


@blueprint.post(f"{SESSION}/attendance")
@requires(Permission.RUN_SESSIONS)
def attendance_mark(uuid: UUID) -> ResponseReturnValue:
    """Save marks: those a script sends as they are tapped, or the whole list where there is none.

    The whole list says beside each mark what the page showed, so that an old page overwrites nobody's correction.
    """
    db, identity = current_db(), current_identity()
    session = get_desk_session(db, identity, uuid)
    for name, presence in request.form.items():
        if name.startswith(MARK):
            booking_id = name.removeprefix(MARK)
            if request.form.get(SHOWN + booking_id) != presence:
                booking = get_roll_booking(db, session.id, booking_id)
                mark_attendance(db, booking, presence, by_person_id=identity.person_id)
    if "X-Autosave" in request.headers:
        return "", 204
    say(_("Bewaard"))
    return redirect(url_for("sessions.attendance", uuid=uuid), 303)


@blueprint.post(f"{SESSION}/walk-ins")
@requires(Permission.RUN_SESSIONS)
def walk_in_add(uuid: UUID) -> ResponseReturnValue:
    """Somebody of the course came without a place."""
    db, identity = current_db(), current_identity()
    session = get_desk_session(db, identity, uuid)
    enrolment_id = request.form.get("enrolment", "")
    if not (enrolment_id.isdecimal() and len(enrolment_id) <= LONGEST_ID):
        raise Refused(_("Kies wie er nog bij was."))
    add_walk_in(db, session, int(enrolment_id), by_person_id=identity.person_id)
    say(_("Toegevoegd en aanwezig."))
    return redirect(url_for("sessions.attendance", uuid=uuid), 303)


@blueprint.post(f"{SESSION}/closing")
@requires(Permission.RUN_SESSIONS)
def session_close(uuid: UUID) -> ResponseReturnValue:
    """The list is complete: who has no mark was absent."""
    db, identity = current_db(), current_identity()
    hold_session(db, get_desk_session(db, identity, uuid), by_person_id=identity.person_id)
    say(_("De lijst is klaar. Je kan nog verbeteren."))
    return redirect(url_for("sessions.attendance", uuid=uuid), 303)


# ---- what they share -------------------------------------------------------------------------------------------------


def _asked_step() -> tuple[Course, Step]:
    """The course and session step of the address. Raises `NotFound` unless this trainer may plan it."""
    course = get_course(current_db(), request.args.get("course", ""))
    step_id = request.args.get("step", "")
    plannable = list_plannable_steps(current_db(), current_identity())
    if not any(item.course_slug == course.slug and item.step == step_id for item in plannable):
        raise NotFound(f"{step_id} of {course.slug}")
    return course, _get_step(course, step_id)


def _step_of(session: CourseSession) -> tuple[Course, Step]:
    course = current_db().get_one(Course, session.course_id)
    return course, _get_step(course, session.step, session.title)


def _get_step(course: Course, step_id: str, title: str = "") -> Step:
    """The step as the course has it now; one that left the course since keeps the meeting's own title."""
    step = get_current_outline(current_db(), course.id).step(step_id)
    return step or Step(id=step_id, kind=StepKind.SESSION, title=title, minutes=0, complete_when="attended")


def _changeable(uuid: UUID) -> CourseSession:
    session = get_desk_session(current_db(), current_identity(), uuid)
    if not may_change(current_identity(), session.area):
        raise Forbidden
    return session


def _check_area(area: str | None) -> None:
    if not may_change(current_identity(), area) or (area is not None and area not in all_areas()):
        sentence = _("Kies een afdeling waar jij lesgeeft.")
        raise Refused(sentence, {"area": sentence})


def _first_area() -> str:
    """Her own area when she may plan there; without limits a meeting is open to all."""
    identity = current_identity()
    areas = identity.areas(Permission.RUN_SESSIONS)
    if areas is None:
        return ""
    return identity.area if identity.area in areas and identity.area else min(areas, default="")


def _area_options() -> list[tuple[str, str]]:
    areas = current_identity().areas(Permission.RUN_SESSIONS)
    everywhere = [("", _("Alle afdelingen van het aanbod"))] if areas is None else []
    return everywhere + [(slug, area.name) for slug, area in all_areas().items() if areas is None or slug in areas]


def _show_form(
    course: Course,
    step: Step,
    values: dict[str, str],
    *,
    session: CourseSession | None = None,
    refused: Refused | None = None,
) -> ResponseReturnValue:
    errors = (refused.fields or {"": str(refused)}) if refused else {}
    return render(
        "sessions/session_form.html",
        422 if refused else 200,
        course=course,
        step=step,
        values=values,
        session=session,
        errors=errors,
        areas=_area_options(),
    )
