"""For which employers somebody sits at this desk."""

from __future__ import annotations

from dataclasses import dataclass, replace
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.models import Organisation
from lms.accounts.queries import organisations_of
from lms.kernel.errors import NotFound
from lms.kernel.identity import Identity, Permission

SHOWN = 50


@dataclass(frozen=True, slots=True)
class Desk:
    """The employer whose staff is on the table. `is_one_of_many`: she has other desks, so links must name this one."""

    id: int
    uuid: UUID
    name: str
    area: str
    is_one_of_many: bool

    @property
    def args(self) -> dict[str, str]:
        """What an address needs to come back to this desk."""
        return {"organisation": str(self.uuid)} if self.is_one_of_many else {}


def find_desk(db: Session, identity: Identity, uuid: UUID | None = None) -> Desk | None:
    """The desk with this uuid; without one her own employer's, or the only one. None when she must choose.

    Raises `NotFound` for a desk that is not hers.
    """
    own = (Organisation.id == (identity.organisation_id or 0)).desc()
    mine = [
        _desk(row, is_one_of_many=True) for row in db.execute(_desks(identity).order_by(own, Organisation.id).limit(2))
    ]
    if uuid is not None:
        row = db.execute(_desks(identity).where(Organisation.uuid == uuid)).first()
        if row is None:
            raise NotFound(f"organisation {uuid}")
        return _desk(row, is_one_of_many=len(mine) > 1)
    if not mine:
        raise NotFound("no desk")
    if len(mine) == 1:
        return replace(mine[0], is_one_of_many=False)
    return mine[0] if mine[0].id == identity.organisation_id else None


def list_desks(db: Session, identity: Identity, *, search: str = "") -> list[Desk]:
    """The desks she can choose from, by name; the first fifty that hold these words."""
    chosen = _desks(identity).order_by(Organisation.name).limit(SHOWN)
    for word in search.split():
        chosen = chosen.where(Organisation.name.icontains(word, autoescape=True))
    return [_desk(row, is_one_of_many=True) for row in db.execute(chosen)]


def _desk(row: sa.Row[int, UUID, str, str], *, is_one_of_many: bool) -> Desk:
    key, uuid, name, area = row
    return Desk(key, uuid, name, area, is_one_of_many)


def get_organisation(db: Session, desk: Desk) -> Organisation:
    """The employer of this desk, to act for. Raises `NotFound`."""
    organisation = db.get(Organisation, desk.id)
    if organisation is None:
        raise NotFound(f"organisation {desk.id}")
    return organisation


def _desks(identity: Identity) -> sa.Select[int, UUID, str, str]:
    return sa.select(Organisation.id, Organisation.uuid, Organisation.name, Organisation.area).where(
        organisations_of(identity, Permission.ENROL_STAFF), Organisation.archived_at.is_(None)
    )
