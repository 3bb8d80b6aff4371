from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts import queries, services
from lms.accounts.events import PersonErased
from lms.accounts.models import Employment, Person, RoleGrant, SignIn
from lms.kernel import clock
from lms.kernel.errors import NotFound, Refused
from lms.kernel.events import Events
from lms.kernel.identity import Role
from lms.kernel.jobs import OutboxRow
from tests.factories.accounts import establishment_number, kbo_number, make_organisation, make_person


def test_an_organisation_is_kept_with_bare_digits(db: Session) -> None:
    made = make_organisation(db, kbo="BE 0472.871.139", joint_committee="318.02", employer_category="222")
    assert made.kbo == "0472871139"
    assert queries.find_organisation_by_kbo(db, "0472871139") is made


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", " "),
        ("kbo", "0472.871.138"),
        ("kbo", "047"),
        ("kbo", ""),
        ("area", "nergens"),
        ("joint_committee", "PC 330"),
        ("employer_category", "22"),
    ],
)
def test_an_organisation_with_a_mistake_is_refused_with_a_sentence_at_the_field(
    db: Session, field: str, value: str
) -> None:
    with pytest.raises(Refused) as refused:
        make_organisation(db, **{field: value})
    assert list(refused.value.fields) == [field]


def test_a_kbo_number_belongs_to_one_organisation(db: Session) -> None:
    first = make_organisation(db, kbo=kbo_number(77))
    with pytest.raises(Refused) as refused:
        make_organisation(db, kbo=kbo_number(77))
    assert "kbo" in refused.value.fields
    changed = services.change_organisation(db, first.id, name="Andere naam", kbo=kbo_number(77), area="maatwerk")
    assert (changed.name, changed.area) == ("Andere naam", "maatwerk")


def test_an_establishment_has_a_number_of_its_own_kind_or_none_yet(db: Session) -> None:
    organisation = make_organisation(db)
    services.add_establishment(db, organisation.id, name="Gent", number=establishment_number(5))
    services.add_establishment(db, organisation.id, name="Brugge")
    services.add_establishment(db, organisation.id, name="Aalst")
    assert [place.name for place in queries.list_establishments(db, organisation.id)] == ["Aalst", "Brugge", "Gent"]
    found = queries.find_establishment(db, organisation.id, establishment_number(5))
    assert found is not None
    assert found.name == "Gent"
    for number in (kbo_number(5), establishment_number(5), "2000"):
        with pytest.raises(Refused) as refused:
            services.add_establishment(db, organisation.id, name="Luik", number=number)
        assert "number" in refused.value.fields


def test_an_account_is_found_by_address_or_user_name_in_any_case(db: Session) -> None:
    person = make_person(db, email="Emma.Peeters@Example.org", user_name="Emma")
    for name in ("emma.peeters@example.org", " EMMA.PEETERS@example.org ", "emma", "EMMA"):
        assert queries.find_person_by_name(db, name) is person
    assert queries.list_people_by_email(db, ["emma.peeters@example.org", "x@y.be"]) == {person.email: person.id}


def test_who_has_no_address_gets_a_user_name(db: Session) -> None:
    names = [make_person(db, first_name="Éva", last_name="Wójcik", email="").user_name for _ in range(3)]
    assert names == ["eva.wojcik", "eva.wojcik2", "eva.wojcik3"]
    assert make_person(db, first_name="明", last_name="李", email="").user_name is not None


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"first_name": ""}, "first_name"),
        ({"last_name": " "}, "last_name"),
        ({"email": "emma"}, "email"),
        ({"email": "emma@peeters"}, "email"),
        ({"email": "a@b.be,c@d.be"}, "email"),
        ({"email": "taken@example.org"}, "email"),
        ({"user_name": "emma peeters"}, "user_name"),
        ({"user_name": "emma@home"}, "user_name"),
        ({"user_name": "Taken"}, "user_name"),
    ],
)
def test_an_account_with_a_mistake_is_refused_with_a_sentence_at_the_field(
    db: Session, values: dict[str, Any], field: str
) -> None:
    make_person(db, email="taken@example.org", user_name="taken")
    with pytest.raises(Refused) as refused:
        make_person(db, **values)
    assert list(refused.value.fields) == [field]


def test_employing_twice_at_one_place_is_one_job(db: Session) -> None:
    person, organisation = make_person(db), make_organisation(db)
    place = services.add_establishment(db, organisation.id, name="Gent")
    first = services.employ(db, person.id, organisation.id, job_title="verzorgende")
    assert services.employ(db, person.id, organisation.id, staff_number="12") is first
    assert (first.job_title, first.staff_number) == ("verzorgende", "12")
    services.employ(db, person.id, organisation.id, establishment_id=place.id)
    assert len(queries.list_jobs(db, person.id)) == 2
    with pytest.raises(NotFound):
        services.employ(db, person.id, make_organisation(db).id, establishment_id=place.id)


def test_a_job_ends_after_it_began(db: Session) -> None:
    job = services.employ(db, make_person(db).id, make_organisation(db).id, started_on=date(2025, 3, 1))
    with pytest.raises(Refused):
        services.end_employment(db, job.id, ended_on=date(2025, 2, 28))
    assert services.end_employment(db, job.id).ended_on == clock.today()


def test_a_role_is_held_once_and_taken_back_exactly(db: Session) -> None:
    person = make_person(db)
    for _ in range(2):
        services.grant_role(db, person.id, Role.TRAINER)
        services.grant_role(db, person.id, Role.TRAINER, area="maatwerk")
    services.revoke_role(db, person.id, Role.TRAINER)
    services.revoke_role(db, person.id, Role.ADMIN)
    held = db.scalars(sa.select(RoleGrant).where(RoleGrant.person_id == person.id)).all()
    assert [(grant.role, grant.area) for grant in held] == [("trainer", "maatwerk")]


def test_an_officer_is_an_officer_of_one_organisation(db: Session) -> None:
    person = make_person(db)
    with pytest.raises(Refused):
        services.grant_role(db, person.id, Role.OFFICER)
    with pytest.raises(NotFound):
        services.grant_role(db, person.id, Role.TRAINER, area="nergens")
    with pytest.raises(NotFound):
        services.grant_role(db, person.id, Role.OFFICER, organisation_id=987654)


def test_preferences_change_one_by_one(db: Session) -> None:
    person = make_person(db)
    services.change_preferences(db, person.id, language="fr")
    services.change_preferences(db, person.id, text_size="larger", theme="dark")
    db.refresh(person)
    assert (person.language, person.text_size, person.theme) == ("fr", "larger", "dark")
    with pytest.raises(Refused):
        services.change_preferences(db, person.id, language="de")


def test_registered_users_are_counted_without_test_blocked_and_erased_accounts(db: Session) -> None:
    before = queries.count_open_accounts(db)
    people = [make_person(db, made_by="lti" if number == 0 else "") for number in range(5)]
    people[1].is_test = True
    services.block_person(db, people[2].id)
    services.erase_person(db, people[3].id)
    db.flush()
    assert queries.count_open_accounts(db) - before == 2
    assert queries.count_open_accounts(db, made_by="lti") == 1
    assert [person.is_open_account for person in people] == [True, False, False, False, True]
    services.unblock_person(db, people[2].id)
    assert people[2].is_open_account


def test_an_erased_person_keeps_her_row_and_uuid_and_nothing_that_names_her(db: Session, events: Events) -> None:
    heard: list[PersonErased] = []
    events.subscribe(PersonErased, lambda _db, event: heard.append(event))
    person = make_person(
        db, organisation=make_organisation(db), role=Role.TRAINER, phone="0470 00 00 00", password="drie blauwe fietsen"
    )
    services.invite(db, person.id)
    services.open_sign_in(db, person.id, device="Chrome, Android")
    uuid, address = person.uuid, person.email
    before = {column.name: getattr(person, column.name) for column in Person.__table__.columns}

    services.erase_person(db, person.id)
    services.erase_person(db, person.id)

    db.expire_all()
    kept = db.get(Person, person.id)
    assert kept is not None
    assert kept.uuid == uuid
    after = {column.name: getattr(kept, column.name) for column in Person.__table__.columns}
    same = {name for name, value in before.items() if value == after[name] and value not in ("", None, False)}
    assert same == {"id", "uuid", "created_at"}
    assert not db.scalar(sa.select(sa.func.count()).select_from(OutboxRow).where(OutboxRow.key == address))
    [sign_in] = db.scalars(sa.select(SignIn).where(SignIn.person_id == person.id))
    assert sign_in.device == ""
    assert sign_in.ended_at is not None
    assert db.scalar(sa.select(Employment.ended_on).where(Employment.person_id == person.id)) == clock.today()
    assert not db.scalars(sa.select(RoleGrant.id).where(RoleGrant.person_id == person.id)).all()
    assert [(event.person_id, event.person_uuid) for event in heard] == [(person.id, uuid)]


def test_tidying_removes_what_is_long_over_and_nothing_else(db: Session) -> None:
    person = make_person(db)
    with clock.moved_to(clock.now() - timedelta(days=70)):
        services.open_sign_in(db, person.id)
        services.invite(db, person.id)
    token = services.open_sign_in(db, person.id)
    services.tidy(db)
    assert db.scalar(sa.select(sa.func.count()).select_from(SignIn)) == 1
    assert queries.find_identity(db, token) is not None
