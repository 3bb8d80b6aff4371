"""Whom a row means. The staff is four people; each case is one row held against them."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from courses.enrolment.formats import ListedPerson
from courses.enrolment.services.matching import (
    Candidate,
    Colleague,
    Decision,
    Problem,
    Staff,
    State,
    Taken,
    Verdict,
    judge,
    judge_list,
)

AN, JONAS, LEYLA, TWIN, TWIN_2, SHUT, UNUSED = range(1, 8)


def colleague(person_id: int, first: str, last: str, **more: Any) -> Colleague:
    values: dict[str, Any] = {
        "email": "",
        "user_name": "",
        "staff_number": "",
        "is_blocked": False,
        "has_been_in": True,
    } | more
    return Colleague(person_id, person_id + 100, first, last, **values)


STAFF = Staff(
    [
        colleague(AN, "An", "Peeters", staff_number="10428", email="an@linde.be", user_name="an.peeters"),
        colleague(JONAS, "Jonas", "De Backer", staff_number="00077"),
        colleague(LEYLA, "Leyla", "Öztürk"),
        colleague(TWIN, "Jan", "Janssens", staff_number="1"),
        colleague(TWIN_2, "Jan", "Janssens", staff_number="2"),
        colleague(SHUT, "Dicht", "Gedaan", is_blocked=True),
        colleague(UNUSED, "Nooit", "Binnen", is_blocked=True, has_been_in=False),
    ]
)
TAKEN = Taken(emails={"elders@x.be", "an@linde.be"}, user_names={"elders"})


def verdict(decision: Decision = Decision.NONE, chosen_id: int | None = None, **fields: Any) -> Verdict:
    return judge(Candidate(4, ListedPerson(**fields), decision, chosen_id), STAFF, TAKEN)


def doubt(problem: Problem, *candidates: int) -> Verdict:
    return Verdict(State.BAD, problem, candidates=candidates)


@pytest.mark.parametrize(
    ("fields", "person_id"),
    [
        ({"staff_number": "10428"}, AN),
        ({"staff_number": "77", "first_name": "Jonas", "last_name": "Debacker"}, JONAS),
        ({"email": "an@linde.be"}, AN),
        ({"email": "an@linde.be", "first_name": "An", "last_name": "Peeters-Claes"}, AN),
        ({"user_name": "an.peeters"}, AN),
        ({"first_name": "leyla", "last_name": "OZTURK"}, LEYLA),
        ({"first_name": "De Backer", "last_name": "Jonas"}, JONAS),
        ({"first_name": "Leyla", "last_name": "Öztürk", "staff_number": "9"}, LEYLA),
    ],
)
def test_who_works_here_is_found(fields: dict[str, Any], person_id: int) -> None:
    assert verdict(**fields) == Verdict(State.READY, person_id=person_id)


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"first_name": "An", "last_name": "Peeters", "staff_number": "10482"}, doubt(Problem.NUMBER_UNKNOWN, AN)),
        ({"first_name": "An", "last_name": "Peters"}, doubt(Problem.CLOSE_NAME, AN)),
        ({"first_name": "An", "last_name": "Peters", "staff_number": "5"}, doubt(Problem.NUMBER_UNKNOWN, AN)),
        ({"first_name": "Jan", "last_name": "Janssens"}, doubt(Problem.SAME_NAME, TWIN, TWIN_2)),
        ({"first_name": "Rita", "last_name": "Coppens", "staff_number": "10428"}, doubt(Problem.NUMBER_OF_OTHER, AN)),
        ({"first_name": "Rita", "last_name": "Coppens", "email": "an@linde.be"}, doubt(Problem.EMAIL_OF_OTHER, AN)),
        ({"first_name": "An", "last_name": "Peeters", "email": "a@x.be"}, doubt(Problem.EMAIL_DIFFERS, AN)),
        ({"first_name": "Rita", "last_name": "Coppens", "email": "rita@"}, doubt(Problem.EMAIL_WRONG)),
        ({"first_name": "Rita", "last_name": "Coppens", "user_name": "elders"}, doubt(Problem.USER_NAME_TAKEN)),
        ({"first_name": "Rita", "last_name": "Coppens", "user_name": "é!"}, doubt(Problem.USER_NAME_WRONG)),
        ({"first_name": "Rita"}, doubt(Problem.NAME_MISSING)),
        ({"staff_number": "404"}, doubt(Problem.NUMBER_UNKNOWN)),
        ({}, doubt(Problem.NAME_MISSING)),
        ({"first_name": "Dicht", "last_name": "Gedaan"}, doubt(Problem.BLOCKED)),
    ],
)
def test_what_is_in_doubt_waits_with_a_reason(fields: dict[str, Any], expected: Verdict) -> None:
    assert verdict(**fields) == expected


@pytest.mark.parametrize("decision", list(Decision)[:3])
def test_an_account_elsewhere_is_never_taken_over_by_its_address(decision: Decision) -> None:
    found = verdict(decision, first_name="Rita", last_name="Coppens", email="elders@x.be")
    assert found == Verdict(State.BAD, Problem.EMAIL_TAKEN)


def test_who_nobody_knows_is_new() -> None:
    assert verdict(first_name="Rita", last_name="Coppens") == Verdict(State.READY, is_new=True)
    assert verdict(Decision.NEW, first_name="An", last_name="Peters") == Verdict(State.READY, is_new=True)


def test_an_account_that_an_undone_list_made_is_opened_again() -> None:
    found = verdict(first_name="Nooit", last_name="Binnen")
    assert found == Verdict(State.READY, person_id=UNUSED, is_new=True)


def test_what_the_officer_says_goes() -> None:
    assert verdict(Decision.PERSON, JONAS, first_name="Wie?").person_id == JONAS
    assert verdict(Decision.SKIP, staff_number="10428").state is State.SKIPPED


def test_whom_a_list_names_twice_goes_through_once() -> None:
    rows = [
        Candidate(2, ListedPerson(staff_number="10428")),
        Candidate(5, ListedPerson(first_name="An", last_name="Peeters")),
        Candidate(6, ListedPerson(first_name="Rita", last_name="Coppens", email="r@x.be")),
        Candidate(7, ListedPerson(first_name="R.", last_name="Coppens", email="r@x.be")),
    ]
    found = judge_list(rows, STAFF, TAKEN, enrolled=())
    assert [one.state for one in found] == [State.READY, State.BAD, State.READY, State.BAD]
    assert [one.detail for one in found if one.problem is Problem.TWICE] == ["2", "6"]


def test_who_takes_the_course_already_is_said_and_left() -> None:
    rows = [Candidate(2, ListedPerson(staff_number="10428")), Candidate(3, ListedPerson(staff_number="10428"))]
    found = judge_list(rows, STAFF, TAKEN, enrolled={AN})
    assert [one.state for one in found] == [State.ALREADY, State.BAD]


def test_a_row_done_before_counts_as_the_first() -> None:
    [found] = judge_list([Candidate(9, ListedPerson(staff_number="10428"))], STAFF, TAKEN, (), seen=[(AN, 2)])
    assert (found.problem, found.detail) == (Problem.TWICE, "2")


PEOPLE = st.builds(
    ListedPerson,
    first_name=st.sampled_from(["", "An", "Jan", "Rita"]) | st.text(max_size=6),
    last_name=st.sampled_from(["", "Peeters", "Janssens"]) | st.text(max_size=6),
    email=st.sampled_from(["", "an@linde.be", "elders@x.be", "nieuw@x.be"]) | st.text(max_size=6),
    user_name=st.sampled_from(["", "an.peeters", "elders"]),
    staff_number=st.sampled_from(["", "1", "10428", "00077", "404"]),
)


@given(st.lists(st.tuples(PEOPLE, st.sampled_from(list(Decision)), st.sampled_from([None, AN, 99])), max_size=12))
def test_every_row_gets_a_verdict_that_can_be_acted_on(rows: list[tuple[ListedPerson, Decision, int | None]]) -> None:
    candidates = [Candidate(number, *row) for number, row in enumerate(rows, 2)]
    found = judge_list(candidates, STAFF, TAKEN, enrolled={JONAS})
    assert len(found) == len(rows)
    going = [one.person_id for one in found if one.state is State.READY and one.person_id is not None]
    assert len(going) == len(set(going))
    assert not set(going) & {JONAS, SHUT}
    for one in found:
        assert (one.state is State.BAD) == (one.problem is not Problem.NONE)
        assert one.state is not State.READY or one.is_new or one.person_id is not None
