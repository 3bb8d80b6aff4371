"""What every test may ask for: databases of both makes, and real servers that live as long as the run.

A test of data asks for `db`, a session inside a transaction that is rolled back; the code under test may commit.
A test of code that opens transactions of its own (jobs, commands, pages) asks for `database`. Never both in one test:
on SQLite the first holds the write lock. Both run twice, on SQLite and on PostgreSQL. Each worker of a parallel run
makes its own databases; servers start when the first test asks for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack
from typing import TypeVar

import pytest
from hypothesis import settings
from sqlalchemy.engine import URL
from sqlalchemy.orm import Session

from lms.kernel.db import Database
from lms.kernel.events import Events
from lms.kernel.i18n import DEFAULT_LANGUAGE, use_language
from tests.services import redis_server
from tests.services.postgresql import database_on, postgresql
from tests.services.processes import ServiceMissingError
from tests.services.redis_server import redis_database
from tests.services.s3 import KEYS, make_bucket, object_store
from tests.services.schema import empty_tables, make_schema
from tests.services.smtp import Mailbox, mail_server

pytest_plugins = ["tests.browser.visits"]  # judges the whole run, also when it is spread over workers

settings.register_profile("leerlabo", deadline=None)  # a busy machine is no fault: speed is for ./dev bench
settings.load_profile("leerlabo")

BACKENDS = ("sqlite", "postgresql")
Thing = TypeVar("Thing")


def _have(stack: ExitStack, server: Callable[[], AbstractContextManager[Thing]]) -> Thing:
    """A server that cannot be had fails the tests that need it: they are never skipped."""
    try:
        return stack.enter_context(server())
    except ServiceMissingError as error:
        pytest.fail(str(error), pytrace=False)


@pytest.fixture(autouse=True)
def dutch() -> Iterator[None]:
    """Every test begins in Dutch: a page that was asked for in this process leaves its language behind."""
    with use_language(DEFAULT_LANGUAGE):
        yield


# ---- databases -------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[URL]:
    """The address of a PostgreSQL on which databases may be made."""
    with ExitStack() as stack:
        yield _have(stack, postgresql)


@pytest.fixture(scope="session", params=BACKENDS)
def backend(request: pytest.FixtureRequest) -> str:
    """Which of the two makes of database this test runs on."""
    make: str = request.param
    return make


@pytest.fixture(scope="session")
def empty_database_url(
    backend: str, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], str]]:
    """Makes empty databases, without tables: call it for an address. They are dropped at the end of the run."""
    with ExitStack() as stack:

        def make() -> str:
            if backend == "sqlite":
                return f"sqlite:///{tmp_path_factory.mktemp('sqlite') / 'leerlabo.db'}"
            server: URL = request.getfixturevalue("postgresql_server")
            return stack.enter_context(database_on(server)).render_as_string(hide_password=False)

        yield make


@pytest.fixture(scope="session")
def database_url(empty_database_url: Callable[[], str]) -> str:
    """The address of this worker's database, with all tables and no rows."""
    url = empty_database_url()
    database = Database(url)
    make_schema(database)
    database.dispose()
    return url


@pytest.fixture(scope="session")
def _rolled_back(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.dispose()


@pytest.fixture
def events() -> Events:
    """Who listens in this test: nobody, until the test subscribes."""
    return Events()


@pytest.fixture
def db(_rolled_back: Database, events: Events) -> Iterator[Session]:
    """A session for code that reads and writes. A commit ends a savepoint; all is rolled back after the test."""
    engine = _rolled_back.engine.execution_options(leerlabo_begin="BEGIN IMMEDIATE")
    with engine.connect() as connection, connection.begin() as everything:
        with Session(connection, expire_on_commit=False, join_transaction_mode="create_savepoint") as session:
            events.attach(session.info)
            yield session
        everything.rollback()


@pytest.fixture
def database(database_url: str, events: Events) -> Iterator[Database]:
    """A database for code that opens its own transactions. All rows are removed after the test."""
    database = Database(database_url, events=events)
    yield database
    empty_tables(database)
    database.dispose()


# ---- other servers ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def _redis() -> Iterator[str]:
    with ExitStack() as stack:
        yield _have(stack, redis_database)


@pytest.fixture
def redis_url(_redis: str) -> str:
    """The address of a Redis database that holds nothing."""
    redis_server.empty(_redis)
    return _redis


@pytest.fixture(scope="session")
def _mailbox() -> Iterator[Mailbox]:
    with mail_server() as mailbox:
        yield mailbox


@pytest.fixture
def mailbox(_mailbox: Mailbox) -> Mailbox:
    """A mail server's box: `mailbox.url` is where to send, `mailbox.messages` what arrived in this test."""
    _mailbox.messages.clear()
    return _mailbox


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """The address of an S3 server without buckets."""
    with ExitStack() as stack:
        yield _have(stack, object_store)


@pytest.fixture
def s3_url(s3_server: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The address of an empty bucket, as LEERLABO_STORAGE_URL takes it; its keys are in the environment."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    return make_bucket(s3_server, f"bucket-{abs(hash(request.node.nodeid))}")
