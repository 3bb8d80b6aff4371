from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from lms.accounts import queries, services
from lms.accounts.models import Person, SignInAttempts
from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.errors import Refused, TooManyAttempts
from tests.factories.accounts import PASSWORD, make_person

HOME = "192.0.2.7"


@pytest.fixture
def emma(database: Database) -> Person:
    with database.write() as db:
        return make_person(db, email="emma@example.org", user_name="emma", password=PASSWORD)


def try_wrong(database: Database, name: str = "emma", address: str = HOME, times: int = 1) -> None:
    for _ in range(times):
        with pytest.raises(Refused):
            services.sign_in(database, name=name, password="mis", address=address)


@pytest.mark.parametrize("name", ["emma", "Emma ", "emma@example.org", "EMMA@EXAMPLE.ORG"])
def test_she_signs_in_with_address_or_user_name(database: Database, emma: Person, name: str) -> None:
    token = services.sign_in(database, name=name, password=PASSWORD, address=HOME, device="Chrome, Android")
    with database.read() as db:
        identity = queries.find_identity(db, token)
        assert identity is not None
        assert identity.person_id == emma.id
        assert [row.device for row in queries.list_sign_ins(db, emma.id)] == ["Chrome, Android"]


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(database: Database, emma: Person) -> None:
    with database.write() as db:
        make_person(db, user_name="uitgenodigd")
    answers = set()
    for name in ("emma", "niemand", "uitgenodigd", "", "emma@", "em\0ma"):
        with pytest.raises(Refused) as refused:
            services.sign_in(database, name=name, password="mis", address=HOME)
        answers.add((str(refused.value), tuple(refused.value.fields)))
    assert len(answers) == 1


def test_who_has_no_password_yet_signs_in_with_none_at_all(database: Database) -> None:
    with database.write() as db:
        make_person(db, user_name="uitgenodigd")
    for password in ("", "nobody has this password"):
        with pytest.raises(Refused):
            services.sign_in(database, name="uitgenodigd", password=password, address=HOME)


def test_who_is_blocked_hears_so_only_with_the_right_password(database: Database, emma: Person) -> None:
    with database.write() as db:
        services.block_person(db, emma.id)
    messages = []
    for password in ("mis", PASSWORD):
        with pytest.raises(Refused) as refused:
            services.sign_in(database, name="emma", password=password, address=HOME)
        messages.append(str(refused.value))
    assert "klopt niet" in messages[0]
    assert "gesloten" in messages[1]


def test_after_ten_tries_a_name_waits_a_quarter_of_an_hour(database: Database, emma: Person) -> None:
    start = clock.now()
    with clock.moved_to(start):
        for number in range(10):
            try_wrong(database, address=f"192.0.2.{number}")
    with clock.moved_to(start + timedelta(minutes=5)):
        with pytest.raises(TooManyAttempts) as refused:
            services.sign_in(database, name="EMMA", password=PASSWORD, address="198.51.100.1")
        assert refused.value.retry_after == 600
    with clock.moved_to(start + timedelta(minutes=15)):
        assert services.sign_in(database, name="emma", password=PASSWORD, address=HOME)


def test_a_name_nobody_has_waits_just_the_same(database: Database) -> None:
    try_wrong(database, name="niemand", times=10)
    with pytest.raises(TooManyAttempts):
        services.sign_in(database, name="niemand", password="mis", address=HOME)


def test_an_address_waits_after_a_hundred_tries_with_any_name(database: Database, emma: Person) -> None:
    limits = [services.signing_in.Limit(services.signing_in._key("address", HOME), 100)]
    for _ in range(99):
        services.signing_in.count_attempt(database, *limits)
    services.sign_in(database, name="emma", password=PASSWORD, address=HOME)
    try_wrong(database, name="an", address=HOME)
    with pytest.raises(TooManyAttempts):
        services.sign_in(database, name="emma", password=PASSWORD, address=HOME)
    assert services.sign_in(database, name="emma", password=PASSWORD, address="192.0.2.8")


def test_a_household_with_ipv6_is_one_address(database: Database) -> None:
    try_wrong(database, name="a", address="2001:db8:1:2::1")
    try_wrong(database, name="b", address="2001:db8:1:2:ffff::9")
    with database.read() as db:
        assert sorted(db.scalars(sa.select(SignInAttempts.failures))) == [1, 1, 2]


def test_signing_in_wipes_the_tries_of_before(database: Database, emma: Person) -> None:
    for _ in range(3):
        try_wrong(database, times=9)
        services.sign_in(database, name="emma", password=PASSWORD, address=HOME)


def test_many_tries_at_once_do_not_slip_through(database: Database, emma: Person) -> None:
    def one(number: int) -> str:
        try:
            services.sign_in(database, name="emma", password="mis", address=f"192.0.2.{number}")
        except TooManyAttempts:
            return "wait"
        except Refused:
            return "no"
        return "in"

    with ThreadPoolExecutor(8) as pool:
        outcomes = list(pool.map(one, range(24)))
    assert outcomes.count("no") == 10
    assert outcomes.count("wait") == 14


@pytest.mark.parametrize("address", [f"10.0.0.{number}" for number in range(6)])
def test_who_signs_in_on_several_devices_at_once_is_let_in(database: Database, emma: Person, address: str) -> None:
    """Name and address are counted and forgiven in one order, whichever comes first: nobody waits for nobody."""

    def come_in(_number: int) -> str:
        return services.sign_in(database, name="emma", password=PASSWORD, address=address)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(come_in, range(8)))) == 8


def test_no_name_or_address_is_written_down(database: Database) -> None:
    try_wrong(database, name="emma@example.org")
    with database.read() as db:
        keys = " ".join(db.scalars(sa.select(SignInAttempts.key)))
    assert "emma" not in keys
    assert HOME not in keys


def test_changing_the_password_asks_for_the_old_one_and_ends_the_other_sign_ins(
    database: Database, emma: Person
) -> None:
    here, there = (services.sign_in(database, name="emma", password=PASSWORD, address=HOME) for _ in range(2))
    with database.read() as db:
        identity = queries.find_identity(db, here)
    assert identity is not None
    with pytest.raises(Refused) as refused:
        services.change_password(database, emma.id, current="mis", new="vier groene stoelen")
    assert "current" in refused.value.fields
    with pytest.raises(Refused) as refused:
        services.change_password(database, emma.id, current=PASSWORD, new="kort")
    assert "password" in refused.value.fields
    services.change_password(
        database, emma.id, current=PASSWORD, new="vier groene stoelen", keep_sign_in=identity.session_id
    )
    with database.read() as db:
        assert queries.find_identity(db, here) is not None
        assert queries.find_identity(db, there) is None
    assert services.sign_in(database, name="emma", password="vier groene stoelen", address=HOME)


def test_she_ends_one_sign_in_of_hers_and_nobody_elses(database: Database, emma: Person) -> None:
    token = services.sign_in(database, name="emma", password=PASSWORD, address=HOME)
    with database.write() as db:
        other = make_person(db)
        [mine] = queries.list_sign_ins(db, emma.id)
        services.end_sign_in(db, other.id, mine.id)
        assert queries.find_identity(db, token) is not None
        services.end_sign_in(db, emma.id, mine.id)
        assert queries.find_identity(db, token) is None
