"""Put a document somewhere, merge one into another, take it away: always knowing what stood there.

Two who write one document come one after the other. On SQLite the transaction holds the write lock; on PostgreSQL the
row is locked while it is looked at, and of two who make it the second one looks again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel import clock
from lms.kernel.db import insert_once
from xapi.documents.formats import Address, Content, Holder, check_json, check_size, key_of, merge
from xapi.documents.models import Document
from xapi.documents.queries import Kept, find_document, of_holder
from xapi.standard.concurrency import Condition, Guard, etag_of

Change = Callable[[Content | None], Content]


def put_document(
    db: Session, address: Address, content: Content, condition: Condition, guard: Guard = Guard.NEVER
) -> None:
    """Keep this document, in place of the one that may be there (1.0.3 Communication 2.2; 2.0 4.1.6.2).

    Raises `StandardError`: 400 for JSON that is none, 412 when the condition is not met, 409 or 400 when the guard
    wants one and there is none.
    """
    check_json(content)

    def replaced(kept: Content | None) -> Content:
        condition.check(_etag(kept), guard)
        return content

    _change(db, address, replaced)


def post_document(db: Session, address: Address, content: Content, condition: Condition, *, most: int) -> None:
    """Merge this document into the one that is there; keep it when there is none.

    Raises `StandardError`: 400 when one of the two is no JSON object, 412 when the condition is not met, 413 when more
    than `most` bytes would come of it.
    """
    check_json(content)

    def merged(kept: Content | None) -> Content:
        condition.check(_etag(kept))
        whole = merge(kept, content)
        check_size(len(whole.data), most)
        return whole

    _change(db, address, merged)


def delete_document(db: Session, address: Address, condition: Condition) -> None:
    """Take one document away; that there is none is no fault. Raises `StandardError` (412)."""
    kept = find_document(db, address, to_change=True)
    condition.check(_etag(kept.content if kept else None))
    db.execute(sa.delete(Document).where(Document.key == address.key))


def delete_documents(db: Session, holder: Holder, *, registration: UUID | None = None) -> None:
    """Take away all documents of this holder: of one registration, or of all when None."""
    # In one order for everybody: who takes away the same ones at the same time waits instead of deadlocking.
    mine = of_holder(holder, registration)
    db.execute(sa.select(Document.key).where(*mine).order_by(Document.key).with_for_update())
    db.execute(sa.delete(Document).where(*mine))


def forget_agents(db: Session, identifiers: Iterable[str]) -> None:
    """Take away all documents about these agents (see `ifi_of`), whatever the limits they were kept within."""
    db.execute(sa.delete(Document).where(Document.agent.in_([key_of(identifier) for identifier in identifiers])))


def _change(db: Session, address: Address, change: Change) -> None:
    """Write what `change` makes of the document that is there."""
    while True:
        kept: Kept | None = find_document(db, address, to_change=True)
        content = change(kept.content if kept else None)
        values = {"content_type": content.type, "content": content.data, "updated": clock.now()}
        if kept is not None:
            db.execute(sa.update(Document).where(Document.key == address.key).values(**values))
            return
        if insert_once(db, Document, key=address.key, **_columns(address), **values):
            return


def _columns(address: Address) -> dict[str, object]:
    holder = address.holder
    return {
        "holder": holder.key,
        "registration": address.registration,
        "name": address.name,
        "agent": holder.agent_key,
        "area": holder.area,
        "organisation": holder.organisation,
    }


def _etag(content: Content | None) -> str | None:
    return None if content is None else etag_of(content.data)
