"""Another record store that statements come from: read page by page, with the data of their attachments."""

from __future__ import annotations

import base64
import http.client
from collections.abc import Iterator, Sequence
from email.message import Message
from urllib.parse import urlencode, urljoin

import msgspec

from lms.kernel.errors import CommandRefused
from lms.kernel.outgoing import Answer, Fault, Outgoing, Unreachable, is_same_origin
from xapi.standard.errors import StandardError
from xapi.standard.multipart import CLAUSE, HASH_HEADER, Part, split_multipart
from xapi.standard.version import Version
from xapi.statements.formats import statements_part
from xapi.statements.services.sources import AT_ONCE, LARGEST_FILE, LONGEST_LINE, FileFinder, Line, Piece

LARGEST_PAGE = 32 * 1024 * 1024  # octets: a page, with the data when there is little of it, is read into memory
PATIENCE_S = 300  # for one answer, however it drips
_ASKED, _UNASKED = urlencode({"attachments": "true"}), urlencode({"attachments": "false"})


def read_store(url: str, *, auth: str, version: Version, position: str = "", read: int = 0) -> Iterator[Piece]:
    """The statements of the record store at this address (`…/xapi`), the oldest first, after `position`, of which
    `read` came before; all of them when there is none.

    `auth` is `KEY:SECRET`. Raises `CommandRefused` when it does not answer as a record store does.
    """
    store = _OtherStore(url, auth, version)
    read = read if position else 0
    address = position or store.first
    while address:
        page, find_file = store.read_page(address)
        lines = [Line(number, bytes(raw)) for number, raw in enumerate(page.statements, read + 1)]
        read += len(lines)
        address = store.following(address, page)
        yield Piece(lines, read, address, find_file)


class _Page(msgspec.Struct):
    statements: list[msgspec.Raw]
    more: str | None = None


class _OtherStore:
    """One that is asked with this key. The key goes nowhere else: neither `more` nor a redirect leads to another."""

    def __init__(self, url: str, auth: str, version: Version) -> None:
        self._root = f"{url.rstrip('/')}/statements"
        self._headers = {"X-Experience-API-Version": str(version)}
        if auth:
            self._headers["Authorization"] = f"Basic {base64.b64encode(auth.encode()).decode()}"
        self._uuid, self._files = "", dict[str, bytes]()

    @property
    def first(self) -> str:
        """The address of the first page."""
        return f"{self._root}?{urlencode({'ascending': 'true', 'limit': AT_ONCE})}&{_ASKED}"

    def read_page(self, address: str) -> tuple[_Page, FileFinder]:
        """A page, and what finds the data that came with it; where that is a lot, statement by statement."""
        answer = self._ask(address, LARGEST_PAGE)
        if answer is not None:
            body, files = _taken_apart(address, answer)
            return _page(address, body), lambda _uuid, sha2: files.get(sha2)
        bare = address.replace(_ASKED, _UNASKED)
        answer = self._ask(bare, LARGEST_PAGE)
        if answer is None:
            raise CommandRefused(f"{bare} answered more than {LARGEST_PAGE} bytes at once")
        return _page(bare, _taken_apart(bare, answer)[0]), self._find_file

    def following(self, address: str, page: _Page) -> str:
        """The address of the next page; empty when this was the last one."""
        if not page.more:
            return ""
        following = urljoin(address, page.more).replace(_UNASKED, _ASKED)
        if following == address:
            raise CommandRefused(f"{address} did not answer as a record store does: its more leads back to it")
        return following

    def _find_file(self, uuid: str, sha2: str) -> bytes | None:
        """The data of one statement, which is asked by itself and is in memory until another's is asked."""
        if uuid != self._uuid:
            self._files = {}
            self._uuid, self._files = uuid, self._read_files(uuid)
        return self._files.get(sha2)

    def _read_files(self, uuid: str) -> dict[str, bytes]:
        for name in ("statementId", "voidedStatementId"):  # it may have been voided since its page was read
            address = f"{self._root}?{urlencode({name: uuid})}&{_ASKED}"
            answer = self._ask(address, LARGEST_FILE + LONGEST_LINE, or_else=http.client.NOT_FOUND)
            if answer is None:
                raise StandardError("$.attachments", f"must not bring more than {LARGEST_FILE} bytes of data", CLAUSE)
            if answer.is_good:
                return _taken_apart(address, answer)[1]
        return {}

    def _ask(self, address: str, most_octets: int, *, or_else: int = http.client.OK) -> Answer | None:
        """A good answer, or one with the status `or_else`; None when it is larger than this."""
        if not is_same_origin(address, self._root):
            raise CommandRefused(f"{self._root} sends us on to {address}: its key is not for others")
        outgoing = Outgoing(may_go_inside=True, limit_s=PATIENCE_S, most_octets=most_octets)
        try:
            answer = outgoing.ask(address, headers=self._headers)
        except Unreachable as error:
            if error.fault is Fault.TOO_LARGE:
                return None
            raise CommandRefused(f"{address} did not answer as a record store does: {error}") from None
        if not answer.is_good and answer.status != or_else:
            said = answer.body[:300].decode(errors="replace")
            raise CommandRefused(f"{address} answered {answer.status}: {said}")
        return answer


def _taken_apart(address: str, answer: Answer) -> tuple[bytes, dict[str, bytes]]:
    """What an answer holds: JSON, and data by the hash that the store says it has."""
    header = Message()
    header["Content-Type"] = answer.headers.get("content-type", "")
    if header.get_content_type() != "multipart/mixed":
        return answer.body, {}
    boundary = header.get_boundary()
    try:
        parts = split_multipart(answer.body, boundary)
        return statements_part(parts), _files_of(parts[1:])
    except StandardError as error:
        raise CommandRefused(f"{address} did not answer as a record store does: {error}") from None


def _files_of(parts: Sequence[Part]) -> dict[str, bytes]:
    return {part.headers.get(HASH_HEADER.lower(), "").lower(): part.data for part in parts}


def _page(address: str, body: bytes) -> _Page:
    try:
        return msgspec.json.decode(body, type=_Page)
    except (ValueError, RecursionError) as error:  # cut off, or no JSON
        raise CommandRefused(f"{address} did not answer as a record store does: {error}") from None
