"""How statements are kept: the bytes to the letter, and beside them what they are found by.

Actors and activities have no tables of their own. They are found by a key of 128 bits, computed from their identifier:
nothing needs to be looked up or upserted to store a statement, so writers have nothing to deadlock on, and an
identifier may be as long as it likes. `docs/decisions/how-statements-are-stored.md` tells why.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import TypeDecorator, TypeEngine

from lms.kernel.db import Base
from xapi.standard.verb import VOIDED


class Key(TypeDecorator[UUID]):
    """128 bits: a `uuid` in PostgreSQL, 16 bytes in SQLite."""

    impl = sa.LargeBinary(16)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(postgresql.UUID() if dialect.name == "postgresql" else sa.LargeBinary(16))

    def process_bind_param(self, value: UUID | None, dialect: Dialect) -> UUID | bytes | None:
        return value.bytes if value is not None and dialect.name == "sqlite" else value

    def process_result_value(self, value: Any, dialect: Dialect) -> UUID | None:
        return UUID(bytes=bytes(value)) if value is not None and dialect.name == "sqlite" else value


BigId = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


@lru_cache(maxsize=65_536)
def key_of(identifier: str) -> UUID:
    """The key of an actor's identifier (`ifi_of`) or of an IRI. Equal for equal ones, in every process, for ever."""
    return UUID(bytes=hashlib.blake2b(identifier.encode(), digest_size=16).digest())


VOIDED_KEY = key_of(VOIDED)


class Statement(Base):
    """One statement. `id` is the order of storing; nothing in a row ever changes, except that an erased person
    goes from it.

    `payload` is what came, property by property as it came, completed with what the store adds. `target` is the
    statement that the object refers to. `credential_id` is None for what the platform recorded itself. `area` (slug)
    and `organisation` (uuid) are where it counts.
    """

    __tablename__ = "statement"
    __table_args__ = (
        sa.Index("ix_statement_verb_key_id", "verb_key", "id"),
        sa.Index(
            "ix_statement_registration_id",
            "registration",
            "id",
            sqlite_where=sa.text("registration IS NOT NULL"),
            postgresql_where=sa.text("registration IS NOT NULL"),
        ),
        sa.Index(
            "ix_statement_credential_id_id",
            "credential_id",
            "id",
            sqlite_where=sa.text("credential_id IS NOT NULL"),
            postgresql_where=sa.text("credential_id IS NOT NULL"),
        ),
        sa.Index(
            "ix_statement_area_id",
            "area",
            "id",
            sqlite_where=sa.text("area IS NOT NULL"),
            postgresql_where=sa.text("area IS NOT NULL"),
        ),
        sa.Index(
            "ix_statement_target",
            "target",
            sqlite_where=sa.text("target IS NOT NULL"),
            postgresql_where=sa.text("target IS NOT NULL"),
        ),
        sa.Index(
            "ix_statement_id_referring",
            "id",
            "target",
            sqlite_where=sa.text("target IS NOT NULL"),
            postgresql_where=sa.text("target IS NOT NULL"),
        ),
        {"sqlite_autoincrement": True},  # an id is never used again, also after a purge
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    uuid: Mapped[UUID] = mapped_column(Key, unique=True)
    stored: Mapped[datetime] = mapped_column(index=True)
    timestamp: Mapped[datetime]
    verb: Mapped[str] = mapped_column(sa.Text)
    verb_key: Mapped[UUID] = mapped_column(Key)
    object_iri: Mapped[str | None] = mapped_column(sa.Text)
    target: Mapped[UUID | None] = mapped_column(Key)
    actor_key: Mapped[UUID | None] = mapped_column(Key)
    registration: Mapped[UUID | None] = mapped_column(Key)
    version: Mapped[str] = mapped_column(sa.Text)
    credential_id: Mapped[int | None]
    area: Mapped[str | None] = mapped_column(sa.String(60))
    organisation: Mapped[UUID | None]
    payload: Mapped[bytes]


class StatementAgent(Base):
    """Everyone a statement is found by, once each, with the nearest `xapi.standard.relations.Role`.

    The authority is not among them: it is a credential of ours, or the platform, and `credential_id` says which.
    """

    __tablename__ = "statement_agent"
    __table_args__ = ({"sqlite_with_rowid": False},)

    agent: Mapped[UUID] = mapped_column(Key, primary_key=True)
    role: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True)
    statement_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)


class StatementActivity(Base):
    """Every activity a statement is found by, once each, with the nearest role."""

    __tablename__ = "statement_activity"
    __table_args__ = ({"sqlite_with_rowid": False},)

    activity: Mapped[UUID] = mapped_column(Key, primary_key=True)
    role: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True)
    statement_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)


class StatementPair(Base):
    """An agent and an activity that both are directly in one statement: who did something with what.

    What somebody did is many statements, and what was done with an activity too; both at once are few. The `verb` goes
    with them, so that what she did otherwise is passed over without being read.
    """

    __tablename__ = "statement_pair"
    __table_args__ = (
        sa.PrimaryKeyConstraint("agent", "activity", "statement_id", postgresql_include=["verb"]),
        {"sqlite_with_rowid": False},
    )

    agent: Mapped[UUID] = mapped_column(Key, primary_key=True)
    activity: Mapped[UUID] = mapped_column(Key, primary_key=True)
    statement_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    verb: Mapped[UUID] = mapped_column(Key)


class StatementFile(Base):
    """The data of an attachment that came with this statement; it lies in storage under `file_key(sha2)`.

    A statement that only names a hash has no row: knowing the hash of what another sent opens nothing.
    """

    __tablename__ = "statement_file"
    __table_args__ = (sa.Index("ix_statement_file_sha2", "sha2"), {"sqlite_with_rowid": False})

    statement_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    sha2: Mapped[str] = mapped_column(sa.String(128), primary_key=True)


class Voiding(Base):
    """`target` is voided by this statement, wherever and whenever the two arrived (1.0.3 Data 2.3.2; 2.0 4.2.5).

    A row here voids nothing when the target is itself a voiding statement: questions look at its verb.
    """

    __tablename__ = "voiding"

    target: Mapped[UUID] = mapped_column(Key, primary_key=True)
    statement_id: Mapped[int] = mapped_column(BigId)


class StatementImport(Base):
    """How far a file or another record store was read: `read` lines, and where the next one begins."""

    __tablename__ = "statement_import"

    source: Mapped[str] = mapped_column(sa.Text, primary_key=True)
    read: Mapped[int] = mapped_column(default=0)
    position: Mapped[str] = mapped_column(sa.Text, default="")
    updated_at: Mapped[datetime]


class RemovalKind(StrEnum):
    """Why something went from the record."""

    ERASURE = "erasure"  # a person was made nobody; her statements stay
    PURGE = "purge"  # old statements were removed


class Removal(Base):
    """What was taken out of the record, for who must account for it: in how many statements, and nothing of what.

    `person_uuid` says whose account was erased, when she had one; `before` up to when was purged. `by`: the uuid of the
    person who did it, or the user of this computer who gave the command; None when nobody knows.
    """

    __tablename__ = "statement_removal"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(10))
    at: Mapped[datetime]
    person_uuid: Mapped[UUID | None]
    before: Mapped[datetime | None]
    statements: Mapped[int]
    by: Mapped[str | None] = mapped_column(sa.String(120))
