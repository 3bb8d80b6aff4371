"""Statements and the data of their attachments, out into a zip and in from one; hostile zips stay out."""

from __future__ import annotations

import argparse
import hashlib
import io
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import orjson
import pytest
import sqlalchemy as sa

from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.errors import Refused
from lms.kernel.storage import Storage
from tests.services.platform import settings_for
from tests.unit.xapi.examples import minimal
from tests.unit.xapi.test_moving import make_key
from xapi.credentials.queries import access_of, get_credential
from xapi.reading import cli as reading
from xapi.reading.formats import zip_pieces
from xapi.standard.multipart import ENCODING_HEADER, HASH_HEADER, Part
from xapi.standard.version import Version
from xapi.statements import cli as statements
from xapi.statements import services
from xapi.statements.formats import match_files, receive
from xapi.statements.models import Statement, StatementFile
from xapi.statements.queries import file_key
from xapi.statements.services import keep_files, sources, store_received

PICTURE, FILM = b"\x89PNG a picture", b"a film " * 1000


class House:
    """A record with its storage, and the commands."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database, self.settings = database, settings
        self.storage = Storage(settings.storage_url)
        self.key = make_key(database)

    def run(self, *words: object) -> int:
        parser = argparse.ArgumentParser(prog="leerlabo lrs")
        acts = parser.add_subparsers(required=True)
        for feature in (statements, reading):
            feature.add_commands(acts)
        chosen = parser.parse_args([str(word) for word in words])
        code: int = chosen.run(chosen, self.settings, self.database)
        return code

    def take(self, file: Path, *more: str) -> int:
        return self.run("import", file, "--key", self.key, *more)

    def keep(self, *given: dict[str, Any], data: tuple[bytes, ...] = ()) -> None:
        """Store statements that came with this data."""
        received, is_batch = receive(orjson.dumps(given), Version.V2)
        parts = [Part("part", {HASH_HEADER.lower(): sha2_of(it), ENCODING_HEADER.lower(): "binary"}, it) for it in data]
        matched, found = match_files(received, parts, is_batch=is_batch)
        keep_files(self.storage, found)
        with self.database.write() as db:
            store_received(db, matched, access_of(get_credential(db, self.key)))

    def files(self) -> list[tuple[UUID, str]]:
        """Which data came with which statement."""
        query = sa.select(Statement.uuid, StatementFile.sha2).join(
            StatementFile, StatementFile.statement_id == Statement.id
        )
        with self.database.read() as db:
            return sorted((row[0], row[1]) for row in db.execute(query))

    def payloads(self) -> list[bytes]:
        with self.database.read() as db:
            return list(db.scalars(sa.select(Statement.payload).order_by(Statement.uuid)))

    def forget(self) -> None:
        """As if nothing had ever been here."""
        with self.database.write() as db:
            for model in (Statement, StatementFile):
                db.execute(sa.delete(model))
        for key in self.storage.list("attachments"):
            self.storage.delete(key)


@pytest.fixture
def house(database: Database, tmp_path: Path) -> House:
    return House(database, settings_for(f"sqlite:///{tmp_path}/unused.db", tmp_path))


def sha2_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def bringing(*data: bytes, **more: Any) -> dict[str, Any]:
    """A statement with these attachments."""
    attachments = [
        {
            "usageType": "urn:use",
            "display": {"nl": "Foto"},
            "contentType": "image/png",
            "length": len(it),
            "sha2": sha2_of(it),
        }
        for it in data
    ]
    return minimal(id=str(uuid4()), attachments=attachments, **more)


def zip_of(file: Path, lines: list[Any], *data: bytes, **entries: bytes) -> Path:
    """A zip with these statements and data, and more entries by name."""
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("statements.jsonl", b"".join(orjson.dumps(line) + b"\n" for line in lines))
        for it in data:
            archive.writestr(f"attachments/{sha2_of(it)}", it)
        for name, it in entries.items():
            archive.writestr(name, it)
    return file


def test_what_goes_out_comes_in_again_with_its_data(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    house.keep(bringing(PICTURE), bringing(PICTURE, FILM), minimal(), data=(PICTURE, FILM))
    file, files = tmp_path / "out.zip", house.files()
    assert house.run("export", "--kind", "zip", "--out", file) == 0
    with zipfile.ZipFile(file) as archive:
        assert sorted(archive.namelist()) == sorted(
            ["statements.jsonl", *(f"attachments/{sha2_of(it)}" for it in (PICTURE, FILM))]
        )
        assert archive.testzip() is None
    assert house.take(file) == 0  # all of it is here
    before = house.payloads()
    house.forget()
    assert house.take(file, "--from-start") == 0
    assert house.files() == files
    assert house.storage.get(file_key(sha2_of(FILM))) == FILM
    assert house.storage.get(file_key(sha2_of(PICTURE))) == PICTURE
    assert [orjson.loads(payload)["attachments"] for payload in house.payloads() if b"attachments" in payload] == [
        orjson.loads(payload)["attachments"] for payload in before if b"attachments" in payload
    ]
    assert capsys.readouterr().out.splitlines() == [
        "0 stored, 3 already here, 0 refused",
        "3 stored, 0 already here, 0 refused",
    ]


def test_it_goes_on_where_it_stopped(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sources, "AT_ONCE", 2)
    given = [bringing(b"%d" % number) for number in range(5)]
    file = zip_of(tmp_path / "in.zip", given, *(b"%d" % number for number in range(5)))
    real, turns = services.import_piece, iter([True, False])

    def stopping(*values: Any, **named: Any) -> Any:
        if not next(turns):
            raise KeyboardInterrupt
        return real(*values, **named)

    with monkeypatch.context() as patch:
        patch.setattr(services, "import_piece", stopping)
        with pytest.raises(KeyboardInterrupt):
            house.take(file)
    assert len(house.files()) == 2
    assert house.take(file) == 0
    assert capsys.readouterr().out == "3 stored, 0 already here, 0 refused\n"
    assert house.files() == sorted((UUID(it["id"]), sha2_of(b"%d" % number)) for number, it in enumerate(given))


def test_data_with_another_hash_and_data_that_is_missing_keep_their_lines_out(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    good, wrong, missing = bringing(PICTURE), bringing(FILM), bringing(b"missing")
    file = zip_of(tmp_path / "in.zip", [good, wrong, missing], PICTURE, **{f"attachments/{sha2_of(FILM)}": b"not it"})
    assert house.take(file) == 1
    said = capsys.readouterr()
    assert said.out == "1 stored, 0 already here, 2 refused\n"
    errors = [line for line in said.err.splitlines() if line.startswith("line")]
    assert errors[0].startswith(f"line 2: attachments/{sha2_of(FILM)}.X-Experience-API-Hash must be the SHA-2")
    assert errors[1].startswith("line 3: $.attachments[0] must have a fileUrl")
    assert house.files() == [(UUID(good["id"]), sha2_of(PICTURE))]
    assert house.storage.list("attachments") == [file_key(sha2_of(PICTURE))]


def test_a_zip_whose_data_was_mended_is_read_again(
    house: House, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [bringing(PICTURE), bringing(FILM)]
    assert house.take(zip_of(tmp_path / "in.zip", given, PICTURE)) == 1
    assert house.take(zip_of(tmp_path / "in.zip", given, PICTURE, FILM)) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "1 stored, 1 already here, 0 refused"


def _bomb(file: Path) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("statements.jsonl", b"\n" * 20_000_000)
    return file


def _bent(file: Path) -> Path:
    """A zip whose data was damaged on the way."""
    content = bytearray(zip_of(file, [bringing(PICTURE)], PICTURE).read_bytes())
    place = content.index(PICTURE)
    content[place : place + 4] = b"BAD!"
    file.write_bytes(content)
    return file


def _twice(file: Path) -> Path:
    with pytest.warns(UserWarning, match="Duplicate"):
        return zip_of(file, [bringing(PICTURE)], PICTURE, PICTURE)


def _large(file: Path) -> Path:
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("statements.jsonl", orjson.dumps(minimal()))
        with archive.open(f"attachments/{'a' * 64}", "w") as entry:
            for _megabyte in range(121):
                entry.write(bytes(1024 * 1024))
    return file


HOSTILE: dict[str, tuple[Callable[[Path], Path], str]] = {
    "out of the folder": (lambda file: zip_of(file, [], **{"../../etc/passwd": b"x"}), "is neither statements.jsonl"),
    "an absolute name": (lambda file: zip_of(file, [], **{"/etc/passwd": b"x"}), "is neither"),
    "below the folder": (lambda file: zip_of(file, [], **{"attachments/../x": b"x"}), "is neither"),
    "no hash": (lambda file: zip_of(file, [], **{"attachments/abc": b"x"}), "is neither"),
    "a bomb": (_bomb, "pressed more than 200 times"),
    "a file too large": (_large, "is larger than"),
    "the same twice": (_twice, "stands there twice"),
    "damaged": (_bent, "Bad CRC-32"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_hostile_zip_is_refused(house: House, tmp_path: Path, what: str) -> None:
    make, said = HOSTILE[what]
    with pytest.raises(Refused, match=said):
        house.take(make(tmp_path / "in.zip"))
    assert house.payloads() == []
    assert house.storage.list("attachments") == []


@pytest.mark.parametrize("content", [b"PK\x03\x04 and nothing more", b"PK"])
def test_half_a_zip_is_refused(house: House, tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "in.zip"
    file.write_bytes(content)
    with pytest.raises(Refused, match="no zip that can be read"):
        house.take(file)


def test_a_zip_without_statements_is_refused(house: House, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "in.zip", "w") as archive:
        archive.writestr(f"attachments/{sha2_of(PICTURE)}", PICTURE)
    with pytest.raises(Refused, match=r"no statements\.jsonl in it"):
        house.take(tmp_path / "in.zip")


def test_a_line_without_end_is_refused(house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "LONGEST_LINE", 1000)
    file = tmp_path / "in.jsonl"
    file.write_bytes(b'{"id": "' + b"a" * 1000)
    with pytest.raises(Refused, match="longer than 1000 bytes"):
        house.take(file)


def test_so_much_data_with_one_statement_is_refused(
    house: House, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("xapi.statements.services.importing.LARGEST_FILE", len(FILM))
    file = zip_of(tmp_path / "in.zip", [bringing(FILM), bringing(FILM, PICTURE)], FILM, PICTURE)
    assert house.take(file) == 1
    assert "line 2: $.attachments must not bring more than" in capsys.readouterr().err


def test_a_zip_is_made_in_little_memory() -> None:
    megabyte = bytes(1024 * 1024)

    def lines() -> Iterator[bytes]:
        for _line in range(60):
            yield megabyte

    def files() -> Iterator[tuple[str, bytes]]:
        for number in range(60):
            yield f"{number:064}", megabyte

    tracemalloc.start()
    written = sum(len(piece) for piece in zip_pieces(lines(), files()))
    _now, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert written > 60 * len(megabyte)
    assert peak < 10 * len(megabyte)


def test_a_zip_in_pieces_is_a_zip() -> None:
    content = b"".join(zip_pieces([b"{}\n", b"[]\n"], [("a" * 64, PICTURE)]))
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        assert archive.read("statements.jsonl") == b"{}\n[]\n"
        assert archive.read(f"attachments/{'a' * 64}") == PICTURE
