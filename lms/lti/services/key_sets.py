"""The public keys of platforms: kept, and read again when a token names a key we do not know or they are old.

A platform that is down is not asked more often than once a minute, whoever sends us tokens; meanwhile the keys we have
go on working for a day. No transaction stays open while we ask.
"""

from __future__ import annotations

import json
import time
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from lms.kernel import clock
from lms.kernel.db import Database, insert_once
from lms.kernel.outgoing import Outgoing, Unreachable
from lms.lti.formats.keys import KEY_BITS, rs256_bits
from lms.lti.formats.refusals import LaunchRefused, Reason
from lms.lti.models import KeySet

FRESH = timedelta(hours=1)
STALE = timedelta(days=1)
PAUSE = timedelta(minutes=1)
LARGEST = 100_000  # octets of a key set
MOST_KEYS = 50
WAIT_S, POLL_S = 6.0, 0.05

Jwk = dict[str, Any]


def get_key(database: Database, registration_id: int, jwks_uri: str, kid: str, outgoing: Outgoing) -> Jwk:
    """The platform's key with this id. Raises `LaunchRefused`."""
    kept = _read(database, registration_id)
    key = _find(kept, kid)
    if key is not None and _is_younger(kept, FRESH):
        return key
    if _claim_turn(database, registration_id):
        _refresh(database, registration_id, jwks_uri, outgoing)
    elif key is None or not _is_younger(kept, STALE):
        _wait_for_another(database, registration_id)
    kept = _read(database, registration_id)
    key = _find(kept, kid) if _is_younger(kept, STALE) else None
    if key is None:
        problem = kept.problem if kept is not None else ""
        raise LaunchRefused(Reason.NO_KEYS if problem else Reason.UNKNOWN_KEY, kid=kid, problem=problem)
    return key


def read_keys(body: bytes) -> list[Jwk]:
    """The RSA keys in a JWK Set (RFC 7517, 5) that are large enough for RS256 (RFC 7518, 3.3). Raises `ValueError`."""
    if len(body) > LARGEST:
        raise ValueError("too large")
    try:
        value = json.loads(body)
    except RecursionError as error:
        raise ValueError("too deep") from error
    keys = value.get("keys") if isinstance(value, dict) else None
    if not isinstance(keys, list) or len(keys) > MOST_KEYS:
        raise ValueError("not a key set")
    return [
        {name: key[name] for name in ("kty", "kid", "n", "e")}
        for key in keys
        if isinstance(key, dict) and rs256_bits(key) >= KEY_BITS
    ]


def _read(database: Database, registration_id: int) -> KeySet | None:
    with database.read() as db:
        return db.get(KeySet, registration_id)


def _find(kept: KeySet | None, kid: str) -> Jwk | None:
    keys: list[Jwk] = json.loads(kept.keys) if kept is not None and kept.keys else []
    return next((key for key in keys if key["kid"] == kid), None)


def _is_younger(kept: KeySet | None, age: timedelta) -> bool:
    return kept is not None and kept.fetched_at is not None and clock.now() - kept.fetched_at < age


def _claim_turn(database: Database, registration_id: int) -> bool:
    """Whether it is ours to ask the platform now: one asks, and nobody for a minute after."""
    now = clock.now()
    with database.write() as db:
        if insert_once(db, KeySet, registration_id=registration_id, keys="", tried_at=now, problem=""):
            return True
        mine = sa.update(KeySet).where(KeySet.registration_id == registration_id, KeySet.tried_at < now - PAUSE)
        asking = mine.values(tried_at=now, problem="")  # that of last time: whoever waits must not take it for this one
        return db.execute(asking.returning(KeySet.registration_id)).first() is not None


def _refresh(database: Database, registration_id: int, jwks_uri: str, outgoing: Outgoing) -> None:
    try:
        keys = _ask(jwks_uri, outgoing)
    except Unreachable as error:
        values: dict[str, Any] = {"problem": str(error.fault)}
    except ValueError as error:
        values = {"problem": str(error)[:200]}
    else:
        values = {"problem": "", "keys": json.dumps(keys), "fetched_at": clock.now()}
    with database.write() as db:
        db.execute(sa.update(KeySet).where(KeySet.registration_id == registration_id).values(**values))


def _ask(jwks_uri: str, outgoing: Outgoing) -> list[Jwk]:
    answer = outgoing.ask(jwks_uri, headers={"Accept": "application/json"})
    if not answer.is_good:
        raise ValueError(f"status {answer.status}")
    return read_keys(answer.body)


def _wait_for_another(database: Database, registration_id: int) -> None:
    """A whole class arrives at once, and one of them asks the platform: the others wait for what she hears."""
    until = time.monotonic() + WAIT_S
    while time.monotonic() < until:
        kept = _read(database, registration_id)
        if kept is None or kept.problem or (kept.fetched_at is not None and kept.fetched_at >= kept.tried_at):
            return
        if clock.now() - kept.tried_at > timedelta(seconds=WAIT_S):
            return  # who asked is gone
        time.sleep(POLL_S)
