"""Registrations of other organisations' platforms, for tests."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from lms.kernel import clock
from lms.lti.models import Deployment, PlatformRegistration
from tests.factories.accounts import make_organisation
from tests.services.lti_platform import Client, LtiPlatform


def make_registration(db: Session, platform: LtiPlatform, client: Client, **values: Any) -> PlatformRegistration:
    """The row for this client of that platform, in gezinszorg unless `area` says otherwise, with its deployments."""
    if "organisation_id" not in values:
        values["organisation_id"] = make_organisation(db).id
    plain: dict[str, Any] = {
        "name": "Thuiszorg Demerdal",
        "product": "",
        "issuer": platform.issuer,
        "client_id": client.client_id,
        "authorization_endpoint": platform.authorization_endpoint,
        "token_endpoint": platform.token_endpoint,
        "token_audience": "",
        "jwks_uri": platform.jwks_uri,
        "scopes": list(client.scopes),
        "area": "gezinszorg",
        "created_at": clock.now(),
    }
    registration = PlatformRegistration(**(plain | values))
    db.add(registration)
    db.flush()
    for deployment_id in client.deployments:
        db.add(Deployment(registration_id=registration.id, deployment_id=deployment_id, created_at=clock.now()))
    db.flush()
    return registration
