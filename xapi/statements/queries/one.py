"""One statement, what came with it, and how far a source was read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import orjson
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.prepared import Prepared
from xapi.credentials.queries import Access
from xapi.standard.attachment import attachments_of
from xapi.statements.models import Statement, StatementFile, StatementImport
from xapi.statements.queries.visible import is_voided, limits_of, within_limits

FILES = "attachments"  # the folder in storage


@dataclass(frozen=True, slots=True)
class Found:
    """A statement's kept bytes, and when it was stored."""

    id: int
    payload: bytes
    stored: datetime


def find_statement(db: Session, uuid: UUID, *, voided: bool = False, access: Access | None = None) -> Found | None:
    """The statement with this id, if it is (not) voided and the credential may see it."""
    limits = limits_of(access)
    row = _finding(tuple(limits), voided=voided).first(db, uuid=uuid, **limits)
    return row and Found(*row)


@lru_cache
def _finding(limits: tuple[str, ...], *, voided: bool) -> Prepared:
    """The question for one statement, for a credential with these limits."""
    return Prepared(
        sa.select(Statement.id, Statement.payload, Statement.stored).where(
            Statement.uuid == sa.bindparam("uuid"),
            is_voided if voided else sa.not_(is_voided),
            *within_limits(Statement, limits),
        )
    )


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


def find_import(db: Session, source: str) -> StatementImport | None:
    """How far this source was read before, or None."""
    return db.get(StatementImport, source)
