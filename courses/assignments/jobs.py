"""What the worker does for tasks: remove files that nothing points at any more."""

from __future__ import annotations

from typing import Any

from courses.assignments.services import DROP_FOLDER_KIND, DROP_KIND
from lms.kernel.db import Database
from lms.kernel.storage import Storage

__all__ = ["DROP_FOLDER_KIND", "DROP_KIND", "FileDropper", "FolderDropper"]


class FileDropper:
    """Outbox handler of kind `submission-file-drop`. Once more does no harm."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def __call__(self, _database: Database, payload: dict[str, Any]) -> None:
        """Remove one file."""
        self._storage.delete(payload["key"])


class FolderDropper:
    """Outbox handler of kind `submission-folder-drop`. Once more does no harm."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def __call__(self, _database: Database, payload: dict[str, Any]) -> None:
        """Remove every file of one enrolment, also those that no row names."""
        for key in self._storage.list(payload["folder"]):
            self._storage.delete(key)
