"""The platform on a database of either make, and somebody who visits it.

`app` is the real `create_app`. What a test writes through `database.write()` (here the platform's own database, with
all its listeners) is there for the pages, and gone after the test. `visitor` has no cookies; `another_visitor()` makes
one more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import FileSystemBytecodeCache

from lms.app import create_app
from lms.kernel.config import Settings
from lms.kernel.db import Database
from tests.services.platform import settings_for
from tests.services.schema import empty_tables
from tests.web.visitor import Visitor, visitor_of


@pytest.fixture(scope="session")
def _compiled_templates(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Each test has a platform of its own, but templates need to be compiled only once."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("templates")))


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """The settings of this test's platform. A test file may bring its own fixture of this name."""
    return settings_for(database_url, tmp_path)


@pytest.fixture
def app(settings: Settings, _compiled_templates: FileSystemBytecodeCache) -> Iterator[Flask]:
    """The whole platform."""
    app = create_app(settings)
    app.jinja_env.bytecode_cache = _compiled_templates
    yield app
    database: Database = app.extensions["database"]
    empty_tables(database)
    database.dispose()


@pytest.fixture
def database(app: Flask) -> Database:
    """The platform's own database."""
    platform_database: Database = app.extensions["database"]
    return platform_database


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody who is not signed in."""
    return visitor_of(app)


@pytest.fixture
def client(visitor: Visitor) -> Visitor:
    """The same visitor, for tests of what programs ask."""
    return visitor


@pytest.fixture
def another_visitor(app: Flask) -> Callable[[], Visitor]:
    """Makes one more visitor, with cookies of her own."""
    return partial(visitor_of, app)
