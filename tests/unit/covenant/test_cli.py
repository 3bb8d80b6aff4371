"""The commands: figures for people and for programs, the report as a file, and plain refusals."""

from __future__ import annotations

import argparse
import io
import json
from collections.abc import Sequence
from pathlib import Path

import pytest
from pypdf import PdfReader

from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.i18n import use_language
from sectors.covenant.cli import add_commands
from tests.factories.covenant import IRI_BASE, listen
from tests.factories.covenant_story import tell_story


def run(database: Database, words: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="leerlabo")
    add_commands(parser.add_subparsers(required=True))
    chosen = parser.parse_args(words)
    code: int = chosen.run(chosen, Settings.from_environ({}), database)
    return code


def tell(database: Database, folder: Path) -> None:
    database.info["leerlabo.iri_base"] = IRI_BASE
    with database.write() as db:
        listen(db)
        tell_story(db, folder, 1, size=12, rounds=1)


def test_targets_for_programs(database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tell(database, tmp_path)
    with use_language("en"):
        assert run(database, ["targets", "--covenant", "2023-2025", "--cut-off", "2025-03-14", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert list(said) == ["covenant", "cut_off", "commitments", "funding"]
    assert (said["covenant"], said["cut_off"], len(said["commitments"])) == ("2023-2025", "2025-03-14", 22)
    for commitment in said["commitments"]:
        assert list(commitment)[:8] == ["key", "title", "target", "figure", "unit", "period", "definition", "met"]
    rv3 = next(it for it in said["commitments"] if it["key"] == "rv3")
    assert (rv3["target"], rv3["unit"], rv3["period"], rv3["met"]) == (1000, "deelnames", "2024-2025", False)
    assert rv3["title"] == "Intersectoraal aanbod"
    assert rv3["definition"].endswith("Ze hoort bij het jaar waarin de persoon begint.")
    assert [it["period"] for it in rv3["parts"][0]["periods"]] == ["2023-2024", "2024-2025"]
    assert said["funding"]["maximum"] == "742000.00"
    assert said["funding"]["deduction"] == "14500.68"


def test_targets_for_people(database: Database, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(database, ["targets", "--covenant", "2023-2025"]) == 0
    said = capsys.readouterr().out
    assert "RV3 Intersectoraal aanbod" in said
    assert "€ 222.600,00" not in said  # RV1 and RV2 are over and lost
    assert "Nog te verdienen" in said


def test_the_progress_report_is_written(database: Database, tmp_path: Path) -> None:
    tell(database, tmp_path)
    out = tmp_path / "rapport.pdf"
    assert run(database, ["report", "progress", "--covenant", "2023-2025", "--out", str(out)]) == 0
    assert "Voortgangsrapport" in PdfReader(io.BytesIO(out.read_bytes())).pages[0].extract_text()


def test_what_cannot_be_is_refused_with_a_sentence(
    database: Database, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "rapport.pdf"
    assert run(database, ["report", "final", "--covenant", "2023-2025", "--out", str(out)]) == 1
    assert capsys.readouterr().err.endswith(".\n")
    assert not out.exists()
    nowhere = str(tmp_path / "nergens" / "rapport.pdf")
    assert run(database, ["report", "progress", "--covenant", "2023-2025", "--out", nowhere]) == 1
    for words in (["targets", "--covenant", "1999"], ["targets", "--covenant", "2023-2025", "--cut-off", "morgen"]):
        with pytest.raises(SystemExit) as left:
            run(database, words)
        assert left.value.code == 2
