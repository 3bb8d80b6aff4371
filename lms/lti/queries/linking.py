"""Who asks to be joined with the account she has here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.models import Person
from lms.accounts.queries import hash_of
from lms.kernel import clock
from lms.lti.models import LinkRequest, LtiUser, PlatformRegistration

MOST_TRIES = 5


@dataclass(frozen=True, slots=True)
class AskedLink:
    """A request that still works: what the platform calls her, and which platform that is."""

    name: str
    platform: str


@dataclass(frozen=True, slots=True)
class LinkedPlatform:
    """A platform from which somebody comes. `linked_at` is None for who has no account but the platform's."""

    name: str
    since: datetime
    launched_at: datetime | None
    linked_at: datetime | None


def find_asked_link(db: Session, token: str) -> AskedLink | None:
    """The request with this token; None when it was used, is too old, or was guessed at too often."""
    row = db.execute(
        sa.select(Person.first_name, Person.last_name, PlatformRegistration.name)
        .select_from(LinkRequest)
        .join(LtiUser, LtiUser.id == LinkRequest.user_id)
        .join(Person, Person.id == LtiUser.person_id)
        .join(PlatformRegistration, PlatformRegistration.id == LtiUser.registration_id)
        .where(LinkRequest.token_hash == hash_of(token), is_open(clock.now()), LtiUser.linked_at.is_(None))
    ).first()
    return None if row is None else AskedLink(f"{row[0]} {row[1]}".strip(), row[2])


def is_open(now: datetime) -> sa.ColumnElement[bool]:
    """The condition on `LinkRequest` for one that still works."""
    return sa.and_(LinkRequest.used_at.is_(None), LinkRequest.expires_at > now, LinkRequest.tries < MOST_TRIES)


def list_linked_platforms(db: Session, person_id: int) -> list[LinkedPlatform]:
    """From which platforms this person comes, by name: her own, to read on her account page."""
    rows = db.execute(
        sa.select(PlatformRegistration.name, LtiUser.created_at, LtiUser.launched_at, LtiUser.linked_at)
        .join(LtiUser, LtiUser.registration_id == PlatformRegistration.id)
        .where(LtiUser.person_id == person_id)
        .order_by(PlatformRegistration.name, LtiUser.id)
    )
    return [LinkedPlatform(*row) for row in rows]
