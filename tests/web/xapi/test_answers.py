"""What every answer of the record store shares: versions, mounts, credentials, headers, errors."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from lms.app import MAX_UPLOAD_BYTES
from lms.kernel import clock
from lms.kernel.db import Database
from tests.services.platform import HOST
from tests.unit.xapi.examples import minimal
from tests.web.xapi.conftest import MakeProgram, Program
from xapi.credentials.services import revoke_credential
from xapi.statements.queries import Filter, Page, list_statements
from xapi.statements.services import store

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


@pytest.mark.parametrize("asked", [None, "1.0.3", "2.0.0"])
def test_no_page_answers_for_the_store(app: Flask, asked: str | None) -> None:
    said = {"X-Experience-API-Version": asked} if asked else {}
    nowhere = ("/xapi", "/xapi/", "/xapi///statements", "/xapi/1.0.3", "/xapi/1.0.3//")
    for path in (*nowhere, *PATHS):
        for method in ("GET", "HEAD", "POST", "DELETE", "OPTIONS", "TRACE", "PROPFIND"):
            answer = app.test_client().open(path, method=method, base_url=f"http://{HOST}", headers=said)
            status = answer.status_code

            assert answer.headers["X-Experience-API-Version"] == (asked or ("1.0.3" if "1.0.3" in path else "2.0.0"))
            assert answer.headers["Access-Control-Allow-Origin"] == "*"
            assert "Location" not in answer.headers
            assert status != 405 or (
                "GET" in (allowed := answer.headers["Allow"]) and method not in allowed.split(", ")
            )
            if method == "OPTIONS" and status == 200:
                continue
            assert answer.content_type == "application/json"
            assert method == "HEAD" or answer.get_json()["error"]["clause"]
            assert status in ((401, 405) if path in PATHS and asked else (404, 405) if asked else (400, 404, 405))


def test_a_host_that_is_not_ours_has_no_store(app: Flask) -> None:
    answer = app.test_client().get("/xapi/about", base_url="http://elsewhere.example")

    assert (answer.status_code, answer.content_type) == (400, "application/json")
    assert answer.headers["X-Experience-API-Version"] == "2.0.0"


def test_pages_beside_the_store_stay_pages(app: Flask) -> None:
    answer = app.test_client().get("/xapix/", base_url=f"http://{HOST}")

    assert answer.status_code == 404
    assert answer.content_type.startswith("text/html")


def test_communication_3_2_what_is_too_large_is_told_how_large_it_may_be(program: Program) -> None:
    answer = program.post(minimal(), environ_overrides={"CONTENT_LENGTH": str(MAX_UPLOAD_BYTES + 1)})

    assert answer.status_code == 413
    assert answer.json is not None
    assert answer.json["error"]["rule"] == f"must be no larger than {MAX_UPLOAD_BYTES} bytes"


def _through(answer: Any) -> datetime:
    return datetime.fromisoformat(answer.headers["X-Experience-API-Consistent-Through"])


def test_communication_2_1_3_consistent_through_is_on_every_answer(program: Program) -> None:
    program.post(minimal())
    before = clock.now()
    with clock.moved_to(before + timedelta(seconds=1)):
        for answer in (program.get(), program.get({"foo": "1"}), program.post({})):
            assert _through(answer) > before
    for answer in (program.post(minimal()), program.get()):
        assert answer.status_code == 200
        assert _through(answer) <= clock.now()


def test_communication_2_1_3_consistent_through_promises_nothing_that_its_own_answer_lacks(
    program: Program, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody stores while we answer: who goes on with `since` that moment must still find it."""

    def list_and_store(db: Session, wanted: Filter, **more: Any) -> Page:
        page = list_statements(db, wanted, **more)
        with database.write() as other:
            store(other, [minimal()])
        return page

    monkeypatch.setattr("xapi.statements.views.list_statements", list_and_store)
    answer = program.get()
    [stored] = [statement["stored"] for statement in program.get().json["statements"]]  # type: ignore[index]
    assert answer.json["statements"] == []  # type: ignore[index]
    assert _through(answer) < datetime.fromisoformat(stored)


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
