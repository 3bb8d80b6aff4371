"""A list from paste to undo, on both databases."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.enrolment.events import LearnerEnrolled, LearnerWithdrew
from courses.enrolment.formats import ListedPerson
from courses.enrolment.models import BatchRow, Enrolment, EnrolmentBatch, EnrolmentChange
from courses.enrolment.queries.batches import count_rows, get_batch, list_card_people
from courses.enrolment.services import enrol_learner, withdraw_learner
from courses.enrolment.services.batches import (
    change_columns,
    change_row,
    decide_row,
    make_batch_of_people,
)
from courses.enrolment.services.carrying_out import start_batch, start_undo
from courses.enrolment.services.matching import Decision, Problem, State
from lms.accounts import services as accounts
from lms.accounts.models import Employment, Person, SingleUseLink
from lms.kernel.errors import NotFound, Refused
from lms.kernel.events import Events
from lms.kernel.identity import Grant, Identity, Role
from lms.kernel.jobs import OutboxRow
from tests.factories.accounts import make_organisation, make_person
from tests.unit.courses.enrolment.conftest import House
from xapi.statements.models import Statement

KELLY, RITA = "Kelly\tAerts\t10200\n", "Rita\tCoppens\t10201\n"


def rows_of(db: Session, batch: EnrolmentBatch) -> dict[int, BatchRow]:
    rows = db.scalars(sa.select(BatchRow).where(BatchRow.batch_id == batch.id).order_by(BatchRow.number))
    return {row.number: row for row in rows}


def states_of(db: Session, batch: EnrolmentBatch) -> list[str]:
    return [row.state for row in rows_of(db, batch).values()]


def enrolled(db: Session) -> set[int]:
    return set(db.scalars(sa.select(Enrolment.person_id).where(Enrolment.withdrawn_at.is_(None))))


# ---- the preview -----------------------------------------------------------------------------------------------------


def test_a_preview_enrols_and_invites_nobody(db: Session, house: House) -> None:
    batch = house.give(db, KELLY + "Greta\tNieuw\t\tgreta@linde.be\n")
    assert states_of(db, batch) == ["ready", "ready"]
    assert not enrolled(db)
    assert db.scalar(sa.select(sa.func.count()).select_from(OutboxRow)) == 0


def test_good_rows_pass_and_bad_rows_wait_with_their_number(db: Session, house: House) -> None:
    batch = house.give(db, KELLY + "\n" + "An\tPeters\t10999\n" + KELLY + "Els\n")
    found = {number: (row.state, row.problem) for number, row in rows_of(db, batch).items()}
    assert found == {
        2: ("ready", ""),
        4: ("bad", Problem.NUMBER_UNKNOWN),
        5: ("bad", Problem.TWICE),
        6: ("bad", Problem.NAME_MISSING),
    }


def test_another_employers_people_are_neither_found_nor_shown(db: Session, house: House) -> None:
    other = make_organisation(db)
    stranger = make_person(db, organisation=other, first_name="Ewa", last_name="Kowalska", email="ewa@elders.be")
    db.execute(sa.update(Employment).where(Employment.person_id == stranger.id).values(staff_number="500"))
    batch = house.give(db, "Ewa\tKowalska\t500\n" + "Eva\tKowalska\n" + "Ewa\tKowalska\t\tewa@elders.be\n")
    rows = list(rows_of(db, batch).values())
    assert all(not row.candidates and row.person_id is None for row in rows)
    assert [row.problem for row in rows] == ["", "", Problem.EMAIL_TAKEN]
    assert [row.is_new for row in rows] == [True, True, False]
    with pytest.raises(NotFound):
        decide_row(db, batch, 2, Decision.PERSON, stranger.uuid)


def test_who_left_is_not_found(db: Session, house: House) -> None:
    employment = db.scalar(sa.select(Employment.id).where(Employment.person_id == house.people["Kelly"].id))
    db.execute(sa.update(Employment).where(Employment.id == employment).values(ended_on=sa.func.date("2020-01-01")))
    batch = house.give(db, KELLY)
    assert rows_of(db, batch)[2].person_id is None


def test_a_course_that_the_area_does_not_offer_is_refused(db: Session, house: House) -> None:
    house.organisation.area = "ouderenzorg"
    with pytest.raises(Refused):
        house.give(db, KELLY)


def test_a_list_with_names_of_columns_only_is_refused(db: Session, house: House) -> None:
    with pytest.raises(Refused, match="geen mensen"):
        house.give(db, "")


def test_a_list_is_found_by_its_own_organisations_officer_only(db: Session, house: House) -> None:
    batch = house.give(db, KELLY)
    hers, others = (
        Identity(person_id=1, grants=(Grant(Role.OFFICER, organisation_id=key),))
        for key in (house.organisation.id, make_organisation(db).id)
    )
    assert get_batch(db, hers, batch.uuid).id == batch.id
    for identity in (others, Identity(person_id=1, grants=(Grant(Role.CONSULTANT),))):
        with pytest.raises(NotFound):
            get_batch(db, identity, batch.uuid)


# ---- mending ---------------------------------------------------------------------------------------------------------


def test_a_row_is_mended_by_choosing_skipping_or_typing(db: Session, house: House) -> None:
    batch = house.give(db, "An\tPeters\t10999\n" + "Els\n" + "Kelly\tAers\n" + "Jan\tFout\t\tjan@\n")
    decide_row(db, batch, 2, Decision.PERSON, house.people["An"].uuid)
    decide_row(db, batch, 3, Decision.SKIP)
    decide_row(db, batch, 4, Decision.NEW)
    assert change_row(db, batch, 5, ListedPerson("Jan", "Fout", "jan@linde.be")) is State.READY
    rows = rows_of(db, batch)
    assert [row.state for row in rows.values()] == ["ready", "skipped", "ready", "ready"]
    assert rows[2].person_id == house.people["An"].id
    assert [row.is_new for row in rows.values()] == [False, False, True, True]
    decide_row(db, batch, 3, Decision.NONE)
    assert rows_of(db, batch)[3].state == "bad"


def test_skipping_the_first_of_two_frees_the_second(db: Session, house: House) -> None:
    batch = house.give(db, KELLY + KELLY)
    decide_row(db, batch, 2, Decision.SKIP)
    assert states_of(db, batch) == ["skipped", "ready"]


def test_columns_are_corrected_and_rows_read_again(db: Session, house: House) -> None:
    batch = house.give(db, "Aerts\tKelly\n")
    change_columns(db, batch, ["last-name", "first-name", "ignore", "email", "ignore"])
    assert rows_of(db, batch)[2].person_id == house.people["Kelly"].id
    with pytest.raises(Refused):
        change_columns(db, batch, ["email", "email"])


def test_people_chosen_on_a_page_make_a_list_and_strangers_are_left_out(db: Session, house: House) -> None:
    stranger = make_person(db, organisation=make_organisation(db))
    chosen = [house.people["Rita"].uuid, house.people["Kelly"].uuid, stranger.uuid, uuid4()]
    given: dict[str, Any] = {
        "organisation": house.organisation,
        "course_id": house.course.id,
        "by_person_id": house.officer.id,
    }
    batch = make_batch_of_people(db, people=chosen, **given)
    assert {row.person_id for row in rows_of(db, batch).values()} == {
        house.people["Rita"].id,
        house.people["Kelly"].id,
    }
    with pytest.raises(Refused):
        make_batch_of_people(db, people=[stranger.uuid], **given)


# ---- carrying out ----------------------------------------------------------------------------------------------------


def test_good_rows_are_enrolled_as_one_by_one_would(db: Session, house: House, events: Events) -> None:
    heard: list[LearnerEnrolled] = []
    events.subscribe(LearnerEnrolled, lambda _db, event: heard.append(event))
    alone = enrol_learner(
        db, person_id=house.people["An"].id, course_id=house.course.id, area="gezinszorg", by_person_id=house.officer.id
    )
    batch = house.give(db, KELLY + "An\tPeeters\n")
    assert states_of(db, batch) == ["ready", "already"]
    start_batch(db, batch)
    in_bulk = db.scalar(sa.select(Enrolment).where(Enrolment.person_id == house.people["Kelly"].id))
    assert in_bulk is not None
    assert in_bulk.batch_id == batch.id
    assert (in_bulk.area, in_bulk.organisation_id) == (alone.area, alone.organisation_id)
    assert in_bulk.employment_id is not None
    assert db.scalar(sa.select(EnrolmentChange.what).where(EnrolmentChange.enrolment_id == in_bulk.id)) == "enrolled"
    for enrolment in (alone, in_bulk):
        statements = db.scalars(sa.select(Statement).where(Statement.registration == enrolment.uuid)).all()
        assert [(one.verb.rsplit("/")[-1], one.area) for one in statements] == [("registered", "gezinszorg")]
    assert [(one.person_id, one.returned) for one in heard] == [
        (house.people["An"].id, False),
        (house.people["Kelly"].id, False),
    ]


def test_newcomers_get_an_account_a_job_and_an_invitation(db: Session, house: House) -> None:
    place = accounts.add_establishment(db, house.organisation.id, name="Gent-Noord")
    batch = house.give(db, "Greta\tNieuw\t77\tgreta@linde.be\tgent-noord\n" + "Kelly\tZonder\t\t\tNergens\n")
    start_batch(db, batch)
    greta = db.scalar(sa.select(Person).where(Person.email == "greta@linde.be"))
    kelly = db.scalar(sa.select(Person).where(Person.user_name == "kelly.zonder"))
    assert greta is not None
    assert kelly is not None
    job = db.scalar(sa.select(Employment).where(Employment.person_id == greta.id))
    assert job is not None
    assert (job.organisation_id, job.staff_number, job.establishment_id) == (house.organisation.id, "77", place.id)
    assert enrolled(db) == {greta.id, kelly.id}
    mails = db.scalars(sa.select(OutboxRow)).all()
    assert [row.payload["to"] for row in mails] == ["greta@linde.be"]
    token = mails[0].payload["text"].split("/invitation/")[1].split()[0]
    assert accounts.choose_password(db, accounts.LinkKind.INVITATION, token, "drie blauwe fietsen") == greta.id
    assert list_card_people(db, batch.id) == [kelly.id]
    assert count_rows(db, batch.id).made == 2


def test_user_names_of_one_list_differ(db: Session, house: House) -> None:
    accounts.create_person(db, first_name="Jan", last_name="Smit")
    batch = house.give(db, "Jan\tSmit\t1\n" + "Jan\tSmit\t2\n")
    start_batch(db, batch)
    names = db.scalars(sa.select(Person.user_name).where(Person.last_name == "Smit").order_by(Person.user_name)).all()
    assert names == ["jan.smit", "jan.smit2", "jan.smit3"]


def test_who_withdrew_comes_back_with_her_history(db: Session, house: House) -> None:
    who = house.people["Kelly"].id
    enrolment = enrol_learner(db, person_id=who, course_id=house.course.id, area="gezinszorg")
    withdraw_learner(db, enrolment.id)
    batch = house.give(db, KELLY)
    start_batch(db, batch)
    db.refresh(enrolment)
    assert (enrolment.withdrawn_at, enrolment.batch_id) == (None, batch.id)
    history = sa.select(EnrolmentChange.what).where(EnrolmentChange.enrolment_id == enrolment.id)
    assert db.scalars(history.order_by(EnrolmentChange.id)).all() == ["enrolled", "withdrawn", "returned"]
    assert rows_of(db, batch)[2].outcome == "returned"


def test_bad_rows_stay_and_go_through_once_they_are_mended(db: Session, house: House) -> None:
    batch = house.give(db, KELLY + "An\tPeters\n")
    start_batch(db, batch)
    assert states_of(db, batch) == ["done", "bad"]
    decide_row(db, batch, 3, Decision.PERSON, house.people["An"].uuid)
    start_batch(db, batch)
    assert states_of(db, batch) == ["done", "done"]
    assert enrolled(db) == {house.people["Kelly"].id, house.people["An"].id}


def test_what_changed_since_the_preview_is_seen(db: Session, house: House) -> None:
    batch = house.give(db, KELLY + "Greta\tNieuw\t\tgreta@linde.be\n" + RITA)
    employment = db.scalars(sa.select(Employment).where(Employment.person_id == house.people["Kelly"].id)).one()
    accounts.end_employment(db, employment.id, ended_on=employment.started_on)
    db.execute(
        sa.update(Employment).where(Employment.id == employment.id).values(organisation_id=make_organisation(db).id)
    )
    accounts.create_person(db, first_name="Greta", last_name="Elders", email="greta@linde.be")
    start_batch(db, batch)
    rows = rows_of(db, batch)
    assert [rows[2].problem, rows[3].problem, rows[4].state] == [Problem.GONE, Problem.EMAIL_TAKEN, "done"]
    assert enrolled(db) == {house.people["Rita"].id}


def test_starting_twice_and_starting_nothing(db: Session, house: House) -> None:
    batch = house.give(db, KELLY)
    start_batch(db, batch)
    with pytest.raises(Refused):
        start_batch(db, batch)
    assert len(enrolled(db)) == 1


def test_who_takes_the_course_for_another_employer_stays_there_and_the_row_says_so(db: Session, house: House) -> None:
    kelly = house.people["Kelly"]
    elsewhere = make_organisation(db)
    job = accounts.employ(db, kelly.id, elsewhere.id)
    enrolment = enrol_learner(
        db, person_id=kelly.id, course_id=house.course.id, area="gezinszorg", employment_id=job.id
    )
    batch = house.give(db, KELLY + RITA)
    row = rows_of(db, batch)[2]
    assert (row.state, row.problem) == (State.ALREADY.value, Problem.ELSEWHERE.value)
    withdraw_learner(db, enrolment.id)
    decide_row(db, batch, 2, Decision.NONE)
    assert rows_of(db, batch)[2].state == State.READY.value
    enrol_learner(db, person_id=kelly.id, course_id=house.course.id, area="gezinszorg", employment_id=job.id)
    start_batch(db, batch)
    row = rows_of(db, batch)[2]
    assert (row.state, row.problem) == (State.ALREADY.value, Problem.ELSEWHERE.value)
    assert (enrolment.organisation_id, enrolment.withdrawn_at) == (elsewhere.id, None)
    start_undo(db, batch, by_person_id=house.officer.id)
    assert enrolled(db) == {kelly.id}


# ---- undo ------------------------------------------------------------------------------------------------------------


def test_undo_withdraws_whom_the_list_enrolled_and_nobody_else(db: Session, house: House, events: Events) -> None:
    left: list[int] = []
    events.subscribe(LearnerWithdrew, lambda _db, event: left.append(event.person_id))
    an = house.people["An"].id
    enrol_learner(db, person_id=an, course_id=house.course.id, area="gezinszorg")
    batch = house.give(db, KELLY + RITA + "An\tPeeters\n")
    start_batch(db, batch)
    rita = db.scalars(sa.select(Enrolment).where(Enrolment.person_id == house.people["Rita"].id)).one()
    withdraw_learner(db, rita.id)
    enrol_learner(db, person_id=house.people["Rita"].id, course_id=house.course.id, area="gezinszorg")
    left.clear()
    start_undo(db, batch, by_person_id=house.officer.id)
    assert left == [house.people["Kelly"].id]
    assert enrolled(db) == {an, house.people["Rita"].id}
    assert batch.undone_at is not None
    with pytest.raises(Refused):
        start_batch(db, batch)


def test_undo_closes_accounts_nobody_used_and_the_same_list_opens_them(db: Session, house: House) -> None:
    lines = "Greta\tNieuw\t\tgreta@linde.be\n" + "Luc\tBinnen\t\tluc@linde.be\n" + KELLY
    batch = house.give(db, lines)
    start_batch(db, batch)
    people = {person.first_name: person for person in db.scalars(sa.select(Person))}
    accounts.set_password(db, people["Luc"].id, "drie blauwe fietsen")
    start_undo(db, batch, by_person_id=house.officer.id)
    closed = {person.first_name for person in db.scalars(sa.select(Person).where(Person.blocked_at.is_not(None)))}
    assert closed == {"Greta"}
    again = house.give(db, lines)
    start_batch(db, again)
    assert states_of(db, again) == ["done"] * 3
    assert db.scalar(sa.select(sa.func.count()).select_from(Person).where(Person.first_name == "Greta")) == 1
    db.refresh(people["Greta"])
    assert people["Greta"].is_open_account
    open_links = sa.select(sa.func.count()).where(
        SingleUseLink.person_id == people["Greta"].id, SingleUseLink.used_at.is_(None)
    )
    assert db.scalar(open_links) == 1


def test_a_list_never_carried_out_has_nothing_to_undo(db: Session, house: House) -> None:
    with pytest.raises(Refused):
        start_undo(db, house.give(db, KELLY), by_person_id=house.officer.id)
