"""Whatever stands in a token or a form: an answer in time, a page where it is refused, and never a 500."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from structlog.testing import capture_logs

from lms.app import create_app
from lms.kernel.db import Database
from tests.conformance.lti_hostile import header_of, sign_raw
from tests.factories.courses import make_course
from tests.factories.lti import make_registration
from tests.services.lti_platform import Client, Link, LtiPlatform, User, launching, lti_platform
from tests.services.lti_platform.browsing import Launcher
from tests.services.lti_platform.launching import CLAIM
from tests.services.platform import HOST, settings_for
from tests.services.schema import empty_tables
from tests.web.visitor import visitor_of

TOOL = f"http://{HOST}"
CLAIMS = (
    "iss", "aud", "azp", "sub", "exp", "iat", "nbf", "nonce", "name", "given_name", "family_name", "email", "locale",
    *(f"{CLAIM}{name}" for name in (
        "message_type", "version", "deployment_id", "target_link_uri", "resource_link", "roles", "context", "custom",
        "launch_presentation", "tool_platform", "lis", "role_scope_mentor",
    )),
    "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice",
    "https://purl.imsglobal.org/spec/lti-ags/claim/endpoint",
    "https://purl.imsglobal.org/spec/lti-dl/claim/deep_linking_settings",
)  # fmt: skip
NAMES = st.sampled_from(
    (
        "id",
        "title",
        "label",
        "content",
        "locale",
        "return_url",
        "lineitem",
        "lineitems",
        "scope",
        "context_memberships_url",
    )
)
TEXT = st.text(max_size=40) | st.sampled_from(
    (
        "rustig-helpen",
        "http://localhost:8000/lti/launch",
        "https://a.example/x",
        "javascript:alert(1)",
        "1.3.0",
        "nl-BE",
    )
)
LARGE = (2**53, 2**63, 10**300, 10**308, 10**309, 10**400)  # beyond dates, columns, and then what a float can be
NUMBERS = st.integers() | st.floats() | st.sampled_from(LARGE) | st.sampled_from(LARGE).map(int.__neg__)
ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT,
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(NAMES | st.text(max_size=8), inside, max_size=4),
    max_leaves=8,
)


@pytest.fixture(scope="module")
def launcher(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Launcher]:
    folder = tmp_path_factory.mktemp("tool")
    app: Flask = create_app(settings_for(database_url, folder))
    database: Database = app.extensions["database"]
    with lti_platform(launching.mount) as platform:
        known = know(platform)
        with database.write() as db:
            make_registration(db, platform, known)
            make_course(db, folder)
        yield Launcher(platform, visitor_of(app), TOOL)
    empty_tables(database)
    database.dispose()


def know(platform: LtiPlatform) -> Client:
    platform.users["ilse"] = User("ilse")
    platform.links["link-1"] = Link("link-1", f"{TOOL}/lti/launch", custom={"content": "rustig-helpen"})
    return platform.know(TOOL)


MANY = settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


@MANY
@given(changes=st.dictionaries(st.sampled_from(CLAIMS), ANYTHING, min_size=1, max_size=4))
def test_any_claims(launcher: Launcher, changes: dict[str, Any]) -> None:
    launch_with(launcher, changes)


@MANY
@given(changes=st.dictionaries(st.sampled_from(("exp", "iat", "nbf")), NUMBERS | ANYTHING, min_size=1))
def test_any_moments(launcher: Launcher, changes: dict[str, Any]) -> None:
    launch_with(launcher, changes)


def launch_with(launcher: Launcher, changes: dict[str, Any]) -> None:
    """A launch with these claims changed, signed as it should be: carried out or refused, and never a 500."""
    platform = launcher.platform
    begun = launcher.begin(platform.clients["client-1"], platform.links["link-1"], platform.users["ilse"])
    claims = launcher.claims(begun) | changes
    token = sign_raw(platform, header_of(platform), json.dumps(claims).encode("utf-8", "surrogatepass"))
    with capture_logs() as lines:
        answer = launcher.answer(begun, token)
    refusals = [line for line in lines if line["event"] == "launch_refused"]
    assert answer.status_code == (400 if refusals else 303), (answer.status_code, lines)


@MANY
@given(token=st.text(max_size=200) | st.binary(max_size=200).map(lambda data: data.decode("latin-1")), state=st.text())
def test_any_form(launcher: Launcher, token: str, state: str) -> None:
    with capture_logs():
        answer = launcher.post(
            "/lti/launch",
            {"state": state.encode("utf-8", "replace").decode(), "id_token": token.encode("utf-8", "replace").decode()},
        )
    assert answer.status_code == 400


@MANY
@given(
    fields=st.dictionaries(
        st.sampled_from(
            (
                "iss",
                "login_hint",
                "target_link_uri",
                "lti_message_hint",
                "client_id",
                "lti_deployment_id",
                "lti_storage_target",
            )
        ),
        TEXT,
    )
)
def test_any_login(launcher: Launcher, fields: dict[str, str]) -> None:
    platform = launcher.platform
    with capture_logs():
        answer = launcher.login(
            platform.clients["client-1"],
            platform.links["link-1"],
            platform.users["ilse"],
            **{name: text.encode("utf-8", "replace").decode() for name, text in fields.items()},
        )
    assert answer.status_code in (200, 303, 400)
