"""Give a program a key, take it back, and know when it was last used."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.services.signing_in import Limit, count_attempt
from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.jobs import enqueue
from xapi.credentials.models import Credential, Scope
from xapi.credentials.queries import get_credential, hash_of

USED_KIND = "credential-used"
MINUTE = timedelta(minutes=1)


def create_credential(
    db: Session,
    name: str,
    *,
    scopes: Iterable[Scope] = (Scope.ALL,),
    area: str | None = None,
    organisation: UUID | None = None,
    expires_at: datetime | None = None,
) -> tuple[Credential, str]:
    """Make a credential; returns it with its secret, which is kept nowhere and shown only now."""
    secret = secrets.token_urlsafe(32)
    credential = Credential(
        name=name,
        key=secrets.token_hex(16),
        secret_hash=hash_of(secret),
        scopes=sorted(scopes),
        area=area,
        organisation=organisation,
        created_at=clock.now(),
        expires_at=expires_at,
    )
    db.add(credential)
    db.flush()
    return credential, secret


def revoke_credential(db: Session, key: str) -> Credential:
    """Take a key back, from now on; again is no change. Raises `NotFound`."""
    credential = get_credential(db, key)
    if credential.revoked_at is None:
        credential.revoked_at = clock.now()
        db.flush()
    return credential


def count_request(database: Database, credential_id: int, most: int) -> None:
    """Count a request of a credential that may send `most` a minute, for all web processes together, at once.

    Raises `TooManyAttempts`.
    """
    count_attempt(database, Limit(f"lrs:{credential_id}", most, MINUTE))


def note_use(database: Database, credential_id: int, at: datetime) -> None:
    """Have a worker write down that this credential was used. Opens a short transaction of its own."""
    with database.write() as db:
        enqueue(db, USED_KIND, {"credential": credential_id, "at": at.isoformat()})


def mark_used(db: Session, credential_id: int, at: datetime) -> None:
    """A credential was used then; what is known to be later stays."""
    db.execute(
        sa.update(Credential)
        .where(Credential.id == credential_id)
        .where(sa.or_(Credential.last_used_at.is_(None), Credential.last_used_at < at))
        .values(last_used_at=at)
    )
