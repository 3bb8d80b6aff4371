"""Who shows this key and secret, what they may do, and whose word a statement is."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.models import Organisation
from lms.accounts.queries import organisations_of
from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.kernel.identity import Identity, Permission
from xapi.credentials.models import Credential, Scope

DEFAULT_IRI_BASE = "https://leerlabo.example/"
PLATFORM = "leerlabo"
_INFO_KEY = "leerlabo.iri_base"


@dataclass(frozen=True, slots=True)
class Access:
    """A credential in use. `area` and `organisation` limit what it writes and reads; None is no limit."""

    credential_id: int
    uuid: UUID
    name: str
    scopes: frozenset[Scope]
    area: str | None
    organisation: UUID | None
    ends_at: datetime | None

    def has(self, *scopes: Scope) -> bool:
        """Whether it holds one of these, or `all`."""
        return Scope.ALL in self.scopes or not self.scopes.isdisjoint(scopes)

    @property
    def reads_only_own(self) -> bool:
        """Whether it sees no statements but those it wrote."""
        return not self.has(Scope.READ)

    def is_over(self, now: datetime) -> bool:
        """Whether it expired."""
        return self.ends_at is not None and self.ends_at <= now


@dataclass(frozen=True, slots=True)
class Employer:
    """An organisation to choose."""

    uuid: UUID
    name: str
    area: str


def hash_of(secret: str) -> bytes:
    """What is kept of a secret: it is long and random, so a slow hash would only slow every request."""
    return hashlib.sha256(secret.encode()).digest()


def find_access(db: Session, key: str, secret_hash: bytes) -> Access | None:
    """What this key and the hash of its secret open; None when they are wrong, revoked or expired."""
    row = db.execute(sa.select(Credential).where(Credential.key == key)).scalar_one_or_none()
    kept = row.secret_hash if row else bytes(32)
    if not hmac.compare_digest(kept, secret_hash) or row is None or row.revoked_at is not None:
        return None
    access = access_of(row)
    return None if access.is_over(clock.now()) else access


def find_authority(db: Session, identifier: str, iri_base: str) -> int | None:
    """Which authority of ours this actor is (`ifi_of`): a credential's id, 0 for the platform, None for neither."""
    account = identifier.removeprefix(f"account {iri_base} ")
    if account == identifier:
        return None
    if account == PLATFORM:
        return 0
    try:
        uuid = UUID(account)
    except ValueError:
        return None
    return db.scalar(sa.select(Credential.id).where(Credential.uuid == uuid))


def access_of(row: Credential) -> Access:
    """A credential as plain values."""
    return Access(
        row.id, row.uuid, row.name, as_scopes(row.scopes), row.area, row.organisation, row.expires_at
    )  # fmt: skip


def get_credential(db: Session, key: str) -> Credential:
    """The credential with this key. Raises `NotFound`."""
    row = db.execute(sa.select(Credential).where(Credential.key == key)).scalar_one_or_none()
    if row is None:
        raise NotFound(f"no credential has the key {key}")
    return row


def list_credentials(db: Session, identity: Identity) -> list[Credential]:
    """The credentials of the areas she looks after, the newest first, revoked ones too."""
    return list(db.scalars(sa.select(Credential).where(_is_managed_by(identity)).order_by(Credential.id.desc())))


def get_managed_credential(db: Session, identity: Identity, uuid: UUID) -> Credential:
    """A credential of the areas she looks after. Raises `NotFound`, also when there is one but not for her."""
    row = db.scalar(sa.select(Credential).where(Credential.uuid == uuid, _is_managed_by(identity)))
    if row is None:
        raise NotFound(f"credential {uuid}")
    return row


def list_employers(db: Session, identity: Identity) -> list[Employer]:
    """The organisations to which she may limit a credential, by name."""
    rows = db.execute(
        sa.select(Organisation.uuid, Organisation.name, Organisation.area)
        .where(organisations_of(identity, Permission.MANAGE_CREDENTIALS), Organisation.archived_at.is_(None))
        .order_by(Organisation.name)
    )
    return [Employer(*row) for row in rows]


def list_elsewhere(db: Session, uuids: Sequence[UUID], area: str) -> Sequence[UUID]:
    """Which of these organisations belong to another area."""
    return db.scalars(sa.select(Organisation.uuid).where(Organisation.uuid.in_(uuids), Organisation.area != area)).all()


def find_employer_name(db: Session, organisation: UUID | None) -> str:
    """What the organisation of a credential is called; its uuid when it is nobody's here."""
    if organisation is None:
        return ""
    return db.scalar(sa.select(Organisation.name).where(Organisation.uuid == organisation)) or str(organisation)


def _is_managed_by(identity: Identity) -> sa.ColumnElement[bool]:
    """A credential without area opens every area: it is only for who looks after all."""
    areas = identity.areas(Permission.MANAGE_CREDENTIALS)
    return sa.true() if areas is None else Credential.area.in_(areas)


def authority_of(access: Access | None, iri_base: str) -> dict[str, Any]:
    """The agent who asserts a statement (1.0.3 Data 2.4.9; 2.0 4.2.4.2): the credential, or the platform itself."""
    name, account = (access.name, str(access.uuid)) if access else ("Leerlabo", PLATFORM)
    return {"objectType": "Agent", "name": name, "account": {"homePage": iri_base, "name": account}}


def iri_base_of(info: dict[str, Any]) -> str:
    """The IRI base with which this installation names things, as `Session.info` knows it."""
    base: str = info.get(_INFO_KEY, DEFAULT_IRI_BASE)
    return base


def end_of(last_day: date) -> datetime:
    """When a credential ends that is good up to and including this day in Brussels: the midnight after it."""
    return clock.from_local(datetime.combine(last_day + timedelta(days=1), time()))


def as_scopes(names: Iterable[str]) -> frozenset[Scope]:
    """Scopes by their names. Raises `ValueError` for an unknown one."""
    return frozenset(Scope(name) for name in names)
