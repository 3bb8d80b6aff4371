"""What the worker does for statements."""

from __future__ import annotations

from lms.kernel.db import Database
from lms.kernel.storage import Storage
from xapi.statements.services import drop_unnamed_files


class FileTidier:
    """Every night: remove the data of attachments whose statements were refused or are gone."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def __call__(self, database: Database) -> None:
        """Once more does no harm."""
        drop_unnamed_files(database, self._storage)
