"""How a page is made: the frame around it (place, menu, person, language) and the files it loads."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app, flash, g, render_template, request
from flask_wtf.csrf import generate_csrf
from jinja2 import Environment
from markupsafe import Markup

from lms.kernel import i18n
from lms.kernel.identity import Identity
from lms.kernel.web import frames
from lms.kernel.web.flow import current_identity, current_visit
from lms.kernel.web.headers import may_be_framed

STATIC = Path(__file__).parent / "static"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is: what its head and tint say."""

    slug: str
    name: str
    tint: str
    icon: str


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One road in the menu. `shows` decides for whom; `tab` is its short word in the bar at the foot of a phone.

    `values` gives the parts of its address that depend on the person. `is_desk` marks the work she does for others.
    """

    label: str
    endpoint: str
    icon: str
    shows: Callable[[Identity], bool]
    values: Callable[[Identity], Mapping[str, Any]] = lambda _identity: {}
    tab: str = ""
    is_desk: bool = False


@dataclass(frozen=True, slots=True)
class MenuLink:
    """A menu item as a template needs it. `current` is its `aria-current`: page, true for a page below it, or empty."""

    label: str
    url: str
    icon: str
    current: str = ""


@dataclass(frozen=True, slots=True)
class Roads:
    """The endpoints every page knows the way to. `foot`: word and endpoint of the links at the bottom.

    `visit`: what the link of a visit places; `window`: where its form goes on in a window of its own; `link`: where
    that of who has an account already does.
    """

    home: str
    person: str
    sign_out: str
    language: str
    help: str
    visit: str
    window: str
    link: str
    foot: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class VisitFrame:
    """What a page in a visit says besides: who frames it, and the ways out."""

    frame_origin: str
    return_url: str
    window_url: str
    window_pass: str
    link_url: str
    is_preview: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """Everything around a page, as templates know it under the name `ui`.

    `home_url` is empty on the way into somebody else's frame, where the page it leads to may not stand.
    """

    language: str
    languages: Mapping[str, str]
    theme: str
    text_size: str
    area: Place | None
    place: str
    menu: tuple[MenuLink, ...]
    desk: tuple[MenuLink, ...]
    tabs: tuple[MenuLink, ...]
    person_name: str
    is_signed_in: bool
    is_demo: bool
    home_url: str
    person_url: str
    sign_out_url: str
    language_url: str
    help_url: str
    here: str
    foot: tuple[MenuLink, ...]
    csrf_token: Callable[[], str]
    visit: VisitFrame | None = None


def render(template: str, status: int = 200, **context: Any) -> tuple[str, int]:
    """The page, in its frame."""
    return render_template(template, **context), status


def say(message: str, *, undo: str = "") -> None:
    """Show a short confirmation on the next page: *Bewaard*. With `undo`, a button that posts there."""
    flash(message, f"undo {undo}" if undo else "message")


def show_area(place: Place | None) -> None:
    """Give this page the tint and name of an area."""
    g.place = place


def install(app: Flask, menu: tuple[MenuItem, ...], roads: Roads, place_of: Callable[[str], Place | None]) -> None:
    """Teach the templates our words and the frame. `place_of` finds an area by its slug."""
    app.extensions["menu"] = menu
    app.extensions["roads"] = roads
    app.extensions["place_of"] = place_of
    teach(app.jinja_env)
    app.context_processor(lambda: {"ui": _frame(), "identity": current_identity()})


def teach(env: Environment) -> None:
    """Our words, icons, dates and numbers, for every template."""
    env.add_extension("jinja2.ext.i18n")
    env.install_gettext_callables(i18n.gettext, i18n.ngettext_for_templates, newstyle=True)  # type: ignore[attr-defined]
    env.globals.update(_=i18n.gettext_for_templates, gettext=i18n.gettext_for_templates)
    env.trim_blocks = env.lstrip_blocks = True
    env.filters.update(
        date=i18n.format_date,
        day=i18n.format_day,
        short_date=i18n.format_short_date,
        month=i18n.format_month,
        time=i18n.format_time,
        number=i18n.format_number,
        money=i18n.format_money,
        leaf=i18n.leaf,
    )
    env.globals.update(static=static, draw_icon=draw_icon)


@lru_cache(maxsize=512)
def static(path: str) -> str:
    """The address of a file of ours, with its fingerprint, so that browsers may keep it for a year."""
    file = STATIC / path
    mark = hashlib.sha256(file.read_bytes()).hexdigest()[:10] if file.is_file() else "missing"
    return f"/static/{path}?v={mark}"


@lru_cache(maxsize=512)
def draw_icon(name: str) -> Markup:
    """An icon of the sprite. It says nothing to a screen reader, so a word always stands beside it."""
    return Markup('<svg class="i" aria-hidden="true"><use href="{}#{}"/></svg>').format(static("img/icons.svg"), name)


def _frame() -> Frame:
    identity = current_identity()
    is_visit = frames.visit_key() is not None
    is_passing = not is_visit and may_be_framed()  # on the way into a frame, where none of our own pages may stand
    place: Place | None = g.get("place")
    if place is None and identity.area:
        place = current_app.extensions["place_of"](identity.area)
    items = [] if is_visit else [item for item in current_app.extensions["menu"] if item.shows(identity)]
    roads: Roads = current_app.extensions["roads"]
    url_for = current_app.url_for
    return Frame(
        language=i18n.current_language(),
        languages=i18n.LANGUAGE_NAMES,
        theme=identity.theme,
        text_size=identity.text_size or "normal",
        area=place,
        place=place.name if place else i18n.gettext("Alle afdelingen"),
        menu=tuple(_link(item, item.label, identity) for item in items),
        desk=tuple(_link(item, item.label, identity) for item in items if item.is_desk),
        tabs=tuple(_link(item, item.tab, identity) for item in items if item.tab) if identity.is_signed_in else (),
        person_name="" if is_visit else identity.name,
        is_signed_in=identity.is_signed_in,
        is_demo=current_app.extensions["settings"].demo,
        home_url="" if is_passing else url_for(roads.visit if is_visit else roads.home),
        person_url=url_for(roads.person),
        sign_out_url=url_for(roads.sign_out),
        language_url=url_for(roads.language),
        help_url=url_for(roads.help),
        here=frames.here() + "".join(sign for sign in request.full_path.rstrip("?") if sign.isprintable()),
        foot=() if is_visit else tuple(MenuLink(i18n.gettext(word), url_for(road), "") for word, road in roads.foot),
        csrf_token=generate_csrf,
        visit=_visit_frame(roads) if is_visit else None,
    )


def _visit_frame(roads: Roads) -> VisitFrame | None:
    visit = current_visit()
    if visit is None or not visit.identity.is_signed_in:
        return None
    return VisitFrame(
        frame_origin=visit.frame_origin,
        return_url=visit.return_url,
        window_url=current_app.url_for(roads.window, _external=True),
        window_pass=frames.window_pass(visit.uuid),
        link_url="" if visit.is_linked or visit.is_preview else current_app.url_for(roads.link, _external=True),
        is_preview=visit.is_preview,
    )


def _link(item: MenuItem, word: str, identity: Identity) -> MenuLink:
    url = current_app.url_for(item.endpoint, **dict(item.values(identity)))
    below = item.is_desk and request.path.startswith(f"{url}/")
    return MenuLink(i18n.gettext(word), url, item.icon, "page" if request.path == url else "true" if below else "")
