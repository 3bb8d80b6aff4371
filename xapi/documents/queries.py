"""Questions to the documents: one of them, or the ids of many."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from xapi.documents.formats import Address, Content, Holder
from xapi.documents.models import Document


@dataclass(frozen=True, slots=True)
class Kept:
    """A document, and when it was last changed."""

    content: Content
    updated: datetime


@dataclass(frozen=True, slots=True)
class Listed:
    """The ids of documents, the one that changed first in front, and when the last one changed; None without any."""

    names: list[str]
    updated: datetime | None


def find_document(db: Session, address: Address, *, to_change: bool = False) -> Kept | None:
    """The document at this address. `to_change` keeps other writers of it away until the transaction ends."""
    query = sa.select(Document.content_type, Document.content, Document.updated).where(Document.key == address.key)
    row = db.execute(query.with_for_update() if to_change else query).one_or_none()
    return row and Kept(Content(row.content_type, row.content), row.updated)


def list_documents(
    db: Session, holder: Holder, *, registration: UUID | None = None, since: datetime | None = None
) -> Listed:
    """The ids of a holder's documents that changed after `since`: of one registration, or of all when None."""
    query = sa.select(Document.name, Document.updated).where(*of_holder(holder, registration))
    if since is not None:
        query = query.where(Document.updated > since)
    rows = db.execute(query.order_by(Document.updated, Document.key)).all()
    return Listed(list(dict.fromkeys(row.name for row in rows)), rows[-1].updated if rows else None)


def of_holder(holder: Holder, registration: UUID | None) -> list[sa.ColumnElement[bool]]:
    """What is true of a holder's documents: of one registration, or of all when None."""
    mine: list[sa.ColumnElement[bool]] = [Document.holder == holder.key]
    return mine if registration is None else [*mine, Document.registration == registration]
