"""Who may open which link, and who reads when: one at a time, within a time, and not twice."""

from __future__ import annotations

import time
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
import sqlalchemy as sa
from flask import request

from courses.catalogue.models import Course
from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.jobs import OutboxRow
from lms.lti.formats.messages import read_message
from lms.lti.models import Deployment, LtiContext
from lms.lti.services import rosters
from lms.lti.services.arriving import Arrival, open_visit
from tests.factories.courses import WELCOME, make_course, make_outline
from tests.factories.lti_places import Place, make_link
from tests.services.lti_platform import Link, LtiPlatform, User
from tests.services.lti_platform.launching import CLAIM, launch_claims
from tests.services.lti_platform.roster import add, remove, roster_of
from tests.unit.lti.conftest import OUT
from tests.unit.lti.rosters import MEMBERSHIPS, follow, in_course, learners, problem, waiting


def test_only_who_may_open_a_link_takes_its_course(
    house: Database, platform: LtiPlatform, place: Place, course: Course, tmp_path: Path
) -> None:
    with house.write() as db:
        other = make_course(db, tmp_path, make_outline("tweede", title="Tweede", steps=(WELCOME,)))
        make_link(db, place.context, "tweede", name="link-tweede")
    for subject in ("ilse", "bram"):
        add(platform, subject)
    roster_of(platform).only["link-tweede"] = {"bram"}
    follow(house, place)
    assert in_course(house, course) == {"ilse", "bram"}
    assert in_course(house, other) == {"bram"}
    roster_of(platform).only["link-tweede"] = {"ilse"}
    follow(house, place)
    assert in_course(house, course) == {"ilse", "bram"}
    assert in_course(house, other) == {"ilse"}
    roster_of(platform).only["link-tweede"] = set()  # nobody at all: not believed
    follow(house, place)
    assert in_course(house, other) == {"ilse"}


def test_a_platform_that_does_not_know_links_gives_everybody(
    house: Database, platform: LtiPlatform, place: Place, course: Course
) -> None:
    add(platform, "ilse")
    roster_of(platform).knows_links = False
    follow(house, place)
    assert in_course(house, course) == {"ilse"}


@pytest.mark.parametrize("status", [404, 410, 400, 403])
def test_a_link_that_is_gone_enrols_nobody_and_is_asked_no_more(
    house: Database, platform: LtiPlatform, place: Place, course: Course, status: int
) -> None:
    link = place.link.resource_link_id
    for subject in ("ilse", "bram"):
        add(platform, subject)
    roster_of(platform).only[link] = {"bram"}
    follow(house, place)
    roster_of(platform).gone[link] = status  # Moodle says 404, Canvas 400
    add(platform, "nieuw")
    follow(house, place)
    assert in_course(house, course) == {"bram"}
    assert problem(house) == ""
    follow(house, place)
    asked = [asked for asked in platform.asked_for(MEMBERSHIPS) if "rlid" in asked.query]
    assert len(asked) == (2 if status in (404, 410) else 3)


def test_a_link_that_is_launched_is_there_again(
    house: Database, platform: LtiPlatform, place: Place, course: Course
) -> None:
    link = place.link.resource_link_id
    add(platform, "ilse")
    roster_of(platform).gone[link] = 404
    follow(house, place)
    assert in_course(house, course) == set()
    add(platform, "lies")
    roster_of(platform).gone.clear()
    with house.write() as db:
        claims = launch_claims(
            platform, platform.clients["client-1"], Link(link, "http://localhost"), User("lies"), "n"
        )
        message = read_message(claims | {f"{CLAIM}custom": {"content": course.slug}})
        deployment = db.get_one(Deployment, place.context.deployment_id)
        open_visit(db, Arrival(message, place.registration, deployment))
    follow(house, place)
    assert in_course(house, course) == {"ilse", "lies"}


def test_of_many_links_some_are_asked_and_the_others_the_next_time(
    house: Database, platform: LtiPlatform, place: Place, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rosters, "MOST_LINKS", 1)
    with house.write() as db:
        make_link(db, place.context, f"{course.slug}/welkom", name="link-2")
    for subject in ("ilse", "bram", "nieuw"):
        add(platform, subject)
    roster_of(platform).only |= {place.link.resource_link_id: {"bram"}, "link-2": {"ilse"}}
    follow(house, place)
    assert in_course(house, course) == {"bram"}
    follow(house, place)
    assert in_course(house, course) == {"bram", "ilse"}
    asked = [asked.query["rlid"] for asked in platform.asked_for(MEMBERSHIPS) if "rlid" in asked.query]
    assert asked == [place.link.resource_link_id, "link-2"]


def test_a_platform_that_takes_too_long_is_left_with_what_it_said(
    house: Database, platform: LtiPlatform, place: Place, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    with house.write() as db:
        make_link(db, place.context, f"{course.slug}/welkom", name="link-2")
    for subject in ("ilse", "bram"):
        add(platform, subject)
    follow(house, place)
    remove(platform, "bram")
    monkeypatch.setattr(rosters, "READ_S", 0.0)
    follow(house, place)
    assert problem(house) == "too-late"
    assert in_course(house, course) == {"ilse", "bram"}
    monkeypatch.setattr(rosters, "READ_S", 2.0)
    roster_of(platform).only |= {place.link.resource_link_id: {"eva"}, "link-2": {"eva"}}
    platform.trouble[MEMBERSHIPS] = lambda: time.sleep(2.1) if "rlid" in request.args else None
    follow(house, place)
    assert problem(house) == ""
    assert in_course(house, course) == {"ilse"}  # who may open the second link nobody said
    assert len([asked for asked in platform.asked_for(MEMBERSHIPS) if "rlid" in asked.query]) == 3


def test_one_worker_reads_a_context(house: Database, platform: LtiPlatform, place: Place) -> None:
    for number in range(4):
        add(platform, f"learner-{number}")
    workers = [
        Thread(target=rosters.follow_roster, args=(house, place.context.id, OUT)) for _number in range(3)
    ]  # fmt: skip
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len([asked for asked in platform.asked_for(MEMBERSHIPS) if "rlid" not in asked.query]) == 2  # its two pages
    assert len(learners(house)) == 4


def test_one_roster_of_a_platform_is_read_at_a_time(house: Database, platform: LtiPlatform, place: Place) -> None:
    with house.write() as db:
        url, scopes = place.context.memberships_url, place.context.grade_scopes
        named = {"deployment_id": place.context.deployment_id, "context_id": "c2", "created_at": clock.now()}
        other = LtiContext(**named, grade_scopes=scopes, memberships_url=url)
        db.add(other)
        db.flush()
    asked, go_on = Event(), Event()

    def hold() -> None:
        asked.set()
        go_on.wait(30)

    platform.trouble[MEMBERSHIPS] = hold
    slow = Thread(target=rosters.follow_roster, args=(house, place.context.id, OUT))
    slow.start()
    asked.wait(30)
    rosters.follow_roster(house, other.id, OUT)
    assert len(platform.asked_for(MEMBERSHIPS)) == 1
    go_on.set()
    slow.join()
    rosters.follow_roster(house, other.id, OUT)
    assert len(platform.asked_for(MEMBERSHIPS)) == 2


def test_word_is_left_for_contexts_that_are_due(house: Database, platform: LtiPlatform, place: Place) -> None:
    add(platform, "ilse")
    rosters.wake(house)
    rosters.wake(house)
    assert waiting(house) == 1
    follow(house, place)
    with house.write() as db:
        db.execute(sa.update(OutboxRow).values(done_at=clock.now()))
    rosters.wake(house)
    assert waiting(house) == 1
    with clock.moved_to(clock.now() + timedelta(hours=7)):
        rosters.wake(house)
    assert waiting(house) == 2
    with house.write() as db:
        place.registration.switched_off_at = clock.now()
        db.merge(place.registration)
    with clock.moved_to(clock.now() + timedelta(hours=7)):
        rosters.wake(house)
    assert waiting(house) == 2
