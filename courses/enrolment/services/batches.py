"""A list becomes a batch: its rows are held against the staff, and the officer mends what is in doubt.

After every change the whole list is judged again: a row that is skipped may free another, and the staff may have
changed since.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.enrolment.formats import Column, ListedPerson, Table, read_person, recognise_columns
from courses.enrolment.models import BatchRow, EnrolmentBatch
from courses.enrolment.queries import batches as queries
from courses.enrolment.services.enrolling import check_offer
from courses.enrolment.services.matching import Candidate, Colleague, Decision, Staff, State, Taken, Verdict, judge_list
from lms.accounts.events import PersonErased
from lms.accounts.models import Organisation, Person
from lms.kernel import clock
from lms.kernel.errors import NotFound, Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.names import name_key

SETTLED = (State.DONE, State.UNDONE)


def make_batch(
    db: Session,
    *,
    organisation: Organisation,
    course_id: int,
    by_person_id: int,
    table: Table,
    source: str,
) -> EnrolmentBatch:
    """Keep a list and check its rows. Nobody is enrolled yet. Raises `Refused` when the course is not offered to the
    organisation's area, or when no row holds a person.
    """
    check_offer(db, course_id, organisation.area)
    layout = recognise_columns(table)
    rows = [row for row in table.rows if row.number > layout.header]
    if not rows:
        raise Refused(_("Er staan geen mensen in deze lijst. Er is alleen een rij met titels."))
    batch = _keep(db, organisation.id, course_id, by_person_id, source, layout.headings, layout.columns)
    pairs = [(row.number, list(row.cells), read_person(layout.columns, row.cells)) for row in rows]
    _add_rows(db, batch.id, pairs)
    check_batch(db, batch)
    return batch


def make_batch_of_people(
    db: Session, *, organisation: Organisation, course_id: int, by_person_id: int, people: Sequence[UUID]
) -> EnrolmentBatch:
    """A list of colleagues chosen on a page. Whoever does not work here is left out. Raises `Refused`."""
    check_offer(db, course_id, organisation.area)
    staff = {row[0]: Colleague(*row) for row in queries.list_staff(db, organisation.id)}
    ids = set(db.scalars(sa.select(Person.id).where(Person.uuid.in_(people)))) & staff.keys()
    if not ids:
        raise Refused(_("Kies eerst een of meer medewerkers in de lijst."))
    chosen = sorted((staff[key] for key in ids), key=lambda one: name_key(one.last_name, one.first_name))
    batch = _keep(db, organisation.id, course_id, by_person_id, "", (), ())
    pairs = [
        (
            number,
            [one.first_name, one.last_name, one.staff_number],
            ListedPerson(first_name=one.first_name, last_name=one.last_name, staff_number=one.staff_number),
        )
        for number, one in enumerate(chosen, 1)
    ]
    decided = {number: one.person_id for number, one in enumerate(chosen, 1)}
    _add_rows(db, batch.id, pairs, decided)
    check_batch(db, batch)
    return batch


def check_batch(db: Session, batch: EnrolmentBatch) -> None:
    """Judge every row that is not settled yet, and write down what changed."""
    rows = db.scalars(
        sa.select(BatchRow).where(BatchRow.batch_id == batch.id, _is_open()).order_by(BatchRow.number)
    ).all()
    candidates = [_candidate(row) for row in rows]
    people = [candidate.person for candidate in candidates]
    enrolled = queries.list_enrolled(db, batch.course_id)
    verdicts = judge_list(
        candidates,
        load_staff(db, batch.organisation_id),
        load_taken(db, people),
        enrolled,
        {person_id for person_id, employer_id in enrolled.items() if employer_id != batch.organisation_id},
        queries.numbers_done(db, batch.id),
    )
    for row, verdict in zip(rows, verdicts, strict=True):
        write_verdict(row, verdict)
    db.flush()


def change_columns(db: Session, batch: EnrolmentBatch, columns: Sequence[str]) -> None:
    """The officer says what the columns hold. Rows she changed herself stay as she left them. Raises `Refused`."""
    _check_may_change(batch)
    chosen = [Column(column) if column in set(Column) else Column.IGNORE for column in columns]
    chosen = (chosen + [Column.IGNORE] * len(batch.columns))[: len(batch.columns)]
    used = [column for column in chosen if column is not Column.IGNORE]
    if len(used) != len(set(used)):
        raise Refused(_("Twee kolommen kunnen niet hetzelfde zijn. Kies voor één ervan iets anders."))
    batch.columns = [column.value for column in chosen]
    for row in db.scalars(sa.select(BatchRow).where(BatchRow.batch_id == batch.id)):
        if not row.is_edited and row.state not in SETTLED:
            row.fields = to_fields(read_person(chosen, row.cells))
    check_batch(db, batch)


def change_row(db: Session, batch: EnrolmentBatch, number: int, person: ListedPerson) -> State:
    """Write what the officer typed in a row, and judge again. Returns where the row stands then."""
    row = _open_row(db, batch, number)
    row.fields, row.is_edited = to_fields(person), True
    row.decision, row.person_id = Decision.NONE.value, None
    check_batch(db, batch)
    return State(row.state)


def decide_row(
    db: Session, batch: EnrolmentBatch, number: int, decision: Decision, person_uuid: UUID | None = None
) -> None:
    """*Kies*, *Nieuwe medewerker*, *Sla over*, or (no decision) take that back. Raises `NotFound` for whoever does not
    work here.
    """
    row = _open_row(db, batch, number)
    row.decision, row.person_id = decision.value, None
    if decision is Decision.PERSON:
        row.person_id = _colleague_id(db, batch, person_uuid)
    db.flush()
    check_batch(db, batch)


def forget_person(db: Session, event: PersonErased) -> None:
    """Handler of `PersonErased`: what lists said of her goes, the rows and their outcome stay. Rows that still wait for
    her, also those that only hold her address or user name, are passed over.
    """
    hers = sa.or_(BatchRow.person_id == event.person_id, BatchRow.id.in_(_rows_naming(db, event)))
    passed_over = {"state": State.SKIPPED.value, "decision": Decision.SKIP.value, "problem": "", "detail": ""}
    db.execute(sa.update(BatchRow).where(hers, _is_open()).values(passed_over))
    db.execute(sa.update(BatchRow).where(hers).values(fields={}, cells=[], candidates=[], is_edited=False))


def load_staff(db: Session, organisation_id: int) -> Staff:
    """Everybody who works there now, ready to be asked."""
    return Staff(Colleague(*row) for row in queries.list_staff(db, organisation_id))


def load_taken(db: Session, people: Sequence[ListedPerson]) -> Taken:
    """Which addresses and user names of these people have an account, wherever."""
    return Taken(
        emails=queries.list_taken(db, Person.email, {person.email for person in people if person.email}),
        user_names=queries.list_taken(
            db, Person.user_name, {person.user_name for person in people if person.user_name}
        ),
    )


def write_verdict(row: BatchRow, verdict: Verdict) -> None:
    """Put a verdict in its row."""
    row.state, row.problem, row.detail = verdict.state.value, verdict.problem.value, verdict.detail
    row.person_id, row.is_new = verdict.person_id or _chosen(row), verdict.is_new
    if row.candidates != list(verdict.candidates):
        row.candidates = list(verdict.candidates)


def person_of(row: BatchRow) -> ListedPerson:
    """What the row says of its person."""
    return msgspec.convert(row.fields, ListedPerson)


def to_fields(person: ListedPerson) -> dict[str, Any]:
    """The person as a row keeps her."""
    fields: dict[str, Any] = msgspec.to_builtins(person)
    return fields


def _rows_naming(db: Session, event: PersonErased) -> list[int]:
    """Open rows that can only mean her. No index leads there: an erasure is rare, and open rows are few."""
    known = {event.email, event.user_name} - {None}
    rows = db.execute(sa.select(BatchRow.id, BatchRow.fields, BatchRow.candidates).where(_is_open()))
    return [
        row.id
        for row in rows
        if row.candidates == [event.person_id] or known & {row.fields.get("email"), row.fields.get("user_name")}
    ]


def _is_open() -> sa.ColumnElement[bool]:
    return BatchRow.state.not_in([state.value for state in SETTLED])


def _keep(
    db: Session,
    organisation_id: int,
    course_id: int,
    by_person_id: int,
    source: str,
    headings: Sequence[str],
    columns: Sequence[Column],
) -> EnrolmentBatch:
    batch = EnrolmentBatch(
        organisation_id=organisation_id,
        course_id=course_id,
        by_person_id=by_person_id,
        source=source[:200],
        headings=list(headings),
        columns=[column.value for column in columns],
        created_at=clock.now(),
    )
    db.add(batch)
    db.flush()
    return batch


def _add_rows(
    db: Session,
    batch_id: int,
    pairs: Sequence[tuple[int, list[str], ListedPerson]],
    decided: dict[int, int] | None = None,
) -> None:
    chosen = decided or {}
    db.execute(
        sa.insert(BatchRow),
        [
            {
                "batch_id": batch_id,
                "number": number,
                "cells": cells,
                "fields": to_fields(person),
                "state": State.BAD.value,
                "decision": (Decision.PERSON if number in chosen else Decision.NONE).value,
                "person_id": chosen.get(number),
                "candidates": [],
            }
            for number, cells, person in pairs
        ],
    )


def _candidate(row: BatchRow) -> Candidate:
    return Candidate(row.number, person_of(row), Decision(row.decision), _chosen(row))


def _chosen(row: BatchRow) -> int | None:
    """Whom the officer named herself. She stays named while the row waits for something else."""
    return row.person_id if row.decision == Decision.PERSON.value else None


def _open_row(db: Session, batch: EnrolmentBatch, number: int) -> BatchRow:
    _check_may_change(batch)
    row = db.scalar(sa.select(BatchRow).where(BatchRow.batch_id == batch.id, BatchRow.number == number))
    if row is None:
        raise NotFound(f"row {number} of batch {batch.id}")
    if row.state in SETTLED:
        raise Refused(_("Deze rij is al ingeschreven."))
    return row


def _check_may_change(batch: EnrolmentBatch) -> None:
    if batch.is_running:
        raise Refused(_("We zijn nog bezig met deze lijst. Wacht even en probeer opnieuw."))
    if batch.undo_started_at is not None:
        raise Refused(_("Deze lijst is ongedaan gemaakt. Begin met een nieuwe lijst."))


def _colleague_id(db: Session, batch: EnrolmentBatch, person_uuid: UUID | None) -> int:
    person_id = db.scalar(sa.select(Person.id).where(Person.uuid == person_uuid))
    if load_staff(db, batch.organisation_id).get(person_id) is None or person_id is None:
        raise NotFound(f"person {person_uuid}")
    return person_id
