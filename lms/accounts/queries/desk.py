"""The administrator's lists. Each takes who asks, and shows what she administers and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.models import Employment, Organisation, Person, RoleGrant
from lms.accounts.queries.identity import is_unlimited, organisations_of
from lms.accounts.queries.people import goes_on, is_not_joined
from lms.kernel.errors import NotFound
from lms.kernel.identity import PERMISSIONS, Identity, Permission, Role, Scope
from lms.kernel.names import name_order

PAGE_SIZE = 50
_ADMINISTER = Permission.ADMINISTER


@dataclass(frozen=True, slots=True)
class Paged:
    """One page of rows, and how many there are in all. Pages count from 1."""

    rows: list[Any]
    total: int
    page: int

    @property
    def pages(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // PAGE_SIZE))


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person in the list."""

    id: int
    uuid: UUID
    name: str
    sign_in_name: str
    organisation: str
    roles: tuple[Role, ...]
    is_blocked: bool
    has_password: bool


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An employer in the list. `people`: how many work there now."""

    id: int
    uuid: UUID
    name: str
    kbo: str
    area: str
    joint_committee: str
    people: int
    archived_at: datetime | None


@dataclass(frozen=True, slots=True)
class GrantRow:
    """A role somebody holds, with the name of the organisation it is limited to."""

    role: Role
    area: str | None
    organisation_id: int | None
    organisation: str


def list_people(db: Session, identity: Identity, *, search: str = "", role: str = "", page: int = 1) -> Paged:
    """People by name. Every word of `search` stands in the name, address or user name. Three statements."""
    visible = [_visible_people(identity), Person.erased_at.is_(None), is_not_joined(), *_has_words(search)]
    if role:
        visible.append(sa.exists().where(RoleGrant.person_id == Person.id, RoleGrant.role == role))
    total = db.scalar(sa.select(sa.func.count()).select_from(Person).where(*visible)) or 0
    page = _within(page, total)
    rows = db.execute(
        sa.select(
            Person.id,
            Person.uuid,
            Person.first_name,
            Person.last_name,
            sa.func.coalesce(Person.email, Person.user_name, "").label("sign_in_name"),
            sa.func.coalesce(_employer(), "").label("organisation"),
            Person.blocked_at,
            Person.password_hash.is_not(None).label("has_password"),
        )
        .where(*visible)
        .order_by(name_order(Person.last_name, Person.first_name), Person.id)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    ).all()
    roles = _roles_of(db, [row.id for row in rows])
    people = [
        PersonRow(
            id=row.id,
            uuid=row.uuid,
            name=f"{row.first_name} {row.last_name}",
            sign_in_name=row.sign_in_name,
            organisation=row.organisation,
            roles=tuple(roles.get(row.id, ())),
            is_blocked=row.blocked_at is not None,
            has_password=row.has_password,
        )
        for row in rows
    ]
    return Paged(people, total, page)


def get_administered_person(db: Session, identity: Identity, uuid: UUID) -> Person:
    """A person the asker administers. Raises `NotFound`, also when there is one but not for her."""
    person = db.scalar(
        sa.select(Person).where(
            Person.uuid == uuid, Person.erased_at.is_(None), is_not_joined(), _visible_people(identity)
        )
    )
    if person is None:
        raise NotFound(f"person {uuid}")
    return person


def may_change_person(db: Session, identity: Identity, person_id: int) -> bool:
    """Whether the asker administers all that this person may do for others.

    A new e-mail address or invitation hands an account over: nobody may get more that way than she has.
    """
    rows = db.execute(
        sa.select(RoleGrant.role, sa.func.coalesce(RoleGrant.area, Organisation.area), RoleGrant.organisation_id)
        .outerjoin(Organisation, Organisation.id == RoleGrant.organisation_id)
        .where(RoleGrant.person_id == person_id)
    )
    return all(
        identity.may(_ADMINISTER, Scope(area, organisation_id))
        for role, area, organisation_id in rows
        if PERMISSIONS[Role(role)] > PERMISSIONS[Role.LEARNER]
    )


def list_grants(db: Session, person_id: int) -> list[GrantRow]:
    """The roles somebody holds."""
    rows = db.execute(
        sa.select(RoleGrant.role, RoleGrant.area, RoleGrant.organisation_id, sa.func.coalesce(Organisation.name, ""))
        .outerjoin(Organisation, Organisation.id == RoleGrant.organisation_id)
        .where(RoleGrant.person_id == person_id)
        .order_by(RoleGrant.id)
    )
    return [GrantRow(Role(role), area, organisation_id, name) for role, area, organisation_id, name in rows]


def list_organisations(db: Session, identity: Identity, *, search: str = "", page: int = 1) -> Paged:
    """Employers by name. Every word of `search` stands in the name or the KBO number. Two statements."""
    visible = [organisations_of(identity, _ADMINISTER), Organisation.archived_at.is_(None)]
    visible += [
        sa.or_(
            Organisation.name.icontains(word, autoescape=True),
            Organisation.kbo.contains(word.replace(".", ""), autoescape=True),
        )
        for word in search.split()
    ]
    total = db.scalar(sa.select(sa.func.count()).select_from(Organisation).where(*visible)) or 0
    page = _within(page, total)
    rows = db.execute(
        sa.select(
            Organisation.id,
            Organisation.uuid,
            Organisation.name,
            Organisation.kbo,
            Organisation.area,
            Organisation.joint_committee,
            _staff_count(),
            Organisation.archived_at,
        )
        .where(*visible)
        .order_by(Organisation.name, Organisation.id)
        .limit(PAGE_SIZE)
        .offset((page - 1) * PAGE_SIZE)
    )
    return Paged([OrganisationRow(*row) for row in rows], total, page)


def get_administered_organisation(db: Session, identity: Identity, uuid: UUID) -> Organisation:
    """An employer the asker administers. Raises `NotFound`, also when there is one but not for her."""
    organisation = db.scalar(
        sa.select(Organisation).where(Organisation.uuid == uuid, organisations_of(identity, _ADMINISTER))
    )
    if organisation is None:
        raise NotFound(f"organisation {uuid}")
    return organisation


def list_organisation_names(db: Session, identity: Identity) -> list[tuple[int, str]]:
    """Id and name of every employer the asker administers, for a field to choose from."""
    rows = db.execute(
        sa.select(Organisation.id, Organisation.name)
        .where(organisations_of(identity, _ADMINISTER), Organisation.archived_at.is_(None))
        .order_by(Organisation.name)
    )
    return [(row.id, row.name) for row in rows]


def _visible_people(identity: Identity) -> sa.ColumnElement[bool]:
    if is_unlimited(identity, _ADMINISTER):
        return sa.true()
    return sa.exists().where(
        Employment.person_id == Person.id,
        goes_on(),
        Organisation.id == Employment.organisation_id,
        organisations_of(identity, _ADMINISTER),
    )


def _has_words(search: str) -> list[sa.ColumnElement[bool]]:
    sign_in_names = sa.func.coalesce(Person.email, "") + " " + sa.func.coalesce(Person.user_name, "")
    words = Person.first_name + " " + Person.last_name + " " + sign_in_names
    return [words.icontains(word, autoescape=True) for word in search.split()[:8]]


def _employer() -> sa.ScalarSelect[str]:
    return (
        sa.select(Organisation.name)
        .join(Employment, Employment.organisation_id == Organisation.id)
        .where(Employment.person_id == Person.id, goes_on())
        .order_by(Employment.started_on.desc(), Employment.id.desc())
        .limit(1)
        .correlate(Person)
        .scalar_subquery()
    )


def _staff_count() -> sa.ScalarSelect[int]:
    return (
        sa.select(sa.func.count(sa.distinct(Employment.person_id)))
        .where(Employment.organisation_id == Organisation.id, goes_on())
        .correlate(Organisation)
        .scalar_subquery()
    )


def _roles_of(db: Session, person_ids: list[int]) -> dict[int, list[Role]]:
    rows = db.execute(
        sa.select(RoleGrant.person_id, RoleGrant.role)
        .where(RoleGrant.person_id.in_(person_ids))
        .distinct()
        .order_by(RoleGrant.role)
    )
    roles: dict[int, list[Role]] = {}
    for person_id, role in rows:
        roles.setdefault(person_id, []).append(Role(role))
    return roles


def _within(page: int, total: int) -> int:
    return min(max(1, page), max(1, -(-total // PAGE_SIZE)))
