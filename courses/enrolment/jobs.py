"""What the worker does for enrolments: long lists, carried out or taken back."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from courses.enrolment.services.carrying_out import carry_out_piece, give_up_batch, undo_piece, work_through
from lms.kernel.db import Database


def carry_out_batch(database: Database, payload: dict[str, Any]) -> None:
    """Outbox handler of kind `enrolment-batch`: enrol the rows of a list that are ready. Once more changes nothing."""
    work_through(database, carry_out_piece, payload["batch"])


def undo_batch(database: Database, payload: dict[str, Any]) -> None:
    """Outbox handler of kind `enrolment-batch-undo`: withdraw whom a list enrolled. Once more changes nothing."""
    work_through(database, undo_piece, payload["batch"])


def batch_failed(db: Session, payload: dict[str, Any]) -> None:
    """The outbox gave up on a row of either kind: the list says so to who waits for it."""
    give_up_batch(db, payload["batch"])
