"""What every answer of the record store shares: versions, mounts, credentials, headers, errors."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from lms.kernel import clock
from lms.kernel.db import Database
from tests.services.platform import HOST
from tests.unit.xapi.examples import minimal
from tests.web.xapi.conftest import MakeProgram, Program
from xapi.credentials.services import revoke_credential

PATHS = ("/xapi/statements", "/xapi//statements", "/xapi/1.0.3/statements", "/xapi/1.0.3//statements")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("asked", "said"), [("1.0.3", "1.0.3"), ("1.0", "1.0.3"), ("1.0.1", "1.0.3"), ("2.0.0", "2.0.0")]
)
def test_communication_3_3_the_version_asked_is_the_version_spoken(
    program: Program, path: str, asked: str, said: str
) -> None:
    answer = program.get(path=path, headers={"X-Experience-API-Version": asked})

    assert answer.status_code == 200
    assert answer.headers["X-Experience-API-Version"] == said


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("headers", [{}, {"X-Experience-API-Version": "0.95"}, {"X-Experience-API-Version": "1.1.0"}])
def test_communication_3_3_without_a_version_it_is_refused(app: Flask, path: str, headers: dict[str, str]) -> None:
    answer = app.test_client().get(path, base_url=f"http://{HOST}", headers=headers)

    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["error"]["path"] == "X-Experience-API-Version"
    assert answer.headers["X-Experience-API-Version"] == ("1.0.3" if "1.0.3" in path else "2.0.0")


def test_2_0_is_judged_by_the_header_and_not_by_the_mount(program: Program) -> None:
    later = minimal(context={"contextAgents": []})

    for path in PATHS:
        assert program.post(later, path=path).status_code == 200
        assert program.post(later, path=path, headers={"X-Experience-API-Version": "1.0.3"}).status_code == 400


@pytest.mark.parametrize("path", ["/xapi/about", "/xapi//about", "/xapi/1.0.3/about"])
def test_communication_2_8_about_asks_for_nothing(app: Flask, path: str) -> None:
    answer = app.test_client().get(path, base_url=f"http://{HOST}")

    assert answer.status_code == 200
    assert answer.json == {"version": ["1.0.3", "2.0.0"]}


@pytest.mark.parametrize(
    "authorization",
    [
        None,
        "Basic",
        "Basic:cm9i",
        "Basic !!!",
        "Basic bm9jb2xvbg==",
        "Bearer x",
        "Basic cm9iOmhpZQ==",
        "Basic cm9iADpoaWU=",
    ],
)
def test_communication_4_0_without_a_good_credential_it_is_401(app: Flask, authorization: str | None) -> None:
    headers = {"X-Experience-API-Version": "2.0.0"}
    if authorization is not None:
        headers["Authorization"] = authorization

    answer = app.test_client().get("/xapi/statements", base_url=f"http://{HOST}", headers=headers)

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Basic ")
    assert answer.headers["X-Experience-API-Version"] == "2.0.0"


def test_a_credential_ends(make_program: MakeProgram, database: Database) -> None:
    ends = clock.now() + timedelta(hours=1)
    expiring, _ = make_program(expires_at=ends)
    revoked, credential = make_program()
    assert expiring.get().status_code == revoked.get().status_code == 200

    with database.write() as db:
        revoke_credential(db, credential.key)

    with clock.moved_to(clock.now() + timedelta(seconds=6)):
        assert expiring.get().status_code == 200
        assert revoked.get().status_code == 401
    with clock.moved_to(ends):
        assert expiring.get().status_code == 401


def test_a_wrong_secret_is_no_key(program: Program) -> None:
    assert program.get().status_code == 200
    program.auth = (program.auth[0], "wrong")
    assert program.get().status_code == 401


@pytest.mark.parametrize("path", PATHS)
def test_communication_1_1_head_is_get_without_a_body(program: Program, path: str) -> None:
    program.post(minimal())
    with clock.moved_to(clock.now()):  # the store's "consistent through" moves on with the clock
        got, head = program.get(path=path), program.call("HEAD", path)

    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "Content-Length", "X-Experience-API-Version", "X-Experience-API-Consistent-Through"):
        assert head.headers[name] == got.headers[name]


@pytest.mark.parametrize("path", PATHS)
def test_content_on_another_origin_may_call(app: Flask, path: str) -> None:
    asked = {"Origin": "https://content.example", "Access-Control-Request-Method": "PUT"}

    answer = app.test_client().options(path, base_url=f"http://{HOST}", headers=asked)

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
    for name in ("Authorization", "X-Experience-API-Version", "Content-Type"):
        assert name in answer.headers["Access-Control-Allow-Headers"]


def test_content_on_another_origin_may_post_without_a_token(program: Program) -> None:
    answer = program.post(minimal(), headers={"Origin": "https://content.example"})

    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "X-Experience-API-Consistent-Through" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_a_method_nobody_knows_is_refused_as_json(program: Program, method: str) -> None:
    answer = program.call(method, "/xapi/statements")

    assert answer.status_code == 405
    assert answer.json is not None
    assert "GET" in answer.headers["Allow"]


def test_a_resource_nobody_knows_is_refused_as_json(program: Program) -> None:
    answer = program.call("GET", "/xapi/nothing")

    assert answer.status_code == 404
    assert answer.json is not None
    assert answer.headers["X-Experience-API-Version"] == "2.0.0"


def _through(answer: Any) -> datetime:
    return datetime.fromisoformat(answer.headers["X-Experience-API-Consistent-Through"])


def test_communication_2_1_3_consistent_through_is_on_every_answer(program: Program) -> None:
    for answer in (program.get(), program.post(minimal()), program.post({}), program.get({"foo": "1"})):
        assert _through(answer) <= clock.now()


def test_communication_2_1_3_consistent_through_stays_before_an_open_write(
    program: Program, database: Database
) -> None:
    with database.write() as db:
        before = clock.now()
        db.connection().exec_driver_sql("SELECT 1")
        with clock.moved_to(before + timedelta(seconds=1)):
            assert _through(program.get()) <= clock.now()
            open_until = _through(program.get())

    with clock.moved_to(before + timedelta(seconds=2)):
        after = _through(program.get())
    assert open_until < before + timedelta(seconds=1) - timedelta(microseconds=1)
    assert after > open_until
