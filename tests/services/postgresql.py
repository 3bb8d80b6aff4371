"""A PostgreSQL to test on: the one that is named, one that runs here, or a throw-away cluster of our own."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

from tests.services.processes import ServiceMissingError, free_port, running

NAMED = "TEST_DATABASE_URL"
NEARBY = ("postgresql+psycopg:///postgres", "postgresql+psycopg://postgres@localhost/postgres")
SUPERUSER = "postgres"
ROOMY = ("max_connections=200",)
# Speed over safety: nothing here outlives the run.
FAST = (*ROOMY, "fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off")


@contextmanager
def postgresql(*, durable: bool = False) -> Iterator[URL]:
    """Yield the address of a server on which databases may be made. Raises `ServiceMissingError`.

    `durable`: one of our own keeps its promises, as a bench wants that says what they cost. (A server that is there
    already is as it was set up.)
    """
    if named := os.environ.get(NAMED):
        url = make_url(named).set(drivername="postgresql+psycopg")
        if problem := _problem(url):
            raise ServiceMissingError(f"{NAMED} names a PostgreSQL that cannot be used: {problem}")
        yield url
    elif found := next((url for url in map(make_url, NEARBY) if not _problem(url)), None):
        yield found
    else:
        with _throw_away(ROOMY if durable else FAST) as url:
            yield url


@contextmanager
def database_on(server: URL) -> Iterator[URL]:
    """Make a database with a name of its own on this server; drop it at the end."""
    name = f"leerlabo_test_{uuid4().hex[:12]}"
    _execute(server, sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
    try:
        yield server.set(database=name)
    finally:
        _execute(server, sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))


def _connect(url: URL) -> psycopg.Connection:
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return psycopg.connect(address, autocommit=True, connect_timeout=3)


def _execute(url: URL, statement: sql.Composed) -> None:
    with _connect(url) as connection:
        connection.execute(statement)


def _problem(url: URL) -> str:
    """Why we cannot make databases there; empty when we can."""
    try:
        with _connect(url) as connection:
            row = connection.execute(
                "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
            ).fetchone()
    except psycopg.Error as error:
        return str(error)
    return "" if row and row[0] else "its user may not create databases"


@contextmanager
def _throw_away(settings: Sequence[str] = FAST) -> Iterator[URL]:
    programs = _programs()
    home = Path(tempfile.mkdtemp(prefix="leerlabo-postgresql-"))
    try:
        user = _owner(home)
        data, log, port = home / "data", home / "log", free_port()
        _init(programs, data, user)
        url = URL.create("postgresql+psycopg", username=SUPERUSER, host="127.0.0.1", port=port, database="postgres")
        command = [str(programs / "postgres"), "-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", str(home)]
        for setting in settings:
            command += ["-c", setting]
        with running(
            command,
            name="PostgreSQL",
            log=log,
            is_ready=lambda: not _problem(url),
            user=user,
            stop_with=signal.SIGINT,  # "fast": it does not wait for clients to leave
        ):
            yield url
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _programs() -> Path:
    """The folder of initdb and postgres: the newest that Debian installed, or the one on the path."""
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]), reverse=True
    )
    on_path = shutil.which("initdb")
    if not versions and on_path is None:
        raise ServiceMissingError(
            f"PostgreSQL cannot be had: install the package postgresql, or name a server in {NAMED}."
        )
    return versions[0].parent if versions else Path(str(on_path)).resolve().parent


def _owner(home: Path) -> str | None:
    """PostgreSQL never runs as root: give its home to the user that Debian's package made."""
    if os.geteuid() != 0:
        return None
    try:
        shutil.chown(home, SUPERUSER)
    except LookupError:
        raise ServiceMissingError(
            f"PostgreSQL cannot be had: it never runs as root and there is no user {SUPERUSER}. "
            f"Name a server in {NAMED}, or run as somebody else."
        ) from None
    return SUPERUSER


def _init(programs: Path, data: Path, user: str | None) -> None:
    command = [str(programs / "initdb"), "-D", str(data), "-U", SUPERUSER, "--auth=trust", "--encoding=UTF8"]
    command += ["--locale=C.UTF-8", "--no-sync"]
    try:
        subprocess.run(command, check=True, capture_output=True, user=user, group=user, cwd=data.parent)
    except subprocess.CalledProcessError as error:
        raise ServiceMissingError(f"PostgreSQL cannot be had: initdb said {error.stderr.decode()}") from error
