"""Who learns in a platform's course is in ours; who left is not, and may come back. A bad list takes nobody out."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Response

from courses.catalogue.models import Course
from courses.enrolment.models import Enrolment
from courses.enrolment.services import withdraw_learner
from courses.progress.models import StepProgress
from lms.accounts.models import Employment, Person
from lms.accounts.services import join_person
from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.outgoing import Outgoing
from lms.lti.models import LtiContext, LtiMembership, LtiUser
from lms.lti.services import holding, rosters
from tests.factories.accounts import make_person
from tests.factories.lti_places import Place, make_learner
from tests.services.lti_platform import LtiPlatform
from tests.services.lti_platform.roster import INSTRUCTOR, add, remove, roster_of
from tests.services.lti_platform.server import hanging
from tests.unit.lti.conftest import OUT
from tests.unit.lti.course import do_step, enrol
from tests.unit.lti.rosters import MEMBERSHIPS, follow, in_course, learners, person_of, problem, waiting


def test_every_page_is_read_and_who_learns_is_enrolled(house: Database, platform: LtiPlatform, place: Place) -> None:
    for number in range(8):
        add(platform, f"learner-{number}")
    follow(house, place)
    assert learners(house) == {f"learner-{number}": True for number in range(8)}
    person = person_of(house, "learner-0")
    assert (person.first_name, person.last_name, person.made_by, person.email) == ("Ilse", "Learner-0", "lti", None)
    with house.read() as db:
        assert set(db.scalars(sa.select(Employment.organisation_id))) == {place.registration.organisation_id}
        assert problem(house) == ""
    follow(house, place)
    with house.read() as db:
        assert db.scalar(sa.select(sa.func.count()).select_from(Person)) == 8


def test_who_left_is_withdrawn_and_keeps_what_she_learnt_and_comes_back(
    house: Database, platform: LtiPlatform, place: Place, course: Course
) -> None:
    for subject in ("ilse", "bram"):
        add(platform, subject)
    follow(house, place)
    do_step(house, person_of(house, "ilse").id, course, "welkom")
    remove(platform, "ilse")
    follow(house, place)
    assert learners(house) == {"ilse": False, "bram": True}
    with house.read() as db:
        assert db.scalars(sa.select(StepProgress.step)).all() == ["welkom"]
        left = sa.select(LtiUser.subject).join(LtiMembership).where(LtiMembership.left_at.is_not(None))
        assert db.scalars(left).all() == ["ilse"]
    add(platform, "ilse")
    follow(house, place)
    assert learners(house) == {"ilse": True, "bram": True}


def test_links_about_something_else_hide_no_page(house: Database, platform: LtiPlatform, place: Place) -> None:
    for number in range(8):
        add(platform, f"learner-{number}")
    roster_of(platform).tells_differences = True
    roster_of(platform).quotes = "“”"
    follow(house, place)
    follow(house, place)
    assert learners(house) == {f"learner-{number}": True for number in range(8)}


@pytest.mark.parametrize("status", ["Inactive", "Deleted"])
def test_who_is_not_active_is_not_there(house: Database, platform: LtiPlatform, place: Place, status: str) -> None:
    member = add(platform, "ilse")
    add(platform, "bram")
    add(platform, "nooit", status=status)
    follow(house, place)
    member["status"] = status
    follow(house, place)
    assert learners(house) == {"ilse": False, "bram": True}


def test_who_teaches_is_no_learner_and_who_becomes_a_teacher_is_one_no_more(
    house: Database, platform: LtiPlatform, place: Place
) -> None:
    member = add(platform, "ilse")
    add(platform, "lies", role=INSTRUCTOR)
    follow(house, place)
    assert learners(house) == {"ilse": True}
    member["roles"] = [INSTRUCTOR]
    follow(house, place)
    assert learners(house) == {"ilse": False}


def answers(status: int, body: str = "", mimetype: str = "application/json") -> Callable[[], Response]:
    return lambda: Response(body, status, mimetype=mimetype)


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        ("empty", "empty"),
        ("500", "server"),
        ("401", "not-let-in"),
        ("html", "broken-answer"),
        ("list", "broken-answer"),
        ("hangs", "too-late"),
        ("flood", "too-large"),
        ("loops", "too-many-pages"),
        ("elsewhere", "not-its-address"),
        ("another context", "broken-answer"),
        ("second page fails", "not-its-address"),
        ("one without id", "broken-answer"),
        ("next page nowhere", "not-its-address"),
        ("one with half a sign", "broken-answer"),
        ("one with a null", "broken-answer"),
    ],
)
def test_a_roster_that_is_no_good_withdraws_nobody(
    house: Database, platform: LtiPlatform, place: Place, trouble: str, said: str
) -> None:
    for number in range(5):
        add(platform, f"learner-{number}")
    follow(house, place)
    roster = roster_of(platform)
    roster.members = roster.members[:4]
    acts = {
        "500": answers(500),
        "401": answers(401),
        "html": answers(200, "<html>"),
        "list": answers(200, "[]"),
        "hangs": hanging(platform),
        "flood": answers(200, "x" * 3_000_000),
        "next page nowhere": lambda: Response('{"members": []}', headers={"Link": "<http://[x>; rel=next"}),
    }
    if trouble in acts:
        platform.trouble[MEMBERSHIPS] = acts[trouble]
    elif trouble == "empty":
        roster.members = []
    elif trouble == "loops":
        roster.loops = True
    elif trouble in ("elsewhere", "second page fails"):
        roster.next_host = platform.address.replace("127.0.0.1", "localhost")
    elif trouble == "another context":
        roster.context_id = "context-2"
    else:
        names = {"one with half a sign": {"user_id": "x\ud800"}, "one with a null": {"user_id": "x\0"}}
        roster.members = [{"roles": [], **names.get(trouble, {})}, *roster.members]
    follow(house, place, Outgoing(may_go_inside=True, limit_s=0.5) if trouble == "hangs" else OUT)
    assert learners(house) == {f"learner-{number}": True for number in range(5)}
    assert problem(house) == said
    platform.trouble.clear()
    roster.loops, roster.next_host, roster.context_id = False, "", "context-1"
    roster.members = [{"user_id": f"learner-{number}", "roles": []} for number in range(4)]
    follow(house, place)
    assert learners(house)["learner-4"] is False
    assert problem(house) == ""


def test_names_never_overwrite_an_account_and_an_address_matches_nobody(
    house: Database, platform: LtiPlatform, place: Place, course: Course
) -> None:
    with house.write() as db:
        account = make_person(db, first_name="Emma", last_name="Peeters", email="emma@example.org")
        user = make_learner(db, place, "linked")
        join_person(db, user.person_id, into_id=account.id)
        user.person_id, user.linked_at = account.id, clock.now()
    add(platform, "linked", given_name="Iemand", family_name="Anders", email="anders@example.org")
    add(platform, "stranger", given_name="Vreemde", family_name="Naam", email="emma@example.org")
    follow(house, place)
    kept = person_of(house, "linked")
    assert (kept.first_name, kept.last_name, kept.email) == ("Emma", "Peeters", "emma@example.org")
    assert person_of(house, "stranger").id != account.id
    assert in_course(house, course) == {"linked", "stranger"}


def test_who_took_the_course_by_herself_is_not_taken_out_of_it(
    house: Database, platform: LtiPlatform, place: Place, course: Course
) -> None:
    with house.write() as db:
        account = make_person(db)
        enrol(db, account.id, course)
        user = make_learner(db, place, "linked")
        join_person(db, user.person_id, into_id=account.id)
        user.person_id, user.linked_at = account.id, clock.now()
    add(platform, "linked")
    add(platform, "bram")
    follow(house, place)
    remove(platform, "linked")
    follow(house, place)
    assert learners(house) == {"linked": True, "bram": True}


def test_who_withdrew_is_not_fetched_back(house: Database, platform: LtiPlatform, place: Place) -> None:
    add(platform, "ilse")
    follow(house, place)
    with house.write() as db:
        withdraw_learner(db, db.scalars(sa.select(Enrolment.id)).one())
    follow(house, place)
    assert learners(house) == {"ilse": False}


def test_who_withdrew_from_her_account_is_not_fetched_back_after_linking(
    house: Database, platform: LtiPlatform, place: Place, course: Course
) -> None:
    with house.write() as db:
        account = make_person(db)
        withdraw_learner(db, enrol(db, account.id, course).id)
        user = make_learner(db, place, "linked")
        join_person(db, user.person_id, into_id=account.id)
        user.person_id, user.linked_at = account.id, clock.now()
    add(platform, "linked")
    add(platform, "bram")
    follow(house, place)
    assert learners(house) == {"linked": False, "bram": True}
    with house.write() as db:  # her own launch does
        linked = db.scalars(sa.select(LtiUser).where(LtiUser.subject == "linked")).one()
        holding.enrol_member(db, place.registration, linked, course.id, place.context.id)
    follow(house, place)
    assert learners(house) == {"linked": True, "bram": True}


def test_a_course_that_another_context_keeps_goes_on(
    house: Database, platform: LtiPlatform, place: Place, course: Course
) -> None:
    for subject in ("ilse", "bram"):
        add(platform, subject)
    follow(house, place)
    with house.write() as db:
        deployment_id = place.context.deployment_id
        other = LtiContext(deployment_id=deployment_id, context_id="c2", grade_scopes=[], created_at=clock.now())
        db.add(other)
        db.flush()
        user = db.scalars(sa.select(LtiUser).where(LtiUser.subject == "ilse")).one()
        holding.enrol_member(db, place.registration, user, course.id, other.id)
        other_id = other.id
    remove(platform, "ilse")
    follow(house, place)
    assert learners(house)["ilse"] is True
    with house.write() as db:
        holding.let_go(db, other_id, user.id)
    assert learners(house)["ilse"] is False


def test_who_came_in_while_we_read_stays(house: Database, platform: LtiPlatform, place: Place, course: Course) -> None:
    add(platform, "bram")
    with house.write() as db, clock.moved_to(clock.now() + timedelta(minutes=5)):
        user = make_learner(db, place, "ilse")
        holding.enrol_member(db, place.registration, user, course.id, place.context.id)
    follow(house, place)
    assert learners(house) == {"bram": True, "ilse": True}


def test_what_nobody_foresaw_is_the_trouble_of_one_roster(
    house: Database, platform: LtiPlatform, place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(platform, "ilse")
    with monkeypatch.context() as broken:
        broken.setattr(rosters, "read_page", lambda *_given: 1 / 0)
        follow(house, place)
    assert problem(house) == "broken-answer"
    with clock.moved_to(clock.now() + timedelta(minutes=50)):
        rosters.wake(house)
    assert waiting(house) == 0
    follow(house, place)
    assert problem(house) == ""
