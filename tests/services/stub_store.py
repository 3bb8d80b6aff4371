"""A record store that misbehaves as it is told: it hangs, refuses, calls a repeat a conflict, or sends drop by drop."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Asked:
    """A request as it came."""

    method: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


Answering = Callable[[Asked], tuple[int, bytes]]


@dataclass
class StubStore:
    """`answer` decides; `asked` is what came. `hangs`: it takes a request and says nothing; `drips`: it never ends."""

    endpoint: str
    answer: Answering = lambda _asked: (204, b"")
    hangs: bool = False
    drips: bool = False
    asked: list[Asked] = field(default_factory=list)
    over: Event = field(default_factory=Event)

    @property
    def put(self) -> list[str]:
        """The ids of the statements that were put, in order."""
        return [asked.query["statementId"][0] for asked in self.asked if asked.method == "PUT"]


@contextmanager
def stub_store() -> Iterator[StubStore]:
    """One of them, on a free port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    store = StubStore(f"http://127.0.0.1:{server.server_address[1]}/xapi")
    server.store = store  # type: ignore[attr-defined]
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield store
    finally:
        store.over.set()
        server.shutdown()
        thread.join()
        server.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_PUT(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, *_words: Any) -> None:
        """Say nothing."""

    def _answer(self) -> None:
        store: StubStore = self.server.store  # type: ignore[attr-defined]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(self.command, parse_qs(urlsplit(self.path).query), dict(self.headers), body)
        store.asked.append(asked)
        if store.hangs:
            store.over.wait(60)
            self.close_connection = True
            return
        status, data = store.answer(asked)
        self.send_response(status)
        self.send_header("Content-Length", str(10_000 if store.drips else len(data)))
        self.end_headers()
        if store.drips:
            self._drip(store)
        elif status != 204:
            self.wfile.write(data)

    def _drip(self, store: StubStore) -> None:
        self.close_connection = True
        try:
            while not store.over.is_set():
                self.wfile.write(b".")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            return
