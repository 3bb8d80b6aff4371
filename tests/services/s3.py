"""An object store that speaks S3."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

from tests.services.processes import free_port, is_listening, running

KEYS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


@contextmanager
def object_store() -> Iterator[str]:
    """Yield the address of a server on a free port. Its buckets live in memory."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with (
        tempfile.TemporaryDirectory(prefix="leerlabo-s3-") as home,
        running(command, name="The S3 server", log=Path(home, "log"), is_ready=lambda: is_listening(port)),
    ):
        yield f"http://127.0.0.1:{port}"


def make_bucket(endpoint: str, name: str) -> str:
    """Make a bucket; returns what LEERLABO_STORAGE_URL takes."""
    with urlopen(Request(f"{endpoint}/{name}", method="PUT")):
        return f"s3://{name}/files?endpoint={endpoint}&region=us-east-1"
