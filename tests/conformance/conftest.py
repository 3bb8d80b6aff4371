"""A program that talks to the whole platform, once in each version of the standard and on each make of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

import pytest
from flask import Flask

from lms.app import create_app
from lms.kernel.db import Database
from tests.conformance.documents import PLACES, Documents, Place
from tests.services.platform import settings_for
from tests.services.schema import empty_tables
from tests.web.conftest import _compiled_templates, app, database, settings
from tests.web.xapi.conftest import MakeProgram, Program, make_program
from xapi.credentials.services import create_credential
from xapi.standard.version import Version

__all__ = ["_compiled_templates", "app", "database", "make_program", "settings"]


@pytest.fixture(params=list(Version))
def version(request: pytest.FixtureRequest) -> Version:
    """The version of the standard that the program speaks."""
    spoken: Version = request.param
    return spoken


@pytest.fixture
def program(make_program: MakeProgram, version: Version) -> Program:
    """A program that may do all."""
    return make_program(version=version)[0]


@pytest.fixture(params=PLACES, ids=lambda place: place.resource)
def place(request: pytest.FixtureRequest) -> Place:
    """Each of the three resources in turn."""
    found: Place = request.param
    return found


@pytest.fixture
def documents(program: Program, place: Place) -> Documents:
    """The documents of that resource."""
    return Documents(program, place)


@pytest.fixture(scope="module")
def lasting_app(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """One platform for all tests of a file: for many small tests that look only at what is theirs."""
    app = create_app(settings_for(database_url, tmp_path_factory.mktemp("platform")))
    yield app
    database: Database = app.extensions["database"]
    empty_tables(database)
    database.dispose()


Speak = Callable[[Version], Program]


@pytest.fixture(scope="module")
def speak(lasting_app: Flask) -> Speak:
    """Makes a program that may do all, on the platform that the tests of its file share: `speak(Version.V1)`."""
    database: Database = lasting_app.extensions["database"]
    with database.write() as db:
        credential, secret = create_credential(db, "A program")
    return partial(Program, lasting_app, credential.key, secret)


@pytest.fixture
def visiting(speak: Speak, version: Version) -> Program:
    """Such a program, once in each version."""
    return speak(version)
