"""Who somebody from a platform is here, what her link places, and what a visit may show."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from courses.enrolment.models import Enrolment
from courses.enrolment.services import enrol_learner, withdraw_learner
from lms.accounts.models import Person
from lms.accounts.services import block_person
from lms.kernel import clock
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.lti import jobs as lti_jobs
from lms.lti.models import Deployment, Login, LtiContext, LtiUser, PlatformRegistration, Visit
from sectors.covenant.models import Participation
from tests.factories.accounts import make_person
from tests.factories.courses import make_course, make_outline
from tests.factories.lti import make_registration
from tests.services.lti_platform import Client, Link, User, launching, lti_platform
from tests.services.lti_platform.browsing import Launcher
from tests.services.lti_platform.launching import CLAIM
from tests.services.platform import HOST
from tests.web.lti.entering import enter, form_to_begin, visit_of
from tests.web.page import Page

TOOL = f"http://{HOST}"
ROLE = "http://purl.imsglobal.org/vocab/lis/v2/"
TEACHER = (f"{ROLE}membership#Instructor",)
LEARNER = (f"{ROLE}membership#Learner",)
PRESENTATION = f"{CLAIM}launch_presentation"
ROSTER = "https://purl.imsglobal.org/spec/lti-nrps/claim/namesroleservice"
ROSTER_CLAIM = {"context_memberships_url": "file:///etc/passwd"}
TEST_USER = "http://purl.imsglobal.org/vocab/lti/system/person#TestUser"


def people(database: Database) -> list[Person]:
    with database.read() as db:
        return list(db.scalars(sa.select(Person).where(Person.made_by == "lti").order_by(Person.id)))


def test_the_same_user_is_the_same_person(launcher: Launcher, tool: Client, database: Database) -> None:
    for _launch in range(3):
        enter(launcher, tool, launcher.platform.users["ilse"])
    assert len(people(database)) == 1
    with database.read() as db:
        assert len(db.scalars(sa.select(Enrolment)).all()) == 1
        assert len(db.scalars(sa.select(Visit)).all()) == 3


def test_a_subject_in_other_letters_is_somebody_else(launcher: Launcher, tool: Client, database: Database) -> None:
    enter(launcher, tool, launcher.platform.users["ilse"])
    enter(launcher, tool, User("ILSE"))
    assert len(people(database)) == 2


def test_the_same_subject_of_another_platform_is_somebody_else(
    launcher: Launcher, tool: Client, database: Database
) -> None:
    enter(launcher, tool, User("7", given_name="Ilse"))
    with lti_platform(launching.mount) as other:
        theirs = other.know(TOOL)
        other.links["link-1"] = Link("link-1", tool.launch_url, custom={"content": "rustig-helpen"})
        with database.write() as db:
            make_registration(db, other, theirs)
        enter(Launcher(other, launcher.browser, TOOL), theirs, User("7", given_name="Omar"))
    assert [person.first_name for person in people(database)] == ["Ilse", "Omar"]
    with database.read() as db:
        assert len(db.scalars(sa.select(LtiUser).where(LtiUser.subject == "7")).all()) == 2


@pytest.mark.parametrize(
    "back",
    [
        "https://school.example/course/3,4",
        "https://school.example/course;jsessionid=1?a=1",
        "https://school.example/cours/été",
        "https://school.example/o'brien",
        "https://school.example:8443/course",
        "https://[2001:db8::1]/course",
    ],
)
def test_any_address_that_browsers_go_to_may_be_the_way_back(launcher: Launcher, tool: Client, back: str) -> None:
    claims: dict[str, Any] = {PRESENTATION: {"return_url": back}}
    page = enter(launcher, tool, User("terug"), **claims)
    assert back in [each.get("href") for each in page.root.iter("a")]
    root = "/".join(back.split("/")[:3])
    assert f"frame-ancestors {root};" in page.response.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "back",
    [
        "/course/3",
        "course/3",
        "javascript:alert(1)",
        "https://*/back",
        "https://*.example/back",
        "https://a.example;script-src *",
        "https://a.example;script-src/x",
        "https://a.example,b.example/x",
        "https://a.example'/x",
        "https://me:secret@a.example/",
        "https://a.example\\@b.example/",
        "https://[a.example/",
        "https://a.example:port/",
        "https://a.example/" + "x" * 2000,
        "https:/a.example/",
        7,
        ["https://a.example/"],
    ],
)
def test_a_way_back_that_leads_nowhere_is_passed_over(
    launcher: Launcher, tool: Client, database: Database, back: Any
) -> None:
    claims: dict[str, Any] = {PRESENTATION: {"return_url": back}, ROSTER: ROSTER_CLAIM}
    page = enter(launcher, tool, User("terug"), **claims)
    assert "Terug naar je leerplatform" not in page.text
    policy = page.response.headers["Content-Security-Policy"]
    assert f"frame-ancestors {launcher.platform.address};" in policy
    with database.read() as db:
        assert db.scalars(sa.select(LtiContext.memberships_url)).one() == ""


def test_a_mail_address_finds_no_account(launcher: Launcher, tool: Client, database: Database) -> None:
    enter(launcher, tool, User("met-mail", email="emma@example.org"))
    (person,) = people(database)
    assert person.email is None


def test_a_platform_that_keeps_names_to_itself(launcher: Launcher, tool: Client, database: Database) -> None:
    enter(launcher, tool, User("stil"), given_name=None, family_name=None, name=None)
    (person,) = people(database)
    assert person.name == "Deelnemer"


def test_names_follow_the_platform(launcher: Launcher, tool: Client, database: Database) -> None:
    enter(launcher, tool, User("ilse"), given_name=None, family_name=None, name=None)
    enter(launcher, tool, User("ilse", given_name="Ilse", family_name="De Wit"))
    (person,) = people(database)
    assert person.name == "Ilse De Wit"


def test_a_teacher_looks_on_and_is_not_counted(launcher: Launcher, tool: Client, database: Database) -> None:
    page = enter(launcher, tool, User("lesgever", roles=TEACHER))
    assert "Je kijkt mee als lesgever." in page.text
    own, preview = people(database)
    assert (own.is_test, preview.is_test) == (False, True)
    assert preview.name == "Meekijker"  # nothing of her name is in a row that erasing her would not find
    _walk(launcher, page)
    with database.read() as db:
        assert db.scalars(sa.select(Enrolment.person_id)).all() == [preview.id]
        assert db.scalars(sa.select(Participation)).all() == []


def test_a_learner_is_counted(launcher: Launcher, tool: Client, database: Database) -> None:
    _walk(launcher, enter(launcher, tool, User("deelnemer")))
    with database.read() as db:
        (person,) = people(database)
        assert set(db.scalars(sa.select(Participation.person_id))) == {person.id}


def test_a_teacher_who_learns_elsewhere_is_one_person_of_two_kinds(
    launcher: Launcher, tool: Client, database: Database
) -> None:
    enter(launcher, tool, User("lies", roles=TEACHER))
    page = enter(launcher, tool, User("lies", roles=LEARNER))
    assert "Je kijkt mee als lesgever." not in page.text
    with database.read() as db:
        user = db.scalars(sa.select(LtiUser)).one()
        enrolled = set(db.scalars(sa.select(Enrolment.person_id)))
    assert enrolled == {user.person_id, user.preview_person_id}


def test_the_pretended_learner_of_a_platform_is_a_test(launcher: Launcher, tool: Client, database: Database) -> None:
    _walk(launcher, enter(launcher, tool, User("test", roles=(*LEARNER, TEST_USER))))
    (person,) = people(database)
    assert person.is_test
    with database.read() as db:
        assert db.scalars(sa.select(Participation)).all() == []


def _walk(launcher: Launcher, page: Page) -> None:
    """Begin the course, and leave its first page."""
    begin = form_to_begin(page)
    first = launcher.browser.post(begin.action, data=begin.values, follow_redirects=True)
    done = next(form for form in Page(first).forms() if "/pages/" in form.action)
    assert launcher.browser.post(done.action, data=done.values).status_code == 303


@pytest.mark.parametrize(("locale", "language"), [("nl-BE", "nl"), ("fr_BE", "fr"), ("en", "en"), ("de", "nl")])
def test_the_language_is_that_of_the_launch(launcher: Launcher, tool: Client, locale: str, language: str) -> None:
    presentation = {"locale": locale, "return_url": f"{launcher.platform.address}/back"}
    page = enter(launcher, tool, User("taal"), None, **{f"{CLAIM}launch_presentation": presentation})
    assert page.root.get("lang") == language


def test_a_step_is_placed_alone(launcher: Launcher, tool: Client) -> None:
    link = Link("stap", tool.launch_url, custom={"content": "rustig-helpen/welkom"})
    page = enter(launcher, tool, User("stap"), link)
    assert page.h1 == "Welkom"
    browser, visit = launcher.browser, visit_of(page)
    assert browser.get(f"{visit}/gezinszorg/courses/rustig-helpen/steps/welkom").status_code == 303
    other = browser.get(f"{visit}/gezinszorg/courses/rustig-helpen/steps/praktijk/assignment")
    assert (other.status_code, other.headers["Location"]) == (303, f"{visit}/lti/visit")
    assert browser.get(f"{visit}/gezinszorg/courses/rustig-helpen").headers["Location"] == f"{visit}/lti/visit"


def test_the_address_of_a_page_places_it_too(launcher: Launcher, tool: Client) -> None:
    link = Link("adres", tool.launch_url.replace("/lti/launch", "/gezinszorg/courses/rustig-helpen"))
    assert enter(launcher, tool, User("adres"), link).h1 == "Rustig helpen"


def test_an_audience_in_a_list_and_a_deployment_named_as_the_tool(launcher: Launcher, tool: Client) -> None:
    assert enter(launcher, tool, User("lijst"), aud=["client-1"]).h1 == "Rustig helpen"
    assert enter(launcher, tool, User("lijst"), aud=["client-2", "client-1"], azp="client-1").h1 == "Rustig helpen"


def test_clocks_that_differ_a_little_do_no_harm(launcher: Launcher, tool: Client) -> None:
    now = int(clock.now().timestamp())
    assert enter(launcher, tool, User("klok"), iat=now + 20, exp=now + 300).h1 == "Rustig helpen"
    assert enter(launcher, tool, User("klok"), iat=now - 300, exp=now - 5).h1 == "Rustig helpen"


def test_who_left_the_course_is_back(launcher: Launcher, tool: Client, database: Database) -> None:
    enter(launcher, tool, User("terug"))
    with database.write() as db:
        withdraw_learner(db, db.scalars(sa.select(Enrolment.id)).one())
    assert enter(launcher, tool, User("terug")).h1 == "Rustig helpen"
    with database.read() as db:
        assert db.scalars(sa.select(Enrolment.withdrawn_at)).one() is None


def test_a_blocked_person_does_not_come_in(launcher: Launcher, tool: Client, database: Database) -> None:
    page = enter(launcher, tool, User("dicht"))
    (person,) = people(database)
    with database.write() as db:
        block_person(db, person.id)
    assert launcher.launch(tool, launcher.platform.links["link-1"], User("dicht")).status_code == 400
    assert launcher.browser.get(visit_of(page) + "/help").status_code == 401


@pytest.mark.parametrize("switched_off", [Deployment, PlatformRegistration])
def test_a_visit_is_over_when_what_it_came_from_is_switched_off(
    launcher: Launcher, tool: Client, database: Database, switched_off: type[Deployment | PlatformRegistration]
) -> None:
    page = enter(launcher, tool, User("uit"))
    assert launcher.browser.get(visit_of(page) + "/help").status_code == 200
    with database.write() as db:
        db.execute(sa.update(switched_off).values(switched_off_at=clock.now()))
    assert launcher.browser.get(visit_of(page) + "/help").status_code == 401


def test_who_learns_it_in_another_area_hears_that_it_is_closed_here(
    launcher: Launcher, tool: Client, database: Database, settings: Settings
) -> None:
    enter(launcher, tool, User("gekoppeld"))
    with database.write() as db:
        elsewhere = make_course(db, settings.data_dir, make_outline("elders", areas=("ouderenzorg",)))
        account = make_person(db)
        enrol_learner(db, person_id=account.id, course_id=elsewhere.id, area="ouderenzorg")
        user = db.scalars(sa.select(LtiUser)).one()
        user.person_id, user.linked_at = account.id, clock.now()
    link = Link("link-2", tool.launch_url, custom={"content": "elders"})
    launcher.platform.links["link-2"] = link
    answer = launcher.launch(tool, link, User("gekoppeld"))
    assert answer.status_code == 400
    assert "course-closed" in answer.get_data(as_text=True)


def test_logins_that_nobody_answered_are_forgotten(launcher: Launcher, tool: Client, database: Database) -> None:
    launcher.begin(tool, launcher.platform.links["link-1"], User("weg"))
    lti_jobs.tidy(database)
    assert _count_logins(database) == 1
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        lti_jobs.tidy(database)
    assert _count_logins(database) == 0


def test_who_begins_a_login_takes_old_ones_away(launcher: Launcher, tool: Client, database: Database) -> None:
    for _login in range(3):
        launcher.begin(tool, launcher.platform.links["link-1"], User("weg"))
    assert _count_logins(database) == 3
    with clock.moved_to(clock.now() + timedelta(minutes=11)):
        launcher.begin(tool, launcher.platform.links["link-1"], User("weg"))
    assert _count_logins(database) == 1


def test_visits_that_are_long_over_are_forgotten(launcher: Launcher, tool: Client, database: Database) -> None:
    enter(launcher, tool, launcher.platform.users["ilse"])
    for days, left in ((1, 1), (8, 0)):
        with clock.moved_to(clock.now() + timedelta(days=days)):
            lti_jobs.tidy(database)
        with database.read() as db:
            assert len(db.scalars(sa.select(Visit)).all()) == left


def _count_logins(database: Database) -> int:
    with database.read() as db:
        return db.scalar(sa.select(sa.func.count()).select_from(Login)) or 0
