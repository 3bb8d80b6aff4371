"""A visitor of the real platform: pages are read, forms are filled in, and nothing stays behind for the next test."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lms.kernel.db import Database
from tests.factories.accounts import PASSWORD, make_person
from tests.web.visitor import Visitor


@pytest.mark.parametrize("_turn", [1, 2])
def test_somebody_signs_in_through_the_form(
    database: Database, visitor: Visitor, another_visitor: Callable[[], Visitor], _turn: int
) -> None:
    with database.write() as db:
        make_person(db, first_name="Emma", email="emma@example.org", password=PASSWORD)
    visitor.sign_in("emma@example.org", PASSWORD)
    assert "Emma" in visitor.page("/").text
    assert "Emma" not in another_visitor().page("/").text


def test_a_page_that_is_not_there_is_a_good_page_too(visitor: Visitor) -> None:
    assert visitor.page("/nowhere/at/all", status=404).h1
