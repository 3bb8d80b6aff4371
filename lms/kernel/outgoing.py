"""Ask a server that somebody else named: within a time, never more than so much, and nothing inside our own network.

Who types an address may mean harm, or its owner may be down: so a request ends when its time is up, an answer has a
largest size, a redirect leads nowhere but to the same origin, and the address that was judged is the one we connect to.
"""

from __future__ import annotations

import http.client
import ipaddress
import json
import socket
import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from queue import Empty, SimpleQueue
from threading import Event, Thread, Timer
from time import monotonic
from typing import Any
from urllib.parse import SplitResult, urljoin, urlsplit

LIMIT_S = 5.0
MOST_OCTETS = 1_000_000
MOST_REDIRECTS = 3
REDIRECTS = frozenset({301, 302, 303, 307, 308})
_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Fault(StrEnum):
    """Why a server could not be asked. Whoever shows it has the words."""

    NOT_AN_ADDRESS = "not-an-address"
    NO_SUCH_HOST = "no-such-host"
    INSIDE = "inside"  # a machine of our own network, or this one
    REFUSED = "refused"
    NOT_SECURE = "not-secure"  # TLS, or a certificate that is not good
    TOO_LATE = "too-late"
    TOO_LARGE = "too-large"
    ELSEWHERE = "elsewhere"  # it sends us on to another host, or round and round
    BROKEN = "broken"


class Unreachable(Exception):  # noqa: N818  said as people say it: the server is unreachable
    """There is no answer. `fault` says why, `detail` in the words of the machine, for a log."""

    def __init__(self, fault: Fault, detail: str = "") -> None:
        super().__init__(f"{fault}: {detail}" if detail else str(fault))
        self.fault, self.detail = fault, detail


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said, whatever the status. Names of headers are in small letters, each once, with all its lines."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)

    @property
    def is_good(self) -> bool:
        """Whether it did what was asked."""
        return 200 <= self.status < 300

    def json(self) -> Any:
        """The body as JSON. Raises `ValueError`."""
        try:
            return json.loads(self.body)
        except RecursionError as error:
            raise ValueError("too deep") from error


class Outgoing:
    """The way out. `may_go_inside`: the setting that lets it reach our own network, as on somebody's own machine."""

    def __init__(self, *, may_go_inside: bool, limit_s: float = LIMIT_S, most_octets: int = MOST_OCTETS) -> None:
        self._may_go_inside, self._limit_s, self._most_octets = may_go_inside, limit_s, most_octets

    def ask(
        self, url: str, method: str = "GET", *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """One request, and a GET's redirects on the same origin. Raises `Unreachable`. Holds no transaction, please."""
        until = monotonic() + self._limit_s
        for _hop in range(MOST_REDIRECTS + 1):
            parts = _split(url)
            answer = self._ask_once(parts, method, headers or {}, body, until)
            if answer.status not in REDIRECTS or "location" not in answer.headers:
                return answer
            there = _join(url, answer.headers["location"])
            if method not in ("GET", "HEAD") or _origin(_split(there)) != _origin(parts):
                raise Unreachable(Fault.ELSEWHERE, there[:200])
            url = there
        raise Unreachable(Fault.ELSEWHERE, url[:200])

    def _ask_once(
        self, parts: SplitResult, method: str, headers: Mapping[str, str], body: bytes | None, until: float
    ) -> Answer:
        host, port = parts.hostname or "", parts.port or _PORTS[parts.scheme]
        limit_s = max(0.0, until - monotonic())
        address = find_address(host, port, may_go_inside=self._may_go_inside, limit_s=limit_s)
        left_s = until - monotonic()
        if left_s <= 0:
            raise Unreachable(Fault.TOO_LATE)
        connection = _Connection(host, port, address, parts.scheme == "https", left_s)
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        try:
            connection.request(method, path, body, dict(headers))
            with connection.getresponse() as response:
                data = response.read(self._most_octets + 1)
                answer = Answer(response.status, _joined(response.getheaders()), data)
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(_fault_of(error, is_late=connection.is_late), str(error)[:200]) from error
        finally:
            connection.finish()
        if connection.is_late:
            raise Unreachable(Fault.TOO_LATE)
        if len(data) > self._most_octets:
            raise Unreachable(Fault.TOO_LARGE, f"more than {self._most_octets} octets")
        return answer


def find_address(host: str, port: int, *, may_go_inside: bool, limit_s: float = LIMIT_S) -> str:
    """The IP address to connect to: that one, not the name, which may lead elsewhere a moment later.

    When one of a host's addresses is inside, none is good: it could be another next time. Raises `Unreachable`.
    """
    addresses = _look_up(host, port, limit_s)
    if not may_go_inside and any(is_inside(address) for address in addresses):
        raise Unreachable(Fault.INSIDE, host)
    # Names of this machine mean ::1 as well as 127.0.0.1, and most servers listen on the second.
    return min(addresses, key=lambda address: ":" in address)


def _look_up(host: str, port: int, limit_s: float) -> list[str]:
    """The addresses behind a name. The system's own looking up cannot be told to stop, so a thread waits for it, and is
    left behind when the time is up.
    """
    found: SimpleQueue[list[str] | Exception] = SimpleQueue()

    def look() -> None:
        try:
            found.put([str(place[0]) for *_kind, place in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)])
        except (OSError, UnicodeError) as error:
            found.put(error)

    Thread(target=look, name="look-up", daemon=True).start()
    try:
        answer = found.get(timeout=limit_s)
    except Empty:
        raise Unreachable(Fault.TOO_LATE, f"no address of {host}") from None
    if isinstance(answer, Exception):
        raise Unreachable(Fault.NO_SUCH_HOST, str(answer)) from answer
    return answer


def is_inside(address: str) -> bool:
    """Whether an IP address leads to this machine, to our own network, or to nothing that is on the internet."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip in _NAT64:
            return is_inside(str(ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)))
        within = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if within:
            return is_inside(str(within))
    return not ip.is_global or ip.is_multicast or ip.is_reserved


def is_same_origin(one: str, other: str) -> bool:
    """Whether two addresses are of the same server; false for what is no address."""
    try:
        return _origin(_split(one)) == _origin(_split(other))
    except Unreachable:
        return False


def _split(url: str) -> SplitResult:
    """An address in parts. One with a name or a password in it, or with signs no address has, is none."""
    try:
        parts = urlsplit(url)
        is_there = bool(parts.hostname) and parts.port != 0
    except ValueError as error:
        raise Unreachable(Fault.NOT_AN_ADDRESS, url[:200]) from error
    is_plain = url.isascii() and url.isprintable() and " " not in url and "@" not in parts.netloc
    if parts.scheme not in _PORTS or not is_there or not is_plain:
        raise Unreachable(Fault.NOT_AN_ADDRESS, url[:200])
    return parts


def _join(url: str, there: str) -> str:
    """Where a redirect leads. Raises `Unreachable`."""
    try:
        return str(urljoin(url, there))
    except ValueError as error:
        raise Unreachable(Fault.BROKEN, there[:200]) from error


def _origin(parts: SplitResult) -> tuple[str, str, int]:
    return parts.scheme, parts.hostname or "", parts.port or _PORTS[parts.scheme]


def _joined(headers: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Lines with one name are one list (RFC 9110, 5.2)."""
    lists: dict[str, list[str]] = {}
    for name, value in headers:
        lists.setdefault(name.lower(), []).append(value)
    return {name: ", ".join(values) for name, values in lists.items()}


def _fault_of(error: Exception, *, is_late: bool) -> Fault:
    if is_late or isinstance(error, TimeoutError):
        return Fault.TOO_LATE
    if isinstance(error, ssl.SSLError):
        return Fault.NOT_SECURE
    return Fault.REFUSED if isinstance(error, ConnectionRefusedError) else Fault.BROKEN


@lru_cache
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


class _Connection(http.client.HTTPConnection):
    """A connection to an address that was judged, which is cut when its time is up, even in the middle of a word."""

    def __init__(self, host: str, port: int, address: str, is_secure: bool, left_s: float) -> None:  # noqa: FBT001
        super().__init__(host, port, timeout=left_s)
        self.default_port = _PORTS["https" if is_secure else "http"]  # what the Host header leaves out
        self._address, self._is_secure, self._late = address, is_secure, Event()
        self._open: socket.socket | None = None
        self._timer = Timer(left_s, self._cut)
        self._timer.daemon = True

    @property
    def is_late(self) -> bool:
        """Whether it was cut."""
        return self._late.is_set()

    def connect(self) -> None:
        """Connect, and shake hands over TLS. The time runs from here."""
        self._timer.start()
        self.sock = self._open = socket.create_connection((self._address, self.port), self.timeout)
        if self._is_secure:
            secure = _tls().wrap_socket(self.sock, server_hostname=self.host, do_handshake_on_connect=False)
            self.sock = self._open = secure
            secure.do_handshake()

    def finish(self) -> None:
        """Over, in time or not. (`close` is called by the library as soon as it has read the headers.)"""
        self._timer.cancel()
        self.close()

    def _cut(self) -> None:
        self._late.set()
        if self._open is not None:
            try:
                socket.socket.shutdown(self._open, socket.SHUT_RDWR)  # of the socket itself, also under TLS
            except OSError:
                return  # it was over already
