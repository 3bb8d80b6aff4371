"""The `leerlabo` command. Each feature adds its own commands; exit codes are 0 done, 1 refused (says why), 2 usage.

`serve` only starts others, so it must not wait for the whole platform to be imported: what it does not need is imported
where it is needed.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence

from lms.kernel import schema, serving
from lms.kernel.config import ConfigError, Settings
from lms.kernel.db import Database
from lms.kernel.errors import NotFound, Refused
from lms.kernel.logs import configure_logs

Run = Callable[[argparse.Namespace, Settings, Database], int]
Commands = argparse._SubParsersAction  # noqa: SLF001  argparse gives its type no public name


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    configure_logs()
    given = sys.argv[1:] if arguments is None else list(arguments)
    try:
        settings = Settings.from_environ(os.environ)
    except ConfigError as error:
        return _refuse(str(error))
    if given == ["serve"]:
        return _serve(settings)
    return _run(_parser().parse_args(given), settings)


def _serve(settings: Settings) -> int:
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = Database(settings.database_url, sqlite_synchronous=settings.sqlite_synchronous)
    schema.upgrade(database)
    database.dispose()
    return serving.serve(settings)


def _run(chosen: argparse.Namespace, settings: Settings) -> int:
    from lms import app  # noqa: PLC0415

    settings.data_dir.mkdir(parents=True, exist_ok=True)
    database = app.open_database(settings)
    try:
        run: Run = chosen.run
        return run(chosen, settings, database)
    except (Refused, NotFound) as error:
        return _refuse(str(error))
    finally:
        database.dispose()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="leerlabo", description="Leerlabo: leren in de social profit.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    commands.add_parser("serve", help="migrate, then run the web processes and the worker until stopped")
    worker = commands.add_parser("worker", help="run only the worker: mail, jobs, what is sent on")
    worker.set_defaults(run=_work)
    _add_schema(commands)
    _add_features(commands)
    return parser


def _add_features(commands: Commands[argparse.ArgumentParser]) -> None:
    from courses.authoring import cli as authoring  # noqa: PLC0415
    from lms.accounts import cli as accounts  # noqa: PLC0415
    from lms.demo import cli as demo  # noqa: PLC0415
    from lms.lti import cli as lti  # noqa: PLC0415
    from sectors.covenant import cli as covenant  # noqa: PLC0415
    from xapi.credentials import cli as credentials  # noqa: PLC0415
    from xapi.reading import cli as reading  # noqa: PLC0415
    from xapi.statements import cli as statements  # noqa: PLC0415

    for feature in (demo, accounts, authoring, covenant, lti):
        feature.add_commands(commands)
    lrs = commands.add_parser("lrs", help="the record store: its keys, statements in and out")
    acts = lrs.add_subparsers(required=True, metavar="ACT")
    for feature in (credentials, statements, reading):
        feature.add_commands(acts)


def _add_schema(commands: Commands[argparse.ArgumentParser]) -> None:
    db = commands.add_parser("db", help="the database's schema").add_subparsers(required=True, metavar="ACT")
    db.add_parser("upgrade", help="bring the schema up to date").set_defaults(run=_upgrade)
    revision = db.add_parser("revision", help="write a migration for what the models changed")
    revision.add_argument("message")
    revision.set_defaults(run=_revision)


def _work(_chosen: argparse.Namespace, settings: Settings, database: Database) -> int:
    from lms import app  # noqa: PLC0415

    app.open_queue(settings, database).work()
    return 0


def _upgrade(_chosen: argparse.Namespace, _settings: Settings, database: Database) -> int:
    schema.upgrade(database)
    return 0


def _revision(chosen: argparse.Namespace, _settings: Settings, database: Database) -> int:
    schema.write_revision(database, chosen.message)
    return 0


def _refuse(reason: str) -> int:
    print(reason, file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
