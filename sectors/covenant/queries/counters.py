"""Each counter of a covenant: from the rows it needs to a figure that can be asked at any day. Pure over `Sources`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from courses.catalogue.formats import Outline, StepKind
from sectors.areas import all_areas
from sectors.covenant.formats import Combine, Counter, Only, Part
from sectors.covenant.formats.periods import Period
from sectors.covenant.queries.series import Seen, Series, Tally, distinct
from sectors.covenant.queries.sources import CourseFacts, HeldSession, LivePresence, Piece, Sources

WEBINAR = "webinar"


@dataclass(frozen=True, slots=True)
class Asked:
    """What a counter counts: one part of a commitment in one period. `labels`: of all periods of that part."""

    key: str
    part: Part
    period: Period
    labels: frozenset[str]
    counts_people: bool = False


def tally(sources: Sources, asked: Asked) -> Tally:
    """The figure of one part in one period, at any day."""
    return _COUNTERS[asked.part.counter](sources, asked)


# ---- participations --------------------------------------------------------------------------------------------------


def _participations(sources: Sources, asked: Asked) -> Tally:
    tag = f"{'people' if asked.counts_people else 'participations'} {asked.part.only}"
    rows = [row for row in sources.daily if row.tag == tag]
    if asked.part.only is Only.INTERSECTORAL:
        return Tally(Series((row.on, row.amount) for row in rows if row.year == asked.period.label))
    return Tally(Series((row.on, row.amount) for row in rows if row.on in asked.period))


def _people(sources: Sources, asked: Asked) -> Tally:
    return Tally(distinct(Seen(key, day) for key, day in sources.people(asked.part.mark) if day in asked.period))


def _evaluators(sources: Sources, asked: Asked) -> Tally:
    found = [row for row in sources.evaluators(asked.part.mark) if row.on in asked.period]
    if asked.part.each:
        return Tally(distinct(Seen(row.joint_committee or row.area, row.on) for row in found))
    return Tally(distinct(Seen(row.person_key, row.on) for row in found))


# ---- taught moments --------------------------------------------------------------------------------------------------


def held_sessions(sources: Sources, part: Part) -> Iterator[HeldSession]:
    """The meetings that count for a part: held, of a course with its mark, of its mode, with a step on each side."""
    courses = {course.id: course for course in sources.marked(part.mark)}
    for session in sources.sessions:
        course = courses.get(session.course_id)
        if course is None or not session.is_held or part.mode not in ("", session.mode):
            continue
        if not part.before_and_after or _has_both_sides(course.outline, session.step):
            yield session


def _has_both_sides(outline: Outline | None, step: str) -> bool:
    """Whether the course asks something of people before this meeting and after it."""
    ids = [it.id for it in outline.steps] if outline else []
    return step in ids and 0 < ids.index(step) < len(ids) - 1


def _sessions_held(sources: Sources, asked: Asked) -> Tally:
    sessions = held_sessions(sources, asked.part)
    return Tally(Series((session.on, 1) for session in sessions if session.on in asked.period))


def _delegates(sources: Sources, asked: Asked) -> Tally:
    return Tally(
        distinct(
            Seen(row.person_id, row.met_on)
            for row in sources.delegates
            if row.met_on in asked.period and not row.is_secretary
        )
    )


def _workplaces(sources: Sources, asked: Asked) -> Tally:
    return Tally(
        distinct(
            Seen((row.kbo, row.establishment), row.met_on)
            for row in sources.delegates
            if row.kbo is not None and row.met_on in asked.period and not row.is_secretary
        )
    )


def live_presences(sources: Sources, part: Part) -> Iterator[LivePresence]:
    """Who was live at a webinar with this mark for long enough; where nobody says how long, presence is enough."""
    for row in sources.present(part.mark):
        course = sources.courses[row.course_id]
        is_long_enough = row.minutes is None or row.minutes >= part.minimum_minutes
        if is_long_enough and _is_webinar(course, row.step):
            yield row


def _is_webinar(course: CourseFacts, step_id: str) -> bool:
    """Whether this step is taught online; a record that names no step is about the whole course."""
    step = course.outline.step(step_id) if course.outline else None
    return step is None or (step.session is not None and step.session.mode == WEBINAR)


def _live_attendees(sources: Sources, asked: Asked) -> Tally:
    return Tally(
        distinct(Seen(row.person_key, row.on) for row in live_presences(sources, asked.part) if row.on in asked.period)
    )


def held_tracks(sources: Sources, part: Part) -> Iterator[tuple[date, tuple[HeldSession, ...]]]:
    """Tracks of which every day was held: the first day with the first second day, and so on; dated on the last."""
    for course in sources.marked(part.mark):
        steps = [it.id for it in course.outline.steps if it.kind is StepKind.SESSION] if course.outline else []
        if len(steps) < 2:
            continue
        held = [
            [it for it in held_sessions(sources, part) if (it.course_id, it.step) == (course.id, step)]
            for step in steps
        ]
        for days in zip(*held, strict=False):
            yield max(day.on for day in days), days


def _tracks(sources: Sources, asked: Asked) -> Tally:
    return Tally(Series((on, 1) for on, _days in held_tracks(sources, asked.part) if on in asked.period))


def _seats_share(sources: Sources, asked: Asked) -> Tally:
    education = {area.slug for area in all_areas().values() if area.education}
    ids = {course.id for course in sources.marked(asked.part.mark)}
    places = [it for it in sources.sessions if it.course_id in ids and it.on in asked.period]
    return Tally(
        Series((it.on, it.seats) for it in places if it.area in education), Series((it.on, it.seats) for it in places)
    )


# ---- what exists -----------------------------------------------------------------------------------------------------


def _areas(sources: Sources, asked: Asked) -> Tally:
    wanted = {area.slug for area in all_areas().values() if area.education == (asked.part.only is Only.EDUCATION)}
    return Tally(
        distinct(
            Seen(area, opened_on, closed_on + timedelta(days=1) if closed_on else None)
            for area, opened_on, closed_on in sources.offers
            if area in wanted
        )
    )


def _accounts(sources: Sources, _asked: Asked) -> Tally:
    counts = list(zip(sources.days, sources.accounts, strict=True))
    steps = [(day, count - before) for (_earlier, before), (day, count) in pairwise(counts)]
    return Tally(Series([*counts[:1], *steps]))


def published_modules(sources: Sources, part: Part) -> Iterator[tuple[CourseFacts, str, str, date]]:
    """Modules of courses with this mark: course, step, title, and the day of the first version that holds it."""
    for course in sources.marked(part.mark):
        first: dict[str, tuple[str, date]] = {}
        for version in course.versions:
            for step in version.outline.steps:
                if step.kind is StepKind.MODULE:
                    first.setdefault(step.id, (step.title, version.published_on))
        for step_id, (title, on) in first.items():
            yield course, step_id, title, on


def _modules(sources: Sources, asked: Asked) -> Tally:
    return Tally(Series((on, 1) for *_rest, on in published_modules(sources, asked.part) if on in asked.period))


def tested_paths(sources: Sources, asked: Asked) -> Iterator[tuple[CourseFacts, Piece, date]]:
    """Published blended paths with what testers found: course, evidence, and the day from which both are there."""
    paths = {course.slug: course for course in sources.marked(asked.part.mark) if _is_blended(course.outline)}
    for piece in pieces(sources, asked):
        for slug in piece.items:
            if slug in paths:
                yield paths[slug], piece, max(piece.dated_on, paths[slug].versions[0].published_on)


def _is_blended(outline: Outline | None) -> bool:
    """Taught moments and steps on one's own, both."""
    kinds = {step.kind for step in outline.steps} if outline else set()
    return StepKind.SESSION in kinds and len(kinds) > 1


def _tested_paths(sources: Sources, asked: Asked) -> Tally:
    return Tally(
        distinct(
            Seen(course.slug, on, piece.withdrawn_on)
            for course, piece, on in tested_paths(sources, asked)
            if on in asked.period
        )
    )


# ---- what people enter -----------------------------------------------------------------------------------------------


def pieces(sources: Sources, asked: Asked, *items: str) -> list[Piece]:
    """The evidence of a commitment for this period, about one of these items (about anything, when none is named)."""
    return [
        piece
        for piece in sources.evidence
        if piece.key == asked.key and (not items or set(items) & set(piece.items)) and _is_for(piece, asked)
    ]


def _is_for(piece: Piece, asked: Asked) -> bool:
    """For the period it names; else for the one of its date."""
    if piece.period in asked.labels:
        return piece.period == asked.period.label
    return piece.dated_on in asked.period


def _amounts(found: Iterable[Piece]) -> Iterator[tuple[date, Decimal]]:
    """What each piece adds, and takes back when it is withdrawn."""
    for piece in found:
        yield piece.dated_on, piece.value or Decimal(0)
        if piece.withdrawn_on is not None:
            yield max(piece.withdrawn_on, piece.dated_on), -(piece.value or Decimal(0))


def _sightings(found: Iterable[Piece], keys: Callable[[Piece], Iterable[str]]) -> Iterator[Seen]:
    for piece in found:
        for key in keys(piece):
            until = max(piece.withdrawn_on, piece.dated_on) if piece.withdrawn_on else None
            yield Seen(key, piece.dated_on, until)


def _deliverables(sources: Sources, asked: Asked) -> Tally:
    found = pieces(sources, asked, *asked.part.items)
    return Tally(distinct(_sightings(found, lambda piece: set(piece.items) & set(asked.part.items))))


def _evidence_count(sources: Sources, asked: Asked) -> Tally:
    return Tally(distinct(_sightings(pieces(sources, asked, asked.part.item), lambda piece: [str(piece.uuid)])))


def _evidence_figure(sources: Sources, asked: Asked) -> Tally:
    found = pieces(sources, asked, asked.part.item)
    return Tally(Series(_amounts(found)) if asked.part.combine is Combine.SUM else _latest(found))


def _latest(found: Sequence[Piece]) -> Series:
    """The figure of the last piece that stands, day by day: unique visitors of two months cannot be added up."""
    days = sorted({piece.dated_on for piece in found} | {piece.withdrawn_on for piece in found if piece.withdrawn_on})
    additions = []
    before = Decimal(0)
    for day in days:
        standing = [it for it in found if it.stands_on(day)]
        value = (standing[-1].value or Decimal(0)) if standing else Decimal(0)
        additions.append((day, value - before))
        before = value
    return Series(additions)


def _evidence_ratio(sources: Sources, asked: Asked) -> Tally:
    return Tally(
        Series(_amounts(pieces(sources, asked, asked.part.item))),
        Series(_amounts(pieces(sources, asked, asked.part.of))),
    )


def _calls_informed(sources: Sources, asked: Asked) -> Tally:
    """Calls, by title, that have an information session of the same title."""
    calls = pieces(sources, asked, asked.part.of)
    informed = [
        Seen(_title(call), max(call.dated_on, session.dated_on), _earliest(call.withdrawn_on, session.withdrawn_on))
        for call in calls
        for session in pieces(sources, asked, asked.part.item)
        if _title(session) == _title(call)
    ]
    return Tally(distinct(informed), distinct(_sightings(calls, lambda piece: [_title(piece)])))


def _earliest(*days: date | None) -> date | None:
    return min((day for day in days if day is not None), default=None)


def _title(piece: Piece) -> str:
    return " ".join(piece.title.lower().split())


def _budget_share(sources: Sources, asked: Asked) -> Tally:
    offer = {course.slug: course for course in sources.courses.values() if course.is_intersectoral}
    innovative = {slug for slug, course in offer.items() if asked.part.mark in course.marks}
    found = [piece for piece in pieces(sources, asked) if set(piece.items) <= set(offer)]
    return Tally(Series(_amounts(piece for piece in found if set(piece.items) <= innovative)), Series(_amounts(found)))


_COUNTERS: dict[Counter, Callable[[Sources, Asked], Tally]] = {
    Counter.PARTICIPATIONS: _participations,
    Counter.PEOPLE: _people,
    Counter.EVALUATORS: _evaluators,
    Counter.SESSIONS_HELD: _sessions_held,
    Counter.DELEGATES: _delegates,
    Counter.WORKPLACES: _workplaces,
    Counter.LIVE_ATTENDEES: _live_attendees,
    Counter.TRACKS: _tracks,
    Counter.SEATS_SHARE: _seats_share,
    Counter.AREAS: _areas,
    Counter.ACCOUNTS: _accounts,
    Counter.MODULES: _modules,
    Counter.TESTED_PATHS: _tested_paths,
    Counter.DELIVERABLES: _deliverables,
    Counter.EVIDENCE_COUNT: _evidence_count,
    Counter.EVIDENCE_FIGURE: _evidence_figure,
    Counter.EVIDENCE_RATIO: _evidence_ratio,
    Counter.CALLS_INFORMED: _calls_informed,
    Counter.BUDGET_SHARE: _budget_share,
}
