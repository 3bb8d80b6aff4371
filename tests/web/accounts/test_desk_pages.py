"""The administrator's desk: people and organisations, and who may not see them."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from lms.accounts import queries, services
from lms.accounts.models import Organisation, Person, RoleGrant
from lms.kernel.db import Database
from lms.kernel.identity import Role
from tests.factories.accounts import (
    establishment_number,
    kbo_number,
    make_organisation,
    make_person,
    sign_in_as,
)
from tests.web.visitor import Visitor
from xapi.statements.models import Removal


@pytest.fixture
def linde(database: Database) -> Organisation:
    with database.write() as db:
        return make_organisation(db, name="Thuishulp De Linde", kbo=kbo_number(31), area="gezinszorg")


@pytest.fixture
def emma(database: Database, linde: Organisation) -> Person:
    with database.write() as db:
        return make_person(db, organisation=linde, first_name="Emma", last_name="Peeters", email="emma@example.org")


@pytest.fixture
def admin(visitor: Visitor, database: Database) -> Visitor:
    """A visitor who administers everything."""
    with database.write() as db:
        person = make_person(db, first_name="Ann", last_name="Beheer", role=Role.ADMIN)
    sign_in_as(visitor, person)
    return visitor


@pytest.fixture
def area_admin(visitor: Visitor, database: Database) -> Visitor:
    """A visitor who administers ouderenzorg alone."""
    with database.write() as db:
        person = make_person(db, first_name="Nora", email="", organisation=make_organisation(db, area="ouderenzorg"))
        services.grant_role(db, person.id, Role.ADMIN, area="ouderenzorg")
    sign_in_as(visitor, person)
    return visitor


def test_people_are_found_by_any_words_of_their_name(admin: Visitor, emma: Person, database: Database) -> None:
    with database.write() as db:
        make_person(db, first_name="Dirk", last_name="Peeters", email="dirk@example.org", role=Role.DIGICOACH)
    assert "Emma Peeters" in admin.page("/desk/people").links()
    links = admin.page("/desk/people?search=peet+emm").links()
    assert "Emma Peeters" in links
    assert "Dirk Peeters" not in links
    links = admin.page("/desk/people?role=digicoach").links()
    assert "Dirk Peeters" in links
    assert "Emma Peeters" not in links
    assert "Niemand gevonden" in admin.page("/desk/people?search=100%25").text


def test_a_long_list_is_paged_and_takes_as_many_statements_as_a_short_one(admin: Visitor, database: Database) -> None:
    statements: list[str] = []

    def count() -> int:
        statements.clear()
        admin.page("/desk/people")
        return len(statements)

    sa.event.listen(database.engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    few = count()
    with database.write() as db:
        organisation = make_organisation(db)
        for _ in range(60):
            make_person(db, organisation=organisation, role=Role.TRAINER, area="gezinszorg")
    assert count() == few
    assert few <= 6
    page = admin.page("/desk/people")
    assert "1 tot 50 van 61" in page.text
    page = admin.page(page.links()["Volgende"])
    assert "51 tot 61 van 61" in page.text
    assert "51 tot 61" in admin.page("/desk/people?page=99").text
    assert "1 tot 50" in admin.page("/desk/people?page=-1").text


def test_an_account_is_made_changed_and_invited(admin: Visitor, linde: Organisation, database: Database) -> None:
    form = admin.page("/desk/people/new").form(holding="first_name")
    page = admin.submit(form, first_name="Zoë", last_name="", email="geen mail", status=422)
    assert page.form(holding="first_name").values["first_name"] == ["Zoë"]
    assert {"Vul de naam in."} <= set(page.links())
    page = admin.submit(page.form(holding="first_name"), last_name="Aerts", email="", organisation=str(linde.id))
    assert page.h1 == "Zoë Aerts"
    assert "zoe.aerts" in page.text
    assert "Thuishulp De Linde" in page.text

    page = admin.submit(page.form("/invitation"))
    assert re.search(r"http://localhost:8000/invitation/\S+", page.text)

    form = admin.page(f"{page.url.removesuffix('/invitation')}/edit").form(holding="email")
    page = admin.submit(form, email="zoe@example.org")
    assert "zoe@example.org" in page.text
    page = admin.submit(page.form("/invitation"))
    assert "onderweg" in page.text


def test_roles_are_given_and_taken_back(admin: Visitor, emma: Person, linde: Organisation, database: Database) -> None:
    path = f"/desk/people/{emma.uuid}"
    page = admin.submit(admin.page(path).form("/roles"), role="trainer", where="area:maatwerk")
    page = admin.submit(page.form("/roles"), role="officer", where=f"organisation:{linde.id}")
    assert "Opleider Maatwerkbedrijven" in page.text
    assert "VTO-verantwoordelijke Thuishulp De Linde" in page.text
    page = admin.submit(page.form("/roles"), role="officer", where="everywhere", status=422)
    assert "Kies de organisatie" in page.text
    admin.submit(admin.page(path).form("/roles"), role="", status=422)
    revoke = next(form for form in admin.page(path).forms() if form.values.get("role") == ["trainer"])
    admin.submit(revoke)
    with database.read() as db:
        roles = db.scalars(sa.select(RoleGrant.role).where(RoleGrant.person_id == emma.id)).all()
    assert roles == ["officer"]


def test_a_role_is_proposed_where_she_works_and_never_everywhere_by_itself(
    admin: Visitor, emma: Person, linde: Organisation, database: Database
) -> None:
    form = admin.page(f"/desk/people/{emma.uuid}").form("/roles")
    assert form.values["where"] == [f"organisation:{linde.id}"]
    with database.write() as db:
        stranger = make_person(db)
    path = f"/desk/people/{stranger.uuid}"
    assert admin.page(path).form("/roles").values["where"] == [""]
    for where in ("", "area:nergens", "organisation:", "organisation:x"):
        refused = admin.submit(admin.page(path).form("/roles"), role="trainer", where=where, status=422)
        assert "Kies" in refused.text
    with database.read() as db:
        assert db.scalars(sa.select(RoleGrant.id).where(RoleGrant.person_id == stranger.id)).all() == []
    assert "Opleider Overal" in admin.submit(admin.page(path).form("/roles"), role="trainer", where="everywhere").text


def test_an_account_is_closed_opened_and_erased(admin: Visitor, emma: Person, database: Database) -> None:
    path = f"/desk/people/{emma.uuid}"
    page = admin.submit(admin.page(path).form("/block"))
    assert "Gesloten" in page.text
    page = admin.submit(page.form("/unblock"))
    page = admin.submit(page.form("/erase"))
    assert page.url == "/desk/people"
    assert "Emma" not in admin.page("/desk/people").text
    admin.page(path, status=404)
    with database.read() as db:
        assert queries.get_person(db, emma.id).erased_at is not None
        ann = db.scalars(sa.select(Person).where(Person.first_name == "Ann")).one()
        assert db.scalars(sa.select(Removal.by)).all() == [str(ann.uuid)]


def test_nobody_closes_erases_or_demotes_herself(admin: Visitor) -> None:
    path = admin.page("/desk/people").links()["Ann Beheer"]
    page = admin.page(path)
    assert "Sluit het account" not in page.text
    csrf = page.form("/roles").values["csrf_token"]
    for act, fields in (("block", {}), ("erase", {}), ("roles/revoke", {"role": "admin"})):
        assert admin.post(f"{path}/{act}", data={"csrf_token": csrf, **fields}).status_code == 409
    assert admin.page(path).h1 == "Ann Beheer"


def test_organisations_are_added_changed_and_taken_out_of_the_list(admin: Visitor, linde: Organisation) -> None:
    form = admin.page("/desk/organisations/new").form(holding="kbo")
    page = admin.submit(form, name="De Brug", kbo="0400", area="maatwerk", fte="veel", status=422)
    page = admin.submit(page.form(holding="kbo"), fte="12,5", status=422)
    assert "Dit nummer heeft 4 cijfers" in page.text
    page = admin.submit(page.form(holding="kbo"), kbo=kbo_number(31), status=422)
    assert "staat al bij iemand anders" in page.text
    page = admin.submit(page.form(holding="kbo"), kbo="BE " + kbo_number(32), joint_committee="327.01")
    assert page.h1 == "De Brug"
    assert page.form(holding="kbo").values["fte"] == ["12,5"]

    page = admin.submit(page.form("/establishments"), place_name="Gent", place_number=kbo_number(5), status=422)
    page = admin.submit(page.form("/establishments"), place_name="G" * 121, place_number="", status=422)
    page = admin.submit(page.form("/establishments"), place_name="Gent", place_number=establishment_number(5))
    assert "Gent" in page.text
    assert "De Brug" in admin.page("/desk/organisations?search=brug").links()
    page = admin.submit(page.form("/archive"))
    assert "De Brug" not in page.links()
    assert "Thuishulp De Linde" in page.links()


def test_who_administers_an_area_sees_and_changes_nothing_of_another(
    area_admin: Visitor, emma: Person, linde: Organisation
) -> None:
    for path in ("/desk/people", "/desk/organisations"):
        text = area_admin.page(path).text
        assert "Emma" not in text
        assert "Linde" not in text
    area_admin.page(f"/desk/people/{emma.uuid}", status=404)
    area_admin.page(f"/desk/people/{emma.uuid}/edit", status=404)
    area_admin.page(f"/desk/organisations/{linde.uuid}", status=404)
    form = area_admin.page("/desk/organisations/new").form(holding="kbo")
    area_admin.submit(form, name="Nieuw", kbo=kbo_number(33), area="gezinszorg", status=403)
    form = area_admin.page("/desk/people/new").form(holding="first_name")
    area_admin.submit(form, first_name="A", last_name="B", status=403)
    area_admin.submit(form, first_name="A", last_name="B", organisation=str(linde.id), status=422)
    links = area_admin.page("/desk/people").links()
    myself = next(url for words, url in links.items() if words.startswith("Nora") and "/desk/people/" in url)
    area_admin.submit(area_admin.page(myself).form("/roles"), role="admin", where="everywhere", status=403)
    area_admin.submit(area_admin.page(myself).form("/roles"), role="trainer", where="area:gezinszorg", status=403)
    area_admin.submit(area_admin.page(myself).form("/roles"), role="trainer", where="area:ouderenzorg")


@pytest.mark.parametrize("role", [Role.ADMIN, Role.CONSULTANT])
def test_who_administers_an_area_cannot_take_over_who_may_more(
    area_admin: Visitor, database: Database, role: Role
) -> None:
    with database.write() as db:
        organisation = make_organisation(db, area="ouderenzorg")
        wide = make_person(db, organisation=organisation, role=role)
        narrow = make_person(db, organisation=organisation, role=role, area="ouderenzorg")
        officer = make_person(db, organisation=organisation, role=Role.OFFICER)
    address = f"/desk/people/{wide.uuid}"
    form = area_admin.page(f"/desk/people/{narrow.uuid}/edit").form(holding="email")
    area_admin.page(f"/desk/people/{officer.uuid}/edit")
    area_admin.page(f"{address}/edit", status=403)
    for act in ("edit", "invitation", "block", "unblock", "erase"):
        assert area_admin.post(f"{address}/{act}", data=form.values).status_code == 403
    with database.read() as db:
        kept = db.get_one(Person, wide.id)
        assert (kept.email, kept.blocked_at, kept.erased_at) == (wide.email, None, None)


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMIN])
def test_the_desk_is_closed_to_every_other_role(
    visitor: Visitor, database: Database, emma: Person, linde: Organisation, role: Role
) -> None:
    with database.write() as db:
        person = make_person(db, organisation=linde, role=role)
    sign_in_as(visitor, person)
    csrf = visitor.page("/account").form("/account/password").values["csrf_token"]
    for path in ("people", "people/new", f"people/{emma.uuid}", "organisations", f"organisations/{linde.uuid}"):
        visitor.page(f"/desk/{path}", status=403)
    for path in (f"people/{emma.uuid}/roles", f"people/{emma.uuid}/erase", f"organisations/{linde.uuid}"):
        assert visitor.post(f"/desk/{path}", data={"csrf_token": csrf, "role": "admin"}).status_code == 403
