"""Send one statement to one target, within a time, and judge what it says."""

from __future__ import annotations

import base64
import http.client
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode, urlsplit

from tincan import RemoteLRS
from tincan.lrs_response import LRSResponse

from lms.kernel.outgoing import Connection, Fault, Unreachable
from lms.kernel.storage import Storage
from xapi.forwarding.formats import Answer, as_spoken, carried_by_tincan
from xapi.forwarding.models import Target
from xapi.forwarding.queries import Outgoing
from xapi.standard.comparison import is_same_statement
from xapi.standard.decoding import decode_kept
from xapi.standard.version import Version
from xapi.statements.queries import multipart_of

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
    content_type, octets = multipart_of(storage, spoken, files)
    return content_type, b"".join(octets)


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
    """The way to one target, kept open from one statement to the next.

    Without `may_go_inside` it does not lead to our own network, wherever the name leads when we connect.
    """

    def __init__(self, target: Target, *, may_go_inside: bool) -> None:
        self.endpoint, self.version = target.endpoint, Version(target.version)
        self.authorization = f"Basic {base64.b64encode(f'{target.key}:{target.secret}'.encode()).decode()}"
        server = urlsplit(target.endpoint)
        self._connection, self._path = Connection(server, may_go_inside=may_go_inside), f"{server.path}/statements"

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
        was_open = self._connection.is_open  # it may have been closed over there since the last statement
        answer = self._ask(method, address, headers, body)
        if was_open and answer.status is None and answer.data != Fault.TOO_LATE.encode():
            return self._ask(method, address, headers, body)
        return answer

    def _ask(self, method: str, address: str, headers: dict[str, str], body: bytes | None) -> Answer:
        limit_s = LIMIT_S + len(body or b"") / SLOWEST
        try:
            said = self._connection.ask(method, address, headers, body, limit_s=limit_s, most=MOST_READ)
        except Unreachable as error:
            return Answer(None, error.fault.encode())
        return Answer(said.status, said.body)
