"""Old statements go, with all that hangs on them; what voids stays exactly as long as what it voids."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel import clock
from lms.kernel.db import Base, Database
from lms.kernel.errors import Refused
from tests.unit.xapi.examples import AGENT, GROUP, TEAM, minimal
from tests.unit.xapi.meanwhile import meanwhile
from tests.unit.xapi.test_forgetting import run
from xapi.statements.models import (
    Removal,
    Statement,
    StatementActivity,
    StatementAgent,
    StatementFile,
    StatementImport,
    StatementPair,
    Voiding,
)
from xapi.statements.queries import find_statement
from xapi.statements.services import purging, store, void_statement

CUT = datetime(2020, 1, 1, tzinfo=UTC)
OLD, NEW = CUT - timedelta(days=30), CUT + timedelta(days=30)
TABLES: tuple[type[Base], ...] = (Statement, StatementAgent, StatementActivity, StatementPair, StatementFile, Voiding)


def keep(database: Database, at: datetime, count: int = 1) -> list[UUID]:
    context = {"instructor": GROUP, "team": TEAM, "contextActivities": {"parent": [{"id": "urn:course"}]}}
    with clock.moved_to(at), database.write() as db:
        return store(db, [minimal(actor=AGENT, context=context) for _number in range(count)])


def void(database: Database, at: datetime, uuid: UUID) -> UUID:
    with clock.moved_to(at), database.write() as db:
        return void_statement(db, uuid, actor=AGENT)


def here(database: Database) -> list[UUID]:
    with database.read() as db:
        return list(db.scalars(sa.select(Statement.uuid).order_by(Statement.id)))


def counts(db: Session) -> list[int]:
    return [db.scalar(sa.select(sa.func.count()).select_from(model)) or 0 for model in TABLES]


def test_what_is_old_goes_with_all_that_hangs_on_it(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(purging, "AT_ONCE", 3)
    new = keep(database, NEW, 2)
    with database.read() as db:
        before = counts(db)
    old = keep(database, OLD, 10)
    with database.write() as db:
        row = db.scalars(sa.select(Statement.id).where(Statement.uuid == old[0])).one()
        db.add(StatementFile(statement_id=row, sha2="a" * 64))
    assert run(database, "purge", "--before", "2020-01-01", "--dry-run") == 0
    assert capsys.readouterr().out == "10 statements would go, and 0 later ones that only void these\n"
    assert len(here(database)) == 12
    assert run(database, "purge", "--before", "2020-01-01") == 0
    assert capsys.readouterr().out == "10 statements are gone\n"
    assert here(database) == new
    with database.read() as db:
        assert counts(db) == before
        [entry] = db.scalars(sa.select(Removal))
    # the day begins at midnight in Brussels
    assert (entry.kind, entry.before, entry.statements) == ("purge", CUT - timedelta(hours=1), 10)
    assert entry.by == getpass.getuser()


def test_a_user_without_a_name_is_known_by_number(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(getpass, "getuser", unknown)
    run(database, "purge", "--before", "2020-01-01")
    with database.read() as db:
        assert db.scalars(sa.select(Removal.by)).one() == str(os.getuid())


def _old_voided_then(database: Database) -> set[UUID]:
    void(database, NEW, keep(database, OLD)[0])
    return set()


def _new_voided_before_it_came(database: Database) -> set[UUID]:
    uuid = UUID("3f6f2b0e-5a08-4f4b-9f53-1d6a1f1f0c11")
    voiding = void(database, OLD, uuid)
    with clock.moved_to(NEW), database.write() as db:
        store(db, [minimal(id=str(uuid))])
    return {uuid, voiding}


def _new_voided(database: Database) -> set[UUID]:
    [uuid] = keep(database, NEW)
    return {uuid, void(database, NEW, uuid)}


def _voiding_voided(database: Database) -> set[UUID]:
    void(database, NEW, void(database, NEW, keep(database, OLD)[0]))
    return set()


def _nothing_to_void(database: Database) -> set[UUID]:
    void(database, OLD, UUID(int=7, version=4))
    return set()


@pytest.mark.parametrize(
    "tell", [_old_voided_then, _new_voided_before_it_came, _new_voided, _voiding_voided, _nothing_to_void]
)
def test_no_void_is_left_dangling(database: Database, tell: Callable[[Database], set[UUID]]) -> None:
    stays = tell(database)
    assert run(database, "purge", "--before", "2020-01-01") == 0
    assert set(here(database)) == stays
    with database.read() as db:
        assert {uuid for uuid in stays if find_statement(db, uuid, voided=True)} == set(
            db.scalars(sa.select(Voiding.target))
        )


def test_the_dry_run_counts_what_voids(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    _old_voided_then(database)
    _new_voided_before_it_came(database)
    run(database, "purge", "--before", "2020-01-01", "--dry-run")
    assert capsys.readouterr().out == "1 statements would go, and 1 later ones that only void these\n"


def test_the_dry_run_counts_as_many_as_go(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    [uuid] = keep(database, OLD)
    early = void(database, OLD, UUID("3f6f2b0e-5a08-4f4b-9f53-1d6a1f1f0c11"))
    void(database, NEW, void(database, NEW, uuid))
    void(database, NEW, early)
    stays = [*keep(database, NEW), void(database, NEW, UUID(int=7, version=4))]
    run(database, "purge", "--before", "2020-01-01", "--dry-run")
    assert capsys.readouterr().out == "2 statements would go, and 3 later ones that only void these\n"
    run(database, "purge", "--before", "2020-01-01")
    assert capsys.readouterr().out == "5 statements are gone\n"
    assert here(database) == stays


def test_a_void_that_comes_meanwhile_goes_too(database: Database) -> None:
    [uuid] = keep(database, OLD)
    with database.write() as db:
        removal_id = purging.open_purge(db, CUT)
    with database.write() as db:
        meanwhile(database, db, "DELETE FROM statement ", lambda other: void_statement(other, uuid, actor=AGENT))
        assert purging.purge_piece(db, CUT, removal_id) == 2
    assert here(database) == []
    with database.read() as db:
        assert counts(db) == [0] * len(TABLES)
        assert db.scalars(sa.select(Removal.statements)).one() == 2


def test_nothing_of_what_is_to_come(database: Database) -> None:
    with pytest.raises(Refused, match="still to come"):
        run(database, "purge", "--before", "9000-01-01")
    with database.read() as db:
        assert db.scalars(sa.select(Removal)).all() == []
        assert db.scalars(sa.select(StatementImport)).all() == []
