"""A load client for one machine: many keep-alive connections, one thread, as little work as a request can take.

It speaks just enough HTTP/1.1 to count answers and time them; anything but the expected status stops the run.
"""

from __future__ import annotations

import selectors
import socket
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

HEAD_END = b"\r\n\r\n"
LENGTH = b"content-length: "


@dataclass(frozen=True, slots=True)
class Measured:
    """What a run gave: answers a second and how long one took, in milliseconds."""

    rate: float
    p50: float
    p95: float
    answers: int


@dataclass(slots=True)
class _Connection:
    socket: socket.socket
    number: int
    count: int = 0
    sent_at: float = 0.0
    buffer: bytearray = field(default_factory=bytearray)
    needed: int = 0


# (connection, how many it sent before) → a whole request; `StopIteration` when there are no more
Requests = Callable[[int, int], bytes]


def run(port: int, requests: Requests, *, connections: int, seconds: float, expect: Sequence[int]) -> Measured:
    """Keep `connections` busy for so many seconds, or until one finds no more requests.

    Raises `RuntimeError` on a status that was not expected.
    """
    selector = selectors.DefaultSelector()
    opened = [_Connection(socket.create_connection(("127.0.0.1", port)), number) for number in range(connections)]
    for connection in opened:
        connection.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    started = time.perf_counter()
    for connection in opened:
        _send(connection, requests)
    times = _serve(selector, requests, started + seconds, {str(status).encode() for status in expect})
    elapsed = time.perf_counter() - started
    for connection in opened:
        connection.socket.close()
    selector.close()
    times.sort()
    return Measured(len(times) / elapsed, _part(times, 0.50), _part(times, 0.95), len(times))


def _serve(selector: selectors.BaseSelector, requests: Requests, until: float, expected: set[bytes]) -> list[float]:
    times: list[float] = []
    with suppress(StopIteration):
        while (now := time.perf_counter()) < until:
            for key, _events in selector.select(until - now):
                connection: _Connection = key.data
                if _receive(connection):
                    times.append((time.perf_counter() - connection.sent_at) * 1000)
                    _check(connection, expected)
                    _send(connection, requests)
    return times


def _send(connection: _Connection, requests: Requests) -> None:
    connection.buffer.clear()
    connection.needed = 0
    message = requests(connection.number, connection.count)
    connection.count += 1
    connection.sent_at = time.perf_counter()
    connection.socket.sendall(message)


def _receive(connection: _Connection) -> bool:
    """Read what is there; True once the answer is whole."""
    data = connection.socket.recv(262_144)
    if not data:
        raise RuntimeError("the server closed a connection")
    connection.buffer += data
    if not connection.needed:
        end = connection.buffer.find(HEAD_END)
        if end < 0:
            return False
        head = bytes(connection.buffer[:end]).lower()
        place = head.find(LENGTH)
        length = int(head[place + len(LENGTH) :].split(b"\r\n", 1)[0]) if place >= 0 else 0
        connection.needed = end + len(HEAD_END) + length
    return len(connection.buffer) >= connection.needed


def _check(connection: _Connection, expected: set[bytes]) -> None:
    status = bytes(connection.buffer[9:12])
    if status not in expected:
        raise RuntimeError(f"status {status.decode()}: {bytes(connection.buffer[:400])!r}")


def _part(times: list[float], share: float) -> float:
    return times[min(len(times) - 1, int(len(times) * share))] if times else 0.0
