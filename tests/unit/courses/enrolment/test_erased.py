"""Somebody is erased: no list names her any more, and nobody is lost with her."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.enrolment.models import BatchRow, EnrolmentBatch
from courses.enrolment.services.batches import check_batch, forget_person
from courses.enrolment.services.carrying_out import start_batch
from lms.accounts import services as accounts
from lms.accounts.events import PersonErased
from lms.kernel.events import Events
from tests.factories.accounts import make_person
from tests.unit.courses.enrolment.conftest import House

KELLY, RITA = "Kelly\tAerts\t10200\n", "Rita\tCoppens\t10201\n"


@pytest.fixture(autouse=True)
def _listening(events: Events) -> None:
    events.subscribe(PersonErased, forget_person)


def rows_of(db: Session, batch: EnrolmentBatch) -> list[BatchRow]:
    db.expire_all()
    return list(db.scalars(sa.select(BatchRow).where(BatchRow.batch_id == batch.id).order_by(BatchRow.number)))


def test_a_row_that_was_carried_out_keeps_its_outcome(db: Session, house: House) -> None:
    batch = house.give(db, KELLY + RITA)
    start_batch(db, batch)
    accounts.erase_person(db, house.people["Kelly"].id)
    kelly, rita = rows_of(db, batch)
    assert (kelly.fields, kelly.cells, kelly.state, kelly.outcome) == ({}, [], "done", "enrolled")
    assert rita.fields["last_name"] == "Coppens"


@pytest.mark.parametrize(
    "line",
    [
        pytest.param(KELLY, id="who she is was found"),
        pytest.param("Kely\tAerts\n", id="she is asked about"),
    ],
)
def test_a_row_that_waits_for_her_is_passed_over(db: Session, house: House, line: str) -> None:
    batch = house.give(db, line + RITA)
    accounts.erase_person(db, house.people["Kelly"].id)
    kelly, rita = rows_of(db, batch)
    assert (kelly.fields, kelly.cells, kelly.candidates, kelly.state) == ({}, [], [], "skipped")
    assert rita.state == "ready"
    check_batch(db, batch)
    start_batch(db, batch)
    assert [row.state for row in rows_of(db, batch)] == ["skipped", "done"]


def test_a_row_of_another_employer_that_holds_her_address_is_passed_over(db: Session, house: House) -> None:
    stranger = make_person(db, first_name="Joke", email="joke@elders.be")
    batch = house.give(db, "Joke\tJanssens\t\tjoke@elders.be\n" + RITA)
    accounts.erase_person(db, stranger.id)
    joke, rita = rows_of(db, batch)
    assert (joke.fields, joke.cells, joke.state) == ({}, [], "skipped")
    assert rita.state == "ready"


def test_a_row_that_may_mean_somebody_else_stays(db: Session, house: House) -> None:
    twin = make_person(db, first_name="Kelly", last_name="Aerts", email="kelly.aerts@linde.be")
    accounts.employ(db, twin.id, house.organisation.id, staff_number="10300")
    batch = house.give(db, "Kelly\tAerts\n")
    accounts.erase_person(db, twin.id)
    [kelly] = rows_of(db, batch)
    assert (kelly.fields["last_name"], kelly.state) == ("Aerts", "bad")
