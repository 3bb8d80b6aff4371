"""Statements in and out by the command: nothing lost, nothing twice, and a word on every line that stays out."""

from __future__ import annotations

import argparse
import tracemalloc
from collections.abc import Sequence
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import sqlalchemy as sa

from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.errors import NotFound, Refused
from tests.unit.xapi.examples import minimal
from xapi.credentials.models import Scope
from xapi.credentials.queries import end_of
from xapi.credentials.services import create_credential, revoke_credential
from xapi.reading import cli as reading
from xapi.reading import queries
from xapi.statements import cli as statements
from xapi.statements import services
from xapi.statements.models import Statement
from xapi.statements.services import sources, store


def run(database: Database, *words: object) -> int:
    parser = argparse.ArgumentParser(prog="leerlabo lrs")
    acts = parser.add_subparsers(required=True)
    for feature in (statements, reading):
        feature.add_commands(acts)
    chosen = parser.parse_args([str(word) for word in words])
    code: int = chosen.run(chosen, Settings.from_environ({}), database)
    return code


@pytest.fixture
def key(database: Database) -> str:
    """The key of a credential that may do everything."""
    return make_key(database)


def make_key(database: Database, *scopes: Scope, **limits: Any) -> str:
    with database.write() as db:
        return create_credential(db, "Import", scopes=scopes or (Scope.ALL,), **limits)[0].key


def some(count: int) -> list[dict[str, Any]]:
    return [minimal(id=str(uuid4()), object={"id": f"urn:x:{number}"}) for number in range(count)]


def write(file: Path, lines: Sequence[Any]) -> Path:
    file.write_bytes(b"".join((line if isinstance(line, bytes) else orjson.dumps(line)) + b"\n" for line in lines))
    return file


def kept(database: Database) -> list[UUID]:
    with database.read() as db:
        return list(db.scalars(sa.select(Statement.uuid).order_by(Statement.id)))


def ids(given: Sequence[dict[str, Any]]) -> list[UUID]:
    return [UUID(statement["id"]) for statement in given]


def test_good_lines_pass_and_bad_ones_are_named(
    database: Database, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good = some(3)
    changed = good[0] | {"object": {"id": "urn:other"}}
    lines = [good[0], b"{no json", b"", minimal(verb={"id": "bad"}), good[1], good[1], changed, [good[2]], good[2]]
    assert run(database, "import", write(tmp_path / "in.jsonl", lines), "--key", key) == 1
    said = capsys.readouterr()
    assert said.out == "3 stored, 1 already here, 4 refused\n"
    errors = [line for line in said.err.splitlines() if line.startswith("line")]
    assert [error.split(":")[0] for error in errors] == ["line 2", "line 4", "line 7", "line 8"]
    assert "$.verb.id must be" in errors[1]
    assert sorted(kept(database)) == sorted(ids(good))


@pytest.mark.parametrize(
    "line",
    [b'{"actor": "\xff"}', b'{"\xff": 1}', b'{"id": "\xff"}', b'{"version": "\xff"}', b'["\xff"]', b"\xff", b"}"],
)
def test_a_line_of_other_bytes_than_utf_8_is_named(
    database: Database, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], line: bytes
) -> None:
    good = some(2)
    assert run(database, "import", write(tmp_path / "in.jsonl", [good[0], line, good[1]]), "--key", key) == 1
    said = capsys.readouterr()
    assert said.out == "2 stored, 0 already here, 1 refused\n"
    assert "line 2: $" in said.err
    assert kept(database) == ids(good)


def test_what_is_here_already_is_passed_over(
    database: Database, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    nameless = minimal()
    file = write(tmp_path / "in.jsonl", [*some(2), nameless, nameless])
    run(database, "import", file, "--key", key)
    run(database, "import", file, "--key", key, "--from-start")
    assert capsys.readouterr().out.splitlines() == [
        "3 stored, 1 already here, 0 refused",
        "0 stored, 4 already here, 0 refused",
    ]


def test_it_goes_on_where_it_stopped(
    database: Database, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sources, "AT_ONCE", 3)
    given = some(10)
    file = write(tmp_path / "in.jsonl", given)
    stop_after = iter([True, True, False])
    real = services.import_piece

    def stopping(*values: Any, **named: Any) -> Any:
        if not next(stop_after):
            raise KeyboardInterrupt
        return real(*values, **named)

    with monkeypatch.context() as patch:
        patch.setattr(services, "import_piece", stopping)
        with pytest.raises(KeyboardInterrupt):
            run(database, "import", file, "--key", key)
    assert kept(database) == ids(given[:6])
    run(database, "import", file, "--key", key)
    assert capsys.readouterr().out == "4 stored, 0 already here, 0 refused\n"
    assert kept(database) == ids(given)
    more = some(1)
    with file.open("ab") as grown:
        grown.write(orjson.dumps(more[0]) + b"\n{}\n")
    run(database, "import", file, "--key", key)
    said = capsys.readouterr()
    assert said.out == "1 stored, 0 already here, 1 refused\n"
    assert "line 12: " in said.err
    other = some(2)
    run(database, "import", write(file, other), "--key", key)
    assert kept(database) == ids([*given, *more, *other])


def mended(file: Path, line: int, statement: Any) -> Path:
    lines = file.read_bytes().splitlines()
    lines[line - 1] = orjson.dumps(statement)
    return write(file, lines)


@pytest.mark.parametrize("wrong", [b"{no json", minimal(verb={"id": "bad"})])
def test_a_mended_file_is_read_again(
    database: Database, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], wrong: Any
) -> None:
    given = some(4)
    file = write(tmp_path / "in.jsonl", [given[0], wrong, given[2], given[3]])
    assert run(database, "import", file, "--key", key) == 1
    assert run(database, "import", mended(file, 2, given[1]), "--key", key) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 stored, 3 already here, 0 refused"
    assert sorted(kept(database)) == sorted(ids(given))


def test_a_file_mended_at_equal_length_is_read_again(
    database: Database, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = some(3)
    wrong = orjson.dumps(given[1]).replace(b"mailto:", b"mailto ")
    file = write(tmp_path / "in.jsonl", [given[0], wrong, given[2]])
    assert run(database, "import", file, "--key", key) == 1
    assert run(database, "import", mended(file, 2, given[1]), "--key", key) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 stored, 2 already here, 0 refused"


def test_half_a_line_at_the_end_is_read_whole_when_it_is_there(
    database: Database, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given, file = some(2), tmp_path / "in.jsonl"
    whole = write(file, given).read_bytes()
    file.write_bytes(whole[:-20])
    assert run(database, "import", file, "--key", key) == 1
    file.write_bytes(whole)
    assert run(database, "import", file, "--key", key) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 stored, 1 already here, 0 refused"


def test_bad_lines_are_told_in_little_memory(
    database: Database, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    peaks = []
    with (tmp_path / "said").open("w") as said:
        monkeypatch.setattr("sys.stderr", said)
        for count in (1_000, 8_000):
            file = write(tmp_path / f"{count}.jsonl", [b"{}"] * count)
            tracemalloc.start()
            assert run(database, "import", file, "--key", key) == 1
            peaks.append(tracemalloc.get_traced_memory()[1])
            tracemalloc.stop()
    assert (tmp_path / "said").read_text().count("must have actor") == 9_000
    assert peaks[1] - peaks[0] < 500_000


def test_only_a_credential_that_may_do_all(database: Database, key: str, tmp_path: Path) -> None:
    file = write(tmp_path / "in.jsonl", some(1))
    with pytest.raises(Refused, match="scope all"):
        run(database, "import", file, "--key", make_key(database, Scope.WRITE))
    with database.write() as db:
        revoke_credential(db, key)
    with pytest.raises(Refused, match="revoked"):
        run(database, "import", file, "--key", key)
    with pytest.raises(Refused, match="expired on 2020-01-01"):
        run(database, "import", file, "--key", make_key(database, expires_at=end_of(date(2020, 1, 1))))
    with pytest.raises(NotFound):
        run(database, "import", file, "--key", "nobody's")
    assert kept(database) == []


def test_lines_are_stamped_and_judged_by_their_own_version(database: Database, tmp_path: Path) -> None:
    key = make_key(database, area="gezinszorg")
    old = minimal(id=str(uuid4()), version="1.0.0", timestamp="2015-01-01T10:00")
    assert run(database, "import", write(tmp_path / "in.jsonl", [old]), "--key", key) == 0
    with database.read() as db:
        row = db.scalars(sa.select(Statement)).one()
    assert (row.area, row.version) == ("gezinszorg", "1.0.0")
    assert orjson.loads(row.payload)["authority"]["name"] == "Import"


def test_a_line_brings_no_files_along(
    database: Database, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with_data = {"usageType": "urn:use", "display": {"nl": "Foto"}, "contentType": "image/png", "length": 3}
    with_data["sha2"] = "a" * 64
    elsewhere = with_data | {"fileUrl": "https://files.example/a.png"}
    file = write(tmp_path / "in.jsonl", [minimal(attachments=[with_data]), minimal(attachments=[elsewhere])])
    assert run(database, "import", file, "--key", key) == 1
    said = capsys.readouterr()
    assert said.out == "1 stored, 0 already here, 1 refused\n"
    assert "line 1: $.attachments[0] must have a fileUrl" in said.err


@pytest.mark.parametrize("source", ["missing.jsonl", ".", "http://127.0.0.1:9/xapi"])
def test_a_source_that_cannot_be_read(database: Database, key: str, tmp_path: Path, source: str) -> None:
    given = source if "://" in source else tmp_path / source
    with pytest.raises(Refused, match=r"cannot be read|did not answer"):
        run(database, "import", given, "--key", key)


def test_what_goes_out_comes_in_again(database: Database, key: str, tmp_path: Path) -> None:
    with database.write() as db:
        store(db, some(7), area="gezinszorg")
        store(db, some(1))
    file = tmp_path / "out.jsonl"
    assert run(database, "export", "--out", file, "--area", "gezinszorg") == 0
    before = kept(database)
    assert [UUID(orjson.loads(line)["id"]) for line in file.read_bytes().splitlines()] == before[:7]
    assert run(database, "import", file, "--key", key) == 0
    assert kept(database) == before
    assert run(database, "export", "--out", tmp_path / "out.csv", "--kind", "csv", "--until", "1999-01-01") == 0
    assert len((tmp_path / "out.csv").read_bytes().splitlines()) == 1
    with pytest.raises(Refused, match="cannot be written"):
        run(database, "export", "--out", tmp_path)


@pytest.mark.parametrize("kind", ["jsonl", "zip"])
def test_a_record_that_moved_is_in_the_order_it_was(
    database: Database, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    monkeypatch.setattr(queries, "PIECE", 3)
    monkeypatch.setattr(sources, "AT_ONCE", 3)
    with database.write() as db:
        given = store(db, some(10))
    file = tmp_path / f"out.{kind}"
    assert run(database, "export", "--out", file, "--kind", kind) == 0
    with database.write() as db:
        db.execute(sa.delete(Statement))
    assert run(database, "import", file, "--key", key) == 0
    assert kept(database) == given


def test_an_export_says_how_far_it_is(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(queries, "PIECE", 4)
    with database.write() as db:
        store(db, some(10))
    assert run(database, "export") == 0
    said = capsys.readouterr()
    assert len(said.out.splitlines()) == 10
    assert said.err.splitlines() == ["4 of 10 …", "8 of 10 …", "10 of 10 …"]


def test_what_is_stored_meanwhile_is_not_in_an_export(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "PIECE", 1)
    with database.write() as db:
        given = store(db, some(3))
    with database.read() as db:
        wanted = queries.until_now(db, queries.Wanted())
    pieces = queries.write_pieces(database, reading.OPERATOR, wanted, kind="jsonl", language="nl")
    lines = []
    for piece in islice(pieces, 9):
        lines += piece.splitlines()
        with database.write() as db:
            store(db, some(1))
    assert [UUID(orjson.loads(line)["id"]) for line in lines] == given
