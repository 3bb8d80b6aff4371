"""The home, the areas' own pages, help, and the desk where a consultant edits her area."""

from __future__ import annotations

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from courses.catalogue.formats import TOPICS, topic_name
from courses.catalogue.queries import get_course, list_courses_with_offer, list_offered_courses
from courses.catalogue.services import offer_course, withdraw_offer
from courses.sessions.queries import list_my_bookings
from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Permission, Scope
from lms.kernel.web import (
    Place,
    current_db,
    current_identity,
    drop_changes,
    render,
    requires,
    say,
    settings,
    show_area,
    signed_in,
)
from lms.kernel.web.hosts import current_area_host, own_host
from sectors.areas import Area, all_areas, areas_where, find_area, get_area
from sectors.site.queries import (
    DONE_ON_HOME,
    Greeting,
    find_course_ahead,
    find_greeting,
    list_coming_sessions,
    list_news,
    list_own_courses,
)
from sectors.site.services import archive_news, change_greeting, publish_news

blueprint = Blueprint("site", __name__, template_folder="templates")

SOON = 3


@blueprint.get("/")
def home() -> ResponseReturnValue:
    """The platform: thirteen doors for a visitor, her own next step for a learner."""
    identity = current_identity()
    if not identity.is_signed_in:
        return render("site/doors.html", areas=all_areas().values())
    db = current_db()
    courses = list_own_courses(db, identity)
    session = next(iter(list_my_bookings(db, identity)), None)
    return render(
        "site/home.html",
        ahead=find_course_ahead(db, courses),
        session=session,
        session_area=next((course.area for course in courses if session and course.slug == session.course_slug), ""),
        done=[course for course in courses if course.completed_at][:DONE_ON_HOME],
        area=find_area(identity.area or ""),
    )


@blueprint.get("/home")
def home_beside_area() -> ResponseReturnValue:
    """The same, asked on an area's own host: there `/` is the area's page."""
    return home()


@blueprint.get("/areas")
def areas() -> ResponseReturnValue:
    """Every area: the way to another one, and from an area's own host to the platform."""
    platform = settings().base_host if current_area_host() else ""
    return render("site/doors.html", areas=all_areas().values(), platform=platform)


@blueprint.get("/<area>/")
def area_page(area: str) -> ResponseReturnValue:
    """An area: its welcome, what is coming, what there is to learn, whom to call."""
    here = _show(area)
    db = current_db()
    courses = list_offered_courses(db, area)
    counts = {key: sum(course.topic == key for course in courses) for key in TOPICS}
    return render(
        "site/area.html",
        area=here,
        greeting=find_greeting(db, area) or _bare_greeting(here),
        soon=list_coming_sessions(db, area, limit=SOON),
        courses=courses,
        topics=[(key, topic_name(key), TOPICS[key], count) for key, count in counts.items() if count],
        news=list_news(db, area),
        own_host="" if current_area_host() else own_host(settings(), area),
    )


@blueprint.get("/my/courses")
@signed_in
def my_courses() -> ResponseReturnValue:
    """Everything she is in, and everything she finished."""
    courses = list_own_courses(current_db(), current_identity())
    return render(
        "site/my_courses.html",
        busy=[course for course in courses if not course.completed_at],
        done=[course for course in courses if course.completed_at],
        area=find_area(current_identity().area or ""),
    )


@blueprint.get("/help")
def help_page() -> ResponseReturnValue:
    """Somebody to call: the person of the area where she works, or of every area."""
    db, identity = current_db(), current_identity()
    here = find_area(current_area_host() or identity.area or "")
    people = [(area, find_greeting(db, area.slug)) for area in ([here] if here else all_areas().values())]
    return render("site/help.html", people=[(area, greeting) for area, greeting in people if greeting])


@blueprint.get("/privacy")
def privacy() -> ResponseReturnValue:
    """What we keep of people, and why."""
    return render("site/privacy.html")


@blueprint.get("/accessibility")
def accessibility() -> ResponseReturnValue:
    """How everybody can use this, and where to say that she cannot."""
    return render("site/accessibility.html")


@blueprint.get("/desk/areas")
@requires(Permission.EDIT_AREA)
def areas_desk() -> ResponseReturnValue:
    """The areas she looks after."""
    return render("site/areas_desk.html", areas=areas_where(current_identity(), Permission.EDIT_AREA))


@blueprint.get("/desk/areas/<area>")
@requires(Permission.EDIT_AREA)
def area_edit(area: str) -> ResponseReturnValue:
    """The desk of one area: its words, its offer, its news."""
    here = _own_area(area)
    greeting = find_greeting(current_db(), area) or _bare_greeting(here)
    return _show_desk(here, greeting)


@blueprint.post("/desk/areas/<area>")
@requires(Permission.EDIT_AREA)
def area_save(area: str) -> ResponseReturnValue:
    """Save the words of the page."""
    here = _own_area(area)
    names = ("welcome", "text", "contact_name", "contact_phone", "contact_when")
    greeting = Greeting(**{name: request.form.get(name, "").strip() for name in names})
    try:
        change_greeting(current_db(), current_identity(), area, greeting)
    except Refused as refusal:
        drop_changes()
        return _show_desk(here, greeting, refusal=refusal, status=422)
    say(_("Bewaard"))
    return redirect(url_for("site.area_edit", area=area), 303)


@blueprint.post("/desk/areas/<area>/news")
@requires(Permission.EDIT_AREA)
def news_publish(area: str) -> ResponseReturnValue:
    """Place a message."""
    here = _own_area(area)
    draft = {name: request.form.get(name, "").strip() for name in ("title", "text")}
    try:
        publish_news(current_db(), current_identity(), area, **draft)
    except Refused as refusal:
        drop_changes()
        greeting = find_greeting(current_db(), area) or _bare_greeting(here)
        return _show_desk(here, greeting, refusal=refusal, draft=draft, status=422)
    say(_("Bewaard"))
    return redirect(url_for("site.area_edit", area=area), 303)


@blueprint.post("/desk/areas/<area>/news/<int:news>/archive")
@requires(Permission.EDIT_AREA)
def news_archive(area: str, news: int) -> ResponseReturnValue:
    """Take a message off."""
    archive_news(current_db(), current_identity(), area, news)
    say(_("Het bericht staat niet meer op de pagina."))
    return redirect(url_for("site.area_edit", area=area), 303)


@blueprint.post("/desk/areas/<area>/offers/<course>")
@requires(Permission.EDIT_AREA)
def offer_change(area: str, course: str) -> ResponseReturnValue:
    """Offer a course in this area, or take it out."""
    _own_area(area)
    db = current_db()
    found = get_course(db, course)
    if request.form.get("offered") == "yes":
        offer_course(db, found, area)
        say(_("De opleiding staat in het aanbod."))
    else:
        withdraw_offer(db, found, area)
        say(_("De opleiding staat niet meer in het aanbod."))
    return redirect(url_for("site.area_edit", area=area), 303)


def _show(area: str) -> Area:
    here = get_area(area)
    show_area(Place(here.slug, here.name, here.tint, here.icon))
    return here


def _own_area(area: str) -> Area:
    """The area, if she looks after it. Raises `NotFound` or `Forbidden`."""
    here = _show(area)
    current_identity().require(Permission.EDIT_AREA, Scope(area=area))
    return here


def _bare_greeting(area: Area) -> Greeting:
    return Greeting(
        _("Leren in %(area)s", area=area.name), _("Korte opleidingen. Deels op je gsm, deels samen."), "", "", ""
    )


def _show_desk(
    area: Area,
    greeting: Greeting,
    *,
    refusal: Refused | None = None,
    draft: dict[str, str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    db = current_db()
    return render(
        "site/area_desk.html",
        status,
        area=area,
        greeting=greeting,
        courses=list_courses_with_offer(db, area.slug),
        news=list_news(db, area.slug, limit=50),
        errors=refusal.fields if refusal else {},
        summary=str(refusal) if refusal else "",
        draft=draft or {},
    )
