"""`leerlabo demo`: fill an empty database with a story of invented people."""

from __future__ import annotations

import argparse
import sys
import time

from lms.demo.formats import load_story
from lms.demo.queries import count_people, count_strangers, is_told
from lms.demo.services import KBO_RANGE, tell_story
from lms.kernel import schema
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.storage import Storage

DONE, REFUSED = 0, 1


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `demo` to the command."""
    demo = commands.add_parser(
        "demo",
        help="tell the demo: 60 employers, 2,300 invented people, two years of courses",
        description="Migrate the database and tell the demo in it. Exit code 1 when the database holds people who are "
        "not of the demo, or when the demo is there already and --again was not given.",
    )
    demo.add_argument("--again", action="store_true", help="take the demo that is there away, and tell it anew")
    demo.add_argument("--scale", type=_scale, default=1.0, metavar="SHARE", help="tell a part of it, such as 0.1")
    demo.set_defaults(run=tell)


def tell(chosen: argparse.Namespace, settings: Settings, database: Database) -> int:
    """Tell the story, unless somebody else's data is in the way; says how far it is and what there is at the end."""
    schema.upgrade(database)
    reason = _why_not(database, again=chosen.again)
    if reason:
        print(reason, file=sys.stderr)
        return REFUSED
    _make_empty(database)
    began = time.monotonic()
    counts = tell_story(database, Storage(settings.storage_url), report=_report, scale=chosen.scale)
    print(f"The demo is told, in {time.monotonic() - began:.0f} seconds. Everybody in it is invented.")
    print(", ".join(f"{number} {name}" for name, number in counts.items()))
    story = load_story()
    print(f"Sign in as {', '.join(it.user for it in story.sign_ins)}; the password is {story.password}.")
    return DONE


def _why_not(database: Database, *, again: bool) -> str:
    """A sentence when nothing may be told here; what a telling that was cut short left behind is no hindrance."""
    story = load_story()
    with database.read() as db:
        strangers = count_strangers(db, user_names=story.user_names, kbo_range=KBO_RANGE)
        is_there = is_told(db, story.user_names)
    if strangers:
        return f"This database holds {strangers} people who are not of the demo. It is left as it is."
    if is_there and not again:
        return "The demo is here already. Use --again to take it away and tell it anew."
    return ""


def _make_empty(database: Database) -> None:
    with database.read() as db:
        if not count_people(db):
            return
    schema.downgrade(database, "base")
    schema.upgrade(database)
    database.dispose()


def _report(percent: int, what: str) -> None:
    print(f"{percent:3} %  {what}", flush=True)


def _scale(text: str) -> float:
    scale = float(text)
    if not 0 < scale <= 1:
        raise argparse.ArgumentTypeError("a share of the story lies between 0 and 1")
    return scale
