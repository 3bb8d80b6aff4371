"""Two web processes on PostgreSQL, and the same launch at both at the same moment: it goes through once."""

from __future__ import annotations

import http.client
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import pytest
import sqlalchemy as sa

from courses.enrolment.models import Enrolment
from lms.accounts.models import Person
from lms.kernel.db import Database
from lms.lti.models import LtiUser, Visit
from tests.bench.server import Bench, empty_on
from tests.factories.courses import make_course
from tests.factories.lti import make_registration
from tests.services.lti_platform import Client, Link, LtiPlatform, User, launching, lti_platform
from tests.services.lti_platform.launching import launch_claims, login_fields

AT_ONCE, ROUNDS = 8, 5


class Browsers:
    """Plain connections to a platform that is served, one for each browser."""

    def __init__(self, bench: Bench, platform: LtiPlatform, client: Client) -> None:
        self._bench, self.platform, self.client = bench, platform, client

    def begin(self, link: Link, user: User) -> tuple[dict[str, str], str]:
        """The question to the platform, and the cookie of the login."""
        status, headers = self._post("/lti/login", login_fields(self.platform, self.client, link, user))
        assert status == 303
        question = dict(parse_qsl(urlsplit(headers["location"]).query))
        return question, headers["set-cookie"].partition(";")[0]

    def token(self, link: Link, user: User, question: dict[str, str]) -> dict[str, str]:
        claims = launch_claims(self.platform, self.client, link, user, question["nonce"])
        return {"state": question["state"], "id_token": self.platform.sign(claims)}

    def launch_at_once(self, forms: list[tuple[dict[str, str], str]]) -> list[tuple[int, str]]:
        """Launch all of these at the same moment, some at each process; the statuses, and where they lead."""
        start = Barrier(len(forms))

        def launch(form: tuple[dict[str, str], str], connection: http.client.HTTPConnection) -> tuple[int, str]:
            start.wait()
            return self.launch(*form, connection)

        connections = self._connect_to_both(len(forms))
        with ThreadPoolExecutor(len(forms)) as pool:
            return list(pool.map(launch, forms, connections))

    def launch(
        self, form: dict[str, str], cookie: str, connection: http.client.HTTPConnection | None = None
    ) -> tuple[int, str]:
        """One launch; the status, and where it leads."""
        status, headers = self._post("/lti/launch", form, cookie, connection)
        return status, headers.get("location", "")

    def _connect_to_both(self, count: int) -> list[http.client.HTTPConnection]:
        """So many connections, of which each process holds some. The system deals them out, so now and then again."""
        for _deal in range(20):
            connections = [self._connection() for _one in range(count)]
            for connection in connections:
                connection.connect()
            held = self._held(count)
            assert len(held) == 2
            if all(held):
                return connections
            for connection in connections:
                connection.close()
        raise AssertionError("one process takes all connections")

    def _held(self, count: int) -> list[int]:
        """How many connections each process holds, once these are all there are."""
        until = time.monotonic() + 30
        while sum(held := self._bench.connections()) != count:
            assert time.monotonic() < until, held
            time.sleep(0.02)
        return held

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection("localhost", self._bench.port, timeout=30)

    def _post(
        self,
        path: str,
        fields: dict[str, str],
        cookie: str = "",
        connection: http.client.HTTPConnection | None = None,
    ) -> tuple[int, dict[str, str]]:
        connection = connection or self._connection()
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "Origin": self.platform.address,
            "Cookie": cookie,
        }
        connection.request("POST", path, urlencode(fields), headers)
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}


@pytest.fixture(scope="module")
def browsers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Browsers, Database]]:
    folder: Path = tmp_path_factory.mktemp("races") / "platform"
    with empty_on("postgresql", folder) as bench, lti_platform(launching.mount) as platform:
        assert len(bench.workers()) == 2
        client = platform.know(bench.settings.base_url)
        database = Database(bench.settings.database_url)
        with database.write() as db:
            make_registration(db, platform, client)
            make_course(db, folder)
        platform.links["link-1"] = Link("link-1", client.launch_url, custom={"content": "rustig-helpen"})
        yield Browsers(bench, platform, client), database
        database.dispose()


def count(database: Database, table: type) -> int:
    with database.read() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def test_a_replay_at_the_same_moment_goes_through_once(browsers: tuple[Browsers, Database]) -> None:
    them, database = browsers
    link = them.platform.links["link-1"]
    for number in range(ROUNDS):
        user = them.platform.users.setdefault(f"replay-{number}", User(f"replay-{number}"))
        question, cookie = them.begin(link, user)
        before = count(database, Visit)
        answers = them.launch_at_once([(them.token(link, user, question), cookie)] * AT_ONCE)
        assert sorted(status for status, _where in answers) == [303] + [400] * (AT_ONCE - 1)
        assert count(database, Visit) == before + 1


def test_a_newcomer_who_clicks_several_links_at_once_is_one_person(browsers: tuple[Browsers, Database]) -> None:
    them, database = browsers
    link = them.platform.links["link-1"]
    for number in range(ROUNDS):
        user = them.platform.users.setdefault(f"nieuw-{number}", User(f"nieuw-{number}"))
        begun = [them.begin(link, user) for _one in range(AT_ONCE)]
        forms = [(them.token(link, user, question), cookie) for question, cookie in begun]
        before = [count(database, table) for table in (Person, LtiUser, Enrolment)]
        answers = them.launch_at_once(forms)
        assert [status for status, _where in answers] == [303] * AT_ONCE
        assert [count(database, table) for table in (Person, LtiUser, Enrolment)] == [one + 1 for one in before]
    assert len(them.platform.asked_for("/jwks")) == 1  # one asked for the keys, and the others waited for her


def test_the_state_stays_out_of_the_address(browsers: tuple[Browsers, Database]) -> None:
    them, _database = browsers
    user = them.platform.users.setdefault("adres", User("adres"))
    link = them.platform.links["link-1"]
    question, cookie = them.begin(link, user)
    _status, where = them.launch(them.token(link, user, question), cookie)
    assert question["state"] not in where
    assert not parse_qs(urlsplit(where).query)
