"""Storing statements: PUT and POST, what the store assigns, what never changes, voiding (1.0.3 Communication 2.1.1,
2.1.2, 3.2, 3.3, Data 2.3, 2.4.7 to 2.4.10; 2.0 4.1.6.1, 4.2.4, 4.2.5).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest

from tests.conformance.documents import refused
from tests.unit.xapi.examples import ACCOUNT, AGENT, REMOVED, SUB_STATEMENT, fresh, full, minimal, put
from tests.web.xapi.asking import named
from tests.web.xapi.conftest import Program
from xapi.standard.verb import VOIDED
from xapi.standard.version import Version

HEADER = "X-Experience-API-Version"


def kept(program: Program, uuid: str, name: str = "statementId") -> Any:
    """The statement as it is answered; None when there is none."""
    answer = program.get({name: uuid})
    assert answer.status_code in (200, 404), answer.data
    return answer.get_json() if answer.status_code == 200 else None


def voiding(uuid: str, **more: Any) -> dict[str, Any]:
    """A fresh statement that voids."""
    return named("admin", verb={"id": VOIDED}, object={"objectType": "StatementRef", "id": uuid}, **more)


# ---- PUT and POST ----------------------------------------------------------------------------------------------------


def test_communication_2_1_1_put_stores_under_the_id_of_the_request(visiting: Program) -> None:
    bare, with_id = str(uuid4()), named("emma")
    for statement, uuid in ((minimal(), bare), (with_id, with_id["id"])):
        answer = visiting.put(statement, uuid)
        assert (answer.status_code, answer.data) == (204, b"")
        assert kept(visiting, uuid)["id"] == uuid


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({}, "statementId"),
        ({"statementId": "1"}, "statementId"),
        ({"statementid": str(uuid4())}, "statementid"),
        ({"statementId": str(uuid4()), "registration": str(uuid4())}, "registration"),
    ],
)
def test_communication_2_1_1_put_names_one_statement(visiting: Program, query: dict[str, str], path: str) -> None:
    refused(visiting.call("PUT", "/xapi/statements", minimal(), query_string=query), 400, path)


def test_communication_2_1_1_put_holds_the_statement_it_names(visiting: Program) -> None:
    uuid = str(uuid4())
    refused(visiting.put(named("emma"), uuid), 400, "$.id")
    refused(visiting.put([minimal()], uuid), 400, "$")
    assert kept(visiting, uuid) is None


def test_communication_2_1_2_post_answers_the_ids_in_order(visiting: Program) -> None:
    batch = [named("emma"), minimal(), named("tom"), minimal()]
    answer = visiting.post(batch)

    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    ids = answer.get_json()
    assert (ids[0], ids[2], len(set(ids))) == (batch[0]["id"], batch[2]["id"], 4)
    assert [kept(visiting, uuid)["id"] for uuid in ids] == ids
    assert [len(visiting.post(alone).get_json()) for alone in (minimal(), [minimal()], [])] == [1, 1, 0]


def test_communication_2_1_2_a_batch_is_stored_whole_or_not(visiting: Program) -> None:
    good, there = named("emma"), named("tom")
    visiting.post(there)

    refused(visiting.post([good, put(named("x"), "verb.id", "x")]), 400, "$[1].verb.id")
    refused(visiting.post([good, {**named("x"), "id": there["id"]}]), 409, "$[1].id")
    refused(visiting.post([good, good]), 400, "$[1].id")
    refused(visiting.post([good, {**good, "id": good["id"].upper()}]), 400, "$[1].id")
    assert kept(visiting, good["id"]) is None


def test_communication_3_2_post_has_no_parameters(visiting: Program) -> None:
    for name in ("statementId", "foo"):
        answer = visiting.call("POST", "/xapi/statements", minimal(), query_string={name: str(uuid4())})
        refused(answer, 400, name)


def test_communication_1_5_what_is_no_json_is_refused(visiting: Program) -> None:
    for kind in ("text/plain", "application/octet-stream", "application/xml"):
        refused(visiting.post(minimal(), content_type=kind), 400, "Content-Type")
        refused(visiting.put(minimal(), str(uuid4()), content_type=kind), 400, "Content-Type")
    assert visiting.post(minimal(), content_type="application/json; charset=UTF-8").status_code == 200


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_data_2_3_1_no_method_changes_a_statement(visiting: Program, method: str) -> None:
    answer = visiting.call(method, "/xapi/statements", query_string={"statementId": str(uuid4())})
    refused(answer, 405, "$")


# ---- what the store assigns ------------------------------------------------------------------------------------------


def test_data_2_4_the_store_assigns_what_is_missing(visiting: Program, version: Version) -> None:
    before = datetime.now(UTC)
    first, second = visiting.post([minimal(), minimal()]).get_json()
    found = kept(visiting, first)

    assert first != second == str(UUID(second))
    assert before - timedelta(seconds=1) < datetime.fromisoformat(found["stored"]) <= datetime.now(UTC)
    assert found["timestamp"] == found["stored"]
    assert found["version"] == {"1.0.3": "1.0.0", "2.0.0": "2.0.0"}[version]
    assert found["authority"]["objectType"] == "Agent"
    assert found["authority"]["account"].keys() == {"homePage", "name"}


def test_data_2_4_8_and_2_4_9_stored_and_authority_are_the_store_s_own(visiting: Program) -> None:
    sent = named("emma", stored="2001-01-01T00:00:00Z", authority=AGENT)
    visiting.post(sent)
    found = kept(visiting, sent["id"])

    assert found["stored"] != sent["stored"]
    assert found["authority"] != AGENT


def test_data_2_4_7_a_timestamp_is_kept(visiting: Program) -> None:
    sent = named("emma", timestamp="2015-11-18T12:17:00.123+01:00")
    visiting.post(sent)
    assert kept(visiting, sent["id"])["timestamp"] == sent["timestamp"]


def test_data_2_4_10_a_version_is_kept(visiting: Program, version: Version) -> None:
    sent = named("emma", version=f"{version[:3]}.7")
    visiting.post(sent)
    assert kept(visiting, sent["id"])["version"] == sent["version"]


def test_data_4_5_stored_has_milliseconds_and_utc(visiting: Program) -> None:
    [uuid] = visiting.post(minimal()).get_json()
    stored = kept(visiting, uuid)["stored"]
    assert datetime.fromisoformat(stored).utcoffset() == timedelta(0)
    assert len(stored.partition(".")[2]) > 3


# ---- what never changes ----------------------------------------------------------------------------------------------

COMPARED = {
    **full(Version.V1),
    "actor": {"objectType": "Group", "member": [AGENT, ACCOUNT]},
    "timestamp": "2026-11-23T10:11:12.120+01:00",
}
SAME: list[tuple[str, Any]] = [
    ("stored", REMOVED),
    ("authority", ACCOUNT),
    ("version", REMOVED),
    ("actor.member", [ACCOUNT, AGENT]),
    ("actor.member[0].mbox", "mailto:emma@EXAMPLE.org"),
    ("verb.display", {"fr": "répondit"}),
    ("verb.display", REMOVED),
    ("object.definition", REMOVED),
    ("object.definition.name.nl", "Een andere naam"),
    ("result.duration", "PT4H35M59.145S"),
    ("timestamp", "2026-11-23T09:11:12.12Z"),
    ("timestamp", REMOVED),
    ("context.contextActivities.grouping", [{"id": "https://leerlabo.example/area/gezinszorg"}]),
]
OTHER: list[tuple[str, Any]] = [
    ("actor", AGENT),
    ("actor.member", [AGENT]),
    ("actor.name", "Team"),
    ("verb.id", "http://adlnet.gov/expapi/verbs/Answered"),
    ("object.id", "https://leerlabo.example/activity/word-digicoach/Toets"),
    ("object", {"objectType": "Activity", "id": "urn:other"}),
    ("result", REMOVED),
    ("result.success", False),
    ("result.score.raw", 7),
    ("result.duration", "PT4H35M59.15S"),
    ("result.extensions", {}),
    ("context", REMOVED),
    ("context.registration", "ec531277-b57b-4c15-8d91-d292c5b2b8f8"),
    ("context.contextActivities.other", []),
    ("timestamp", "2026-11-23T09:11:12.121Z"),
    ("attachments", REMOVED),
    ("attachments[0].length", 28),
]


def twice(program: Program, place: str, value: Any) -> tuple[int, int, bool]:
    """Send a statement, then a changed one under its id: the answers to POST and PUT, and whether the first stays."""
    uuid = str(uuid4())
    assert program.put({**COMPARED, "id": uuid}, uuid).status_code == 204
    before = program.get({"statementId": uuid}).data
    changed = put(fresh(COMPARED), place, value) | {"id": uuid}
    answers = program.post(changed).status_code, program.put(changed, uuid).status_code
    return *answers, program.get({"statementId": uuid}).data == before


@pytest.mark.parametrize(("place", "value"), SAME)
def test_data_2_3_1_the_same_again_changes_nothing(visiting: Program, place: str, value: Any) -> None:
    assert twice(visiting, place, value) == (200, 204, True)


@pytest.mark.parametrize(("place", "value"), OTHER)
def test_data_2_3_1_another_statement_under_the_id_is_a_conflict(visiting: Program, place: str, value: Any) -> None:
    assert twice(visiting, place, value) == (409, 409, True)


# ---- voiding ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", ["statement", "voiding", "together"])
def test_data_2_3_2_a_voided_statement_is_found_only_as_such(visiting: Program, first: str) -> None:
    statement = named(f"{uuid4()}")
    void = voiding(statement["id"])
    orders: dict[str, list[Any]] = {
        "statement": [statement, void],
        "voiding": [void, statement],
        "together": [[statement, void]],
    }
    for sent in orders[first]:
        assert visiting.post(sent).status_code == 200

    assert kept(visiting, statement["id"]) is None
    assert kept(visiting, statement["id"], "voidedStatementId")["id"] == statement["id"]
    assert kept(visiting, void["id"])["verb"]["id"] == VOIDED
    assert kept(visiting, void["id"], "voidedStatementId") is None


def test_data_2_3_2_what_is_not_voided_is_not_found_as_voided(visiting: Program) -> None:
    [uuid] = visiting.post(minimal()).get_json()
    assert kept(visiting, uuid, "voidedStatementId") is None


def test_data_2_3_2_a_voiding_statement_cannot_be_voided(visiting: Program) -> None:
    statement = named("emma")
    void = voiding(statement["id"])
    for sent in (statement, void, voiding(void["id"])):
        assert visiting.post(sent).status_code == 200

    assert kept(visiting, void["id"])["id"] == void["id"]
    assert kept(visiting, statement["id"]) is None


def test_data_2_3_2_a_statement_is_voided_once_for_all(visiting: Program) -> None:
    statement = named("emma")
    for sent in (statement, voiding(statement["id"]), voiding(statement["id"])):
        assert visiting.post(sent).status_code == 200
    assert visiting.post(statement).status_code == 200
    assert kept(visiting, statement["id"]) is None


@pytest.mark.parametrize("thing", [minimal()["object"], {"objectType": "Agent", **ACCOUNT}, SUB_STATEMENT])
def test_data_2_3_2_a_voiding_statement_refers_to_a_statement(visiting: Program, thing: dict[str, Any]) -> None:
    refused(visiting.post(named("admin", verb={"id": VOIDED}, object=thing)), 400, "$.object")


def test_data_2_4_4_3_a_sub_statement_voids_nothing(visiting: Program) -> None:
    statement = named("emma")
    inner = {"objectType": "SubStatement", **voiding(statement["id"])}
    del inner["id"]
    assert visiting.post([statement, named("admin", object=inner)]).status_code == 200
    assert kept(visiting, statement["id"])["id"] == statement["id"]


# ---- versions --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("asked", ["", "0.9", "0.95", "1.1.0", "2.1.0", "3.0.0", "1", "2", "x", "1.0.3, 2.0.0"])
def test_communication_3_3_another_version_is_refused(visiting: Program, asked: str) -> None:
    statement = named("emma")
    for path in ("/xapi/statements", "/xapi/1.0.3/statements"):
        answer = visiting.post(statement, path, headers={HEADER: asked})
        refused(answer, 400, HEADER)
        assert answer.headers[HEADER] == ("1.0.3" if "1.0.3" in path else "2.0.0")
    assert kept(visiting, statement["id"]) is None


@pytest.mark.parametrize("patch", ["", ".0", ".1", ".2", ".3", ".9"])
def test_communication_3_3_every_patch_of_a_version_is_spoken(visiting: Program, version: Version, patch: str) -> None:
    headers = {HEADER: f"{version[:3]}{patch}"}
    answers = [
        visiting.post(minimal(), headers=headers),
        visiting.post({}, headers=headers),
        visiting.get(headers=headers),
        visiting.get({"statementId": str(uuid4())}, headers=headers),
        visiting.put(minimal(), str(uuid4()), headers=headers),
        visiting.call("DELETE", "/xapi/statements", headers=headers),
        visiting.get(path="/xapi/about", headers=headers),
    ]
    assert [answer.status_code for answer in answers] == [200, 400, 200, 404, 204, 405, 200]
    assert {answer.headers[HEADER] for answer in answers} == {str(version)}


def test_communication_3_3_the_versions_hold_the_same_statements(visiting: Program, version: Version) -> None:
    sent = named("emma")
    visiting.post(sent)
    for other in Version:
        answer = visiting.get({"statementId": sent["id"]}, headers={HEADER: other})
        assert answer.get_json()["version"] == version.statement_version
