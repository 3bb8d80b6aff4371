"""People of a platform: each is somebody here, with an account of her own until she proves to be somebody else."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from lms.accounts.models import Person
from lms.accounts.services import employ
from lms.kernel import clock
from lms.kernel.db import insert_once
from lms.kernel.i18n import gettext as _
from lms.lti.formats.roles import LtiRole
from lms.lti.models import LtiMembership, LtiUser, PlatformRegistration
from lms.lti.models.people import MADE_BY


def know_user(
    db: Session,
    registration: PlatformRegistration,
    subject: str,
    *,
    given_name: str = "",
    family_name: str = "",
    language: str = "",
    is_test: bool = False,
) -> LtiUser:
    """The platform's user with this `sub`; who is new gets an account that nobody can sign in to, and a job.

    Her mail address is not asked: it would be the platform's word, and an account is never found by that. Names follow
    the platform as long as the account is the platform's own.
    """
    user = _find_user(db, registration.id, subject) or _make_user(
        db, registration, subject, _names(given_name, family_name), language, is_test=is_test
    )
    if user.linked_at is None and (given_name or family_name):
        _follow_names(db, user, given_name, family_name)
    return user


def know_preview_person(db: Session, user: LtiUser) -> int:
    """The test person as whom she looks at courses in which she teaches. She counts nowhere, and has no name: nothing
    of her is left there when she is erased.
    """
    if user.preview_person_id is None:
        person = _make_person(db, (_("Meekijker"), ""), "", is_test=True)
        mine = sa.update(LtiUser).where(LtiUser.id == user.id, LtiUser.preview_person_id.is_(None))
        if db.execute(mine.values(preview_person_id=person.id).returning(LtiUser.id)).first() is None:
            db.delete(person)  # another launch of hers was a moment earlier
        db.refresh(user)
    if user.preview_person_id is None:
        raise AssertionError("a user without the preview that was just made")  # pragma: no cover
    return user.preview_person_id


def keep_membership(db: Session, context_id: int, user_id: int, roles: Iterable[LtiRole]) -> None:
    """She is in this context now, with these roles; who had left is back."""
    now, words = clock.now(), sorted(roles)
    if insert_once(db, LtiMembership, context_id=context_id, user_id=user_id, roles=words, created_at=now, seen_at=now):
        return
    own = sa.update(LtiMembership).where(LtiMembership.context_id == context_id, LtiMembership.user_id == user_id)
    db.execute(own.values(roles=words, seen_at=now, left_at=None))


def _find_user(db: Session, registration_id: int, subject: str) -> LtiUser | None:
    return db.scalar(sa.select(LtiUser).where(LtiUser.registration_id == registration_id, LtiUser.subject == subject))


def _make_user(
    db: Session,
    registration: PlatformRegistration,
    subject: str,
    names: tuple[str, str],
    language: str,
    *,
    is_test: bool,
) -> LtiUser:
    """Two launches of hers at once make her once: the second finds what the first made."""
    try:
        with db.begin_nested():
            person = _make_person(db, names, language, is_test=is_test)
            employ(db, person.id, registration.organisation_id)
            user = LtiUser(
                registration_id=registration.id, subject=subject, person_id=person.id, created_at=clock.now()
            )
            db.add(user)
            db.flush()
    except IntegrityError:
        found = _find_user(db, registration.id, subject)
        if found is None:
            raise
        return found
    return user


def _make_person(db: Session, names: tuple[str, str], language: str, *, is_test: bool) -> Person:
    person = Person(
        first_name=names[0],
        last_name=names[1],
        language=language,
        made_by=MADE_BY,
        is_test=is_test,
        created_at=clock.now(),
    )
    db.add(person)
    db.flush()
    return person


def _names(given_name: str, family_name: str) -> tuple[str, str]:
    """What the platform calls her; one that keeps names to itself has a learner without one."""
    return (given_name or family_name or _("Deelnemer"), family_name if given_name else "")


def _follow_names(db: Session, user: LtiUser, given_name: str, family_name: str) -> None:
    first, last = _names(given_name, family_name)
    person = db.get_one(Person, user.person_id)
    if (person.first_name, person.last_name) != (first, last) and person.erased_at is None:
        person.first_name, person.last_name = first, last


def note_launch(user: LtiUser, at: datetime) -> None:
    """She came by herself, and not only on a roster."""
    user.launched_at = at
