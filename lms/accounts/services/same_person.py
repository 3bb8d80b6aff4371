"""Somebody another platform brought, who has an account too: hers are one then; or who wants one, and gets it."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.events import PersonJoined
from lms.accounts.models import Employment, JoinedPerson, Person
from lms.accounts.queries import find_person_by_name, get_person
from lms.accounts.services.links import invite
from lms.accounts.services.people import block_person
from lms.kernel import clock
from lms.kernel.errors import Refused
from lms.kernel.events import emit
from lms.kernel.i18n import gettext as _


def join_person(db: Session, person_id: int, *, into_id: int) -> None:
    """Let somebody another platform brought (`made_by` lti) be a person who has an account, once that is proved.

    Her jobs move along and her own account closes; `PersonJoined` tells the rest of the house. Twice is once. Raises
    `NotFound`; `Refused` when she is no platform's, was joined with somebody else, or the account is not open.
    """
    person, into = _hold(db, person_id, into_id)
    joined = db.get(JoinedPerson, person_id)
    if joined is not None and joined.into_id == into_id:
        return
    if joined is not None or person.made_by != "lti" or person.erased_at is not None:
        raise Refused(_("Dit account is al gekoppeld."))
    if into.made_by == "lti" or into.blocked_at is not None or into.erased_at is not None:
        raise Refused(_("Met dit account kan je niet koppelen."))
    now = clock.now()
    db.add(JoinedPerson(person_id=person_id, into_id=into_id, joined_at=now))
    person.email = person.user_name = person.password_hash = None
    block_person(db, person_id)
    _move_jobs(db, person_id, into_id)
    emit(db, PersonJoined(person_id, person.uuid, into_id, into.uuid, now))


def open_own_account(db: Session, person_id: int, *, email: str) -> str:
    """Let somebody another platform brought have an account of ours, with an address she proved to be hers: from now on
    no platform says who she is. Her jobs stay. Returns where she chooses a password, which she is mailed too.

    Raises `NotFound`; `Refused` when she has an account already, or somebody else has this address.
    """
    person = get_person(db, person_id)
    if person.made_by != "lti" or not person.is_open_account:
        raise Refused(_("Dit account is al gekoppeld."))
    if find_person_by_name(db, email) is not None:
        raise Refused(_("Dit e-mailadres hoort al bij een account."))
    person.email, person.made_by = email, ""
    db.flush()
    return invite(db, person_id)


def _hold(db: Session, person_id: int, into_id: int) -> tuple[Person, Person]:
    """Both, held until the commit, in one order for everybody."""
    held = sa.select(Person.id).where(Person.id.in_((person_id, into_id))).order_by(Person.id)
    db.execute(held.with_for_update())
    return get_person(db, person_id), get_person(db, into_id)


def _move_jobs(db: Session, person_id: int, into_id: int) -> None:
    """She works there under the account she keeps; where she did already, the other job ends."""
    theirs = sa.select(Employment.organisation_id).where(Employment.person_id == into_id, Employment.ended_on.is_(None))
    hers = sa.update(Employment).where(Employment.person_id == person_id, Employment.ended_on.is_(None))
    there = set(db.scalars(theirs))
    db.execute(hers.where(Employment.organisation_id.in_(there)).values(ended_on=clock.today()))
    db.execute(hers.values(person_id=into_id))
