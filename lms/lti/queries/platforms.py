"""The platforms that know us, for who looks after an area, or after all of them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.models import Organisation
from lms.accounts.queries import organisations_of
from lms.kernel.errors import NotFound
from lms.kernel.identity import Identity, Permission
from lms.lti.models import Deployment, PlatformRegistration, RegistrationInvitation

CONNECT = Permission.CONNECT_PLATFORMS


@dataclass(frozen=True, slots=True)
class PlatformRow:
    """A platform in the list. `deployments`: how many of its deployments are on."""

    registration: PlatformRegistration
    organisation: str
    deployments: int


@dataclass(frozen=True, slots=True)
class Employer:
    """An organisation whose people a platform may send."""

    id: int
    uuid: UUID
    name: str


def list_platforms(db: Session, identity: Identity) -> list[PlatformRow]:
    """The platforms of the areas she looks after, by name; those that are off too."""
    rows = db.execute(
        sa.select(PlatformRegistration, Organisation.name, _open_deployments())
        .join(Organisation, Organisation.id == PlatformRegistration.organisation_id)
        .where(_is_managed_by(identity, PlatformRegistration.area))
        .order_by(PlatformRegistration.name, PlatformRegistration.id)
    )
    return [PlatformRow(*row) for row in rows]


def get_platform(db: Session, identity: Identity, uuid: UUID) -> PlatformRow:
    """A platform of the areas she looks after. Raises `NotFound`, also when there is one but not for her."""
    row = db.execute(
        sa.select(PlatformRegistration, Organisation.name, _open_deployments())
        .join(Organisation, Organisation.id == PlatformRegistration.organisation_id)
        .where(PlatformRegistration.uuid == uuid, _is_managed_by(identity, PlatformRegistration.area))
    ).one_or_none()
    if row is None:
        raise NotFound(f"platform {uuid}")
    return PlatformRow(*row)


def find_platform(db: Session, issuer: str, client_id: str) -> PlatformRegistration | None:
    """The platform under its own two names, whosever area it is."""
    return db.scalar(
        sa.select(PlatformRegistration).where(
            PlatformRegistration.issuer == issuer, PlatformRegistration.client_id == client_id
        )
    )


def list_deployments(db: Session, registration_id: int) -> list[Deployment]:
    """The deployments of a platform, in the order they were added; those that are off too."""
    found = sa.select(Deployment).where(Deployment.registration_id == registration_id).order_by(Deployment.id)
    return list(db.scalars(found))


def get_deployment(db: Session, registration_id: int, row: int) -> Deployment:
    """One of them, by the number of its row. Raises `NotFound`."""
    deployment = db.scalar(
        sa.select(Deployment).where(Deployment.id == row, Deployment.registration_id == registration_id)
    )
    if deployment is None:
        raise NotFound(f"deployment {row}")
    return deployment


def list_employers(db: Session, identity: Identity) -> list[Employer]:
    """The organisations she may choose, by name."""
    rows = db.execute(
        sa.select(Organisation.id, Organisation.uuid, Organisation.name)
        .where(organisations_of(identity, CONNECT), Organisation.archived_at.is_(None))
        .order_by(Organisation.name)
    )
    return [Employer(*row) for row in rows]


def find_organisation_name(db: Session, organisation_id: int) -> str:
    """What an organisation is called."""
    return db.scalar(sa.select(Organisation.name).where(Organisation.id == organisation_id)) or ""


def list_invitations(db: Session, identity: Identity) -> list[tuple[RegistrationInvitation, str]]:
    """The registration links of the areas she looks after, with the organisation's name, the newest first."""
    rows = db.execute(
        sa.select(RegistrationInvitation, Organisation.name)
        .join(Organisation, Organisation.id == RegistrationInvitation.organisation_id)
        .where(_is_managed_by(identity, RegistrationInvitation.area))
        .order_by(RegistrationInvitation.id.desc())
    )
    return [(row[0], row[1]) for row in rows]


def get_invitation(db: Session, identity: Identity, uuid: UUID) -> RegistrationInvitation:
    """One of them. Raises `NotFound`, also when there is one but not for her."""
    invitation = db.scalar(
        sa.select(RegistrationInvitation).where(
            RegistrationInvitation.uuid == uuid, _is_managed_by(identity, RegistrationInvitation.area)
        )
    )
    if invitation is None:
        raise NotFound(f"registration invitation {uuid}")
    return invitation


def _is_managed_by(identity: Identity, area: sa.orm.InstrumentedAttribute[str]) -> sa.ColumnElement[bool]:
    areas = identity.areas(CONNECT)
    return sa.true() if areas is None else area.in_(areas)


def _open_deployments() -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.count(Deployment.id))
        .where(Deployment.registration_id == PlatformRegistration.id, Deployment.switched_off_at.is_(None))
        .correlate(PlatformRegistration)
        .scalar_subquery()
    )
