"""What the pages of accounts share: the blueprint, the cookie, and the place a page shows."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, current_app, redirect, request, session
from flask.typing import ResponseReturnValue

from lms.accounts.formats.devices import device_name
from lms.accounts.formats.numbers import spell_number
from lms.accounts.queries.desk import PAGE_SIZE, Paged
from lms.kernel.web import show_area
from lms.kernel.web.flow import LANGUAGE_KEY, SESSION_KEY
from lms.kernel.web.hosts import HOME, current_area_host, local_path

blueprint = Blueprint("accounts", __name__, template_folder="../templates")
blueprint.add_app_template_filter(spell_number, "kbo")


def device() -> str:
    """The browser that asks, in two words."""
    return device_name(request.user_agent.string)


def next_path() -> str:
    """The path the page wants to go to afterwards; home when it names none of ours."""
    path = local_path(request.values.get("next"))
    return home_path() if path == HOME else path


def home_path() -> str:
    """Where her own next step stands: also on an area's host, where `/` is the area."""
    return current_app.url_for(current_app.extensions["roads"].home)


def keep_signed_in(token: str) -> None:
    """Put a new sign-in in the cookie. All else goes, so that nothing of before can be used again; but the language."""
    language = session.get(LANGUAGE_KEY)
    session.clear()
    session[SESSION_KEY] = token
    if language:
        session[LANGUAGE_KEY] = language
    session.permanent = True


def forget_sign_in() -> None:
    """Take the sign-in out of the cookie, and keep the language."""
    language = session.get(LANGUAGE_KEY)
    session.clear()
    if language:
        session[LANGUAGE_KEY] = language
        session.permanent = True


def show_place_of(path: str) -> None:
    """Show the area whose host was asked, or that of the page somebody was on her way to."""
    slug = current_area_host() or path.split("/", 2)[1].split("?", 1)[0]
    place = current_app.extensions["place_of"](slug)
    if place is not None:
        show_area(place)


def pager(found: Paged, endpoint: str, **filters: str) -> dict[str, Any]:
    """Which rows a page of a list shows, and where the pages before and after are; in the list's own filters."""

    def page(number: int) -> str:
        kept = {name: value for name, value in filters.items() if value}
        return f"{current_app.url_for(endpoint)}?{urlencode(kept | {'page': number})}"

    first = (found.page - 1) * PAGE_SIZE + 1
    return {
        "first": first,
        "last": first + len(found.rows) - 1,
        "previous": page(found.page - 1) if found.page > 1 else "",
        "next": page(found.page + 1) if found.page < found.pages else "",
    }


def go(endpoint: str, **values: Any) -> ResponseReturnValue:
    """Answer a form with the page to see next."""
    return redirect(current_app.url_for(endpoint, **values), 303)
