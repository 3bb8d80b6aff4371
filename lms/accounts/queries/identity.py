"""Who asks: one statement on every request. And who may see which organisations."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.models import Employment, Organisation, Person, RoleGrant, SignIn
from lms.kernel import clock
from lms.kernel.identity import PERMISSIONS, Grant, Identity, Permission, Role
from lms.kernel.prepared import Prepared


def hash_of(token: str, host: str = "") -> str:
    """What the database keeps of a token: its SHA-256. The tokens are long and random, so one round is enough.

    With `host` the hash is that of a token which works on that host alone.
    """
    return hashlib.sha256(f"{host}\n{token}".encode() if host else token.encode()).hexdigest()


# Built once, and of bare tables: this statement runs on every request. One row for each role, and one for who has none.
_sign_in, _person, _job = SignIn.__table__, Person.__table__, Employment.__table__
_organisation, _role = Organisation.__table__, RoleGrant.__table__
_current_job = (
    sa.select(_job.c.id)
    .where(
        _job.c.person_id == _person.c.id,
        _job.c.started_on <= sa.bindparam("today"),
        sa.or_(_job.c.ended_on.is_(None), _job.c.ended_on >= sa.bindparam("today")),
    )
    .order_by(_job.c.started_on.desc(), _job.c.id.desc())
    .limit(1)
    .correlate(_person)
    .scalar_subquery()
)
_identity_rows = (
    sa.select(
        _person.c.id,
        _person.c.uuid,
        _person.c.first_name,
        _person.c.last_name,
        _person.c.language,
        _person.c.text_size,
        _person.c.theme,
        _sign_in.c.id.label("sign_in_id"),
        _organisation.c.id.label("organisation_id"),
        _organisation.c.name.label("organisation_name"),
        _organisation.c.area,
        _role.c.role,
        _role.c.area.label("grant_area"),
        _role.c.organisation_id.label("grant_organisation_id"),
    )
    .select_from(_sign_in)
    .join(_person, _person.c.id == _sign_in.c.person_id)
    .outerjoin(_job, _job.c.id == _current_job)
    .outerjoin(_organisation, _organisation.c.id == _job.c.organisation_id)
    .outerjoin(_role, _role.c.person_id == _person.c.id)
    .where(
        _sign_in.c.token_hash == sa.bindparam("token_hash"),
        _sign_in.c.ended_at.is_(None),
        _sign_in.c.expires_at > sa.bindparam("now"),
        _person.c.blocked_at.is_(None),
        _person.c.erased_at.is_(None),
    )
    .order_by(_role.c.id)
)


_IDENTITY = Prepared(_identity_rows, opens=False)


def find_identity(db: Session, token: str) -> Identity | None:
    """Who holds this sign-in token, with her roles and her place of work; None when it is over. One statement."""
    values = {"token_hash": hash_of(token), "now": clock.now(), "today": clock.today()}
    rows = _IDENTITY.rows(db, **values)
    if not rows:
        return None
    first = rows[0]
    return Identity(
        person_id=first.id,
        person_uuid=first.uuid,
        name=f"{first.first_name} {first.last_name}".strip(),
        first_name=first.first_name,
        grants=_grants(rows),
        area=first.area,
        organisation_id=first.organisation_id,
        organisation_name=first.organisation_name or "",
        language=first.language,
        text_size=first.text_size,
        theme=first.theme,
        session_id=first.sign_in_id,
    )


def _grants(rows: Sequence[Any]) -> tuple[Grant, ...]:
    """Somebody without a role is a learner: an account is enough to learn."""
    held = tuple(Grant(Role(row.role), row.grant_area, row.grant_organisation_id) for row in rows if row.role)
    return held or (Grant(Role.LEARNER),)


def organisations_of(identity: Identity, permission: Permission) -> sa.ColumnElement[bool]:
    """The condition on `Organisation` for those in which she has this permission: for every list at a desk."""
    held = [grant for grant in identity.grants if permission in PERMISSIONS[grant.role]]
    return sa.or_(sa.false(), *(_within(grant) for grant in held))


def _within(grant: Grant) -> sa.ColumnElement[bool]:
    area = sa.true() if grant.area is None else Organisation.area == grant.area
    employer = sa.true() if grant.organisation_id is None else Organisation.id == grant.organisation_id
    return sa.and_(area, employer)


def is_unlimited(identity: Identity, permission: Permission) -> bool:
    """Whether she has this permission everywhere, so also over people who work nowhere yet."""
    return any(
        permission in PERMISSIONS[grant.role] and grant.area is None and grant.organisation_id is None
        for grant in identity.grants
    )
