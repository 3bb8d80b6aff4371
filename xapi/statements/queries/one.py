"""One statement, and how far a source was read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel.prepared import Prepared
from xapi.credentials.queries import Access
from xapi.statements.models import Statement, StatementImport
from xapi.statements.queries.visible import is_voided, limits_of, within_limits


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


def find_import(db: Session, source: str) -> StatementImport | None:
    """How far this source was read before, or None."""
    return db.get(StatementImport, source)
