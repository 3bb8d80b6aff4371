"""Make our key pairs when they are first needed, and replace them so that no signature is ever doubted.

A key is published a day before it signs, because platforms keep what they read; and a day after it stopped, because a
message may be on its way.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import jwt
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel import clock
from lms.kernel.db import Database, insert_once
from lms.lti.formats.keys import ALGORITHM, KeyPair, SigningKey, new_key_pair, seal
from lms.lti.models import ToolKey
from lms.lti.queries.keys import SECRET, find_signing_key, is_published, list_tool_keys

LEAD = timedelta(days=1)
LAG = timedelta(days=1)


def have_signing_key(database: Database) -> SigningKey:
    """The key that signs now. The first time of all, or after our secret was changed, it is made, in a transaction of
    its own; whoever comes at the same moment gets the same one.
    """
    with database.read() as db:
        found, newest = find_signing_key(db), _newest_number(db)
    if found is None:
        pair = new_key_pair()
        with database.write() as db:
            _add(db, pair, number=newest + 1, signs_from=clock.now())
            found = find_signing_key(db)
    if found is None:  # somebody else was first, with a key that signs later: not with ours
        raise RuntimeError("there is no key to sign with")
    return found


def sign(database: Database, claims: dict[str, Any]) -> str:
    """These claims as a JWT in our name (LTI 1.3 core, 5.2.2; Security Framework 1.0, 5.2.2)."""
    key = have_signing_key(database)
    return jwt.encode(claims, key.private_pem, algorithm=ALGORITHM, headers={"kid": key.kid})


def rotate_keys(database: Database, *, at_once: bool = False) -> ToolKey:
    """Have a new key: published now, signing after `LEAD`, when the old one stops.

    While a new key waits for its turn there is nothing to do, and it is the one returned. `at_once`: somebody else may
    have the old key, so the new one signs now and the old ones are no longer published.
    """
    have_signing_key(database)
    with database.read() as db:
        newest = list_tool_keys(db)[0]
    if newest.signs_from > clock.now() and not at_once:
        return newest
    pair = new_key_pair()
    with database.write() as db:
        signs_from = clock.now() if at_once else clock.now() + LEAD
        _add(db, pair, number=newest.number + 1, signs_from=signs_from)
        _retire_before(db, newest.number + 1, at=signs_from if at_once else signs_from + LAG)
        return list_tool_keys(db)[0]


def _add(db: Session, pair: KeyPair, *, number: int, signs_from: datetime) -> None:
    """Add this pair as the key of this number, unless somebody did so just before."""
    insert_once(
        db,
        ToolKey,
        number=number,
        kid=pair.kid,
        private_key=seal(pair, db.info[SECRET]),
        public_key=json.dumps(pair.public_jwk),
        created_at=clock.now(),
        signs_from=signs_from,
        retired_at=None,
    )


def _retire_before(db: Session, number: int, *, at: datetime) -> None:
    """Stop publishing the keys before this number then; those that stop sooner keep to that."""
    for key in list_tool_keys(db):
        if key.number < number and is_published(key) and (key.retired_at is None or key.retired_at > at):
            key.retired_at = at
    db.flush()


def _newest_number(db: Session) -> int:
    return db.scalar(sa.select(sa.func.max(ToolKey.number))) or 0
