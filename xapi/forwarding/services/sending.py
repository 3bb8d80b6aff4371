"""Send one statement to one target, within a time, and judge what it says."""

from __future__ import annotations

import base64
import http.client
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, auto
from threading import Event, Timer
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from tincan import RemoteLRS
from tincan.lrs_response import LRSResponse

from lms.kernel.errors import NotFound
from lms.kernel.outgoing import Unreachable, find_address
from lms.kernel.storage import Storage
from xapi.forwarding.formats import Answer, as_spoken, carried_by_tincan
from xapi.forwarding.models import Target
from xapi.forwarding.queries import Outgoing
from xapi.standard.comparison import is_same_statement
from xapi.standard.decoding import decode_kept
from xapi.standard.multipart import ENCODING_HEADER, HASH_HEADER, join_multipart, new_boundary
from xapi.standard.version import Version
from xapi.statements.queries import file_key

LIMIT_S = 5.0
SLOWEST = 1_000_000  # octets a second: a large file may take longer than a statement
MOST_READ = 4_000_000
CONFLICT = 409
REFUSALS = frozenset({400, CONFLICT, 413, 415, 422})  # about this statement


class Outcome(Enum):
    """What became of a statement."""

    DELIVERED = auto()
    REFUSED = auto()  # this one; the next may be welcome
    BROKEN = auto()  # something went wrong over there (5xx): with this statement, or with all of them
    ABSENT = auto()  # nobody there, or no key that is good: no use in sending the next


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a statement, and what the target said."""

    outcome: Outcome
    answer: Answer


def send(line: Line, storage: Storage, statement: Outgoing, files: Mapping[str, str]) -> Sent:
    """Put a statement in the target, under its own id; `files` is the data that came with it (`find_files`).

    To a 1.0.3 target tincan carries it, when it carries it unchanged; else its kept bytes go (1.0.3 Communication
    2.1.1). One that the target has already is delivered; so is a conflict that turns out to be about the same
    statement.
    """
    spoken = as_spoken(statement.payload, line.version)
    carried = carried_by_tincan(spoken) if line.version is Version.V1 and not files else None
    if carried is not None:
        carrier = Carrier(line)
        carrier.save_statement(carried)
        answer = carrier.answer
    else:
        content_type, body = _body(spoken, storage, files)
        answer = line.ask("PUT", {"statementId": str(statement.uuid)}, body, content_type)
    if answer.status == CONFLICT and _has_already(line, statement):
        return Sent(Outcome.DELIVERED, answer)
    return Sent(_judge(answer.status), answer)


def _body(spoken: bytes, storage: Storage, files: Mapping[str, str]) -> tuple[str, bytes]:
    """The statement, with the data of its attachments behind it (1.0.3 Communication 1.5.2), and its content type."""
    if not files:
        return "application/json", spoken
    boundary = new_boundary()
    parts = [({"Content-Type": "application/json"}, spoken), *_file_parts(storage, files)]
    return f'multipart/mixed; boundary="{boundary}"', b"".join(join_multipart(boundary, iter(parts)))


def _file_parts(storage: Storage, files: Mapping[str, str]) -> Iterator[tuple[dict[str, str], bytes]]:
    for sha2, content_type in files.items():
        try:
            data = storage.get(file_key(sha2))
        except NotFound:  # the target will say what it misses
            continue
        yield {"Content-Type": content_type, ENCODING_HEADER: "binary", HASH_HEADER: sha2}, data


def _judge(status: int | None) -> Outcome:
    if status is not None and 200 <= status < 300:
        return Outcome.DELIVERED
    if status is not None and status >= 500:
        return Outcome.BROKEN
    return Outcome.REFUSED if status in REFUSALS else Outcome.ABSENT


def is_well(line: Line, statement: Outgoing) -> bool:
    """Whether a target answers otherwise than with 5xx when it is asked for this statement, which it never took."""
    status = line.ask("GET", {"statementId": str(statement.uuid)}).status
    return status is not None and status < 500


def _has_already(line: Line, statement: Outgoing) -> bool:
    """Whether the statement that the target has under this id says the same: some stores call a repeat a conflict."""
    for name in ("statementId", "voidedStatementId"):
        there = line.ask("GET", {name: str(statement.uuid)})
        if there.status == http.client.OK:
            return _says_the_same(statement.payload, there.data)
    return False


def _says_the_same(kept: bytes, there: bytes) -> bool:
    try:
        return is_same_statement(decode_kept(kept), decode_kept(there))
    except Exception:  # noqa: BLE001  whatever it answered, it is not this statement
        return False


class Carrier(RemoteLRS):  # type: ignore[misc]  # tincan has no types
    """tincan's way to a store, over a line of ours: its own would wait for ever."""

    _props = ("version", "endpoint", "auth", "line", "answer")  # tincan lets nobody set anything else

    def __init__(self, line: Line) -> None:
        super().__init__(version=str(line.version), endpoint=f"{line.endpoint}/", auth=line.authorization)
        self._line = line
        self.answer = Answer(None)

    def _send_request(self, request: Any) -> LRSResponse:
        self.answer = self._line.ask(
            request.method, request.query_params, request.content.encode(), request.headers["Content-Type"]
        )
        return LRSResponse(success=_judge(self.answer.status) is Outcome.DELIVERED, request=request)


class Line:
    """The way to one target, kept open from one statement to the next. Every request has its time.

    Without `may_go_inside` it does not lead to our own network, wherever the name leads when we connect.
    """

    def __init__(self, target: Target, *, may_go_inside: bool) -> None:
        self.endpoint, self.version, self._may_go_inside = target.endpoint, Version(target.version), may_go_inside
        self.authorization = f"Basic {base64.b64encode(f'{target.key}:{target.secret}'.encode()).decode()}"
        parts = urlsplit(target.endpoint)
        kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
        self._connection = kind(parts.hostname or "", parts.port, timeout=LIMIT_S)
        self._path = f"{parts.path}/statements"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def ask(
        self, method: str, query: Mapping[str, Any], body: bytes | None = None, content_type: str = ""
    ) -> Answer:  # fmt: skip
        """One request, and what the target says. Nobody there, or not in time: an answer without status."""
        headers = {"Authorization": self.authorization, "X-Experience-API-Version": str(self.version)}
        if content_type:
            headers["Content-Type"] = content_type
        address = f"{self._path}?{urlencode(query)}"
        if self._connection.sock is not None:  # it may have been closed over there since the last statement
            answer = self._ask(method, address, body, headers)
            if answer.status is not None or answer.data == _TOO_LATE:
                return answer
        return self._ask(method, address, body, headers)

    def _ask(self, method: str, address: str, body: bytes | None, headers: dict[str, str]) -> Answer:
        is_late = Event()
        limit = LIMIT_S + len(body or b"") / SLOWEST
        try:
            if self._connection.sock is None:
                self._connection.sock = self._connect()
            timer = Timer(limit, _cut, [self._connection.sock, is_late])  # who sends an octet now and then is cut too
            timer.start()
            try:
                self._connection.request(method, address, body, headers)
                with self._connection.getresponse() as response:
                    data = response.read(MOST_READ)
                    is_read = response.isclosed()
            finally:
                timer.cancel()
        except Unreachable as error:
            return Answer(None, str(error.fault).encode())
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            late = is_late.is_set() or isinstance(error, TimeoutError)
            return Answer(None, _TOO_LATE if late else type(error).__name__.encode())
        if is_late.is_set() or not is_read:
            self._connection.close()
        if is_late.is_set():
            return Answer(None, _TOO_LATE)
        return Answer(response.status, data)

    def _connect(self) -> socket.socket:
        """A connection to the address that was judged; a certificate must be that of the name."""
        host, port = self._connection.host, self._connection.port
        address = find_address(host, port, may_go_inside=self._may_go_inside)
        raw = socket.create_connection((address, port), LIMIT_S)
        if not isinstance(self._connection, http.client.HTTPSConnection):
            return raw
        return ssl.create_default_context().wrap_socket(raw, server_hostname=host)


_TOO_LATE = b"TimeoutError"


def _cut(raw: socket.socket, is_late: Event) -> None:
    """End a request whose time is up: whoever reads or writes there is told so at once."""
    is_late.set()
    try:
        socket.socket.shutdown(raw, socket.SHUT_RDWR)  # of the socket itself, also under TLS
    except OSError:
        return  # it was over already
