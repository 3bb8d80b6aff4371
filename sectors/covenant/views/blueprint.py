"""The blueprint, and what every page of the covenant asks first: which covenant, which day, which commitment."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import Blueprint, make_response, request
from flask.typing import ResponseReturnValue

from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.kernel.i18n import format_date
from lms.kernel.i18n import gettext as _
from sectors.covenant.formats import Commitment, Covenant, covenant_names, load_covenant

blueprint = Blueprint("covenant", __name__, template_folder="../templates")

YEARS = range(1990, 2100)  # what lies outside was typed by mistake, and no trend can be drawn at the edge of time
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def asked_covenant() -> Covenant:
    """The covenant of the query string; the latest one when there is none. Raises `NotFound`."""
    name = request.args.get("covenant") or covenant_names()[-1]
    try:
        return load_covenant(name)
    except KeyError:
        raise NotFound(name) from None


def asked_commitment(covenant: Covenant, key: str) -> Commitment:
    """The commitment of the address. Raises `NotFound`."""
    commitment = covenant.find_commitment(key)
    if commitment is None:
        raise NotFound(key)
    return commitment


def asked_day() -> date:
    """The cut-off date of the query string; today when there is none, or none that can be."""
    day = read_day(request.args.get("cut_off", ""))
    return min(day, clock.today()) if day else clock.today()


def read_day(text: str) -> date | None:
    """A day as a browser or a person writes it: 2025-03-14 or 14-03-2025; None when it is neither."""
    text = text.strip().replace("/", "-")
    parts = text.split("-")
    if len(parts) == 3 and len(parts[2]) == 4:
        text = f"{parts[2]}-{parts[1].zfill(2)}-{parts[0].zfill(2)}"
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def kept(**values: Any) -> dict[str, Any]:
    """What links carry on: the covenant and the cut-off date, where they were asked, and these values."""
    asked = {name: request.args[name] for name in ("covenant", "cut_off") if request.args.get(name)}
    return {**asked, **{name: value for name, value in values.items() if value not in ("", None)}}


def stand(covenant: Covenant, cut_off: date) -> str:
    """The cut-off date in a sentence, and the day of the covenant while it runs."""
    words = _("Stand op %(date)s.", date=format_date(cut_off))
    day = (cut_off - covenant.starts_on).days + 1
    if 1 <= day <= covenant.days:
        return f"{words} {_('Dag %(day)s van %(days)s.', day=day, days=covenant.days)}"
    return words


def a_file(data: bytes, mimetype: str, name: str) -> ResponseReturnValue:
    """Bytes as a file to keep."""
    response = make_response(data)
    response.mimetype = mimetype
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
