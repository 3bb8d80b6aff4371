"""The commands say what is wrong and where, and leave 0, 1 or 2."""

from __future__ import annotations

import argparse
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from courses.authoring.cli import add_commands
from courses.authoring.services import shipped_folders
from courses.catalogue.models import Course, CourseVersion
from courses.catalogue.queries import list_areas_by_course, media_key
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.storage import Storage
from sectors.areas import all_areas

Run = Callable[..., int]


@pytest.fixture
def run(database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs `leerlabo course …` in an empty folder; gives the exit code."""
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    settings = replace(Settings.from_environ({}), storage_url=f"file://{tmp_path / 'files'}")

    def run(*words: str) -> int:
        parser = argparse.ArgumentParser()
        add_commands(parser.add_subparsers(required=True))
        args = parser.parse_args(["course", *words])
        code: int = args.run(args, settings, database)
        return code

    return run


def test_a_new_course_is_in_order_and_can_be_published(run: Run, database: Database) -> None:
    assert run("new", "mijn-opleiding", "--title", "Mijn opleiding") == 0
    assert run("check", "mijn-opleiding") == 0
    assert run("publish", "mijn-opleiding") == 0
    with database.read() as db:
        assert db.scalars(sa.select(Course.title)).all() == ["Mijn opleiding"]


def test_a_new_course_never_overwrites(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run("new", "mijn-opleiding")
    assert run("new", "mijn-opleiding") == 1
    assert "bestaat al" in capsys.readouterr().err


def test_a_bad_id_is_refused(run: Run) -> None:
    assert run("new", "Mijn Opleiding!") == 1
    assert not Path("Mijn Opleiding!").exists()


def test_a_long_sentence_fails_the_check_with_its_file_and_line(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    run("new", "mijn-opleiding")
    page = Path("mijn-opleiding/modules/welkom.md")
    lines = page.read_text().count("\n") + 2
    page.write_text(page.read_text() + f"\n{'Een zin met heel veel woorden ' * 3}erin.\n")
    capsys.readouterr()
    assert run("check", "mijn-opleiding") == 1
    assert f"modules/welkom.md:{lines}: Deze zin heeft 19 woorden." in capsys.readouterr().out
    assert run("publish", "mijn-opleiding") == 1
    assert run("build", "mijn-opleiding", "--out", "x.zip") == 1
    assert not Path("x.zip").exists()


def test_one_bad_course_does_not_stop_the_others(run: Run, database: Database) -> None:
    run("new", "goed")
    assert run("publish", "nergens", "goed") == 1
    with database.read() as db:
        assert db.scalars(sa.select(Course.slug)).all() == ["goed"]


def test_naming_nothing_is_a_mistake_of_use(run: Run) -> None:
    assert run("check") == 2


def test_the_shipped_courses_are_in_order_and_published_once(run: Run, database: Database, tmp_path: Path) -> None:
    names = [folder.name for folder in shipped_folders()]
    assert len(names) >= 6
    assert run("check", "--all") == 0
    assert run("publish", "--all") == 0
    assert run("publish", "--all") == 0
    with database.read() as db:
        assert sorted(db.scalars(sa.select(Course.slug))) == names
        assert set(db.scalars(sa.select(CourseVersion.number))) == {1}
        offered = list_areas_by_course(db)
        [digicoach] = db.scalars(sa.select(Course.id).where(Course.slug == "word-digicoach"))
        version = db.scalars(sa.select(CourseVersion).where(CourseVersion.course_id == digicoach)).one()
    assert offered[digicoach] == sorted(all_areas())
    assert Storage(f"file://{tmp_path / 'files'}").exists(
        media_key("word-digicoach", version.sha256, "media/samen-aan-tafel.svg")
    )


def test_building_twice_gives_the_same_bytes(run: Run) -> None:
    assert run("build", "word-digicoach", "--out", "a.zip") == 0
    assert run("build", "word-digicoach", "--out", "b.zip") == 0
    assert Path("a.zip").read_bytes() == Path("b.zip").read_bytes()
    assert "course.yml" in zipfile.ZipFile("a.zip").namelist()
