"""People, the organisations they work for, the roles they hold, and how they get in.

There is no national number here, nor anywhere else: nothing we do has a legal basis for it.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from lms.kernel.db import Base


class Organisation(Base):
    """An employer. `kbo`: ten digits, checked by its modulus. `area`: the slug its people see first."""

    __tablename__ = "organisation"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    name: Mapped[str] = mapped_column(sa.String(200))
    kbo: Mapped[str] = mapped_column(sa.String(10), unique=True)
    area: Mapped[str] = mapped_column(sa.String(60), index=True)
    joint_committee: Mapped[str] = mapped_column(sa.String(10), default="")
    employer_category: Mapped[str] = mapped_column(sa.String(10), default="")
    fte: Mapped[Decimal | None] = mapped_column(sa.Numeric(8, 2))
    created_at: Mapped[datetime]
    archived_at: Mapped[datetime | None]


class Establishment(Base):
    """A place where an organisation works (vestiging). `number`: ten digits, or None where nobody knows it yet."""

    __tablename__ = "establishment"

    id: Mapped[int] = mapped_column(primary_key=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(120))
    number: Mapped[str | None] = mapped_column(sa.String(10), unique=True)


class Person(Base):
    """Somebody with an account. Erased people keep their row and their uuid, so that counts stay; all else goes."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    uuid: Mapped[UUID] = mapped_column(unique=True, default=uuid4)
    first_name: Mapped[str] = mapped_column(sa.String(80))
    last_name: Mapped[str] = mapped_column(sa.String(120))
    email: Mapped[str | None] = mapped_column(sa.String(254), unique=True)  # always in lower case
    user_name: Mapped[str | None] = mapped_column(sa.String(80), unique=True)  # always in lower case
    phone: Mapped[str] = mapped_column(sa.String(30), default="")
    password_hash: Mapped[str | None] = mapped_column(sa.String(200))
    language: Mapped[str] = mapped_column(sa.String(2), default="")
    text_size: Mapped[str] = mapped_column(sa.String(10), default="")
    theme: Mapped[str] = mapped_column(sa.String(10), default="")
    is_test: Mapped[bool] = mapped_column(default=False)
    made_by: Mapped[str] = mapped_column(
        sa.String(10), default=""
    )  # "lti": a platform's word, till she proves an address
    created_at: Mapped[datetime]
    blocked_at: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]

    @property
    def name(self) -> str:
        """First and last name, as on a certificate."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_open_account(self) -> bool:
        """Whether she counts as a registered user; `queries.open_accounts` says the same in SQL."""
        return not self.is_test and self.blocked_at is None and self.erased_at is None


class JoinedPerson(Base):
    """A row of `person` that turned out to be somebody who had an account already: from then on she is `into_id`.

    What was hers is that person's now; statements that name her old uuid stay as they are, and count for that person.
    Her own account is closed. Nobody is joined twice, nor into somebody who was joined herself.
    """

    __tablename__ = "joined_person"

    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), primary_key=True)
    into_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    joined_at: Mapped[datetime]


class Employment(Base):
    """One job of one person. An enrolment names the employment it is for."""

    __tablename__ = "employment"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    organisation_id: Mapped[int] = mapped_column(sa.ForeignKey("organisation.id"), index=True)
    establishment_id: Mapped[int | None] = mapped_column(sa.ForeignKey("establishment.id"))
    staff_number: Mapped[str] = mapped_column(sa.String(40), default="")
    job_title: Mapped[str] = mapped_column(sa.String(120), default="")
    started_on: Mapped[date]
    ended_on: Mapped[date | None]


class RoleGrant(Base):
    """A role somebody holds: for one area, for one organisation, or (both None) everywhere."""

    __tablename__ = "role_grant"
    __table_args__ = (sa.UniqueConstraint("person_id", "role", "area", "organisation_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    role: Mapped[str] = mapped_column(sa.String(20))
    area: Mapped[str | None] = mapped_column(sa.String(60))
    organisation_id: Mapped[int | None] = mapped_column(sa.ForeignKey("organisation.id"))


class SignIn(Base):
    """One browser that is signed in. The cookie holds the token, this row only its SHA-256."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    device: Mapped[str] = mapped_column(sa.String(60), default="")  # "Chrome, Android": to recognise it in her list
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]


class SingleUseLink(Base):
    """A link that works once and not for long: an invitation, a new password, a step to another host of ours."""

    __tablename__ = "single_use_link"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(20))
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInAttempts(Base):
    """How often a name or an address was tried since `since`. The key holds a hash of a name, never the name."""

    __tablename__ = "sign_in_attempts"

    key: Mapped[str] = mapped_column(sa.String(200), primary_key=True)
    since: Mapped[datetime]
    failures: Mapped[int] = mapped_column(default=0)
