"""`leerlabo lrs`: give a program a key to the record store, and take it back."""

from __future__ import annotations

import argparse
import json
from datetime import date
from typing import Any
from uuid import UUID

from lms.kernel.config import Settings
from lms.kernel.db import Database
from sectors.areas import all_areas
from xapi.credentials.models import Scope
from xapi.credentials.queries import as_scopes, end_of
from xapi.credentials.services import create_credential, revoke_credential


def add_commands(acts: Any) -> None:
    """Add `lrs credential NAME` and `lrs revoke KEY` to the acts of `leerlabo lrs` (`argparse`'s subparsers)."""
    make = acts.add_parser("credential", help="make a key and a secret; the secret is shown only once")
    make.add_argument("name", metavar="NAME", help="which program it is for")
    make.add_argument(
        "--scope",
        action="append",
        choices=[str(scope) for scope in Scope],
        help="what it may do; may be given again (all)",
    )
    make.add_argument("--area", choices=list(all_areas()), help="limit it to one area")
    make.add_argument("--organisation", type=UUID, metavar="UUID", help="limit it to one organisation")
    make.add_argument(
        "--expires", type=date.fromisoformat, metavar="DATE", help="the last day it is good, as 2027-01-31"
    )
    make.add_argument("--json", action="store_true", help="print JSON")
    make.set_defaults(run=_make)
    revoke = acts.add_parser("revoke", help="take a key back")
    revoke.add_argument("key", metavar="KEY")
    revoke.set_defaults(run=_revoke)


def _make(chosen: argparse.Namespace, _settings: Settings, database: Database) -> int:
    with database.write() as db:
        credential, secret = create_credential(
            db,
            chosen.name,
            scopes=as_scopes(chosen.scope or [Scope.ALL]),
            area=chosen.area,
            organisation=chosen.organisation,
            expires_at=end_of(chosen.expires) if chosen.expires else None,
        )
        made = {"name": credential.name, "key": credential.key, "secret": secret, "scopes": credential.scopes}
    print(json.dumps(made) if chosen.json else f"key     {made['key']}\nsecret  {made['secret']}")
    return 0


def _revoke(chosen: argparse.Namespace, _settings: Settings, database: Database) -> int:
    with database.write() as db:
        credential = revoke_credential(db, chosen.key)
    print(f"{credential.name}: revoked at {credential.revoked_at:%Y-%m-%d %H:%M}")
    return 0
