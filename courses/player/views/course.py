"""A course in its area: what it is, for whoever looks; the way through it, for whoever is enrolled."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from flask import request
from flask.typing import ResponseReturnValue

from courses.catalogue.formats import Outline, Step, StepKind, media_type
from courses.catalogue.queries import get_offered_course, get_outline, has_offer, media_key
from courses.certificates.queries import find_certificate_uuid
from courses.enrolment.queries import Learner, find_learner
from courses.player.queries import Seat, find_last_step, get_open_stop
from courses.player.views.blueprint import COURSE, STEP, blueprint, course_url, go, show_place, step_url, take_seat
from courses.progress.queries import get_route
from courses.progress.services import start_course, why_locked
from courses.sessions.queries import SessionCard, list_session_cards
from lms.kernel.errors import NotFound
from lms.kernel.i18n import format_number, ngettext
from lms.kernel.i18n import gettext as _
from lms.kernel.web import current_db, current_identity, render, shown_file, signed_in, storage

YEAR_S = 31_536_000
LONG = 120  # minutes from which a step is told in hours


@blueprint.get(COURSE)
def course(area: str, course: str) -> ResponseReturnValue:
    """The course page: her route when she is enrolled, else what she may expect and *Schrijf je in*."""
    show_place(area)
    db, identity = current_db(), current_identity()
    learner = find_learner(db, identity.person_id, course, area=area) if identity.person_id else None
    if learner is not None and not learner.is_withdrawn:
        return _overview(area, learner)
    offered = get_offered_course(db, area, course)
    outline = get_outline(db, offered.version_id, offered.version_sha)
    return render(
        "player/offer.html",
        course=offered,
        outline=outline,
        area=area,
        was_here=learner is not None,
        facts=_facts(outline),
        length=length,
    )


@blueprint.post(f"{COURSE}/launch")
@signed_in
def launch(area: str, course: str) -> ResponseReturnValue:
    """*Ga verder*: to the step and page where she was, or the next one."""
    seat = take_seat(area, course)
    start_course(current_db(), seat.learner)
    last_step = find_last_step(current_db(), seat.learner.enrolment_id)
    stop = get_route(current_db(), seat.outline, seat.learner.enrolment_id, last_step).next
    return go(course_url(seat) if stop is None else step_url(seat, stop))


@blueprint.get(STEP)
@signed_in
def step(area: str, course: str, step: str) -> ResponseReturnValue:
    """A step by its own address: where she was in it, or where it begins."""
    seat = take_seat(area, course)
    return go(step_url(seat, get_open_stop(seat, step)))


@blueprint.get(f"{COURSE}/media/<version>/<path:path>")
def media(area: str, course: str, version: str, path: str) -> ResponseReturnValue:
    """A picture, film or captions of a course this area offers."""
    kind = media_type(path)
    if kind is None or not has_offer(current_db(), area, course):
        raise NotFound(path)
    data = storage().get(media_key(course, version, path))
    response = shown_file(data, kind)
    response.headers["Cache-Control"] = f"private, max-age={YEAR_S}, immutable"  # its address holds the version's hash
    return response.make_conditional(request, accept_ranges=True, complete_length=len(data))


def _overview(area: str, learner: Learner) -> ResponseReturnValue:
    db = current_db()
    outline = get_outline(db, learner.version_id, learner.version_sha)
    last_step = find_last_step(db, learner.enrolment_id)
    seat = Seat(area, learner, outline, get_route(db, outline, learner.enrolment_id, last_step))
    return render(
        "player/course.html",
        seat=seat,
        urls={stop.step.id: step_url(seat, stop) for stop in seat.route.stops},
        moments=_moments(list_session_cards(db, learner.enrolment_id)),
        certificate=find_certificate_uuid(db, learner.enrolment_id),
        facts=_facts(outline),
        length=length,
        why_locked=why_locked,
    )


def _moments(cards: Sequence[SessionCard]) -> dict[str, SessionCard]:
    """The meeting to show for each step: hers when she has a place, else the first one to come."""
    moments: dict[str, SessionCard] = {}
    for card in sorted(cards, key=lambda card: not card.state):
        moments.setdefault(card.step, card)
    return moments


def _facts(outline: Outline) -> list[tuple[str, str]]:
    """Good to know before you begin, each line with its icon."""
    online = format_number(Decimal(outline.online_hours)) if outline.online_hours else ""
    lines = [
        ("smartphone", _("%(hours)s uur online", hours=online) if online else ""),
        ("users", outline.together),
        ("wallet", outline.cost),
        ("calendar-x", outline.cancellation),
        ("award", outline.certificate),
    ]
    return [(icon, words) for icon, words in lines if words]


def length(step: Step) -> str:
    """How long a step takes, in words."""
    if step.kind is StepKind.QUIZ:
        return ngettext("1 vraag", "%(n)s vragen", len(step.questions))
    if step.minutes >= LONG and step.minutes % 30 == 0:
        return _("%(hours)s uur", hours=format_number(Decimal(step.minutes) / 60))
    return ngettext("1 minuut", "%(n)s minuten", step.minutes)
