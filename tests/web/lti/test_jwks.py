"""`/lti/jwks`: public, cacheable, and good from the first request on."""

from __future__ import annotations

from lms.kernel.db import Database
from lms.lti.services.keys import have_signing_key, rotate_keys
from tests.web.visitor import Visitor


def test_anybody_reads_our_keys_and_may_keep_them_for_an_hour(client: Visitor, database: Database) -> None:
    answer = client.get("/lti/jwks")
    assert answer.status_code == 200
    assert answer.mimetype == "application/json"
    assert answer.headers["Cache-Control"] == "public, max-age=3600"
    assert "Set-Cookie" not in answer.headers
    [key] = answer.json["keys"]  # type: ignore[index]
    assert key["kid"] == have_signing_key(database).kid
    assert client.get("/lti/jwks").json == answer.json
    new = rotate_keys(database).kid
    assert [each["kid"] for each in client.get("/lti/jwks").json["keys"]] == [new, key["kid"]]  # type: ignore[index]
