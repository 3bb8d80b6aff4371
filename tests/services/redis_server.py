"""A Redis to test on: the one that is named, one that runs here, or a throw-away process."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import redis

from tests.services.processes import ServiceMissingError, free_port, running

NAMED = "TEST_REDIS_URL"
NEARBY = "redis://127.0.0.1:6379"
CLAIM = "leerlabo-test-run"
CLAIM_S = 7200
DATABASES = range(15, 0, -1)


@contextmanager
def redis_database() -> Iterator[str]:
    """Yield the address of an empty database that nobody else uses. Raises `ServiceMissingError`."""
    if named := os.environ.get(NAMED):
        if not _answers(named):
            raise ServiceMissingError(f"{NAMED} names a Redis that does not answer.")
        with _claimed(named) as url:
            yield url
    elif _answers(NEARBY):
        with _claimed(NEARBY) as url:
            yield url
    else:
        with _throw_away() as server, _claimed(server) as url:
            yield url


def empty(url: str) -> None:
    """Forget everything in this database, except that it is ours."""
    with redis.Redis.from_url(url) as client, client.pipeline() as pipe:
        pipe.flushdb()
        pipe.set(CLAIM, os.getpid(), ex=CLAIM_S)
        pipe.execute()


@contextmanager
def _claimed(server: str) -> Iterator[str]:
    """Take the first numbered database that is empty, and leave it empty."""
    url = next(filter(_claim, (_numbered(server, number) for number in DATABASES)), None)
    if url is None:
        raise ServiceMissingError(f"Redis has no empty database among 1 to 15. Name another one in {NAMED}.")
    try:
        yield url
    finally:
        with redis.Redis.from_url(url) as client:
            client.flushdb()


def _claim(url: str) -> bool:
    with redis.Redis.from_url(url) as client:
        if not client.set(CLAIM, os.getpid(), nx=True, ex=CLAIM_S):
            return False
        if client.dbsize() == 1:
            return True
        client.delete(CLAIM)
        return False


def _numbered(server: str, number: int) -> str:
    return urlunsplit(urlsplit(server)._replace(path=f"/{number}"))


def _answers(url: str) -> bool:
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=3) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


@contextmanager
def _throw_away() -> Iterator[str]:
    program = shutil.which("redis-server")
    if program is None:
        raise ServiceMissingError(f"Redis cannot be had: install redis-server, or name a server in {NAMED}.")
    home = Path(tempfile.mkdtemp(prefix="leerlabo-redis-"))
    port = free_port()
    url = f"redis://127.0.0.1:{port}"
    command = [
        program,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--dir",
        str(home),
        "--save",
        "",
        "--appendonly",
        "no",
    ]
    try:
        with running(command, name="Redis", log=home / "log", is_ready=lambda: _answers(url)):
            yield url
    finally:
        shutil.rmtree(home, ignore_errors=True)
