"""In and out. What checks a password opens its own short transactions: a refused try must still count though the
request's own changes are dropped, and nobody may wait for a database lock while a password is hashed.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from lms.accounts.models import SignIn, SignInAttempts, SingleUseLink
from lms.accounts.queries import find_credentials, find_password_hash, hash_of
from lms.accounts.services.links import store_password
from lms.accounts.services.passwords import check_password, hash_password, is_password
from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.errors import Refused, TooManyAttempts
from lms.kernel.i18n import gettext as _

SIGN_IN_LIFETIME = timedelta(days=31)
WINDOW = timedelta(minutes=15)
PER_NAME = 10
PER_ADDRESS = 100  # a whole hospital may share one address
RESETS_PER_NAME = 3
KEEP = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Limit:
    """How often something may be tried within a while, a quarter of an hour at most: then its count is tidied away."""

    key: str
    most: int
    window: timedelta = WINDOW


def sign_in(database: Database, *, name: str, password: str, address: str, device: str = "") -> str:
    """Check an e-mail address or user name and its password; returns the token for the cookie.

    `address` is the browser's IP address. Raises `Refused`, in the same words and time whether or not the name exists,
    and `TooManyAttempts` after 10 tries for a name or 100 from an address in a quarter of an hour.
    """
    by_name = Limit(_key("name", name.strip().lower()), PER_NAME)
    by_address = Limit(_key("address", _network(address)), PER_ADDRESS)
    # Counted before the password is looked at, so that many tries at once do not slip through.
    count_attempt(database, by_name, by_address)
    with database.read() as db:
        found = find_credentials(db, name)
    if not is_password(found.password_hash if found else None, password) or found is None:
        raise Refused(_("Je naam of je wachtwoord klopt niet. Probeer het nog eens."))
    if found.is_blocked:
        raise Refused(_("Dit account is gesloten. Bel je contactpersoon."))
    with database.write() as db:
        _forgive(db, by_name, by_address)
        return open_sign_in(db, found.person_id, device=device)


def change_password(
    database: Database, person_id: int, *, current: str, new: str, keep_sign_in: int | None = None
) -> None:
    """Change her password; she stays signed in where she is (`keep_sign_in`) and nowhere else.

    Raises `Refused` with a sentence per field, and `TooManyAttempts` after 10 tries in a quarter of an hour.
    """
    limit = Limit(_key("password", str(person_id)), PER_NAME)
    count_attempt(database, limit)
    with database.read() as db:
        password_hash = find_password_hash(db, person_id)
    if not is_password(password_hash, current):
        message = _("Dit is niet je wachtwoord van nu.")
        raise Refused(_("Je wachtwoord is niet veranderd."), {"current": message})
    check_password(new)
    new_hash = hash_password(new)
    with database.write() as db:
        store_password(db, person_id, new_hash, keep_sign_in=keep_sign_in)
        _forgive(db, limit)


def count_reset(database: Database, *, name: str, address: str) -> None:
    """Count somebody asking for a new password. Raises `TooManyAttempts`, also for names nobody has."""
    count_attempt(
        database,
        Limit(_key("reset", name.strip().lower()), RESETS_PER_NAME),
        Limit(_key("reset-address", _network(address)), PER_ADDRESS),
    )


def count_code(database: Database, *, name: str, address: str) -> None:
    """Count somebody asking for a mailed code, or giving one. Raises `TooManyAttempts`, also for names nobody has."""
    count_attempt(
        database,
        Limit(_key("code", name.strip().lower()), PER_NAME),
        Limit(_key("code-address", _network(address)), PER_ADDRESS),
    )


# ---- the row behind a cookie -----------------------------------------------------------------------------------------


def open_sign_in(db: Session, person_id: int, *, device: str = "") -> str:
    """Sign her in without asking anything: the caller knows who she is. Returns the token for the cookie."""
    token = secrets.token_urlsafe(32)
    now = clock.now()
    times = {"created_at": now, "expires_at": now + SIGN_IN_LIFETIME}
    db.execute(sa.insert(SignIn).values(token_hash=hash_of(token), person_id=person_id, device=device[:60], **times))
    return token


def sign_out(db: Session, token: str) -> None:
    """End the sign-in behind this token."""
    db.execute(_open_sign_ins().where(SignIn.token_hash == hash_of(token)).values(ended_at=clock.now()))


def sign_out_everywhere(db: Session, person_id: int) -> None:
    """End every sign-in of hers, this one too."""
    db.execute(_open_sign_ins().where(SignIn.person_id == person_id).values(ended_at=clock.now()))


def end_sign_in(db: Session, person_id: int, sign_in_id: int) -> None:
    """End one sign-in of hers: that of the phone she lost. Somebody else's is left alone."""
    mine = _open_sign_ins().where(SignIn.person_id == person_id, SignIn.id == sign_in_id)
    db.execute(mine.values(ended_at=clock.now()))


def tidy(db: Session) -> None:
    """Remove what is over for a month: sign-ins, links and counts of tries. None of it is ever counted again."""
    before = clock.now() - KEEP
    db.execute(sa.delete(SignIn).where(sa.or_(SignIn.expires_at < before, SignIn.ended_at < before)))
    db.execute(sa.delete(SingleUseLink).where(SingleUseLink.expires_at < before))
    db.execute(sa.delete(SignInAttempts).where(SignInAttempts.since < clock.now() - WINDOW))


def _open_sign_ins() -> sa.Update:
    return sa.update(SignIn).where(SignIn.ended_at.is_(None))


# ---- how often -------------------------------------------------------------------------------------------------------


def count_attempt(database: Database, *limits: Limit) -> None:
    """Count one try under each limit, in a transaction of its own. Raises `TooManyAttempts` when one is over."""
    with database.write() as db:
        # Always in the same order, so that two requests never wait for each other's rows.
        waits = [_count(db, limit) for limit in sorted(limits, key=lambda limit: limit.key)]
    if any(waits):
        raise TooManyAttempts(max(waits))


def _count(db: Session, limit: Limit) -> int:
    """One statement, so that no try is lost. Returns the seconds to wait, 0 when this try is allowed."""
    now = clock.now()
    is_over = SignInAttempts.since <= now - limit.window
    insert = (postgresql if db.get_bind().dialect.name == "postgresql" else sqlite).insert(SignInAttempts)
    count = insert.values(key=limit.key, since=now, failures=1).on_conflict_do_update(
        index_elements=[SignInAttempts.key],
        set_={
            "since": sa.case((is_over, now), else_=SignInAttempts.since),
            "failures": sa.case((is_over, 1), else_=SignInAttempts.failures + 1),
        },
    )
    since, failures = db.execute(count.returning(SignInAttempts.since, SignInAttempts.failures)).one()
    return 0 if failures <= limit.most else max(1, int((since + limit.window - now).total_seconds()))


def _forgive(db: Session, own: Limit, shared: Limit | None = None) -> None:
    """Who proved who she is starts again at nought; her try no longer counts for the address she shares.

    In the order of counting: else two who sign in at once could each hold the row the other waits for.
    """
    for limit in sorted([own, *([shared] if shared else [])], key=lambda limit: limit.key):
        row = SignInAttempts.key == limit.key
        if limit is own:
            db.execute(sa.delete(SignInAttempts).where(row))
        else:
            counted = sa.update(SignInAttempts).where(row, SignInAttempts.failures > 0)
            db.execute(counted.values(failures=SignInAttempts.failures - 1))


def _key(kind: str, value: str) -> str:
    return f"{kind}:{hashlib.sha256(value.encode()).hexdigest()}"


def _network(address: str) -> str:
    """The address; of IPv6 its first 64 bits, because one household has all the rest."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(parsed) if parsed.version == 4 else str(ipaddress.ip_network((parsed, 64), strict=False))
