"""What programs find, and in which form, on both databases."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

import orjson
import pytest
from werkzeug.http import parse_date

from lms.kernel.db import Database
from tests.unit.xapi.examples import AGENT, full, minimal
from tests.web.xapi.asking import named, refused
from tests.web.xapi.conftest import Program
from xapi.standard.version import Version

# ---- finding ---------------------------------------------------------------------------------------------------------


def _agent(name: str) -> str:
    return orjson.dumps({"mbox": f"mailto:{name}@example.org"}).decode()


def test_communication_2_1_3_each_filter_finds_its_own(program: Program) -> None:
    registration = str(uuid4())
    by_actor = named("emma")
    by_object = named("tom", object={"objectType": "Agent", "mbox": "mailto:emma@example.org"})
    by_member = named("x", actor={"objectType": "Group", "member": [{"mbox": "mailto:emma@example.org"}]})
    by_verb = named("tom", verb={"id": "urn:verb"})
    by_activity = named("tom", object={"id": "urn:activity"})
    by_parent = named(
        "tom", context={"contextActivities": {"parent": [{"id": "urn:activity"}]}, "registration": registration}
    )
    by_instructor = named("tom", context={"instructor": {"mbox": "mailto:emma@example.org"}})
    everything = [by_actor, by_object, by_member, by_verb, by_activity, by_parent, by_instructor]
    program.post(everything)

    def ids(*statements: dict[str, Any]) -> list[str]:
        return [statement["id"] for statement in statements][::-1]

    assert program.listed(agent=_agent("emma")) == ids(by_actor, by_object, by_member)
    assert program.listed(agent=_agent("emma"), related_agents="true") == ids(
        by_actor, by_object, by_member, by_instructor
    )
    assert program.listed(verb="urn:verb") == ids(by_verb)
    assert program.listed(activity="urn:activity") == ids(by_activity)
    assert program.listed(activity="urn:activity", related_activities="true") == ids(by_activity, by_parent)
    assert program.listed(registration=registration.upper()) == ids(by_parent)
    assert program.listed(agent=_agent("tom"), activity="urn:activity") == ids(by_activity)
    assert program.listed(agent=_agent("tom"), verb="urn:verb", activity="urn:activity") == []
    assert program.listed(agent=_agent("nobody")) == []
    assert program.listed(ascending="true") == ids(*everything)[::-1]
    assert program.listed(limit="2") == ids(*everything)[:2]


def test_communication_2_1_3_an_authority_is_a_related_agent(program: Program, database: Database) -> None:
    [uuid] = program.post(minimal()).json  # type: ignore[misc]
    authority = program.get({"statementId": uuid}).json["authority"]  # type: ignore[index]

    assert program.listed(agent=orjson.dumps(authority).decode(), related_agents="true") == [uuid]
    assert program.listed(agent=orjson.dumps(authority).decode()) == []
    platform = {"account": {"homePage": "https://leerlabo.example/", "name": "leerlabo"}}
    assert program.listed(agent=orjson.dumps(platform).decode(), related_agents="true") == []


def test_communication_2_1_3_since_excludes_and_until_includes(program: Program) -> None:
    ids = [program.post(minimal()).json[0] for _ in range(3)]  # type: ignore[index]
    stored = program.get({"statementId": ids[1]}).json["stored"]  # type: ignore[index]

    assert program.listed(since=stored) == [ids[2]]
    assert program.listed(until=stored) == [ids[1], ids[0]]


def test_communication_2_1_3_a_reference_is_found_through_its_target(program: Program) -> None:
    target = named("emma", verb={"id": "urn:passed"})
    reference = named("tom", verb={"id": "urn:confirmed"}, object={"objectType": "StatementRef", "id": target["id"]})
    further = named("lies", object={"objectType": "StatementRef", "id": reference["id"]})
    for statement in (further, reference, target, named("vera")):
        program.post(statement)

    expected = [target["id"], reference["id"], further["id"]]
    assert program.listed(agent=_agent("emma")) == expected
    assert program.listed(verb="urn:passed") == expected
    assert program.listed(agent=_agent("emma"), verb="urn:confirmed") == []
    assert program.listed(agent=_agent("tom")) == [reference["id"], further["id"]]


def test_data_2_5_more_leads_through_what_there_was(program: Program) -> None:
    ids = [program.post(named("emma")).json[0] for _ in range(5)]  # type: ignore[index]

    first = program.get({"agent": _agent("emma"), "limit": "2"}).json
    program.post(named("emma"))
    second = program.get(path=first["more"]).json  # type: ignore[index]
    third = program.get(path=second["more"]).json  # type: ignore[index]

    found = [statement["id"] for page in (first, second, third) for statement in page["statements"]]  # type: ignore[index]
    assert found == ids[::-1]
    assert third["more"] == ""  # type: ignore[index]
    assert urlsplit(first["more"]).netloc == ""  # type: ignore[index]
    assert "cursor" in parse_qs(urlsplit(first["more"]).query)  # type: ignore[index]


def test_data_2_5_more_keeps_to_its_order_and_its_mount(program: Program) -> None:
    ids = [program.post(minimal()).json[0] for _ in range(3)]  # type: ignore[index]

    first = program.get({"ascending": "true", "limit": "2"}, path="/xapi/1.0.3/statements").json
    second = program.get(path=first["more"]).json  # type: ignore[index]

    assert first["more"].startswith("/xapi/1.0.3/statements?")  # type: ignore[index]
    assert [row["id"] for page in (first, second) for row in page["statements"]] == ids  # type: ignore[index]


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ({"statementId": str(uuid4()), "voidedStatementId": str(uuid4())}, "voidedStatementId"),
        ({"statementId": str(uuid4()), "limit": "1"}, "limit"),
        ({"StatementId": str(uuid4())}, "StatementId"),
        ({"statementId": "1"}, "statementId"),
        ({"foo": "1"}, "foo"),
        ({"agent": "emma"}, "agent"),
        ({"agent": "{}"}, "agent"),
        ({"agent": orjson.dumps({"objectType": "Group", "member": [AGENT]}).decode()}, "agent"),
        ({"verb": "passed"}, "verb"),
        ({"activity": "x"}, "activity"),
        ({"registration": "1"}, "registration"),
        ({"since": "yesterday"}, "since"),
        ({"until": "2026-01-01"}, "until"),
        ({"limit": "-1"}, "limit"),
        ({"limit": "1.5"}, "limit"),
        ({"limit": "٣"}, "limit"),
        ({"ascending": "1"}, "ascending"),
        ({"related_agents": "True"}, "related_agents"),
        ({"format": "Exact"}, "format"),
        ({"attachments": "yes"}, "attachments"),
        ({"cursor": "x"}, "cursor"),
        ({"cursor": "1.99999999999999999999999"}, "cursor"),
    ],
)
def test_communication_3_2_a_wrong_parameter_is_refused(program: Program, query: dict[str, str], path: str) -> None:
    refused(program.get(query), 400, path)


def test_communication_3_2_a_parameter_given_twice_is_refused(program: Program) -> None:
    refused(program.get(path="/xapi/statements?limit=1&limit=2"), 400, "limit")


def test_communication_2_1_3_a_huge_limit_is_no_error(program: Program) -> None:
    assert program.get({"limit": "9" * 40}).status_code == 200


# ---- forms of an answer ----------------------------------------------------------------------------------------------


def test_communication_2_1_3_ids_keeps_what_identifies(program: Program) -> None:
    statement = full(Version.V2)
    program.post(statement)

    found = program.get({"statementId": statement["id"], "format": "ids"}).json
    assert found is not None
    assert found["actor"] == {"objectType": "Agent", "mbox": "mailto:emma@example.org"}
    assert found["verb"] == {"id": statement["verb"]["id"]}
    assert found["object"] == {"id": statement["object"]["id"]}
    assert found["context"]["team"] == {"objectType": "Group", "openid": "https://id.example.org/team"}
    assert found["result"] == statement["result"]
    assert program.get({"format": "ids"}).json["statements"] == [found]  # type: ignore[index]


def test_communication_2_1_3_canonical_keeps_one_language(program: Program) -> None:
    statement = full(Version.V2)
    program.post(statement)
    query = {"statementId": statement["id"], "format": "canonical"}

    english = program.get(query, headers={"Accept-Language": "fr;q=0.5, en;q=0.9"}).json
    dutch = program.get(query).json

    assert english is not None
    assert english["object"]["definition"]["name"] == {"en-GB": "Quiz"}
    assert english["verb"]["display"] == {"nl": "antwoordde"}
    assert english["actor"] == statement["actor"]
    assert dutch["object"]["definition"]["name"] == {"nl": "Toets"}  # type: ignore[index]


def test_communication_2_1_3_attachments_asked_for_come_as_multipart(program: Program) -> None:
    statement = named("a")
    program.post(statement)

    answer = program.get({"statementId": statement["id"], "attachments": "true"})

    assert answer.mimetype == "multipart/mixed"
    boundary = answer.mimetype_params["boundary"].encode()
    before, part, after = answer.data.split(b"--" + boundary)
    head, _, body = part.partition(b"\r\n\r\n")
    assert (before, head, after) == (b"", b"\r\nContent-Type: application/json", b"--\r\n")
    assert orjson.loads(body)["id"] == statement["id"]


def test_communication_2_1_3_last_modified_is_stored(program: Program) -> None:
    [uuid] = program.post(minimal()).json  # type: ignore[misc]

    answer = program.get({"statementId": uuid})

    modified = parse_date(answer.headers["Last-Modified"])
    assert modified is not None
    assert answer.json["stored"].startswith(modified.strftime("%Y-%m-%dT%H:%M:%S"))  # type: ignore[index]
