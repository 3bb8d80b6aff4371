"""What a trainer typed about a meeting, into values. Days and hours are those of Brussels; the database gets UTC."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal, InvalidOperation

from courses.catalogue.formats import Step
from courses.sessions.models import CLASSROOM, WEBINAR, CourseSession
from courses.sessions.services import SessionDetails
from lms.kernel import clock
from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _

# What is usual in the field; each is a setting of the meeting, told to a person before she confirms.
USUAL_SEATS, USUAL_CLOSING_DAYS, USUAL_FREE_DAYS, USUAL_FEE = 16, 14, 3, 50
LAST_MOMENT = time(23, 59, 59)
YEARS = range(2000, 2100)  # a slip of the finger in the year is no day
FIELDS = (
    "title",
    "mode",
    "area",
    "date",
    "starts",
    "ends",
    "place",
    "address",
    "travel",
    "link",
    "seats",
    "contact_hours",
    "closes",
    "free_until",
    "fee",
)


@dataclass(frozen=True, slots=True)
class Hours:
    """The day and hours of a meeting."""

    day: date
    starts: time
    ends: time


def empty_form(step: Step, area: str) -> dict[str, str]:
    """The form of a new meeting for this step: what the course says and what is usual is filled in."""
    plan = step.session
    return dict.fromkeys(FIELDS, "") | {
        "title": step.title,
        "mode": plan.mode if plan else CLASSROOM,
        "area": area,
        "seats": str(USUAL_SEATS),
        "contact_hours": plan.contact_hours.replace(".", ",") if plan else "",
        "closes": str(USUAL_CLOSING_DAYS),
        "free_until": str(USUAL_FREE_DAYS),
        "fee": str(USUAL_FEE),
    }


def form_of(session: CourseSession) -> dict[str, str]:
    """The form of a meeting as it stands."""
    start, end = clock.local(session.starts_at), clock.local(session.ends_at)
    return {
        "title": session.title,
        "mode": session.mode,
        "area": session.area or "",
        "date": start.date().isoformat(),
        "starts": start.strftime("%H:%M"),
        "ends": end.strftime("%H:%M"),
        "place": session.place,
        "address": session.address,
        "travel": session.travel,
        "link": session.link,
        "seats": str(session.seats),
        "contact_hours": f"{session.contact_hours.normalize():f}".replace(".", ","),
        "closes": _days_before(session.closes_at, start.date()),
        "free_until": _days_before(session.free_until, start.date()),
        "fee": f"{session.cancel_fee.normalize():f}".replace(".", ","),
    }


def read_form(form: Mapping[str, str], *, trainer_id: int | None) -> SessionDetails:
    """What was typed, as values. Raises `Refused` with a sentence for each field that cannot be read."""
    typed = {name: form.get(name, "").strip() for name in FIELDS}
    wrong: dict[str, str] = {}
    hours = _read_hours(typed, wrong)
    seats = _number(typed, "seats", wrong)
    contact_hours = _amount(typed, "contact_hours", wrong)
    closes, free_until = _number(typed, "closes", wrong), _number(typed, "free_until", wrong)
    fee = _amount(typed, "fee", wrong)
    if not typed["title"]:
        wrong["title"] = _("Geef de sessie een titel.")
    if wrong or hours is None:
        raise Refused(_("Er klopt nog iets niet."), wrong)
    return SessionDetails(
        title=typed["title"][:200],
        mode=WEBINAR if typed["mode"] == WEBINAR else CLASSROOM,
        starts_at=clock.from_local(datetime.combine(hours.day, hours.starts)),
        ends_at=clock.from_local(datetime.combine(hours.day, hours.ends)),
        seats=seats or 0,
        contact_hours=contact_hours,
        place=typed["place"][:200],
        address=typed["address"][:200],
        travel=typed["travel"][:1000],
        link=typed["link"][:500],
        area=typed["area"] or None,
        trainer_id=trainer_id,
        closes_at=_end_of_day(hours.day, closes),
        free_until=_end_of_day(hours.day, free_until),
        cancel_fee=fee if free_until is not None else Decimal(0),
    )


def _read_hours(typed: Mapping[str, str], wrong: dict[str, str]) -> Hours | None:
    try:
        day = date.fromisoformat(typed["date"])
    except ValueError:
        day = date.min
    if day.year not in YEARS:
        wrong["date"] = _("Kies de dag.")
        return None
    try:
        starts = time.fromisoformat(typed["starts"])
    except ValueError:
        wrong["starts"] = _("Vul het beginuur in, zoals 13:30.")
        return None
    try:
        return Hours(day, starts, time.fromisoformat(typed["ends"]))
    except ValueError:
        wrong["ends"] = _("Vul het einduur in, zoals 16:30.")
        return None


def _number(typed: Mapping[str, str], name: str, wrong: dict[str, str]) -> int | None:
    """A whole number; None when the field is empty."""
    text = typed[name]
    if text and not (text.isdecimal() and len(text) <= 5 and int(text) <= 10_000):
        wrong[name] = _("Vul een heel getal in.")
    return int(text) if text and name not in wrong else None


def _amount(typed: Mapping[str, str], name: str, wrong: dict[str, str]) -> Decimal:
    """A number with a comma or a point in it; an empty field is 0."""
    try:
        amount = Decimal(typed[name].replace(",", ".") or "0")
    except InvalidOperation:
        amount = Decimal("NaN")
    if not amount.is_finite() or abs(amount) >= 1000 or amount != round(amount, 2):
        wrong[name] = _("Vul een getal in, zoals 2,5.")
        return Decimal(0)
    return amount


def _end_of_day(day: date, days_before: int | None) -> datetime | None:
    """The last moment of the day so many days before; on the day itself there is no such moment."""
    if not days_before:
        return None
    return clock.from_local(datetime.combine(day - timedelta(days=days_before), LAST_MOMENT))


def _days_before(moment: datetime | None, day: date) -> str:
    return "" if moment is None else str((day - clock.local(moment).date()).days)
