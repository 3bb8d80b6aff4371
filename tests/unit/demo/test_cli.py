"""`leerlabo demo` fills an empty database, and leaves any other as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa

from lms.accounts.models import Person
from lms.accounts.services import create_person
from lms.demo.queries import is_told
from lms.kernel import schema
from lms.kernel.db import Database
from tests.unit.demo.conftest import Demo

SUMMARY = -2  # the line of counts


def people(database: Database) -> list[tuple[Any, ...]]:
    with database.read() as db:
        names = sa.select(Person.first_name, Person.last_name, Person.email, Person.user_name).order_by(Person.id)
        return [tuple(row) for row in db.execute(names)]


def test_it_says_how_far_it_is_and_what_there_is(told: tuple[Demo, str]) -> None:
    lines = told[1].splitlines()
    percents = [int(line.partition("%")[0]) for line in lines if "%" in line]
    assert percents == sorted(percents)
    assert (percents[-1], len(percents) > 24) == (100, True)
    assert lines[SUMMARY].startswith("60 organisations, ")
    assert "emma, vera, tom, lies, dirk, karel, sofie, admin" in lines[-1]


def test_it_is_told_again_only_when_asked_and_is_then_the_same(told: tuple[Demo, str]) -> None:
    demo, first = told
    before = people(demo.database)
    code, _said, complaint = demo.run()
    assert (code, "--again" in complaint) == (1, True)
    code, again, complaint = demo.run("--again")
    assert (code, complaint) == (0, "")
    assert again.splitlines()[SUMMARY] == first.splitlines()[SUMMARY]
    assert people(demo.database) == before


def test_it_leaves_other_people_alone(make_demo: Callable[[], Demo]) -> None:
    demo = make_demo()
    schema.upgrade(demo.database)
    with demo.database.write() as db:
        create_person(db, first_name="Echt", last_name="Iemand", email="echt@iemand.be")
    code, _said, complaint = demo.run("--again")
    assert code == 1
    assert "1 people who are not of the demo" in complaint
    assert [person[1] for person in people(demo.database)] == ["Iemand"]


def test_a_telling_that_was_cut_short_is_not_told(make_demo: Callable[[], Demo]) -> None:
    demo = make_demo()
    schema.upgrade(demo.database)
    with demo.database.write() as db:
        create_person(db, first_name="Emma", last_name="Peeters", user_name="emma")
    with demo.database.read() as db:
        assert not is_told(db, {"emma"})


def test_a_share_lies_between_nothing_and_all(make_demo: Callable[[], Demo]) -> None:
    with pytest.raises(SystemExit) as ended:
        make_demo().run("--scale", "2")
    assert ended.value.code == 2
