"""What the worker does for enrolments: long lists, carried out or taken back."""

from __future__ import annotations

from typing import Any

from courses.enrolment.services.carrying_out import carry_out_piece, undo_piece, work_through
from lms.kernel.db import Database


def carry_out_batch(database: Database, payload: dict[str, Any]) -> None:
    """Outbox handler of kind `enrolment-batch`: enrol the rows of a list that are ready. Once more changes nothing."""
    work_through(database, carry_out_piece, payload["batch"])


def undo_batch(database: Database, payload: dict[str, Any]) -> None:
    """Outbox handler of kind `enrolment-batch-undo`: withdraw whom a list enrolled. Once more changes nothing."""
    work_through(database, undo_piece, payload["batch"])
