"""Passwords: argon2id at OWASP's floor (19 MiB, two rounds, one lane), about 20 ms each.

Hash before the first statement of a transaction: SQLite's write lock must not wait for it.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from lms.kernel.errors import Refused
from lms.kernel.i18n import gettext as _

MINIMUM = 8
MAXIMUM = 200
COMMON = frozenset((Path(__file__).parent / "common_passwords.txt").read_text("utf-8").split())

_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


def check_password(password: str) -> None:
    """Raise `Refused`, with a kind sentence, when the password is too short, too long or everybody's."""
    message = ""
    if len(password) < MINIMUM:
        message = _("Dit wachtwoord is te kort. Neem minstens 8 letters of cijfers.")
    elif len(password) > MAXIMUM:
        message = _("Dit wachtwoord is te lang. Neem hoogstens 200 letters of cijfers.")
    elif password.lower() in COMMON or len(set(password)) < 3:
        message = _("Veel mensen kiezen dit wachtwoord. Neem drie woorden die jij goed kent.")
    if message:
        raise Refused(_("Kies een ander wachtwoord. De rest is bewaard."), {"password": message})


def hash_password(password: str) -> str:
    """The password as the database keeps it. Takes 20 ms: call it outside a transaction."""
    return _hasher.hash(password)


def is_password(password_hash: str | None, password: str) -> bool:
    """Whether it matches. Without a hash it takes as long and says no, so that time tells nobody which names exist."""
    try:
        matches = _hasher.verify(password_hash or _nobodys_hash(), password[:MAXIMUM])
    except (VerificationError, InvalidHashError):
        return False
    return matches and password_hash is not None


@cache
def _nobodys_hash() -> str:
    return _hasher.hash("nobody has this password")
