"""Dynamic registration: a link is made, a platform opens it, its administrator confirms; and all that can go wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from flask import Flask, Response, redirect
from flask.typing import ResponseReturnValue

from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.identity import Role
from lms.kernel.outgoing import Outgoing
from lms.lti.models import RegistrationInvitation
from lms.lti.services import registering as services
from lms.lti.views import registering as views
from tests.services.lti_platform import registering
from tests.services.lti_platform.registering import PLATFORM, TOOL, desk_of, opening
from tests.services.lti_platform.server import LINE_ITEM, SCORE, LtiPlatform, hanging, lti_platform
from tests.services.platform import HOST
from tests.services.processes import free_port
from tests.web.lti.connecting import LINKS, LIST, Office
from tests.web.page import Page
from tests.web.visitor import Visitor, visitor_of


@pytest.fixture
def office(app: Flask, database: Database) -> Office:
    return Office(app, database)


@pytest.fixture
def platform() -> Iterator[LtiPlatform]:
    with lti_platform(registering.mount) as platform:
        yield platform


@pytest.fixture
def link(office: Office) -> str:
    return office.make_link(office.enter())


@pytest.fixture
def administrator(app: Flask) -> Visitor:
    """Of the platform: she has no account here, and in a frame no cookies."""
    return visitor_of(app)


def confirm(
    administrator: Visitor, link: str, opened: dict[str, str], *, first: int = 200, then: int = 200, **more: Any
) -> Page:
    """Open the link as her platform does, and press the button."""
    page = administrator.page(link, status=first, query_string=opened, **more)
    return page if first != 200 else administrator.submit(page.form(link), status=then)


def test_a_platform_is_registered(office: Office, administrator: Visitor, platform: LtiPlatform, link: str) -> None:
    page = administrator.page(link, query_string=opening(platform))
    assert page.h1 == "Verbind dit leerplatform"
    for word in ("Moodle 4.5", platform.address, office.employers["gezinszorg"].name, "Gezinszorg"):
        assert word in page.text
    assert office.platforms() == []
    page = administrator.submit(page.form(link))
    assert page.h1 == "Het leerplatform is verbonden"
    assert "klik bij Leerlabo op Activeer" in page.text
    [made] = office.platforms()
    [client] = platform.clients.values()
    assert (made.issuer, made.client_id) == (platform.issuer, client.client_id)
    assert (made.authorization_endpoint, made.token_endpoint, made.jwks_uri) == (
        platform.authorization_endpoint,
        platform.token_endpoint,
        platform.jwks_uri,
    )
    assert (made.name, made.product, made.area) == ("Moodle van de school", "moodle", "gezinszorg")
    assert made.organisation_id == office.employers["gezinszorg"].id
    assert set(made.scopes) == set(client.scopes)
    assert [deployment.deployment_id for deployment in office.deployments()] == ["4"]
    assert "Moodle van de school" in office.enter().page(LIST).text


def test_what_we_say_of_ourselves(administrator: Visitor, platform: LtiPlatform, link: str) -> None:
    confirm(administrator, link, opening(platform))
    [said] = desk_of(platform).received
    ours = f"http://{HOST}/lti"
    assert said["initiate_login_uri"] == f"{ours}/login"
    assert said["redirect_uris"] == [f"{ours}/launch"]
    assert said["jwks_uri"] == f"{ours}/jwks"
    assert said["logo_uri"] == f"{ours}/icon.svg"
    assert said["client_name"] == "Leerlabo"
    assert (said["application_type"], said["token_endpoint_auth_method"]) == ("web", "private_key_jwt")
    assert set(said["grant_types"]) == {"implicit", "client_credentials"}
    assert len(said["scope"].split()) == 4
    tool = said[TOOL]
    assert (tool["domain"], tool["target_link_uri"]) == (HOST, f"{ours}/launch")
    assert [message["type"] for message in tool["messages"]] == ["LtiDeepLinkingRequest", "LtiResourceLinkRequest"]
    assert {"sub", "given_name", "family_name"} <= set(tool["claims"])
    configuration, registration = platform.asked_for("/openid-configuration")[-1], platform.asked_for("/register")[-1]
    token = configuration.headers["Authorization"]
    assert token.startswith("Bearer ")  # Canvas shows its configuration to nobody else
    assert registration.headers["Authorization"] == token


def test_the_pages_stand_in_a_frame_of_that_platform_and_no_other(
    administrator: Visitor, platform: LtiPlatform, link: str
) -> None:
    page = administrator.page(link, query_string=opening(platform))
    done = administrator.submit(page.form(link))
    over = administrator.page(link, status=410, query_string=opening(platform))
    for each in (page, done, over):
        assert f"frame-ancestors {platform.address};" in each.response.headers["Content-Security-Policy"]
        assert "Cross-Origin-Opener-Policy" not in each.response.headers  # a pop-up must reach its opener
    [said] = [each.get("data-lti-close") for each in done.root.iter("div") if each.get("data-lti-close")]
    assert said == platform.address
    plain = administrator.page("/lti/register", status=404)
    assert "frame-ancestors 'none'" in plain.response.headers["Content-Security-Policy"]


def test_only_the_platform_is_told_whoever_says_she_opened_it(
    administrator: Visitor, platform: LtiPlatform, link: str
) -> None:
    page = administrator.page(link, query_string=opening(platform), headers={"Referer": "https://evil.example/x"})
    assert page.form(link).values["opener"] == [platform.address]
    done = administrator.submit(page.form(link), opener="https://evil.example")
    assert "evil.example" not in done.response.get_data(as_text=True)


@pytest.mark.parametrize(
    ("deployment", "granted", "kept"),
    [
        (None, None, 4),  # made later; a platform that does not say what it grants is taken to grant what we asked
        ("7", f"{SCORE} {LINE_ITEM} https://other.example/scope", 2),
        ("8", "", 0),
    ],
)
def test_what_a_platform_may_leave_out(
    office: Office,
    administrator: Visitor,
    platform: LtiPlatform,
    link: str,
    deployment: str | None,
    granted: str | None,
    kept: int,
) -> None:
    desk_of(platform).deployment = deployment
    desk_of(platform).answers = {"scope": granted}
    confirm(administrator, link, opening(platform))
    [made] = office.platforms()
    assert len(made.scopes) == kept
    assert [each.deployment_id for each in office.deployments()] == ([deployment] if deployment else [])


def test_a_deployment_may_be_a_number(office: Office, administrator: Visitor, platform: LtiPlatform, link: str) -> None:
    desk_of(platform).answers = {TOOL: {"deployment_id": 12}}
    confirm(administrator, link, opening(platform))
    assert [each.deployment_id for each in office.deployments()] == ["12"]


def test_services_that_are_not_offered_are_not_asked_for(
    administrator: Visitor, platform: LtiPlatform, link: str
) -> None:
    desk_of(platform).says = {"scopes_supported": ["openid", SCORE]}
    confirm(administrator, link, opening(platform))
    assert desk_of(platform).received[0]["scope"] == SCORE


# ---- the link --------------------------------------------------------------------------------------------------------


def test_a_link_is_shown_once_and_says_how_it_stands(
    office: Office, administrator: Visitor, platform: LtiPlatform
) -> None:
    consultant = office.enter()
    link = office.make_link(consultant)
    address = f"{LINKS}/{office.link().uuid}"
    assert link.rpartition("/")[2] not in consultant.get(address).text
    assert "Klaar om te gebruiken" in consultant.page(address).text
    confirm(administrator, link, opening(platform))
    page = consultant.page(address)
    assert "Gebruikt" in page.text
    assert "Naar het leerplatform Moodle van de school" in page.links()


def test_a_link_belongs_to_its_area(office: Office, link: str) -> None:
    address = f"{LINKS}/{office.link().uuid}"
    assert office.enter(area="ouderenzorg").get(address).status_code == 404
    assert office.enter(Role.ADMIN).get(address).status_code == 200
    assert "Registratielinks" not in office.enter(area="ouderenzorg").page(LIST).text


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ({"name": ""}, "Vul een naam in."),
        ({"organisation": ""}, "Kies een organisatie uit de lijst."),
        ({"area": "ouderenzorg"}, "Kies een afdeling."),
    ],
)
def test_a_link_needs_all_its_parts(office: Office, typed: dict[str, str], message: str) -> None:
    consultant, address = office.enter(), f"{LINKS}/new"
    good = {"name": "x", "organisation": str(office.employers["gezinszorg"].uuid), "area": "gezinszorg"}
    assert message in consultant.submit(consultant.page(address).form(address), good | typed, status=422).text


def test_a_link_is_over_once_used_expired_or_withdrawn(
    office: Office, administrator: Visitor, platform: LtiPlatform
) -> None:
    consultant = office.enter()
    used, expired, withdrawn = (office.make_link(consultant, name=f"Moodle {n}") for n in range(3))
    confirm(administrator, used, opening(platform))
    with office.database.read() as db:
        third = db.query(RegistrationInvitation).order_by(RegistrationInvitation.id.desc()).first()
    assert third is not None
    page = consultant.page(f"{LINKS}/{third.uuid}")
    assert "Verlopen" in consultant.submit(page.form("/withdrawal")).text
    for link in (used, withdrawn, "/lti/register/never-made"):
        assert "Deze registratielink werkt niet meer" in confirm(administrator, link, opening(platform), first=410).text
        answer = administrator.post(link, data=opening(platform))
        assert answer.status_code == 410
    with clock.moved_to(clock.now() + timedelta(days=7)):
        confirm(administrator, expired, opening(platform), first=410)
    assert len(office.platforms()) == 1


def test_somebody_opens_a_link_by_hand(administrator: Visitor, link: str) -> None:
    page = administrator.page(link)
    assert page.h1 == "Open deze link in je leerplatform"
    assert page.forms() == []


def test_two_who_confirm_at_once_register_once(app: Flask, office: Office, platform: LtiPlatform, link: str) -> None:
    both = [visitor_of(app), visitor_of(app)]
    forms = [visitor.page(link, query_string=opening(platform)).form(link) for visitor in both]
    is_asked, may_answer = Event(), Event()

    def hold() -> ResponseReturnValue | None:
        is_asked.set()
        may_answer.wait(30)
        return None

    platform.trouble["/register"] = hold
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(both[0].submit, forms[0])
        assert is_asked.wait(30)
        second = both[1].submit(forms[1], status=410)  # while the first is under way
        may_answer.set()
        assert first.result().h1 == "Het leerplatform is verbonden"
    assert "werkt niet meer" in second.text
    assert len(office.platforms()) == 1
    assert len(desk_of(platform).received) == 1


def test_what_a_dead_process_left_is_free_again(
    office: Office, administrator: Visitor, platform: LtiPlatform, link: str
) -> None:
    page = administrator.page(link, query_string=opening(platform))
    with office.database.write() as db:
        db.query(RegistrationInvitation).one().used_at = clock.now()
    administrator.submit(page.form(link), status=410)
    with clock.moved_to(clock.now() + services.CLAIM):
        administrator.submit(page.form(link))
    assert len(office.platforms()) == 1


# ---- platforms that are down, wrong or hostile -----------------------------------------------------------------------


def _json(body: str) -> Callable[[], ResponseReturnValue]:
    return lambda: Response(body, mimetype="application/json")


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda: Response("no", status=404), "weigerde ons"),
        (lambda: Response("no", status=401), "aanvaardt de code niet meer"),
        (lambda: Response("no", status=503), "weigerde ons"),
        (_json(""), "niet begrijpen"),
        (_json("<html>"), "niet begrijpen"),
        (_json("[]"), "niet begrijpen"),
        (_json("null"), "niet begrijpen"),
        (_json("[" * 100_000), "niet begrijpen"),
        (_json(" " * 2_000_000), "veel te groot"),
        (lambda: redirect("http://169.254.169.254/"), "stuurt ons door"),
        (lambda: redirect("/openid-configuration"), "stuurt ons door"),
    ],
)
def test_a_configuration_that_is_none(
    office: Office,
    administrator: Visitor,
    platform: LtiPlatform,
    link: str,
    answer: Callable[[], ResponseReturnValue],
    said: str,
) -> None:
    platform.trouble["/openid-configuration"] = answer
    page = confirm(administrator, link, opening(platform), first=422)
    assert page.h1 == "De registratie is niet gelukt"
    assert said in page.text
    assert "De link werkt nog" in page.text
    del platform.trouble["/openid-configuration"]
    confirm(administrator, link, opening(platform))
    assert len(office.platforms()) == 1


@pytest.mark.parametrize(
    ("says", "said"),
    [
        ({"issuer": None}, "zegt te weinig"),
        ({"issuer": 3}, "zegt te weinig"),
        ({"issuer": "https://moodle.example"}, "noemt zich anders"),
        ({"issuer": "https://canvas.instructure.com"}, "noemt zich anders"),
        ({"issuer": "moodle"}, "begint niet met https"),
        ({"authorization_endpoint": None}, "zegt te weinig"),
        ({"token_endpoint": "file:///etc/passwd"}, "begint niet met https"),
        ({"token_endpoint": ["x"]}, "zegt te weinig"),
        ({"jwks_uri": "javascript:alert(1)"}, "begint niet met https"),
        ({"registration_endpoint": "http://me:secret@127.0.0.1/"}, "begint niet met https"),
        ({PLATFORM: None}, "zegt te weinig"),
        ({PLATFORM: "moodle"}, "zegt te weinig"),
        ({"id_token_signing_alg_values_supported": ["HS256"]}, "tekent niet met RS256"),
        ({"id_token_signing_alg_values_supported": None, "issuer": "https://x.example"}, "noemt zich anders"),
    ],
)
def test_a_configuration_that_says_what_it_may_not(
    office: Office, administrator: Visitor, platform: LtiPlatform, link: str, says: dict[str, Any], said: str
) -> None:
    desk_of(platform).says = says
    opened = opening(platform)
    assert said in confirm(administrator, link, opened, first=422).text
    answer = administrator.post(link, data=opened)  # past the page
    assert answer.status_code == 422
    assert said in answer.text
    assert office.platforms() == []
    assert platform.asked_for("/register") == []
    assert "configuration" in office.link().problem
    assert "Nog niet gelukt" in office.enter().page(LIST).text


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda: Response("no", status=401), "aanvaardt de code niet meer"),
        (lambda: Response("no", status=400), "weigerde ons"),
        (lambda: Response("broken", status=500), "weigerde ons"),
        (_json("{}"), "geen client-id"),
        (_json('{"client_id": ""}'), "geen client-id"),
        (_json('{"client_id": {"a": 1}}'), "geen client-id"),
        (_json('{"client_id": "' + "x" * 256 + '"}'), "geen client-id"),
        (_json("[]"), "niet begrijpen"),
        (_json("no json"), "niet begrijpen"),
        (_json(" " * 2_000_000), "veel te groot"),
        (lambda: redirect("http://127.0.0.1:9/"), "stuurt ons door"),
    ],
)
def test_a_registration_that_is_refused_or_unreadable(
    office: Office,
    administrator: Visitor,
    platform: LtiPlatform,
    link: str,
    answer: Callable[[], ResponseReturnValue],
    said: str,
) -> None:
    platform.trouble["/register"] = answer
    page = confirm(administrator, link, opening(platform), then=422)
    assert said in page.text
    assert office.platforms() == []
    assert office.link().used_at is None
    assert "registration" in office.link().problem
    consultant = office.enter()
    assert "De laatste poging lukte niet" in consultant.page(f"{LINKS}/{office.link().uuid}").text
    del platform.trouble["/register"]
    confirm(administrator, link, opening(platform))
    assert office.link().problem == ""


def test_a_token_that_was_used_is_refused_there(
    office: Office, administrator: Visitor, platform: LtiPlatform, link: str
) -> None:
    opened = opening(platform)
    confirm(administrator, link, opened)
    other = office.make_link(office.enter(), name="Nog een")
    assert "aanvaardt de code niet meer" in confirm(administrator, other, opened, then=422).text


def test_the_same_client_again_is_said_so(
    office: Office, administrator: Visitor, platform: LtiPlatform, link: str
) -> None:
    desk_of(platform).answers = {"client_id": "always-the-same"}
    other = office.make_link(office.enter(), name="Nog een")
    confirm(administrator, link, opening(platform))
    page = confirm(administrator, other, opening(platform), then=422)
    assert "Dit leerplatform kennen we al." in page.text
    assert len(office.platforms()) == 1


@pytest.mark.parametrize(
    "opened",
    [
        {"openid_configuration": "ftp://127.0.0.1/x"},
        {"openid_configuration": "http://me:secret@127.0.0.1/x"},
        {"openid_configuration": "http://[127.0.0.1/x"},
        {"openid_configuration": "http://127.0.0.1/\r\nX: y"},
        {"openid_configuration": "http://127.0.0.1/é"},
        {"openid_configuration": "http://127.0.0.1/" + "x" * 600},
        {"openid_configuration": "http://127.0.0.1/x", "registration_token": "a\r\nX-Evil: yes"},
        {"openid_configuration": "http://127.0.0.1/x", "registration_token": "é"},
        {"openid_configuration": "http://127.0.0.1/x", "registration_token": "x" * 9_000},
        {"openid_configuration": "http://127.0.0.1/\0"},
        {"openid_configuration": "https://*/x"},
    ],
)
def test_what_no_platform_sends(administrator: Visitor, link: str, opened: dict[str, str]) -> None:
    page = administrator.page(link, status=422, query_string=opened)
    assert "geen bruikbaar adres" in page.text
    assert "frame-ancestors 'none'" in page.response.headers["Content-Security-Policy"]
    assert administrator.post(link, data=opened).status_code == 422


def test_a_platform_that_hangs_is_left_and_the_link_stays_good(
    office: Office, administrator: Visitor, platform: LtiPlatform, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "outgoing", lambda: Outgoing(may_go_inside=True, limit_s=0.3))
    platform.trouble["/openid-configuration"] = hanging(platform)
    assert "kwam niet op tijd" in confirm(administrator, link, opening(platform), first=422).text
    del platform.trouble["/openid-configuration"]
    platform.trouble["/register"] = hanging(platform)
    assert "kwam niet op tijd" in confirm(administrator, link, opening(platform), then=422).text
    assert office.link().used_at is None


def test_nothing_inside_our_network_is_asked(
    office: Office, administrator: Visitor, platform: LtiPlatform, link: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(views, "outgoing", lambda: Outgoing(may_go_inside=False))
    assert "ons eigen netwerk" in confirm(administrator, link, opening(platform), first=422).text
    assert platform.asked == []
    assert office.platforms() == []


def test_a_registration_endpoint_where_nobody_is(
    office: Office, administrator: Visitor, platform: LtiPlatform, link: str
) -> None:
    desk_of(platform).says = {"registration_endpoint": f"http://127.0.0.1:{free_port()}/register"}
    assert "Daar antwoordt niemand" in confirm(administrator, link, opening(platform), then=422).text
    assert office.platforms() == []
