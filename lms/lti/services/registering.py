"""Registration links, and what happens when an administrator's platform opens one (LTI Dynamic Registration 1.0).

A link is claimed before the platform is asked, and given back when nothing was registered; what a claim whose
process died leaves behind is free again after `CLAIM`. No transaction is open while the platform is asked.
"""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.queries import hash_of
from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.errors import Refused
from lms.kernel.outgoing import Outgoing, Unreachable
from lms.lti.formats.endpoints import is_web_address
from lms.lti.formats.registration import (
    FlawedError,
    PlatformConfiguration,
    Registered,
    is_registration_token,
    read_configuration,
    read_registered,
    tool_configuration,
)
from lms.lti.formats.tool import ToolAddresses
from lms.lti.models import PlatformRegistration, RegistrationInvitation
from lms.lti.services.platforms import Terms, register_platform

LIFE = timedelta(days=7)
CLAIM = timedelta(minutes=2)
LONGEST_PROBLEM = 500


class RegistrationFailedError(Exception):
    """Nothing was registered. `step`: where it went wrong; the cause is an `Unreachable`, `FlawedError` or `Refused`.

    `status` and `said`: what the platform answered, when it did.
    """

    def __init__(self, step: str, status: int | None = None, said: str = "") -> None:
        super().__init__(step)
        self.step, self.status, self.said = step, status, said


class InvitationOverError(Exception):
    """The link was used, has expired, or somebody else is using it at this moment."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A link as a platform opened it: where its configuration stands, and the token to ask it with (or empty)."""

    configuration_url: str
    registration_token: str


def make_invitation(
    db: Session, *, name: str, area: str, organisation_id: int, by_person_id: int
) -> tuple[RegistrationInvitation, str]:
    """Make a link; returns it with the token it holds, which is kept nowhere and shown only now."""
    token = secrets.token_urlsafe(24)
    invitation = RegistrationInvitation(
        token_hash=hash_of(token),
        name=name,
        area=area,
        organisation_id=organisation_id,
        by_person_id=by_person_id,
        created_at=clock.now(),
        expires_at=clock.now() + LIFE,
    )
    db.add(invitation)
    db.flush()
    return invitation, token


def withdraw_invitation(db: Session, invitation: RegistrationInvitation) -> None:
    """Let a link that nobody used be over now; again is no change."""
    if invitation.registration_id is None and invitation.expires_at > clock.now():
        invitation.expires_at = clock.now()
        db.flush()


def find_invitation(db: Session, token: str) -> RegistrationInvitation | None:
    """The link with this token while it is good; None when it was used, is over, or never was."""
    return db.scalar(
        sa.select(RegistrationInvitation).where(
            RegistrationInvitation.token_hash == hash_of(token),
            RegistrationInvitation.registration_id.is_(None),
            RegistrationInvitation.expires_at > clock.now(),
        )
    )


def is_opened_well(opened: Opened, *, may_be_insecure: bool) -> bool:
    """Whether a platform can have opened a link with this."""
    return is_web_address(opened.configuration_url, may_be_insecure=may_be_insecure) and is_registration_token(
        opened.registration_token
    )


def ask_configuration(opened: Opened, outgoing: Outgoing, *, may_be_insecure: bool) -> PlatformConfiguration:
    """What the platform says of itself. Raises `RegistrationFailedError`. Canvas shows it to who holds the token."""
    try:
        answer = outgoing.ask(opened.configuration_url, headers=_headers(opened))
        if not answer.is_good:
            raise RegistrationFailedError("configuration", answer.status)
        return read_configuration(answer.json(), opened.configuration_url, may_be_insecure=may_be_insecure)
    except (Unreachable, FlawedError, ValueError) as error:
        raise RegistrationFailedError("configuration") from error


def register_through(
    database: Database, token: str, opened: Opened, outgoing: Outgoing, *, may_be_insecure: bool
) -> PlatformRegistration:
    """Register us in the platform that opened this link, and the platform here.

    Raises `InvitationOverError`, or `RegistrationFailedError`: then the link is as good as before.
    """
    invitation = _claim(database, token)
    try:
        platform = ask_configuration(opened, outgoing, may_be_insecure=may_be_insecure)
        registered = _ask_registration(opened, platform, outgoing, database.info["leerlabo.base_url"])
        return _keep(database, invitation, platform, registered)
    except RegistrationFailedError as failed:
        _give_back(database, invitation, failed)
        raise


def _claim(database: Database, token: str) -> RegistrationInvitation:
    """Take the link for oneself: of two who come at once, one."""
    now = clock.now()
    with database.write() as db:
        invitation = find_invitation(db, token)
        if invitation is None:
            raise InvitationOverError
        is_free = sa.or_(RegistrationInvitation.used_at.is_(None), RegistrationInvitation.used_at <= now - CLAIM)
        claimed = db.execute(
            sa.update(RegistrationInvitation)
            .where(RegistrationInvitation.id == invitation.id, is_free)
            .where(RegistrationInvitation.registration_id.is_(None))
            .values(used_at=now)
            .returning(RegistrationInvitation.id)
        ).first()
        if claimed is None:
            raise InvitationOverError
    return invitation


def _ask_registration(opened: Opened, platform: PlatformConfiguration, outgoing: Outgoing, base_url: str) -> Registered:
    configuration = tool_configuration(ToolAddresses(base_url), urlsplit(base_url).netloc, platform)
    headers = _headers(opened) | {"Content-Type": "application/json"}
    try:
        answer = outgoing.ask(
            platform.registration_endpoint, "POST", headers=headers, body=json.dumps(configuration).encode()
        )
        if not answer.is_good:
            raise RegistrationFailedError(
                "registration", answer.status, answer.body[:LONGEST_PROBLEM].decode("utf-8", "replace")
            )
        return read_registered(answer.json(), platform.scopes)
    except (Unreachable, FlawedError, ValueError) as error:
        raise RegistrationFailedError("registration") from error


def _keep(
    database: Database, invitation: RegistrationInvitation, platform: PlatformConfiguration, registered: Registered
) -> PlatformRegistration:
    terms = Terms(
        name=invitation.name,
        product=platform.product,
        client_id=registered.client_id,
        endpoints=platform.endpoints,
        area=invitation.area,
        organisation_id=invitation.organisation_id,
        token_audience=platform.token_audience,
        scopes=registered.scopes,
    )
    try:
        with database.write() as db:
            registration = register_platform(db, terms, deployment_id=registered.deployment_id)
            row = db.get_one(RegistrationInvitation, invitation.id)
            row.registration_id, row.problem = registration.id, ""
            return registration
    except (Refused, sa.exc.IntegrityError) as error:
        raise RegistrationFailedError("keeping") from error


def _give_back(database: Database, invitation: RegistrationInvitation, failed: RegistrationFailedError) -> None:
    said = " ".join(filter(None, (failed.step, str(failed.status or ""), failed.said, str(failed.__cause__ or ""))))
    with database.write() as db:
        row = db.get_one(RegistrationInvitation, invitation.id)
        row.used_at, row.problem = None, "".join(sign for sign in said if sign.isprintable())[:LONGEST_PROBLEM]


def _headers(opened: Opened) -> dict[str, str]:
    token = opened.registration_token
    return {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
