"""`leerlabo lti`: platforms that know us, and our keys."""

from __future__ import annotations

import argparse
import json
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.formats.numbers import digits_of
from lms.accounts.models import Organisation
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.errors import CommandRefused, Refused
from lms.kernel.i18n import use_language
from lms.kernel.identity import Grant, Identity, Role
from lms.lti.formats.endpoints import PRODUCTS
from lms.lti.formats.tool import ToolAddresses
from lms.lti.forms import ADDRESSES, PlatformForm
from lms.lti.models import Deployment, PlatformRegistration
from lms.lti.queries.keys import is_published, list_tool_keys
from lms.lti.queries.platforms import Employer, list_platforms
from lms.lti.services.keys import rotate_keys
from lms.lti.services.platforms import add_deployment, register_platform
from sectors.areas import all_areas

WHO_RUNS_IT = Identity(grants=(Grant(Role.ADMIN),))


def add_commands(commands: Any) -> None:
    """Add `lti platform list|add`, `lti addresses` and `lti keys list|rotate` to the command."""
    lti = commands.add_parser("lti", help="learning platforms of others that open our courses (LTI 1.3)")
    acts = lti.add_subparsers(required=True, metavar="ACT")
    _add_platform(
        acts.add_parser("platform", help="platforms that know us").add_subparsers(required=True, metavar="ACT")
    )
    ours = acts.add_parser("addresses", help="our addresses, to copy into a platform")
    ours.set_defaults(run=_show_addresses)
    keys = acts.add_parser("keys", help="our own keys").add_subparsers(required=True, metavar="ACT")
    keys.add_parser("list", help="our keys, the newest first").set_defaults(run=_list_keys)
    rotate = keys.add_parser("rotate", help="publish a new key, which signs from tomorrow")
    rotate.add_argument("--now", action="store_true", help="somebody else may have the old one: replace it at once")
    rotate.set_defaults(run=_rotate)


def _add_platform(acts: Any) -> None:
    listing = acts.add_parser("list", help="the platforms, by name")
    listing.add_argument("--json", action="store_true", help="print JSON")
    listing.set_defaults(run=_list_platforms)
    add = acts.add_parser(
        "add",
        help="add a platform by hand",
        description="Add a platform by hand. With --product and --site the addresses of a Moodle or Canvas are known; "
        "give those that differ. Prints the platform's number here.",
    )
    add.add_argument("name", metavar="NAME", help="how to call it in the list")
    add.add_argument("--organisation", required=True, metavar="KBO", help="whose people it sends, by KBO number")
    add.add_argument("--area", required=True, choices=list(all_areas()), help="the area its teachers choose from")
    add.add_argument("--client-id", required=True, metavar="ID", help="as the platform shows it")
    add.add_argument("--deployment", action="append", default=[], metavar="ID", help="may be given again")
    add.add_argument("--product", choices=[product for product in PRODUCTS if product], default="", help="what it is")
    add.add_argument("--site", default="", metavar="URL", help="the root of a Moodle or Canvas")
    for name in (*ADDRESSES, "token_audience"):
        add.add_argument(f"--{name.replace('_', '-')}", default="", metavar="URL")
    add.set_defaults(run=_add)


def _list_platforms(chosen: argparse.Namespace, _settings: Settings, database: Database) -> int:
    with database.read() as db:
        rows = [_tell(db, row.registration, row.organisation) for row in list_platforms(db, WHO_RUNS_IT)]
    if chosen.json:
        print(json.dumps(rows))
        return 0
    for row in rows:
        state = "on " if row["on"] else "off"
        print(f"{state}  {row['name']}  {row['issuer']}  client {row['client_id']}  {', '.join(row['deployments'])}")
    return 0


def _tell(db: Session, registration: PlatformRegistration, organisation: str) -> dict[str, Any]:
    open_ones = sa.select(Deployment.deployment_id).where(
        Deployment.registration_id == registration.id, Deployment.switched_off_at.is_(None)
    )
    same = ("name", "product", "client_id", "area", *ADDRESSES)
    return {name: getattr(registration, name) for name in same} | {
        "uuid": str(registration.uuid),
        "organisation": organisation,
        "deployments": list(db.scalars(open_ones.order_by(Deployment.id))),
        "on": registration.switched_off_at is None,
    }


def _add(chosen: argparse.Namespace, settings: Settings, database: Database) -> int:
    with database.write() as db:
        employer = _find_employer(db, chosen.organisation)
        form = PlatformForm(
            name=chosen.name,
            product=chosen.product,
            site=chosen.site,
            client_id=chosen.client_id,
            organisation=str(employer.uuid),
            area=chosen.area,
            **{name: getattr(chosen, name) for name in (*ADDRESSES, "token_audience")},
        ).completed
        try:
            with use_language("en"):
                terms = form.terms(list(all_areas()), [employer], may_be_insecure=settings.may_go_inside)
                made = register_platform(db, terms)
                for deployment_id in chosen.deployment:
                    add_deployment(db, made, deployment_id)
        except Refused as refused:
            raise CommandRefused(_spell(refused)) from refused
    print(made.uuid)
    return 0


def _find_employer(db: Session, kbo: str) -> Employer:
    found = sa.select(Organisation.id, Organisation.uuid, Organisation.name).where(
        Organisation.kbo == digits_of(kbo), Organisation.archived_at.is_(None)
    )
    row = db.execute(found).one_or_none()
    if row is None:
        raise CommandRefused(f"no organisation has the KBO number {kbo}.")
    return Employer(*row)


def _spell(refused: Refused) -> str:
    return "\n".join(f"--{name.replace('_', '-')}: {words}" for name, words in refused.fields.items())


def _show_addresses(_chosen: argparse.Namespace, settings: Settings, _database: Database) -> int:
    us = ToolAddresses(settings.base_url)
    print(f"login     {us.login}\nlaunch    {us.launch}\nkeys      {us.jwks}\nicon      {us.icon}")
    return 0


def _list_keys(_chosen: argparse.Namespace, _settings: Settings, database: Database) -> int:
    with database.read() as db:
        keys = list_tool_keys(db)
    for key in keys:
        over = "no longer published" if not is_published(key) else ""
        until = over or (f"published until {key.retired_at:%Y-%m-%d %H:%M}" if key.retired_at else "published")
        print(f"{key.kid}  signs from {key.signs_from:%Y-%m-%d %H:%M} UTC  {until}")
    return 0


def _rotate(chosen: argparse.Namespace, _settings: Settings, database: Database) -> int:
    key = rotate_keys(database, at_once=chosen.now)
    print(f"{key.kid}  signs from {key.signs_from:%Y-%m-%d %H:%M} UTC")
    return 0
