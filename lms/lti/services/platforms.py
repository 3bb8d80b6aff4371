"""Register a platform, change it, switch it off and on; and its deployments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel import clock
from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _
from lms.lti.formats.endpoints import Endpoints
from lms.lti.models import Deployment, KeySet, PlatformRegistration
from lms.lti.queries.platforms import find_platform

LONGEST_DEPLOYMENT = 255


@dataclass(frozen=True, slots=True)
class Terms:
    """What we know of a platform. `area`: a slug; `scopes`: the services it granted."""

    name: str
    product: str
    client_id: str
    endpoints: Endpoints
    area: str
    organisation_id: int
    token_audience: str = ""
    scopes: Sequence[str] = ()


def register_platform(db: Session, terms: Terms, *, deployment_id: str = "") -> PlatformRegistration:
    """Add a platform, with its first deployment when that is known. Raises `Refused` when it is registered already."""
    if find_platform(db, terms.endpoints.issuer, terms.client_id) is not None:
        raise _known_already()
    registration = PlatformRegistration(created_at=clock.now())
    _fill(registration, terms)
    db.add(registration)
    db.flush()
    if deployment_id:
        add_deployment(db, registration, deployment_id)
    return registration


def change_platform(db: Session, registration: PlatformRegistration, terms: Terms) -> None:
    """Write down what is different. Raises `Refused` when another row is this platform already."""
    found = find_platform(db, terms.endpoints.issuer, terms.client_id)
    if found is not None and found.id != registration.id:
        raise _known_already()
    if registration.jwks_uri != terms.endpoints.jwks_uri:  # keys of another place say nothing here
        db.execute(sa.delete(KeySet).where(KeySet.registration_id == registration.id))
    _fill(registration, terms)
    db.flush()


def switch_platform(db: Session, registration: PlatformRegistration, *, on: bool) -> None:
    """Take no launch from it any more, or take them again. Again is no change."""
    if on != (registration.switched_off_at is None):
        registration.switched_off_at = None if on else clock.now()
        db.flush()


def add_deployment(db: Session, registration: PlatformRegistration, deployment_id: str) -> Deployment:
    """Add a deployment under the platform's own id. Raises `Refused` with a sentence for `deployment_id`."""
    wrong = wrong_deployment_id(deployment_id)
    known = sa.exists().where(Deployment.registration_id == registration.id, Deployment.deployment_id == deployment_id)
    if not wrong and db.scalar(sa.select(known)):
        wrong = _("Dit nummer staat al in de lijst.")
    if wrong:
        raise Refused(_("Kijk dit nog na. De rest is bewaard."), {"deployment_id": wrong})
    deployment = Deployment(registration_id=registration.id, deployment_id=deployment_id, created_at=clock.now())
    db.add(deployment)
    db.flush()
    return deployment


def wrong_deployment_id(text: str) -> str:
    """What is wrong with a deployment id as a sentence, or nothing (LTI 1.3 core, 3.1.3: ASCII, at most 255 signs)."""
    if not text:
        return _("Vul het nummer van de plaatsing in.")
    if len(text) > LONGEST_DEPLOYMENT or not text.isascii() or not text.isprintable():
        return _("Dit kan geen nummer van een plaatsing zijn.")
    return ""


def switch_deployment(db: Session, deployment: Deployment, *, on: bool) -> None:
    """Take no launch from this deployment any more, or take them again. Again is no change."""
    if on != (deployment.switched_off_at is None):
        deployment.switched_off_at = None if on else clock.now()
        db.flush()


def _fill(registration: PlatformRegistration, terms: Terms) -> None:
    ends = terms.endpoints
    registration.name, registration.product, registration.client_id = terms.name, terms.product, terms.client_id
    registration.issuer, registration.jwks_uri = ends.issuer, ends.jwks_uri
    registration.authorization_endpoint, registration.token_endpoint = ends.authorization_endpoint, ends.token_endpoint
    registration.token_audience, registration.scopes = terms.token_audience, list(terms.scopes)
    registration.area, registration.organisation_id = terms.area, terms.organisation_id


def _known_already() -> Refused:
    message = _("Dit leerplatform kennen we al, met dezelfde client-id.")
    return Refused(_("Kijk dit nog na. De rest is bewaard."), {"client_id": message})
