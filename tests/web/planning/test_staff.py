"""The staff list and a colleague's page, as an officer meets them without JavaScript."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from openpyxl import load_workbook

from courses.enrolment.models import Enrolment
from courses.enrolment.queries import get_learner
from courses.enrolment.services import enrol_learner
from courses.progress.models import CourseProgress
from courses.progress.services import leave_page
from lms.accounts import services as accounts
from lms.accounts.models import Person
from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.identity import Role
from lms.kernel.jobs import OutboxRow
from sectors.planning.formats import to_xlsx
from sectors.planning.models import Reminder
from tests.factories.accounts import make_person, sign_in_as
from tests.factories.courses import make_course, make_outline
from tests.web.page import words
from tests.web.planning.conftest import Scene
from tests.web.visitor import Visitor

PERSON = re.compile(r"/desk/staff/[0-9a-f-]{36}")


def enrol(database: Database, scene: Scene, first_name: str, *, begin: bool = False, days_ago: int = 0) -> int:
    """Enrol a colleague, so many days ago; with `begin` she read the first page then."""
    with database.write() as db, clock.moved_to(clock.now() - timedelta(days=days_ago)):
        set_offer_open(db)
        person = scene.people[first_name]
        enrolment = enrol_learner(
            db, person_id=person.id, course_id=scene.course.id, area="gezinszorg", by_person_id=scene.vera.id
        )
        if begin:
            leave_page(db, get_learner(db, enrolment.id), "welkom", "start")
        return enrolment.id


def set_offer_open(db: Any) -> None:
    db.execute(sa.text("UPDATE offer SET opened_on = '2020-01-01'"))


def names(page: Any) -> list[str]:
    """The people of the list, in its order."""
    return [words(link) for link in page.root.iter("a") if PERSON.match(link.get("href", ""))]


def test_the_list_shows_her_people_and_nobody_elses(officer: Visitor, scene: Scene) -> None:
    page = officer.page("/desk/staff")
    assert page.h1 == "Medewerkers"
    assert names(page) == ["Aerts, Kelly", "Coppens, Rita", "De Backer, Jonas", "Maes, Vera", "Peeters, An"]
    assert "Kowalska" not in page.text
    assert "Thuishulp De Linde" in page.text


def test_the_menu_says_where_she_is_also_below_a_page(officer: Visitor, scene: Scene) -> None:
    below = f"/desk/staff/{scene.people['Rita'].uuid}"
    for address, expected in (("/desk/staff", "page"), (below, "true"), ("/desk/enrolments", None)):
        links = officer.page(address).root.findall(".//header//nav/a[@href='/desk/staff']")
        assert {link.get("aria-current") for link in links} == {expected}, address


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("q=coppens", ["Coppens, Rita"]),
        ("q=10202", ["Peeters, An"]),
        ("q=Peeters,+An", ["Peeters, An"]),
        ("job=Verzorgende", ["Coppens, Rita", "De Backer, Jonas"]),
        ("q=nobody", []),
        ("sort=name&dir=down&job=Verzorgende", ["De Backer, Jonas", "Coppens, Rita"]),
        ("page=99&q=rita", ["Coppens, Rita"]),
        ("page=x&place=y&view=z&sort=q&q=rita", ["Coppens, Rita"]),
    ],
)
def test_searching_filtering_and_sorting(officer: Visitor, query: str, expected: list[str]) -> None:
    assert names(officer.page(f"/desk/staff?{query}")) == expected


def test_the_views_hold_who_they_say(officer: Visitor, scene: Scene, database: Database, tmp_path: Path) -> None:
    enrol(database, scene, "Kelly")
    enrol(database, scene, "Rita", begin=True, days_ago=40)
    enrol(database, scene, "An", begin=True)
    with database.write() as db:  # who learns one course lets another rest: she does not stand still
        resting = make_course(db, tmp_path, make_outline("rustig-wachten"))
        enrolment = enrol_learner(db, person_id=scene.people["An"].id, course_id=resting.id, area="gezinszorg")
        long_ago = clock.now() - timedelta(days=90)
        db.add(CourseProgress(enrolment_id=enrolment.id, started_at=long_ago, touched_at=long_ago))
    assert names(officer.page("/desk/staff?view=todo")) == ["Aerts, Kelly"]
    behind = officer.page("/desk/staff?view=behind")
    assert names(behind) == ["Coppens, Rita"]
    assert "30 dagen niets geleerd" in behind.text
    assert names(officer.page("/desk/staff?view=year")) == []
    with database.write() as db:
        db.execute(sa.text("UPDATE course_progress SET completed_at = touched_at"))
    assert names(officer.page("/desk/staff?view=year")) == ["Coppens, Rita", "Peeters, An"]


def test_with_a_course_chosen_the_bar_counts_its_steps(officer: Visitor, scene: Scene, database: Database) -> None:
    enrol(database, scene, "An", begin=True)
    page = officer.page("/desk/staff?course=rustig-helpen")
    assert names(page) == ["Peeters, An"]
    assert "1 van 4" in page.text


def test_what_somebody_learns_for_another_employer_is_not_shown(
    officer: Visitor, scene: Scene, database: Database
) -> None:
    with database.write() as db:
        job = accounts.employ(db, scene.people["An"].id, scene.elsewhere.id)
        set_offer_open(db)
        enrol_learner(
            db, person_id=scene.people["An"].id, course_id=scene.course.id, area="gezinszorg", employment_id=job.id
        )
    assert "Rustig helpen" not in officer.page(f"/desk/staff/{scene.people['An'].uuid}").text.split("Schrijf An in")[0]
    assert names(officer.page("/desk/staff?view=todo")) == []


@pytest.mark.parametrize("many", [3, 60])
def test_the_number_of_questions_does_not_grow(officer: Visitor, scene: Scene, database: Database, many: int) -> None:
    with database.write() as db:
        for number in range(many):
            person = make_person(db, organisation=scene.organisation, first_name=f"P{number}")
            enrol_learner(db, person_id=person.id, course_id=scene.course.id, area="gezinszorg")
    asked: list[str] = []
    note: Callable[..., None] = lambda *arguments: asked.append(arguments[2])  # noqa: E731
    for path in ("/desk/staff?course=rustig-helpen", "/desk/staff", "/desk/staff.xlsx"):
        asked.clear()
        sa.event.listen(database.engine, "before_cursor_execute", note)
        officer.get(path)
        sa.event.remove(database.engine, "before_cursor_execute", note)
        assert len([one for one in asked if not one.startswith("BEGIN")]) <= 9, asked


def test_fifty_people_a_page(officer: Visitor, scene: Scene, database: Database) -> None:
    with database.write() as db:
        for number in range(60):
            make_person(db, organisation=scene.organisation, last_name=f"Zorg {number:02}")
    first = officer.page("/desk/staff")
    assert "1 tot 50 van 65" in first.text
    second = officer.page(first.links()["Volgende"])
    assert len(names(first)) == 50
    assert len(names(second)) == 15
    assert not set(names(first)) & set(names(second))


def test_the_sheet_holds_the_filtered_list_and_no_formulas(officer: Visitor, scene: Scene, database: Database) -> None:
    with database.write() as db:
        make_person(db, organisation=scene.organisation, first_name="=1+1", last_name="Rekenaar")
    answer = officer.get("/desk/staff.xlsx?sort=name&q=r")
    sheet = load_workbook(io.BytesIO(answer.data)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0][:2] == ("Naam", "Voornaam")
    assert ("Rekenaar", "=1+1") in [row[:2] for row in rows]
    assert all(cell.data_type != "f" for row in sheet.iter_rows() for cell in row)
    assert "Kowalska" not in str(rows)


# ---- reminders -------------------------------------------------------------------------------------------------------


def remind(officer: Visitor, *people: Person) -> str:
    form = officer.page("/desk/staff").form("/desk/staff/reminders")
    return officer.submit(form, row=[str(person.uuid) for person in people]).text


def test_a_reminder_goes_out_once_a_day_to_who_has_something_to_do(
    officer: Visitor, scene: Scene, database: Database
) -> None:
    enrol(database, scene, "Kelly")
    enrol(database, scene, "Jonas")
    everybody = [scene.people[name] for name in ("Kelly", "Jonas", "Rita")]
    said = remind(officer, *everybody, scene.stranger)
    assert "1 herinnering is onderweg." in said
    assert "1 heeft geen e-mailadres." in said
    assert "1 heeft niets te doen." in said
    with database.read() as db:
        [mail] = db.scalars(sa.select(OutboxRow.payload).where(OutboxRow.kind == "mail"))
    assert mail["to"] == "kelly@linde.be"
    assert "Rustig helpen" in mail["text"]
    assert "Vera Maes" in mail["text"]
    assert "1 kreeg er vandaag al een." in remind(officer, *everybody)
    with database.write() as db:
        db.execute(sa.update(Reminder).values(sent_on=clock.today() - timedelta(days=1)))
    assert "1 herinnering is onderweg." in remind(officer, *everybody)


def test_reminding_nobody_says_what_to_do(officer: Visitor) -> None:
    assert "Kies eerst een of meer medewerkers." in remind(officer)


# ---- one colleague ---------------------------------------------------------------------------------------------------


def test_a_colleague_is_enrolled_withdrawn_and_back_with_her_history(
    officer: Visitor, scene: Scene, database: Database
) -> None:
    path = f"/desk/staff/{scene.people['Kelly'].uuid}"
    page = officer.submit(officer.page(path).form("/enrolments", holding="course"), course="rustig-helpen")
    assert "Kelly is ingeschreven." in page.text
    page = officer.submit(page.form("/withdrawal"))
    assert "Uitgeschreven" in page.text
    page = officer.submit(page.form("/enrolments"))
    assert page.text.index("Opnieuw ingeschreven, Rustig helpen door Vera Maes") < page.text.index("Uitgeschreven, Rus")
    with database.read() as db:
        assert db.scalars(sa.select(Enrolment.withdrawn_at)).all() == [None]


def test_a_course_the_area_does_not_offer_is_refused(officer: Visitor, scene: Scene, database: Database) -> None:
    path = f"/desk/staff/{scene.people['Kelly'].uuid}"
    form = officer.page(path).form("/enrolments", holding="course")
    assert "Kies een opleiding" in officer.submit(form, course="bestaat-niet", status=422).text
    with database.write() as db:
        db.execute(sa.text("UPDATE offer SET area = 'ouderenzorg'"))
    assert "loopt nu niet" in officer.submit(form, course="rustig-helpen", status=422).text


def test_who_was_never_in_gets_an_invitation_or_a_card(officer: Visitor, scene: Scene, database: Database) -> None:
    kelly, jonas = scene.people["Kelly"], scene.people["Jonas"]
    page = officer.submit(officer.page(f"/desk/staff/{kelly.uuid}").form("/invitation"))
    assert "De uitnodiging is onderweg." in page.text
    card = officer.page(f"/desk/staff/{jonas.uuid}").form("/invitation")
    answer = officer.submit(card)
    assert answer.response.mimetype == "application/pdf"
    assert answer.response.data.startswith(b"%PDF")
    with database.write() as db:
        accounts.set_password(db, jonas.id, "drie blauwe fietsen")
    assert "/invitation" not in str(officer.page(f"/desk/staff/{jonas.uuid}").forms())
    assert "heeft al een wachtwoord" in officer.submit(card, status=409).text


# ---- who may ---------------------------------------------------------------------------------------------------------


def test_another_organisations_people_are_not_found(officer: Visitor, scene: Scene) -> None:
    stranger = f"/desk/staff/{scene.stranger.uuid}"
    token = officer.page("/desk/staff").form("/reminders").values["csrf_token"]
    officer.page(stranger, status=404)
    officer.page(f"/desk/staff/{uuid4()}", status=404)
    officer.page(f"/desk/staff?organisation={scene.elsewhere.uuid}", status=404)
    officer.page(f"/desk/staff.xlsx?organisation={scene.elsewhere.uuid}", status=404)
    officer.page("/desk/staff?organisation=x", status=404)
    for act in ("enrolments", "invitation", "enrolments/rustig-helpen/withdrawal"):
        answer = officer.post(f"{stranger}/{act}", data={"csrf_token": token, "course": "rustig-helpen"})
        assert answer.status_code == 404


@pytest.mark.parametrize("role", [Role.LEARNER, Role.CONSULTANT, Role.TRAINER])
@pytest.mark.parametrize("path", ["/desk/staff", "/desk/staff.xlsx", "/desk/enrolments", "/desk/enrolments/new"])
def test_the_desk_is_for_officers(scene: Scene, database: Database, visitor: Visitor, role: Role, path: str) -> None:
    with database.write() as db:
        person = make_person(db, organisation=scene.organisation, role=role)
    sign_in_as(visitor, person)
    assert visitor.get(path).status_code == 403


def test_an_administrator_chooses_an_organisation(scene: Scene, database: Database, visitor: Visitor) -> None:
    with database.write() as db:
        person = make_person(db, role=Role.ADMIN)
    sign_in_as(visitor, person)
    page = visitor.page("/desk/staff")
    assert page.h1 == "Kies een organisatie"
    page = visitor.page(visitor.page("/desk/organisations/staff?q=eik").links()["Zorg De Eik"])
    assert names(page)[0].startswith("Kowalska")
    assert str(scene.elsewhere.uuid) in page.links()["Medewerkers inschrijven"]
    assert "Geen organisatie gevonden" in visitor.page("/desk/organisations/staff?q=zzz").text


def test_a_name_with_a_sign_no_sheet_can_hold_is_still_in_the_sheet() -> None:
    sheet = load_workbook(io.BytesIO(to_xlsx("Medewerkers", ["Naam"], [["Em\x01ma"]]))).active
    assert sheet is not None
    assert sheet["A2"].value == "Emma"
