"""Platforms that know us, their deployments, and the keys on both sides."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Base


class PlatformRegistration(Base):
    """Us as one client of one platform (LTI 1.3 core, 3.1.3). `product`: its family, such as `moodle` or `canvas`.

    The people it sends belong to `organisation_id` and first see `area` (slug). `token_audience`: what the platform
    wants as `aud` of a token request; empty: its token endpoint. `scopes`: the services it granted.
    """

    __tablename__ = "lti_registration"
    __table_args__ = (sa.UniqueConstraint("issuer", "client_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    name: Mapped[str] = mapped_column(sa.String(120))
    product: Mapped[str] = mapped_column(sa.String(60), default="")
    issuer: Mapped[str] = mapped_column(sa.String(500))
    client_id: Mapped[str] = mapped_column(sa.String(255))
    authorization_endpoint: Mapped[str] = mapped_column(sa.Text)
    token_endpoint: Mapped[str] = mapped_column(sa.Text)
    token_audience: Mapped[str] = mapped_column(sa.Text, default="")
    jwks_uri: Mapped[str] = mapped_column(sa.Text)
    scopes: Mapped[list[str]]
    area: Mapped[str] = mapped_column(sa.String(60))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    created_at: Mapped[datetime]
    switched_off_at: Mapped[datetime | None]


class Deployment(Base):
    """One placing of us in a platform (LTI 1.3 core, 3.1.3). Its id is the platform's: any text of up to 255 signs."""

    __tablename__ = "lti_deployment"
    __table_args__ = (sa.UniqueConstraint("registration_id", "deployment_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("lti_registration.id"))
    deployment_id: Mapped[str] = mapped_column(sa.String(255))
    created_at: Mapped[datetime]
    switched_off_at: Mapped[datetime | None]


class RegistrationInvitation(Base):
    """A link with which an administrator registers us in her platform, once (LTI Dynamic Registration).

    The link holds the token, this row only its SHA-256. `problem`: why the last try failed, for who made the link.
    """

    __tablename__ = "lti_registration_invitation"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    area: Mapped[str] = mapped_column(sa.String(60))
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"))
    by_person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
    problem: Mapped[str] = mapped_column(sa.Text, default="")
    registration_id: Mapped[int | None] = mapped_column(sa.ForeignKey("lti_registration.id"))


class ToolKey(Base):
    """A key pair of ours (RS256), the same for every platform.

    It is published from `created_at`, signs from `signs_from` until a younger one does, and is published until
    `retired_at`. `private_key`: PEM, encrypted with a key that is derived from the secret key of the settings.
    `number` counts from 1: who makes the next one at the same moment as another finds it taken.
    """

    __tablename__ = "lti_tool_key"

    id: Mapped[int] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(unique=True)
    kid: Mapped[str] = mapped_column(sa.String(60), unique=True)
    private_key: Mapped[bytes]
    public_key: Mapped[str] = mapped_column(sa.Text)  # a JWK, as JSON
    created_at: Mapped[datetime]
    signs_from: Mapped[datetime]
    retired_at: Mapped[datetime | None]


class KeySet(Base):
    """The public keys of a platform as last read; `tried_at` keeps a platform that is down from being asked too often.

    `keys`: the JSON of its JWK Set, or empty while it was never read. `problem`: why the last try failed.
    """

    __tablename__ = "lti_key_set"

    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("lti_registration.id"), primary_key=True)
    keys: Mapped[str] = mapped_column(sa.Text, default="")
    fetched_at: Mapped[datetime | None]
    tried_at: Mapped[datetime]
    problem: Mapped[str] = mapped_column(sa.Text, default="")
