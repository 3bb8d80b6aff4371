"""What the worker does for progress: hold everybody's against the new version of a course."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from courses.progress.queries import list_next_to_recount
from courses.progress.services import NEW_VERSION_KIND, recount_steps
from lms.kernel.db import Database

__all__ = ["NEW_VERSION_KIND", "follow_new_version"]

PIECE = 50  # learners in one transaction: others wait for it


def follow_new_version(database: Database, payload: dict[str, Any]) -> None:
    """Outbox handler of kind `course-new-version`: count the steps of everybody in the course. Once more changes
    nothing.
    """
    last, at = 0, datetime.fromisoformat(payload["at"])
    while True:
        with database.write() as db:
            enrolment_ids = list_next_to_recount(db, payload["course"], after=last, limit=PIECE)
            for enrolment_id in enrolment_ids:
                recount_steps(db, enrolment_id, at=at)
        if not enrolment_ids:
            return
        last = enrolment_ids[-1]
