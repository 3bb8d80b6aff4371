"""A list from paste or file to enrolled people, as an officer meets it without JavaScript."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from openpyxl import Workbook

from courses.enrolment.jobs import batch_failed, carry_out_batch, undo_batch
from courses.enrolment.models import Enrolment, EnrolmentBatch
from courses.enrolment.services import carrying_out
from lms.accounts import services as accounts
from lms.kernel.db import Database
from lms.kernel.identity import Role
from tests.factories.accounts import make_person, sign_in_as
from tests.web.page import Page
from tests.web.planning.conftest import Scene
from tests.web.visitor import Visitor

LIST = (
    "Naam\tVoornaam\tNummer\tVestiging\tE-mail\n"
    "Aerts\tKelly\t10200\tGent-Noord\t\n"
    "Peters\tAn\t10999\t\t\n"
    "Aerts\tKelly\t10200\t\t\n"
    "\tEls\t\t\t\n"
    "Nieuw\tGreta\t\tGent-Noord\tgreta@linde.be\n"
    "Zonder\tMail\t\t\t\n"
)


def paste(officer: Visitor, text: str = LIST, status: int = 200, **more: object) -> Page:
    form = officer.page("/desk/enrolments/new?course=rustig-helpen").form("/new", holding="course")
    return officer.submit(form, {"list": text, **more}, status=status)


def people_enrolled(database: Database) -> int:
    with database.read() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(Enrolment).where(Enrolment.withdrawn_at.is_(None))) or 0


def act(page: Page, number: int, decision: str) -> dict[str, list[str]]:
    """The values of the button that says this of that row."""
    found = [
        form.values
        for form in page.forms()
        if form.action.endswith(f"/rows/{number}/decision") and form.values["decision"] == [decision]
    ]
    assert found, [form.action for form in page.forms()]
    return found[0]


def test_the_whole_road_from_paste_to_undo(officer: Visitor, scene: Scene, database: Database) -> None:
    page = paste(officer)
    assert page.h1 == "Controleer de lijst"
    assert people_enrolled(database) == 0
    assert "Rij 3. Nummer 10999 bestaat niet. Bedoel je An Peeters, 10202?" in page.text
    assert "Rij 4. Staat ook in rij 2. Eén keer is genoeg." in page.text
    assert "Rij 5. De naam is niet volledig." in page.text
    assert page.text.index("Verbeter deze rijen") < page.text.index("Deze rijen gaan door")

    chosen = act(page, 3, "person")
    page = visit_decision(officer, page, 3, chosen)
    page = visit_decision(officer, page, 4, act(page, 4, "skip"))
    assert "1 rij met een fout" in page.text
    row = officer.page(f"{page.url}/rows/5?q=rita")
    page = officer.submit(row.form("/rows/5", holding="staff_number"), first_name="Rita", last_name="Coppens")
    assert "Rij 5 is in orde." in page.text
    assert "Schrijf 5 medewerkers in" in page.text

    page = officer.submit(page.form("/run"))
    assert page.h1 == "Ingeschreven"
    assert "5 medewerkers zijn ingeschreven." in page.text
    assert people_enrolled(database) == 5
    cards = officer.submit(page.form("/cards"))
    assert cards.response.data.startswith(b"%PDF")

    page = officer.submit(page.form("/withdrawal"))
    assert page.h1 == "De lijst is ongedaan gemaakt"
    assert people_enrolled(database) == 0
    assert "/run" not in str(page.forms())
    assert "5 weer uitgeschreven" in page.text
    assert "Deze rijen zijn ongedaan gemaakt" in page.text
    assert "Deze rijen zijn klaar" not in page.text
    listed = officer.page("/desk/enrolments")
    assert "Ongedaan gemaakt" in listed.text


def visit_decision(officer: Visitor, page: Page, number: int, values: dict[str, list[str]]) -> Page:
    response = officer.post(f"{page.url}/rows/{number}/decision", data=values)
    assert response.status_code == 303
    return officer.page(page.url)


def test_counts_filter_the_rows(officer: Visitor) -> None:
    page = paste(officer)
    bad = officer.page(f"{page.url}?show=bad")
    assert "Verbeter deze rijen" in bad.text
    assert "Deze rijen gaan door" not in bad.text
    ready = officer.page(f"{page.url}?show=ready")
    assert "Kelly Aerts" in ready.text
    assert "An Peters" not in ready.text
    assert "Hier staan geen rijen." in officer.page(f"{page.url}?show=skipped").text
    assert officer.page(f"{page.url}?show=nonsense&page=7").status == 200


def test_an_uploaded_workbook_goes_the_same_road(officer: Visitor) -> None:
    book = Workbook()
    assert book.active is not None
    for row in (["First name", "Last name", "Staff number"], ["Kelly", "Aerts", 10200], ["Rita", "Coppens", 10201]):
        book.active.append(row)
    data = io.BytesIO()
    book.save(data)
    data.seek(0)
    page = paste(officer, "", file=(data, "digicoach-mei.xlsx"))
    assert "Lijst digicoach-mei.xlsx, 2 rijen." in page.text
    assert "Schrijf 2 medewerkers in" in page.text


def test_a_list_that_cannot_be_read_keeps_what_was_typed(officer: Visitor, database: Database) -> None:
    page = paste(officer, "Naam\tVoornaam", 422)
    assert "Er staan geen mensen in deze lijst" in page.text
    assert page.form("/new", holding="list").values["list"] == ["Naam\tVoornaam"]
    assert page.form("/new", holding="list").values["course"] == ["rustig-helpen"]
    assert "De lijst is leeg" in paste(officer, "", 422).text
    assert "Kies een opleiding" in paste(officer, LIST, 422, course="").text
    assert "kunnen dit bestand niet lezen" in paste(officer, "", 422, file=(io.BytesIO(b"PK\x03\x04x"), "a.xlsx")).text
    with database.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(EnrolmentBatch)) == 0


def test_columns_can_be_corrected(officer: Visitor) -> None:
    page = paste(officer, "Kelly\tAerts\nRita\tCoppens")
    form = page.form("/columns")
    assert form.values["column"] == ["first-name", "last-name"]
    page = officer.submit(form, column=["last-name", "first-name"])
    assert "Aerts Kelly" in page.text
    page = officer.submit(page.form("/columns"), column=["email", "email"], status=422)
    assert "Twee kolommen kunnen niet hetzelfde zijn." in page.text


def test_people_chosen_in_the_staff_list_are_enrolled(officer: Visitor, scene: Scene, database: Database) -> None:
    token = officer.page("/desk/staff").form("/reminders").values["csrf_token"]
    rows = [str(scene.people[name].uuid) for name in ("Kelly", "Rita")]
    response = officer.post("/desk/enrolments/people", data={"csrf_token": token, "row": [*rows, "x"]})
    page = Page(response)
    assert "Je koos 2 medewerkers in de lijst." in page.text
    page = officer.submit(page.form("/new"), course="rustig-helpen")
    assert "Schrijf 2 medewerkers in" in page.text
    officer.submit(page.form("/run"))
    assert people_enrolled(database) == 2


def test_a_long_list_shows_its_progress_and_a_plain_link(
    officer: Visitor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying_out, "AT_ONCE", 1)
    page = paste(officer, "Voornaam\tNaam\nGreta\tNieuw\nLuc\tNieuw")
    path = page.url
    page = officer.submit(page.form("/run"))
    assert page.h1 == "We schrijven je mensen in"
    assert "0 van 2 ingeschreven" in page.text
    part = officer.page(f"{path}/progress", headers={"HX-Request": "true"})
    assert "0 van 2 ingeschreven" in part.text
    assert officer.page(f"{path}/progress").url == path
    with database.read() as db:
        batch_id = db.scalars(sa.select(EnrolmentBatch.id)).one()
    carry_out_batch(database, {"batch": batch_id})
    part = officer.page(f"{path}/progress", headers={"HX-Request": "true"})
    assert part.links() == {"Bekijk het resultaat": path}
    page = officer.submit(officer.page(path).form("/withdrawal"))
    assert "0 van 2 uitgeschreven" in page.text
    undo_batch(database, {"batch": batch_id})
    assert officer.page(path).h1 == "De lijst is ongedaan gemaakt"


def test_a_list_that_stopped_says_so_and_goes_on_when_asked(
    officer: Visitor, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carrying_out, "AT_ONCE", 1)
    page = paste(officer, "Voornaam\tNaam\nGreta\tNieuw\nLuc\tNieuw")
    path = page.url
    officer.submit(page.form("/run"))
    with database.write() as db:
        batch_id = db.scalars(sa.select(EnrolmentBatch.id)).one()
        batch_failed(db, {"batch": batch_id})
    part = officer.page(f"{path}/progress", headers={"HX-Request": "true"})
    assert part.links() == {"Bekijk de lijst": path}
    assert "Gestopt. Probeer opnieuw." in officer.page("/desk/enrolments").text
    page = officer.page(path)
    assert page.h1 == "Het inschrijven stopte"
    assert "Ingeschreven: 0. Nog te doen: 2." in page.text
    page = officer.submit(page.form("/run"))
    assert "0 van 2 ingeschreven" in page.text
    carry_out_batch(database, {"batch": batch_id})
    assert officer.page(path).h1 == "Ingeschreven"


def test_two_officers_never_see_each_others_lists(
    officer: Visitor, other_officer: Visitor, scene: Scene, database: Database
) -> None:
    path = paste(officer).url
    token = other_officer.page("/desk/staff").form("/reminders").values["csrf_token"]
    for part in ("", "/progress", "/rows/2"):
        other_officer.page(f"{path}{part}", status=404)
    for act_of in ("run", "withdrawal", "columns", "cards", "rows/2", "rows/2/decision"):
        answer = other_officer.post(f"{path}/{act_of}", data={"csrf_token": token, "decision": "skip"})
        assert answer.status_code == 404
    assert "Je hebt nog niemand ingeschreven" in other_officer.page("/desk/enrolments").text
    page = paste(other_officer, "Naam\tVoornaam\tNummer\nAerts\tKelly\t10200\nPeters\tAn\t10999\n")
    assert "Bedoel je" not in page.text
    page = paste(other_officer, "Naam\tVoornaam\tE-mail\nAerts\tKelly\tkelly@linde.be\n")
    assert "Dit e-mailadres heeft al een account. Bel ons, wij koppelen het." in page.text
    assert "Linde" not in page.text.replace("kelly@linde.be", "")


def test_a_row_cannot_be_given_a_stranger(officer: Visitor, scene: Scene) -> None:
    page = paste(officer)
    values = act(page, 3, "person") | {"person": [str(scene.stranger.uuid)]}
    assert officer.post(f"{page.url}/rows/3/decision", data=values).status_code == 404
    values = act(page, 3, "person") | {"decision": ["nonsense"]}
    assert officer.post(f"{page.url}/rows/3/decision", data=values).status_code == 404
    assert officer.page(f"{page.url}/rows/3?q=kowalska").text.count("Kowalska") == 0


def test_a_course_that_closed_meanwhile_is_refused(officer: Visitor, database: Database) -> None:
    page = paste(officer)
    with database.write() as db:
        db.execute(sa.text("UPDATE offer SET closed_on = '2020-01-01'"))
    assert "loopt nu niet" in officer.submit(page.form("/run"), status=422).text
    assert people_enrolled(database) == 0


def test_a_mended_row_still_in_doubt_says_why(officer: Visitor) -> None:
    page = paste(officer)
    row = officer.page(f"{page.url}/rows/5").form("/rows/5", holding="staff_number")
    again = officer.submit(row, first_name="Els", last_name="", email="els@")
    assert "els@ is geen e-mailadres" in again.text


def test_the_lists_are_paged(officer: Visitor, scene: Scene, database: Database, tmp_path: Path) -> None:
    for _time in range(3):
        paste(officer, "Naam\nKelly Aerts")
    page = officer.page("/desk/enrolments?page=9")
    assert "1 tot 3 van 3" in page.text
    assert page.text.count("geplakt of gekozen") == 3


def test_an_officer_of_two_organisations_keeps_them_apart(
    scene: Scene, database: Database, another_visitor: Callable[[], Visitor]
) -> None:
    with database.write() as db:
        person = make_person(db, organisation=scene.organisation, role=Role.OFFICER)
        accounts.grant_role(db, person.id, Role.OFFICER, organisation_id=scene.elsewhere.id)
    client = another_visitor()
    sign_in_as(client, person)
    assert "Aerts" in client.page("/desk/staff").text
    there = client.page(f"/desk/staff?organisation={scene.elsewhere.uuid}")
    assert "Kowalska" in there.text
    page = client.page(there.links()["Medewerkers inschrijven"])
    page = client.submit(page.form("/new", holding="list"), {"list": "Naam\nEwa Kowalska", "course": "rustig-helpen"})
    assert "Schrijf 1 medewerker in" in page.text
    with database.read() as db:
        assert db.scalars(sa.select(EnrolmentBatch.organisation_id)).all() == [scene.elsewhere.id]
