"""Carrying a list out, and taking it back: in short pieces, each whole or not at all.

A piece reads which rows are left, so after a crash the next one goes on where the last one committed. The rows of a
piece are held against the staff once more: an hour may lie between the preview and the work.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.enrolment.formats import ListedPerson
from courses.enrolment.models import BatchRow, Enrolment, EnrolmentBatch
from courses.enrolment.queries import batches as queries
from courses.enrolment.services.batches import load_staff, load_taken, person_of, write_verdict
from courses.enrolment.services.bulk import ELSEWHERE, UNCHANGED, Employer, enrol_staff
from courses.enrolment.services.enrolling import check_offer, withdraw_learner
from courses.enrolment.services.matching import (
    Candidate,
    Colleague,
    Decision,
    Problem,
    Staff,
    State,
    Taken,
    Verdict,
    judge,
)
from lms.accounts import services as accounts
from lms.accounts.models import Organisation, Person, SignIn
from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.errors import NotFound, Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.jobs import enqueue

KIND = "enrolment-batch"
UNDO_KIND = "enrolment-batch-undo"
AT_ONCE = 100  # rows done while the officer waits
PIECE = 200

Piece = Callable[[Session, int], bool]


def start_batch(db: Session, batch: EnrolmentBatch) -> None:
    """Enrol the rows that are ready: a short list at once, a long one by the worker. Raises `Refused` when it runs
    already, was undone, or when the course is not offered any more.
    """
    if batch.is_running:
        return
    if batch.undo_started_at is not None:
        raise Refused(_("Deze lijst is ongedaan gemaakt. Begin met een nieuwe lijst."))
    check_offer(db, batch.course_id, _organisation(db, batch).area)
    ready = _count(db, batch, BatchRow.state == State.READY.value)
    if not ready and batch.failed_at is None:
        raise Refused(_("Er is geen rij om in te schrijven. Verbeter eerst een rij."))
    batch.started_at, batch.finished_at, batch.failed_at = clock.now(), None, None
    db.flush()
    if ready > AT_ONCE:
        enqueue(db, KIND, {"batch": batch.id}, key=str(batch.uuid))
        return
    while carry_out_piece(db, batch.id):
        pass


def start_undo(db: Session, batch: EnrolmentBatch, *, by_person_id: int) -> None:
    """*Maak ongedaan*: withdraw whom this list enrolled, or go on where that stopped. Raises `Refused` while it still
    runs or was never done.
    """
    if batch.undo_started_at is not None and batch.failed_at is None:
        return
    if batch.is_running or not (batch.is_done or batch.failed_at):
        raise Refused(_("We zijn nog bezig met deze lijst. Wacht even en probeer opnieuw."))
    batch.finished_at = batch.finished_at or clock.now()
    batch.undo_started_at, batch.undone_by, batch.failed_at = clock.now(), by_person_id, None
    db.flush()
    if _count(db, batch, BatchRow.state == State.DONE.value) > AT_ONCE:
        enqueue(db, UNDO_KIND, {"batch": batch.id}, key=str(batch.uuid))
        return
    while undo_piece(db, batch.id):
        pass


def give_up_batch(db: Session, batch_id: int) -> None:
    """The worker tried too often: what is done stays done, and the officer may try the rest again."""
    batch = _lock(db, batch_id)
    if batch.is_running:
        batch.failed_at = clock.now()
        db.flush()


def work_through(database: Database, piece: Piece, batch_id: int) -> None:
    """Do piece after piece, each in a transaction of its own, until nothing is left."""
    more = True
    while more:
        with database.write() as db:
            more = piece(db, batch_id)


def carry_out_piece(db: Session, batch_id: int) -> bool:
    """Enrol the next rows. False when none are left; then the list is finished."""
    batch = _lock(db, batch_id)
    if batch.started_at is None or batch.finished_at is not None:
        return False
    rows = _next_rows(db, batch, State.READY)
    if not rows:
        batch.finished_at = clock.now()
        db.flush()
        return False
    organisation = _organisation(db, batch)
    jobs = _find_or_make(db, organisation, rows)
    try:
        check_offer(db, batch.course_id, organisation.area)
    except Refused:
        batch.finished_at = clock.now()  # the rest stays ready: she sees that it did not go through
        db.flush()
        return False
    done = enrol_staff(
        db,
        course_id=batch.course_id,
        employer=Employer(organisation.id, organisation.uuid, organisation.area),
        jobs=jobs,
        by_person_id=batch.by_person_id,
        batch_id=batch.id,
    )
    for row in rows:
        if row.state == State.READY.value and row.person_id is not None:
            enrolled = done[row.person_id]
            row.state = (State.ALREADY if enrolled.what in UNCHANGED else State.DONE).value
            row.problem = (Problem.ELSEWHERE if enrolled.what == ELSEWHERE else Problem.NONE).value
            row.outcome, row.enrolment_id = enrolled.what, enrolled.enrolment_id
    db.flush()
    return True


def undo_piece(db: Session, batch_id: int) -> bool:
    """Withdraw the next people this list enrolled. False when none are left; then it is undone.

    Whoever was withdrawn or enrolled again since is left alone. An account that this list made and nobody used is
    closed, so that it does not count; the same list given again opens it.
    """
    batch = _lock(db, batch_id)
    if batch.undo_started_at is None or batch.undone_at is not None:
        return False
    rows = _next_rows(db, batch, State.DONE)
    if not rows:
        batch.undone_at = clock.now()
        db.flush()
        return False
    mine = _still_enrolled(db, batch, [row.enrolment_id for row in rows if row.enrolment_id is not None])
    for row in rows:
        if row.enrolment_id in mine:
            withdraw_learner(db, row.enrolment_id, by_person_id=batch.undone_by)
        row.state = State.UNDONE.value
    db.flush()
    for person_id in _never_used(db, [row.person_id for row in rows if row.is_new and row.person_id is not None]):
        accounts.block_person(db, person_id)
    return True


# ---- people ----------------------------------------------------------------------------------------------------------


def _find_or_make(db: Session, organisation: Organisation, rows: Sequence[BatchRow]) -> dict[int, int]:
    """The employment of everybody in these rows, by person id. Accounts are made for newcomers; who turns out to be in
    doubt gets a bad row and is left out.
    """
    staff = load_staff(db, organisation.id)
    taken = load_taken(db, [person_of(row) for row in rows])
    jobs: dict[int, int] = {}
    newcomers: list[tuple[BatchRow, ListedPerson]] = []
    for row in rows:
        person = person_of(row)
        write_verdict(row, _look_again(row, person, staff, taken))
        if row.state != State.READY.value:
            continue
        colleague = staff.get(row.person_id)
        if colleague is not None:
            _open_again(db, colleague)
            jobs[colleague.person_id] = colleague.employment_id
        else:
            newcomers.append((row, person))
    return jobs | _make(db, organisation.id, newcomers)


def _look_again(row: BatchRow, person: ListedPerson, staff: Staff, taken: Taken) -> Verdict:
    """The preview's word stands: who was found is that person, who was new is new, unless that cannot be any more."""
    decision = Decision.NEW if row.person_id is None else Decision.PERSON
    verdict = judge(Candidate(row.number, person, decision, row.person_id), staff, taken)
    if row.person_id is not None and verdict.person_id is None and verdict.state is State.READY:
        return Verdict(State.BAD, Problem.GONE)
    return verdict


def _make(db: Session, organisation_id: int, newcomers: Sequence[tuple[BatchRow, ListedPerson]]) -> dict[int, int]:
    """Open accounts, and invite who has an address. A place of work that nobody knows is left open."""
    places = queries.find_places(db, organisation_id)
    joined = accounts.open_accounts(
        db,
        organisation_id,
        [
            accounts.Newcomer(
                first_name=person.first_name,
                last_name=person.last_name,
                email=person.email,
                user_name=person.user_name,
                language=person.language,
                establishment_id=places.get(person.establishment.lower()),
                job_title=person.job_title,
                staff_number=person.staff_number,
            )
            for _row, person in newcomers
        ],
    )
    for (row, _person), made in zip(newcomers, joined, strict=True):
        row.person_id = made.person_id
    return {made.person_id: made.employment_id for made in joined}


def _open_again(db: Session, colleague: Colleague) -> None:
    """An account that an undone list made, and nobody used."""
    if colleague.is_blocked:
        accounts.unblock_person(db, colleague.person_id)
        if colleague.email:
            accounts.invite(db, colleague.person_id)


def _never_used(db: Session, person_ids: Sequence[int]) -> list[int]:
    """Those of these people who never got in and take no course any more."""
    return list(
        db.scalars(
            sa.select(Person.id).where(
                Person.id.in_(person_ids),
                Person.password_hash.is_(None),
                Person.blocked_at.is_(None),
                ~sa.exists().where(SignIn.person_id == Person.id),
                ~sa.exists().where(Enrolment.person_id == Person.id, Enrolment.withdrawn_at.is_(None)),
            )
        )
    )


# ---- rows ------------------------------------------------------------------------------------------------------------


def _lock(db: Session, batch_id: int) -> EnrolmentBatch:
    """The batch, for this transaction alone: two workers may hold the same job when the first one is slow."""
    batch = db.get(EnrolmentBatch, batch_id, with_for_update=True, populate_existing=True)
    if batch is None:
        raise NotFound(f"batch {batch_id}")
    return batch


def _next_rows(db: Session, batch: EnrolmentBatch, state: State) -> Sequence[BatchRow]:
    return db.scalars(
        sa.select(BatchRow)
        .where(BatchRow.batch_id == batch.id, BatchRow.state == state.value)
        .order_by(BatchRow.number)
        .limit(PIECE)
    ).all()


def _still_enrolled(db: Session, batch: EnrolmentBatch, enrolment_ids: Sequence[int]) -> set[int]:
    return set(
        db.scalars(
            sa.select(Enrolment.id).where(
                Enrolment.id.in_(enrolment_ids), Enrolment.batch_id == batch.id, Enrolment.withdrawn_at.is_(None)
            )
        )
    )


def _organisation(db: Session, batch: EnrolmentBatch) -> Organisation:
    organisation = db.get(Organisation, batch.organisation_id)
    if organisation is None:
        raise NotFound(f"organisation {batch.organisation_id}")
    return organisation


def _count(db: Session, batch: EnrolmentBatch, condition: sa.ColumnElement[bool]) -> int:
    return db.scalar(sa.select(sa.func.count()).where(BatchRow.batch_id == batch.id, condition)) or 0
