"""Join a platform's user with the account she has here: asked for in a visit, proved on our own site, never by a claim.

She proves it by being signed in and saying *Dit ben ik*, or with a code that is mailed to the account's address.
"""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.models import Person
from lms.accounts.queries import find_person_by_name, hash_of
from lms.accounts.services import count_code, join_person
from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.i18n import use_language
from lms.kernel.jobs import enqueue
from lms.kernel.mail import queue_mail
from lms.lti.models import LinkRequest, LtiUser, PlatformRegistration, Visit
from lms.lti.models.people import MADE_BY
from lms.lti.queries.linking import is_open
from lms.lti.services.noting import note_person

KIND = "lti-link-code"
LASTS = timedelta(minutes=20)
KEEP = timedelta(days=30)
DIGITS = 6


def begin_link(db: Session, visit: UUID) -> str | None:
    """Whoever is in this visit says that she has an account. Returns the token of her request; None when the visit is
    over, looks on only, or is that of an account already. An earlier request of hers works no more.
    """
    user_id = db.scalar(
        sa.select(LtiUser.id)
        .join(Visit, Visit.user_id == LtiUser.id)
        .where(
            Visit.uuid == visit,
            Visit.ended_at.is_(None),
            Visit.expires_at > clock.now(),
            Visit.is_preview.is_(False),
            LtiUser.linked_at.is_(None),
        )
    )
    if user_id is None:
        return None
    db.execute(sa.delete(LinkRequest).where(LinkRequest.user_id == user_id, LinkRequest.used_at.is_(None)))
    token, now = secrets.token_urlsafe(32), clock.now()
    request = LinkRequest(token_hash=hash_of(token), user_id=user_id, created_at=now, expires_at=now + LASTS)
    db.add(request)
    db.flush()
    return token


def confirm_link(db: Session, token: str, person_id: int) -> None:
    """She is signed in as this person, and said that this is she. Raises `Refused` for a request that is over."""
    link_user(db, use_request(db, token), person_id)


def ask_code(database: Database, token: str, email: str, *, address: str, language: str) -> None:
    """Have a code mailed to this address, if it is that of an account: nobody learns whether it is, neither by words
    nor by time. Raises `TooManyAttempts`.
    """
    count_code(database, name=email, address=address)
    payload = {"request": hash_of(token), "email": email.strip().lower()[:254], "language": language}
    with database.write() as db:
        enqueue(db, KIND, payload)


def send_code(db: Session, request_hash: str, email: str, language: str) -> None:
    """Mail the code, when this is the address of an open account. For a stranger's address nothing can be guessed."""
    mine = sa.update(LinkRequest).where(LinkRequest.token_hash == request_hash, is_open(clock.now()))
    person = find_person_by_name(db, email) if "@" in email else None
    if person is None or not person.is_open_account or person.made_by == MADE_BY:
        db.execute(mine.values(person_id=None, code_hash=None))
        return
    code = make_code()
    values = {"person_id": person.id, "code_hash": hash_of(code, request_hash)}
    user_id = db.scalar(mine.values(**values).returning(LinkRequest.user_id))
    if user_id is None:
        return
    platform = name_platform(db, user_id)
    with use_language(person.language or language):
        text = _(
            "Dag %(name)s\n\nJe code is %(code)s. Ze werkt 20 minuten.\n\n"
            "Vul ze in op de pagina van Leerlabo. Dan hoort wat je leert via %(platform)s bij dit account.\n\n"
            "Vroeg je geen code? Geef ze aan niemand. Je hoeft niets te doen.\n",
            name=person.first_name,
            code=code,
            platform=platform,
        )
        queue_mail(db, to=email, subject=_("Je code voor Leerlabo"), text=text)


def make_code() -> str:
    """A new one, to be mailed."""
    return "".join(secrets.choice("0123456789") for _place in range(DIGITS))


def use_code(database: Database, token: str, code: str, *, address: str) -> int:
    """She read the code in her mail: join her with that account. Returns its person.

    Every try counts, also when it is refused: in a transaction of its own. Raises `Refused`, `TooManyAttempts`.
    """
    person_id = try_code(database, token, code, address=address, bound_to=hash_of(token))
    if person_id is None:
        raise AssertionError("a code that was mailed to nobody")  # pragma: no cover
    with database.write() as db:
        link_user(db, use_request(db, token, last=True), person_id)
    return person_id


def try_code(database: Database, token: str, code: str, *, address: str, bound_to: str) -> int | None:
    """Count this try, and look whether it is the code; returns the account to which it was mailed, if to one.

    Raises `Refused`, `TooManyAttempts`.
    """
    count_code(database, name=hash_of(token), address=address)
    with database.write() as db:
        tried = db.execute(
            sa.update(LinkRequest)
            .where(LinkRequest.token_hash == hash_of(token), is_open(clock.now()))
            .values(tries=LinkRequest.tries + 1)
            .returning(LinkRequest.code_hash, LinkRequest.person_id)
        ).first()
    given = hash_of("".join(sign for sign in code if sign.isdecimal() and sign.isascii())[: 2 * DIGITS], bound_to)
    if tried is None or not hmac.compare_digest(tried.code_hash or "", given):
        raise Refused(_("Deze code klopt niet. Kijk je mail na, of vraag een nieuwe code."))
    person_id: int | None = tried.person_id
    return person_id


def tidy(db: Session) -> None:
    """Remove requests that are over for a month."""
    db.execute(sa.delete(LinkRequest).where(LinkRequest.expires_at < clock.now() - KEEP))


def use_request(db: Session, token: str, *, last: bool = False) -> int:
    """Consume the request and return its user; of two at once one wins. `last`: the try that was right is counted."""
    now = clock.now()
    works = sa.and_(LinkRequest.used_at.is_(None), LinkRequest.expires_at > now) if last else is_open(now)
    user_id: int | None = db.scalar(
        sa.update(LinkRequest)
        .where(LinkRequest.token_hash == hash_of(token), works)
        .values(used_at=now, code_hash=None)
        .returning(LinkRequest.user_id)
    )
    if user_id is None:
        raise Refused(_("Deze link werkt niet meer. Begin opnieuw in je leerplatform."))
    return user_id


def link_user(db: Session, user_id: int, person_id: int) -> None:
    """From now on the platform's user is this person. What she did there before counts as hers.

    Raises `Refused` when she is somebody's already, or the account is none that people sign in to.
    """
    user = db.get_one(LtiUser, user_id, with_for_update=True, populate_existing=True)
    if user.linked_at is not None:
        raise Refused(_("Dit account is al gekoppeld."))
    brought = user.person_id
    for row in db.scalars(sa.select(LtiUser).where(LtiUser.person_id == brought)).all():
        row.person_id, row.linked_at = person_id, clock.now()
    db.flush()
    join_person(db, brought, into_id=person_id)
    note_person(db, person_id)
    _tell(db, person_id, user_id)


def _tell(db: Session, person_id: int, user_id: int) -> None:
    """A word to the account's address: whoever did not do this herself must know."""
    person = db.get_one(Person, person_id)
    if not person.email:
        return
    platform = name_platform(db, user_id)
    with use_language(person.language):
        text = _(
            "Dag %(name)s\n\nJe account bij Leerlabo is gekoppeld met %(platform)s. "
            "Wat je daar leert, hoort nu bij dit account.\n\n"
            "Deed je dit niet zelf? Bel dan meteen je contactpersoon.\n",
            name=person.first_name,
            platform=platform,
        )
        queue_mail(db, to=person.email, subject=_("Je account is gekoppeld"), text=text)


def name_platform(db: Session, user_id: int) -> str:
    """What the platform of this user is called here."""
    name: str = db.scalars(
        sa.select(PlatformRegistration.name)
        .join(LtiUser, LtiUser.registration_id == PlatformRegistration.id)
        .where(LtiUser.id == user_id)
    ).one()
    return name
