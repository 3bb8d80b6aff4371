"""`leerlabo course`: begin a course as text, check it, pack it, publish it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path

from courses.authoring.formats import Finding, new_course
from courses.authoring.services import (
    HasFindings,
    check_folder,
    find_folder,
    prepare_folder,
    publish_folder,
    read_folder,
    shipped_folders,
    write_folder,
    zip_files,
)
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.errors import Refused
from lms.kernel.storage import Storage

DONE, REFUSED, USAGE = 0, 1, 2


def add_commands(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `course` with what can be done to one."""
    course = commands.add_parser("course", help="write, check, pack and publish courses")
    acts = course.add_subparsers(required=True, metavar="ACT")
    new = acts.add_parser("new", help="begin a course: a folder with one step of each kind")
    new.add_argument("id", metavar="ID", help="small letters, digits and hyphens; also the name of the folder")
    new.add_argument("--title", default="", help="the title people see (default: made from the id)")
    new.set_defaults(run=_new)
    check = acts.add_parser("check", help="say what must be mended, as file:line: message")
    _take_courses(check)
    check.set_defaults(run=_check)
    build = acts.add_parser("build", help="pack a checked course as a zip to upload")
    build.add_argument("course", metavar="FOLDER|ID")
    build.add_argument("--out", required=True, type=Path, metavar="FILE.zip")
    build.set_defaults(run=_build)
    publish = acts.add_parser("publish", help="publish a checked course, and offer it in the areas it names")
    _take_courses(publish)
    publish.set_defaults(run=_publish)


def _take_courses(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "courses", nargs="*", metavar="FOLDER|ID", help="a folder, or a course that ships with Leerlabo"
    )
    parser.add_argument("--all", action="store_true", help="every course that ships with Leerlabo")


def _new(args: argparse.Namespace, _settings: Settings, _database: Database) -> int:
    title = args.title or args.id.replace("-", " ").capitalize()
    return _refusing(lambda: write_folder(Path(args.id), new_course(args.id, title)))


def _check(args: argparse.Namespace, _settings: Settings, _database: Database) -> int:
    return _each(args, _check_one)


def _check_one(folder: Path) -> None:
    reading = check_folder(folder)
    _show(reading.findings)
    if reading.errors:
        raise HasFindings(folder.name, ())
    print(f"{folder.name}: OK")


def _build(args: argparse.Namespace, _settings: Settings, _database: Database) -> int:
    def build(folder: Path) -> None:
        _check_one(folder)
        args.out.write_bytes(zip_files(read_folder(folder)))

    return _refusing(partial(_find_and, build, args.course))


def _publish(args: argparse.Namespace, settings: Settings, database: Database) -> int:
    storage = Storage(settings.storage_url)

    def publish(folder: Path) -> None:
        prepared = prepare_folder(folder, storage=storage)
        with database.write() as db:
            version = publish_folder(db, prepared)
        print(f"{folder.name}: {version.number}")

    return _each(args, publish)


def _each(args: argparse.Namespace, act: Callable[[Path], None]) -> int:
    """Do it to every course that was named; one that is refused does not stop the others."""
    names = [str(folder) for folder in shipped_folders() if args.all] + args.courses
    if not names:
        print("Name a folder or a course, or give --all.", file=sys.stderr)
        return USAGE
    return max(_refusing(partial(_find_and, act, name)) for name in names)


def _find_and(act: Callable[[Path], None], name: str) -> None:
    act(find_folder(name))


def _refusing(act: Callable[[], None]) -> int:
    try:
        act()
    except HasFindings as refused:
        _show(refused.findings)
        print(refused, file=sys.stderr)
        return REFUSED
    except Refused as refused:
        print(refused, file=sys.stderr)
        return REFUSED
    return DONE


def _show(findings: Iterable[Finding]) -> None:
    for finding in findings:
        print(f"{finding.file}:{finding.line}: {finding.message} [{finding.severity}, {finding.code}]")
