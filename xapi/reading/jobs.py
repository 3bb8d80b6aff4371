"""What the worker does for the reading room: long files, and the end of them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.storage import Storage
from xapi.reading.services import KEPT_FOR, drop_exports, give_up_export, write_parts


class ExportWriter:
    """Outbox handler of kind `statement-export`: write the file's next parts."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def __call__(self, database: Database, payload: dict[str, Any]) -> None:
        """Once more goes on where it was."""
        write_parts(database, self._storage, payload["export"])


class ExportDropper:
    """Outbox handler of kind `statement-exports-drop`: somebody was erased whom files may name."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def __call__(self, database: Database, payload: dict[str, Any]) -> None:
        """Once more changes nothing."""
        drop_exports(database, self._storage, datetime.fromisoformat(payload["until"]))


class ExportTidier:
    """Every night: remove files that were made more than a day ago."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def __call__(self, database: Database) -> None:
        """Once more does no harm."""
        drop_exports(database, self._storage, clock.now() - KEPT_FOR)


def export_failed(db: Session, payload: dict[str, Any]) -> None:
    """The outbox gave up on a file: its page says so."""
    give_up_export(db, payload["export"])
