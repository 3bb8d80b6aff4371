"""Who writes a document knows what stands there (1.0.3 Communication 3.1; 2.0 4.1.4), also when others write too."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.conformance.documents import STATE, Documents, Place, etag, refused
from tests.web.xapi.conftest import MakeProgram, Program
from xapi.standard.version import Version


def test_communication_3_1_the_etag_is_the_sha_1_of_the_content_in_quotes(documents: Documents) -> None:
    documents.put(b'{"a": 1}')
    assert documents.get().headers["ETag"] == etag(b'{"a": 1}')


def test_communication_3_1_profiles_are_not_replaced_blindly(program: Program, place: Place, version: Version) -> None:
    documents = Documents(program, place)
    documents.put({"a": 1})

    answer = documents.put({"a": 2}, headers={})

    if place is STATE and version is Version.V1:
        assert answer.status_code == 204
        assert documents.get().get_json() == {"a": 2}
    else:
        refused(answer, 409, "If-Match")
        assert documents.get().get_json() == {"a": 1}


def test_communication_3_1_a_new_profile_needs_a_header_in_1_0_3(
    program: Program, place: Place, version: Version
) -> None:
    documents = Documents(program, place)

    answer = documents.put({"a": 1}, headers={})

    if place is not STATE and version is Version.V1:
        refused(answer, 400, "If-None-Match")
        assert documents.get().status_code == 404
    else:
        assert answer.status_code == 204


KNOWN = etag(b'{"a":1}')
CHANGES = {"PUT": {"a": 2}, "POST": {"a": 2}, "DELETE": None}


@pytest.mark.parametrize("method", CHANGES)
def test_communication_3_1_if_match_lets_through_who_knows_it(documents: Documents, method: str) -> None:
    for tag in (KNOWN, f'"x", {KNOWN}', f"W/{KNOWN}", KNOWN.strip('"'), "*"):
        documents.delete()
        documents.put({"a": 1})

        assert documents.call(method, CHANGES[method], headers={"If-Match": tag}).status_code == 204, tag

        kept = documents.get()
        assert kept.status_code == 404 if method == "DELETE" else kept.get_json() == {"a": 2}


@pytest.mark.parametrize("method", CHANGES)
def test_communication_3_1_if_match_keeps_out_who_does_not(documents: Documents, method: str) -> None:
    documents.put({"a": 1})

    for tag in (etag(b""), '"1234"', '"*"x', ""):
        refused(documents.call(method, CHANGES[method], headers={"If-Match": tag}), 412, "If-Match")

    assert documents.get().get_json() == {"a": 1}


@pytest.mark.parametrize("method", CHANGES)
def test_communication_3_1_if_match_wants_something_there(documents: Documents, method: str) -> None:
    for tag in (etag(b"x"), "*"):
        refused(documents.call(method, CHANGES[method], headers={"If-Match": tag}), 412, "If-Match")
    assert documents.get().status_code == 404


def test_communication_3_1_if_none_match_wants_nothing_there(documents: Documents) -> None:
    for method in ("PUT", "POST"):
        assert documents.call(method, {"a": 1}, headers={"If-None-Match": "*"}).status_code == 204
        refused(documents.call(method, {"a": 2}, headers={"If-None-Match": "*"}), 412, "If-None-Match")
        assert documents.get().get_json() == {"a": 1}
        documents.delete()


# ---- at the same moment ----------------------------------------------------------------------------------------------

WRITERS = 6


def _at_once(make_program: MakeProgram, place: Place, write: Callable[[Documents, int], None]) -> Documents:
    """Let as many programs write one document at the same moment; returns what they wrote."""
    each = [Documents(make_program()[0], place) for _ in range(WRITERS)]
    together = Barrier(WRITERS)

    def wait_and_write(number: int) -> None:
        together.wait()
        write(each[number], number)

    with ThreadPoolExecutor(WRITERS) as pool:
        list(pool.map(wait_and_write, range(WRITERS)))
    return each[0]


def test_communication_3_1_of_those_who_make_it_at_once_one_wins(make_program: MakeProgram, place: Place) -> None:
    answers = []

    def write(documents: Documents, number: int) -> None:
        answers.append((documents.put({"by": number}).status_code, number))

    documents = _at_once(make_program, place, write)

    assert sorted(status for status, _ in answers) == [204] + [412] * (WRITERS - 1)
    assert documents.get().get_json() == {"by": min(answers)[1]}


def test_communication_2_2_nothing_that_is_merged_at_once_is_lost(make_program: MakeProgram, place: Place) -> None:
    def write(documents: Documents, number: int) -> None:
        for turn in range(3):
            assert documents.post({f"{number}.{turn}": turn}).status_code == 204

    documents = _at_once(make_program, place, write)

    assert len(documents.get().get_json()) == WRITERS * 3


def test_communication_3_1_nothing_that_is_replaced_at_once_is_lost(make_program: MakeProgram, place: Place) -> None:
    Documents(make_program()[0], place).put({"count": 0})

    def write(documents: Documents, _number: int) -> None:
        status = 0
        while status != 204:
            seen = documents.get()
            more = {"count": seen.get_json()["count"] + 1}
            status = documents.put(more, headers={"If-Match": seen.headers["ETag"]}).status_code
            assert status in (204, 412)

    assert _at_once(make_program, place, write).get().get_json() == {"count": WRITERS}


def test_communication_2_3_those_who_delete_at_once_wait_for_each_other(make_program: MakeProgram) -> None:
    seed = Documents(make_program()[0], STATE)
    for name in "abcdef":
        seed.put({}, query=STATE.owners | {"stateId": name})

    def write(documents: Documents, number: int) -> None:
        query = STATE.owners if number % 2 else STATE.owners | {"stateId": "abcdef"[number]}
        assert documents.delete(query=query).status_code == 204

    assert _at_once(make_program, STATE, write).listed() == []
