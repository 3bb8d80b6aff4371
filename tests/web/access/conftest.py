"""One world for all routes, made once on each make of database."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from jinja2 import FileSystemBytecodeCache

from lms.app import create_app
from lms.kernel.db import Database
from tests.services.held import held
from tests.services.platform import settings_for
from tests.services.schema import make_schema
from tests.web.access.walk import Walker
from tests.web.access.world import make_world


@pytest.fixture(scope="session")
def walker(
    empty_database_url: Callable[[], str],
    tmp_path_factory: pytest.TempPathFactory,
    _compiled_templates: FileSystemBytecodeCache,
) -> Iterator[Walker]:
    """Somebody who can be each of the visitors."""
    folder: Path = tmp_path_factory.mktemp("world")
    app = create_app(settings_for(empty_database_url(), folder))
    app.jinja_env.bytecode_cache = _compiled_templates
    database: Database = app.extensions["database"]
    make_schema(database)
    walker = Walker(make_world(app))
    with held(database) as holder:
        walker.put_back = holder.put_back
        yield walker
    database.dispose()
