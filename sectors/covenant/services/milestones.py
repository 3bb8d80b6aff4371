"""Statements that matter to a participation, kept one row each, whichever door they came through."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from courses.catalogue.models import Course
from courses.enrolment.models import Enrolment
from lms.accounts.models import JoinedPerson, Organisation, Person
from lms.kernel.db import INSERTS, connection_of
from lms.kernel.prepared import Prepared
from sectors.covenant.formats.projection import MilestoneKind
from sectors.covenant.models import Milestone
from xapi.standard.actor import ifi_of
from xapi.statements.events import StoredStatement
from xapi.statements.models import key_of

Pair = tuple[UUID, int]  # a person's key and a course's id

_ADL = "http://adlnet.gov/expapi/verbs/"
KINDS = {
    f"{_ADL}initialized": MilestoneKind.BEGUN,
    f"{_ADL}attended": MilestoneKind.ATTENDED,
    f"{_ADL}completed": MilestoneKind.COMPLETED,
}
_SLUG_LENGTH = 60
_STEP_LENGTH = 200
_TOO_MANY_MINUTES = 2**31  # for the column; some 4,000 years
_DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?")


def course_and_step(iri_base: str, iri: str | None) -> tuple[str, str]:
    """The slug of the course and what follows it, from `activity/<course>[/<step>…]`; empty when it is not ours."""
    prefix = f"{iri_base}activity/"
    if iri is None or not iri.startswith(prefix):
        return "", ""
    slug, _slash, step = iri.removeprefix(prefix).partition("/")
    return (slug, step[:_STEP_LENGTH]) if len(slug) <= _SLUG_LENGTH else ("", "")


def is_milestone(statement: StoredStatement, iri_base: str) -> bool:
    """Whether a statement can change a participation. Decided without the database: most statements cannot."""
    kind = KINDS.get(statement.verb)
    if kind is None or statement.statement["actor"].get("objectType") == "Group":
        return False
    slug, step = course_and_step(iri_base, statement.object_iri)
    if kind is MilestoneKind.COMPLETED and (step or statement.completion is False):
        return False
    return bool(slug)


def keep_milestones(db: Session, statements: Sequence[StoredStatement], iri_base: str) -> set[Pair]:
    """Keep those that are new; returns whose participations may change. Repeats change nothing."""
    if not statements:
        return set()
    connection = connection_of(db)
    insert = _INSERT[connection.dialect.name]
    touched = set()
    for statement in statements:
        row = _row(db, statement, iri_base)
        if row is not None and connection.execute(insert, row).first() is not None:
            touched.add((row["person_key"], row["course_id"]))
    return touched


def void_milestones(db: Session, statement_ids: Iterable[UUID]) -> set[Pair]:
    """Take statements back, also those that are still to come; returns whose participations may change."""
    ids = sorted(set(statement_ids))
    if not ids:
        return set()
    connection = connection_of(db)
    void = _VOID[connection.dialect.name]
    rows = [connection.execute(void, {"statement_id": uuid, "kind": MilestoneKind.VOIDED}).one() for uuid in ids]
    return {(key, course) for key, course in rows if key is not None and course is not None}


def move_milestones(db: Session) -> set[Pair]:
    """Let what people who were joined did count for the accounts they have; returns whose participations change."""
    into = aliased(Person)
    joined = (
        sa.select(Person.uuid.label("was"), into.uuid.label("now"), into.id.label("into_id"), Milestone.course_id)
        .join(JoinedPerson, _joined)
        .join(into, into.id == JoinedPerson.into_id)
        .join(Milestone, Milestone.person_key == Person.uuid)
        .distinct()
    )
    touched: set[Pair] = set()
    for was, now, into_id, course_id in db.execute(joined).all():
        hers = sa.update(Milestone).where(Milestone.person_key == was, Milestone.course_id == course_id)
        db.execute(hers.values(person_key=now, person_id=into_id).execution_options(synchronize_session=False))
        if course_id is not None:
            touched |= {(was, course_id), (now, course_id)}
    return touched


# Built once: composing them costs more than running them.
_milestone: Any = Milestone.__table__
_VOID = {
    name: insert(_milestone)
    .on_conflict_do_update(index_elements=["statement_id"], set_={"kind": MilestoneKind.VOIDED})
    .returning(_milestone.c.person_key, _milestone.c.course_id)
    for name, insert in INSERTS.items()
}
_INSERT = {
    name: insert(_milestone)
    .on_conflict_do_nothing(index_elements=["statement_id"])
    .returning(_milestone.c.statement_id)
    for name, insert in INSERTS.items()
}
_into = aliased(Person)
_who = Person.uuid == sa.bindparam("person", type_=sa.Uuid())
_joined = JoinedPerson.person_id == Person.id
_FOUND = Prepared(
    sa.select(
        sa.select(Course.id).where(Course.slug == sa.bindparam("slug")).scalar_subquery(),
        sa.select(sa.func.coalesce(JoinedPerson.into_id, Person.id))
        .select_from(Person)
        .outerjoin(JoinedPerson, _joined)
        .where(_who)
        .scalar_subquery(),
        sa.select(sa.func.coalesce(_into.uuid, Person.uuid))
        .select_from(Person)
        .outerjoin(JoinedPerson, _joined)
        .outerjoin(_into, _into.id == JoinedPerson.into_id)
        .where(_who)
        .scalar_subquery(),
        sa.select(Person.is_test).where(_who).scalar_subquery(),
        sa.select(Organisation.id)
        .where(Organisation.uuid == sa.bindparam("organisation", type_=sa.Uuid()))
        .scalar_subquery(),
    )
)
_ENROLMENT = Prepared(
    sa.select(Enrolment.area, Enrolment.organisation_id).where(
        Enrolment.uuid == sa.bindparam("registration", type_=sa.Uuid())
    )
)


def _row(db: Session, statement: StoredStatement, iri_base: str) -> dict[str, Any] | None:
    """The milestone a statement is; None when its course or its actor cannot be known, or she is only a test.

    What the record says of somebody who was joined with another counts for that other one.
    """
    slug, step = course_and_step(iri_base, statement.object_iri)
    own = _own_uuid(statement, iri_base)
    found: Any = _FOUND.first(db, slug=slug, person=own, organisation=statement.organisation)
    course_id, person_id, person_uuid, is_test, organisation_id = found
    key = person_uuid if person_id is not None else _actor_key(statement)
    if course_id is None or key is None or is_test:
        return None
    area = statement.area
    if not area and statement.registration is not None:
        area, organisation_id = _place_of(db, statement.registration) or (area, organisation_id)
    return {
        "statement_id": statement.uuid,
        "kind": KINDS[statement.verb],
        "person_key": key,
        "person_id": person_id,
        "course_id": course_id,
        "step": step,
        "at": statement.timestamp,
        "area": area or "",
        "organisation_id": organisation_id,
        "minutes": minutes_of(statement.statement.get("result", {}).get("duration")),
    }


def _place_of(db: Session, registration: UUID) -> tuple[str, int | None] | None:
    """Area and organisation of our own enrolment: for a statement that names a registration and no area."""
    row: Any = _ENROLMENT.first(db, registration=registration)
    return None if row is None else (row.area, row.organisation_id)


def _own_uuid(statement: StoredStatement, iri_base: str) -> UUID | None:
    home_page, name = statement.actor_account or ("", "")
    if home_page != iri_base:
        return None
    try:
        return UUID(name)
    except ValueError:
        return None


def _actor_key(statement: StoredStatement) -> UUID | None:
    """The key of somebody without an account of ours: the same for every statement of hers."""
    identifier = ifi_of(statement.statement["actor"])
    return key_of(identifier) if identifier else None


def minutes_of(duration: str | None) -> int | None:
    """Whole minutes of an ISO 8601 duration; None when there is none, one in months or years, or one of millennia."""
    found = _DURATION.fullmatch(duration or "")
    if found is None or not any(found.groups()):
        return None
    days, hours, minutes, seconds = (float(part or 0) for part in found.groups())
    total = days * 1440 + hours * 60 + minutes + seconds / 60
    return int(total) if total < _TOO_MANY_MINUTES else None
