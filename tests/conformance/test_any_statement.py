"""What holds for any statement and any document, through the whole of the platform (1.0.3 Data 2.2, Communication 2.2
and 3.2; 2.0 4.1.5, 4.2).
"""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conformance.conftest import Speak
from tests.conformance.documents import PLACES, Documents, Place
from tests.unit.xapi.examples import BOTH, with_arrays
from tests.unit.xapi.generated import json_values, mutants, statements, text
from xapi.standard.version import Version

# The platform is shared on purpose: each example brings ids of its own.
through_http = settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
versions = st.sampled_from(BOTH)
objects = st.dictionaries(text, json_values, max_size=4)


@through_http
@given(st.data(), versions)
def test_data_2_2_any_valid_statement_comes_back_equal(speak: Speak, data: st.DataObject, version: Version) -> None:
    sent = data.draw(statements(version)) | {"id": str(uuid4())}
    program = speak(version)

    assert program.post(sent).status_code == 200
    assert program.put(sent, sent["id"]).status_code == 204

    kept = program.get({"statementId": sent["id"]}).get_json()
    added = {"timestamp", "version"} - sent.keys() | {"stored", "authority"}
    assert kept == with_arrays(sent) | {name: kept[name] for name in added}
    for form in ("ids", "canonical"):
        assert program.get({"statementId": sent["id"], "format": form}).status_code == 200


@through_http
@given(st.data(), versions)
def test_data_2_2_any_forbidden_change_is_refused(speak: Speak, data: st.DataObject, version: Version) -> None:
    broken = data.draw(mutants(version))
    answer = speak(version).post(broken)
    assert answer.status_code == 400, answer.data
    assert answer.get_json()["error"]["path"].startswith("$")


@through_http
@given(json_values | st.binary(), versions)
def test_communication_3_2_no_body_breaks_the_store(speak: Speak, body: Any, version: Version) -> None:
    program = speak(version)
    assert program.post(body).status_code == (200 if body in ([], b"[]") else 400)
    assert program.put(body, str(uuid4())).status_code == 400


@through_http
@given(
    st.dictionaries(
        st.sampled_from(["agent", "verb", "activity", "registration", "since", "until", "limit", "cursor", "format"]),
        text | json_values.map(lambda value: orjson.dumps(value).decode()),
        max_size=3,
    ),
    versions,
)
def test_communication_3_2_no_parameter_breaks_the_store(speak: Speak, query: dict[str, str], version: Version) -> None:
    assert speak(version).get(query).status_code in (200, 400)


@pytest.mark.parametrize("place", PLACES, ids=lambda place: place.resource)
@through_http
@given(st.lists(objects, min_size=1, max_size=4), versions)
def test_communication_2_2_post_merges_the_outermost_properties(
    speak: Speak, place: Place, bodies: list[dict[str, Any]], version: Version
) -> None:
    documents = Documents(speak(version), place)
    query = {**place.owners, place.name: str(uuid4())}
    merged: dict[str, Any] = {}
    for body in bodies:
        assert documents.post(body, query=query).status_code == 204
        merged |= body
    assert documents.get(query=query).get_json() == merged
