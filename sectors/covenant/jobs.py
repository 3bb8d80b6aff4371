"""What is done for the covenant every night."""

from __future__ import annotations

from lms.kernel.db import Database
from sectors.covenant.services import record_user_peak


def keep_user_peak(database: Database) -> None:
    """Write down how many accounts are open."""
    with database.write() as db:
        record_user_peak(db)
