"""Rows that are few: meetings, delegates, workplaces, evidence, areas, modules; from the same sources as figures."""

from __future__ import annotations

from collections import Counter as Tallied
from collections.abc import Callable, Iterable, Iterator
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.models import Course
from lms.accounts.formats.numbers import spell_number
from lms.accounts.models import Organisation, Person
from lms.kernel.i18n import format_number, ngettext
from lms.kernel.i18n import gettext as _
from sectors.areas import all_areas
from sectors.covenant.formats import Counter, Only
from sectors.covenant.models import Participation
from sectors.covenant.queries.counters import (
    Asked,
    held_sessions,
    held_tracks,
    live_presences,
    pieces,
    published_modules,
    tested_paths,
)
from sectors.covenant.queries.rows import (
    Row,
    RowFilter,
    RowPage,
    Wanted,
    full_name,
    is_participations,
    list_accounts,
    list_participations,
    name_for,
    page_of,
)
from sectors.covenant.queries.sources import CourseFacts, Delegate, HeldSession, LivePresence, Piece, Sources
from sectors.covenant.queries.words import items_in_words


def list_rows(db: Session, wanted: Wanted, given: RowFilter) -> RowPage:
    """A page of the rows behind one part of a commitment."""
    sources = Sources(db, wanted.covenant, [wanted.cut_off])
    if is_participations(wanted.part):
        ids = [course.id for course in sources.marked(wanted.part.mark)] if wanted.part.mark else None
        return list_participations(db, wanted, given, ids)
    if wanted.part.counter is Counter.ACCOUNTS:
        return list_accounts(db, wanted, given)
    return page_of(_ROWS[wanted.part.counter](db, sources, wanted), given)


def _session_row(session: HeldSession, sources: Sources, evidence: str = "") -> Row:
    return Row(
        id=f"s{session.id}",
        on=session.on,
        name=session.title,
        area=session.area or "",
        course=sources.courses[session.course_id].title,
        evidence=evidence or _("Sessie ging door"),
    )


def _sessions(_db: Session, sources: Sources, wanted: Wanted) -> Iterator[Row]:
    for session in held_sessions(sources, wanted.part):
        if wanted.holds(session.on):
            yield _session_row(session, sources)


def _tracks(_db: Session, sources: Sources, wanted: Wanted) -> Iterator[Row]:
    for on, days in held_tracks(sources, wanted.part):
        if wanted.holds(on):
            yield _session_row(days[-1], sources, _("Beide dagen gingen door"))


def _seats(_db: Session, sources: Sources, wanted: Wanted) -> Iterator[Row]:
    ids = {course.id for course in sources.marked(wanted.part.mark)}
    for session in sources.sessions:
        if session.course_id in ids and wanted.holds(session.on):
            words = ngettext("%(n)s plaats", "%(n)s plaatsen", session.seats)
            yield _session_row(session, sources, words)


def _delegates(db: Session, sources: Sources, wanted: Wanted) -> Iterator[Row]:
    """One row a delegate, with how often she came. Secretaries stand in the list of the meeting, not here."""
    found: dict[int, Delegate] = {}
    for row in _present_delegates(sources, wanted):
        found.setdefault(row.booking_id, row)
    times = Tallied(row.person_id for row in found.values())
    people, organisations = _people(db, times), _organisations(db, found.values())
    first: dict[int, Delegate] = {}
    for row in found.values():
        first.setdefault(row.person_id, row)
    for row in first.values():
        organisation, area, committee = organisations.get(row.organisation_id or 0, ("", "", ""))
        yield Row(
            id=f"b{row.booking_id}",
            on=row.met_on,
            name=name_for(wanted.identity, area, people.get(row.person_id, ""), organisation),
            organisation=organisation,
            joint_committee=committee,
            area=area,
            evidence=ngettext("%(n)s keer aanwezig", "%(n)s keer aanwezig", times[row.person_id]),
        )


def _workplaces(db: Session, sources: Sources, wanted: Wanted) -> Iterator[Row]:
    """One row a workplace and year, by the first delegate who stood for it."""
    organisations = _organisations(db, sources.delegates)
    seen: set[tuple[str, str | None, str | None]] = set()
    for row in _present_delegates(sources, wanted):
        period = next(period.label for period in wanted.periods if row.met_on in period)
        if row.kbo is None or (period, row.kbo, row.establishment) in seen:
            continue
        seen.add((period, row.kbo, row.establishment))
        name, area, committee = organisations.get(row.organisation_id or 0, ("", "", ""))
        number = spell_number(row.establishment) if row.establishment else _("geen vestigingsnummer")
        yield Row(
            id=f"b{row.booking_id}",
            on=row.met_on,
            name=name,
            organisation=f"{spell_number(row.kbo)} – {number}",
            joint_committee=committee,
            area=area,
            evidence=_("Afgevaardigde aanwezig"),
        )


def _present_delegates(sources: Sources, wanted: Wanted) -> list[Delegate]:
    return [row for row in sources.delegates if wanted.holds(row.met_on) and not row.is_secretary]


def _live(db: Session, sources: Sources, wanted: Wanted) -> Iterator[Row]:
    """One row a person and year, by the first webinar at which she was."""
    found = [row for row in live_presences(sources, wanted.part) if wanted.holds(row.on)]
    people = _people(db, (row.person_id for row in found if row.person_id is not None))
    organisations = _organisations(db, found)
    seen = set()
    for row in found:
        key = (next(period.label for period in wanted.periods if row.on in period), row.person_key)
        if key in seen:
            continue
        seen.add(key)
        organisation, _area, committee = organisations.get(row.organisation_id or 0, ("", "", ""))
        yield Row(
            id=f"m{row.statement_id}",
            on=row.on,
            name=name_for(wanted.identity, row.area, people.get(row.person_id or 0, ""), organisation),
            organisation=organisation,
            joint_committee=committee,
            area=row.area,
            course=sources.courses[row.course_id].title,
            evidence=_("Live aanwezig"),
        )


def _evaluators(db: Session, sources: Sources, wanted: Wanted) -> Iterator[Row]:
    found = {row.person_key: row for row in sources.evaluators(wanted.part.mark) if wanted.holds(row.on)}
    names = _participants(db, [row.participation_id for row in found.values()])
    for row in found.values():
        name, organisation, course = names[row.participation_id]
        yield Row(
            id=f"p{row.participation_id}",
            on=row.on,
            name=name_for(wanted.identity, row.area, name, organisation),
            organisation=organisation,
            joint_committee=row.joint_committee,
            area=row.area,
            course=course,
            evidence=_("Klaar en beoordeeld"),
        )


def _areas(_db: Session, sources: Sources, wanted: Wanted) -> Iterator[Row]:
    first: dict[str, date] = {}
    for slug, opened_on, closed_on in sources.offers:
        if opened_on <= wanted.cut_off and (closed_on is None or closed_on >= wanted.cut_off):
            first[slug] = min(first.get(slug, opened_on), opened_on)
    for slug, area in all_areas().items():
        if slug in first and area.education == (wanted.part.only is Only.EDUCATION):
            yield Row(f"a{slug}", first[slug], area.name, f"/{slug}/", area.joint_committee, slug, evidence=_("Open"))


def _modules(_db: Session, sources: Sources, wanted: Wanted) -> Iterator[Row]:
    for course, step, title, on in published_modules(sources, wanted.part):
        if wanted.holds(on):
            yield Row(f"c{course.slug}/{step}", on, title, course=course.title, evidence=_("Gepubliceerd"))


def _paths(_db: Session, sources: Sources, wanted: Wanted) -> Iterator[Row]:
    for asked in _asked(wanted):
        for course, piece, on in tested_paths(sources, asked):
            if wanted.holds(on) and piece.stands_on(wanted.cut_off):
                yield _piece_row(piece, course.title)


def _evidence(_db: Session, sources: Sources, wanted: Wanted) -> Iterator[Row]:
    names = items_in_words(wanted.commitment.items) | {it.slug: it.title for it in _named(sources, wanted)}
    items = [*wanted.part.items, *filter(None, (wanted.part.item, wanted.part.of))]
    for asked in _asked(wanted):
        for piece in pieces(sources, asked, *items):
            if piece.stands_on(wanted.cut_off):
                yield _piece_row(piece, ", ".join(names.get(item, item) for item in piece.items))


def _named(sources: Sources, wanted: Wanted) -> Iterable[CourseFacts]:
    return sources.courses.values() if wanted.part.counter is Counter.BUDGET_SHARE else ()


def _asked(wanted: Wanted) -> Iterator[Asked]:
    for period in wanted.periods:
        yield Asked(wanted.commitment.key, wanted.part, period, wanted.labels)


def _piece_row(piece: Piece, about: str) -> Row:
    figure = format_number(piece.value.normalize()) if piece.value is not None else ""
    return Row(
        f"e{piece.uuid}",
        piece.dated_on,
        piece.title,
        course=about,
        evidence=piece.file_name or piece.note,
        figure=figure,
    )


def _people(db: Session, person_ids: Iterable[int]) -> dict[int, str]:
    rows = db.execute(
        sa.select(Person.id, Person.first_name, Person.last_name, Person.erased_at).where(
            Person.id.in_(sorted(set(person_ids)))
        )
    )
    return {row.id: full_name(row.first_name, row.last_name, erased=row.erased_at is not None) for row in rows}


def _organisations(db: Session, rows: Iterable[Delegate | LivePresence]) -> dict[int, tuple[str, str, str]]:
    """Name, area and joint committee of the organisations these rows name."""
    ids = sorted({row.organisation_id for row in rows if row.organisation_id is not None})
    found = db.execute(
        sa.select(Organisation.id, Organisation.name, Organisation.area, Organisation.joint_committee).where(
            Organisation.id.in_(ids)
        )
    )
    return {organisation_id: (name, area, committee) for organisation_id, name, area, committee in found}


def _participants(db: Session, ids: Iterable[int]) -> dict[int, tuple[str, str, str]]:
    """Name, organisation and course of participations."""
    rows = db.execute(
        sa.select(
            Participation.id,
            Person.first_name,
            Person.last_name,
            Person.erased_at,
            sa.func.coalesce(Organisation.name, ""),
            Course.title,
        )
        .join(Course, Course.id == Participation.course_id)
        .outerjoin(Person, Person.id == Participation.person_id)
        .outerjoin(Organisation, Organisation.id == Participation.organisation_id)
        .where(Participation.id.in_(sorted(ids)))
    )
    return {row[0]: (full_name(row[1], row[2], erased=row[3] is not None), row[4], row[5]) for row in rows}


_ROWS: dict[Counter, Callable[[Session, Sources, Wanted], Iterable[Row]]] = {
    Counter.SESSIONS_HELD: _sessions,
    Counter.TRACKS: _tracks,
    Counter.SEATS_SHARE: _seats,
    Counter.DELEGATES: _delegates,
    Counter.WORKPLACES: _workplaces,
    Counter.LIVE_ATTENDEES: _live,
    Counter.EVALUATORS: _evaluators,
    Counter.AREAS: _areas,
    Counter.MODULES: _modules,
    Counter.TESTED_PATHS: _paths,
    Counter.DELIVERABLES: _evidence,
    Counter.EVIDENCE_COUNT: _evidence,
    Counter.EVIDENCE_FIGURE: _evidence,
    Counter.EVIDENCE_RATIO: _evidence,
    Counter.CALLS_INFORMED: _evidence,
    Counter.BUDGET_SHARE: _evidence,
}
