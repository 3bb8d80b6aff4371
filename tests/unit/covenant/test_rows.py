"""The lists behind figures: cut in the database, and no way around whose names one may see."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts import services as accounts
from lms.kernel import clock
from lms.kernel.identity import Grant, Identity, Role
from sectors.covenant.formats import load_covenant
from sectors.covenant.queries import RowFilter, RowPage, compute_commitment, list_rows, wanted_rows
from sectors.covenant.queries.rows import NO_COMMITTEE, PAGE_SIZE
from sectors.covenant.queries.settings import Choice
from tests.factories.accounts import make_organisation, make_person

COVENANT = load_covenant("2023-2025")
USERS = COVENANT.find_commitment("in-users")
DAY = date(2024, 9, 1)
ADMIN = Identity(person_id=1, grants=(Grant(Role.ADMIN),))


@pytest.fixture
def people(db: Session) -> int:
    """How many open accounts there are: some without work, some in home care, one in two jobs, one blocked since."""
    with clock.moved_to(datetime(2024, 1, 10, 9, tzinfo=UTC)):
        home = make_organisation(db, name="Thuishulp Zon", joint_committee="318.02")
        school = make_organisation(db, name="School Maan", area="onderwijs", joint_committee="")
        found = [make_person(db, first_name="Kelly", last_name=f"Aerts {n}") for n in range(PAGE_SIZE + 7)]
        for person in found[1:]:
            accounts.employ(db, person.id, home.id, started_on=date(2024, 1, 1))
        accounts.employ(db, found[-1].id, school.id, started_on=date(2024, 3, 1))
        blocked = make_person(db, last_name="Weg")
        blocked.blocked_at = clock.now() + timedelta(days=9)
        make_person(db, last_name="Proef").is_test = True
        db.flush()
    return len(found)


def list_users(db: Session, identity: Identity = ADMIN, **asked: Any) -> RowPage:
    assert USERS is not None
    given = RowFilter(**asked)
    return list_rows(db, wanted_rows(COVENANT, USERS, Choice(), given, cut_off=DAY, identity=identity), given)


def test_accounts_are_cut_in_the_database_and_add_up_to_the_figure(db: Session, people: int) -> None:
    assert USERS is not None
    figure = compute_commitment(db, COVENANT, USERS, cut_off=DAY).headline.current.figure
    asked: list[str] = []
    sa.event.listen(db.connection(), "before_cursor_execute", lambda *arguments: asked.append(arguments[2]))
    first, second = list_users(db), list_users(db, page=2)
    assert all("LIMIT" in question for question in asked if "first_name" in question)
    assert len(asked) == 6
    assert (len(first.rows), len(second.rows), first.total) == (PAGE_SIZE, 7, people)
    assert people == figure == sum(count for _name, count in first.committees)
    assert dict(first.committees) == {"318.02": people - 2, "": 2}
    assert list_users(db, committee="318.02").total == people - 2
    found = list_users(db, committee=NO_COMMITTEE)
    assert [row.organisation for row in found.rows] == ["School Maan", ""], "the job that began last"
    assert len(list_users(db, page=0).rows) == people


def test_a_search_for_accounts_finds_only_names_she_may_see(db: Session, people: int) -> None:
    consultant = Identity(person_id=2, grants=(Grant(Role.CONSULTANT, area="onderwijs"),))
    assert list_users(db, search="kelly").total == people
    assert list_users(db, consultant, search="kelly").total == 1
    assert list_users(db, consultant, search="zon").total == people - 2
    names = {row.name for row in list_users(db, consultant, page=0).rows}
    assert names == {f"Aerts {people - 1}, Kelly", "Medewerker van Thuishulp Zon", "Een medewerker"}
