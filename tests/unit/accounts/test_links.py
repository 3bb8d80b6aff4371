from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts import jobs, queries, services
from lms.accounts.models import SingleUseLink
from lms.accounts.services import LinkKind
from lms.accounts.services.passwords import is_password
from lms.kernel import clock, mail
from lms.kernel.db import Database
from lms.kernel.errors import Refused
from lms.kernel.jobs import OutboxRow
from tests.factories.accounts import PASSWORD, make_person


def mails(db: Session) -> list[dict[str, str]]:
    return list(db.scalars(sa.select(OutboxRow.payload).where(OutboxRow.kind == mail.KIND).order_by(OutboxRow.id)))


def token_in(text: str, kind: str) -> str:
    found = re.search(rf"/{kind}/(\S+)", text)
    assert found
    return found[1]


def test_an_invitation_lets_her_choose_a_password_once(db: Session) -> None:
    db.info["leerlabo.base_url"] = "https://leerlabo.example"
    person = make_person(db, first_name="Emma", email="emma@example.org")
    url = services.invite(db, person.id)
    [message] = mails(db)
    assert message["to"] == "emma@example.org"
    assert url.startswith("https://leerlabo.example/invitation/")
    assert url in message["text"]
    token = token_in(url, "invitation")
    assert services.check_link(db, LinkKind.INVITATION, token) == "Emma"
    assert services.choose_password(db, LinkKind.INVITATION, token, PASSWORD) == person.id
    assert is_password(queries.find_password_hash(db, person.id), PASSWORD)
    with pytest.raises(Refused):
        services.choose_password(db, LinkKind.INVITATION, token, "een ander wachtwoord")
    with pytest.raises(Refused):
        services.check_link(db, LinkKind.INVITATION, token)


def test_a_mail_speaks_her_language(db: Session) -> None:
    person = make_person(db, language="fr")
    services.invite(db, person.id)
    assert mails(db)[0]["subject"]  # translated by the catalogue; the address is in it in any language
    assert "/invitation/" in mails(db)[0]["text"]


def test_a_password_that_is_too_simple_keeps_the_link_alive(db: Session) -> None:
    token = services.make_link(db, make_person(db).id, LinkKind.INVITATION)
    for password in ("kort", "welkom123", "Wachtwoord1", "aaaaaaaaaaaa", "x" * 201):
        with pytest.raises(Refused) as refused:
            services.choose_password(db, LinkKind.INVITATION, token, password)
        assert "password" in refused.value.fields
    services.choose_password(db, LinkKind.INVITATION, token, PASSWORD)


@pytest.mark.parametrize(
    ("kind", "lifetime"),
    [
        (LinkKind.INVITATION, timedelta(days=7)),
        (LinkKind.RESET, timedelta(hours=1)),
        (LinkKind.HANDOVER, timedelta(seconds=30)),
    ],
)
def test_a_link_lives_as_long_as_promised(db: Session, kind: LinkKind, lifetime: timedelta) -> None:
    person = make_person(db)
    made = clock.now()
    with clock.moved_to(made):
        first, second = (services.make_link(db, person.id, kind) for _ in range(2))
    with clock.moved_to(made + lifetime - timedelta(seconds=1)):
        assert services.use_link(db, kind, first) == person.id
    with clock.moved_to(made + lifetime), pytest.raises(Refused):
        services.use_link(db, kind, second)


def test_a_link_is_for_its_kind_and_host_alone(db: Session) -> None:
    token = services.make_link(db, make_person(db).id, LinkKind.HANDOVER, host="gezinszorg.localhost")
    for kind, host in (
        (LinkKind.RESET, "gezinszorg.localhost"),
        (LinkKind.HANDOVER, "x.localhost"),
        (LinkKind.HANDOVER, ""),
    ):
        with pytest.raises(Refused):
            services.use_link(db, kind, token, host=host)
    services.use_link(db, LinkKind.HANDOVER, token, host="gezinszorg.localhost")


def test_the_database_never_holds_the_token(db: Session) -> None:
    token = services.make_link(db, make_person(db).id, LinkKind.RESET)
    assert token not in str(db.execute(sa.select(SingleUseLink.__table__)).all())


def test_a_new_invitation_and_a_blocked_account_end_the_links_of_before(db: Session) -> None:
    person = make_person(db)
    first = token_in(services.invite(db, person.id), "invitation")
    second = token_in(services.invite(db, person.id), "invitation")
    with pytest.raises(Refused):
        services.check_link(db, LinkKind.INVITATION, first)
    services.check_link(db, LinkKind.INVITATION, second)
    services.block_person(db, person.id)
    with pytest.raises(Refused):
        services.check_link(db, LinkKind.INVITATION, second)


def test_choosing_a_password_ends_every_sign_in_and_open_link(db: Session) -> None:
    person = make_person(db)
    sign_in = services.open_sign_in(db, person.id)
    invitation = services.make_link(db, person.id, LinkKind.INVITATION)
    reset = services.make_link(db, person.id, LinkKind.RESET)
    services.choose_password(db, LinkKind.RESET, reset, PASSWORD)
    assert queries.find_identity(db, sign_in) is None
    with pytest.raises(Refused):
        services.check_link(db, LinkKind.INVITATION, invitation)


def test_of_two_at_the_same_moment_one_uses_the_link(database: Database) -> None:
    with database.write() as db:
        person_id = make_person(db).id
        tokens = [services.make_link(db, person_id, LinkKind.RESET) for _ in range(8)]
    start = Barrier(2)

    def use(token: str) -> int:
        start.wait()
        try:
            with database.write() as db:
                return services.use_link(db, LinkKind.RESET, token)
        except Refused:
            return 0

    with ThreadPoolExecutor(2) as pool:
        for token in tokens:
            results = list(pool.map(use, [token, token]))
            assert sorted(results) == [0, person_id]


@pytest.fixture
def asked(database: Database) -> Database:
    with database.write() as db:
        make_person(db, email="emma@example.org", user_name="emma")
        make_person(db, email="", user_name="zonder")
        services.block_person(db, make_person(db, email="dicht@example.org").id)
    return database


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Emma@Example.org", 1),
        ("emma", 1),
        ("niemand@example.org", 0),
        ("zonder", 0),
        ("dicht@example.org", 0),
    ],
)
def test_asking_for_a_new_password_does_the_same_for_everybody_and_mails_who_exists(
    asked: Database, name: str, expected: int
) -> None:
    with asked.write() as db:
        services.ask_reset(db, name)
    with asked.read() as db:
        [row] = db.scalars(sa.select(OutboxRow)).all()  # whoever asks: one row, no mail yet
    jobs.send_reset(asked, row.payload)
    with asked.read() as db:
        assert len(mails(db)) == expected
        if expected:
            token = token_in(mails(db)[0]["text"], "reset")
            assert services.check_link(db, LinkKind.RESET, token) == "Emma"
