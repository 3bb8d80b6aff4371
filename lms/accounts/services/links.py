"""Links that work once: an invitation (7 days), a new password (an hour), a step to a host of ours (30 seconds)."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.models import Person, SignIn, SingleUseLink
from lms.accounts.queries import find_link, find_person_by_name, get_person, hash_of
from lms.accounts.services.passwords import check_password, hash_password
from lms.kernel import clock
from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _
from lms.kernel.i18n import use_language
from lms.kernel.jobs import enqueue
from lms.kernel.mail import queue_mail

BASE_URL_KEY = "leerlabo.base_url"
RESET_KIND = "reset"


class LinkKind(StrEnum):
    """What a single-use link is for."""

    INVITATION = "invitation"
    RESET = "reset"
    HANDOVER = "handover"


LIFETIMES = {
    LinkKind.INVITATION: timedelta(days=7),
    LinkKind.RESET: timedelta(hours=1),
    LinkKind.HANDOVER: timedelta(seconds=30),
}


def make_link(db: Session, person_id: int, kind: LinkKind, *, host: str = "") -> str:
    """A new token; the database keeps its hash. With `host` it works on that host alone."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    values = {"person_id": person_id, "created_at": now, "expires_at": now + LIFETIMES[kind]}
    db.execute(sa.insert(SingleUseLink).values(kind=kind.value, token_hash=hash_of(token, host), **values))
    return token


def use_link(db: Session, kind: LinkKind, token: str, *, host: str = "") -> int:
    """Consume the link and return the person's id. Of two at the same moment one wins: it is a single statement.

    Raises `Refused` when it was used, is too old, is for another host, or when its person is blocked or erased.
    """
    now = clock.now()
    open_people = sa.select(Person.id).where(Person.blocked_at.is_(None), Person.erased_at.is_(None))
    person_id = db.scalar(
        sa.update(SingleUseLink)
        .where(
            SingleUseLink.token_hash == hash_of(token, host),
            SingleUseLink.kind == kind.value,
            SingleUseLink.used_at.is_(None),
            SingleUseLink.expires_at > now,
            SingleUseLink.person_id.in_(open_people),
        )
        .values(used_at=now)
        .returning(SingleUseLink.person_id)
        .execution_options(synchronize_session=False)
    )
    if person_id is None:
        raise Refused(_("Deze link werkt niet meer. Vraag een nieuwe."))
    return person_id


def invite(db: Session, person_id: int) -> str:
    """Invite her to choose a password: by mail when we know her address. Returns the full address of the link, to put
    on a card for who has no mail. Earlier invitations stop working. Raises `NotFound`.
    """
    person = get_person(db, person_id)
    _end_links(db, person_id, LinkKind.INVITATION)
    url = _full_address(db, f"/invitation/{make_link(db, person_id, LinkKind.INVITATION)}")
    if person.email:
        with use_language(person.language):
            queue_mail(db, to=person.email, subject=_("Welkom bij Leerlabo"), text=_invitation(person, url))
    return url


def invite_newcomers(db: Session, people: Sequence[Person]) -> None:
    """Mail an invitation to those of these people who have an address. None of them had one before."""
    tokens = [(person, secrets.token_urlsafe(32)) for person in people if person.email]
    if not tokens:
        return
    now = clock.now()
    kind = LinkKind.INVITATION
    values = {"kind": kind.value, "created_at": now, "expires_at": now + LIFETIMES[kind]}
    links = [{"token_hash": hash_of(token), "person_id": person.id, **values} for person, token in tokens]
    db.execute(sa.insert(SingleUseLink), links)
    for person, token in tokens:
        with use_language(person.language):
            text = _invitation(person, _full_address(db, f"/invitation/{token}"))
            queue_mail(db, to=person.email or "", subject=_("Welkom bij Leerlabo"), text=text)


def ask_reset(db: Session, name: str, *, language: str = "") -> None:
    """Ask for a new password with an e-mail address or user name. Whether it exists is found out after the answer left
    (`send_reset`), so that neither words nor time tell.
    """
    enqueue(db, RESET_KIND, {"name": name.strip().lower()[:254], "language": language})


def send_reset(db: Session, name: str, language: str) -> None:
    """Mail her the link to choose a new password. Nothing happens for a name nobody has, or who has no address."""
    person = find_person_by_name(db, name)
    if person is None or not person.is_open_account or not person.email:
        return
    _end_links(db, person.id, LinkKind.RESET)
    url = _full_address(db, f"/reset/{make_link(db, person.id, LinkKind.RESET)}")
    with use_language(person.language or language):
        queue_mail(db, to=person.email, subject=_("Kies een nieuw wachtwoord"), text=_reset(person, url))


def choose_password(db: Session, kind: LinkKind, token: str, password: str) -> int:
    """Use an invitation or reset link to set a password; every sign-in of before ends. Returns the person's id.

    Raises `Refused` for a password that is too simple (the link then still works) or a link that is over.
    """
    check_password(password)
    password_hash = hash_password(password)
    person_id = use_link(db, kind, token)
    store_password(db, person_id, password_hash)
    return person_id


def set_password(db: Session, person_id: int, password: str) -> None:
    """Give her this password; every sign-in and open link of before ends. Raises `Refused` when it is too simple."""
    check_password(password)
    store_password(db, person_id, hash_password(password))


def store_password(db: Session, person_id: int, password_hash: str, *, keep_sign_in: int | None = None) -> None:
    """Write the hash, and end her sign-ins but `keep_sign_in` and her links to choose a password."""
    db.execute(sa.update(Person).where(Person.id == person_id).values(password_hash=password_hash))
    db.execute(
        sa.update(SignIn)
        .where(SignIn.person_id == person_id, SignIn.ended_at.is_(None), SignIn.id != (keep_sign_in or 0))
        .values(ended_at=clock.now())
    )
    _end_links(db, person_id, LinkKind.INVITATION, LinkKind.RESET)


def check_link(db: Session, kind: LinkKind, token: str) -> str:
    """Look whether a link still works, without using it. Returns her first name. Raises `Refused` when it does not."""
    first_name = find_link(db, kind.value, token)
    if first_name is None:
        raise Refused(_("Deze link werkt niet meer. Vraag een nieuwe."))
    return first_name


def _end_links(db: Session, person_id: int, *kinds: LinkKind) -> None:
    db.execute(
        sa.update(SingleUseLink)
        .where(
            SingleUseLink.person_id == person_id,
            SingleUseLink.kind.in_([kind.value for kind in kinds]),
            SingleUseLink.used_at.is_(None),
        )
        .values(used_at=clock.now())
    )


def _full_address(db: Session, path: str) -> str:
    return f"{db.info.get(BASE_URL_KEY, 'http://localhost:8000')}{path}"


def _invitation(person: Person, url: str) -> str:
    return "\n\n".join(
        (
            _("Dag %(name)s,", name=person.first_name),
            _("Je hebt een account bij Leerlabo. Daar leer je voor je werk, op je gsm of computer."),
            _("Open deze link en kies een wachtwoord:"),
            url,
            _("De link werkt één keer, en 7 dagen lang."),
            _("Tot binnenkort,\nLeerlabo"),
        )
    )


def _reset(person: Person, url: str) -> str:
    return "\n\n".join(
        (
            _("Dag %(name)s,", name=person.first_name),
            _("Iemand vroeg een nieuw wachtwoord voor jouw account. Was jij dat? Open deze link:"),
            url,
            _("De link werkt één keer, en een uur lang."),
            _("Was jij het niet? Dan hoef je niets te doen."),
            _("Tot binnenkort,\nLeerlabo"),
        )
    )
