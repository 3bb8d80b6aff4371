"""What a platform says in a dynamic registration, and whose word counts for whose name."""

from __future__ import annotations

import json
from typing import Any

import pytest

from lms.lti.formats.registration import (
    PLATFORM_CONFIGURATION,
    TOOL_CONFIGURATION,
    Flaw,
    FlawedError,
    opener_of,
    opener_origins,
    read_configuration,
    read_registered,
    tool_configuration,
)
from lms.lti.formats.tool import ToolAddresses

SCOPES = ("a", "b")


def said(issuer: str, door: str) -> dict[str, Any]:
    return {
        "issuer": issuer,
        "authorization_endpoint": f"{door}/auth",
        "token_endpoint": f"{door}/token",
        "jwks_uri": f"{door}/jwks",
        "registration_endpoint": f"{door}/register",
        PLATFORM_CONFIGURATION: {"product_family_code": "canvas"},
    }


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("https://moodle.example", "https://moodle.example/mod/lti/openid-configuration.php"),
        ("https://school.example/moodle", "https://school.example/moodle/mod/lti/openid-configuration.php"),
        ("https://canvas.instructure.com", "https://sso.canvaslms.com/api/lti/security/openid-configuration"),
        ("https://canvas.beta.instructure.com", "https://sso.beta.canvaslms.com/api/lti/security/openid-configuration"),
        ("https://canvas.instructure.com", "https://school.instructure.com/api/lti/security/openid-configuration"),
    ],
)
def test_an_issuer_speaks_for_itself(issuer: str, url: str) -> None:
    assert read_configuration(said(issuer, issuer), url, may_be_insecure=False).endpoints.issuer == issuer


@pytest.mark.parametrize(
    ("issuer", "url"),
    [
        ("https://canvas.instructure.com", "https://evil.example/openid-configuration"),
        ("https://canvas.instructure.com", "https://sso.canvaslms.com.evil.example/x"),
        ("https://canvas.instructure.com", "https://evil-instructure.com/x"),
        ("https://moodle.example", "https://sso.canvaslms.com/x"),
        ("https://school.instructure.com", "https://sso.canvaslms.com/x"),
        ("https://moodle.example", "https://moodle.example.evil.example/x"),
        ("https://moodle.example", "https://sub.moodle.example/x"),
    ],
)
def test_nobody_speaks_for_another(issuer: str, url: str) -> None:
    with pytest.raises(FlawedError) as raised:
        read_configuration(said(issuer, issuer), url, may_be_insecure=False)
    assert raised.value.flaw is Flaw.OTHER_ISSUER


def test_without_the_setting_every_address_is_https() -> None:
    url = "https://moodle.example/x"
    for name in ("authorization_endpoint", "token_endpoint", "jwks_uri", "registration_endpoint"):
        insecure = said("https://moodle.example", "https://moodle.example") | {name: "http://moodle.example/x"}
        with pytest.raises(FlawedError) as raised:
            read_configuration(insecure, url, may_be_insecure=False)
        assert (raised.value.flaw, raised.value.part) == (Flaw.BAD_ADDRESS, name)
        assert read_configuration(insecure, url, may_be_insecure=True).product == "canvas"


def test_a_bare_host_is_no_audience() -> None:
    url, root = "https://moodle.example/x", "https://moodle.example"
    for server, audience in (("canvas.instructure.com", ""), (f"{root}/oauth", f"{root}/oauth"), (3, "")):
        told = said(root, root) | {"authorization_server": server}
        assert read_configuration(told, url, may_be_insecure=False).token_audience == audience


def test_who_opened_our_page() -> None:
    canvas, moodle = "https://sso.canvaslms.com/x", "https://moodle.example/x"
    assert opener_origins(canvas) == ("https://*.instructure.com",)
    assert opener_origins(moodle) == ()
    assert opener_of("https://school.instructure.com/accounts/1", canvas) == "https://school.instructure.com"
    assert opener_of("https://canvas.school.example/", canvas) == "https://canvas.school.example"
    for named in ("http://canvas.school.example", "https://*", "http://[x", ""):
        assert opener_of(named, canvas) == "https://sso.canvaslms.com"
    for named in (
        "https://moodle.example/admin",
        "https://moodle.example:8443",
        "https://evil.example",
        "http://[x",
        "",
    ):
        assert opener_of(named, moodle) == "https://moodle.example"


@pytest.mark.parametrize("client_id", [None, "", 0.5, True, [], {}, "x" * 256, "a\nb"])
def test_a_client_id_is_a_short_word(client_id: Any) -> None:
    with pytest.raises(FlawedError):
        read_registered({"client_id": client_id}, SCOPES)


def test_some_platforms_number_their_clients() -> None:
    assert read_registered({"client_id": 10000000000042}, SCOPES).client_id == "10000000000042"


def places_in_canvas(configuration: dict[str, Any]) -> dict[str, str]:
    """Which message each place in a Canvas sends, by the rule of Canvas itself: a message that names no place means the
    first below, names of the standard are translated, and of two messages for one place the first one gets it.
    """
    places: dict[str, str] = {}
    for message in configuration[TOOL_CONFIGURATION]["messages"]:
        for place in message.get("placements") or ["link_selection"]:
            places.setdefault({"ContentArea": "link_selection"}.get(place, place), message["type"])
    return places


def configuration_for(product: str) -> dict[str, Any]:
    root = "https://lms.example"
    told = said(root, root) | {PLATFORM_CONFIGURATION: {"product_family_code": product}}
    platform = read_configuration(told, f"{root}/x", may_be_insecure=False)
    whole = tool_configuration(ToolAddresses("https://leren.example"), "leren.example", platform)
    configuration: dict[str, Any] = json.loads(json.dumps(whole))
    return configuration


def test_teachers_in_canvas_choose_content_in_modules_and_in_assignments() -> None:
    wanted = {"link_selection": "LtiDeepLinkingRequest", "assignment_selection": "LtiDeepLinkingRequest"}
    assert places_in_canvas(configuration_for("canvas")) == wanted


def test_only_canvas_hears_the_names_of_its_places() -> None:
    messages = configuration_for("moodle")[TOOL_CONFIGURATION]["messages"]
    assert {message["type"] for message in messages} == {"LtiDeepLinkingRequest", "LtiResourceLinkRequest"}
    assert not any("placements" in message for message in messages)


def test_no_mail_address_is_asked_for() -> None:
    tool = configuration_for("canvas")[TOOL_CONFIGURATION]
    assert "email" not in tool["claims"]
    assert tool["https://canvas.instructure.com/lti/privacy_level"] == "name_only"
