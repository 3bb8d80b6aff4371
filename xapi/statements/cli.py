"""`leerlabo lrs import`, `purge` and `erase`: statements from elsewhere, old ones removed, somebody made nobody."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from lms.kernel import clock
from lms.kernel.clock import from_local
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.errors import CommandRefused
from lms.kernel.storage import Storage
from xapi.credentials.queries import Access, access_of, get_credential, iri_base_of
from xapi.standard.actor import check_agent
from xapi.standard.decoding import decode_json
from xapi.standard.errors import StandardError
from xapi.standard.version import Version
from xapi.statements import services
from xapi.statements.queries import find_import
from xapi.statements.services.other_store import read_store
from xapi.statements.services.sources import Piece, read_file


def add_commands(acts: Any) -> None:
    """Add `lrs import`, `lrs purge` and `lrs erase` to the acts of `leerlabo lrs` (`argparse`'s subparsers)."""
    take = acts.add_parser(
        "import",
        help="take in statements, a line each, from a file, a zip or another record store",
        description="Good lines pass, each bad one is printed with its number and the rule. Statements that are here "
        "already are passed over. Stopped half-way, it goes on where it was. Exit code 1 when a line stayed out.",
    )
    take.add_argument(
        "source",
        metavar="FILE|URL",
        help="JSON lines, a zip of `lrs export --kind zip`, or the address of another store (…/xapi)",
    )
    take.add_argument("--key", required=True, help="whose word it is: the key of a credential with scope all")
    take.add_argument(
        "--version", choices=[str(it) for it in Version], default=str(Version.V2), help="of lines that name none"
    )
    take.add_argument("--auth", default="", metavar="KEY:SECRET", help="what the other store asks for")
    take.add_argument("--from-start", action="store_true", help="forget how far it was read")
    take.set_defaults(run=_import)
    purge = acts.add_parser(
        "purge",
        help="remove the statements stored before a day",
        description="What was counted stays counted, its evidence goes, and it cannot be undone. A statement and what "
        "voids it go together. Stopped half-way, the same command goes on.",
    )
    purge.add_argument("--before", type=datetime.fromisoformat, required=True, metavar="DATE", help="as 2020-01-31")
    purge.add_argument("--dry-run", action="store_true", help="only say how many would go")
    purge.set_defaults(run=_purge)
    erase = acts.add_parser(
        "erase",
        help="make somebody from elsewhere nobody in the record",
        description="Her statements stay and count; she has a random number in them. Who has an account here is erased "
        "on her page. An address is erased in every spelling that differs only in case, and its SHA-1 with it. It "
        "cannot be undone.",
    )
    erase.add_argument("agent", metavar="AGENT", help='who, as xAPI writes it: {"mbox": "mailto:…"}')
    erase.add_argument("--dry-run", action="store_true", help="only say in how many statements she stands, and as whom")
    erase.set_defaults(run=_erase)


def _import(chosen: argparse.Namespace, settings: Settings, database: Database) -> int:
    """Read piece by piece, each in a transaction of its own together with how far it came."""
    source = chosen.source if _is_address(chosen.source) else str(Path(chosen.source).resolve())
    version, access = Version(chosen.version), _find_access(database, chosen.key)
    storage, total = Storage(settings.storage_url), services.Imported()
    for piece in _read(database, source, chosen):
        judged = services.judge_piece(piece, version=version, storage=storage)
        with database.write() as db:
            done = services.import_piece(db, source, judged, access=access)
        for number, error in done.errors:
            print(f"line {number}: {error}", file=sys.stderr)
        total.add(done)
        print(f"{total} …", file=sys.stderr)
    print(total)
    return 1 if total.refused else 0


def _find_access(database: Database, key: str) -> Access:
    with database.read() as db:
        credential = get_credential(db, key)
        if credential.revoked_at is not None:
            raise CommandRefused(f"{credential.name} was revoked")
        access = access_of(credential)
    if access.is_over(clock.now()):
        raise CommandRefused(f"{access.name} expired on {credential.last_day}")
    return access


def _read(database: Database, source: str, chosen: argparse.Namespace) -> Iterator[Piece]:
    with database.read() as db:
        before = None if chosen.from_start else find_import(db, source)
    position, read = (before.position, before.read) if before else ("", 0)
    if _is_address(source):
        version = Version(chosen.version)
        return read_store(source, auth=chosen.auth, version=version, position=position, read=read)
    return read_file(source, position=position, read=read)


def _is_address(source: str) -> bool:
    return source.startswith(("http://", "https://"))


def _purge(chosen: argparse.Namespace, _settings: Settings, database: Database) -> int:
    """Remove piece by piece, each in a transaction of its own."""
    before = from_local(chosen.before)
    if before > clock.now():
        raise CommandRefused(f"{chosen.before:%Y-%m-%d} is still to come: choose a day in the past")
    with database.read() as db:
        purgeable = services.count_purgeable(db, before)
    if chosen.dry_run:
        print(f"{purgeable.old} statements would go, and {purgeable.voiding} later ones that only void these")
        return 0
    with database.write() as db:
        removal_id = services.open_purge(db, before, by=_user())
    gone = piece = 0
    while True:
        with database.write() as db:
            piece = services.purge_piece(db, before, removal_id)
        if not piece:
            break
        gone += piece
        print(f"{gone} of {purgeable.old + purgeable.voiding} …", file=sys.stderr)
    print(f"{gone} statements are gone")
    return 0


def _erase(chosen: argparse.Namespace, _settings: Settings, database: Database) -> int:
    try:
        agent = decode_json(chosen.agent.encode(), "AGENT")
        check_agent(agent, "AGENT")
    except StandardError as error:
        raise CommandRefused(str(error)) from None
    if agent.get("account", {}).get("homePage") == iri_base_of(database.info):
        raise CommandRefused("this is an account here: erase the person on her own page")
    if chosen.dry_run:
        with database.read() as db:
            found = services.find_erasable(db, agent)
        print(f"she stands in {found.statements} statements", *found.identifiers, sep="\n  ")
        return 0
    with database.write() as db:
        count = services.forget_actor(db, agent, by=_user())
    print(f"she is nobody in {count} statements")
    return 0


def _user() -> str:
    """Who gives the command, for who must account for it; by number where the computer has no name for her."""
    try:
        return getpass.getuser()[:120]
    except (KeyError, OSError):  # a container often knows nobody
        return str(os.getuid())
