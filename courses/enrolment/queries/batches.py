"""Questions about the lists officers give us, and about the staff such a list is held against."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, Session

from courses.catalogue.models import Course
from courses.enrolment.models import BatchRow, Enrolment, EnrolmentBatch
from lms.accounts.models import Employment, Establishment, Organisation, Person
from lms.accounts.queries import goes_on, organisations_of
from lms.kernel.errors import NotFound
from lms.kernel.identity import Identity, Permission
from lms.kernel.names import name_order

AT_ONCE = 500  # values in one IN ()


@dataclass(frozen=True, slots=True)
class BatchSummary:
    """A list as it stands among others. The counts are of its rows."""

    uuid: UUID
    course_title: str
    source: str
    by: str
    created_at: datetime
    is_running: bool
    has_failed: bool
    is_done: bool
    undone_at: datetime | None
    done: int
    bad: int
    ready: int


@dataclass(frozen=True, slots=True)
class Batch:
    """One list, with where it is for."""

    id: int
    uuid: UUID
    organisation_id: int
    organisation_uuid: UUID
    organisation_name: str
    area: str
    course_id: int
    course_slug: str
    course_title: str
    source: str
    headings: tuple[str, ...]
    columns: tuple[str, ...]
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    undo_started_at: datetime | None
    undone_at: datetime | None
    failed_at: datetime | None

    @property
    def is_undoing(self) -> bool:
        """Whether it is being taken back, or stopped half-way."""
        return self.undo_started_at is not None and self.undone_at is None

    @property
    def is_running(self) -> bool:
        """Whether rows are being carried out, or taken back, at this moment."""
        is_under_way = self.is_undoing or (self.started_at is not None and self.finished_at is None)
        return is_under_way and self.failed_at is None


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows stand where. `newcomers`: ready rows for which an account is made. `cards`: people without
    an address who were never in: each needs a card.
    """

    bad: int = 0
    ready: int = 0
    already: int = 0
    skipped: int = 0
    done: int = 0
    undone: int = 0
    newcomers: int = 0
    made: int = 0
    returned: int = 0
    cards: int = 0

    @property
    def total(self) -> int:
        """All rows of the list."""
        return self.bad + self.ready + self.already + self.skipped + self.done + self.undone


@dataclass(frozen=True, slots=True)
class RowView:
    """A row of a list as its page shows it. `candidates`: (uuid, name, staff number) of the people it may mean."""

    number: int
    fields: dict[str, str]
    state: str
    problem: str
    detail: str
    is_new: bool
    outcome: str
    person_name: str
    person_number: str
    candidates: tuple[tuple[UUID, str, str], ...]

    @property
    def name(self) -> str:
        """The name in the list, or that of the person who was found."""
        listed = f"{self.fields.get('first_name', '')} {self.fields.get('last_name', '')}".strip()
        return listed or self.person_name


# ---- lists -----------------------------------------------------------------------------------------------------------


def get_batch(db: Session, identity: Identity, uuid: UUID) -> Batch:
    """The list with this uuid, if it is of an organisation whose staff the asker may enrol. Raises `NotFound`."""
    row: Sequence[Any] | None = db.execute(
        sa.select(
            EnrolmentBatch.id,
            EnrolmentBatch.uuid,
            Organisation.id,
            Organisation.uuid,
            Organisation.name,
            Organisation.area,
            Course.id,
            Course.slug,
            Course.title,
            EnrolmentBatch.source,
            EnrolmentBatch.headings,
            EnrolmentBatch.columns,
            EnrolmentBatch.created_at,
            EnrolmentBatch.started_at,
            EnrolmentBatch.finished_at,
            EnrolmentBatch.undo_started_at,
            EnrolmentBatch.undone_at,
            EnrolmentBatch.failed_at,
        )
        .join(Organisation, Organisation.id == EnrolmentBatch.organisation_id)
        .join(Course, Course.id == EnrolmentBatch.course_id)
        .where(EnrolmentBatch.uuid == uuid, organisations_of(identity, Permission.ENROL_STAFF))
    ).first()
    if row is None:
        raise NotFound(f"batch {uuid}")
    return Batch(*row)


def list_batches(db: Session, organisation_id: int, *, limit: int, offset: int = 0) -> list[BatchSummary]:
    """The lists of this organisation, newest first. Whoever calls has checked that they may be seen."""
    rows = db.execute(
        sa.select(
            EnrolmentBatch,
            Course.title,
            Person.first_name,
            Person.last_name,
            _count_rows("done"),
            _count_rows("bad"),
            _count_rows("ready"),
        )
        .join(Course, Course.id == EnrolmentBatch.course_id)
        .join(Person, Person.id == EnrolmentBatch.by_person_id)
        .where(EnrolmentBatch.organisation_id == organisation_id)
        .order_by(EnrolmentBatch.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [
        BatchSummary(
            uuid=batch.uuid,
            course_title=title,
            source=batch.source,
            by=f"{first} {last}",
            created_at=batch.created_at,
            is_running=batch.is_running,
            has_failed=batch.failed_at is not None,
            is_done=batch.is_done,
            undone_at=batch.undone_at,
            done=done,
            bad=bad,
            ready=ready,
        )
        for batch, title, first, last, done, bad, ready in rows
    ]


def count_batches(db: Session, organisation_id: int) -> int:
    """How many lists this organisation gave."""
    counted = sa.select(sa.func.count()).where(EnrolmentBatch.organisation_id == organisation_id)
    return db.scalar(counted) or 0


def _count_rows(state: str) -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.count())
        .where(BatchRow.batch_id == EnrolmentBatch.id, BatchRow.state == state)
        .correlate(EnrolmentBatch)
        .scalar_subquery()
    )


# ---- rows ------------------------------------------------------------------------------------------------------------


def count_rows(db: Session, batch_id: int) -> Counts:
    """How many rows of this list stand where. One statement."""

    def count(*conditions: sa.ColumnElement[bool]) -> sa.ColumnElement[int]:
        return sa.func.coalesce(sa.func.sum(sa.case((sa.and_(*conditions), 1), else_=0)), 0)

    states = [count(BatchRow.state == state) for state in ("bad", "ready", "already", "skipped", "done", "undone")]
    is_done, is_new = BatchRow.state == "done", BatchRow.is_new.is_(True)
    row: Sequence[Any] = db.execute(
        sa.select(
            *states,
            count(BatchRow.state == "ready", is_new),
            count(is_done, is_new),
            count(is_done, BatchRow.outcome == "returned"),
            count(is_done, Person.email.is_(None), Person.password_hash.is_(None)),
        )
        .select_from(BatchRow)
        .outerjoin(Person, Person.id == BatchRow.person_id)
        .where(BatchRow.batch_id == batch_id)
    ).one()
    return Counts(*row)


def list_rows(db: Session, batch_id: int, states: Collection[str], *, limit: int, offset: int = 0) -> list[RowView]:
    """Rows of this list in these states, in its order. Two statements."""
    rows = db.execute(
        sa.select(
            BatchRow,
            sa.func.coalesce(Person.first_name, "").label("first_name"),
            sa.func.coalesce(Person.last_name, "").label("last_name"),
        )
        .outerjoin(Person, Person.id == BatchRow.person_id)
        .where(BatchRow.batch_id == batch_id, BatchRow.state.in_(states))
        .order_by(BatchRow.number)
        .limit(limit)
        .offset(offset)
    ).all()
    people = _people(db, batch_id, {key for row, _first, _last in rows for key in row.candidates})
    return [_view(row, f"{first} {last}".strip(), people) for row, first, last in rows]


def get_row(db: Session, batch_id: int, number: int) -> RowView:
    """One row of this list. Raises `NotFound`."""
    row = db.scalar(sa.select(BatchRow).where(BatchRow.batch_id == batch_id, BatchRow.number == number))
    if row is None:
        raise NotFound(f"row {number}")
    return _view(row, "", _people(db, batch_id, set(row.candidates)))


def sample_cells(db: Session, batch_id: int, rows: int = 3) -> list[list[str]]:
    """The first rows as they stood in the list, to recognise its columns by."""
    cells = db.scalars(
        sa.select(BatchRow.cells).where(BatchRow.batch_id == batch_id).order_by(BatchRow.number).limit(rows)
    )
    return list(cells)


def list_card_people(db: Session, batch_id: int) -> list[int]:
    """The ids of the people this list enrolled who have no address and were never in, by name."""
    return list(
        db.scalars(
            sa.select(Person.id)
            .join(BatchRow, BatchRow.person_id == Person.id)
            .where(
                BatchRow.batch_id == batch_id,
                BatchRow.state == "done",
                Person.email.is_(None),
                Person.password_hash.is_(None),
                Person.blocked_at.is_(None),
                Person.erased_at.is_(None),
            )
            .order_by(name_order(Person.last_name, Person.first_name), Person.id)
        )
    )


def _people(db: Session, batch_id: int, ids: set[int]) -> dict[int, tuple[UUID, str, str]]:
    if not ids:
        return {}
    rows = db.execute(
        sa.select(Person.id, Person.uuid, Person.first_name, Person.last_name, Employment.staff_number)
        .join(Employment, Employment.person_id == Person.id)
        .join(EnrolmentBatch, EnrolmentBatch.organisation_id == Employment.organisation_id)
        .where(EnrolmentBatch.id == batch_id, Person.id.in_(ids))
        .order_by(Employment.id)
    )
    return {key: (uuid, f"{first} {last}", number) for key, uuid, first, last, number in rows}


def _view(row: BatchRow, person_name: str, people: dict[int, tuple[UUID, str, str]]) -> RowView:
    return RowView(
        number=row.number,
        fields=row.fields,
        state=row.state,
        problem=row.problem,
        detail=row.detail,
        is_new=row.is_new,
        outcome=row.outcome,
        person_name=person_name,
        person_number="",
        candidates=tuple(people[key] for key in row.candidates if key in people),
    )


# ---- the staff a list is held against --------------------------------------------------------------------------------


def list_staff(db: Session, organisation_id: int) -> Sequence[Any]:
    """Everybody who works here now, once, with the columns of `matching.Colleague`. Blocked people too."""
    latest = (
        sa.select(sa.func.max(Employment.id))
        .where(Employment.organisation_id == organisation_id, goes_on())
        .group_by(Employment.person_id)
    )
    return db.execute(
        sa.select(
            Person.id,
            Employment.id,
            Person.first_name,
            Person.last_name,
            sa.func.coalesce(Person.email, ""),
            sa.func.coalesce(Person.user_name, ""),
            Employment.staff_number,
            Person.blocked_at.is_not(None),
            Person.password_hash.is_not(None),
        )
        .join(Employment, Employment.person_id == Person.id)
        .where(Employment.id.in_(latest), Person.erased_at.is_(None))
        .order_by(Person.id)
    ).all()


def list_taken(db: Session, column: InstrumentedAttribute[Any], words: Collection[str]) -> set[str]:
    """Which of these addresses (or user names) have an account, whosever it is. Says no more than that."""
    found: set[str] = set()
    for some in _parts(sorted(words)):
        found.update(db.scalars(sa.select(column).where(column.in_(some))))
    return found


def list_enrolled(db: Session, course_id: int) -> dict[int, int | None]:
    """Everybody who takes this course now, each with the organisation she takes it for, by their ids."""
    rows = db.execute(
        sa.select(Enrolment.person_id, Enrolment.organisation_id).where(
            Enrolment.course_id == course_id, Enrolment.withdrawn_at.is_(None)
        )
    )
    return {row.person_id: row.organisation_id for row in rows}


def find_places(db: Session, organisation_id: int) -> dict[str, int]:
    """The organisation's establishments by name and by number, in lower case."""
    rows = db.execute(
        sa.select(Establishment.id, Establishment.name, Establishment.number).where(
            Establishment.organisation_id == organisation_id
        )
    )
    return {word.lower(): key for key, name, number in rows for word in (name, number) if word}


def _parts(words: Sequence[str]) -> Iterator[Sequence[str]]:
    yield from (words[start : start + AT_ONCE] for start in range(0, len(words), AT_ONCE))


def numbers_done(db: Session, batch_id: int) -> Iterable[tuple[int, int]]:
    """(person id, row number) of the rows that were carried out."""
    rows = db.execute(
        sa.select(BatchRow.person_id, BatchRow.number).where(
            BatchRow.batch_id == batch_id, BatchRow.state == "done", BatchRow.person_id.is_not(None)
        )
    )
    return [(person_id, number) for person_id, number in rows if person_id is not None]
