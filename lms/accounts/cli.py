"""`leerlabo people import FILE`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lms.accounts import services
from lms.accounts.formats.tables import TableError, read_people
from lms.kernel.config import Settings
from lms.kernel.db import Database

WORDS = {"first_name": "first name (voornaam)", "last_name": "last name (naam)"}


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `people import` to the command."""
    people = commands.add_parser("people", help="accounts of people").add_subparsers(required=True, metavar="ACT")
    importing = people.add_parser(
        "import",
        help="open accounts from an .xlsx or .csv file",
        description="Open an account for every row. Columns are found by their name in Dutch, English or French: first "
        "name, last name, e-mail, user name, organisation KBO, establishment, function, role. Good rows pass; each bad "
        "row is printed with its number and the reason. Exit code 1 when a row stayed out.",
    )
    importing.add_argument("file", type=Path, metavar="FILE")
    importing.add_argument("--invite", action="store_true", help="also mail an invitation to who has an address")
    importing.set_defaults(run=import_people)


def import_people(chosen: argparse.Namespace, _settings: Settings, database: Database) -> int:
    """Read the file, write its good rows in one transaction, and say what became of each."""
    try:
        rows = read_people(chosen.file.read_bytes(), chosen.file.name)
    except OSError as error:
        return _refuse(f"{chosen.file} cannot be read: {error.strerror}.")
    except TableError as error:
        missing = " and ".join(WORDS[name] for name in error.missing)
        return _refuse(f"{chosen.file}: " + (f"no column for {missing}." if missing else f"{error}."))
    with database.write() as db:
        imported = services.import_people(db, rows, invite=chosen.invite)
    for number, reason in imported.refused:
        print(f"row {number}: {reason}", file=sys.stderr)
    print(f"{imported.created} created, {imported.known} already known, {len(imported.refused)} refused")
    return 1 if imported.refused else 0


def _refuse(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return 1
