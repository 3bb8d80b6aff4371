"""`leerlabo lti`: platforms and keys from a terminal, with exit codes 0, 1 and 2."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from lms.accounts.models import Organisation
from lms.kernel.db import Database
from lms.kernel.errors import CommandRefused
from lms.lti.cli import add_commands
from lms.lti.models import PlatformRegistration
from lms.lti.queries.keys import SECRET
from tests.factories.accounts import make_organisation
from tests.services.platform import SECRET_KEY, settings_for

Run = Callable[..., int]


@pytest.fixture
def database(database: Database) -> Database:
    database.info[SECRET] = SECRET_KEY
    return database


@pytest.fixture
def run(database: Database, tmp_path: Path) -> Run:
    """Runs one command as `leerlabo` does."""
    settings = settings_for("sqlite:///x", tmp_path, LEERLABO_BASE_URL="https://leren.example")

    def run(*words: str) -> int:
        parser = argparse.ArgumentParser(prog="leerlabo")
        add_commands(parser.add_subparsers(required=True))
        chosen = parser.parse_args(["lti", *words])
        code: int = chosen.run(chosen, settings, database)
        return code

    return run


@pytest.fixture
def employer(database: Database) -> Organisation:
    with database.write() as db:
        return make_organisation(db)


def adding(employer: Organisation, **changes: str) -> list[str]:
    given = {
        "organisation": employer.kbo,
        "area": "gezinszorg",
        "client-id": "abc",
        "product": "moodle",
        "site": "https://moodle.example",
        "deployment": "7",
    } | changes
    return ["platform", "add", "Moodle", *(word for name, value in given.items() for word in (f"--{name}", value))]


def test_a_platform_is_added_and_listed(
    run: Run, employer: Organisation, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(*adding(employer), "--deployment", "8") == 0
    uuid = capsys.readouterr().out.strip()
    with database.read() as db:
        made = db.query(PlatformRegistration).one()
    assert (str(made.uuid), made.issuer) == (uuid, "https://moodle.example")
    assert made.jwks_uri == "https://moodle.example/mod/lti/certs.php"
    assert run("platform", "list", "--json") == 0
    [row] = json.loads(capsys.readouterr().out)
    assert (row["name"], row["deployments"], row["on"]) == ("Moodle", ["7", "8"], True)
    assert run("platform", "list") == 0
    assert "on   Moodle  https://moodle.example  client abc  7, 8" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"organisation": "0000000000"}, "no organisation has the KBO number"),
        ({"site": "moodle.example"}, "--site: "),
        ({"site": "http://moodle.example"}, "--site: "),
        ({"token-endpoint": "nowhere"}, "--token-endpoint: "),
        ({"client-id": ""}, "--client-id: "),
        ({"deployment": "x" * 300}, "--deployment-id: "),
    ],
)
def test_what_is_wrong_is_refused_in_the_words_of_a_terminal(
    run: Run, employer: Organisation, database: Database, changes: dict[str, str], said: str
) -> None:
    with pytest.raises(CommandRefused, match=said):
        run(*adding(employer, **changes))
    with database.read() as db:
        assert db.query(PlatformRegistration).count() == 0


def test_wrong_usage_is_two(run: Run, employer: Organisation, capsys: pytest.CaptureFixture[str]) -> None:
    for words in ([], ["platform"], ["platform", "add", "x"], adding(employer, area="nowhere"), ["keys", "turn"]):
        with pytest.raises(SystemExit) as ended:
            run(*words)
        assert ended.value.code == 2
    with pytest.raises(SystemExit) as ended:
        run("platform", "add", "--help")
    assert ended.value.code == 0
    assert "--deployment ID" in capsys.readouterr().out


def test_our_addresses(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("addresses") == 0
    assert "keys      https://leren.example/lti/jwks" in capsys.readouterr().out


def test_keys_are_listed_and_rotated(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("keys", "rotate") == 0
    new = capsys.readouterr().out.split()[0]
    assert run("keys", "list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].split()[0] == new
    assert "published until" in lines[1]
    assert run("keys", "rotate", "--now") == 0
    capsys.readouterr()
    run("keys", "list")
    assert capsys.readouterr().out.count("no longer published") == 2
