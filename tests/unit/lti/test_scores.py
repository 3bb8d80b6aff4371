"""What somebody reaches here comes in a platform's grade book: in order, and never lower."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from courses.catalogue.models import Course
from courses.progress.events import StepCompleted
from courses.progress.services import learner_of, start_course
from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.events import emit
from lms.lti.models import LineItem, LtiMembership, LtiUser, Score
from lms.lti.services import noting
from tests.factories.lti_places import Place, make_learner
from tests.services.lti_platform import LtiPlatform
from tests.services.lti_platform.grade_book import book_of, give_item
from tests.unit.lti.course import do_step, enrol, finish_attempt, hand_in_task
from tests.unit.lti.sending import later, launched, one_score, place_of_step, send, told

# ---- what is sent ----------------------------------------------------------------------------------------------------


def test_a_course_is_told_step_by_step(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    do_step(house, user.person_id, course, "welkom")
    send(house, place)
    do_step(house, user.person_id, course, "toets")
    do_step(house, user.person_id, course, "opdracht")
    send(house, place)
    assert told(platform) == [("InProgress", "Pending", 33.33), ("Completed", "FullyGraded", 100)]
    assert len(book_of(platform).items) == 1
    [item] = book_of(platform).items.values()
    assert (item["resourceId"], item["resourceLinkId"], item["tag"]) == (
        course.slug,
        place.link.resource_link_id,
        "leerlabo",
    )


def test_a_module_is_done_or_not(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    place_of_step(house, place, f"{course.slug}/welkom")
    do_step(house, user.person_id, course, "welkom")
    send(house, place)
    assert ("Completed", "FullyGraded", 100) in told(platform)
    assert len(book_of(platform).items) == 2


def test_a_quiz_keeps_the_best_attempt_and_stays_open_while_she_may_try_again(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    with house.write() as db:
        place.link.content = f"{course.slug}/toets"
        db.merge(place.link)
    for score in (50, 40, 90):
        finish_attempt(house, user.person_id, course, score)
        send(house, place)
    assert told(platform) == [("Submitted", "FullyGraded", 50), ("Completed", "FullyGraded", 90)]


def test_a_quiz_without_attempts_left_is_over_though_she_failed(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    with house.write() as db:
        place.link.content = f"{course.slug}/toets"
        db.merge(place.link)
    for score in (20, 60, 30):
        finish_attempt(house, user.person_id, course, score)
    send(house, place)
    assert told(platform) == [("Completed", "FullyGraded", 60)]


def test_a_task_waits_for_who_reads_it(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    with house.write() as db:
        place.link.content = f"{course.slug}/opdracht"
        db.merge(place.link)
    for then in ([], ["return"], [], ["accept"]):
        hand_in_task(house, user.person_id, course, *then)
        send(house, place)
    assert told(platform) == [
        ("Submitted", "PendingManual", None),
        ("InProgress", "NotReady", None),
        ("Submitted", "PendingManual", None),
        ("Completed", "FullyGraded", 100),
    ]


def test_what_was_done_before_is_told_when_she_opens_the_link(
    house: Database, platform: LtiPlatform, place: Place, course: Course
) -> None:
    with house.write() as db:
        user = make_learner(db, place, "ilse")
        db.execute(sa.delete(LtiMembership))
    do_step(house, user.person_id, course, "welkom")
    with house.write() as db:
        now = clock.now()
        row = {"context_id": place.context.id, "user_id": user.id, "roles": ["learner"]}
        db.add(LtiMembership(**row, created_at=now, seen_at=now))
        db.flush()
        emit(db, launched(place, user, course))
    send(house, place)
    assert told(platform) == [("InProgress", "Pending", 33.33)]


def test_the_column_that_comes_with_a_link_is_used(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    url = give_item(platform, resourceLinkId=place.link.resource_link_id)
    with house.write() as db:
        enrol(db, user.person_id, course)
        emit(db, launched(place, user, course, line_item_url=url))
    do_step(house, user.person_id, course, "welkom")
    send(house, place)
    assert told(platform) == [("InProgress", "Pending", 33.33)]
    assert len(book_of(platform).items) == 1
    assert not platform.asked_for("/context-1/lineitems")


@pytest.mark.parametrize("end", ["/lineitems/{link_id}/x", "[/lineitems/link_id"])
def test_an_address_with_a_template_left_in_it_is_no_column(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course, end: str
) -> None:
    with house.write() as db:
        enrol(db, user.person_id, course)
        emit(db, launched(place, user, course, line_item_url=platform.address + end))
    do_step(house, user.person_id, course, "welkom")
    send(house, place)
    assert told(platform) == [("InProgress", "Pending", 33.33)]
    assert not [asked for asked in platform.asked if "link_id" in asked.path]


@pytest.mark.parametrize("quotes", ["", "“”"])
@pytest.mark.parametrize("filters", [True, False])
def test_a_column_is_found_again_on_any_page(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course, quotes: str, *, filters: bool
) -> None:
    book_of(platform).filters, book_of(platform).quotes = filters, quotes
    for number in range(5):
        give_item(platform, resourceId=f"iets-{number}")
    give_item(platform, resourceId=course.slug, resourceLinkId="", tag="leerlabo")
    do_step(house, user.person_id, course, "welkom")
    send(house, place)
    assert [item for item, _score in book_of(platform).scores] == [6]
    assert len(book_of(platform).items) == 6


def test_who_teaches_and_who_left_and_who_is_nobody_there_gets_no_score(
    house: Database, platform: LtiPlatform, place: Place, course: Course
) -> None:
    with house.write() as db:
        teacher = make_learner(db, place, "lies", roles=("staff",))
        gone = make_learner(db, place, "gone")
        db.execute(sa.update(LtiMembership).where(LtiMembership.user_id == gone.id).values(left_at=clock.now()))
    do_step(house, teacher.person_id, course, "welkom")
    do_step(house, gone.person_id, course, "welkom")
    send(house, place)
    assert book_of(platform).scores == []


def test_somebody_without_a_platform_costs_one_question(house: Database, place: Place, course: Course) -> None:
    with house.write() as db:
        user = make_learner(db, place, "ilse")
        db.execute(sa.delete(LtiMembership))
        learner, _outline = learner_of(db, enrol(db, user.person_id, course).id)
        start_course(db, learner)
        asked: list[str] = []
        sa.event.listen(house.engine, "before_cursor_execute", lambda *words: asked.append(words[2]))
        noting.note_step(db, StepCompleted(learner, "welkom", clock.now()))
        assert len(asked) == 1
        assert db.scalars(sa.select(LineItem)).all() == []


# ---- newer, older, lower ---------------------------------------------------------------------------------------------


def test_a_score_is_not_lowered_unless_somebody_asks(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    do_step(house, user.person_id, course, "welkom")
    do_step(house, user.person_id, course, "toets")
    send(house, place)
    with house.write() as db:  # an attendance that is corrected has the same effect
        db.execute(sa.text("DELETE FROM step_progress WHERE step = 'toets'"))
        noting.note_person(db, user.person_id)
    send(house, place)
    assert told(platform) == [("InProgress", "Pending", 66.67)]
    with house.write() as db:
        noting.ask_again(db, [one_score(house).id])
    send(house, place)
    assert told(platform) == [("InProgress", "Pending", 66.67), ("InProgress", "Pending", 33.33)]


def test_moments_only_go_forward_whatever_was_reached_when(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    now = clock.now()
    for days, step in ((1, "welkom"), (5, "toets"), (9, "opdracht")):
        do_step(house, user.person_id, course, step, at=now - timedelta(days=days))
        send(house, place)
    moments = [score["timestamp"] for score in book_of(platform).of("ilse")]
    assert len(moments) == 3
    assert moments == sorted(moments)
    assert len(set(moments)) == 3


def test_a_grade_book_that_counts_whole_seconds_takes_every_score(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    book_of(platform).like_moodle = True
    now = clock.now()
    for days, step in ((1, "welkom"), (5, "toets"), (9, "opdracht")):
        do_step(house, user.person_id, course, step, at=now - timedelta(days=days))
        send(house, place)
    assert [score for _activity, _grading, score in told(platform)] == [33.33, 66.67, 100]
    assert one_score(house).answer == ""


def test_who_gets_further_while_her_score_is_on_its_way_has_a_newer_one(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    book_of(platform).like_moodle = True
    now, is_on_its_way = clock.now(), iter([True])
    do_step(house, user.person_id, course, "welkom", at=now - timedelta(days=9))

    def go_further() -> None:
        if next(is_on_its_way, False):
            do_step(house, user.person_id, course, "toets", at=now - timedelta(days=8))

    platform.trouble["/context-1/lineitems/1/scores"] = go_further
    send(house, place)
    assert [score for _activity, _grading, score in told(platform)] == [33.33, 66.67]
    assert one_score(house).next_try_at is None


def test_a_platform_that_has_something_newer_is_left_with_it(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    do_step(house, user.person_id, course, "welkom")
    send(house, place)
    tomorrow = (clock.now() + timedelta(days=1)).isoformat(timespec="milliseconds")
    theirs = {"userId": "ilse", "activityProgress": "Completed", "gradingProgress": "FullyGraded"}
    book_of(platform).scores.append((1, {**theirs, "scoreGiven": 5, "scoreMaximum": 100, "timestamp": tomorrow}))
    do_step(house, user.person_id, course, "toets")
    send(house, place)
    later(house, place)
    score = one_score(house)
    assert (score.next_try_at, score.status, score.answer.split(":")[0]) == (None, 409, "older")
    assert len(platform.asked_for("/context-1/lineitems/1/scores")) == 2


def test_an_answer_that_was_lost_is_no_second_score(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    do_step(house, user.person_id, course, "welkom")
    send(house, place)
    with house.write() as db:  # as if the worker had died before it could write
        db.execute(sa.update(Score).values(sent_at=None, sent_timestamp=None, next_try_at=clock.now()))
    send(house, place)
    assert len(book_of(platform).scores) == 1
    score = one_score(house)
    assert (score.next_try_at, score.status, score.sent_at is not None) == (None, None, True)
