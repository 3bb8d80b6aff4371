"""Two organisations in one area, each with an officer; the first has four people and a course to take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from courses.catalogue.models import Course
from lms.accounts import services as accounts
from lms.accounts.models import Organisation, Person
from lms.kernel.db import Database
from lms.kernel.identity import Role
from tests.factories.accounts import make_organisation, make_person, sign_in_as
from tests.factories.courses import make_course, make_outline
from tests.web.visitor import Visitor


@dataclass
class Scene:
    """Who is there. `people` are those of Vera's organisation, by first name."""

    organisation: Organisation
    elsewhere: Organisation
    vera: Person
    stranger: Person
    people: dict[str, Person]
    course: Course


@pytest.fixture
def scene(database: Database, tmp_path: Path) -> Scene:
    with database.write() as db:
        organisation = make_organisation(db, name="Thuishulp De Linde")
        elsewhere = make_organisation(db, name="Zorg De Eik")
        vera = make_person(db, organisation=organisation, role=Role.OFFICER, first_name="Vera", last_name="Maes")
        stranger = make_person(db, organisation=elsewhere, first_name="Ewa", last_name="Kowalska")
        place = accounts.add_establishment(db, organisation.id, name="Gent-Noord")
        people = {}
        for number, name in enumerate(("Kelly Aerts", "Rita Coppens", "An Peeters", "Jonas De Backer")):
            first, last = name.split(" ", 1)
            email = "" if first == "Jonas" else f"{first.lower()}@linde.be"
            people[first] = make_person(db, first_name=first, last_name=last, email=email)
            accounts.employ(
                db,
                people[first].id,
                organisation.id,
                establishment_id=place.id if number % 2 else None,
                job_title="Verzorgende" if number % 2 else "Poetshulp",
                staff_number=str(10200 + number),
                started_on=date(2024, 1, 1),
            )
        course = make_course(db, tmp_path / "library", make_outline("rustig-helpen"))
    return Scene(organisation, elsewhere, vera, stranger, people, course)


@pytest.fixture
def officer(scene: Scene, visitor: Visitor) -> Visitor:
    """Vera, signed in."""
    sign_in_as(visitor, scene.vera)
    return visitor


@pytest.fixture
def other_officer(scene: Scene, database: Database, another_visitor: Callable[[], Visitor]) -> Visitor:
    """The officer of the other organisation, signed in."""
    with database.write() as db:
        person = make_person(db, organisation=scene.elsewhere, role=Role.OFFICER, first_name="Piet", last_name="Eik")
    client = another_visitor()
    sign_in_as(client, person)
    return client
