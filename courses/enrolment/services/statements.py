"""What a learner does, as xAPI statements: built here once, so that every door writes the same words.

The actor is an account of ours without name or mail. Area, organisation, course and platform stand in the context, the
enrolment's uuid is the registration. A statement is stored in the transaction of what it tells.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from courses.catalogue.formats import Step, StepKind
from courses.enrolment.queries import Learner
from lms.kernel import clock
from lms.kernel.i18n import current_language
from sectors.areas import find_area
from xapi.statements.services import store

PLATFORM = "Leerlabo"
PROGRESS = "https://w3id.org/xapi/cmi5/result/extensions/progress"
ADL_VERBS = "http://adlnet.gov/expapi/verbs/"
ADL_ACTIVITIES = "http://adlnet.gov/expapi/activities/"
IRI_BASE = "leerlabo.iri_base"
VOIDED = {"id": ADL_VERBS + "voided", "display": {"nl": "trok in", "en": "voided"}}


class Verb(Enum):
    """The verbs we say, each with its word in Dutch and English."""

    REGISTERED = ("registered", "schreef zich in", "registered")
    LAUNCHED = ("launched", "opende", "launched")
    INITIALIZED = ("initialized", "begon aan", "initialized")
    PROGRESSED = ("progressed", "ging verder in", "progressed")
    ANSWERED = ("answered", "beantwoordde", "answered")
    PASSED = ("passed", "slaagde voor", "passed")
    FAILED = ("failed", "slaagde niet voor", "failed")
    ATTENDED = ("attended", "was aanwezig op", "attended")
    COMPLETED = ("completed", "rondde af", "completed")

    @property
    def iri(self) -> str:
        """The identifier the standard's own list gives this verb."""
        return ADL_VERBS + self.value[0]

    def to_json(self) -> dict[str, Any]:
        """The verb as it stands in a statement."""
        return _VERBS[self]


_VERBS = {verb: {"id": verb.iri, "display": {"nl": verb.value[1], "en": verb.value[2]}} for verb in Verb}
_STEP_TYPES = {
    StepKind.MODULE: ADL_ACTIVITIES + "module",
    StepKind.FOLLOW_UP: ADL_ACTIVITIES + "module",
    StepKind.QUIZ: ADL_ACTIVITIES + "assessment",
    StepKind.SESSION: ADL_ACTIVITIES + "meeting",
    StepKind.ASSIGNMENT: ADL_ACTIVITIES + "performance",
}


def record(
    db: Session,
    learner: Learner,
    verb: Verb,
    *,
    step: Step | None = None,
    question: Mapping[str, Any] | None = None,
    result: Mapping[str, Any] | None = None,
    at: datetime | None = None,
    begins: bool = False,
) -> UUID:
    """Store that the learner did this with the course, with one of its steps, or with a question of that step.

    `question` is an Activity object without its `id` prefix: `{"id": "q1", "definition": {...}}`. `begins`: with this
    she opened the course and began it. Returns the statement's id.
    """
    statement = build(db.info[IRI_BASE], learner, verb, step=step, question=question, result=result, at=at)
    said = [*_beginning(db, learner), statement] if begins else [statement]
    return store(db, said, area=learner.area, organisation=learner.organisation_uuid)[-1]


def record_beginning(db: Session, learner: Learner) -> None:
    """Store that the learner opened the course and began it: two statements at once."""
    store(db, _beginning(db, learner), area=learner.area, organisation=learner.organisation_uuid)


def _beginning(db: Session, learner: Learner) -> list[dict[str, Any]]:
    return [build(db.info[IRI_BASE], learner, verb) for verb in (Verb.LAUNCHED, Verb.INITIALIZED)]


def build(
    iri_base: str,
    learner: Learner,
    verb: Verb,
    *,
    step: Step | None = None,
    question: Mapping[str, Any] | None = None,
    result: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> dict[str, Any]:
    """The statement as a dict in the order people read it: who did what with which, how it went, where."""
    statement: dict[str, Any] = {
        "actor": _actor(iri_base, learner.person_uuid),
        "verb": verb.to_json(),
        "object": _object(iri_base, learner, step, question),
    }
    if result:
        statement["result"] = dict(result)
    statement["context"] = _context(iri_base, learner, step, question)
    statement["timestamp"] = (at or clock.now()).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return statement


def void(db: Session, learner: Learner, statement_id: UUID, *, by: UUID | None = None) -> UUID:
    """Take back what a statement of this learner said (xAPI 2.3.2, Voiding). Returns the voiding statement's id.

    `by`: the uuid of the person who corrected it; without her the platform itself says so.
    """
    iri_base = db.info[IRI_BASE]
    statement = {
        "actor": _actor(iri_base, by or PLATFORM),
        "verb": VOIDED,
        "object": {"objectType": "StatementRef", "id": str(statement_id)},
        "context": {"platform": PLATFORM, "language": current_language()},
        "timestamp": clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    [voiding_id] = store(db, [statement], area=learner.area, organisation=learner.organisation_uuid)
    return voiding_id


def course_iri(iri_base: str, course: str, step: str = "", part: str = "") -> str:
    """`activity/<course>[/<step>[/<part>]]` below the IRI base, which never changes."""
    return "/".join(filter(None, (f"{iri_base}activity/{course}", step, part)))


def _actor(iri_base: str, name: UUID | str) -> dict[str, Any]:
    return {"objectType": "Agent", "account": {"homePage": iri_base, "name": str(name)}}


def _object(iri_base: str, learner: Learner, step: Step | None, question: Mapping[str, Any] | None) -> dict[str, Any]:
    if step is None:
        return _course(iri_base, learner)
    if question is None:
        return _step(iri_base, learner, step)
    return {
        "objectType": "Activity",
        "id": course_iri(iri_base, learner.course_slug, step.id, str(question["id"])),
        "definition": question["definition"],
    }


def _course(iri_base: str, learner: Learner) -> dict[str, Any]:
    return _activity(course_iri(iri_base, learner.course_slug), ADL_ACTIVITIES + "course", learner.course_title)


def _step(iri_base: str, learner: Learner, step: Step) -> dict[str, Any]:
    return _activity(course_iri(iri_base, learner.course_slug, step.id), _STEP_TYPES[step.kind], step.title)


def _activity(iri: str, kind: str, name: str) -> dict[str, Any]:
    return {"objectType": "Activity", "id": iri, "definition": {"type": kind, "name": {"nl": name}}}


def _context(iri_base: str, learner: Learner, step: Step | None, question: Mapping[str, Any] | None) -> dict[str, Any]:
    area = find_area(learner.area)
    grouping = [
        _activity(
            f"{iri_base}area/{learner.area}", ADL_ACTIVITIES + "profile", area.dutch_name if area else learner.area
        )
    ]
    if learner.organisation_uuid is not None:
        grouping.append({"objectType": "Activity", "id": f"{iri_base}organisation/{learner.organisation_uuid}"})
    activities: dict[str, Any] = {"grouping": grouping}
    if question is not None and step is not None:
        activities["parent"] = [_step(iri_base, learner, step)]
        grouping.insert(0, _course(iri_base, learner))
    elif step is not None:
        activities["parent"] = [_course(iri_base, learner)]
    return {
        "registration": str(learner.registration),
        "platform": PLATFORM,
        "language": current_language(),
        "contextActivities": activities,
    }
