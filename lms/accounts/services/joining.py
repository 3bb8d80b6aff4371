"""Accounts for a whole list of newcomers at one employer, in a handful of statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import count

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.models import Employment, Person
from lms.accounts.services.links import invite_newcomers
from lms.accounts.services.people import plain_user_name
from lms.kernel import clock

NUMBERS_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody without an account, as an employer knows her. `email` and `user_name` in lower case, or empty."""

    first_name: str
    last_name: str
    email: str = ""
    user_name: str = ""
    language: str = ""
    establishment_id: int | None = None
    job_title: str = ""
    staff_number: str = ""


@dataclass(frozen=True, slots=True)
class Joined:
    """The account and the job that were made."""

    person_id: int
    employment_id: int


def open_accounts(db: Session, organisation_id: int, newcomers: Sequence[Newcomer]) -> list[Joined]:
    """Make an account and a job for each, in order, and mail an invitation to who has an address.

    What `create_person`, `employ` and `invite` do for one. Whoever calls has checked that the names are there, that
    addresses and user names are well formed and free, and that the establishments are this organisation's.
    """
    if not newcomers:
        return []
    names = _user_names(db, newcomers)
    now = clock.now()
    people = [
        {
            "first_name": one.first_name,
            "last_name": one.last_name,
            "email": one.email or None,
            "user_name": name,
            "language": one.language,
            "created_at": now,
        }
        for one, name in zip(newcomers, names, strict=True)
    ]
    made = db.scalars(sa.insert(Person).returning(Person, sort_by_parameter_order=True), people).all()
    employments = _employ(db, organisation_id, [person.id for person in made], newcomers)
    invite_newcomers(db, made)
    return [Joined(person.id, key) for person, key in zip(made, employments, strict=True)]


def _employ(db: Session, organisation_id: int, people: Sequence[int], newcomers: Sequence[Newcomer]) -> Sequence[int]:
    today = clock.today()
    jobs = [
        {
            "person_id": person_id,
            "organisation_id": organisation_id,
            "establishment_id": one.establishment_id,
            "staff_number": one.staff_number,
            "job_title": one.job_title,
            "started_on": today,
        }
        for person_id, one in zip(people, newcomers, strict=True)
    ]
    return db.scalars(sa.insert(Employment).returning(Employment.id, sort_by_parameter_order=True), jobs).all()


def _user_names(db: Session, newcomers: Sequence[Newcomer]) -> list[str | None]:
    """The name each was given; without one and without an address a free one, such as emma.peeters2."""
    wanted = {plain_user_name(one.first_name, one.last_name) for one in newcomers if not one.user_name}
    taken = {one.user_name for one in newcomers if one.user_name} | _taken(db, wanted)
    names: list[str | None] = []
    for one in newcomers:
        name = one.user_name or (
            None if one.email else _free(db, plain_user_name(one.first_name, one.last_name), taken)
        )
        taken |= {name} if name else set()
        names.append(name)
    return names


def _free(db: Session, base: str, taken: set[str]) -> str:
    """The base, or the base with the first number that is free. `taken` learns what the database holds."""
    if base not in taken and len(base) > 1:
        return base
    for start in count(2, NUMBERS_AT_ONCE):
        numbered = [f"{base}{number}" for number in range(start, start + NUMBERS_AT_ONCE)]
        taken |= _taken(db, set(numbered))
        free = [name for name in numbered if name not in taken]
        if free:
            return free[0]
    raise AssertionError("numbers end")  # pragma: no cover


def _taken(db: Session, names: set[str]) -> set[str]:
    rows = db.scalars(sa.select(Person.user_name).where(Person.user_name.in_(names)))
    return {name for name in rows if name}
