"""`leerlabo lrs export`: the record, or a part of it, as a file."""

from __future__ import annotations

import argparse
import sys
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
from sectors.areas import all_areas
from xapi.reading.queries import Wanted, write_pieces

OPERATOR = Identity(grants=(Grant(Role.ADMIN),))  # who may type commands on the machine sees everything


def add_commands(acts: Any) -> None:
    """Add `lrs export` to the acts of `leerlabo lrs` (`argparse`'s subparsers)."""
    give = acts.add_parser(
        "export",
        help="write statements to a file, the newest first",
        description="JSON lines hold each statement as it is kept, and `lrs import` takes them in elsewhere.",
    )
    give.add_argument("--kind", choices=("jsonl", "csv"), default="jsonl")
    give.add_argument("--out", metavar="FILE", help="where to; else it is printed")
    give.add_argument("--area", choices=list(all_areas()))
    give.add_argument("--verb", default="", metavar="IRI")
    give.add_argument("--activity", default="", metavar="IRI", help="what it is about, or what that is a part of")
    give.add_argument("--since", type=datetime.fromisoformat, metavar="DATE", help="what happened from this day on")
    give.add_argument("--until", type=datetime.fromisoformat, metavar="DATE", help="what happened before this day")
    give.set_defaults(run=_export)


def _export(chosen: argparse.Namespace, _settings: Settings, database: Database) -> int:
    wanted = Wanted(
        verb=chosen.verb,
        activity=chosen.activity,
        area=chosen.area or "",
        since=from_local(chosen.since) if chosen.since else None,
        until=from_local(chosen.until) if chosen.until else None,
    )
    try:
        with Path(chosen.out).open("wb") if chosen.out else nullcontext(sys.stdout.buffer) as file:
            for piece in write_pieces(database, OPERATOR, wanted, kind=chosen.kind, language=current_language()):
                file.write(piece)
    except OSError as error:
        raise CommandRefused(f"{chosen.out or 'the output'} cannot be written: {error.strerror}") from None
    return 0
