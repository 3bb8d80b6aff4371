"""Statements as they arrive, for tests of the count: `said(person, "attended", course)`, then `tell(db, …)`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from uuid import uuid4

import msgspec
from sqlalchemy.orm import Session

from courses.catalogue.formats import Step
from courses.catalogue.models import Course, CourseVersion
from lms.accounts.models import Organisation, Person
from lms.kernel import clock
from sectors.covenant.services import project_statements
from tests.factories.courses import TOGETHER, WELCOME, make_course, make_outline
from xapi.statements.events import StatementsStored
from xapi.statements.services import store

IRI_BASE = "https://leerlabo.test/"
VERBS = "http://adlnet.gov/expapi/verbs/"
PUBLISHED = datetime(2023, 1, 2, 9, tzinfo=UTC)


def noon(day: date) -> datetime:
    """Eleven o'clock UTC on this day: noon or one o'clock in Brussels."""
    return datetime.combine(day, time(11), UTC)


def make_counted_course(
    db: Session,
    folder: Path,
    slug: str,
    *,
    intersectoral: bool = True,
    marks: tuple[str, ...] = (),
    steps: tuple[Step, ...] = (WELCOME, TOGETHER),
    published: datetime = PUBLISHED,
) -> Course:
    """A published course that was there before the covenant began."""
    outline = msgspec.structs.replace(
        make_outline(slug, title=slug.capitalize(), steps=steps), intersectoral=intersectoral, marks=marks
    )
    with clock.moved_to(published):
        course = make_course(db, folder, outline)
    assert db.get(CourseVersion, course.version_id) is not None
    return course


def said(
    actor: Person | str,
    verb: str,
    course: Course | str,
    *,
    at: datetime,
    step: str = "",
    duration: str = "",
) -> dict[str, Any]:
    """A statement about a course of ours, by a person of ours or (given a mail address) by somebody unknown."""
    slug = course if isinstance(course, str) else course.slug
    statement: dict[str, Any] = {
        "id": str(uuid4()),
        "actor": _actor(actor),
        "verb": {"id": f"{VERBS}{verb}"},
        "object": {"objectType": "Activity", "id": f"{IRI_BASE}activity/{slug}{'/' if step else ''}{step}"},
        "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }
    if duration:
        statement["result"] = {"duration": duration}
    return statement


def voiding(statement: dict[str, Any], *, at: datetime) -> dict[str, Any]:
    """A statement that takes another one back."""
    return {
        "id": str(uuid4()),
        "actor": {"account": {"homePage": IRI_BASE, "name": "leerlabo"}},
        "verb": {"id": f"{VERBS}voided"},
        "object": {"objectType": "StatementRef", "id": statement["id"]},
        "timestamp": at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
    }


def listen(db: Session) -> None:
    """Let the count follow what is stored in this session, as the platform does."""
    db.info["leerlabo.iri_base"] = IRI_BASE
    db.info["leerlabo.events"].subscribe(StatementsStored, project_statements)


def tell(
    db: Session,
    statements: Sequence[dict[str, Any]],
    *,
    area: str | None = "gezinszorg",
    organisation: Organisation | None = None,
) -> None:
    """Store statements about people of this area and employer."""
    store(db, statements, area=area, organisation=organisation.uuid if organisation else None)


def _actor(actor: Person | str) -> dict[str, Any]:
    if isinstance(actor, str):
        return {"mbox": f"mailto:{actor}"}
    return {"account": {"homePage": IRI_BASE, "name": str(actor.uuid)}}
