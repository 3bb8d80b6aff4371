"""Addresses, next pages and lists as platforms really write them."""

from __future__ import annotations

from typing import Any

import pytest

from lms.kernel.db import Database
from lms.kernel.outgoing import Outgoing
from lms.lti.formats.grades import find_own, read_columns, read_results
from lms.lti.formats.rosters import read_page
from lms.lti.formats.services import Problem, below, is_literal, next_page, with_query
from lms.lti.models import PlatformRegistration
from lms.lti.services.calling import PlatformCaller
from lms.lti.services.tokens import LONGEST_S, ServiceFailure, _lasts_s

HERE = "https://lms.example/api/items?page=1"


@pytest.mark.parametrize(
    ("header", "there"),
    [
        ('<https://lms.example/api/items?page=2>; rel="next"', "https://lms.example/api/items?page=2"),
        ("<https://lms.example/2>;rel=next", "https://lms.example/2"),
        ('<?page=2>; rel="next"', "https://lms.example/api/items?page=2"),
        ('<https://a/1>; rel="first", <https://a/2,3>; title="a, b"; rel="next last"', "https://a/2,3"),
        ('<https://a/1>; REL="Next"', "https://a/1"),
        ("<https://a/1>; rel=“next”", "https://a/1"),
        ("<https://a/1>; rel=“next”".encode().decode("latin-1"), "https://a/1"),
        ('<https://a/1>; rel="differences", <https://a/2>; rel="next"', "https://a/2"),
        ('<https://a/1>; rel="prev", <https://a/9>; rel="last"', None),
        ('<https://a/1>; rel="nextish"', None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_the_next_page_is_found_in_a_link_header(header: str, there: str | None) -> None:
    assert next_page(HERE, {"link": header}) == there


def test_what_hangs_on_a_line_item_stands_before_its_query() -> None:
    assert below("https://a/items/1?type_id=2", "scores") == "https://a/items/1/scores?type_id=2"
    assert below("https://a/items/1/lineitem/", "results") == "https://a/items/1/lineitem/results"


def test_a_question_is_added_to_what_the_platform_asks_itself() -> None:
    assert with_query("https://a/m?v=2&rlid=x", rlid="a b") == "https://a/m?v=2&rlid=a+b"


def test_a_template_left_in_an_address_is_seen() -> None:
    assert is_literal("https://a/{link_id}/x")
    assert is_literal("https://a/%7blink_id%7D/x")
    assert not is_literal("https://a/7/x")


def test_the_column_of_this_link_goes_before_one_without_a_link() -> None:
    def column(url: str, link: str = "", resource: str = "", tag: str = "") -> dict[str, Any]:
        return {"id": url, "resourceLinkId": link, "resourceId": resource, "tag": tag}

    loose, came, made = (
        column("https://a/1", "", "c", "leerlabo"),
        column("https://a/2", "l"),
        column("https://a/3", "l", "c"),
    )
    for given, expected in (
        ([loose, came, made], "https://a/3"),
        ([loose, came], "https://a/2"),
        ([loose], "https://a/1"),
    ):
        found = find_own(read_columns(given), "c", "l")
        assert found is not None
        assert found.url == expected
    others = [
        column("https://a/4", "other", "c", "leerlabo"),
        column("https://a/5", "l", "other"),
        column("https://a/6", "", "c"),
    ]
    assert find_own(read_columns(others), "c", "l") is None


@pytest.mark.parametrize("data", [None, {}, "[]", [1], {"lineItems": []}])
def test_what_is_no_list_is_refused(data: Any) -> None:
    with pytest.raises(ValueError, match="not a list"):
        read_columns(data)
    with pytest.raises(ValueError, match="not a list"):
        read_results(data)


def test_numbers_in_results_may_be_anything() -> None:
    wild = [float("nan"), float("inf"), 1e300, 10**400, "7", True, None]
    found = read_results([{"userId": "a", "resultScore": value, "resultMaximum": 10} for value in wild])
    assert [result.score for result in found] == [None] * len(wild)


@pytest.mark.parametrize(
    ("member", "name"),
    [
        ({"given_name": "Ann", "family_name": "De Wit"}, ("Ann", "De Wit")),
        ({"name": "Ann De Wit"}, ("Ann", "De Wit")),
        ({"given_name": 3, "name": None}, ("", "")),
        ({}, ("", "")),
    ],
)
def test_members_are_called_as_far_as_the_platform_says(member: dict[str, Any], name: tuple[str, str]) -> None:
    page = read_page({"members": [{"user_id": 7, "roles": [], **member}]}, "c")
    [read] = page.members
    assert (read.subject, read.given_name, read.family_name) == ("7", *name)


def test_a_number_may_be_any_of_ours_too() -> None:
    with pytest.raises(ValueError, match="another context"):
        read_page({"context": {"id": 8}, "members": []}, "7")
    assert read_page({"context": {"id": 7}, "members": []}, "7").unreadable == 0


@pytest.mark.parametrize("sign", ["\ud800", "\0"])
def test_what_no_database_keeps_is_left_out_of_names_and_makes_no_identifier(sign: str) -> None:
    found = read_page({"members": [{"user_id": "7", "given_name": f"An{sign}n"}, {"user_id": f"8{sign}"}]}, "c")
    assert [(member.subject, member.given_name) for member in found.members] == [("7", "Ann")]
    assert found.unreadable == 1
    assert [
        column.tag for column in read_columns([{"id": "https://a/1", "tag": f"t{sign}"}, {"id": f"https://a/{sign}"}])
    ] == ["t"]
    assert [result.subject for result in read_results([{"userId": "7"}, {"userId": f"8{sign}"}])] == ["7"]


@pytest.mark.parametrize("lasts", [10**400, "9" * 400, float("inf"), -1, True, None])
def test_a_token_may_last_anything(lasts: Any) -> None:
    assert 0 < _lasts_s(lasts) <= LONGEST_S


@pytest.mark.parametrize(
    "member", [None, 3, {}, {"user_id": ""}, {"user_id": "x", "roles": "Learner"}, {"user_id": []}]
)
def test_a_member_that_cannot_be_read_is_counted(member: Any) -> None:
    assert read_page({"members": [member]}, "c").unreadable == 1


def test_no_service_is_asked_with_less_secrecy_than_its_token_endpoint(database: Database) -> None:
    registration = PlatformRegistration(token_endpoint="https://lms.example/token")
    caller = PlatformCaller(database, registration, Outgoing(may_go_inside=True))
    for url in ("http://lms.example/items", "", "https://lms.example/{context_id}/items"):
        with pytest.raises(ServiceFailure) as refused:
            caller.get(url, scope="x", accept="application/json")
        assert refused.value.problem == Problem.NOT_ITS_ADDRESS
