"""Finding statements: filters, order, pages, forms and headers of an answer (1.0.3 Communication 1.1, 2.1.3, 3.2 and
Data 2.3.2, 2.5; 2.0 4.1.6.1).

The platform is shared: each test asks for a registration, agent or verb of its own.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.http import parse_date

from lms.kernel import clock
from tests.conformance.documents import as_json, refused
from tests.unit.xapi.examples import fresh, full, minimal, put
from tests.web.xapi.asking import named
from tests.web.xapi.conftest import Program
from xapi.standard.verb import VOIDED
from xapi.standard.version import Version

WHO = {"mbox": "mailto:emma@example.org"}
WHAT = {"id": "urn:activity"}
GROUP = {"objectType": "Group", "member": [{"mbox": "mailto:x@example.org"}, WHO]}
TEAM = {"objectType": "Group", "mbox": "mailto:team@example.org", "member": [WHO]}


@pytest.fixture
def mine() -> str:
    """A registration that only the statements of this test have."""
    return str(uuid4())


def inner(**more: Any) -> dict[str, Any]:
    return {"objectType": "SubStatement", **minimal(**more)}


def told(program: Program, registration: str, *statements: dict[str, Any]) -> list[str]:
    """Store statements under a registration, one request each; returns their ids."""
    ids = []
    for statement in statements:
        sent = fresh(statement)
        sent.setdefault("context", {})["registration"] = registration
        [uuid] = program.post(sent).get_json()
        ids.append(uuid)
    return ids


# ---- filters ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "who",
    [
        WHO,
        {"mbox_sha1sum": "a" * 40},
        {"openid": "https://id.example.org/emma"},
        {"account": {"homePage": "https://example.org/", "name": "emma & co"}},
        {"objectType": "Group", "account": {"homePage": "https://example.org/", "name": "team"}},
    ],
    ids=["mbox", "mbox_sha1sum", "openid", "account", "identified group"],
)
def test_communication_2_1_3_agent_finds_actors_and_objects(visiting: Program, mine: str, who: dict[str, Any]) -> None:
    thing = {"objectType": "Agent", **who}
    ids = told(
        visiting, mine, minimal(actor=who), minimal(object=thing), minimal(), minimal(actor={**who, "name": "x"})
    )

    found = visiting.listed(registration=mine, agent=as_json(who))
    assert found == [ids[3], ids[1], ids[0]]


AGENT_PLACES: dict[str, dict[str, Any]] = {
    "instructor": {"context": {"instructor": WHO}},
    "instructing group": {"context": {"instructor": GROUP}},
    "team": {"context": {"team": TEAM}},
    "actor of a sub-statement": {"object": inner(actor=WHO)},
    "object of a sub-statement": {"object": inner(object={"objectType": "Agent", **WHO})},
    "instructor of a sub-statement": {"object": inner(context={"instructor": WHO})},
}
SECOND_AGENT_PLACES: dict[str, dict[str, Any]] = {
    "contextAgents": {"context": {"contextAgents": [{"objectType": "contextAgent", "agent": WHO}]}},
    "contextGroups": {"context": {"contextGroups": [{"objectType": "contextGroup", "group": TEAM}]}},
    "member of contextGroups": {"context": {"contextGroups": [{"objectType": "contextGroup", "group": GROUP}]}},
}


def _finds_only_related(program: Program, mine: str, place: dict[str, Any], name: str, value: str) -> None:
    [uuid, _] = told(program, mine, minimal(**place), minimal())
    wider = {"agent": "related_agents", "activity": "related_activities"}[name]
    asked = {"registration": mine, name: value}
    assert program.listed(**asked) == program.listed(**asked, **{wider: "false"}) == []
    assert program.listed(**asked, **{wider: "true"}) == [uuid]


@pytest.mark.parametrize("place", AGENT_PLACES.values(), ids=AGENT_PLACES)
def test_communication_2_1_3_related_agents_looks_further(visiting: Program, mine: str, place: dict[str, Any]) -> None:
    _finds_only_related(visiting, mine, place, "agent", as_json(WHO))


@pytest.mark.parametrize("version", [Version.V2])
@pytest.mark.parametrize("place", SECOND_AGENT_PLACES.values(), ids=SECOND_AGENT_PLACES)
def test_2_0_4_2_2_5_related_agents_looks_in_the_context(visiting: Program, mine: str, place: dict[str, Any]) -> None:
    _finds_only_related(visiting, mine, place, "agent", as_json(WHO))


def test_communication_2_1_3_related_agents_finds_the_authority(visiting: Program, mine: str) -> None:
    [uuid] = told(visiting, mine, minimal())
    authority = as_json(visiting.get({"statementId": uuid}).get_json()["authority"])
    assert visiting.listed(registration=mine, agent=authority) == []
    assert visiting.listed(registration=mine, agent=authority, related_agents="true") == [uuid]


@pytest.mark.parametrize("group", [GROUP, TEAM], ids=["anonymous", "identified"])
def test_communication_2_1_3_agent_finds_members_of_a_group(
    visiting: Program, mine: str, group: dict[str, Any]
) -> None:
    ids = told(visiting, mine, minimal(actor=group), minimal(object=group), minimal())
    assert visiting.listed(registration=mine, agent=as_json(WHO)) == ids[1::-1]


ACTIVITY_PLACES: dict[str, dict[str, Any]] = {
    **{
        name: {"context": {"contextActivities": {name: [{"id": "urn:x"}, WHAT]}}}
        for name in ("parent", "grouping", "category", "other")
    },
    "one by itself": {"context": {"contextActivities": {"parent": WHAT}}},
    "object of a sub-statement": {"object": inner(object=WHAT)},
    "context of a sub-statement": {"object": inner(context={"contextActivities": {"other": [WHAT]}})},
}


@pytest.mark.parametrize("place", ACTIVITY_PLACES.values(), ids=ACTIVITY_PLACES)
def test_communication_2_1_3_related_activities_looks_further(
    visiting: Program, mine: str, place: dict[str, Any]
) -> None:
    _finds_only_related(visiting, mine, place, "activity", WHAT["id"])


def test_communication_2_1_3_filters_narrow_each_other(visiting: Program, mine: str) -> None:
    verb = {"id": "urn:verb"}
    ids = told(
        visiting,
        mine,
        minimal(actor=WHO, verb=verb, object=WHAT),
        minimal(actor=WHO, verb=verb),
        minimal(actor=WHO, object=WHAT),
        minimal(verb=verb, object=WHAT),
        minimal(object=inner(verb=verb)),
    )
    agent = as_json(WHO)
    asked = {"agent": agent, "verb": verb["id"], "activity": WHAT["id"]}
    found = {
        names: [ids.index(uuid) for uuid in visiting.listed(registration=mine, **{name: asked[name] for name in names})]
        for count in range(4)
        for names in itertools.combinations(asked, count)
    }
    assert found == {
        (): [4, 3, 2, 1, 0],
        ("agent",): [2, 1, 0],
        ("verb",): [3, 1, 0],
        ("activity",): [3, 2, 0],
        ("agent", "verb"): [1, 0],
        ("agent", "activity"): [2, 0],
        ("verb", "activity"): [3, 0],
        ("agent", "verb", "activity"): [0],
    }


def test_communication_2_1_3_a_registration_is_of_the_statement_itself(visiting: Program, mine: str) -> None:
    visiting.post(minimal(object=inner(context={"registration": mine})))
    [uuid] = told(visiting, mine, minimal())
    assert visiting.listed(registration=mine) == visiting.listed(registration=mine.upper()) == [uuid]


def test_communication_2_1_3_since_excludes_and_until_includes(visiting: Program, mine: str) -> None:
    ids = told(visiting, mine, *[minimal(timestamp="2015-01-01T00:00:00Z")] * 3)
    stored = [visiting.get({"statementId": uuid}).get_json()["stored"] for uuid in ids]

    assert visiting.listed(registration=mine, since=stored[1]) == [ids[2]]
    assert visiting.listed(registration=mine, until=stored[1]) == [ids[1], ids[0]]
    assert visiting.listed(registration=mine, since=stored[0], until=stored[1]) == [ids[1]]
    assert visiting.listed(registration=mine, since=stored[2]) == []
    east = datetime.fromisoformat(stored[1]).isoformat().replace("+00:00", "Z")
    assert visiting.listed(registration=mine, since=east) == [ids[2]]


def test_communication_2_1_3_the_newest_come_first(visiting: Program, mine: str) -> None:
    ids = told(visiting, mine, *(minimal(timestamp=f"20{30 - year}-01-01T00:00:00Z") for year in range(4)))
    assert visiting.listed(registration=mine) == visiting.listed(registration=mine, ascending="false") == ids[::-1]
    assert visiting.listed(registration=mine, ascending="true") == ids
    assert visiting.listed(registration=mine, limit="0") == ids[::-1]
    assert visiting.listed(registration=mine, limit="2") == ids[:1:-1]
    assert visiting.listed(registration=mine, limit="2", ascending="true") == ids[:2]


def test_communication_2_1_3_a_reference_is_found_through_its_target(visiting: Program, mine: str) -> None:
    target = named("emma", context={"registration": mine})
    reference = named("tom", object={"objectType": "StatementRef", "id": target["id"]})
    further = named("lies", object={"objectType": "StatementRef", "id": reference["id"]})
    for statement in (further, named("vera"), reference, target):
        assert visiting.post(statement).status_code == 200

    expected = [target["id"], reference["id"], further["id"]]
    assert visiting.listed(registration=mine) == expected
    stored = visiting.get({"statementId": reference["id"]}).get_json()["stored"]
    assert visiting.listed(registration=mine, until=stored) == expected[1:]
    assert visiting.listed(registration=mine, limit="1") == expected[:1]
    assert visiting.listed(registration=mine, agent=as_json(reference["actor"])) == []


def test_data_2_3_2_what_is_voided_is_not_listed_and_what_refers_to_it_is(visiting: Program, mine: str) -> None:
    [uuid] = told(visiting, mine, minimal())
    reference = named("tom", object={"objectType": "StatementRef", "id": uuid})
    void = named("admin", verb={"id": VOIDED}, object={"objectType": "StatementRef", "id": uuid})
    visiting.post([reference, void])
    assert visiting.listed(registration=mine) == [void["id"], reference["id"]]


# ---- what may be asked -----------------------------------------------------------------------------------------------

AGENT = as_json(WHO)
FILTERS = {
    "agent": AGENT,
    "verb": "urn:verb",
    "activity": "urn:activity",
    "registration": str(uuid4()),
    "related_activities": "true",
    "related_agents": "true",
    "since": "2026-01-01T00:00:00Z",
    "until": "2026-01-01T00:00:00Z",
    "limit": "1",
    "ascending": "true",
}
WRONG = [
    *[("agent", value) for value in ("", "emma", "{}", "[]", "null", '{"name":"x"}', '{"mbox":"x"}', as_json(GROUP))],
    *[("verb", value) for value in ("", "passed")],
    *[("activity", value) for value in ("", "x y")],
    *[("registration", value) for value in ("", "1", f"{{{uuid4()}}}")],
    *[
        (name, value)
        for name in ("since", "until")
        for value in ("", "yesterday", "2026-13-01T00:00:00Z", "1700000000")
    ],
    *[("limit", value) for value in ("", "-1", "1.5", "x", "1e2", "٣")],
    *[
        (name, value)
        for name in ("ascending", "related_agents", "related_activities", "attachments")
        for value in ("", "1", "yes", "True")
    ],
    *[("format", value) for value in ("", "Exact", "json")],
    ("cursor", "x"),
]


@pytest.mark.parametrize(("name", "value"), WRONG, ids=[f"{name} {number}" for number, (name, _) in enumerate(WRONG)])
def test_communication_3_2_a_wrong_value_is_refused(visiting: Program, name: str, value: str) -> None:
    answer = visiting.get({name: value})
    assert answer.status_code == 400
    assert answer.get_json()["error"]["path"].startswith(name)


@pytest.mark.parametrize("name", FILTERS)
def test_communication_3_2_the_case_of_a_parameter_counts_and_it_stands_once(visiting: Program, name: str) -> None:
    assert visiting.get({name: FILTERS[name]}).status_code == 200
    refused(visiting.get({name.capitalize(): FILTERS[name]}), 400, name.capitalize())
    refused(visiting.call("GET", "/xapi/statements", query_string=[(name, FILTERS[name])] * 2), 400, name)


@pytest.mark.parametrize("single", ["statementId", "voidedStatementId"])
def test_communication_2_1_3_one_statement_has_no_filters(visiting: Program, single: str) -> None:
    for name, value in FILTERS.items():
        refused(visiting.get({single: str(uuid4()), name: value}), 400, name)
    refused(visiting.get({"statementId": str(uuid4()), "voidedStatementId": str(uuid4())}), 400, "voidedStatementId")
    refused(visiting.get({single: "1"}), 400, single)
    refused(visiting.get({single: str(uuid4())}), 404, single)


@pytest.mark.parametrize("single", ["statementId", "voidedStatementId"])
@pytest.mark.parametrize("more", [{"format": "exact"}, {"format": "ids"}, {"format": "canonical"}])
@pytest.mark.parametrize("attachments", ["true", "false"])
def test_communication_2_1_3_one_statement_has_a_form(
    visiting: Program, single: str, more: dict[str, str], attachments: str
) -> None:
    statement = named("emma")
    void = named("admin", verb={"id": VOIDED}, object={"objectType": "StatementRef", "id": statement["id"]})
    visiting.post([statement, void] if single == "voidedStatementId" else statement)

    answer = visiting.get({single: statement["id"], "attachments": attachments, **more})
    assert answer.status_code == 200
    assert answer.mimetype == ("multipart/mixed" if attachments == "true" else "application/json")
    assert statement["id"].encode() in answer.data


# ---- pages -----------------------------------------------------------------------------------------------------------


def pages(program: Program, path: str = "/xapi/statements", **query: str) -> Iterator[dict[str, Any]]:
    """The first page, and those that follow; no more than a test needs, or one that goes wrong would never end."""
    page = program.get(query, path).get_json()
    for _ in range(10):
        yield page
        if not page["more"]:
            return
        page = program.get(path=page["more"]).get_json()


def test_data_2_5_a_result_has_statements_and_more(visiting: Program, mine: str) -> None:
    assert visiting.get({"registration": mine}).get_json() == {"statements": [], "more": ""}
    told(visiting, mine, minimal())
    found = visiting.get({"registration": mine}).get_json()
    assert (found.keys(), len(found["statements"]), found["more"]) == ({"statements", "more"}, 1, "")


@pytest.mark.parametrize("path", ["/xapi/statements", "/xapi//statements", "/xapi/1.0.3/statements"])
@pytest.mark.parametrize("ascending", ["true", "false"])
def test_data_2_5_more_leads_to_the_end(visiting: Program, mine: str, path: str, ascending: str) -> None:
    ids = told(visiting, mine, *[minimal(actor=WHO, verb={"id": "urn:verb", "display": {"nl": "x"}})] * 5, minimal())
    asked = {
        "registration": mine,
        "agent": as_json(WHO),
        "verb": "urn:verb",
        "limit": "2",
        "ascending": ascending,
        "format": "ids",
        "until": "2099-01-01T00:00:00+01:00",
    }
    found = list(pages(visiting, path, **asked))

    assert [len(page["statements"]) for page in found] == [2, 2, 1]
    listed = [statement["id"] for page in found for statement in page["statements"]]
    assert listed == (ids[:5] if ascending == "true" else ids[4::-1])
    assert all(page["more"].startswith("/xapi/") for page in found[:-1])
    assert {str(statement["verb"]) for page in found for statement in page["statements"]} == {"{'id': 'urn:verb'}"}


@pytest.mark.parametrize("ascending", ["true", "false"])
def test_data_2_5_more_neither_repeats_nor_skips_while_others_write(
    visiting: Program, mine: str, ascending: str
) -> None:
    ids = told(visiting, mine, *[minimal()] * 5)
    found = []
    for page in pages(visiting, registration=mine, limit="2", ascending=ascending):
        found += [statement["id"] for statement in page["statements"]]
        told(visiting, mine, minimal(), minimal())
    assert found == (ids if ascending == "true" else ids[::-1])


def test_data_2_5_more_may_be_asked_again(visiting: Program, mine: str) -> None:
    told(visiting, mine, *[minimal()] * 3)
    more = visiting.get({"registration": mine, "limit": "1"}).get_json()["more"]
    assert visiting.get(path=more).data == visiting.get(path=more).data
    for other in Version:
        assert visiting.get(path=more, headers={"X-Experience-API-Version": other}).status_code == 200


# ---- forms -----------------------------------------------------------------------------------------------------------


def test_communication_2_1_3_exact_is_what_was_sent(visiting: Program, version: Version) -> None:
    sent = full(version) | {"id": str(uuid4())}
    visiting.post(sent)
    for query in ({}, {"format": "exact"}):
        found = visiting.get({"statementId": sent["id"], **query}).get_json()
        assert {name: found[name] for name in ("actor", "verb", "object", "result", "attachments", "timestamp")} == {
            name: sent[name] for name in ("actor", "verb", "object", "result", "attachments", "timestamp")
        }


def test_communication_2_1_3_ids_holds_what_identifies(visiting: Program, version: Version) -> None:
    sent = full(version) | {"id": str(uuid4())}
    put(sent, "actor", {"objectType": "Group", "name": "Anonymous", "member": [{"name": "Emma", **WHO}]})
    visiting.post(sent)

    found = visiting.get({"statementId": sent["id"], "format": "ids"}).get_json()
    assert found["actor"] == {"objectType": "Group", "member": [WHO]}
    assert found["verb"] == {"id": sent["verb"]["id"]}
    assert found["object"] == {"id": sent["object"]["id"]}
    assert found["context"]["team"] == {"objectType": "Group", "openid": sent["context"]["team"]["openid"]}
    assert found["context"]["contextActivities"]["other"] == [{"id": "urn:other"}]
    assert found["result"] == sent["result"]
    if version is Version.V2:
        assert found["context"]["contextAgents"][0]["agent"] == {"objectType": "Agent", **WHO}


# ---- headers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("query", [{"limit": "1"}, {"statementId": "kept"}, {"statementId": str(uuid4())}, {"x": "y"}])
def test_communication_1_1_head_is_get_without_a_body(visiting: Program, query: dict[str, str]) -> None:
    [uuid] = visiting.post(minimal()).get_json()
    asked = {name: uuid if value == "kept" else value for name, value in query.items()}
    with clock.moved_to(clock.now()):  # Consistent-Through moves on with the clock
        got, head = visiting.get(asked), visiting.call("HEAD", "/xapi/statements", query_string=asked)

    assert (head.status_code, head.data) == (got.status_code, b"")
    unlike = {"Date", "X-Request-Id"}
    assert {name: value for name, value in head.headers if name not in unlike} == {
        name: value for name, value in got.headers if name not in unlike
    }
    assert head.headers["Content-Length"] == str(len(got.data))


def test_communication_2_1_3_consistent_through_is_on_every_answer(visiting: Program) -> None:
    name = "X-Experience-API-Consistent-Through"
    [uuid] = visiting.post(minimal()).get_json()
    stored = datetime.fromisoformat(visiting.get({"statementId": uuid}).get_json()["stored"])
    later = clock.now() + timedelta(seconds=1)
    with clock.moved_to(later):  # an answer of a moment ago may be given again
        answers = [visiting.get(), visiting.get({"statementId": uuid}), visiting.get({"statementId": str(uuid4())})]
    for answer in answers:
        through = datetime.fromisoformat(answer.headers[name])
        assert through.utcoffset() is not None
        assert stored < through <= later


def test_communication_2_1_3_last_modified_is_when_it_was_stored(visiting: Program) -> None:
    [uuid] = visiting.post(minimal()).get_json()
    answer = visiting.get({"statementId": uuid})
    stored = datetime.fromisoformat(answer.get_json()["stored"])
    assert parse_date(answer.headers["Last-Modified"]) == stored.replace(microsecond=0)


def test_communication_2_8_about_names_the_versions_to_anybody(visiting: Program) -> None:
    visiting.auth = ("nobody", "nothing")
    for path in ("/xapi/about", "/xapi/1.0.3/about"):
        answer = visiting.get(path=path)
        assert (answer.status_code, answer.get_json()) == (200, {"version": ["1.0.3", "2.0.0"]})
    refused(visiting.get(), 401, "Authorization")
