"""Our own keys: made once whoever comes first, sealed, replaced without a moment in which a signature is doubted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from threading import Barrier
from typing import Any

import jwt
import pytest
from jwt import PyJWKSet

from lms.kernel import clock
from lms.kernel.db import Database
from lms.lti.formats.keys import UnreadableKeyError, new_key_pair, seal, thumbprint, unseal
from lms.lti.models import ToolKey
from lms.lti.queries.keys import SECRET, list_published_keys
from lms.lti.services import keys as services
from lms.lti.services.keys import LAG, LEAD, have_signing_key, rotate_keys, sign
from tests.services.platform import SECRET_KEY

A_MOMENT = timedelta(seconds=1)


@pytest.fixture
def database(database: Database) -> Database:
    database.info[SECRET] = SECRET_KEY
    return database


@pytest.fixture
def start() -> Iterator[datetime]:
    """A clock that stands still; move on from it with `clock.moved_to`."""
    with clock.moved_to(clock.now()):
        yield clock.now()


def published(database: Database) -> dict[str, Any]:
    with database.read() as db:
        return {"keys": list_published_keys(db)}


def read_by_a_platform(database: Database, token: str) -> dict[str, Any]:
    """As a platform checks our word: by the kid, in the keys that are published now."""
    key = PyJWKSet.from_dict(published(database))[jwt.get_unverified_header(token)["kid"]]
    claims: dict[str, Any] = jwt.decode(token, key, algorithms=["RS256"])
    return claims


def test_what_we_sign_is_checked_with_what_we_publish(database: Database) -> None:
    assert read_by_a_platform(database, sign(database, {"iss": "us"})) == {"iss": "us"}
    [key] = published(database)["keys"]
    assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")
    assert key["kid"] == thumbprint(key)
    assert not {"d", "p", "q", "dp", "dq", "qi"} & key.keys()


def test_the_thumbprint_is_that_of_the_standard() -> None:
    n = (  # RFC 7638, 3.1
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3"
        "oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdA"
        "ZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-"
        "kEgU8awapJzKnqDKgw"
    )
    key = {"kty": "RSA", "n": n, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29"}
    assert thumbprint(key) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_two_who_need_the_first_key_at_once_get_the_same(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    meet = Barrier(4)

    def made_together() -> Any:
        pair = new_key_pair()
        meet.wait(30)  # nobody writes before everybody saw that there is none
        return pair

    monkeypatch.setattr(services, "new_key_pair", made_together)
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda _place: have_signing_key(database), range(4)))
    assert len({key.kid for key in found}) == 1
    assert [key["kid"] for key in published(database)["keys"]] == [found[0].kid]


def test_a_new_key_is_published_before_it_signs_and_the_old_one_after(database: Database, start: datetime) -> None:
    old, message = have_signing_key(database).kid, sign(database, {"n": 1})
    new = rotate_keys(database).kid
    assert {key["kid"] for key in published(database)["keys"]} == {old, new}
    assert have_signing_key(database).kid == old
    with clock.moved_to(start + LEAD - A_MOMENT):
        assert have_signing_key(database).kid == old
        message = sign(database, {"n": 2})
    with clock.moved_to(start + LEAD):
        assert have_signing_key(database).kid == new
        assert read_by_a_platform(database, message) == {"n": 2}
    with clock.moved_to(start + LEAD + LAG - A_MOMENT):
        assert {key["kid"] for key in published(database)["keys"]} == {old, new}
    with clock.moved_to(start + LEAD + LAG):
        assert [key["kid"] for key in published(database)["keys"]] == [new]


def test_rotating_again_before_the_new_key_signs_changes_nothing(database: Database) -> None:
    first = rotate_keys(database)
    assert rotate_keys(database).kid == first.kid
    assert len(published(database)["keys"]) == 2


def test_a_key_that_somebody_else_may_have_is_gone_at_once(database: Database, start: datetime) -> None:
    waiting = rotate_keys(database).kid
    new = rotate_keys(database, at_once=True).kid
    assert new != waiting
    assert have_signing_key(database).kid == new
    assert [key["kid"] for key in published(database)["keys"]] == [new]
    with clock.moved_to(start + LEAD):
        assert have_signing_key(database).kid == new


def test_the_private_key_is_in_no_row_and_another_secret_does_not_open_it(database: Database) -> None:
    kid = have_signing_key(database).kid
    with database.read() as db:
        row = db.query(ToolKey).one()
    assert b"PRIVATE" not in row.private_key
    assert "PRIVATE" not in row.public_key
    assert json.loads(row.public_key)["kid"] == kid
    with pytest.raises(UnreadableKeyError):
        unseal(row.private_key, kid, SECRET_KEY + "x")
    with pytest.raises(UnreadableKeyError):
        unseal(row.private_key, "another", SECRET_KEY)
    with pytest.raises(UnreadableKeyError):
        unseal(b"", kid, SECRET_KEY)


def test_after_the_secret_was_changed_there_is_a_new_key(database: Database) -> None:
    old = have_signing_key(database).kid
    database.info[SECRET] = "another secret, long enough to be one"
    new = have_signing_key(database).kid
    assert new != old
    assert {key["kid"] for key in published(database)["keys"]} == {old, new}
    assert read_by_a_platform(database, sign(database, {"iss": "us"})) == {"iss": "us"}


def test_two_seals_of_one_key_are_never_the_same() -> None:
    pair = new_key_pair()
    first, second = seal(pair, SECRET_KEY), seal(pair, SECRET_KEY)
    assert first != second
    assert unseal(first, pair.kid, SECRET_KEY) == unseal(second, pair.kid, SECRET_KEY)
    assert pair.private_pem not in repr(pair)
