"""The consultant's pages: from the money down to a statement, and the papers that say the same."""

from __future__ import annotations

import io
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import load_workbook
from pypdf import PdfReader

from lms.accounts.models import Person
from lms.accounts.services import change_preferences
from lms.kernel import clock
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.identity import Role
from sectors.covenant.formats import load_covenant
from sectors.covenant.models import CommitmentDecision, ConsultantAbsence, CounterChoice, Evidence
from sectors.covenant.queries import compute_targets
from tests.factories.accounts import make_person, sign_in_as
from tests.factories.covenant import IRI_BASE
from tests.factories.covenant_story import tell_story
from tests.services.platform import settings_for
from tests.web.visitor import Visitor

COVENANT = load_covenant("2023-2025")
DAY = date(2025, 3, 14)


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    return settings_for(database_url, tmp_path, LEERLABO_IRI_BASE=IRI_BASE)


def open_story(app: Flask, visitor: Visitor, folder: Path, *, area: str | None = "gezinszorg") -> Person:
    """Two years of learning, and a consultant of one area (or of all) who is signed in."""
    database: Database = app.extensions["database"]
    with database.write() as db:
        tell_story(db, folder, 1, size=12, rounds=1)
        consultant = make_person(
            db, role=Role.CONSULTANT, area=area, first_name="Sofie", last_name="Claes", language="nl"
        )
    sign_in_as(visitor, consultant)
    return consultant


def test_nobody_but_a_consultant_sees_the_covenant(database: Database, visitor: Visitor) -> None:
    assert visitor.get("/covenant").status_code in (302, 303)
    with database.write() as db:
        officer = make_person(db, role=Role.TRAINER)
    sign_in_as(visitor, officer)
    for path in (
        "/covenant",
        "/covenant/rv3",
        "/covenant/report.pdf",
        "/covenant/export.xlsx",
        "/covenant/rv2/evidence",
    ):
        visitor.page(path, status=403)


def test_the_way_from_the_money_to_a_statement(app: Flask, visitor: Visitor, tmp_path: Path) -> None:
    open_story(app, visitor, tmp_path)
    page = visitor.page(f"/covenant?cut_off={DAY}")
    assert page.h1 == "Verbintenissen 2023–2025"
    assert "Stand op 14 maart 2025. Dag 623 van 731." in page.text
    assert "€ 742.000,00" in page.text.replace("\xa0", " ")
    with app.extensions["database"].read() as db:
        figure = compute_targets(db, COVENANT, cut_off=DAY).get("rv3").headline.current.figure
    opens = [link.get("href", "") for link in page.root.iter("a") if link.get("class") == "goal-n"]
    page = visitor.page(next(url for url in opens if url.startswith("/covenant/rv3?")))
    assert page.h1 == f"RV3: {figure} van 1.000 deelnames"
    assert "Stand op 14 maart 2025." in page.text
    row = next(url for url in page.links().values() if "/rows/p" in url)
    page = visitor.page(row)
    assert "attended" in page.text or "completed" in page.text


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31", "31-02-2025", "gisteren"])
def test_a_day_that_cannot_be_shows_today(database: Database, visitor: Visitor, day: str) -> None:
    with database.write() as db:
        consultant = make_person(db, role=Role.CONSULTANT)
    sign_in_as(visitor, consultant)
    with clock.moved_to(datetime(2025, 3, 14, 12, tzinfo=UTC)):
        assert "Stand op 14 maart 2025." in visitor.page(f"/covenant?cut_off={day}").text


def test_names_are_for_who_looks_after_the_area(app: Flask, visitor: Visitor, tmp_path: Path) -> None:
    open_story(app, visitor, tmp_path, area="gezinszorg")
    page = visitor.page(f"/covenant/rv3?cut_off={DAY}&period=all")
    assert "Medewerker van Thuishulp" in page.text
    hidden = page.text.count("Medewerker van")
    assert hidden < page.text.count("Thuishulp")
    assert visitor.page(f"/covenant/rv3?cut_off={DAY}&period=all&search=Emma").text.count("Medewerker van") == 0


def test_a_hidden_name_is_not_in_the_statement_either(app: Flask, visitor: Visitor, tmp_path: Path) -> None:
    open_story(app, visitor, tmp_path, area="onderwijs")
    page = visitor.page(f"/covenant/rv3?cut_off={DAY}&period=all&committee=330")
    row = next(url for url in page.links().values() if "/rows/p" in url)
    behind = visitor.page(row)
    assert "Je ziet namen en berichten van je eigen afdelingen." in behind.text
    assert "account" not in behind.text


def test_switching_recomputes_and_is_kept_when_asked(app: Flask, visitor: Visitor, tmp_path: Path) -> None:
    open_story(app, visitor, tmp_path)
    page = visitor.page(f"/covenant/rv3?cut_off={DAY}&counts=people&year=covenant")
    assert "unieke mensen" in page.h1
    assert "Je kijkt naar een andere telling." in page.text
    page = visitor.submit(next(form for form in page.forms() if "/counter" in form.action))
    assert "unieke mensen" in page.h1
    with app.extensions["database"].read() as db:
        assert db.query(CounterChoice).one().counts == "people"
    assert "unieke mensen" in visitor.page(f"/covenant?cut_off={DAY}").text


def test_a_period_that_is_over_and_was_not_reached_says_so_with_its_date(
    app: Flask, visitor: Visitor, tmp_path: Path
) -> None:
    open_story(app, visitor, tmp_path)
    page = visitor.page(f"/covenant/rv3?cut_off={DAY}")
    assert "Niet gehaald op 30 juni 2024" in page.text
    assert page.text.count("Nog niet gehaald") == 1


@pytest.mark.parametrize(
    ("key", "headings"),
    [
        ("rv3", ["Datum", "Naam", "Organisatie", "PC", "Opleiding", "Bewijs"]),
        ("rv1a", ["Datum", "Sessie", "Opleiding", "Bewijs"]),
        ("in-staff", ["Datum", "Bewijsstuk", "Waarover", "Bewijs"]),
    ],
)
def test_a_list_calls_its_columns_what_they_hold(
    app: Flask, visitor: Visitor, tmp_path: Path, key: str, headings: list[str]
) -> None:
    open_story(app, visitor, tmp_path)
    address = "cut_off=2025-12-31&period=all"
    page = visitor.page(f"/covenant/{key}?{address}")
    table = next(page.root.iter("table"))
    assert ["".join(cell.itertext()).strip() for cell in table.iter("th") if cell.get("scope") == "col"] == headings
    assert {len(list(row)) for row in table.iter("tr")} == {len(headings)}
    file = visitor.get(f"/covenant/{key}/export.xlsx?{address}")
    sheet = load_workbook(io.BytesIO(file.data)).active
    assert sheet is not None
    names = [cell.value for row in sheet.iter_rows() for cell in row]
    assert ("Organisatie" in names) == ("Organisatie" in headings)


def test_evidence_is_added_with_a_file_and_withdrawn(app: Flask, visitor: Visitor, tmp_path: Path) -> None:
    open_story(app, visitor, tmp_path)
    page = visitor.page("/covenant/in-staff/evidence")
    refused = visitor.submit(page.form(holding="title"), {"title": ""}, status=422)
    assert "Kies waarover dit bewijs gaat." in refused.text
    added = visitor.submit(
        refused.form(holding="title"),
        {
            "items": "initiatief",
            "title": "Studiedag leerbeleid",
            "dated_on": "2025-02-01",
            "file": (io.BytesIO(b"%PDF-1.7 verslag"), "verslag.pdf"),
        },
    )
    assert "Studiedag leerbeleid" in added.text
    with app.extensions["database"].read() as db:
        kept = db.query(Evidence).filter_by(title="Studiedag leerbeleid").one()
    file = visitor.get(f"/covenant/in-staff/evidence/{kept.uuid}/file")
    assert file.data == b"%PDF-1.7 verslag"
    assert "attachment" in file.headers["Content-Disposition"]
    form = added.form(f"{kept.uuid}/withdrawal")
    assert visitor.submit(form, status=422).status == 422
    assert "Ingetrokken op" in visitor.submit(form, {"reason": "Het was een andere dag."}).text
    with app.extensions["database"].read() as db:
        assert db.query(Evidence).filter_by(title="Studiedag leerbeleid").one().withdrawn_at is not None


def test_the_department_decides_about_a_soft_target_only(app: Flask, visitor: Visitor, tmp_path: Path) -> None:
    open_story(app, visitor, tmp_path)
    page = visitor.page("/covenant/rv3")
    form = page.form(holding="decided_on")
    assert visitor.submit(form, status=422).status == 422
    page = visitor.submit(form, {"met": "yes", "decided_on": "2025-11-03", "note": "Brief van 3 november."})
    assert "Gehaald, beslist door het departement" in page.text
    with app.extensions["database"].read() as db:
        assert db.query(CommitmentDecision).one().key == "rv3"
        assert compute_targets(db, COVENANT, cut_off=date(2025, 11, 3)).groups["rv3"]
        assert not compute_targets(db, COVENANT, cut_off=date(2025, 11, 2)).groups["rv3"]
    token = form.values["csrf_token"][0]
    hard = visitor.post("/covenant/rv2/decisions", data={"csrf_token": token, "met": "yes", "decided_on": "2025-11-03"})
    assert hard.status_code == 422


def test_an_absence_is_added_and_withdrawn(app: Flask, visitor: Visitor, tmp_path: Path) -> None:
    open_story(app, visitor, tmp_path)
    page = visitor.page("/covenant/funding")
    form = page.form(holding="first_day")
    assert visitor.submit(form, {"first_day": "gisteren"}, status=422).status == 422
    page = visitor.submit(form, {"first_day": "2025-01-01", "last_day": "2025-01-10", "fte": "0,5"})
    with app.extensions["database"].read() as db:
        added = db.query(ConsultantAbsence).filter_by(first_day=date(2025, 1, 1)).one()
        assert compute_targets(db, COVENANT, cut_off=date(2025, 6, 30)).funding.absence_days == 105
    visitor.submit(page.form(f"{added.id}/withdrawal"))
    with app.extensions["database"].read() as db:
        assert compute_targets(db, COVENANT, cut_off=clock.today()).funding.absence_days == 100


def test_the_spreadsheet_says_the_same_numbers(app: Flask, visitor: Visitor, tmp_path: Path) -> None:
    open_story(app, visitor, tmp_path)
    answer = visitor.get(f"/covenant/export.xlsx?cut_off={DAY}")
    rows = list(load_workbook(io.BytesIO(answer.data))["Verbintenissen"].iter_rows(values_only=True))
    assert rows[1][0] == "Stand op 14 maart 2025."
    with app.extensions["database"].read() as db:
        targets = compute_targets(db, COVENANT, cut_off=DAY)
    said = [row[4] for row in rows[4:]]
    assert said == [
        None if period.figure is None else float(period.figure)
        for figure in targets.commitments
        for part in figure.parts
        for period in part.periods
    ]
    rows_answer = visitor.get(f"/covenant/rv3/export.xlsx?cut_off={DAY}")
    sheet = load_workbook(io.BytesIO(rows_answer.data)).active
    assert sheet is not None
    lines = list(sheet.iter_rows(values_only=True))
    assert "1.000 deelnames" in str(lines[0][0])
    assert "Stand op 14 maart 2025." in str(lines[1][0])
    assert len(lines) - 5 == targets.get("rv3").headline.current.figure


def test_the_progress_report_is_tagged_and_complete(app: Flask, visitor: Visitor, tmp_path: Path) -> None:
    open_story(app, visitor, tmp_path)
    answer = visitor.get(f"/covenant/report.pdf?cut_off={DAY}")
    assert answer.mimetype == "application/pdf"
    reader = PdfReader(io.BytesIO(answer.data))
    text = " ".join(" ".join(page.extract_text() for page in reader.pages).split())
    for words in (
        "Voortgangsrapport",
        "Stand op 14 maart 2025.",
        "€ 742.000,00",
        "€ 222.600,00",
        "Resultaatsverbintenissen",
        "RV3 Intersectoraal aanbod",
        "Deelnames per afdeling en kwartaal",
        "Bewijsstukken",
        "In de map van het team.",
    ):
        assert words in text, words
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "nl"
    assert "/StructTreeRoot" in root
    assert root["/MarkInfo"]["/Marked"]
    assert [alt for alt in alternatives(root["/StructTreeRoot"]) if "RV3 Intersectoraal aanbod" in alt]
    assert [alt for alt in alternatives(root["/StructTreeRoot"]) if "per kwartaal" in alt]
    assert not re.search(r"Peeters \d", text)


def alternatives(element: object) -> list[str]:
    """The alternative texts in a tree of tags."""
    found = []
    waiting = [element]
    while waiting:
        node = waiting.pop()
        node = node.get_object() if hasattr(node, "get_object") else node
        if isinstance(node, list):
            waiting.extend(node)
        elif isinstance(node, dict):
            if "/Alt" in node:
                found.append(str(node["/Alt"]))
            waiting.extend(node[key] for key in ("/K",) if key in node)
    return found


def test_what_is_not_there_is_not_found(app: Flask, visitor: Visitor, tmp_path: Path) -> None:
    with app.extensions["database"].write() as db, clock.moved_to(datetime(2025, 1, 1, tzinfo=UTC)):
        consultant = make_person(db, role=Role.CONSULTANT, language="nl")
    sign_in_as(visitor, consultant)
    for path in (
        "/covenant/nergens",
        "/covenant?covenant=1999",
        "/covenant/rv1a/evidence",
        "/covenant/rv3/rows/p1",
        "/covenant/rv3/rows/x",
        "/covenant/rv3/rows/mniets",
        "/covenant/rv2/evidence/00000000-0000-4000-8000-000000000000/file",
    ):
        visitor.page(path, status=404)
    assert "Nog geen rijen" in visitor.page("/covenant/rv3").text
    assert visitor.page("/covenant?view=attention&cut_off=2023-07-01").status == 200
    assert visitor.page("/covenant?view=nope&cut_off=morgen").status == 200


def test_the_words_of_the_covenant_are_there_in_every_language(app: Flask, visitor: Visitor, tmp_path: Path) -> None:
    consultant = open_story(app, visitor, tmp_path)
    with app.extensions["database"].write() as db:
        change_preferences(db, consultant.id, language="en")
    page = visitor.page(f"/covenant/rv3?cut_off={DAY}")
    assert re.fullmatch(r"RV3: \d+ of 1,000 participations", page.h1)
    assert "It belongs to the year in which the person begins." in page.text
    assert "Lifelong learning and competence policy" in page.text
    assert "Steering group Care-er Education" in visitor.page("/covenant/rv2/evidence").text
    assert "Family care" in visitor.page("/areas").text
