"""What programs store, and what they may not, on both databases."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import orjson
import pytest
from psycopg.errors import DeadlockDetected

from lms.kernel.db import Database
from tests.factories.accounts import make_organisation
from tests.unit.xapi.examples import REFERENCE, full, minimal
from tests.web.xapi.asking import named, refused
from tests.web.xapi.conftest import MakeProgram, Program
from xapi.credentials.models import Scope
from xapi.standard.verb import VOIDED
from xapi.standard.version import Version
from xapi.statements.events import StatementsStored

BASE = "https://leerlabo.example/"
AREA = f"{BASE}area/"

# ---- storing ---------------------------------------------------------------------------------------------------------


def test_communication_2_1_2_post_answers_the_ids_in_order(program: Program) -> None:
    statements = [named("a"), minimal(), named("b")]

    answer = program.post(statements)

    assert answer.status_code == 200
    assert answer.json is not None
    assert [answer.json[0], answer.json[2]] == [statements[0]["id"], statements[2]["id"]]
    assert program.listed() == answer.json[::-1]


def test_communication_2_1_1_put_keeps_one_statement(program: Program) -> None:
    uuid = str(uuid4())

    answer = program.put(minimal(), uuid)

    assert (answer.status_code, answer.data) == (204, b"")
    assert program.get({"statementId": uuid}).json["id"] == uuid  # type: ignore[index]


def test_communication_2_1_1_put_wants_its_id(program: Program) -> None:
    refused(program.call("PUT", "/xapi/statements", minimal()), 400, "statementId")
    refused(program.put(named("a"), str(uuid4())), 400, "$.id")
    refused(program.put([minimal()], str(uuid4())), 400, "$")
    refused(program.put(minimal(), "1"), 400, "statementId")


def test_data_2_3_1_an_equal_resend_changes_nothing(program: Program) -> None:
    statement = named("a", result={"duration": "PT1.239S"})
    program.post(statement)
    kept = program.get({"statementId": statement["id"]}).data

    again = program.post({**statement, "result": {"duration": "PT1.23S"}, "verb": {**statement["verb"], "display": {}}})
    put = program.put(statement, statement["id"])

    assert (again.status_code, put.status_code) == (200, 204)
    assert again.json == [statement["id"]]
    assert program.get({"statementId": statement["id"]}).data == kept
    assert len(program.listed()) == 1


def test_data_2_3_1_another_statement_with_the_id_is_a_conflict(program: Program) -> None:
    statement, other = named("a"), named("b")
    program.post(statement)

    refused(program.put({**other, "id": statement["id"]}, statement["id"]), 409, "$.id")
    refused(program.post({**other, "id": statement["id"]}), 409, "$.id")
    refused(program.post([other, {**other, "id": statement["id"]}]), 409, "$[1].id")
    assert program.listed() == [statement["id"]]


def test_communication_3_2_a_batch_is_kept_whole_or_not(program: Program) -> None:
    refused(program.post([named("a"), {**named("b"), "actor": {"mbox": "b"}}]), 400, "$[1].actor.mbox")
    assert program.listed() == []


def test_communication_2_1_1_a_batch_has_each_id_once(program: Program) -> None:
    statement = named("a")
    refused(program.post([named("b"), statement, statement]), 400, "$[2].id")


def test_communication_2_1_2_an_empty_batch_is_nothing(program: Program) -> None:
    assert program.post([]).json == []


@pytest.mark.parametrize("body", [b"", b"{", b"[{}", b'"x"', b"null", b"[[]]", b'{"a":1,"a":1}', b"\xff"])
def test_data_2_2_what_is_no_statement_is_refused(program: Program, body: bytes) -> None:
    answer = program.post(body)

    assert answer.status_code == 400
    assert answer.json is not None
    assert answer.json["error"]["rule"]


@pytest.mark.parametrize("kind", ["text/plain", "multipart/mixed", "application/x-www-form-urlencoded"])
def test_communication_1_5_other_content_is_refused(program: Program, kind: str) -> None:
    refused(program.post(minimal(), content_type=kind), 400, "Content-Type")


def test_communication_1_5_an_attachment_without_data_needs_a_url(program: Program) -> None:
    attachment = {k: v for k, v in full(Version.V2)["attachments"][0].items() if k != "fileUrl"}

    refused(program.post(minimal(attachments=[attachment])), 400, "$.attachments[0]")


# ---- to the letter ---------------------------------------------------------------------------------------------------


def test_data_2_2_what_came_is_kept_to_the_letter(program: Program) -> None:
    body = (
        b' {"verb" :{"id":"http://example.org/\\u0076"}, "actor":{"mbox":"mailto:a@example.org"}\n,'
        b'"object":{"id":"urn:x"},"result":{"score":{"raw":1.10,"max":1e2},"extensions":{"urn:big":12345678901234567890123}}'
        b',"stored":"2001-01-01T00:00:00Z" , "authority":{"mbox":"mailto:b@example.org"}} '
    )

    [uuid] = program.post(body).json  # type: ignore[misc]

    kept = program.get({"statementId": uuid}).data
    for letters in (
        b'"verb":{"id":"http://example.org/\\u0076"}',
        b'"raw":1.10,"max":1e2',
        b"12345678901234567890123",
        b'"actor":{"mbox":"mailto:a@example.org"}',
    ):
        assert letters in kept
    assert kept.count(b'"stored"') == kept.count(b'"authority"') == 1
    assert b"2001" not in kept
    assert b"mailto:b" not in kept


def test_data_2_2_no_number_is_rounded(program: Program) -> None:
    number, other = b"12345678901234567890123", b"12345678901234567890124"
    thing = {"id": "urn:big", "definition": {"extensions": {"urn:big": 0}}}
    statement = named("a", object=thing, result={"extensions": {"urn:big": 0}})
    body = orjson.dumps(statement).replace(b'"urn:big":0', b'"urn:big":' + number)
    assert program.post(body).status_code == 200

    assert program.post(body).status_code == 200
    assert program.post(body.replace(number, number + b".0")).status_code == 200
    refused(program.post(body.replace(number, other)), 409, "$.id")
    for form, times in (("exact", 2), ("ids", 1), ("canonical", 2)):
        for query in ({"statementId": statement["id"]}, {"limit": "1"}):
            assert program.get({**query, "format": form}).data.count(b'"urn:big":' + number) == times, form
    assert number in program.get({"activityId": "urn:big"}, "/xapi/activities").data


@pytest.mark.parametrize("number", [b"1e400", b"-1e309", b"9" * 400])
def test_data_2_2_what_others_would_read_as_an_infinity_is_refused(program: Program, number: bytes) -> None:
    body = orjson.dumps(minimal(result={"extensions": {"urn:big": 0}})).replace(b":0}", b":%b}" % number)
    answer = program.post(body)

    refused(answer, 400, "$")
    assert "1.8e308" in answer.json["error"]["rule"]  # type: ignore[index]


def test_data_2_4_the_store_adds_what_is_missing(make_program: MakeProgram) -> None:
    for version, own in (("1.0.3", "1.0.0"), ("2.0.0", "2.0.0")):
        program, credential = make_program(version=version)
        [uuid] = program.post(minimal()).json  # type: ignore[misc]

        kept = program.get({"statementId": uuid}).json

        assert kept is not None
        assert kept["id"] == uuid
        assert kept["timestamp"] == kept["stored"]
        assert kept["version"] == own
        assert kept["authority"]["account"] == {"homePage": "https://leerlabo.example/", "name": str(credential.uuid)}


def test_data_2_4_6_2_context_activities_come_back_as_arrays(program: Program) -> None:
    context = {"contextActivities": {"parent": {"id": "urn:p"}, "other": [{"id": "urn:o"}]}, "revision": "1.10"}
    inner = {"objectType": "SubStatement", **minimal(context=context)}

    ids = program.post([minimal(context=context), minimal(object=inner)]).json
    first, second = (program.get({"statementId": uuid}).json for uuid in ids)  # type: ignore[union-attr]

    for found in (first["context"], second["object"]["context"]):  # type: ignore[index]
        assert found["contextActivities"] == {"parent": [{"id": "urn:p"}], "other": [{"id": "urn:o"}]}
        assert found["revision"] == "1.10"


# ---- voiding ---------------------------------------------------------------------------------------------------------


def _voiding(uuid: str) -> dict[str, Any]:
    return named("admin", verb={"id": VOIDED}, object={"objectType": "StatementRef", "id": uuid})


@pytest.mark.parametrize("first", ["statement", "voiding"])
def test_data_2_3_2_a_voided_statement_is_only_found_as_such(program: Program, first: str) -> None:
    statement = named("a")
    voiding = _voiding(statement["id"])
    for sent in (statement, voiding) if first == "statement" else (voiding, statement):
        assert program.post(sent).status_code == 200

    refused(program.get({"statementId": statement["id"]}), 404, "statementId")
    assert program.get({"voidedStatementId": statement["id"]}).status_code == 200
    assert program.listed() == [voiding["id"]]
    assert program.listed(agent=orjson.dumps(statement["actor"]).decode()) == [voiding["id"]]


def test_data_2_3_2_a_voiding_statement_cannot_be_voided(program: Program) -> None:
    statement = named("a")
    voiding = _voiding(statement["id"])
    program.post([statement, voiding, _voiding(voiding["id"]), _voiding(statement["id"])])

    assert program.get({"statementId": voiding["id"]}).status_code == 200
    assert program.get({"voidedStatementId": voiding["id"]}).status_code == 404
    assert program.get({"voidedStatementId": statement["id"]}).status_code == 200


def test_data_2_3_2_who_may_not_void_is_refused(make_program: MakeProgram) -> None:
    all_, _ = make_program()
    writer, _ = make_program(Scope.WRITE)
    limited, _ = make_program(area="gezinszorg")
    statement = named("a")
    all_.post(statement)

    refused(writer.post(_voiding(statement["id"])), 403, "$.verb.id")
    refused(writer.post([named("b"), _voiding(statement["id"])]), 403, "$[1].verb.id")
    refused(limited.post(_voiding(statement["id"])), 403, "$.object.id")
    refused(limited.post([named("b"), _voiding(statement["id"])]), 403, "$[1].object.id")
    assert all_.listed() == [statement["id"]]


def test_data_2_3_2_a_limited_credential_voids_nothing_beforehand(make_program: MakeProgram) -> None:
    limited, _ = make_program(area="gezinszorg")
    elsewhere, _ = make_program(area="onderwijs")
    statement, own = named("a"), named("b")

    refused(limited.post(_voiding(statement["id"])), 403, "$.object.id")
    assert elsewhere.post(statement).status_code == 200
    assert elsewhere.listed() == [statement["id"]]
    assert limited.post([_voiding(own["id"]), own]).status_code == 200
    assert limited.get({"voidedStatementId": own["id"]}).status_code == 200


# ---- limits of a credential ------------------------------------------------------------------------------------------


def _in_area(slug: str) -> dict[str, Any]:
    return named("a", context={"contextActivities": {"grouping": [{"id": AREA + slug}]}})


def test_a_limited_credential_stamps_and_sees_its_own_area(make_program: MakeProgram) -> None:
    everywhere, _ = make_program()
    limited, _ = make_program(area="gezinszorg")
    elsewhere = _in_area("onderwijs")
    everywhere.post([elsewhere, _in_area("geen-afdeling")])
    mine = [named("a"), _in_area("gezinszorg")]

    assert limited.post(mine).status_code == 200
    refused(limited.post([named("b"), elsewhere | {"id": str(uuid4())}]), 403, "$[1].context.contextActivities")
    assert limited.listed() == [mine[1]["id"], mine[0]["id"]]
    assert limited.get({"statementId": elsewhere["id"]}).status_code == 404
    assert len(everywhere.listed()) == 4


def test_a_limited_credential_stamps_its_organisation(make_program: MakeProgram) -> None:
    here, there = uuid4(), uuid4()
    limited, _ = make_program(organisation=here)
    elsewhere = {"grouping": [{"id": f"https://leerlabo.example/organisation/{there}"}]}

    assert limited.post(named("a")).status_code == 200
    refused(limited.post(named("a", context={"contextActivities": elsewhere})), 403, "$.context.contextActivities")
    assert len(limited.listed()) == 1


def _naming(*iris: str) -> dict[str, Any]:
    return {"contextActivities": {"category": [{"id": iri} for iri in iris]}}


@pytest.mark.parametrize("first", ["area/gezinszorg", "area/geen-afdeling", "activity/tillen"])
def test_a_limited_credential_may_name_no_other_area_anywhere(make_program: MakeProgram, first: str) -> None:
    limited, _ = make_program(area="gezinszorg")
    named_second = _naming(f"{BASE}{first}", f"{AREA}onderwijs")
    inner = {"objectType": "SubStatement", **minimal(context=named_second)}

    refused(limited.post(named("a", context=named_second)), 403, "$.context.contextActivities")
    refused(limited.post(named("a", object=inner)), 403, "$.object.context.contextActivities")
    assert limited.listed() == []


def test_a_limited_credential_may_name_no_organisation_of_another_area(
    make_program: MakeProgram, database: Database
) -> None:
    with database.write() as db:
        here = make_organisation(db, name="De Linde", area="gezinszorg")
        there = make_organisation(db, name="De Eik", area="ouderenzorg")
    limited, _ = make_program(area="gezinszorg")
    employed, _ = make_program(organisation=here.uuid)
    hers, theirs = (named("a", context=_naming(f"{BASE}organisation/{one.uuid}")) for one in (here, there))
    both = named("a", context=_naming(*(f"{BASE}organisation/{one.uuid}" for one in (here, there))))

    for program in (limited, employed):
        for statement in (theirs, both, named("a", object={"objectType": "SubStatement", **_without_id(theirs)})):
            assert program.post(statement).status_code == 403
        assert program.post(hers).status_code == 200
    assert limited.listed() == employed.listed() == [hers["id"]]


def _without_id(statement: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in statement.items() if name != "id"}


def test_a_statement_counts_in_the_first_area_there_is_of_those_it_names(make_program: MakeProgram) -> None:
    everywhere, _ = make_program()
    there, _ = make_program(area="onderwijs")
    statement = named("a", context=_naming(f"{AREA}geen-afdeling", f"{AREA}onderwijs", f"{AREA}gezinszorg"))

    assert everywhere.post(statement).status_code == 200
    assert there.listed() == [statement["id"]]


def test_read_mine_shows_what_this_credential_wrote(make_program: MakeProgram) -> None:
    other, _ = make_program()
    own, _ = make_program(Scope.WRITE, Scope.READ_MINE)
    other.post(named("a"))
    [mine] = own.post(minimal()).json  # type: ignore[misc]

    assert own.listed() == [mine]


@pytest.mark.parametrize(
    ("scope", "read", "write"), [("statements/read", 200, 403), ("statements/write", 403, 200), ("state", 403, 403)]
)
def test_a_scope_is_a_limit(make_program: MakeProgram, scope: str, read: int, write: int) -> None:
    program, _ = make_program(Scope(scope))

    assert program.get().status_code == read
    assert program.post(minimal()).status_code == write


# ---- what is told ----------------------------------------------------------------------------------------------------


def test_what_is_stored_is_told_once(program: Program, database: Database) -> None:
    told: list[StatementsStored] = []
    database.events.subscribe(StatementsStored, lambda _db, event: told.append(event))
    person = str(uuid4())
    account = {"homePage": "https://leerlabo.example/", "name": person}
    statement = named("x", actor={"account": account}, result={"completion": True})

    program.post(statement)
    program.post(statement)
    program.post(_voiding(statement["id"]))

    [stored] = told[0].statements
    assert len(told) == 2
    assert str(stored.uuid) == statement["id"]
    assert (stored.own, stored.actor_account, stored.completion) == (False, (account["homePage"], person), True)
    assert (stored.object_iri, stored.voids) == (statement["object"]["id"], None)
    assert str(told[1].statements[0].voids) == statement["id"]


def test_a_listener_that_fails_undoes_the_storing(program: Program, database: Database) -> None:
    def fail(_db: object, _event: object) -> None:
        raise RuntimeError("the projection broke")

    database.events.subscribe(StatementsStored, fail)

    assert program.post(minimal()).status_code == 500
    assert program.listed() == []


def test_any_reference_need_not_exist(program: Program) -> None:
    assert program.post(minimal(object=REFERENCE, context={"statement": REFERENCE})).status_code == 200


def test_who_was_in_the_way_of_another_is_tried_again(program: Program, database: Database) -> None:
    attempts: list[int] = []

    def deadlock_once(_db: object, _event: object) -> None:
        attempts.append(1)
        if len(attempts) == 1:
            raise DeadlockDetected

    database.events.subscribe(StatementsStored, deadlock_once)

    assert program.post(minimal()).status_code == 200
    assert len(attempts) == 2
    assert len(program.listed()) == 1
