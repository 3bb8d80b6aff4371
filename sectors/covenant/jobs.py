"""What is done for the covenant every night."""

from __future__ import annotations

from lms.kernel.db import Database
from sectors.covenant.services import follow_joined, record_user_peak


def keep_user_peak(database: Database) -> None:
    """Write down how many accounts are open."""
    with database.write() as db:
        record_user_peak(db)


def keep_people_joined(database: Database) -> None:
    """Count who was joined with somebody as that somebody, whatever was stored meanwhile."""
    with database.write() as db:
        follow_joined(db)
