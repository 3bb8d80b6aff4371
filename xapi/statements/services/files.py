"""The data of attachments, in storage under its hash."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.storage import Storage
from xapi.statements.queries import FILES, file_key, list_named_files

UNNAMED_FOR = timedelta(days=1)  # far longer than between storing data and keeping its statements


def keep_files(storage: Storage, data: Mapping[str, bytes]) -> None:
    """Store data by its hash, before the transaction that keeps the statements begins: a store may be slow.

    The same data again is written again, in its place. When its statements are then refused no row names it, and
    `drop_unnamed_files` removes it.
    """
    for sha2, octets in data.items():
        storage.put(file_key(sha2), octets)


def drop_unnamed_files(database: Database, storage: Storage) -> int:
    """Remove data that came with no statement that is kept, and has lain there for a day; returns how many.

    Its statements were refused, or are gone. Whoever sends the same data again writes it again first: its time is
    looked at once more, for its statements may have come since it was looked who names it.
    """
    dropped, moment = 0, clock.now() - UNNAMED_FOR
    for keys in storage.list_older(FILES, moment):
        with database.read() as db:
            named = list_named_files(db, [key.rpartition("/")[2] for key in keys])
        for key in keys:
            if key.rpartition("/")[2] not in named and storage.is_older(key, moment):
                storage.delete(key)
                dropped += 1
    return dropped
