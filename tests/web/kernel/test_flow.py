"""One request, one transaction: committed once when it went well, never when it did not, never for a GET."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from structlog.testing import capture_logs

from lms.kernel.db import Database
from tests.web.kernel.conftest import noted
from tests.web.visitor import Visitor


def test_what_a_post_wrote_is_committed_once(visitor: Visitor, token: str, database: Database) -> None:
    commits: list[bool] = []
    sa.event.listen(database.engine, "commit", lambda _connection: commits.append(True))
    answer = visitor.post("/test/write", data={"csrf_token": token})
    assert answer.status_code == 200
    assert commits == [True]
    assert noted(database) == ["key"]


@pytest.mark.parametrize("status", [400, 403, 409, 422, 500, 503])
def test_an_answer_that_says_no_changes_nothing(visitor: Visitor, token: str, database: Database, status: int) -> None:
    answer = visitor.post("/test/write", data={"csrf_token": token, "status": status})
    assert answer.status_code == status
    assert noted(database) == []


@pytest.mark.parametrize(
    ("error", "status"), [("refused", 409), ("forbidden", 403), ("not-found", 404), ("too-many", 429)]
)
def test_a_refusal_changes_nothing(visitor: Visitor, token: str, database: Database, error: str, status: int) -> None:
    answer = visitor.post(f"/test/fail/{error}", data={"csrf_token": token})
    assert answer.status_code == status
    assert noted(database) == []


def test_what_nobody_foresaw_changes_nothing_and_tells_no_details(
    visitor: Visitor, token: str, database: Database
) -> None:
    with capture_logs() as logs:
        answer = visitor.post("/test/fail/unforeseen", data={"csrf_token": token})
    assert answer.status_code == 500
    assert "leerlabo</" not in answer.text
    assert "password" not in answer.text
    assert "Traceback" not in answer.text
    assert [line["event"] for line in logs] == ["unforeseen_error"]
    assert "unforeseen" not in logs[0]["rule"]  # the address may hold a link that works once
    assert noted(database) == []


def test_dropping_changes_drops_only_what_was_before(visitor: Visitor, token: str, database: Database) -> None:
    visitor.post("/test/write-twice", data={"csrf_token": token})
    assert noted(database) == ["kept"]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_get_that_tries_to_write_fails_and_keeps_nothing(visitor: Visitor, database: Database, method: str) -> None:
    with capture_logs() as logs:
        answer = visitor.open("/test/write", method=method)
    assert answer.status_code == 500
    assert [line["event"] for line in logs] == ["unforeseen_error"]
    assert noted(database) == []


def test_a_link_that_works_once_may_write_though_it_is_a_get(visitor: Visitor, database: Database) -> None:
    assert visitor.get("/test/link").status_code == 200
    assert noted(database) == ["key"]
    assert visitor.get("/test/link?key=other&status=400").status_code == 400
    assert noted(database) == ["key"]


def test_who_comes_second_is_told_so(visitor: Visitor, token: str, database: Database) -> None:
    visitor.post("/test/write", data={"csrf_token": token})
    with capture_logs() as logs:
        answer = visitor.post("/test/write", data={"csrf_token": token})
    assert answer.status_code == 409
    assert "Iemand was je net voor" in answer.text
    assert [line["event"] for line in logs] == ["overtaken"]
    assert noted(database) == ["key"]


def test_a_commit_that_fails_is_no_success(visitor: Visitor, token: str, database: Database) -> None:
    def fail(_connection: sa.Connection) -> None:
        raise sa.exc.OperationalError("COMMIT", None, OSError("no space left"))

    sa.event.listen(database.engine, "commit", fail)
    with capture_logs() as logs:
        answer = visitor.post("/test/write", data={"csrf_token": token})
    sa.event.remove(database.engine, "commit", fail)
    assert answer.status_code == 503
    assert [line["event"] for line in logs] == ["database_away"]
    assert noted(database) == []


def test_every_request_gives_its_connection_back(visitor: Visitor, token: str, database: Database) -> None:
    for _turn in range(3):
        visitor.get("/gezinszorg/")
        visitor.post("/test/write", data={"csrf_token": token, "status": 422})
        with capture_logs():
            visitor.post("/test/fail/unforeseen", data={"csrf_token": token})
    assert database.engine.pool.checkedout() == 0  # type: ignore[attr-defined]
