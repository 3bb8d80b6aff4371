"""What the worker does for credentials."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from lms.kernel.db import Database
from xapi.credentials import services
from xapi.credentials.services import USED_KIND

__all__ = ["USED_KIND", "mark_used"]


def mark_used(database: Database, payload: dict[str, Any]) -> None:
    """Outbox handler of kind `credential-used`: write when a credential was last used. Once more does no harm."""
    with database.write() as db:
        services.mark_used(db, payload["credential"], datetime.fromisoformat(payload["at"]))
