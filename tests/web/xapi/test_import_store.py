"""Another record store is read over HTTP: ours, as a server, by a command that writes in a database of its own; and
some that misbehave.
"""

from __future__ import annotations

import argparse
import hashlib
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import orjson
import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.serving import make_server

from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.errors import CommandRefused
from lms.kernel.storage import Storage
from tests.conformance.multipart import attachment, file_part, send
from tests.conformance.test_signatures import sign, signed
from tests.services.platform import settings_for
from tests.services.processes import free_port
from tests.services.schema import make_schema
from tests.unit.xapi.examples import minimal
from tests.unit.xapi.test_moving import make_key
from tests.web.xapi.conftest import Program
from xapi.credentials.models import Scope
from xapi.credentials.services import create_credential
from xapi.standard.signature import CONTENT_TYPE
from xapi.statements import cli, services
from xapi.statements.models import Statement, StatementFile
from xapi.statements.queries import file_key
from xapi.statements.services import other_store, store


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


@dataclass
class Elsewhere:
    """Another installation, which takes statements in."""

    database: Database
    settings: Settings
    key: str
    storage: Storage = field(init=False)

    def __post_init__(self) -> None:
        self.storage = Storage(self.settings.storage_url)

    def take(self, source: str, *more: str) -> int:
        """Import from a record store."""
        parser = argparse.ArgumentParser(prog="leerlabo lrs")
        cli.add_commands(parser.add_subparsers(required=True))
        chosen = parser.parse_args(["import", source, "--key", self.key, *more])
        code: int = chosen.run(chosen, self.settings, self.database)
        return code

    def kept(self) -> list[UUID]:
        with self.database.read() as db:
            return list(db.scalars(sa.select(Statement.uuid).order_by(Statement.id)))

    def files(self) -> dict[UUID, set[str]]:
        """Which data came with which statement."""
        query = sa.select(Statement.uuid, StatementFile.sha2)
        found: dict[UUID, set[str]] = {}
        with self.database.read() as db:
            for uuid, sha2 in db.execute(query.join(StatementFile, StatementFile.statement_id == Statement.id)):
                found.setdefault(uuid, set()).add(sha2)
        return found

    def data(self, sha2: str) -> bytes:
        return self.storage.get(file_key(sha2))


@pytest.fixture
def elsewhere(empty_database_url: Callable[[], str], tmp_path: Path) -> Iterator[Elsewhere]:
    url = empty_database_url()
    database = Database(url)
    make_schema(database)
    yield Elsewhere(database, settings_for(url, tmp_path / "elsewhere"), make_key(database))
    database.dispose()


@pytest.fixture
def here(database: Database, settings: Settings) -> Elsewhere:
    """This test's own platform, as one that takes statements in."""
    return Elsewhere(database, settings, make_key(database))


@pytest.fixture
def program(app: Flask, database: Database, settings: Settings) -> Program:
    """Sends statements to this test's platform."""
    with database.write() as db:
        credential, secret = create_credential(db, "Sender")
    return Program(app, credential.key, secret, host=settings.base_host)


@pytest.fixture
def auth(database: Database) -> str:
    """What this test's platform asks for."""
    with database.write() as db:
        credential, secret = create_credential(db, "Reader", scopes=[Scope.READ])
    return f"{credential.key}:{secret}"


def sha2_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# ---- page by page ----------------------------------------------------------------------------------------------------


def test_a_whole_store_is_read_page_by_page(
    served: str,
    database: Database,
    elsewhere: Elsewhere,
    auth: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(other_store, "AT_ONCE", 4)
    with database.write() as db:
        given = store(db, [minimal(object={"id": f"urn:x:{number}"}) for number in range(10)])
    assert elsewhere.take(served, "--auth", auth) == 0
    assert elsewhere.kept() == given
    assert elsewhere.take(served, "--auth", auth) == 0
    assert capsys.readouterr().out.splitlines() == [
        "10 stored, 0 already here, 0 refused",
        "0 stored, 10 already here, 0 refused",
    ]
    with pytest.raises(CommandRefused, match="answered 401"):
        elsewhere.take(served, "--auth", "wrong:key", "--from-start")


# ---- the data of attachments -----------------------------------------------------------------------------------------


@pytest.fixture
def sent(program: Program) -> dict[str, tuple[bytes, ...]]:
    """Statements in this test's platform, by id, with the data that came with them: pictures, and two signed."""
    found: dict[str, tuple[bytes, ...]] = {}
    for number in range(6):
        uuid, data = str(uuid4()), (b"\x89PNG\r\n--" + bytes([number]) * 1_000, b"a second one")
        statement = minimal(id=uuid, attachments=[attachment(it) for it in data])
        answer = send(program, statement, *(file_part(it) for it in data))
        assert answer.status_code == 200, answer.data
        found[uuid] = data
    for _signed in range(2):
        statement = minimal(id=str(uuid4()), timestamp="2026-11-23T10:00:00Z")
        token = sign(orjson.dumps(statement))
        answer = send(program, signed(statement, token), file_part(token, content_type=CONTENT_TYPE))
        assert answer.status_code == 200
        found[statement["id"]] = (token,)
    plain = minimal(id=str(uuid4()), attachments=[attachment(b"elsewhere", fileUrl="https://files.example/a")])
    assert program.post(plain).status_code == 200
    found[plain["id"]] = ()
    return found


@pytest.mark.parametrize("largest", [other_store.LARGEST_PAGE, 6_000], ids=["with its page", "by itself"])
def test_the_data_of_attachments_comes_along(
    served: str,
    sent: dict[str, tuple[bytes, ...]],
    elsewhere: Elsewhere,
    auth: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    largest: int,
) -> None:
    monkeypatch.setattr(other_store, "AT_ONCE", 3)
    monkeypatch.setattr(other_store, "LARGEST_PAGE", largest)
    assert elsewhere.take(served, "--auth", auth) == 0
    assert [str(uuid) for uuid in elsewhere.kept()] == list(sent)
    assert elsewhere.files() == {UUID(uuid): {sha2_of(it) for it in data} for uuid, data in sent.items() if data}
    for data in sent.values():
        for it in data:
            assert elsewhere.data(sha2_of(it)) == it
    assert elsewhere.take(served, "--auth", auth) == 0
    assert capsys.readouterr().out.splitlines() == [
        "9 stored, 0 already here, 0 refused",
        "0 stored, 9 already here, 0 refused",
    ]


def test_it_goes_on_where_it_stopped_with_the_data(
    served: str,
    sent: dict[str, tuple[bytes, ...]],
    elsewhere: Elsewhere,
    auth: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(other_store, "AT_ONCE", 3)
    real, turns = services.import_piece, iter([True, False])

    def stopping(*values: Any, **named: Any) -> Any:
        if not next(turns):
            raise KeyboardInterrupt
        return real(*values, **named)

    with monkeypatch.context() as patch:
        patch.setattr(services, "import_piece", stopping)
        with pytest.raises(KeyboardInterrupt):
            elsewhere.take(served, "--auth", auth)
    assert len(elsewhere.files()) == 3
    assert elsewhere.take(served, "--auth", auth) == 0
    assert capsys.readouterr().out == "6 stored, 0 already here, 0 refused\n"
    assert elsewhere.files().keys() == {UUID(uuid) for uuid, data in sent.items() if data}


def test_a_page_with_much_data_is_read_in_little_memory(
    served: str, program: Program, elsewhere: Elsewhere, auth: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    megabyte = 1024 * 1024
    monkeypatch.setattr(other_store, "LARGEST_PAGE", 2 * megabyte)
    for number in range(40):
        data = bytes([number]) * megabyte
        assert send(program, minimal(attachments=[attachment(data)]), file_part(data)).status_code == 200
    tracemalloc.start()
    assert elsewhere.take(served, "--auth", auth) == 0
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(elsewhere.files()) == 40
    assert peak < 20 * megabyte  # the server in this process has some of it


# ---- stores that misbehave -------------------------------------------------------------------------------------------


@dataclass
class Bad:
    """A server that says what it is told, octet by octet. `asked`: the path of each request, and its key."""

    port: int
    says: Callable[[str], bytes] = lambda _path: b""
    asked: list[tuple[str, str | None]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/xapi"


@contextmanager
def bad_server() -> Iterator[Bad]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            told.asked.append((self.path, self.headers["Authorization"]))
            self.wfile.write(told.says(self.path))

        def log_message(self, *_words: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    told = Bad(server.server_address[1])
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield told
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def bad() -> Iterator[Bad]:
    with bad_server() as server:
        yield server


@pytest.fixture
def stranger() -> Iterator[Bad]:
    """Somebody else's server."""
    with bad_server() as server:
        yield server


def said(body: bytes, *headers: str, status: int = 200) -> bytes:
    """A whole answer."""
    head = [f"HTTP/1.0 {status} So", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(head).encode() + body


def page(*statements: Any, more: Any = "") -> bytes:
    return said(orjson.dumps({"statements": statements, "more": more}), "Content-Type: application/json")


CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
MIXED = "Content-Type: multipart/mixed; boundary=b"


@pytest.mark.parametrize(
    "answer",
    [
        CHUNKED + b"ffff\r\n" + b'{"statements": [',
        CHUNKED + b"nonsense",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n" + b'{"statements": [',
        b"nonsense\r\n\r\n",
        b"",
        said(b"[]"),
        said(b"[" * 100_000),
        said(b'{"statements": [{"id": "\xff"}], "more": 3}'),
        said(b"--b\r\nContent-Type: application/json\r\n\r\n{}", MIXED),
        said(b"--b\r\nContent-Type: text/plain\r\n\r\n{}\r\n--b--", MIXED),
        said(b"--b\r\nContent-Type: application/json\r\n\r\n{}\r\n--b--", "Content-Type: multipart/mixed"),
        said(b"", "Location: file:///etc/passwd", status=302),
        said(b"", "Location: http://127.0.0.1:9/", status=302),
    ],
)
def test_a_store_that_is_cut_off_or_says_nonsense(here: Elsewhere, bad: Bad, answer: bytes) -> None:
    bad.says = lambda _path: answer
    with pytest.raises(CommandRefused, match="did not answer as a record store does"):
        here.take(bad.address)
    assert here.kept() == []


def test_what_came_before_it_was_cut_off_stays(here: Elsewhere, bad: Bad) -> None:
    uuid = uuid4()
    following = "/xapi/statements?cursor=1"
    bad.says = lambda path: CHUNKED if "cursor" in path else page(minimal(id=str(uuid)), more=following)
    with pytest.raises(CommandRefused, match=r"cursor=1 did not answer"):
        here.take(bad.address)
    bad.says = lambda _path: page()
    assert here.take(bad.address) == 0
    assert here.kept() == [uuid]
    assert bad.asked[-1][0] == following


@pytest.mark.parametrize(
    "more", ["{other}/xapi/statements", "//127.0.0.1:{port}/xapi", "file:///etc/passwd", "ftp://x/"]
)
def test_the_key_goes_nowhere_else(here: Elsewhere, bad: Bad, stranger: Bad, more: str) -> None:
    there = more.format(other=f"http://127.0.0.1:{stranger.port}", port=stranger.port)
    bad.says = lambda _path: page(minimal(), more=there)
    with pytest.raises(CommandRefused, match="sends us on to"):
        here.take(bad.address, "--auth", "key:secret")
    bad.says = lambda _path: said(b"", f"Location: {there}", status=302)
    with pytest.raises(CommandRefused, match="did not answer"):
        here.take(bad.address, "--auth", "key:secret", "--from-start")
    assert {key for _path, key in bad.asked} == {"Basic a2V5OnNlY3JldA=="}
    assert stranger.asked == []


def test_a_more_that_leads_to_itself_ends(here: Elsewhere, bad: Bad) -> None:
    bad.says = lambda path: page(minimal(), more=path)
    with pytest.raises(CommandRefused, match="leads back to it"):
        here.take(bad.address)


def test_lines_are_numbered_from_the_first_one_each_time(
    here: Elsewhere, bad: Bad, capsys: pytest.CaptureFixture[str]
) -> None:
    bad.says = lambda _path: page(minimal(verb={"id": "bad"}), minimal(verb={"id": "bad"}), more=None)
    for _time in range(2):
        assert here.take(bad.address) == 1
        lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("line")]
        assert [line.split(":")[0] for line in lines] == ["line 1", "line 2"]
