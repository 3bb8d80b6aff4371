"""An organisation with four people, an officer, and a course her area offers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from courses.catalogue.models import Course
from courses.enrolment.formats import read_paste
from courses.enrolment.models import EnrolmentBatch
from courses.enrolment.services.batches import make_batch
from courses.enrolment.services.statements import IRI_BASE
from lms.accounts import services as accounts
from lms.accounts.models import Organisation, Person
from tests.factories.accounts import make_organisation, make_person
from tests.factories.courses import IRI_BASE as BASE
from tests.factories.courses import make_course

HEADINGS = "Voornaam\tNaam\tNummer\tE-mail\tVestiging\n"


@dataclass
class House:
    """An employer with its officer and its people, by first name."""

    organisation: Organisation
    officer: Person
    people: dict[str, Person]
    course: Course

    def give(self, db: Session, lines: str) -> EnrolmentBatch:
        """Give a list: first name, last name, number, address and place with tabs between, a line a person."""
        return make_batch(
            db,
            organisation=self.organisation,
            course_id=self.course.id,
            by_person_id=self.officer.id,
            table=read_paste(HEADINGS + lines),
            source="lijst.xlsx",
        )


def build_house(db: Session, folder: Path) -> House:
    """Make it, in a session of either kind."""
    db.info[IRI_BASE] = BASE
    organisation = make_organisation(db)
    officer = make_person(db, organisation=organisation, first_name="Vera", last_name="Maes")
    people = {}
    for number, name in enumerate(("Kelly Aerts", "Rita Coppens", "An Peeters", "Jonas De Backer")):
        first, last = name.split(" ", 1)
        people[first] = make_person(db, first_name=first, last_name=last, email=f"{first.lower()}@linde.be")
        accounts.employ(db, people[first].id, organisation.id, staff_number=str(10200 + number))
    return House(organisation, officer, people, make_course(db, folder))


@pytest.fixture
def house(db: Session, tmp_path: Path) -> House:
    return build_house(db, tmp_path)
