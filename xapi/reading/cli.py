"""`leerlabo lrs export`: the record, or a part of it, as a file."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any

from lms.kernel.clock import from_local
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.errors import CommandRefused
from lms.kernel.i18n import current_language
from lms.kernel.identity import Grant, Identity, Role
from lms.kernel.storage import Storage
from sectors.areas import all_areas
from xapi.reading.formats import zip_pieces
from xapi.reading.queries import Wanted, count_kept, list_hashes, read_files, until_now, write_pieces
from xapi.reading.services import COUNTED

OPERATOR = Identity(grants=(Grant(Role.ADMIN),))  # who may type commands on the machine sees everything
FILES_A_WORD = 100  # so many go by before the next word


def add_commands(acts: Any) -> None:
    """Add `lrs export` to the acts of `leerlabo lrs` (`argparse`'s subparsers)."""
    give = acts.add_parser(
        "export",
        help="write statements to a file, the oldest first",
        description="JSON lines hold each statement as it is kept; a zip holds them and the data of their attachments. "
        "`lrs import` takes both in elsewhere.",
    )
    give.add_argument("--kind", choices=("jsonl", "csv", "zip"), default="jsonl")
    give.add_argument("--out", metavar="FILE", help="where to; else it is printed")
    give.add_argument("--area", choices=list(all_areas()))
    give.add_argument("--verb", default="", metavar="IRI")
    give.add_argument("--activity", default="", metavar="IRI", help="what it is about, or what that is a part of")
    give.add_argument("--since", type=datetime.fromisoformat, metavar="DATE", help="what happened from this day on")
    give.add_argument("--until", type=datetime.fromisoformat, metavar="DATE", help="what happened before this day")
    give.set_defaults(run=_export)


def _export(chosen: argparse.Namespace, settings: Settings, database: Database) -> int:
    wanted = Wanted(
        verb=chosen.verb,
        activity=chosen.activity,
        area=chosen.area or "",
        since=from_local(chosen.since) if chosen.since else None,
        until=from_local(chosen.until) if chosen.until else None,
    )
    with database.read() as db:
        wanted = until_now(db, wanted)
        total = count_kept(db, OPERATOR, wanted, at_most=COUNTED)
    pieces = write_pieces(
        database,
        OPERATOR,
        wanted,
        kind=chosen.kind,
        language=current_language(),
        progress=lambda written: print(f"{written} of {total} …", file=sys.stderr),
    )
    if chosen.kind == "zip":
        files = read_files(Storage(settings.storage_url), list_hashes(database, OPERATOR, wanted))
        pieces = zip_pieces(pieces, _counted(files))
    try:
        with Path(chosen.out).open("wb") if chosen.out else nullcontext(sys.stdout.buffer) as file:
            file.writelines(pieces)
    except OSError as error:
        raise CommandRefused(f"{chosen.out or 'the output'} cannot be written: {error.strerror}") from None
    return 0


def _counted(files: Iterator[tuple[str, bytes]]) -> Iterator[tuple[str, bytes]]:
    """These files, and how many went by."""
    for number, file in enumerate(files, 1):
        yield file
        if number % FILES_A_WORD == 0:
            print(f"{number} files …", file=sys.stderr)
