"""An account on our own site for somebody a platform brought: asked for as linking is, and proved by a mailed code.

Whether somebody has the address already is told only to who reads its mail. If so, she is joined with that account.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.queries import find_person_by_name, hash_of
from lms.accounts.services import count_code, open_own_account
from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.i18n import gettext as _
from lms.kernel.i18n import use_language
from lms.kernel.jobs import enqueue
from lms.kernel.mail import queue_mail
from lms.lti.models import LinkRequest, LtiUser
from lms.lti.queries.linking import is_open
from lms.lti.services.linking import link_user, make_code, name_platform, try_code, use_request

KIND = "lti-own-code"


def ask_own_code(database: Database, token: str, email: str, *, address: str, language: str) -> None:
    """Have a code mailed to this address, whoever has it. Raises `TooManyAttempts`."""
    count_code(database, name=email, address=address)
    payload = {"request": hash_of(token), "email": _plain(email), "language": language}
    with database.write() as db:
        enqueue(db, KIND, payload)


def send_own_code(db: Session, request_hash: str, email: str, language: str) -> None:
    """Mail the code. It proves this address and no other, and words are the same for every address."""
    code = make_code()
    mine = sa.update(LinkRequest).where(LinkRequest.token_hash == request_hash, is_open(clock.now()))
    values = {"person_id": None, "code_hash": hash_of(code, _bound(request_hash, email))}
    user_id = db.scalar(mine.values(**values).returning(LinkRequest.user_id))
    if user_id is None:
        return
    with use_language(language):
        text = _(
            "Dag\n\nJe code is %(code)s. Ze werkt 20 minuten.\n\n"
            "Vul ze in op de pagina van Leerlabo. Dan kan je met dit e-mailadres verder leren wat je via %(platform)s "
            "begon.\n\nVroeg je geen code? Geef ze aan niemand. Je hoeft niets te doen.\n",
            code=code,
            platform=name_platform(db, user_id),
        )
        queue_mail(db, to=email, subject=_("Je code voor Leerlabo"), text=text)


def use_own_code(database: Database, token: str, email: str, code: str, *, address: str) -> str | None:
    """She read the code in her mail, so the address is hers. Returns where she chooses a password; None when an account
    has the address: she is joined with that.

    Raises `Refused`, also when that account is closed, and `TooManyAttempts`.
    """
    email = _plain(email)
    try_code(database, token, code, address=address, bound_to=_bound(hash_of(token), email))
    with database.write() as db:
        user_id = use_request(db, token, last=True)
        account = find_person_by_name(db, email)
        if account is not None:
            link_user(db, user_id, account.id)
            return None
        return _open_account(db, user_id, email)


def _open_account(db: Session, user_id: int, email: str) -> str:
    """The person the platform made is nobody else's from now on: as after linking, names do not follow the platform."""
    person_id = db.scalars(sa.select(LtiUser.person_id).where(LtiUser.id == user_id)).one()
    url = open_own_account(db, person_id, email=email)
    db.execute(sa.update(LtiUser).where(LtiUser.person_id == person_id).values(linked_at=clock.now()))
    return url


def _plain(email: str) -> str:
    return email.strip().lower()[:254]


def _bound(request_hash: str, email: str) -> str:
    return f"{request_hash} {email}"
