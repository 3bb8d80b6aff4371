"""Keys: made once, shown once, limited, taken back; and the command that makes them."""

from __future__ import annotations

import argparse
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.errors import NotFound
from lms.kernel.identity import Grant, Identity, Role
from tests.services.platform import settings_for
from xapi.credentials.cli import add_commands
from xapi.credentials.models import Scope
from xapi.credentials.queries import find_access, hash_of, list_credentials
from xapi.credentials.services import create_credential, mark_used, revoke_credential

ADMIN = Identity(person_id=1, grants=(Grant(Role.ADMIN),))
ORGANISATION = "ec531277-b57b-4c15-8d91-d292c5b2b8f7"


def test_a_key_opens_with_its_own_secret_only(db: Session) -> None:
    credential, secret = create_credential(db, "Content", scopes=[Scope.WRITE], area="gezinszorg")
    other, _ = create_credential(db, "Other")

    access = find_access(db, credential.key, hash_of(secret))

    assert access is not None
    assert (access.name, access.area, access.scopes) == ("Content", "gezinszorg", frozenset({Scope.WRITE}))
    assert find_access(db, other.key, hash_of(secret)) is None
    assert find_access(db, credential.key, hash_of("")) is None
    assert find_access(db, "nobody", bytes(32)) is None
    assert secret.encode() not in credential.secret_hash
    assert len(secret) >= 40


def test_a_key_ends_when_revoked_or_expired(db: Session) -> None:
    ends = clock.now() + timedelta(days=1)
    credential, secret = create_credential(db, "Content", expires_at=ends)

    assert find_access(db, credential.key, hash_of(secret)) is not None
    with clock.moved_to(ends):
        assert find_access(db, credential.key, hash_of(secret)) is None
    first = revoke_credential(db, credential.key).revoked_at
    assert revoke_credential(db, credential.key).revoked_at == first
    assert find_access(db, credential.key, hash_of(secret)) is None
    with pytest.raises(NotFound):
        revoke_credential(db, "nobody")


def test_the_newest_credential_is_listed_first(db: Session) -> None:
    names = ["first", "second"]
    for name in names:
        create_credential(db, name)

    assert [row.name for row in list_credentials(db, ADMIN)] == names[::-1]


def test_the_latest_use_is_kept(db: Session) -> None:
    credential, _ = create_credential(db, "Content")
    other, _ = create_credential(db, "Other")
    early, late = datetime(2027, 1, 1, tzinfo=UTC), datetime(2027, 1, 2, tzinfo=UTC)

    for moment in (early, late, early):
        mark_used(db, credential.id, moment)

    db.refresh(credential)
    db.refresh(other)
    assert (credential.last_used_at, other.last_used_at) == (late, None)


@pytest.mark.parametrize(
    ("scopes", "asked", "may"),
    [
        ([Scope.ALL], Scope.PROFILE, True),
        ([Scope.READ_MINE], Scope.READ, False),
        ([Scope.READ, Scope.STATE], Scope.STATE, True),
        ([], Scope.WRITE, False),
    ],
)
def test_a_scope_allows_what_it_says(db: Session, scopes: list[Scope], asked: Scope, may: bool) -> None:  # noqa: FBT001
    credential, secret = create_credential(db, "Content", scopes=scopes)
    access = find_access(db, credential.key, hash_of(secret))

    assert access is not None
    assert access.has(asked) is may


def _run(database: Database, tmp_path: Path, *arguments: str) -> int:
    parser = argparse.ArgumentParser()
    add_commands(parser.add_subparsers())
    chosen = parser.parse_args(arguments)
    code: int = chosen.run(chosen, settings_for("sqlite:///unused.db", tmp_path), database)
    return code


def test_the_command_makes_a_key_and_prints_it(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    limits = ("--area", "onderwijs", "--organisation", ORGANISATION, "--expires", "2027-01-31")

    assert _run(database, tmp_path, "credential", "Moodle", "--scope", "statements/write", "--json", *limits) == 0

    made = json.loads(capsys.readouterr().out)
    with database.read() as db, clock.moved_to(datetime(2027, 1, 31, 22, 59, tzinfo=UTC)):
        access = find_access(db, made["key"], hash_of(made["secret"]))
    with database.read() as db, clock.moved_to(datetime(2027, 1, 31, 23, tzinfo=UTC)):
        assert find_access(db, made["key"], hash_of(made["secret"])) is None
    assert access is not None
    assert (access.scopes, access.area, access.organisation) == (
        frozenset({Scope.WRITE}),
        "onderwijs",
        UUID(ORGANISATION),
    )
    assert _run(database, tmp_path, "revoke", made["key"]) == 0
    with database.read() as db:
        assert find_access(db, made["key"], hash_of(made["secret"])) is None


def test_the_command_says_key_and_secret_to_people(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _run(database, tmp_path, "credential", "Moodle")

    words = capsys.readouterr().out.split()
    assert words[::2] == ["key", "secret"]
    with database.read() as db:
        assert find_access(db, words[1], hash_of(words[3])) is not None


@pytest.mark.parametrize("wrong", [["--scope", "everything"], ["--area", "nowhere"], ["--organisation", "1"]])
def test_the_command_refuses_what_does_not_exist(database: Database, tmp_path: Path, wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        _run(database, tmp_path, "credential", "Moodle", *wrong)

    assert ended.value.code == 2
