"""A program that talks to the record store, with a credential of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import orjson
import pytest
from flask import Flask
from werkzeug.test import TestResponse

from lms.kernel.config import Settings
from lms.kernel.db import Database
from tests.bench.server import Bench, empty_on
from tests.services.platform import HOST
from tests.services.schema import empty_tables
from tests.services.stub_store import StubStore, stub_store
from tests.web.xapi.sending_house import House
from xapi.credentials.models import Credential, Scope
from xapi.credentials.services import create_credential


class Program:
    """Calls the store: `get`, `put` and `post` add the version header and the credential."""

    def __init__(self, app: Flask, key: str, secret: str, version: str = "2.0.0", host: str = HOST) -> None:
        self.client, self.auth, self.version, self.host = app.test_client(), (key, secret), version, host

    def call(self, method: str, path: str, body: Any = None, **options: Any) -> TestResponse:
        """Send `body` as JSON, or as it is when it is bytes."""
        headers = {"X-Experience-API-Version": self.version} | options.pop("headers", {})
        if body is not None:
            options.setdefault("content_type", "application/json")
            options["data"] = body if isinstance(body, bytes) else orjson.dumps(body)
        return self.client.open(
            path, method=method, base_url=f"http://{self.host}", auth=self.auth, headers=headers, **options
        )

    def get(self, query: dict[str, str] | None = None, path: str = "/xapi/statements", **options: Any) -> TestResponse:
        return self.call("GET", path, query_string=query, **options)

    def put(self, statement: Any, uuid: str, **options: Any) -> TestResponse:
        return self.call("PUT", "/xapi/statements", statement, query_string={"statementId": uuid}, **options)

    def post(self, statements: Any, path: str = "/xapi/statements", **options: Any) -> TestResponse:
        return self.call("POST", path, statements, **options)

    def listed(self, **query: str) -> list[str]:
        """The ids of the statements in a list."""
        answer = self.get(query)
        assert answer.status_code == 200, answer.data
        return [statement["id"] for statement in answer.json["statements"]]  # type: ignore[index]


MakeProgram = Callable[..., tuple[Program, Credential]]


@pytest.fixture
def make_program(app: Flask, database: Database) -> MakeProgram:
    """Makes a program with its own credential: `make_program(Scope.READ, area="gezinszorg")`."""

    def make(*scopes: Scope, version: str = "2.0.0", **limits: Any) -> tuple[Program, Credential]:
        with database.write() as db:
            credential, secret = create_credential(db, "A program", scopes=scopes or (Scope.ALL,), **limits)
        return Program(app, credential.key, secret, version), credential

    return make


@pytest.fixture
def program(make_program: MakeProgram) -> Program:
    """A program that may do all, and speaks 2.0."""
    return make_program()[0]


# ---- forwarding ------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def other(backend: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bench]:
    """Another installation, running."""
    with empty_on(backend, tmp_path_factory.mktemp("other") / "platform") as bench:
        yield bench


@pytest.fixture
def there(other: Bench) -> Iterator[Database]:
    """The record of the other installation."""
    database = Database(other.settings.database_url)
    yield database
    empty_tables(database)
    database.dispose()


@pytest.fixture
def stub() -> Iterator[StubStore]:
    """A store that misbehaves as it is told."""
    with stub_store() as store_there:
        yield store_there


@pytest.fixture
def house(database: Database, settings: Settings) -> House:
    return House(database, settings)
