"""A small demo, told once for each make of database by the command itself."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

import pytest

from lms.app import connect_events
from lms.demo.cli import add_commands
from lms.kernel.db import Database
from tests.services.platform import settings_for

IRI_BASE = "https://leerlabo.test/"


@dataclass(frozen=True)
class Demo:
    """A database and the command `leerlabo demo` for it."""

    database: Database
    folder: Path

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Run the command on a small scale; its exit code, what it said, and what it complained of."""
        parser = argparse.ArgumentParser()
        add_commands(parser.add_subparsers(required=True))
        chosen = parser.parse_args(["demo", "--scale", "0.01", *arguments])
        settings = settings_for(self.database.engine.url.render_as_string(hide_password=False), self.folder)
        with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
            code: int = chosen.run(chosen, settings, self.database)
        return code, out.getvalue(), err.getvalue()


@pytest.fixture(scope="session")
def make_demo(
    empty_database_url: Callable[[], str], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[], Demo]]:
    """Makes an empty database, without tables, with the command for it."""
    made = []

    def make() -> Demo:
        database = Database(empty_database_url(), events=connect_events())
        database.info["leerlabo.iri_base"] = IRI_BASE
        made.append(database)
        return Demo(database, tmp_path_factory.mktemp("demo"))

    yield make
    for database in made:
        database.dispose()


@pytest.fixture(scope="session")
def told(make_demo: Callable[[], Demo]) -> tuple[Demo, str]:
    """The demo that every test looks at, and what the command said. To tell it again changes nothing."""
    demo = make_demo()
    code, said, complaint = demo.run()
    assert (code, complaint) == (0, "")
    return demo, said


@pytest.fixture
def demo(told: tuple[Demo, str]) -> Database:
    """The database of the small demo."""
    return told[0].database
