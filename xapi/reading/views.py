"""The reading room: what was learnt in one's own areas, as sentences, and each statement as it is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from urllib.parse import urlencode
from uuid import UUID

from flask import Blueprint, Flask, Response, current_app, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.kernel.i18n import current_language
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Identity, Permission
from lms.kernel.web import current_db, current_identity, database, reading_db, render, requires, storage
from sectors.areas import area_choices, area_name, find_area
from xapi.reading import queries, services
from xapi.reading.formats import SENTENCES, pretty, verb_phrase, zip_pieces
from xapi.reading.queries import FoundPerson, Wanted

PAGE_SIZE = 50
AT_ONCE = 5_000  # statements that are sent while she waits: about a second
LONGEST = 300
YEARS = range(1990, 2100)  # what lies outside was typed by mistake, and has no midnight everywhere
KINDS = {"csv": "text/csv; charset=utf-8", "jsonl": "application/jsonl", "zip": "application/zip"}

ListActivities = Callable[[Session], list[tuple[str, str]]]

blueprint = Blueprint("reading", __name__, template_folder="templates")
guard = requires(Permission.SEE_STATEMENTS)


def install(app: Flask, list_activities: ListActivities) -> None:
    """Tell the reading room which activities to offer in its filter, as pairs of IRI and title."""
    app.extensions["list_activities"] = list_activities


@dataclass(frozen=True, slots=True)
class Asked:
    """The filter as it stands in the address. `person` is one person's uuid, `search` a name or address."""

    search: str
    person: UUID | None
    verb: str
    activity: str
    area: str
    since: date | None
    until: date | None

    def fields(self) -> dict[str, object]:
        """What is asked, by the name of its field."""
        return {name: value for name in self.__slots__ if (value := getattr(self, name))}

    def address(self, endpoint: str, **more: object) -> str:
        """A page with this filter."""
        query = urlencode({name: value for name, value in (self.fields() | more).items() if value})
        return f"{url_for(endpoint)}?{query}" if query else url_for(endpoint)


@blueprint.get("/desk/statements")
@guard
def statements() -> ResponseReturnValue:
    db, identity, asked = current_db(), current_identity(), _asked()
    people = _people(asked)
    kept = queries.list_kept(db, identity, _wanted(asked, people), before=_before(), limit=PAGE_SIZE + 1)
    told = queries.tell(db, kept[:PAGE_SIZE])
    older = asked.address("reading.statements", before=told[-1].kept.id) if len(kept) > PAGE_SIZE else ""
    return render(
        "reading/statements.html",
        asked=asked,
        told=told,
        person=queries.find_person(db, identity, asked.person) if asked.person else None,
        is_wide=len(people) > queries.MOST_PEOPLE,
        most=queries.MOST_PEOPLE,
        newest=asked.address("reading.statements") if _before() else "",
        older=older,
        verbs=_verbs(asked),
        activities=_activities(asked),
        areas=_areas(identity),
        area_name=area_name,
        fields=asked.fields(),
        address=asked.address,
    )


@blueprint.get("/desk/statements/<uuid:uuid>")
@guard
def statement(uuid: UUID) -> ResponseReturnValue:
    kept, keeping = queries.get_kept(current_db(), current_identity(), uuid)
    [told] = queries.tell(current_db(), [kept])
    return render(
        "reading/statement.html",
        told=told,
        kept=kept,
        keeping=keeping,
        area=area_name(kept.area),
        pretty=pretty(kept.payload),
    )


@blueprint.post("/desk/statements/exports")
@guard
def export_make() -> ResponseReturnValue:
    """A short list is sent at once; a long one is written by the worker, and its page says how far it is."""
    identity, asked = current_identity(), _asked()
    kind = request.form.get("kind", "")
    kind = kind if kind in KINDS else "csv"
    wanted = queries.until_now(reading_db(), _wanted(asked, _people(asked)))
    if queries.count_kept(reading_db(), identity, wanted, at_most=AT_ONCE + 1) > AT_ONCE:
        export = services.start_export(current_db(), identity, wanted, kind=kind, language=current_language())
        return redirect(url_for("reading.export", uuid=export.uuid), 303)
    pieces = queries.write_pieces(database(), identity, wanted, kind=kind, language=current_language())
    if kind == "zip":
        hashes = queries.list_hashes(database(), identity, wanted)
        pieces = zip_pieces(pieces, queries.read_files(storage(), hashes))
    return _download(pieces, kind)


@blueprint.get("/desk/statements/exports/<uuid:uuid>")
@guard
def export(uuid: UUID) -> ResponseReturnValue:
    return render("reading/export.html", export=queries.get_export(current_db(), current_identity(), uuid))


@blueprint.get("/desk/statements/exports/<uuid:uuid>/progress")
@guard
def export_progress(uuid: UUID) -> ResponseReturnValue:
    """How far it is: a part of the page, asked for every few seconds."""
    found = queries.get_export(current_db(), current_identity(), uuid)
    if "HX-Request" not in request.headers:
        return redirect(url_for("reading.export", uuid=uuid), 303)
    return render("reading/export_progress.html", export=found)


@blueprint.get("/desk/statements/exports/<uuid:uuid>/file")
@guard
def export_file(uuid: UUID) -> ResponseReturnValue:
    found = queries.get_export(current_db(), current_identity(), uuid)
    if found.finished_at is None:
        raise NotFound(f"export {uuid}")
    return _download(services.read_parts(storage(), found), found.kind)


def _download(pieces: Iterator[bytes], kind: str) -> Response:
    answer = Response(pieces, content_type=KINDS[kind])
    answer.headers.set("Content-Disposition", "attachment", filename=f"statements-{clock.today()}.{kind}")
    return answer


# ---- what the address asks -------------------------------------------------------------------------------------------


def _asked() -> Asked:
    given = request.values
    return Asked(
        search=_text("search"),
        person=_uuid(given.get("person", "")),
        verb=_text("verb"),
        activity=_text("activity"),
        area=_text("area") if find_area(_text("area")) else "",
        since=_day(given.get("since", "")),
        until=_day(given.get("until", "")),
    )


def _text(name: str) -> str:
    """What was typed, without what no database keeps."""
    return request.values.get(name, "").replace("\0", "").strip()[:LONGEST]


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None


def _before() -> int | None:
    """Where the page begins: below this number in the order of storing."""
    asked = request.args.get("before", "")
    return int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 19 else None


def _people(asked: Asked) -> list[FoundPerson]:
    return queries.find_people(reading_db(), current_identity(), asked.search) if asked.search else []


def _wanted(asked: Asked, people: list[FoundPerson]) -> Wanted:
    agents = None
    if asked.person is not None:
        agents = queries.identifiers_of(reading_db(), [asked.person])
    elif asked.search:
        uuids = [person.uuid for person in people[: queries.MOST_PEOPLE]]
        agents = queries.identifiers_of(reading_db(), uuids, address=asked.search)
    return Wanted(
        agents=agents,
        verb=asked.verb,
        activity=asked.activity,
        area=asked.area,
        since=_midnight(asked.since) if asked.since else None,
        until=_midnight(asked.until + timedelta(days=1)) if asked.until else None,
    )


def _midnight(day: date) -> datetime:
    return clock.from_local(datetime.combine(day, time()))


# ---- what the filter offers ------------------------------------------------------------------------------------------


def _verbs(asked: Asked) -> list[tuple[str, str]]:
    known = [("", _("Alles")), *((verb, verb_phrase(verb)) for verb in SENTENCES)]
    return known if not asked.verb or asked.verb in SENTENCES else [*known, (asked.verb, asked.verb)]


def _activities(asked: Asked) -> list[tuple[str, str]]:
    list_activities: ListActivities = current_app.extensions["list_activities"]
    known = list_activities(current_db())
    if asked.activity and asked.activity not in dict(known):
        known = [*known, (asked.activity, asked.activity)]
    return [("", _("Alle opleidingen")), *known]


def _areas(identity: Identity) -> list[tuple[str, str]]:
    """The areas to choose from; none when there is nothing to choose."""
    areas = area_choices(identity, Permission.SEE_STATEMENTS)
    return [("", _("Alle afdelingen")), *areas] if len(areas) > 1 else []
