"""The data that came with statements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.errors import NotFound
from lms.kernel.storage import Storage
from xapi.standard.attachment import attachments_of
from xapi.standard.multipart import ENCODING_HEADER, HASH_HEADER, join_multipart, new_boundary
from xapi.statements.models import StatementFile

FILES = "attachments"  # the folder in storage


def find_files(db: Session, rows: Mapping[int, bytes]) -> dict[str, str]:
    """The data that came with these statements (payloads by id): the hash of each, once, and its content type."""
    query = sa.select(StatementFile.statement_id, StatementFile.sha2).where(StatementFile.statement_id.in_(rows))
    sent: dict[int, set[str]] = {}
    for row_id, sha2 in db.execute(query):
        sent.setdefault(row_id, set()).add(sha2)
    found: dict[str, str] = {}
    for row_id in (row_id for row_id in rows if row_id in sent):
        for _, attachment in attachments_of(orjson.loads(rows[row_id])):
            if attachment["sha2"].lower() in sent[row_id]:
                found.setdefault(attachment["sha2"].lower(), attachment["contentType"])
    return found


def list_named_files(db: Session, hashes: Sequence[str]) -> set[str]:
    """Which of these hashes are of data that came with a statement that is kept."""
    return set(db.scalars(sa.select(StatementFile.sha2).where(StatementFile.sha2.in_(hashes))))


def file_key(sha2: str) -> str:
    """Where the data with this hash lies in storage: one copy, however many statements hold it."""
    return f"{FILES}/{sha2[:2]}/{sha2}"


def multipart_of(storage: Storage, body: bytes, files: Mapping[str, str]) -> tuple[str, Iterator[bytes]]:
    """JSON with the data of its attachments behind it (1.0.3 Communication 1.5.2; 2.0 4.1.3): content type, and octets.

    `files` is what `find_files` gives. Each is read when it is its turn.
    """
    boundary = new_boundary()
    parts = chain([({"Content-Type": "application/json"}, body)], _file_parts(storage, files))
    return f'multipart/mixed; boundary="{boundary}"', join_multipart(boundary, parts)


def _file_parts(storage: Storage, files: Mapping[str, str]) -> Iterator[tuple[dict[str, str], bytes]]:
    for sha2, content_type in files.items():
        try:
            data = storage.get(file_key(sha2))
        except NotFound:  # it went meanwhile, with a purge or an erasure; the reader will see what it misses
            continue
        yield {"Content-Type": content_type, ENCODING_HEADER: "binary", HASH_HEADER: sha2}, data
