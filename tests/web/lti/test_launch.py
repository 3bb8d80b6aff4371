"""From a click in a platform to a visit here."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from courses.enrolment.models import Enrolment
from lms.accounts.models import Employment, Person
from lms.kernel.db import Database
from lms.lti.models import Login, LtiMembership, LtiUser, PlatformRegistration, ResourceLink, Visit
from tests.services.lti_platform import Client, LtiPlatform
from tests.services.lti_platform.browsing import Launcher
from tests.web.page import Page


@pytest.mark.parametrize(
    ("error", "words"),
    [
        ("login_required", "Log opnieuw in bij je leerplatform"),
        ("interaction_required", "Je leerplatform laat dit niet toe"),
        ("unauthorized_client", "Je leerplatform laat dit niet toe"),
    ],
)
def test_what_the_platform_says_instead_of_a_message_is_told_as_it_is(
    launcher: Launcher, platform: LtiPlatform, tool: Client, error: str, words: str
) -> None:
    begun = launcher.begin(tool, platform.links["link-1"], platform.users["ilse"])
    page = Page(launcher.answer(begun, "", error=error))
    assert (page.status, page.h1) == (400, words)


def test_a_learner_lands_in_her_course(
    launcher: Launcher, platform: LtiPlatform, tool: Client, database: Database
) -> None:
    answer = launcher.launch(tool, platform.links["link-1"], platform.users["ilse"])
    assert answer.status_code == 303, answer.get_data(as_text=True)
    assert answer.headers["Location"].startswith("/in/")
    page = Page(launcher.browser.get(answer.headers["Location"]))
    assert page.status == 200
    assert page.h1 == "Rustig helpen"
    with database.read() as db:
        person = db.scalars(sa.select(Person).where(Person.made_by == "lti")).one()
        assert (person.name, person.email, person.user_name, person.password_hash) == (
            "Ilse Vermeulen",
            None,
            None,
            None,
        )
        enrolment = db.scalars(sa.select(Enrolment)).one()
        registration = db.scalars(sa.select(PlatformRegistration)).one()
        assert (enrolment.person_id, enrolment.area) == (person.id, "gezinszorg")
        assert enrolment.organisation_id == registration.organisation_id
        assert db.scalars(sa.select(Employment)).one().person_id == person.id
        assert db.scalars(sa.select(LtiUser)).one().person_id == person.id
        assert db.scalars(sa.select(ResourceLink)).one().content == "rustig-helpen"
        assert db.scalars(sa.select(LtiMembership)).one().roles == ["learner"]
        assert db.scalars(sa.select(Visit)).one().frame_origin == platform.address
        assert db.scalars(sa.select(Login)).all() == []
