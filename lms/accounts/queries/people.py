"""Questions about people and the organisations they work for. Nothing here changes a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from lms.accounts.models import Employment, Establishment, JoinedPerson, Organisation, Person, SignIn, SingleUseLink
from lms.accounts.queries.identity import hash_of
from lms.kernel import clock
from lms.kernel.errors import NotFound


@dataclass(frozen=True, slots=True)
class Credentials:
    """What signing in needs to know of a name."""

    person_id: int
    password_hash: str | None
    is_blocked: bool


@dataclass(frozen=True, slots=True)
class OpenSignIn:
    """A browser in which she is signed in, as she sees it in her list."""

    id: int
    device: str
    created_at: datetime


@dataclass(frozen=True, slots=True)
class Job:
    """Where somebody works, in words. `ended_on`: her last day, or None."""

    id: int
    organisation_id: int
    organisation: str
    area: str
    establishment: str
    job_title: str
    started_on: date
    ended_on: date | None


# ---- one person ------------------------------------------------------------------------------------------------------


def get_person(db: Session, person_id: int) -> Person:
    """The person with this id. Raises `NotFound`."""
    person = db.get(Person, person_id)
    if person is None:
        raise NotFound(f"person {person_id}")
    return person


def find_person_by_name(db: Session, name: str) -> Person | None:
    """Who has this e-mail address or user name."""
    return db.scalar(sa.select(Person).where(_is_called(name)))


def find_person_by_uuid(db: Session, uuid: UUID) -> Person | None:
    """Who has this uuid: the name our xAPI actors carry."""
    return db.scalar(sa.select(Person).where(Person.uuid == uuid))


def list_people_by_email(db: Session, emails: list[str]) -> dict[str, int]:
    """The ids of the people with these addresses (lower case): for a list of colleagues, in few statements."""
    found: dict[str, int] = {}
    for start in range(0, len(emails), 500):
        rows = db.execute(sa.select(Person.email, Person.id).where(Person.email.in_(emails[start : start + 500])))
        found.update((row.email, row.id) for row in rows if row.email)
    return found


def find_credentials(db: Session, name: str) -> Credentials | None:
    """What to check for this e-mail address or user name; None when nobody has it."""
    row = db.execute(
        sa.select(Person.id, Person.password_hash, Person.blocked_at).where(
            _is_called(name), Person.erased_at.is_(None)
        )
    ).first()
    return None if row is None else Credentials(row.id, row.password_hash, row.blocked_at is not None)


def find_password_hash(db: Session, person_id: int) -> str | None:
    """The hash of her password, or None when she has none."""
    return db.scalar(sa.select(Person.password_hash).where(Person.id == person_id))


def find_link(db: Session, kind: str, token: str) -> str | None:
    """The first name of whom this link is for, while it works."""
    return db.scalar(
        sa.select(Person.first_name)
        .join(SingleUseLink, SingleUseLink.person_id == Person.id)
        .where(
            SingleUseLink.token_hash == hash_of(token),
            SingleUseLink.kind == kind,
            SingleUseLink.used_at.is_(None),
            SingleUseLink.expires_at > clock.now(),
            Person.blocked_at.is_(None),
            Person.erased_at.is_(None),
        )
    )


def list_sign_ins(db: Session, person_id: int) -> list[OpenSignIn]:
    """Where she is signed in now, the newest first."""
    rows = db.execute(
        sa.select(SignIn.id, SignIn.device, SignIn.created_at)
        .where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.expires_at > clock.now())
        .order_by(SignIn.id.desc())
        .limit(20)
    )
    return [OpenSignIn(*row) for row in rows]


def goes_on() -> sa.ColumnElement[bool]:
    """The condition on `Employment` for a job that is not over; it may have yet to begin."""
    return sa.or_(Employment.ended_on.is_(None), Employment.ended_on >= clock.today())


def list_jobs(db: Session, person_id: int) -> list[Job]:
    """Where she works and worked, what goes on first."""
    rows = db.execute(
        sa.select(
            Employment.id,
            Organisation.id,
            Organisation.name,
            Organisation.area,
            sa.func.coalesce(Establishment.name, ""),
            Employment.job_title,
            Employment.started_on,
            Employment.ended_on,
        )
        .join(Organisation, Organisation.id == Employment.organisation_id)
        .outerjoin(Establishment, Establishment.id == Employment.establishment_id)
        .where(Employment.person_id == person_id)
        .order_by(Employment.ended_on.is_not(None), Employment.started_on.desc(), Employment.id.desc())
    )
    return [Job(*row) for row in rows]


def _is_called(name: str) -> sa.ColumnElement[bool]:
    plain = name.replace("\0", "").strip().lower()  # PostgreSQL takes no NUL, and nobody's name holds one
    # A user name never holds an @, so the two cannot be confused.
    return Person.email == plain if "@" in plain else Person.user_name == plain


# ---- people who turned out to be one ---------------------------------------------------------------------------------


def list_joined(db: Session, uuids: Iterable[UUID]) -> dict[UUID, UUID]:
    """Of these people, who was joined with whom: the uuid she had, and that of the person she is."""
    into = aliased(Person)
    rows = db.execute(
        sa.select(Person.uuid, into.uuid)
        .join(JoinedPerson, JoinedPerson.person_id == Person.id)
        .join(into, into.id == JoinedPerson.into_id)
        .where(Person.uuid.in_(set(uuids)))
    )
    return {row[0]: row[1] for row in rows}


def list_own_uuids(db: Session, uuids: Iterable[UUID]) -> list[UUID]:
    """Every uuid these people have in the record: their own, and those of who was joined with them."""
    own = sorted(set(uuids))
    into = aliased(Person)
    joined = db.scalars(
        sa.select(Person.uuid)
        .join(JoinedPerson, JoinedPerson.person_id == Person.id)
        .join(into, into.id == JoinedPerson.into_id)
        .where(into.uuid.in_(own))
        .order_by(Person.id)
    )
    return [*own, *joined]


def is_not_joined() -> sa.ColumnElement[bool]:
    """The condition on `Person` for who is nobody else: for lists of people."""
    return ~sa.exists().where(JoinedPerson.person_id == Person.id)


# ---- registered users ------------------------------------------------------------------------------------------------


def open_accounts() -> sa.ColumnElement[bool]:
    """The condition on `Person` for a registered user: not a test account, not blocked, not erased."""
    return sa.and_(Person.is_test.is_(False), Person.blocked_at.is_(None), Person.erased_at.is_(None))


def count_open_accounts(db: Session, *, made_by: str | None = None) -> int:
    """How many people are registered now, each once; with `made_by` ("" for us, "lti") only those."""
    count = sa.select(sa.func.count()).select_from(Person).where(open_accounts())
    return db.scalar(count if made_by is None else count.where(Person.made_by == made_by)) or 0


# ---- organisations ---------------------------------------------------------------------------------------------------


def get_organisation(db: Session, organisation_id: int) -> Organisation:
    """The employer with this id. Raises `NotFound`."""
    organisation = db.get(Organisation, organisation_id)
    if organisation is None:
        raise NotFound(f"organisation {organisation_id}")
    return organisation


def find_organisation_by_kbo(db: Session, digits: str) -> Organisation | None:
    """The employer with this KBO number (ten digits)."""
    return db.scalar(sa.select(Organisation).where(Organisation.kbo == digits))


def list_establishments(db: Session, organisation_id: int) -> list[Establishment]:
    """The places where this employer works, by name."""
    chosen = sa.select(Establishment).where(Establishment.organisation_id == organisation_id)
    return list(db.scalars(chosen.order_by(Establishment.name, Establishment.id)))


def find_establishment(db: Session, organisation_id: int, words: str) -> Establishment | None:
    """The place of this employer with this number (ten digits) or name."""
    plain = words.strip().lower()
    for place in list_establishments(db, organisation_id):
        if plain in (place.number, place.name.lower()):
            return place
    return None
