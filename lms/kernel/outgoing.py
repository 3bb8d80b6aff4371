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
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
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
        path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
        with closing(Connection(parts, may_go_inside=self._may_go_inside)) as connection:
            limit_s, most = until - monotonic(), self._most_octets + 1
            answer = connection.ask(method, path, headers, body, limit_s=limit_s, most=most)
        if len(answer.body) > self._most_octets:
            raise Unreachable(Fault.TOO_LARGE, f"more than {self._most_octets} octets")
        return answer


class Connection:
    """A connection to one server, kept open from one request to the next, to the address that was judged.

    A request is cut when its time is up, even in the middle of a word: who sends an octet now and then is cut too.
    """

    def __init__(self, server: SplitResult, *, may_go_inside: bool) -> None:
        self._is_secure, self._may_go_inside = server.scheme == "https", may_go_inside
        self._connection = http.client.HTTPConnection(server.hostname or "", server.port or _PORTS[server.scheme])
        self._connection.default_port = _PORTS[server.scheme]  # what the Host header leaves out

    @property
    def is_open(self) -> bool:
        """Whether it was kept open. The server may have closed it since."""
        return self._connection.sock is not None

    def ask(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        body: bytes | None = None,
        *,
        limit_s: float = LIMIT_S,
        most: int = MOST_OCTETS,
    ) -> Answer:
        """One request, and the answer, no more than `most` octets of it. Raises `Unreachable`."""
        until = monotonic() + limit_s
        is_late, is_read = Event(), False
        try:
            if self._connection.sock is None:
                self._connection.sock = self._call(until)
            with _cutting(self._connection.sock, until, is_late):
                self._connection.request(method, path, body, dict(headers))
                with self._connection.getresponse() as response:
                    answer = Answer(response.status, _joined(response.getheaders()), response.read(most))
                    is_read = response.isclosed()
        except (OSError, http.client.HTTPException) as error:
            raise Unreachable(_fault_of(error, is_late=is_late.is_set()), str(error)[:200]) from error
        finally:
            if is_late.is_set() or not is_read:
                self.close()
        if is_late.is_set():
            raise Unreachable(Fault.TOO_LATE)
        return answer

    def close(self) -> None:
        """Hang up; the next request calls again."""
        self._connection.close()

    def _call(self, until: float) -> socket.socket:
        """A connection to the address that was judged; a certificate must be that of the name."""
        host, port = self._connection.host, self._connection.port
        address = find_address(host, port, may_go_inside=self._may_go_inside, limit_s=max(0.0, until - monotonic()))
        raw = socket.create_connection((address, port), _left(until))
        if not self._is_secure:
            return raw
        # Hands are shaken with the first octets of the request, within its time.
        return _tls().wrap_socket(raw, server_hostname=host, do_handshake_on_connect=False)


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


@contextmanager
def _cutting(open_socket: socket.socket, until: float, is_late: Event) -> Iterator[None]:
    """When the time is up, whoever reads or writes there is told so at once."""

    def cut() -> None:
        is_late.set()
        try:
            socket.socket.shutdown(open_socket, socket.SHUT_RDWR)  # of the socket itself, also under TLS
        except OSError:
            return  # it was over already

    left_s = _left(until)
    open_socket.settimeout(left_s)  # not what was left when it was opened, for an earlier request
    timer = Timer(left_s, cut)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _left(until: float) -> float:
    """The seconds that are left. Raises `TimeoutError`."""
    left_s = until - monotonic()
    if left_s <= 0:
        raise TimeoutError
    return left_s
