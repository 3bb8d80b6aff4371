"""The desk of platforms: who sees which, one by hand, its deployments, off and on."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from lms.kernel.db import Database
from lms.kernel.identity import Role
from lms.lti.formats.endpoints import Endpoints, known_endpoints
from lms.lti.formats.tool import SCOPES
from lms.lti.models import KeySet
from tests.services.platform import HOST
from tests.web.lti.connecting import LIST, NEW, Office


@pytest.fixture
def office(app: Flask, database: Database) -> Office:
    return Office(app, database)


def test_a_moodle_is_added_from_the_root_of_its_site(office: Office) -> None:
    page = office.add(office.enter())
    [made] = office.platforms()
    assert page.url == f"{LIST}/{made.uuid}"
    assert "Het leerplatform is bewaard" in page.text
    root = "https://moodle.example"
    ends = (made.issuer, made.authorization_endpoint, made.token_endpoint, made.jwks_uri)
    assert ends == (root, f"{root}/mod/lti/auth.php", f"{root}/mod/lti/token.php", f"{root}/mod/lti/certs.php")
    assert (made.name, made.client_id, made.product) == ("Moodle van de school", "abc123", "moodle")
    assert (made.area, made.organisation_id) == ("gezinszorg", office.employers["gezinszorg"].id)
    assert made.scopes == list(SCOPES)
    assert [deployment.deployment_id for deployment in office.deployments()] == ["7"]
    for ours in ("login", "launch", "jwks", "icon.svg"):
        assert f"http://{HOST}/lti/{ours}" in page.text


@pytest.mark.parametrize(
    ("site", "issuer", "door"),
    [
        ("https://school.instructure.com", "https://canvas.instructure.com", "https://sso.canvaslms.com"),
        (
            "https://school.beta.instructure.com/",
            "https://canvas.beta.instructure.com",
            "https://sso.beta.canvaslms.com",
        ),
        ("https://canvas.school.example", "https://canvas.instructure.com", "https://sso.canvaslms.com"),
    ],
)
def test_the_addresses_of_a_canvas_that_instructure_hosts(site: str, issuer: str, door: str) -> None:
    assert known_endpoints("canvas", site) == Endpoints(
        issuer, f"{door}/api/lti/authorize_redirect", f"{door}/login/oauth2/token", f"{door}/api/lti/security/jwks"
    )


def test_the_addresses_of_a_canvas_on_a_server_of_its_own() -> None:
    root = "https://canvas.school.example"
    assert known_endpoints("canvas-own", f"{root}/") == Endpoints(
        root, f"{root}/api/lti/authorize_redirect", f"{root}/login/oauth2/token", f"{root}/api/lti/security/jwks"
    )


@pytest.mark.parametrize("act", ["", "fill-in"])
@pytest.mark.parametrize("product", ["canvas", "canvas-own", "moodle"])
def test_a_site_that_is_no_address_is_said_so(office: Office, product: str, act: str) -> None:
    page = office.add(office.enter(), status=200 if act else 422, product=product, site="https://[school", act=act)
    assert ("Vul een webadres in dat met https:// begint." in page.text) == (not act)
    assert office.platforms() == []


def test_the_addresses_are_filled_in_before_anything_is_kept(office: Office) -> None:
    page = office.add(office.enter(), act="fill-in", client_id="", jwks_uri="https://keys.example/own")
    values = page.form(NEW).values
    assert values["issuer"] == ["https://moodle.example"]
    assert values["token_endpoint"] == ["https://moodle.example/mod/lti/token.php"]
    assert values["jwks_uri"] == ["https://keys.example/own"]  # what was typed stays
    assert office.platforms() == []


@pytest.mark.parametrize(
    ("typed", "field", "message"),
    [
        ({"name": ""}, "name", "Vul een naam in."),
        ({"name": "x" * 121}, "name", "Vul een naam in."),
        ({"organisation": ""}, "organisation", "Kies een organisatie uit de lijst."),
        ({"organisation": "nobody"}, "organisation", "Kies een organisatie uit de lijst."),
        ({"area": ""}, "area", "Kies een afdeling."),
        ({"area": "ouderenzorg"}, "area", "Kies een afdeling."),
        ({"product": "sakai"}, "product", "Kies uit de lijst."),
        ({"client_id": ""}, "client_id", "Vul de client-id in"),
        ({"client_id": "x" * 256}, "client_id", "Vul de client-id in"),
        ({"deployment_id": "x" * 256}, "deployment_id", "Dit kan geen nummer van een plaatsing zijn."),
        ({"deployment_id": "één"}, "deployment_id", "Dit kan geen nummer van een plaatsing zijn."),
        ({"site": ""}, "site", "Vul een webadres in"),
        ({"site": "moodle.example"}, "site", "Vul een webadres in"),
        ({"issuer": "https://moodle.example/?x=1"}, "issuer", "Vul een webadres in"),
        ({"issuer": "ftp://moodle.example"}, "issuer", "Vul een webadres in"),
        ({"jwks_uri": "https://me:secret@moodle.example/"}, "jwks_uri", "Vul een webadres in"),
        ({"token_endpoint": "data:text/html,x"}, "token_endpoint", "Vul een webadres in"),
        ({"authorization_endpoint": "https://moodle.example:x/"}, "authorization_endpoint", "Vul een webadres in"),
    ],
)
def test_what_is_wrong_is_said_beside_its_field(
    office: Office, typed: dict[str, Any], field: str, message: str
) -> None:
    page = office.add(office.enter(), status=422, **typed)
    assert message in page.text
    assert f'href="#{field}"' in page.response.get_data(as_text=True)
    assert page.form(NEW).values["token_audience"] == [""]
    if field != "name":
        assert page.form(NEW).values["name"] == ["Moodle van de school"]
    assert office.platforms() == []


def test_the_same_platform_is_not_added_twice(office: Office) -> None:
    office.add(office.enter())
    page = office.add(office.enter(Role.ADMIN), status=422, name="Nog eens")
    assert "Dit leerplatform kennen we al" in page.text
    office.add(office.enter(), client_id="another")
    assert len(office.platforms()) == 2


def test_a_consultant_sees_the_platforms_of_her_area_and_an_administrator_all(office: Office) -> None:
    office.add(office.enter())
    theirs: dict[str, Any] = {
        "area": "ouderenzorg",
        "organisation": str(office.employers["ouderenzorg"].uuid),
        "client_id": "other",
    }
    office.add(office.enter(Role.ADMIN), name="Canvas elders", **theirs)
    here, there = office.platforms()
    consultant = office.enter()
    text = consultant.page(LIST).text
    assert "Moodle van de school" in text
    assert "Canvas elders" not in text
    for page in ("", "/change", "/check"):
        assert consultant.get(f"{LIST}/{here.uuid}{page}").status_code == 200
        assert consultant.get(f"{LIST}/{there.uuid}{page}").status_code == 404
    assert str(office.employers["ouderenzorg"].uuid) not in consultant.get(NEW).text
    assert "Canvas elders" in office.enter(Role.ADMIN).page(LIST).text


@pytest.mark.parametrize("role", [role for role in Role if role not in (Role.ADMIN, Role.CONSULTANT)])
def test_others_have_no_platforms(office: Office, role: Role) -> None:
    visitor = office.enter(role)
    assert visitor.get(LIST).status_code == 403
    assert visitor.get("/desk/platforms/keys").status_code == 403
    assert "Leerplatformen" not in visitor.page("/help").text


def test_a_platform_is_changed_and_keys_of_another_place_are_forgotten(office: Office) -> None:
    consultant = office.enter()
    office.add(consultant)
    [made] = office.platforms()
    with office.database.write() as db:
        db.add(KeySet(registration_id=made.id, keys="{}", tried_at=made.created_at))
    address = f"{LIST}/{made.uuid}/change"
    form = consultant.page(address).form(address)
    consultant.submit(form, name="Anders")
    with office.database.read() as db:
        assert db.query(KeySet).count() == 1
    consultant.submit(form, jwks_uri="https://moodle.example/other", token_audience="https://moodle.example/aud")
    [changed] = office.platforms()
    assert changed.jwks_uri == "https://moodle.example/other"
    assert changed.token_audience == "https://moodle.example/aud"
    assert changed.issuer == made.issuer
    with office.database.read() as db:
        assert db.query(KeySet).count() == 0
    page = consultant.submit(form, issuer="nowhere", status=422)
    assert page.form(address).values["issuer"] == ["nowhere"]


def test_a_platform_is_switched_off_and_on(office: Office) -> None:
    consultant = office.enter()
    page = office.add(consultant)
    page = consultant.submit(page.form(f"{page.url}/off"))
    assert "Uitgezet" in page.text
    assert office.platforms()[0].switched_off_at is not None
    assert "Uitgezet" in consultant.page(LIST).text
    consultant.submit(page.form(f"{page.url}/on"))
    assert office.platforms()[0].switched_off_at is None


def test_deployments_are_added_and_switched(office: Office) -> None:
    consultant = office.enter()
    page = office.add(consultant, deployment_id="")
    assert "Nog geen plaatsing." in page.text
    page = consultant.submit(page.form("/deployments"), deployment_id=" 1:abc ")
    page = consultant.submit(page.form("/deployments"), deployment_id="2")
    assert [each.deployment_id for each in office.deployments()] == ["1:abc", "2"]
    again = consultant.submit(page.form("/deployments"), deployment_id="2", status=422)
    assert "Dit nummer staat al in de lijst." in again.text
    assert again.form("/deployments").values["deployment_id"] == ["2"]
    assert "Vul het nummer" in consultant.submit(page.form("/deployments"), deployment_id="", status=422).text
    first = office.deployments()[0]
    page = consultant.submit(page.form(f"/deployments/{first.id}/off"))
    assert office.deployments()[0].switched_off_at is not None
    assert office.deployments()[1].switched_off_at is None
    consultant.submit(page.form(f"/deployments/{first.id}/on"))
    assert office.deployments()[0].switched_off_at is None


def test_a_deployment_of_another_platform_is_not_switched_from_here(office: Office) -> None:
    consultant = office.enter()
    office.add(consultant)
    page = office.add(consultant, client_id="second", deployment_id="9")
    foreign = office.deployments()[0].id
    token = page.form("/deployments").values["csrf_token"][0]
    answer = consultant.post(f"{page.url}/deployments/{foreign}/off", data={"csrf_token": token})
    assert answer.status_code == 404
    assert office.deployments()[0].switched_off_at is None


def test_an_administrator_replaces_our_keys(office: Office) -> None:
    admin = office.enter(Role.ADMIN)
    address = "/desk/platforms/keys"
    assert "Er is nog geen sleutel" in admin.page(address).text
    form = next(form for form in admin.page(address).forms() if form.action == address and "act" not in form.values)
    page = admin.submit(form)
    assert "Tekent nu" in page.text
    assert "Tekent straks" in page.text
    assert "De nieuwe sleutel tekent pas na een dag." in page.text
    at_once = next(form for form in page.forms() if form.values.get("act") == ["at-once"])
    page = admin.submit(at_once)
    assert page.text.count("Voorbij") == 2
    assert "Tekent straks" not in page.text
    assert "De nieuwe sleutel tekent pas na een dag." not in page.text
    assert office.enter().get(address).status_code == 403


def test_our_icon_may_stand_on_other_sites(office: Office) -> None:
    answer = office.enter().get("/lti/icon.svg")
    assert answer.mimetype == "image/svg+xml"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert b"<svg" in answer.data
