"""Another record store is read over HTTP: ours, as a server, by a command that writes in a database of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.serving import make_server

from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.errors import Refused
from tests.services.platform import settings_for
from tests.services.processes import free_port
from tests.services.schema import make_schema
from tests.unit.xapi.examples import minimal
from tests.unit.xapi.test_moving import make_key, run
from xapi.credentials.models import Scope
from xapi.credentials.services import create_credential
from xapi.statements.models import Statement
from xapi.statements.services import sources, store


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_for(database_url, tmp_path, LEERLABO_BASE_URL=f"http://127.0.0.1:{free_port()}")


@pytest.fixture
def served(app: Flask, settings: Settings) -> Iterator[str]:
    """The address of this test's platform, served by a thread."""
    port = urlsplit(settings.base_url).port
    assert port is not None
    server = make_server("127.0.0.1", port, app, threaded=True)
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"{settings.base_url}/xapi"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def elsewhere(empty_database_url: Callable[[], str]) -> Iterator[Database]:
    """The database of another installation."""
    database = Database(empty_database_url())
    make_schema(database)
    yield database
    database.dispose()


def test_a_whole_store_is_read_page_by_page(
    served: str,
    database: Database,
    elsewhere: Database,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(sources, "AT_ONCE", 4)
    with database.write() as db:
        given = store(db, [minimal(object={"id": f"urn:x:{number}"}) for number in range(10)])
        credential, secret = create_credential(db, "Reader", scopes=[Scope.READ])
    auth, key = f"{credential.key}:{secret}", make_key(elsewhere)
    assert run(elsewhere, "import", served, "--key", key, "--auth", auth) == 0
    with elsewhere.read() as db:
        assert list(db.scalars(sa.select(Statement.uuid).order_by(Statement.id))) == given
    assert run(elsewhere, "import", served, "--key", key, "--auth", auth) == 0
    assert capsys.readouterr().out.splitlines() == [
        "10 stored, 0 already here, 0 refused",
        "0 stored, 10 already here, 0 refused",
    ]
    with pytest.raises(Refused, match="answered 401"):
        run(elsewhere, "import", served, "--key", key, "--auth", "wrong:key", "--from-start")
