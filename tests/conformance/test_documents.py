"""State, Activity Profile and Agent Profile (1.0.3 Communication 2.2, 2.3, 2.6 and 2.7; 2.0 4.1.6)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from werkzeug.http import parse_date

from lms.kernel import clock
from tests.conformance.documents import (
    METHODS,
    PLACES,
    REGISTRATION,
    STATE,
    TOM,
    Documents,
    Place,
    as_json,
    etag,
    refused,
)
from tests.web.xapi.conftest import MakeProgram, Program
from xapi.credentials.models import Scope
from xapi.standard.version import Version


@pytest.fixture
def state(program: Program) -> Documents:
    """The documents of state."""
    return Documents(program, STATE)


# ---- one document ----------------------------------------------------------------------------------------------------


def test_communication_2_2_a_document_comes_back_as_it_was_sent(documents: Documents) -> None:
    content = bytes(range(256))

    put = documents.put(content, content_type="text/plain; charset=latin-1")
    got = documents.get()

    assert (put.status_code, put.data) == (204, b"")
    assert (got.status_code, got.data) == (200, content)
    assert got.headers["Content-Type"] == "text/plain; charset=latin-1"


def test_communication_2_2_json_is_kept_to_the_letter(documents: Documents) -> None:
    content = b'{ "a" : 1.10,\n "b": "\\ud83d",  "a": 100000000000000000000000 }'
    documents.put(content)
    assert documents.get().data == content


def test_communication_2_2_a_document_without_content_type_is_bytes(documents: Documents) -> None:
    assert documents.put(b"x", content_type=None).status_code == 204
    assert documents.get().headers["Content-Type"] == "application/octet-stream"


def test_communication_1_1_head_is_get_without_a_body(documents: Documents) -> None:
    documents.put({"a": 1})
    got, head = documents.get(), documents.call("HEAD")

    assert (head.status_code, head.data) == (200, b"")
    for name in ("Content-Type", "Content-Length", "ETag", "Last-Modified"):
        assert head.headers[name] == got.headers[name]


def test_communication_3_2_where_nothing_is_it_is_404(documents: Documents) -> None:
    documents.put({"a": 1})
    for method in ("GET", "HEAD"):
        assert documents.call(method, query=documents.place.one | {documents.place.name: "other"}).status_code == 404


def test_communication_2_2_a_deleted_document_is_gone(documents: Documents) -> None:
    documents.put({"a": 1})

    assert documents.delete().status_code == 204
    assert documents.get().status_code == 404
    assert documents.delete().status_code == 204


def test_communication_2_2_last_modified_is_when_it_last_changed(documents: Documents) -> None:
    began = clock.now()
    with clock.moved_to(began):
        documents.post({"a": 1})
    with clock.moved_to(began + timedelta(minutes=1)):
        documents.post({"b": 1})
    later = documents.get()

    assert parse_date(later.headers["Last-Modified"]) == (began + timedelta(minutes=1)).replace(microsecond=0)
    listed = documents.get(query=documents.place.owners)
    assert listed.headers["Last-Modified"] == later.headers["Last-Modified"]


def test_communication_2_2_nothing_needs_to_be_known_beforehand(documents: Documents) -> None:
    owners = dict(documents.place.owners)
    if "activityId" in owners:
        owners["activityId"] = f"urn:uuid:{uuid4()}"
    assert documents.put({}, query={**owners, documents.place.name: "x"}).status_code == 204


def test_communication_2_2_an_id_is_any_string(documents: Documents) -> None:
    names = ["", "a/b?c&d=é", "x" * 5_000, "%", "naïve 🎓"]
    for name in names:
        query = documents.place.one | {documents.place.name: name}
        assert documents.put({"a": name}, query=query).status_code == 204
        assert documents.get(query=query).get_json() == {"a": name}

    assert documents.listed() == names


def test_communication_3_2_too_large_a_document_is_413(documents: Documents, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("xapi.documents.views.MB", 1)

    fits = b'"%s"' % (b"4" * 30)
    assert documents.put(fits).status_code == 204
    refused(documents.put(fits[:-1] + b'4"'), 413, "$")
    assert documents.get().data == fits


def test_communication_3_2_merging_makes_no_document_too_large(
    documents: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xapi.documents.views.MB", 1)

    for name in "abc":
        assert documents.post({name: "123"}).status_code == 204
    refused(documents.post({"d": ""}), 413, "$")
    assert documents.post({"c": "124"}).status_code == 204
    assert documents.get().get_json() == {"a": "123", "b": "123", "c": "124"}


# ---- parameters ------------------------------------------------------------------------------------------------------


def test_communication_2_2_whose_it_is_must_be_said(documents: Documents) -> None:
    for method, body in METHODS.items():
        for name in documents.place.owners:
            query = {key: value for key, value in documents.place.one.items() if key != name}
            assert documents.call(method, body, query=query).status_code == 400, method


def test_communication_2_2_writing_wants_an_id(documents: Documents) -> None:
    for method in ("PUT", "POST"):
        refused(documents.call(method, {}, query=documents.place.owners), 400, documents.place.name)


@pytest.mark.parametrize("place", PLACES[1:], indirect=True, ids=lambda place: place.resource)
def test_communication_2_6_a_profile_is_deleted_one_by_one(documents: Documents) -> None:
    refused(documents.delete(query=documents.place.owners), 400, "profileId")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("agent", "not JSON"),
        ("agent", "true"),
        ("agent", "{}"),
        ("agent", '{"mbox":"x"}'),
        ("agent", '{"objectType":"Group","mbox":"mailto:a@example.org"}'),
        ("activityId", "relative"),
        ("registration", "1"),
    ],
)
def test_communication_2_3_parameters_have_their_form(state: Documents, name: str, value: str) -> None:
    for method in ("GET", "PUT", "POST", "DELETE"):
        answer = state.call(method, METHODS[method], query=STATE.one | {name: value})
        assert answer.status_code == 400, method
        assert answer.get_json()["error"]["path"].startswith(name)


def test_communication_3_2_unknown_parameters_are_refused(documents: Documents) -> None:
    known = documents.place.one
    odd = {"StateId": "x", "activityid": "x", "limit": "1"}
    if documents.place is not STATE:
        odd["registration"] = REGISTRATION
    for name, value in odd.items():
        refused(documents.get(query=known | {name: value}), 400, name)
        refused(documents.put({}, query=known | {name: value}), 400, name)
    refused(documents.delete(query=documents.place.one | {"since": "2026-01-01T00:00:00Z"}), 400, "since")


def test_no_odd_id_breaks_the_store(documents: Documents) -> None:
    refused(documents.put({}, query=documents.place.one | {documents.place.name: "a\0b"}), 400, documents.place.name)


# ---- many documents --------------------------------------------------------------------------------------------------


def test_communication_2_2_without_an_id_get_lists_the_ids(documents: Documents) -> None:
    assert documents.listed() == []
    for name in ("b", "a"):
        documents.put({}, query={**documents.place.owners, documents.place.name: name})

    assert documents.listed() == ["b", "a"]
    assert documents.get(query=documents.place.owners).headers["ETag"] == etag(b'["b","a"]')


def test_communication_2_2_since_is_exclusive(documents: Documents) -> None:
    moments = [clock.now() + timedelta(seconds=seconds) for seconds in range(3)]
    for moment, name in zip(moments, "abc", strict=True):
        with clock.moved_to(moment):
            documents.put({}, query={**documents.place.owners, documents.place.name: name})

    assert documents.listed(since=moments[0].isoformat()) == ["b", "c"]
    assert documents.listed(since=moments[2].isoformat()) == []
    refused(documents.get(query={**documents.place.owners, "since": "yesterday"}), 400, "since")


def test_communication_2_2_each_owner_has_documents_of_its_own(documents: Documents) -> None:
    documents.put({"of": "emma"})
    others = [{"agent": as_json(TOM)}, {"activityId": "urn:other"}]

    for other in others:
        if other.keys() <= documents.place.owners.keys():
            assert documents.get(query=documents.place.one | other).status_code == 404
            assert documents.listed(**other) == []


def test_communication_2_2_the_same_agent_may_be_written_in_another_way(program: Program) -> None:
    documents = Documents(program, STATE)
    documents.put({"a": 1}, query=STATE.one | {"agent": '{"mbox":"mailto:tom@EXAMPLE.org"}'})

    named = as_json({"name": "Tom", "objectType": "Agent", **TOM})
    assert documents.get(query=STATE.one | {"agent": named}).get_json() == {"a": 1}


def test_communication_2_3_each_registration_has_documents_of_its_own(state: Documents) -> None:
    registered = STATE.one | {"registration": REGISTRATION.upper()}
    state.put({"of": "registration"}, query=registered)
    assert state.get().status_code == 404
    state.put({"of": "none"})
    state.put({}, query=STATE.owners | {"stateId": "other"})

    assert state.get(query=registered).get_json() == {"of": "registration"}
    assert state.get().get_json() == {"of": "none"}
    assert state.listed(registration=REGISTRATION) == ["bladwijzer"]
    assert state.listed() == ["bladwijzer", "other"]


def test_communication_2_3_all_state_goes_at_once(state: Documents) -> None:
    elsewhere = STATE.one | {"agent": as_json(TOM)}
    for query in (STATE.one, STATE.owners | {"stateId": "b"}, STATE.one | {"registration": REGISTRATION}, elsewhere):
        state.put({}, query=query)

    assert state.delete(query=STATE.owners | {"registration": REGISTRATION}).status_code == 204
    assert state.get(query=STATE.one | {"registration": REGISTRATION}).status_code == 404
    assert state.listed() == ["bladwijzer", "b"]

    assert state.delete(query=STATE.owners).status_code == 204
    assert state.listed() == []
    assert state.get(query=elsewhere).status_code == 200


# ---- merging ---------------------------------------------------------------------------------------------------------


def test_communication_2_2_post_keeps_what_was_not_there(documents: Documents) -> None:
    assert documents.post(b'{"a": 1.0}').status_code == 204
    assert documents.get().data == b'{"a": 1.0}'


def test_communication_2_2_post_merges_the_outermost_properties(documents: Documents) -> None:
    documents.post(b'{"x": {"deep": 1}, "y" : "bar" , "n": 1.10}')

    answer = documents.post({"x": {"other": [2]}, "z": None}, content_type="application/json; charset=utf-8")

    assert (answer.status_code, answer.data) == (204, b"")
    assert documents.get().data == b'{"x":{"other":[2]},"y":"bar","n":1.10,"z":null}'
    assert documents.get().headers["Content-Type"] == "application/json"


def test_communication_2_2_post_of_anything_else_is_stored_when_nothing_is_there(documents: Documents) -> None:
    assert documents.post(b"abc", content_type="text/plain").status_code == 204
    assert documents.get().data == b"abc"


JSON, TEXT = "application/json", "text/plain"
UNMERGEABLE = [
    (b'{"a":1}', JSON, b"abc", TEXT),
    (b'{"a":1}', JSON, b'{"b":1}', TEXT),
    (b"abc", TEXT, b'{"a":1}', JSON),
    (b'{"a":1}', TEXT, b'{"b":1}', JSON),
    (b'{"a":1}', JSON, b"[1]", JSON),
    (b"[1]", JSON, b'{"a":1}', JSON),
    (b'{"a":1}', JSON, b'{"b":', JSON),
    (b'{"a":1}', JSON, b'{"b":NaN}', JSON),
    (b'{"a":1}', JSON, b"\xff", JSON),
    (b'{"a":1}', JSON, b"", JSON),
    (b'{"a":1}', JSON, b"[" * 100_000, JSON),
]


def test_communication_2_2_what_cannot_be_merged_is_refused(documents: Documents) -> None:
    for kept, kept_type, posted, posted_type in UNMERGEABLE:
        documents.delete()
        documents.put(kept, content_type=kept_type)

        answer = documents.post(posted, content_type=posted_type)

        assert answer.status_code == 400, posted
        assert answer.get_json()["error"]["clause"]
        assert (documents.get().data, documents.get().headers["Content-Type"]) == (kept, kept_type)


def test_communication_2_2_posted_json_must_be_an_object(documents: Documents) -> None:
    for body in (b"", b"[1]", b"1", b'{"a":}', b"{'a':1}"):
        refused(documents.post(body), 400, "$")
    assert documents.get().status_code == 404


def test_communication_3_2_what_says_it_is_json_must_be_json(documents: Documents) -> None:
    for body in (b"", b'{"a":}', b"abc", b'{"a":1}x', b"\xef\xbb\xbf{}"):
        refused(documents.put(body), 400, "$")
    assert documents.get().status_code == 404


# ---- who may ---------------------------------------------------------------------------------------------------------


def test_communication_4_2_each_scope_has_its_documents(
    make_program: MakeProgram, place: Place, version: Version
) -> None:
    needed = Scope.STATE if place is STATE else Scope.PROFILE
    for scope in Scope:
        documents = Documents(make_program(scope, version=version)[0], place)
        for method, body in METHODS.items():
            is_refused = documents.call(method, body).status_code == 403
            assert is_refused == (scope not in (needed, Scope.ALL)), (scope, method)


def test_documents_of_an_area_or_organisation_are_its_own(make_program: MakeProgram, place: Place) -> None:
    organisation = uuid4()
    limits: list[dict[str, Any]] = [
        {},
        {"area": "gezinszorg"},
        {"area": "onderwijs"},
        {"organisation": organisation},
        {"area": "gezinszorg", "organisation": organisation},
    ]
    each = [Documents(make_program(**limit)[0], place) for limit in limits]

    for index, documents in enumerate(each):
        assert documents.get().status_code == 404
        assert documents.listed() == []
        assert documents.put({"of": index}, headers={"If-None-Match": "*"}).status_code == 204
    each[-1].delete()

    assert [documents.get().get_json()["of"] for documents in each[:-1]] == [0, 1, 2, 3]
    colleague = Documents(make_program(area="gezinszorg")[0], place)
    assert colleague.get().get_json() == {"of": 1}


def test_communication_3_2_a_method_nobody_knows_is_405(documents: Documents) -> None:
    answer = documents.call("PATCH", {})

    assert answer.status_code == 405
    assert answer.headers["Allow"] == "GET, HEAD, PUT, POST, DELETE, OPTIONS"


def test_content_on_another_origin_may_ask(documents: Documents) -> None:
    for path in (documents.place.path, documents.place.path.replace("/xapi/", "/xapi//")):
        answer = documents.program.client.options(path, base_url="http://localhost:8000")

        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert "DELETE" in answer.headers["Access-Control-Allow-Methods"]
        assert "If-None-Match" in answer.headers["Access-Control-Allow-Headers"]
        assert "ETag" in answer.headers["Access-Control-Expose-Headers"]


def test_the_two_mounts_hold_the_same_documents(documents: Documents) -> None:
    documents.put({"a": 1})
    for mount in ("/xapi//", "/xapi/1.0.3/", "/xapi/1.0.3//"):
        path = mount + documents.place.resource
        assert documents.program.get(documents.place.one, path).get_json() == {"a": 1}, path
