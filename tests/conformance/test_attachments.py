"""Attachments, in and out (1.0.3 Data 2.4.11 and Communication 1.5; 2.0 4.2.2.6 and 4.1.3)."""

from __future__ import annotations

import os
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import orjson
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from lms.kernel import clock
from lms.kernel.config import Settings
from lms.kernel.db import Database
from tests.conformance.multipart import (
    BOUNDARY,
    MIXED,
    attachment,
    body_of,
    file_part,
    parts_of,
    send,
    statements_part,
)
from tests.unit.xapi.examples import minimal
from tests.web.xapi.conftest import MakeProgram, Program
from xapi.credentials.models import Scope
from xapi.statements.jobs import FileTidier
from xapi.statements.models import StatementFile
from xapi.statements.queries import file_key, list_named_files
from xapi.statements.services import drop_unnamed_files, files, keep_files

TEXT = b"here is a simple attachment"
OCTETS = bytes(range(256)) * 9 + b"\r\n\r\n--" + BOUNDARY.encode() + b"? \n\r\r\n"


def with_data(*data: bytes, **more: Any) -> dict[str, Any]:
    """A statement with an attachment for each of these."""
    return minimal(id=str(uuid4()), attachments=[attachment(one, **more) for one in data])


def refused(answer: Any, path: str) -> None:
    """Check that an answer is a 400 with this place, a rule and a clause."""
    assert answer.status_code == 400, answer.data
    error = answer.json["error"]
    assert error["path"] == path, error
    assert error["rule"]
    assert "1.0.3" in error["clause"]


def shown(program: Program, **query: str) -> tuple[Any, list[tuple[dict[str, str], bytes]]]:
    """The JSON of an answer with attachments, and its other parts."""
    (headers, body), *files = parts_of(program.get({"attachments": "true", **query}))
    assert headers == {"Content-Type": "application/json"}
    return orjson.loads(body), files


def _whole(data: bytes, kind: str = "text/plain; charset=ascii") -> tuple[dict[str, str], bytes]:
    sha2 = attachment(data)["sha2"]
    return {"Content-Type": kind, "Content-Transfer-Encoding": "binary", "X-Experience-API-Hash": sha2}, data


# ---- in --------------------------------------------------------------------------------------------------------------


def test_communication_1_5_2_s3_b4_data_is_taken_in_and_given_back_to_the_octet(program: Program) -> None:
    statement = with_data(TEXT, OCTETS)

    answer = send(program, statement, file_part(TEXT), file_part(OCTETS))

    assert answer.status_code == 200, answer.data
    found, files = shown(program, statementId=statement["id"])
    assert found["attachments"] == statement["attachments"]
    assert files == [_whole(TEXT), _whole(OCTETS)]


def test_communication_2_1_1_a_statement_may_be_put_with_its_data(program: Program) -> None:
    uuid = str(uuid4())
    statement = minimal(attachments=[attachment(TEXT)])

    answer = program.put(body_of(statements_part(statement), file_part(TEXT)), uuid, content_type=MIXED)

    assert answer.status_code == 204, answer.data
    assert shown(program, statementId=uuid)[1] == [_whole(TEXT)]


def test_communication_1_5_2_s3_b8_no_attachments_may_come_in_parts(program: Program) -> None:
    assert send(program, [minimal(), minimal()]).status_code == 200


def test_communication_1_5_2_s3_b9_only_addresses_may_come_in_parts(program: Program) -> None:
    assert send(program, with_data(TEXT, fileUrl="http://example.org/file.txt")).status_code == 200


def test_communication_1_5_2_s2_b2_b5_one_copy_serves_several_statements(program: Program) -> None:
    first, second = with_data(TEXT, OCTETS), with_data(TEXT, TEXT)

    assert send(program, [first, second], file_part(TEXT), file_part(OCTETS)).status_code == 200

    _, files = shown(program)
    assert sorted(data for _, data in files) == sorted([TEXT, OCTETS])
    assert shown(program, statementId=second["id"])[1] == [_whole(TEXT)]


def test_communication_1_5_2_the_same_data_twice_is_one(program: Program) -> None:
    statement = with_data(TEXT, TEXT)

    assert send(program, statement, file_part(TEXT), file_part(TEXT)).status_code == 200
    assert shown(program, statementId=statement["id"])[1] == [_whole(TEXT)]


@pytest.mark.parametrize("family", ["sha224", "sha256", "sha384", "sha512"])
def test_data_2_4_11_any_sha_2_names_the_data(program: Program, family: str) -> None:
    statement = with_data(TEXT, family=family)
    statement["attachments"][0]["sha2"] = statement["attachments"][0]["sha2"].upper()

    assert send(program, statement, file_part(TEXT, family=family)).status_code == 200
    assert [data for _, data in shown(program, statementId=statement["id"])[1]] == [TEXT]


def test_data_2_4_4_3_a_sub_statement_brings_data_too(program: Program) -> None:
    inner = {"objectType": "SubStatement", **minimal(attachments=[attachment(TEXT)])}
    statement = minimal(id=str(uuid4()), object=inner)

    refused(program.post(statement), "$.object.attachments[0]")
    assert send(program, statement, file_part(TEXT)).status_code == 200
    assert shown(program, statementId=statement["id"])[1] == [_whole(TEXT)]


def test_communication_1_5_2_empty_data_is_data(program: Program) -> None:
    statement = with_data(b"")

    assert send(program, statement, file_part(b"")).status_code == 200
    assert shown(program, statementId=statement["id"])[1] == [_whole(b"")]


# ---- what is refused -------------------------------------------------------------------------------------------------


def test_communication_1_5_1_json_has_an_address_for_every_attachment(program: Program) -> None:
    refused(program.post([minimal(), with_data(TEXT)]), "$[1].attachments[0]")
    assert program.listed() == []


def test_communication_1_5_2_s3_b5_data_that_did_not_come_is_missed(program: Program) -> None:
    refused(send(program, with_data(TEXT, OCTETS), file_part(TEXT)), "$.attachments[1]")
    assert program.listed() == []


def test_communication_1_5_2_s2_b2_b2_a_part_belongs_to_a_statement(program: Program) -> None:
    refused(send(program, with_data(TEXT), file_part(TEXT), file_part(OCTETS)), "parts[2]")
    refused(send(program, minimal(), file_part(TEXT)), "parts[1]")


def test_communication_1_5_2_s2_b2_b3_a_part_says_its_hash(program: Program) -> None:
    for wrong in (None, "", "abc", attachment(OCTETS)["sha2"]):
        part = file_part(TEXT, x_experience_api_hash=wrong)
        refused(send(program, with_data(TEXT), part), "parts[1].X-Experience-API-Hash")


def test_communication_1_5_2_s2_b2_b4_a_part_is_binary(program: Program) -> None:
    for wrong in (None, "base64"):
        part = file_part(TEXT, content_transfer_encoding=wrong)
        refused(send(program, with_data(TEXT), part), "parts[1].Content-Transfer-Encoding")


def test_communication_1_5_2_s2_b2_b7_a_part_is_of_the_type_that_was_said(program: Program) -> None:
    refused(send(program, with_data(TEXT), file_part(TEXT, content_type="image/png")), "parts[1].Content-Type")
    assert send(program, with_data(TEXT), file_part(TEXT, content_type=None)).status_code == 200


def test_communication_1_5_2_s2_b2_b1_the_first_part_is_json(program: Program) -> None:
    for headers in ({"Content-Type": "text/plain"}, {}):
        body = body_of((headers, statements_part(with_data(TEXT))[1]), file_part(TEXT))
        refused(program.post(body, content_type=MIXED), "parts[0].Content-Type")


def test_communication_1_5_2_s2_b2_b1_all_statements_are_in_the_first_part(program: Program) -> None:
    refused(
        send(program, with_data(TEXT), statements_part(minimal()), file_part(TEXT)), "parts[1].X-Experience-API-Hash"
    )


@pytest.mark.parametrize(
    "kind",
    [
        "multipart/mixed",
        "multipart/mixed;",
        "multipart/mixed; boundary=",
        'multipart/mixed; boundary="x "',
        f"multipart/mixed; boundary={'x' * 71}",
        'multipart/mixed; boundary="\u00e9"',
    ],
)
def test_communication_1_5_2_s2_b2_the_boundary_is_said(program: Program, kind: str) -> None:
    body = body_of(statements_part(with_data(TEXT)), file_part(TEXT))
    refused(program.post(body, content_type=kind), "Content-Type")


@pytest.mark.parametrize(
    ("old", "new", "path"),
    [
        (f"--{BOUNDARY}--", "", "$"),
        (f"--{BOUNDARY}--", f"--{BOUNDARY}", "$"),
        (f"--{BOUNDARY}", "", "$"),
        ("\r\n", "\n", "$"),
        ("binary\r\n", "binary\r\nno header\r\n", "parts[1]"),
        ("\r\n\r\n", "\r\n", "parts[0]"),
    ],
)
def test_communication_1_5_2_s2_b2_the_parts_are_those_of_rfc_2046(
    program: Program, old: str, new: str, path: str
) -> None:
    body = body_of(statements_part(with_data(TEXT)), file_part(TEXT))
    refused(program.post(body.replace(old.encode(), new.encode()), content_type=MIXED), path)


def test_communication_1_5_2_s2_b2_each_part_has_its_boundary(program: Program) -> None:
    body = body_of(statements_part(with_data(TEXT)), file_part(TEXT))
    line = f"--{BOUNDARY}\r\n".encode()

    refused(program.post(body.removeprefix(line), content_type=MIXED), "parts[0].Content-Type")
    refused(program.post(line + body.replace(line, b"").removeprefix(line), content_type=MIXED), "$")


@pytest.mark.parametrize("kind", ["multipart/form-data", "text/plain", "application/x-www-form-urlencoded"])
def test_communication_1_5_other_content_types_are_refused(program: Program, kind: str) -> None:
    body = body_of(statements_part(with_data(TEXT)), file_part(TEXT))
    refused(program.post(body, content_type=f'{kind}; boundary="{BOUNDARY}"'), "Content-Type")


def test_rfc_2046_what_stands_around_the_parts_is_not_looked_at(program: Program) -> None:
    body = body_of(statements_part(with_data(TEXT)), file_part(TEXT))
    assert program.post(b"\r\n" + body, content_type=MIXED).status_code == 200
    body = body_of(statements_part(with_data(TEXT)), file_part(TEXT))
    assert program.post(b"before\r\n" + body + b"after", content_type=MIXED).status_code == 200


# ---- out -------------------------------------------------------------------------------------------------------------


def test_communication_2_1_3_attachments_are_sent_only_when_asked(program: Program) -> None:
    statement = with_data(TEXT)
    send(program, statement, file_part(TEXT))

    for query in ({}, {"attachments": "false"}, {"statementId": statement["id"], "attachments": "false"}):
        answer = program.get(query)
        assert answer.content_type == "application/json"
        assert TEXT not in answer.data


def test_communication_2_1_3_more_brings_its_attachments(program: Program) -> None:
    send(program, [with_data(TEXT), with_data(OCTETS), minimal()], file_part(TEXT), file_part(OCTETS))
    sent: list[list[bytes]] = []

    page, files = shown(program, limit="1")
    sent.append([data for _, data in files])
    while page["more"]:
        (_, body), *files = parts_of(program.call("GET", page["more"]))
        page = orjson.loads(body)
        sent.append([data for _, data in files])

    assert sent == [[], [OCTETS], [TEXT]]


@pytest.mark.parametrize("form", ["ids", "canonical"])
def test_communication_2_1_3_every_format_brings_its_attachments(program: Program, form: str) -> None:
    send(program, with_data(TEXT), file_part(TEXT))

    assert shown(program, format=form)[1] == [_whole(TEXT)]


def test_data_2_3_2_a_voided_statement_keeps_its_data(program: Program) -> None:
    statement = with_data(TEXT)
    send(program, statement, file_part(TEXT))
    voiding = minimal(
        verb={"id": "http://adlnet.gov/expapi/verbs/voided"},
        object={"objectType": "StatementRef", "id": statement["id"]},
    )
    program.post(voiding)

    assert shown(program, voidedStatementId=statement["id"])[1] == [_whole(TEXT)]
    assert shown(program)[1] == []


def test_communication_1_1_head_says_what_get_would(program: Program) -> None:
    statement = with_data(TEXT)
    send(program, statement, file_part(TEXT))

    answer = program.call("HEAD", "/xapi/statements", query_string={"attachments": "true"})

    assert (answer.status_code, answer.data) == (200, b"")
    assert answer.mimetype == "multipart/mixed"
    assert answer.headers["X-Experience-API-Consistent-Through"]


def test_communication_1_5_2_data_beside_an_address_is_kept_too(program: Program) -> None:
    statement = with_data(TEXT, fileUrl="http://example.org/file.txt")
    send(program, statement, file_part(TEXT))

    assert shown(program, statementId=statement["id"])[1] == [_whole(TEXT)]


# ---- who sees it -----------------------------------------------------------------------------------------------------


def test_who_knows_a_hash_does_not_get_the_data_of_another(make_program: MakeProgram) -> None:
    owner, _ = make_program()
    other, _ = make_program(Scope.WRITE, Scope.READ_MINE)
    send(owner, with_data(TEXT), file_part(TEXT))

    other.post(with_data(TEXT, fileUrl="http://example.org/file.txt"))

    statements, files = shown(other)
    assert len(statements["statements"]) == 1
    assert files == []


def test_a_refused_batch_names_no_data(program: Program, database: Database) -> None:
    statement = with_data(TEXT)
    send(program, statement, file_part(TEXT))

    answer = send(program, [{**with_data(OCTETS), "id": statement["id"]}], file_part(OCTETS))

    assert answer.status_code == 409
    with database.read() as db:
        assert db.scalars(sa.select(StatementFile.sha2)).all() == [attachment(TEXT)["sha2"]]


def test_data_is_kept_once_under_its_hash(program: Program, app: Flask) -> None:
    send(program, [with_data(TEXT), with_data(TEXT)], file_part(TEXT))

    storage = app.extensions["storage"]
    assert storage.list("attachments") == [file_key(attachment(TEXT)["sha2"])]
    assert storage.get(file_key(attachment(TEXT)["sha2"])) == TEXT


def test_data_that_no_statement_names_goes_after_a_day(program: Program, app: Flask, database: Database) -> None:
    statement = with_data(TEXT)
    send(program, statement, file_part(TEXT))
    send(program, [{**with_data(OCTETS), "id": statement["id"]}], file_part(OCTETS))
    kept = [file_key(attachment(data)["sha2"]) for data in (TEXT, OCTETS)]
    storage = app.extensions["storage"]
    tidy = FileTidier(storage)

    tidy(database)
    assert storage.list("attachments") == sorted(kept)
    with clock.moved_to(clock.now() + timedelta(hours=25)):
        tidy(database)
    assert storage.list("attachments") == kept[:1]


def test_data_that_comes_again_while_its_time_is_up_stays(
    program: Program, app: Flask, database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    statement = with_data(TEXT)
    storage = app.extensions["storage"]
    keep_files(storage, {attachment(data)["sha2"]: data for data in (TEXT, OCTETS)})
    keys = [file_key(attachment(data)["sha2"]) for data in (TEXT, OCTETS)]
    days_ago = (clock.now() - timedelta(days=2)).timestamp()
    for key in keys:
        os.utime(Path(urlsplit(settings.storage_url).path) / key, (days_ago, days_ago))

    def look(db: Session, hashes: Sequence[str]) -> set[str]:
        named = list_named_files(db, hashes)
        if not named:
            assert send(program, statement, file_part(TEXT)).status_code == 200
        return named

    monkeypatch.setattr(files, "list_named_files", look)
    assert drop_unnamed_files(database, storage) == 1
    assert storage.list("attachments") == keys[:1]
    assert shown(program, statementId=statement["id"])[1] == [_whole(TEXT)]


def test_data_that_is_gone_breaks_no_answer(program: Program, app: Flask) -> None:
    statement = with_data(TEXT, OCTETS)
    send(program, statement, file_part(TEXT), file_part(OCTETS))
    app.extensions["storage"].delete(file_key(attachment(TEXT)["sha2"]))

    found, there = shown(program, statementId=statement["id"])
    assert found["attachments"] == statement["attachments"]
    assert there == [_whole(OCTETS)]


def test_communication_2_1_2_s2_b4_an_equal_resend_brings_nothing_new(program: Program, database: Database) -> None:
    statement = with_data(TEXT, fileUrl="http://example.org/file.txt")
    program.post(statement)

    assert send(program, statement, file_part(TEXT)).status_code == 200
    assert shown(program, statementId=statement["id"])[1] == []
    with database.read() as db:
        assert db.scalars(sa.select(StatementFile.statement_id)).all() == []


def test_communication_1_5_2_only_what_came_is_sent(program: Program) -> None:
    statement = with_data(TEXT, OCTETS)
    statement["attachments"][1]["fileUrl"] = "http://example.org/file.bin"
    send(program, statement, file_part(TEXT))

    assert shown(program, statementId=statement["id"])[1] == [_whole(TEXT)]
