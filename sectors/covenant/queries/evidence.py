"""What people entered for a commitment, with who did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.models import Person
from lms.kernel.errors import NotFound
from sectors.covenant.formats import Covenant
from sectors.covenant.models import Evidence


@dataclass(frozen=True, slots=True)
class Entered:
    """A piece of evidence and the name of who entered it."""

    piece: Evidence
    by: str


def list_evidence(db: Session, covenant: Covenant, key: str) -> Sequence[Entered]:
    """Everything entered for a commitment, the last first, withdrawn pieces too."""
    rows = db.execute(
        sa.select(Evidence, Person.first_name, Person.last_name)
        .outerjoin(Person, Person.id == Evidence.entered_by)
        .where(Evidence.covenant == covenant.name, Evidence.key == key)
        .order_by(Evidence.dated_on.desc(), Evidence.id.desc())
    )
    return [Entered(piece, " ".join(filter(None, (first, last)))) for piece, first, last in rows]


def get_evidence(db: Session, covenant: Covenant, key: str, uuid: UUID) -> Evidence:
    """One piece of evidence. Raises `NotFound`."""
    found = db.scalar(
        sa.select(Evidence).where(Evidence.covenant == covenant.name, Evidence.key == key, Evidence.uuid == uuid)
    )
    if found is None:
        raise NotFound(str(uuid))
    return found
