"""Make files of statements: in parts, so that however much there is, little is in memory and a crash costs one part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.i18n import use_language
from lms.kernel.identity import Grant, Identity, Role
from lms.kernel.jobs import enqueue
from lms.kernel.storage import Storage
from xapi.reading.formats import zip_pieces
from xapi.reading.models import Export
from xapi.reading.queries import Wanted, count_kept, heading, list_onwards, read_files, until_now, write_piece
from xapi.statements.events import ActorForgotten
from xapi.statements.queries import find_files

KIND = "statement-export"
DROP_KIND = "statement-exports-drop"
PART = 5_000  # statements
PARTS_A_RUN = 40  # well within the minutes a worker holds a row of the outbox
KEPT_FOR = timedelta(days=1)
COUNTED = 10_000_000  # beyond that, the progress is a guess


def start_export(db: Session, identity: Identity, wanted: Wanted, *, kind: str, language: str) -> Export:
    """Have the worker write this file. What she may see is what she may see now."""
    grants = [{"role": it.role, "area": it.area, "organisation_id": it.organisation_id} for it in identity.grants]
    asked = asdict(until_now(db, wanted)) | {"grants": grants}
    for name in ("since", "until"):
        asked[name] = asked[name] and asked[name].isoformat()
    export = Export(
        person_id=identity.person_id, kind=kind, language=language, asked=asked, created_at=clock.now()
    )  # fmt: skip
    db.add(export)
    db.flush()
    enqueue(db, KIND, {"export": export.id})
    return export


def write_parts(database: Database, storage: Storage, export_id: int) -> None:
    """Write some parts; when there are more, leave word to go on. Once more changes nothing."""
    for _run in range(PARTS_A_RUN):
        if not _write_part(database, storage, export_id):
            return
    with database.write() as db:
        enqueue(db, KIND, {"export": export_id})


def read_parts(storage: Storage, export: Export) -> Iterator[bytes]:
    """The file, part by part."""
    lines = (storage.get(_key(export, number)) for number in range(export.parts))
    if export.kind != "zip":
        yield from lines
        return
    hashes = (
        sha2 for number in range(export.parts) for sha2 in storage.get(_hashes_key(export, number)).decode().split()
    )
    yield from zip_pieces(lines, read_files(storage, hashes))


def give_up_export(db: Session, export_id: int) -> None:
    """Say to who waits that this file will not come."""
    export = db.get(Export, export_id)
    if export is not None and export.is_running:
        export.failed_at = clock.now()


def forget_exports(db: Session, _event: ActorForgotten) -> None:
    """Handler of `ActorForgotten`: files that were made before may name her, so all of them go."""
    enqueue(db, DROP_KIND, {"until": clock.now().isoformat()})


def drop_exports(database: Database, storage: Storage, until: datetime) -> int:
    """Remove the files that were asked for until this moment; returns how many."""
    with database.read() as db:
        exports = db.scalars(sa.select(Export).where(Export.created_at <= until)).all()
    for export in exports:
        with database.write() as db:  # first the row: who still writes a part finds nobody to write it for
            db.execute(sa.delete(Export).where(Export.id == export.id))
        for key in storage.list(_folder(export)):
            storage.delete(key)
    return len(exports)


def _write_part(database: Database, storage: Storage, export_id: int) -> bool:
    """Write the next part, then count it; false when it was the last one."""
    with database.read() as db:
        export = db.get(Export, export_id)
        if export is None or not export.is_running:
            return False
        identity, wanted = _asked(export)
        total = export.total
        if total is None:
            total = count_kept(db, identity, wanted, at_most=COUNTED)
        with use_language(export.language):
            rows = list_onwards(db, identity, wanted, after=export.before, limit=PART)
            data = (b"" if export.parts else heading(export.kind)) + write_piece(db, rows, export.kind)
        hashes = list(find_files(db, {row.id: row.payload for row in rows})) if export.kind == "zip" else []
    storage.put(_key(export, export.parts), data)
    if export.kind == "zip":
        storage.put(_hashes_key(export, export.parts), "\n".join(hashes).encode())
    is_last = len(rows) < PART
    with database.write() as db:
        if db.get(Export, export_id) is None:  # dropped meanwhile: nobody would find what was just written
            storage.delete(_key(export, export.parts))
            storage.delete(_hashes_key(export, export.parts))
            return False
        db.execute(
            sa.update(Export)
            .where(Export.id == export_id, Export.parts == export.parts)
            .values(
                parts=export.parts + 1,
                done=export.done + len(rows),
                total=total,
                before=rows[-1].id if rows else export.before,
                finished_at=clock.now() if is_last else None,
            )
        )
    return not is_last


def _asked(export: Export) -> tuple[Identity, Wanted]:
    asked: dict[str, Any] = dict(export.asked)
    grants = tuple(Grant(Role(it["role"]), it["area"], it["organisation_id"]) for it in asked.pop("grants"))
    for name in ("since", "until"):
        asked[name] = asked[name] and datetime.fromisoformat(asked[name])
    if asked["agents"] is not None:
        asked["agents"] = tuple(asked["agents"])
    return Identity(person_id=export.person_id, grants=grants), Wanted(**asked)


def _folder(export: Export) -> str:
    return f"exports/{export.uuid}"


def _key(export: Export, number: int) -> str:
    return f"{_folder(export)}/{number:06}"


def _hashes_key(export: Export, number: int) -> str:
    """Where the hashes of the data lie that came with the statements of a part."""
    return f"{_key(export, number)}-files"
