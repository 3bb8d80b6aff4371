"""What the worker does for accounts."""

from __future__ import annotations

from typing import Any

from lms.accounts import services
from lms.accounts.services.links import RESET_KIND
from lms.kernel.db import Database

__all__ = ["RESET_KIND", "send_reset", "tidy"]


def send_reset(database: Database, payload: dict[str, Any]) -> None:
    """Outbox handler of kind `reset`: find the person behind a name and mail her a link."""
    with database.write() as db:
        services.send_reset(db, payload["name"], payload["language"])


def tidy(database: Database) -> None:
    """Every night: remove sign-ins, links and counts that are long over."""
    with database.write() as db:
        services.tidy(db)
