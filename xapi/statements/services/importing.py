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
from xapi.credentials.models import Scope
from xapi.credentials.queries import Access
from xapi.standard.decoding import BATCH_CLAUSE
from xapi.standard.errors import StandardError
from xapi.standard.version import Version
from xapi.statements.formats import Received, match_files, receive
from xapi.statements.models import Statement, StatementImport
from xapi.statements.queries import find_import
from xapi.statements.services.sources import Line, Piece
from xapi.statements.services.storing import store_received

_LINES = UUID("5c0c1c0e-53a5-4d2c-8f43-1f2f0cb1d9a7")  # the name space in which a line without id gets one


@dataclass(slots=True)
class Imported:
    """What became of some lines. `refused`: each with its number and the rule it breaks."""

    stored: int = 0
    repeated: int = 0
    refused: list[tuple[int, StandardError]] = field(default_factory=list)

    def add(self, other: Imported) -> None:
        """Count these lines too."""
        self.stored += other.stored
        self.repeated += other.repeated
        self.refused += other.refused

    def __str__(self) -> str:
        return f"{self.stored} stored, {self.repeated} already here, {len(self.refused)} refused"


def import_piece(db: Session, source: str, piece: Piece, *, access: Access, version: Version) -> Imported:
    """Keep these lines, and remember in the same transaction how far the source is read.

    A line is judged like a received statement, by the version it names itself or else by `version`. One that is here
    already is passed over; one without id gets one made of its bytes, so that it is here only once too. Raises
    `CommandRefused` when the credential may not do everything.
    """
    if not access.has(Scope.ALL):
        raise CommandRefused(f"{access.name} may not import: a credential needs the scope {Scope.ALL} for that")
    imported = Imported()
    good = [(line, received) for line in piece.lines if (received := _read(line, version, imported)) is not None]
    _keep(db, good, access, imported)
    imported.refused.sort(key=lambda refused: refused[0])
    row = find_import(db, source)
    if row is None:
        row = StatementImport(source=source)
        db.add(row)
    row.read, row.position, row.updated_at = piece.read, piece.position, clock.now()
    db.flush()
    return imported


def _read(line: Line, version: Version, imported: Imported) -> Received | None:
    try:
        return _judge(line.data, version)
    except StandardError as error:
        imported.refused.append((line.number, error))
        return None


def _judge(data: bytes, version: Version) -> Received:
    received, is_batch = receive(_with_id(data), _version_of(data, version))
    if is_batch:
        raise StandardError("$", "must be one statement on a line, not an array", BATCH_CLAUSE)
    [matched], _data = match_files(received, [], is_batch=False)  # a line brings no files along
    return matched


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
    return b'%b%b"id":"%b"}' % (head, comma, str(uuid5(_LINES, data.decode())).encode())


def _version_of(data: bytes, otherwise: Version) -> Version:
    named = _named(data)
    said = str(named.version) if named is not None and named.version is not None else ""
    if said.startswith("1.0"):
        return Version.V1
    return Version.V2 if said.startswith("2.0") else otherwise


def _keep(db: Session, good: Sequence[tuple[Line, Received]], access: Access, imported: Imported) -> None:
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
    db: Session, good: Sequence[tuple[Line, Received]], access: Access, known: set[UUID], imported: Imported
) -> None:  # fmt: skip
    for line, received in good:
        uuid = UUID(received.statement["id"])
        try:
            with db.begin_nested():
                store_received(db, [received], access)
        except StandardError as error:
            imported.refused.append((line.number, error))
            continue
        imported.repeated += uuid in known
        imported.stored += uuid not in known
        known.add(uuid)
