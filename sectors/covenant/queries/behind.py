"""What stands behind one row: the statements, word for word as they are kept, and what they say in a sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.models import Course
from courses.sessions.models import Attendance, Booking, CourseSession
from lms.accounts.models import Organisation, Person
from lms.kernel.errors import NotFound
from lms.kernel.identity import Identity
from sectors.covenant.formats.projection import MilestoneKind
from sectors.covenant.models import Milestone, Participation
from sectors.covenant.queries.rows import full_name, may_see_names, name_for
from xapi.statements.queries import find_statement

MOST = 200


@dataclass(frozen=True, slots=True)
class Behind:
    """A row's statements. `about`: the course or the meeting. `hidden`: how many more there are than are shown."""

    about: str
    sentences: list[Sentence]
    hidden: int = 0


@dataclass(frozen=True, slots=True)
class Sentence:
    """One statement: who, what (in Dutch), with which thing, when.

    `payload` is empty when the name is not for who asks, for a statement may hold it.
    """

    uuid: UUID
    who: str
    verb: str
    thing: str
    at: datetime
    payload: bytes


def get_behind(db: Session, identity: Identity, row_id: str) -> Behind:
    """The statements behind a row: `p<participation>`, `b<booking>`, `m<statement>` or `s<session>`.

    Raises `NotFound` for a row that does not exist or has no statements.
    """
    kind, rest = row_id[:1], row_id[1:]
    readers = {"p": _of_participation, "b": _of_booking, "m": _of_statement, "s": _of_session}
    if kind not in readers or not rest:
        raise NotFound(row_id)
    about, ids = readers[kind](db, rest)
    return Behind(about, _sentences(db, identity, ids[:MOST]), max(0, len(ids) - MOST))


def _of_participation(db: Session, text: str) -> tuple[str, list[UUID]]:
    row = db.execute(
        sa.select(Participation.person_key, Participation.course_id, Course.title)
        .join(Course, Course.id == Participation.course_id)
        .where(Participation.id == _number(text))
    ).one_or_none()
    if row is None:
        raise NotFound(text)
    ids = db.scalars(
        sa.select(Milestone.statement_id)
        .where(
            Milestone.person_key == row.person_key,
            Milestone.course_id == row.course_id,
            Milestone.kind != MilestoneKind.VOIDED,
        )
        .order_by(Milestone.at, Milestone.statement_id)
    )
    return row.title, list(ids)


def _of_booking(db: Session, text: str) -> tuple[str, list[UUID]]:
    row = db.execute(
        sa.select(CourseSession.title, Attendance.statement_id)
        .join(Booking, Booking.session_id == CourseSession.id)
        .join(Attendance, Attendance.booking_id == Booking.id)
        .where(Booking.id == _number(text))
    ).one_or_none()
    if row is None:
        raise NotFound(text)
    return row.title, [row.statement_id] if row.statement_id else []


def _of_session(db: Session, text: str) -> tuple[str, list[UUID]]:
    title = db.scalar(sa.select(CourseSession.title).where(CourseSession.id == _number(text)))
    if title is None:
        raise NotFound(text)
    ids = db.scalars(
        sa.select(Attendance.statement_id)
        .join(Booking, Booking.id == Attendance.booking_id)
        .where(Booking.session_id == _number(text), Attendance.statement_id.is_not(None))
        .order_by(Booking.id)
    )
    return title, [uuid for uuid in ids if uuid is not None]


def _of_statement(db: Session, text: str) -> tuple[str, list[UUID]]:
    try:
        uuid = UUID(text)
    except ValueError:
        raise NotFound(text) from None
    title = db.scalar(
        sa.select(Course.title).join(Milestone, Milestone.course_id == Course.id).where(Milestone.statement_id == uuid)
    )
    if title is None:
        raise NotFound(text)
    return title, [uuid]


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 12:
        raise NotFound(text)
    return int(text)


def _sentences(db: Session, identity: Identity, ids: Sequence[UUID]) -> list[Sentence]:
    people = _people(db, ids)
    found = ((uuid, find_statement(db, uuid)) for uuid in ids)
    return [_sentence(identity, uuid, statement.payload, people.get(uuid)) for uuid, statement in found if statement]


@dataclass(frozen=True, slots=True)
class _Who:
    name: str
    area: str
    organisation: str


def _sentence(identity: Identity, uuid: UUID, payload: bytes, who: _Who | None) -> Sentence:
    statement = orjson.loads(payload)
    who = who or _Who("", "", "")
    definition = statement["object"].get("definition", {})
    return Sentence(
        uuid=uuid,
        who=name_for(identity, who.area, who.name, who.organisation),
        verb=_words(statement["verb"].get("display", {}), statement["verb"]["id"]),
        thing=_words(definition.get("name", {}), statement["object"].get("id", "")),
        at=datetime.fromisoformat(statement["timestamp"]),
        payload=payload if may_see_names(identity, who.area) else b"",
    )


def _words(texts: dict[str, str], iri: str) -> str:
    """Dutch when there is any, else what there is, else the end of the IRI."""
    return texts.get("nl") or texts.get("nl-BE") or next(iter(texts.values()), "") or iri.rstrip("/").rpartition("/")[2]


def _people(db: Session, ids: Iterable[UUID]) -> dict[UUID, _Who]:
    rows = db.execute(
        sa.select(
            Milestone.statement_id,
            Milestone.area,
            Person.first_name,
            Person.last_name,
            Person.erased_at,
            sa.func.coalesce(Organisation.name, ""),
        )
        .outerjoin(Person, Person.id == Milestone.person_id)
        .outerjoin(Organisation, Organisation.id == Milestone.organisation_id)
        .where(Milestone.statement_id.in_(list(ids)))
    )
    return {row[0]: _Who(full_name(row[2], row[3], erased=row[4] is not None), row[1], row[5]) for row in rows}
