"""A list too long for a request: the worker does it in pieces, goes on after a crash, and may give up."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session
from structlog.testing import capture_logs

from courses.enrolment.jobs import batch_failed, carry_out_batch, undo_batch
from courses.enrolment.models import Enrolment, EnrolmentBatch
from courses.enrolment.queries.batches import count_rows
from courses.enrolment.services import carrying_out
from courses.enrolment.services.batches import decide_row
from courses.enrolment.services.carrying_out import KIND, UNDO_KIND, carry_out_piece, start_batch, start_undo
from courses.enrolment.services.matching import Decision
from courses.enrolment.services.statements import IRI_BASE
from lms.accounts.models import Person
from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.errors import Refused
from lms.kernel.jobs import MAX_ATTEMPTS, Handlers, OutboxRow, run_row
from tests.factories.courses import IRI_BASE as BASE
from tests.unit.courses.enrolment.conftest import build_house


def enrolled(db: Session) -> set[int]:
    return set(db.scalars(sa.select(Enrolment.person_id).where(Enrolment.withdrawn_at.is_(None))))


def long_list(database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch) -> int:
    """A started list of five newcomers that is longer than a request may do, in pieces of two."""
    monkeypatch.setattr(carrying_out, "AT_ONCE", 1)
    monkeypatch.setattr(carrying_out, "PIECE", 2)
    database.info[IRI_BASE] = BASE
    with database.write() as db:
        house = build_house(db, folder)
        batch = house.give(db, "".join(f"Nieuw{number}\tMens\n" for number in range(5)))
        start_batch(db, batch)
        assert not enrolled(db)
        return batch.id


def crash_in_a_piece(database: Database, batch_id: int) -> None:
    """The worker dies between its work and its commit."""
    with database.write() as db:
        assert carry_out_piece(db, batch_id)
        raise KeyboardInterrupt


def test_a_long_list_is_left_to_the_worker(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    batch_id = long_list(database, tmp_path, monkeypatch)
    with database.read() as db:
        assert db.scalars(sa.select(OutboxRow.payload).where(OutboxRow.kind == carrying_out.KIND)).all() == [
            {"batch": batch_id}
        ]
    carry_out_batch(database, {"batch": batch_id})
    with database.read() as db:
        assert count_rows(db, batch_id).done == 5
    with database.write() as db:
        batch = db.get(EnrolmentBatch, batch_id)
        assert batch is not None
        start_undo(db, batch, by_person_id=batch.by_person_id)
        assert batch.is_running
    undo_batch(database, {"batch": batch_id})
    with database.read() as db:
        assert (count_rows(db, batch_id).undone, enrolled(db)) == (5, set())


def test_after_a_crash_the_work_goes_on_where_it_was(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = long_list(database, tmp_path, monkeypatch)
    with database.write() as db:
        assert carry_out_piece(db, batch_id)
    with pytest.raises(KeyboardInterrupt):
        crash_in_a_piece(database, batch_id)
    with database.read() as db:
        assert count_rows(db, batch_id).done == 2
    for _time in range(2):  # the same job may run again after all was done
        carry_out_batch(database, {"batch": batch_id})
    with database.read() as db:
        assert count_rows(db, batch_id).done == 5
        assert len(enrolled(db)) == 5
        made = sa.select(sa.func.count()).select_from(Person).where(Person.last_name == "Mens")
        assert db.scalar(made) == 5


def test_while_it_runs_nothing_can_be_changed(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = long_list(database, tmp_path, monkeypatch)
    with database.write() as db:
        batch = db.get(EnrolmentBatch, batch_id)
        assert batch is not None
        with pytest.raises(Refused, match="nog bezig"):
            decide_row(db, batch, 2, Decision.SKIP)
        with pytest.raises(Refused, match="nog bezig"):
            start_undo(db, batch, by_person_id=batch.by_person_id)


def give_up(database: Database, kind: str) -> None:
    """The outbox tries the row of this kind so often that it gives up."""

    def fail(_database: Database, _payload: dict[str, Any]) -> None:
        raise ConnectionError

    handlers = Handlers()
    handlers.register(kind, fail, give_up=batch_failed)
    with database.read() as db:
        row_id = db.scalars(sa.select(OutboxRow.id).where(OutboxRow.kind == kind)).one()
    moment = clock.now()
    for attempt in range(MAX_ATTEMPTS):
        with clock.moved_to(moment + timedelta(hours=3 * attempt)), capture_logs():
            assert run_row(database, handlers, row_id)


def test_a_list_the_worker_gave_up_on_has_failed_and_can_be_tried_again(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = long_list(database, tmp_path, monkeypatch)
    with database.write() as db:
        assert carry_out_piece(db, batch_id)
    give_up(database, KIND)
    with database.write() as db:
        batch = db.get_one(EnrolmentBatch, batch_id)
        assert (batch.is_running, batch.failed_at is None) == (False, False)
        start_batch(db, batch)
        assert (batch.is_running, batch.failed_at) == (True, None)
    carry_out_batch(database, {"batch": batch_id})
    with database.write() as db:
        batch = db.get_one(EnrolmentBatch, batch_id)
        assert (count_rows(db, batch_id).done, batch.is_running) == (5, False)
        start_undo(db, batch, by_person_id=batch.by_person_id)
    give_up(database, UNDO_KIND)
    with database.write() as db:
        batch = db.get_one(EnrolmentBatch, batch_id)
        assert not batch.is_running
        with pytest.raises(Refused):
            start_batch(db, batch)
        start_undo(db, batch, by_person_id=batch.by_person_id)
    undo_batch(database, {"batch": batch_id})
    with database.read() as db:
        assert db.get_one(EnrolmentBatch, batch_id).undone_at is not None
        assert enrolled(db) == set()


def test_a_failed_list_can_be_taken_back_half_way(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch_id = long_list(database, tmp_path, monkeypatch)
    with database.write() as db:
        assert carry_out_piece(db, batch_id)
    give_up(database, KIND)
    with database.write() as db:
        batch = db.get_one(EnrolmentBatch, batch_id)
        start_undo(db, batch, by_person_id=batch.by_person_id)
    undo_batch(database, {"batch": batch_id})
    with database.read() as db:
        assert not db.get_one(EnrolmentBatch, batch_id).is_running
        assert enrolled(db) == set()
