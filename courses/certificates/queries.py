"""Questions about proof."""

from __future__ import annotations

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.certificates.models import Certificate
from courses.enrolment.models import Enrolment
from lms.kernel.errors import NotFound
from lms.kernel.identity import Identity
from lms.kernel.prepared import Prepared

_UUID_BY_ENROLMENT = Prepared(
    sa.select(Certificate.uuid).where(Certificate.enrolment_id == sa.bindparam("enrolment_id"))
)


def find_certificate_uuid(db: Session, enrolment_id: int) -> UUID | None:
    """The certificate of this enrolment, or None when there is none yet."""
    uuid: UUID | None = _UUID_BY_ENROLMENT.scalar(db, enrolment_id=enrolment_id)
    return uuid


def get_own_certificate(db: Session, identity: Identity, uuid: UUID) -> Certificate:
    """A certificate, for the person it belongs to. Raises `NotFound` for anybody else."""
    certificate = db.scalar(
        sa.select(Certificate)
        .join(Enrolment, Enrolment.id == Certificate.enrolment_id)
        .where(Certificate.uuid == uuid, Enrolment.person_id == identity.person_id)
    )
    if certificate is None:
        raise NotFound(str(uuid))
    return certificate


def find_certificate_by_code(db: Session, code: str) -> Certificate | None:
    """The certificate with this code, as anybody may ask who holds the paper; spaces, dashes and case do not matter."""
    bare = "".join(sign for sign in code.upper() if sign.isalnum())
    return db.scalar(sa.select(Certificate).where(Certificate.code == bare))
