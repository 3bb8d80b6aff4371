"""A statement's bytes: taken in to the letter, completed by the store."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.xapi.examples import BOTH, SUB_STATEMENT, full, minimal
from tests.unit.xapi.generated import definitions, statements
from xapi.standard.errors import StandardError
from xapi.standard.relations import activities_of
from xapi.standard.representation import as_canonical, as_ids
from xapi.standard.statement import check_statement
from xapi.standard.version import Version
from xapi.statements.formats import (
    Places,
    all_places_of,
    complete,
    has_single_activities,
    places_of,
    receive,
    with_arrays,
)

ADDED = {"authority": {"mbox": "mailto:store@example.org"}, "stored": "2026-11-23T10:11:12.000000Z"}
BASE = "https://leerlabo.example/"


@given(st.data(), st.sampled_from(BOTH))
def test_any_valid_statement_comes_back_equal(data: st.DataObject, version: Version) -> None:
    statement = data.draw(statements(version))

    [received], _ = receive(orjson.dumps(statement), version)
    kept = orjson.loads(complete(received.head, ADDED))

    assert kept == with_arrays(statement) | ADDED
    check_statement(kept, version)
    assert not has_single_activities(kept)


@given(st.data(), st.sampled_from(BOTH))
def test_any_statement_has_valid_ids_and_a_valid_canonical_form(data: st.DataObject, version: Version) -> None:
    statement = with_arrays(data.draw(statements(version)))

    check_statement(as_ids(statement), version)
    known = data.draw(st.dictionaries(st.sampled_from(sorted(activities_of(statement)) or [""]), definitions))
    check_statement(as_canonical(statement, ["nl"], known), version)


def test_communication_2_1_2_an_error_says_which_of_the_batch() -> None:
    with pytest.raises(StandardError) as refused:
        receive(orjson.dumps([minimal(), minimal(verb={"id": "x"})]), Version.V2)

    assert refused.value.path == "$[1].verb.id"


def test_communication_2_1_2_doubles_in_a_batch_say_which() -> None:
    with pytest.raises(StandardError) as refused:
        receive(b"[" + orjson.dumps(minimal()) + b',{"a":1,"a":2}]', Version.V2)

    assert refused.value.path == "$[1]"


@pytest.mark.parametrize("version", BOTH)
def test_data_2_4_8_what_the_store_sets_replaces_what_came(version: Version) -> None:
    [received], _ = receive(orjson.dumps(full(version)), version)
    kept = orjson.loads(complete(received.head, ADDED))

    assert kept["stored"] == ADDED["stored"]
    assert kept["authority"] == ADDED["authority"]
    assert kept["context"]["contextActivities"]["grouping"] == [{"id": f"{BASE}area/gezinszorg"}]


def test_data_2_2_untouched_neighbours_keep_their_letters() -> None:
    body = orjson.dumps(minimal(object=SUB_STATEMENT)).replace(
        b'"platform":', b'"revision" : "1.0\\u0030",  "platform":'
    )

    [received], _ = receive(body, Version.V2)

    assert b'"revision":"1.0\\u0030"' in received.head
    assert b'"parent":[{"id":"urn:inner"}]' in received.head


def _in(*iris: str) -> dict[str, Any]:
    return minimal(context={"contextActivities": {"grouping": [{"id": iri} for iri in iris]}})


def test_a_statement_says_where_it_counts_by_our_own_iris() -> None:
    uuid = "ec531277-b57b-4c15-8d91-d292c5b2b8f7"

    named = _in(f"{BASE}area/onderwijs", f"{BASE}organisation/{uuid}", f"{BASE}area/geen")
    assert places_of(named, BASE) == Places(["onderwijs", "geen"], [UUID(uuid)])
    assert places_of(_in("https://other.example/area/onderwijs", f"{BASE}organisation/x"), BASE) == Places([], [])
    assert places_of(minimal(), BASE) == Places()
    assert places_of(full(Version.V1), BASE) == Places(["gezinszorg"], [])


def test_a_sub_statement_names_places_of_its_own() -> None:
    inner = {"objectType": "SubStatement", **_in(f"{BASE}area/onderwijs")}
    assert list(all_places_of(_in(f"{BASE}area/gezinszorg") | {"object": inner}, BASE)) == [
        ("$.context.contextActivities", Places(["gezinszorg"], [])),
        ("$.object.context.contextActivities", Places(["onderwijs"], [])),
    ]
