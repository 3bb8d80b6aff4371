"""The Agents and Activities resources (1.0.3 Communication 2.4 and 2.5; 2.0 4.1.6.3 and 4.1.6.4)."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from tests.conformance.documents import as_json, etag, refused
from tests.unit.xapi.examples import ACTIVITY, FULL, full, minimal
from tests.web.xapi.conftest import MakeProgram, Program
from xapi.credentials.models import Scope
from xapi.standard.verb import VOIDED
from xapi.standard.version import Version

AGENTS, ACTIVITIES = "/xapi/agents", "/xapi/activities"
IRI = "https://leerlabo.example/activity/tillen"


def person(program: Program, agent: dict[str, Any]) -> Any:
    answer = program.get({"agent": as_json(agent)}, AGENTS)
    assert answer.status_code == 200, answer.data
    return answer.get_json()


def activity(program: Program, iri: str = IRI) -> Any:
    answer = program.get({"activityId": iri}, ACTIVITIES)
    assert answer.status_code == 200, answer.data
    return answer.get_json()


def tell(program: Program, definition: dict[str, Any] | None, **more: Any) -> str:
    """Store a statement about the activity; returns its id."""
    thing = {"id": IRI} if definition is None else {"id": IRI, "definition": definition}
    [uuid] = program.post(minimal(**{"object": thing} | more)).get_json()
    return str(uuid)


# ---- agents ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "identifier",
    [
        {"mbox": "mailto:emma@example.org"},
        {"mbox_sha1sum": "a" * 40},
        {"openid": "https://id.example.org/emma"},
        {"account": {"homePage": "https://leerlabo.example/", "name": "emma"}},
    ],
)
def test_communication_2_4_a_person_has_arrays(program: Program, identifier: dict[str, Any]) -> None:
    [(key, value)] = identifier.items()
    assert person(program, identifier) == {"objectType": "Person", key: [value]}
    named = {"objectType": "Agent", "name": "Emma", **identifier}
    assert person(program, named) == {"objectType": "Person", "name": ["Emma"], key: [value]}


@pytest.mark.parametrize(
    "agent", ["", "x", "[]", "{}", '{"mbox":"emma"}', '{"objectType":"Group","mbox":"mailto:a@example.org"}']
)
def test_communication_2_4_what_is_no_agent_is_refused(program: Program, agent: str) -> None:
    answer = program.get({"agent": agent}, AGENTS)
    assert answer.status_code == 400
    assert answer.get_json()["error"]["path"].startswith("agent")


def test_communication_2_4_an_agent_must_be_asked_for(program: Program) -> None:
    refused(program.get({}, AGENTS), 400, "agent")
    refused(program.get({"agent": as_json({"mbox": "mailto:a@example.org"}), "Agent": "x"}, AGENTS), 400, "Agent")


# ---- activities ------------------------------------------------------------------------------------------------------


def test_communication_2_5_nothing_known_is_an_activity_too(program: Program) -> None:
    assert activity(program) == {"objectType": "Activity", "id": IRI}
    tell(program, None)
    assert activity(program) == {"objectType": "Activity", "id": IRI}


def test_communication_2_5_the_whole_definition_comes_back(program: Program, version: Version) -> None:
    program.post(full(version))
    assert activity(program, ACTIVITY["id"]) == ACTIVITY


def test_communication_2_5_all_that_statements_say_is_added_up(program: Program) -> None:
    tell(program, {"name": {"nl": "Tillen"}, "type": "urn:old", "extensions": {"urn:a": 1}})
    tell(program, {"name": {"en": "Lifting"}, "type": "urn:new"})
    tell(program, {"name": {"nl": "Veilig tillen"}, "extensions": {"urn:b": 2}})
    tell(program, None)

    assert activity(program)["definition"] == {
        "name": {"nl": "Veilig tillen", "en": "Lifting"},
        "type": "urn:new",
        "extensions": {"urn:a": 1, "urn:b": 2},
    }


def test_communication_2_5_a_question_is_what_it_was_last(program: Program) -> None:
    tell(program, {"interactionType": "choice", "choices": [{"id": "a"}], "correctResponsesPattern": ["a"]})
    tell(program, {"interactionType": "likert", "scale": [{"id": "1"}]})
    tell(program, {"description": {"nl": "Hoe ging het?"}})

    assert activity(program)["definition"] == {
        "interactionType": "likert",
        "scale": [{"id": "1"}],
        "description": {"nl": "Hoe ging het?"},
    }


def test_communication_2_5_it_is_told_wherever_it_stands(program: Program) -> None:
    thing = {"id": IRI, "definition": {"name": {"nl": "Tillen"}}}
    tell(program, None, object={"id": "urn:other"}, context={"contextActivities": {"parent": [thing]}})
    planned = {"objectType": "SubStatement", "actor": FULL["actor"], "verb": {"id": "urn:planned"}}
    tell(program, None, object={**planned, "object": {"id": IRI, "definition": {"name": {"en": "Lifting"}}}})

    assert activity(program)["definition"] == {"name": {"nl": "Tillen", "en": "Lifting"}}


def test_communication_2_5_a_voided_statement_tells_nothing(program: Program) -> None:
    uuid = tell(program, {"name": {"nl": "Tilen"}})
    program.post(minimal(verb={"id": VOIDED}, object={"objectType": "StatementRef", "id": uuid}))
    assert activity(program) == {"objectType": "Activity", "id": IRI}


def test_communication_2_5_an_activity_must_be_asked_for(program: Program) -> None:
    refused(program.get({}, ACTIVITIES), 400, "activityId")
    refused(program.get({"activityId": "tillen"}, ACTIVITIES), 400, "activityId")
    refused(program.get({"activityId": IRI, "since": "x"}, ACTIVITIES), 400, "since")


# ---- both ------------------------------------------------------------------------------------------------------------

BOTH = [(AGENTS, {"agent": as_json({"mbox": "mailto:a@example.org"})}), (ACTIVITIES, {"activityId": IRI})]


@pytest.mark.parametrize(("path", "query"), BOTH)
def test_communication_1_1_head_is_get_without_a_body(program: Program, path: str, query: dict[str, str]) -> None:
    got, head = program.get(query, path), program.call("HEAD", path, query_string=query)

    assert (head.status_code, head.data, head.headers["ETag"]) == (200, b"", got.headers["ETag"])
    assert got.headers["ETag"] == etag(got.data)
    assert got.headers["X-Experience-API-Version"] == program.version


@pytest.mark.parametrize(("path", "query"), BOTH)
def test_communication_3_2_they_are_only_read(program: Program, path: str, query: dict[str, str]) -> None:
    for method in ("PUT", "POST", "DELETE"):
        answer = program.call(method, path, None if method == "DELETE" else {}, query_string=query)
        assert (answer.status_code, answer.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")


@pytest.mark.parametrize(("path", "query"), BOTH)
def test_communication_4_2_they_ask_for_a_scope_that_reads(
    make_program: MakeProgram, path: str, query: dict[str, str]
) -> None:
    for scope in Scope:
        status = make_program(scope)[0].get(query, path).status_code
        assert status == (200 if scope in (Scope.READ, Scope.READ_MINE, Scope.ALL) else 403), scope


def test_a_key_hears_of_an_activity_only_what_it_may_read(make_program: MakeProgram) -> None:
    organisation = uuid4()
    limits: list[dict[str, Any]] = [{}, {"area": "gezinszorg"}, {"area": "onderwijs"}, {"organisation": organisation}]
    each = [make_program(**limit)[0] for limit in limits]
    for number, program in enumerate(each):
        tell(program, {"extensions": {f"urn:{number}": number}})
    mine = make_program(Scope.READ_MINE, Scope.WRITE)[0]
    tell(mine, {"extensions": {"urn:mine": 1}})

    heard = [sorted(activity(program)["definition"]["extensions"]) for program in [*each, mine]]

    assert heard == [["urn:0", "urn:1", "urn:2", "urn:3", "urn:mine"], ["urn:1"], ["urn:2"], ["urn:3"], ["urn:mine"]]
