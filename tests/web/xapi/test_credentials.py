"""The page of keys: who sees which, a secret that is shown once, and when a key was last used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from lms.app import connect_jobs
from lms.kernel import clock
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.identity import Role
from lms.kernel.jobs import run_due
from tests.factories.accounts import make_organisation, make_person, sign_in_as
from tests.unit.xapi.examples import minimal
from tests.web.page import Page
from tests.web.visitor import Visitor
from tests.web.xapi.conftest import MakeProgram, Program
from xapi.credentials.models import Credential, Scope
from xapi.credentials.services import create_credential

NEW = "/desk/credentials/new"


class Desk:
    """Two areas with an employer each, and a credential in each and one for all."""

    def __init__(self, database: Database, visitor: Visitor) -> None:
        self.database, self.visitor = database, visitor
        with database.write() as db:
            self.here = make_organisation(db, name="De Linde", area="gezinszorg")
            self.there = make_organisation(db, name="De Eik", area="ouderenzorg")
            self.keys = {
                area: create_credential(db, f"Programma {area}", area=area)[0]
                for area in ("gezinszorg", "ouderenzorg", None)
            }

    def enter(self, role: Role = Role.CONSULTANT, **grant: Any) -> None:
        """Come in as somebody who holds this role."""
        with self.database.write() as db:
            somebody = make_person(db, role=role, **grant)
        sign_in_as(self.visitor, somebody)

    def make(self, *, status: int = 200, **typed: Any) -> Page:
        """Fill in the form."""
        fields = {"name": "Leerplatform", "scopes": "statements/write", "area": "gezinszorg"} | typed
        return self.visitor.submit(self.visitor.page(NEW).form(NEW), status=status, **fields)

    def areas(self) -> list[str]:
        """The areas there are to choose, by their slug."""
        [field] = (field for field in self.visitor.page(NEW).root.iter("select") if field.get("id") == "area")
        return [option.get("value", "") for option in field.iter("option")]

    def newest(self) -> Credential:
        """The credential made last."""
        with self.database.read() as db:
            return db.query(Credential).order_by(Credential.id.desc()).first()  # type: ignore[return-value]


@pytest.fixture
def desk(database: Database, visitor: Visitor) -> Desk:
    return Desk(database, visitor)


def test_a_consultant_sees_the_keys_of_her_area(desk: Desk) -> None:
    desk.enter(area="gezinszorg")

    text = desk.visitor.page("/desk/credentials").text

    assert "Programma gezinszorg" in text
    assert "Programma ouderenzorg" not in text
    assert "Programma None" not in text
    for area, status in (("gezinszorg", 200), ("ouderenzorg", 404), (None, 404)):
        address = f"/desk/credentials/{desk.keys[area].uuid}"
        assert desk.visitor.get(address).status_code == status


def test_an_administrator_sees_all_keys(desk: Desk) -> None:
    desk.enter(Role.ADMIN)

    text = desk.visitor.page("/desk/credentials").text

    assert all(f"Programma {area}" in text for area in desk.keys)


def test_a_new_key_works_and_its_secret_is_shown_once(desk: Desk, app: Flask) -> None:
    desk.enter(area="gezinszorg")
    last_day = clock.today() + timedelta(days=3)

    page = desk.make(scopes=["statements/write", "statements/read"], organisation=desk.here.uuid, last_day=last_day)

    made = desk.newest()
    secret = page.text.split("Geheim")[1].split()[0]
    assert (made.name, made.area, made.organisation) == ("Leerplatform", "gezinszorg", desk.here.uuid)
    assert set(made.scopes) == {Scope.WRITE, Scope.READ}
    assert made.last_day == last_day
    assert made.key in page.text
    program = Program(app, made.key, secret)
    assert program.post(minimal()).status_code == 200
    later = desk.visitor.page(f"/desk/credentials/{made.uuid}").text
    assert made.key in later
    assert secret not in later
    assert "Geheim" not in later


def test_a_key_for_all_areas_is_only_an_administrators(desk: Desk) -> None:
    desk.enter(area="gezinszorg")
    assert desk.areas() == ["gezinszorg"]
    before = desk.newest().id

    for area in ("", "ouderenzorg", "nergens"):
        assert "Kies een afdeling." in desk.make(area=area, status=422).text

    assert desk.newest().id == before
    desk.enter(Role.ADMIN)
    assert {"", "gezinszorg", "ouderenzorg"} < set(desk.areas())
    desk.make(area="")
    assert desk.newest().area is None


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"name": " "}, "Vul een naam in."),
        ({"name": "x" * 121}, "Vul een naam in."),
        ({"scopes": []}, "Kies wat dit programma mag."),
        ({"scopes": ["everything"]}, "Kies wat dit programma mag."),
        ({"organisation": "x"}, "Kies een organisatie uit de lijst."),
        ({"last_day": "31-01-2027"}, "Kies een dag die nog komt."),
        ({"last_day": "2001-01-01"}, "Kies een dag die nog komt."),
        ({"last_day": "9999-12-31"}, "Kies een dag die nog komt."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(desk: Desk, typed: dict[str, Any], message: str) -> None:
    desk.enter(area="gezinszorg")
    before = desk.newest().id

    assert message in desk.make(status=422, **typed).text
    assert desk.newest().id == before


def test_an_organisation_is_one_of_the_area(desk: Desk) -> None:
    desk.enter(area="gezinszorg")
    assert "De Eik" not in desk.visitor.page(NEW).text
    assert "Kies een organisatie uit de lijst." in desk.make(organisation=desk.there.uuid, status=422).text
    desk.enter(Role.ADMIN)
    assert "werkt in een andere afdeling" in desk.make(organisation=desk.there.uuid, status=422).text


def test_a_key_is_taken_back(desk: Desk) -> None:
    desk.enter(area="gezinszorg")
    address = f"/desk/credentials/{desk.keys['gezinszorg'].uuid}"

    page = desk.visitor.submit(desk.visitor.page(address).form(f"{address}/revocation"))

    assert "Ingetrokken" in page.text
    assert "Trek de sleutel in" not in page.text
    with desk.database.read() as db:
        assert db.get_one(Credential, desk.keys["gezinszorg"].id).revoked_at is not None


@pytest.mark.parametrize("role", [Role.LEARNER, Role.DELEGATE, Role.TRAINER])
def test_others_have_no_keys(desk: Desk, role: Role) -> None:
    desk.enter(role, area="gezinszorg")

    assert desk.visitor.get("/desk/credentials").status_code == 403


def test_a_worker_writes_when_a_key_was_last_used(
    make_program: MakeProgram, database: Database, settings: Settings
) -> None:
    program, credential = make_program()
    handlers = connect_jobs(settings)

    def used(moment: datetime) -> datetime | None:
        with clock.moved_to(moment):
            program.get().close()
            with database.read() as db:
                before = db.get_one(Credential, credential.id).last_used_at
            tried = run_due(database, handlers)
            with database.read() as db:
                after = db.get_one(Credential, credential.id).last_used_at
        assert (before != after) == bool(tried)
        return after

    start = datetime(2030, 1, 1, 12, tzinfo=UTC)
    assert used(start) == start
    assert used(start + timedelta(minutes=14)) == start
    assert used(start + timedelta(minutes=16)) == start + timedelta(minutes=16)
