"""Every figure a second time, in plain Python over whole tables and the record itself: slow, naive, independent.

It shares with the product only the covenant's file (targets, dates) and the tables others fill. It reads no milestones
and no participations: it makes them anew from the stored statements.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.formats import Outline, outline_from_json
from courses.catalogue.models import Course, CourseVersion, Offer
from courses.enrolment.models import Enrolment
from courses.progress.models import StepProgress
from courses.sessions.models import Attendance, Booking, CourseSession
from lms.accounts.models import Employment, Establishment, Organisation, Person
from sectors.covenant.models import Evidence
from tests.factories.covenant import IRI_BASE
from xapi.statements.models import Statement

BRUSSELS = ZoneInfo("Europe/Brussels")
YEARS = {"2023-2024": (date(2023, 7, 1), date(2024, 6, 30)), "2024-2025": (date(2024, 7, 1), date(2025, 6, 30))}
WHOLE = (date(2023, 7, 1), date(2025, 6, 30))
HALVES = {
    "2023-2": (date(2023, 7, 1), date(2023, 12, 31)),
    "2024-1": (date(2024, 1, 1), date(2024, 6, 30)),
    "2024-2": (date(2024, 7, 1), date(2024, 12, 31)),
    "2025-1": (date(2025, 1, 1), date(2025, 6, 30)),
}
CALENDAR = [
    ("2022", (date(2022, 1, 1), date(2022, 12, 31))),
    ("2023-1", (date(2023, 1, 1), date(2023, 6, 30))),
    ("2023-2", HALVES["2023-2"]),
    ("2024", (date(2024, 1, 1), date(2024, 12, 31))),
    ("2025-1", HALVES["2025-1"]),
    ("2025-2", (date(2025, 7, 1), date(2025, 12, 31))),
    ("2026", (date(2026, 1, 1), date(2026, 12, 31))),
]
SECRETARY = "vakbondssecretaris"


def day_of(moment: datetime) -> date:
    return moment.astimezone(BRUSSELS).date()


def inside(day: date, span: tuple[date, date]) -> bool:
    return span[0] <= day <= span[1]


class Oracle:
    """The whole database in lists, and a method for each commitment."""

    def __init__(self, db: Session, cut_off: date) -> None:
        self.cut_off = cut_off
        self.courses = {course.id: course for course in db.scalars(sa.select(Course))}
        self.by_slug = {course.slug: course for course in self.courses.values()}
        self.outlines: dict[int, Outline] = {}
        for version in db.scalars(sa.select(CourseVersion).order_by(CourseVersion.number)):
            self.outlines[version.course_id] = outline_from_json(version.outline)
        self.sessions = [it for it in db.scalars(sa.select(CourseSession)) if it.cancelled_at is None]
        self.bookings = {it.id: it for it in db.scalars(sa.select(Booking))}
        self.attendances = [it for it in db.scalars(sa.select(Attendance)) if it.presence == "present"]
        self.evidence = list(db.scalars(sa.select(Evidence).order_by(Evidence.dated_on, Evidence.id)))
        self.people = list(db.scalars(sa.select(Person)))
        self.offers = list(db.scalars(sa.select(Offer)))
        self.employments = list(db.scalars(sa.select(Employment)))
        self.establishments = {it.id: it for it in db.scalars(sa.select(Establishment))}
        self.organisations = {it.id: it for it in db.scalars(sa.select(Organisation))}
        self.enrolments = list(db.scalars(sa.select(Enrolment)))
        self.steps = list(db.scalars(sa.select(StepProgress)))
        self.facts = self._read_record(db)

    def _read_record(self, db: Session) -> list[tuple[str, str, str, datetime, str, dict[str, Any]]]:
        """(person, verb, course, when, area, statement) of what was not voided."""
        rows = list(db.scalars(sa.select(Statement)))
        voided = {str(row.target) for row in rows if row.verb.endswith("/voided")}
        found = []
        for row in rows:
            statement = orjson.loads(row.payload)
            iri = statement["object"].get("id", "")
            if statement["id"] in voided or not iri.startswith(f"{IRI_BASE}activity/"):
                continue
            path = iri.removeprefix(f"{IRI_BASE}activity/").split("/")
            verb = row.verb.rsplit("/", 1)[1]
            if path[0] not in self.by_slug or (verb == "completed" and len(path) > 1):
                continue
            actor = statement["actor"]
            person = actor["account"]["name"] if "account" in actor else actor["mbox"].lower()
            moment = datetime.fromisoformat(statement["timestamp"]).astimezone(UTC)
            found.append((person, verb, path[0], moment, row.area or "", statement))
        return sorted(found, key=lambda fact: (fact[3], fact[5]["id"]))

    def marked(self, mark: str) -> set[int]:
        return {course.id for course in self.courses.values() if mark in course.marks}

    def held(self, mark: str, span: tuple[date, date], mode: str = "") -> list[CourseSession]:
        return [
            it
            for it in self.sessions
            if it.course_id in self.marked(mark)
            and it.held_at is not None
            and mode in ("", it.mode)
            and inside(day_of(it.starts_at), span)
            and day_of(it.starts_at) <= self.cut_off
        ]

    # ---- participations ----------------------------------------------------------------------------------------------

    def participations(self, spans: Iterable[tuple[str, tuple[date, date]]]) -> list[dict[str, Any]]:
        """One for each person, course and year in which she began or was there; tests are nobody."""
        years = dict(spans)
        tests = {str(person.uuid) for person in self.people if person.is_test}
        by_pair = defaultdict(list)
        for person, verb, course, moment, area, _statement in self.facts:
            if verb in ("initialized", "attended", "completed") and person not in tests:
                by_pair[person, course].append((verb, day_of(moment), area))
        found = []
        for (person, course), facts in by_pair.items():
            begun = {
                label: [fact for fact in facts if fact[0] != "completed" and inside(fact[1], span)]
                for label, span in years.items()
            }
            filled = [label for label in years if begun[label]]
            for label in filled:
                following = [years[other][0] for other in filled if years[other][0] > years[label][0]]
                end = min(following) - timedelta(days=1) if following else date.max
                done = [fact[1] for fact in facts if fact[0] == "completed" and years[label][0] <= fact[1] <= end]
                attended = [fact[1] for fact in begun[label] if fact[0] == "attended"]
                found.append(
                    {
                        "person": person,
                        "course": course,
                        "year": label,
                        "area": begun[label][0][2],
                        "started": begun[label][0][1],
                        "counted": self._counted(course, attended, done),
                        "completed": min(done, default=None),
                    }
                )
        return found

    def _counted(self, course: str, attended: list[date], done: list[date]) -> date | None:
        outline = self.outlines[self.by_slug[course].id]
        if not outline.intersectoral:
            return None
        is_online = all(step.kind != "session" for step in outline.steps)
        return min([*attended, *(done if is_online else [])], default=None)

    def all_years(self) -> list[tuple[str, tuple[date, date]]]:
        return [(f"{year}-{year + 1}", (date(year, 7, 1), date(year + 1, 6, 30))) for year in range(2022, 2028)]

    def rv3(self, label: str, *, people: bool = False) -> int:
        counted = [
            it
            for it in self.participations(self.all_years())
            if it["year"] == label and it["counted"] is not None and it["counted"] <= self.cut_off
        ]
        return len({it["person"] for it in counted}) if people else len(counted)

    def rv3_calendar(self, label: str) -> int:
        """In a calendar year, or in the half of one that the covenant holds."""
        counted = [
            it
            for it in self.participations(CALENDAR)
            if it["year"] == label and it["counted"] is not None and it["counted"] <= self.cut_off
        ]
        return len(counted)

    def education(self, *, people: bool = False) -> int:
        span = (date(2023, 7, 1), min(date(2025, 12, 31), self.cut_off))
        counted = [
            it
            for it in self.participations(self.all_years())
            if it["area"] == "onderwijs" and inside(it["started"], span)
        ]
        return len({it["person"] for it in counted}) if people else len(counted)

    def network(self) -> int:
        span = (WHOLE[0], min(WHOLE[1], self.cut_off))
        return len(
            {
                it["person"]
                for it in self.participations(self.all_years())
                if "network-331" in self.by_slug[it["course"]].marks and inside(it["started"], span)
            }
        )

    def evaluators(self) -> set[tuple[str, str]]:
        """Person and committee of who completed a digicoach course and its follow-up."""
        uuids = {person.id: str(person.uuid) for person in self.people}
        follow_ups = {
            (uuids[enrolment.person_id], enrolment.course_id): day_of(step.completed_at)
            for step in self.steps
            for enrolment in self.enrolments
            if step.enrolment_id == enrolment.id and step.step == "terugblik" and step.completed_at
        }
        found = set()
        for it in self.participations(self.all_years()):
            course = self.by_slug[it["course"]]
            evaluated = follow_ups.get((it["person"], course.id))
            if "digicoach" in course.marks and it["completed"] and evaluated:
                day = max(it["completed"], evaluated)
                if inside(day, WHOLE) and day <= self.cut_off:
                    found.add((it["person"], it["area"]))
        return found

    # ---- meetings ----------------------------------------------------------------------------------------------------

    def present(self, span: tuple[date, date]) -> list[tuple[int, date, list[Employment]]]:
        """Delegates at meetings: person, day, and where she worked that day."""
        sessions = {it.id: it for it in self.held("delegates-meeting", span)}
        found = []
        for attendance in self.attendances:
            booking = self.bookings[attendance.booking_id]
            session = sessions.get(booking.session_id)
            if session is not None:
                day = day_of(session.starts_at)
                jobs = [
                    job
                    for job in self.employments
                    if job.person_id == booking.person_id
                    and job.started_on <= day
                    and (job.ended_on is None or job.ended_on >= day)
                ]
                if not any(job.job_title.lower() == SECRETARY for job in jobs):
                    found.append((booking.person_id, day, jobs))
        return found

    def workplaces(self, span: tuple[date, date]) -> int:
        places = set()
        for _person, _day, jobs in self.present(span):
            for job in jobs:
                establishment = self.establishments.get(job.establishment_id or 0)
                kbo = self.organisations[job.organisation_id].kbo
                places.add((kbo, establishment.number if establishment else None))
        return len(places)

    def live(self, span: tuple[date, date]) -> int:
        return len(
            {
                person
                for person, verb, course, moment, _area, _statement in self.facts
                if verb == "attended"
                and "ld-webinar" in self.by_slug[course].marks
                and inside(day_of(moment), span)
                and day_of(moment) <= self.cut_off
            }
        )

    def both_sides(self) -> int:
        return sum(it.step == "samen" for it in self.held("maatwerk-online", WHOLE, "webinar"))

    def tracks(self, span: tuple[date, date]) -> int:
        ends = []
        for course_id in self.marked("track"):
            days = [
                sorted(
                    day_of(it.starts_at)
                    for it in self.sessions
                    if it.course_id == course_id and it.step == step and it.held_at
                )
                for step in ("samen", "dag-2")
            ]
            ends += [max(pair) for pair in zip(*days, strict=False)]
        return sum(inside(day, span) and day <= self.cut_off for day in ends)

    def seats_share(self) -> Decimal | None:
        span = (date(2023, 7, 1), min(date(2025, 12, 31), self.cut_off))
        seats = [
            it for it in self.sessions if it.course_id in self.marked("ziedet") and inside(day_of(it.starts_at), span)
        ]
        return share(sum(it.seats for it in seats if it.area == "onderwijs"), sum(it.seats for it in seats))

    # ---- what exists -------------------------------------------------------------------------------------------------

    def areas(self, *, education: bool) -> int:
        return len(
            {
                offer.area
                for offer in self.offers
                if (offer.area == "onderwijs") is education
                and offer.opened_on <= self.cut_off
                and (offer.closed_on is None or offer.closed_on >= self.cut_off)
            }
        )

    def users(self) -> int:
        return sum(
            not person.is_test
            and day_of(person.created_at) <= self.cut_off
            and (person.blocked_at is None or day_of(person.blocked_at) > self.cut_off)
            and (person.erased_at is None or day_of(person.erased_at) > self.cut_off)
            for person in self.people
        )

    # ---- evidence ----------------------------------------------------------------------------------------------------

    def pieces(self, key: str, span: tuple[date, date], *items: str) -> list[Evidence]:
        return [
            it
            for it in self.evidence
            if it.key == key
            and inside(it.dated_on, span)
            and it.dated_on <= self.cut_off
            and (it.withdrawn_at is None or max(day_of(it.withdrawn_at), it.dated_on) > self.cut_off)
            and (not items or set(items) & set(it.items))
        ]

    def total(self, key: str, span: tuple[date, date], item: str) -> Decimal:
        return sum((it.value or Decimal(0) for it in self.pieces(key, span, item)), Decimal(0))

    def latest(self, key: str, span: tuple[date, date], item: str) -> Decimal:
        found = self.pieces(key, span, item)
        return (found[-1].value or Decimal(0)) if found else Decimal(0)

    def budget(self, span: tuple[date, date]) -> Decimal | None:
        found = [it for it in self.pieces("in-innovation", span) if self.by_slug[it.items[0]].is_intersectoral]
        new = [it for it in found if "innovative" in self.by_slug[it.items[0]].marks]
        return share(sum(it.value or 0 for it in new), sum(it.value or 0 for it in found))

    def calls(self) -> Decimal | None:
        calls = {it.title.lower() for it in self.pieces("in-trajectories", WHOLE, "oproep")}
        told = {it.title.lower() for it in self.pieces("in-trajectories", WHOLE, "infosessie")}
        return share(len(calls & told), len(calls))

    def paths(self) -> int:
        span = (date(2023, 7, 1), date(2024, 12, 31))
        return len({slug for it in self.pieces("in-paths", span) for slug in it.items if slug == "pad-a"})


def share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    return None if whole <= 0 else Decimal(int(Decimal(1000) * part / whole)) / 10


def all_figures(oracle: Oracle) -> dict[tuple[str, str, str], Decimal | int | None]:
    """Every part of every commitment in every period."""
    found: dict[tuple[str, str, str], Decimal | int | None] = {
        ("rv1a", "bijeenkomsten", "2023-2025"): len(oracle.held("delegates-meeting", WHOLE)),
        ("rv1b", "afgevaardigden", "2023-2025"): len({person for person, *_rest in oracle.present(WHOLE)}),
        ("rv2", "onderdelen", "2023-2025"): len({item for it in oracle.pieces("rv2", WHOLE) for item in it.items}),
        ("in-areas", "sectoren", "2023-2025"): oracle.areas(education=False),
        ("in-areas", "onderwijs", "2023-2025"): oracle.areas(education=True),
        ("in-users", "gebruikers", "2023-2025"): oracle.users(),
        ("in-network", "leden", "2023-2025"): oracle.network(),
        ("in-maatwerk", "sessies", "2023-2025"): oracle.both_sides(),
        ("in-paths", "trajecten", "2023-07-01/2024-12-31"): oracle.paths(),
        ("in-digicoach", "mensen", "2023-2025"): len({person for person, _area in oracle.evaluators()}),
        ("in-admin", "modules", "2023-2025"): 0,  # published before the covenant began
        ("in-education", "deelnames", "2023-07-01/2025-12-31"): oracle.education(),
        ("in-education", "ziedet", "2023-07-01/2025-12-31"): oracle.seats_share(),
        ("in-trainers", "initiatieven", "2023-2025"): len(oracle.pieces("in-trainers", WHOLE, "initiatief")),
        ("in-visitors", "waardevolwerk", "2023-2025"): oracle.latest("in-visitors", WHOLE, "waardevolwerk"),
        ("in-trajectories", "infosessies", "2023-2025"): oracle.calls(),
        ("in-trajectories", "zorg", "2023-07-01/2024-12-31"): oracle.total(
            "in-trajectories", (WHOLE[0], date(2024, 12, 31)), "zorg"
        ),
    }
    for label, span in YEARS.items():
        found |= {
            ("rv1c", "werkvloeren", label): oracle.workplaces(span),
            ("rv1d", "deelnemers", label): oracle.live(span),
            ("rv1d", "webinars", label): len(oracle.held("ld-webinar", span, "webinar")),
            ("rv3", "deelnames", label): oracle.rv3(label),
            ("in-innovation", "aandeel", label): oracle.budget(span),
            ("in-tracks", "trajecten", label): oracle.tracks(span),
            ("in-tracks", "verdieping", label): len(oracle.held("deepening", span)),
            ("in-staff", "initiatieven", label): len(oracle.pieces("in-staff", span, "initiatief")),
        }
        for item in ("3030", "hogerop", "kinderopvang", "persoonsbegeleider"):
            found["in-trajectories", item, label] = oracle.total("in-trajectories", span, item)
    for label, span in HALVES.items():
        found["in-goesting", "sessies", label] = len(oracle.held("goesting", span))
        found["in-visitors", "praktijkverhalen", label] = len(oracle.pieces("in-visitors", span, "praktijkverhaal"))
    for year in (2024, 2025):
        span = (date(year, 1, 1), date(year, 12, 31))
        found["in-visitors", "care-er", str(year)] = oracle.latest("in-visitors", span, "care-er")
    for label, span in {
        "2023-2024": (date(2023, 9, 1), date(2024, 8, 31)),
        "2024-2025": (date(2024, 9, 1), date(2025, 6, 30)),
    }.items():
        matched, asked = (oracle.total("in-stage", span, item) for item in ("gevonden", "gevraagd"))
        found["in-stage", "stageplaatsen", label] = share(matched, asked)
    return found
