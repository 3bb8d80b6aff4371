"""A taught moment: its dates, *Bevestig je plaats*, the calendar file, and giving a place back."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from uuid import UUID

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from courses.catalogue.formats import StepKind
from courses.player.queries import Seat, get_open_stop
from courses.player.views.blueprint import STEP, blueprint, course_url, go, step_url, take_seat
from courses.progress.queries import Stop
from courses.sessions.queries import (
    SessionCard,
    find_booking_view,
    find_own_booking,
    list_session_cards,
    session_calendar,
    waits_for_mark,
)
from courses.sessions.services import book, cancel_booking
from lms.kernel.errors import NotFound
from lms.kernel.i18n import gettext as _
from lms.kernel.web import current_db, current_identity, render, say, settings, signed_in
from lms.kernel.web.flow import current_visit


@blueprint.get(f"{STEP}/session")
@signed_in
def session(area: str, course: str, step: str) -> ResponseReturnValue:
    """The moment she has a place at, or the dates she can choose from."""
    seat, stop = _session_stop(area, course, step)
    db = current_db()
    cards = list_session_cards(db, seat.learner.enrolment_id, step)
    following = seat.route.next
    return render(
        "player/session.html",
        seat=seat,
        stop=stop,
        mine=next((card for card in cards if card.state), None),
        dates=[card for card in cards if not card.state and card.is_open],
        waits_for_list=not cards and waits_for_mark(db, seat.learner.enrolment_id, step),
        next_url=step_url(seat, following) if following and following.step.id != step else course_url(seat),
    )


@blueprint.post(f"{STEP}/session/<uuid:uuid>/booking")
@signed_in
def booking(area: str, course: str, step: str, uuid: UUID) -> ResponseReturnValue:
    """*Bevestig je plaats*."""
    seat, _stop = _session_stop(area, course, step)
    card = _get_card(uuid, step)
    booked = book(current_db(), card.id, seat.learner.enrolment_id)
    say(_("Je plaats is bevestigd.") if booked.state == "booked" else _("Je staat op de wachtlijst."))
    return go(url_for("player.session", area=area, course=course, step=step))


@blueprint.get(f"{STEP}/session/<uuid:uuid>/cancellation")
@signed_in
def cancellation(area: str, course: str, step: str, uuid: UUID) -> ResponseReturnValue:
    """*Kan je niet komen?* What it costs, and both answers."""
    seat, stop = _session_stop(area, course, step)
    return render("player/cancellation.html", seat=seat, stop=stop, card=_get_card(uuid, step))


@blueprint.post(f"{STEP}/session/<uuid:uuid>/cancellation")
@signed_in
def booking_cancel(area: str, course: str, step: str, uuid: UUID) -> ResponseReturnValue:
    """Give the place back."""
    _session_stop(area, course, step)
    own = find_own_booking(current_db(), current_identity(), uuid)
    if own is None:
        raise NotFound(str(uuid))
    cancel_booking(current_db(), own, accepted_fee=_accepted_fee())
    say(_("Je plaats is vrij voor iemand anders."))
    return go(url_for("player.session", area=area, course=course, step=step))


@blueprint.get(f"{STEP}/session/<uuid:uuid>.ics")
@signed_in
def calendar(area: str, course: str, step: str, uuid: UUID) -> ResponseReturnValue:
    """*Zet in agenda*: the moment as a calendar file."""
    _session_stop(area, course, step)
    is_framed = current_visit() is not None  # a visit's address dies with it: she comes back by her own platform
    page = "" if is_framed else url_for("player.session", area=area, course=course, step=step, _external=True)
    data = session_calendar(_get_card(uuid, step), iri_base=settings().iri_base, url=page)
    headers = {"Content-Disposition": 'attachment; filename="leerlabo.ics"'}
    return Response(data, content_type="text/calendar; charset=utf-8", headers=headers)


def _session_stop(area: str, course: str, step: str) -> tuple[Seat, Stop]:
    seat = take_seat(area, course)
    stop = get_open_stop(seat, step)
    if stop.step.kind is not StepKind.SESSION:
        raise NotFound(step)
    return seat, stop


def _get_card(uuid: UUID, step: str) -> SessionCard:
    card = find_booking_view(current_db(), current_identity(), uuid)
    if card is None or card.step != step:
        raise NotFound(str(uuid))
    return card


def _accepted_fee() -> Decimal:
    """What she agreed to pay, as the form says it; nothing when it says no amount."""
    try:
        fee = Decimal(request.form.get("fee", "0"))
    except InvalidOperation:
        return Decimal(0)
    return fee if fee.is_finite() else Decimal(0)
