"""Who launches us: the registration and the deployment a message names."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.lti.models import Deployment, PlatformRegistration


def find_registration(
    db: Session, issuer: str, client_id: str = "", deployment_id: str = ""
) -> PlatformRegistration | None:
    """The registration a login means. Platforms need not name the client (LTI 1.3 core, 4.1.3): then it is the one
    with this deployment, or the only one of this issuer.
    """
    rows = sa.select(PlatformRegistration).where(PlatformRegistration.issuer == issuer)
    if client_id:
        return db.scalar(rows.where(PlatformRegistration.client_id == client_id))
    found = list(db.scalars(rows.order_by(PlatformRegistration.id)))
    if len(found) > 1 and deployment_id:
        holders = set(
            db.scalars(sa.select(Deployment.registration_id).where(Deployment.deployment_id == deployment_id))
        )
        found = [registration for registration in found if registration.id in holders]
    return found[0] if len(found) == 1 else None


def find_deployment(db: Session, registration_id: int, deployment_id: str) -> Deployment | None:
    """The deployment with the platform's own id, also one that was switched off."""
    return db.scalar(
        sa.select(Deployment).where(
            Deployment.registration_id == registration_id, Deployment.deployment_id == deployment_id
        )
    )
