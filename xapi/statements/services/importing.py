"""Take in statements that were written elsewhere, a line each: the good ones pass, of the others is said why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID, uuid5

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel import clock
from lms.kernel.errors import CommandRefused
from lms.kernel.storage import Storage
from xapi.credentials.models import Scope
from xapi.credentials.queries import Access
from xapi.standard.attachment import attachments_of
from xapi.standard.decoding import BATCH_CLAUSE
from xapi.standard.errors import StandardError
from xapi.standard.multipart import CLAUSE as MULTIPART_CLAUSE
from xapi.standard.multipart import ENCODING_HEADER, HASH_HEADER, Part
from xapi.standard.version import Version
from xapi.statements.formats import ZIP_FILES, Received, match_files, receive
from xapi.statements.models import Statement, StatementImport
from xapi.statements.queries import find_import
from xapi.statements.services.files import keep_files
from xapi.statements.services.sources import LARGEST_FILE, FileFinder, Line, Piece
from xapi.statements.services.storing import store_received

_LINES = UUID("5c0c1c0e-53a5-4d2c-8f43-1f2f0cb1d9a7")  # the name space in which a line without id gets one


@dataclass(slots=True)
class Imported:
    """What became of some lines."""

    stored: int = 0
    repeated: int = 0
    refused: int = 0

    def add(self, other: Imported) -> None:
        """Count these lines too."""
        self.stored += other.stored
        self.repeated += other.repeated
        self.refused += other.refused

    def __str__(self) -> str:
        return f"{self.stored} stored, {self.repeated} already here, {self.refused} refused"


@dataclass(slots=True)
class ImportedPiece(Imported):
    """What became of the lines of one piece. `errors`: those refused, each with its number and the rule it breaks."""

    errors: list[tuple[int, str]] = field(default_factory=list)

    def refuse(self, number: int, error: str) -> None:
        """Count a line that stays out, and say why."""
        self.refused += 1
        self.errors.append((number, error))


@dataclass(frozen=True, slots=True)
class Judged:
    """Lines that may come in, and what is wrong with the others."""

    piece: Piece
    good: list[tuple[Line, Received]]
    refused: list[tuple[int, str]]


def judge_piece(piece: Piece, *, version: Version, storage: Storage) -> Judged:
    """Judge these lines, and store the data that came with the good ones; to be done before the transaction begins.

    A line is judged like a received statement, by the version it names itself or else by `version`; one without id
    gets one made of its bytes, so that it is here only once.
    """
    judged = Judged(piece, [], [])
    for line in piece.lines:
        try:
            received, data = _judge(line.data, version, piece.find_file)
        except StandardError as error:
            judged.refused.append((line.number, str(error)))  # as words: an error holds on to all it passed
            continue
        keep_files(storage, data)
        judged.good.append((line, received))
    return judged


def import_piece(db: Session, source: str, judged: Judged, *, access: Access) -> ImportedPiece:
    """Keep these lines, and remember in the same transaction how far the source is read.

    One that is here already is passed over. Raises `CommandRefused` when the credential may not do everything.
    """
    if not access.has(Scope.ALL):
        raise CommandRefused(f"{access.name} may not import: a credential needs the scope {Scope.ALL} for that")
    imported = ImportedPiece()
    for number, error in judged.refused:
        imported.refuse(number, error)
    _keep(db, judged.good, access, imported)
    imported.errors.sort()
    row = find_import(db, source)
    if row is None:
        row = StatementImport(source=source)
        db.add(row)
    row.read, row.position, row.updated_at = judged.piece.read, judged.piece.position, clock.now()
    db.flush()
    return imported


def _judge(data: bytes, version: Version, find_file: FileFinder) -> tuple[Received, dict[str, bytes]]:
    """The statement on a line, and the data that came with it by hash."""
    received, is_batch = receive(_with_id(data), _version_of(data, version))
    if is_batch:
        raise StandardError("$", "must be one statement on a line, not an array", BATCH_CLAUSE)
    [matched], found = match_files(received, _parts(received[0], find_file), is_batch=False)
    return matched, found


def _parts(received: Received, find_file: FileFinder) -> list[Part]:
    """The data the source has for this statement, as the parts of a request that would bring it."""
    parts: dict[str, Part] = {}
    for _place, attachment in attachments_of(received.statement):
        sha2 = attachment["sha2"].lower()
        data = None if sha2 in parts else find_file(received.statement["id"], sha2)
        if data is not None:
            headers = {HASH_HEADER.lower(): sha2, ENCODING_HEADER.lower(): "binary"}
            parts[sha2] = Part(f"{ZIP_FILES}/{sha2}", headers, data)
        if sum(len(part.data) for part in parts.values()) > LARGEST_FILE:
            rule = f"must not bring more than {LARGEST_FILE} bytes of data"
            raise StandardError("$.attachments", rule, MULTIPART_CLAUSE)
    return list(parts.values())


class _Named(msgspec.Struct):
    """What a line says of itself."""

    id: object = None
    version: object = None


def _named(data: bytes) -> _Named | None:
    try:
        return msgspec.json.decode(data, type=_Named)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        return None


def _with_id(data: bytes) -> bytes:
    named = _named(data)
    if named is None or named.id is not None:
        return data
    head = data.rstrip()[:-1].rstrip()
    comma = b"" if head.endswith(b"{") else b","
    name = data.decode(errors="replace")  # what is no UTF-8 is refused when it is judged
    return b'%b%b"id":"%b"}' % (head, comma, str(uuid5(_LINES, name)).encode())


def _version_of(data: bytes, otherwise: Version) -> Version:
    named = _named(data)
    said = str(named.version) if named is not None and named.version is not None else ""
    if said.startswith("1.0"):
        return Version.V1
    return Version.V2 if said.startswith("2.0") else otherwise


def _keep(db: Session, good: Sequence[tuple[Line, Received]], access: Access, imported: ImportedPiece) -> None:
    """All at once, which is quick; when one of them is refused, one by one, to know which."""
    ids = {UUID(received.statement["id"]) for _line, received in good}
    known = set(db.scalars(sa.select(Statement.uuid).where(Statement.uuid.in_(ids))))
    try:
        with db.begin_nested():
            store_received(db, [received for _line, received in good], access)
    except StandardError:
        _keep_singly(db, good, access, known, imported)
    else:
        imported.stored += len(ids - known)
        imported.repeated += len(good) - len(ids - known)


def _keep_singly(
    db: Session, good: Sequence[tuple[Line, Received]], access: Access, known: set[UUID], imported: ImportedPiece
) -> None:  # fmt: skip
    for line, received in good:
        uuid = UUID(received.statement["id"])
        try:
            with db.begin_nested():
                store_received(db, [received], access)
        except StandardError as error:
            imported.refuse(line.number, str(error))
            continue
        imported.repeated += uuid in known
        imported.stored += uuid not in known
        known.add(uuid)
