"""Statements in the canonical format (1.0.3 Communication 2.1.3; 2.0 4.1.6.1).

They say all that is known of their activities, in the language of who asks.
"""

from __future__ import annotations

from uuid import uuid4

import pytest

from tests.unit.xapi.examples import full, minimal
from tests.web.xapi.conftest import Program
from xapi.standard.version import Version


@pytest.mark.parametrize(
    ("accepted", "chosen"),
    [("nl", "nl"), ("en", "en-GB"), ("en-gb;q=0.1, nl;q=0.2", "nl"), ("de, *;q=0.1", "nl"), ("en-GB, nl", "en-GB")],
)
def test_communication_2_1_3_canonical_has_one_language(visiting: Program, accepted: str, chosen: str) -> None:
    sent = full(Version.V1) | {"id": str(uuid4())}
    visiting.post(sent)
    headers = {"Accept-Language": accepted}
    found = visiting.get({"statementId": sent["id"], "format": "canonical"}, headers=headers).get_json()

    definition = sent["object"]["definition"]
    assert found["object"]["definition"] == definition | {"name": {chosen: definition["name"][chosen]}}
    assert found["actor"] == sent["actor"]


def test_communication_2_1_3_canonical_says_what_activities_are(visiting: Program) -> None:
    course, step, nobody = (f"urn:uuid:{uuid4()}" for _ in range(3))
    named = [{"id": course, "definition": {"name": {"nl": "Tillen"}, "type": "urn:course"}}]
    about = minimal(id=str(uuid4()), object={"id": step}, context={"contextActivities": {"parent": {"id": course}}})
    inner = minimal(object={"objectType": "SubStatement", **minimal(object={"id": step})}, id=str(uuid4()))
    visiting.post([about, inner, minimal(object={"id": nobody})])
    visiting.post(minimal(object={"id": step, "definition": {"name": {"en": "Begin"}, "description": {"en": "x"}}}))
    visiting.post(minimal(context={"contextActivities": {"other": named}}))
    visiting.post(minimal(object={"id": step, "definition": {"name": {"nl": "Begin nu"}}}))

    headers = {"Accept-Language": "nl"}
    found = visiting.get({"statementId": about["id"], "format": "canonical"}, headers=headers).get_json()
    listed = visiting.get({"limit": "6", "format": "canonical"}, headers=headers).get_json()["statements"]

    known = {"id": step, "definition": {"name": {"nl": "Begin nu"}, "description": {"en": "x"}}}
    assert found["object"] == known
    assert found["context"]["contextActivities"]["parent"] == named
    shown = {statement["id"]: statement for statement in listed}
    assert shown[about["id"]] == found
    assert shown[inner["id"]]["object"]["object"] == known
    assert {"id": nobody} in [statement["object"] for statement in listed]
