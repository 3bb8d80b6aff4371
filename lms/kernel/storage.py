"""Files: a folder by default, S3 when set. Keys are paths with `/`; nothing here is ever served without a check."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import obstore
from obstore.exceptions import GenericError
from obstore.store import LocalStore, ObjectStore, S3Store

from lms.kernel.errors import NotFound

LONGEST_PART = 200  # bytes; a folder takes 255, and writes some characters as three


class Storage:
    """Bytes by key. `url`: `file:///folder`, or `s3://bucket/prefix?endpoint=http://…&region=…` (keys from AWS_…)."""

    def __init__(self, url: str) -> None:
        self._store = _store(url)

    def put(self, key: str, data: bytes) -> None:
        """Keep these bytes under this key, replacing what was there. Raises `ValueError` for what cannot be a key."""
        if not is_key(key):
            raise ValueError(f"not a key: {key!r}")
        obstore.put(self._store, key, data)

    def get(self, key: str) -> bytes:
        """The bytes under this key. Raises `NotFound`, also for what cannot be a key: people type addresses."""
        if not is_key(key):
            raise NotFound(key)
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except (FileNotFoundError, GenericError) as error:
            if not _is_absent(error):
                raise
            raise NotFound(key) from None

    def exists(self, key: str) -> bool:
        """Whether there is something under this key."""
        return self._written_at(key) is not None

    def is_older(self, key: str, moment: datetime) -> bool:
        """Whether there is something under this key, last written before a moment."""
        written_at = self._written_at(key)
        return written_at is not None and written_at < moment

    def delete(self, key: str) -> None:
        """Forget this key; no harm when it is not there."""
        if self.exists(key):
            obstore.delete(self._store, key)

    def list(self, prefix: str) -> list[str]:
        """The keys below this folder, sorted."""
        return sorted(entry["path"] for batch in obstore.list(self._store, prefix) for entry in batch)

    def list_older(self, prefix: str, moment: datetime) -> Iterator[Sequence[str]]:
        """The keys below this folder that were last written before a moment, some at a time."""
        for batch in obstore.list(self._store, prefix):
            yield [entry["path"] for entry in batch if entry["last_modified"] < moment]

    def _written_at(self, key: str) -> datetime | None:
        if not is_key(key):
            return None
        try:
            return obstore.head(self._store, key)["last_modified"]
        except (FileNotFoundError, GenericError) as error:
            if not _is_absent(error):
                raise
            return None


def is_key(key: str) -> bool:
    """Whether every kind of store can keep this: no empty, very long or dotted parts, no control characters."""
    return key.isprintable() and all(
        0 < len(part.encode()) <= LONGEST_PART and part not in {".", ".."} for part in key.split("/")
    )


def _is_absent(error: Exception) -> bool:
    """A folder also finds nothing *below a file*, and has only a general error to say so."""
    return isinstance(error, FileNotFoundError) or "NotADirectory" in str(error)


def _store(url: str) -> ObjectStore:
    parts = urlsplit(url)
    if parts.scheme == "s3":
        options = {key: values[0] for key, values in parse_qs(parts.query).items()}
        endpoint = options.get("endpoint")
        return S3Store(
            parts.netloc,
            prefix=parts.path.strip("/") or None,
            region=options.get("region", "eu-west-1"),
            endpoint=endpoint,
            client_options={"allow_http": True} if endpoint and endpoint.startswith("http://") else None,
        )
    folder = Path(parts.netloc + parts.path)
    folder.mkdir(parents=True, exist_ok=True)
    return LocalStore(folder)
