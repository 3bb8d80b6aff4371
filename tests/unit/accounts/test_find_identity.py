"""Who asks: the statement that runs on every request."""

from __future__ import annotations

from datetime import date, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts import services
from lms.accounts.queries import find_identity
from lms.kernel import clock
from lms.kernel.identity import Grant, Permission, Role, Scope
from tests.factories.accounts import make_organisation, make_person


def test_a_token_tells_who_asks_where_she_works_and_what_she_may(db: Session) -> None:
    organisation = make_organisation(db, name="Thuishulp De Linde", area="gezinszorg")
    vera = make_person(db, organisation=organisation, role=Role.OFFICER, first_name="Vera", last_name="Maes")
    services.grant_role(db, vera.id, Role.TRAINER, area="ouderenzorg")
    services.change_preferences(db, vera.id, language="fr", text_size="large", theme="dark")

    identity = find_identity(db, services.open_sign_in(db, vera.id))

    assert identity is not None
    assert (identity.person_id, identity.person_uuid) == (vera.id, vera.uuid)
    assert (identity.name, identity.first_name) == ("Vera Maes", "Vera")
    assert identity.grants == (
        Grant(Role.OFFICER, None, organisation.id),
        Grant(Role.TRAINER, "ouderenzorg", None),
    )
    assert (identity.area, identity.organisation_id) == ("gezinszorg", organisation.id)
    assert identity.organisation_name == "Thuishulp De Linde"
    assert (identity.language, identity.text_size, identity.theme) == ("fr", "large", "dark")
    assert identity.session_id is not None


def test_an_account_without_roles_or_work_is_a_learner(db: Session) -> None:
    identity = find_identity(db, services.open_sign_in(db, make_person(db).id))
    assert identity is not None
    assert identity.grants == (Grant(Role.LEARNER),)
    assert identity.area is None
    assert identity.organisation_id is None


def test_it_takes_one_statement_whatever_the_number_of_roles_and_jobs(db: Session) -> None:
    person = make_person(db, role=Role.TRAINER, area="gezinszorg")
    for area in ("gezinszorg", "ouderenzorg", "maatwerk"):
        services.grant_role(db, person.id, Role.CONSULTANT, area=area)
        services.employ(db, person.id, make_organisation(db, area=area).id)
    token = services.open_sign_in(db, person.id)
    statements: list[str] = []

    def count(*args: object) -> None:
        statements.append(str(args[2]))

    sa.event.listen(db.connection(), "before_cursor_execute", count)
    identity = find_identity(db, token)
    assert identity is not None
    assert len(identity.grants) == 4
    assert len(statements) == 1


def test_her_place_is_the_job_that_began_last_and_goes_on(db: Session) -> None:
    person = make_person(db)
    old, new, past, coming = (make_organisation(db, name=name) for name in ("oud", "nieuw", "voorbij", "later"))
    today = clock.today()
    services.employ(db, person.id, old.id, started_on=date(2020, 1, 1))
    services.employ(db, person.id, new.id, started_on=date(2024, 1, 1))
    ended = services.employ(db, person.id, past.id, started_on=date(2025, 1, 1))
    services.end_employment(db, ended.id, ended_on=today - timedelta(days=1))
    services.employ(db, person.id, coming.id, started_on=today + timedelta(days=1))

    identity = find_identity(db, services.open_sign_in(db, person.id))
    assert identity is not None
    assert identity.organisation_name == "nieuw"


def test_a_token_stops_working_when_it_is_over(db: Session) -> None:
    person = make_person(db)
    signed_out, everywhere = (services.open_sign_in(db, person.id) for _ in range(2))
    services.sign_out(db, signed_out)
    assert find_identity(db, signed_out) is None
    assert find_identity(db, everywhere) is not None
    services.sign_out_everywhere(db, person.id)
    assert find_identity(db, everywhere) is None

    token = services.open_sign_in(db, person.id)
    with clock.moved_to(clock.now() + timedelta(days=32)):
        assert find_identity(db, token) is None
    services.block_person(db, person.id)
    assert find_identity(db, token) is None
    assert find_identity(db, "nobody's token") is None


def test_a_role_for_one_organisation_opens_no_area(db: Session) -> None:
    person = make_person(db, role=Role.TRAINER, area="ouderenzorg")
    organisation = make_organisation(db, area="gezinszorg")
    services.grant_role(db, person.id, Role.TRAINER, area="gezinszorg", organisation_id=organisation.id)
    services.grant_role(db, person.id, Role.CONSULTANT, organisation_id=organisation.id)
    identity = find_identity(db, services.open_sign_in(db, person.id))
    assert identity is not None
    assert identity.areas(Permission.RUN_SESSIONS) == frozenset({"ouderenzorg"})
    assert identity.areas(Permission.SEE_COVENANT) == frozenset()
    assert not identity.may(Permission.RUN_SESSIONS, Scope(area="gezinszorg"))
    assert identity.may(Permission.RUN_SESSIONS, Scope("gezinszorg", organisation.id))
