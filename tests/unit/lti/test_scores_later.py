"""A platform that is slow, down or lying: scores arrive later, once, and nobody gets our token."""

from __future__ import annotations

import json
from datetime import timedelta
from decimal import Decimal
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa

from courses.catalogue.models import Course
from lms.accounts.services import erase_person
from lms.kernel import clock
from lms.kernel.db import Database
from lms.kernel.jobs import OutboxRow, waiting_keys
from lms.kernel.outgoing import Outgoing
from lms.lti.formats.grades import Standing, score_json
from lms.lti.formats.services import LINE_ITEM, SCORE
from lms.lti.models import LineItem, LtiUser, PlatformServices, Score
from lms.lti.services import columns, noting, sending
from tests.factories.lti_places import Place, make_learner
from tests.services.lti_platform import LtiPlatform
from tests.services.lti_platform.grade_book import book_of
from tests.services.lti_platform.server import hanging
from tests.unit.lti.conftest import OUT
from tests.unit.lti.course import do_step
from tests.unit.lti.sending import answers, later, one_score, place_of_step, send, told

SCORES, TOKEN, ITEMS = "/context-1/lineitems/1/scores", "/token", "/context-1/lineitems"


@pytest.mark.parametrize(
    ("path", "trouble"),
    [
        (path, trouble)
        for path in (SCORES, TOKEN, ITEMS)
        for trouble in ("500", "503", "hangs", "flood", "not json", "429")
        if (path, trouble) != (SCORES, "not json")  # nobody reads what is answered to a score
    ],
)
def test_scores_arrive_later_and_once(
    house: Database,
    platform: LtiPlatform,
    place: Place,
    user: LtiUser,
    course: Course,
    path: str,
    trouble: str,
) -> None:
    acts: dict[str, Any] = {
        "500": answers(500, "oops"),
        "503": answers(503, "<html>"),
        "hangs": hanging(platform),
        "flood": answers(200, "x" * 3_000_000),
        "not json": answers(200, "<html>Inloggen</html>"),
        "429": answers(429, "", **{"Retry-After": "60"}),
    }
    platform.trouble[path] = acts[trouble]
    do_step(house, user.person_id, course, "welkom")
    send(house, place, Outgoing(may_go_inside=True, limit_s=0.4))
    do_step(house, user.person_id, course, "toets")
    assert book_of(platform).scores == []
    assert one_score(house).next_try_at is not None
    del platform.trouble[path]
    later(house, place)
    later(house, place, 240)
    assert told(platform) == [("InProgress", "Pending", 66.67)]
    assert one_score(house).next_try_at is None
    assert len(book_of(platform).items) == 1


def test_a_platform_that_is_gone_is_left_alone_for_a_while(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    platform.trouble[SCORES] = hanging(platform)
    short = Outgoing(may_go_inside=True, limit_s=0.4)
    do_step(house, user.person_id, course, "welkom")
    send(house, place, short)
    send(house, place, short)
    send(house, place, short)
    assert len(platform.asked_for(SCORES)) == 1
    with house.read() as db:
        services = db.scalars(sa.select(PlatformServices)).one()
    assert (services.failures, services.problem) == (1, "too-late")
    with house.write() as db:
        assert sending.list_due(db) == []
    with clock.moved_to(clock.now() + timedelta(hours=2)), house.read() as db:
        assert sending.list_due(db) == [place.registration.id]


@pytest.mark.parametrize("status", [404, 500])
def test_what_fails_for_a_week_stops_until_somebody_asks(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course, status: int
) -> None:
    platform.trouble[SCORES] = platform.trouble["/context-1/lineitems/2/scores"] = answers(status, "oops")
    do_step(house, user.person_id, course, "welkom")
    send(house, place)
    with house.write() as db:
        db.execute(sa.update(Score).values(tries=172))
    later(house, place)
    assert one_score(house).next_try_at is not None
    later(house, place, 240)
    score = one_score(house)
    assert (score.status, score.answer, score.next_try_at) == (status, "given-up: oops", None)
    platform.trouble.clear()
    with house.write() as db:
        noting.ask_again(db, [score.id])
    send(house, place)
    assert told(platform) == [("InProgress", "Pending", 33.33)]


@pytest.mark.parametrize("status", [400, 403, 405, 412, 415, 422])
def test_what_will_not_mend_itself_stops_with_its_reason(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course, status: int
) -> None:
    platform.trouble[SCORES] = answers(status, "no such user")
    do_step(house, user.person_id, course, "welkom")
    send(house, place)
    later(house, place)
    score = one_score(house)
    assert (score.status, score.answer, score.next_try_at) == (status, "refused: no such user", None)
    assert len(platform.asked_for(SCORES)) == 1
    del platform.trouble[SCORES]
    do_step(house, user.person_id, course, "toets")  # who gets further is tried again
    send(house, place)
    assert told(platform) == [("InProgress", "Pending", 66.67)]


def test_one_score_that_is_refused_holds_up_nobody(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    with house.write() as db:
        others = [make_learner(db, place, f"learner-{number}") for number in range(3)]
    refused = iter([answers(500), answers(400)])
    for one in (user, *others):
        do_step(house, one.person_id, course, "welkom")
    normal = platform.trouble

    def first_two_fail() -> Any:
        act = next(refused, None)
        return act() if act else None

    normal[SCORES] = first_two_fail
    send(house, place)
    assert len(book_of(platform).scores) == 2
    later(house, place)
    assert len(book_of(platform).scores) == 3


@pytest.mark.parametrize(
    ("path", "body"),
    [
        (TOKEN, {"access_token": "x", "token_type": "bearer", "expires_in": 10**400}),
        (ITEMS, [{"id": "http://[x", "resourceLinkId": "link", "resourceId": "rustig-helpen"}]),
        (ITEMS, [{"id": "http://x/\ud800", "resourceLinkId": "link", "resourceId": "rustig-helpen"}]),
        (ITEMS, [{"id": "http://x/\0", "resourceLinkId": "link", "resourceId": "rustig-helpen"}]),
    ],
)
def test_a_lie_about_one_score_holds_up_no_other(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course, path: str, body: Any
) -> None:
    with house.write() as db:
        place.link.resource_link_id = "link"
        db.merge(place.link)
    platform.trouble[path] = answers(200, json.dumps(body))
    do_step(house, user.person_id, course, "welkom")
    send(house, place)
    score = one_score(house)
    assert score.next_try_at is not None
    del platform.trouble[path]
    later(house, place)
    later(house, place, 240)
    assert told(platform) == [("InProgress", "Pending", 33.33)]


def test_a_result_of_endless_digits_is_not_ours(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    do_step(house, user.person_id, course, "welkom")
    platform.trouble[SCORES] = answers(409)
    platform.trouble["/context-1/lineitems/1/results"] = answers(
        200, json.dumps([{"userId": "ilse", "resultScore": 10**400, "resultMaximum": 100}])
    )
    send(house, place)
    assert one_score(house).answer.startswith("older")


def test_what_nobody_foresaw_holds_up_one_score(
    house: Database,
    platform: LtiPlatform,
    place: Place,
    user: LtiUser,
    course: Course,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with house.write() as db:
        other = make_learner(db, place, "bram")
    for one in (user, other):
        do_step(house, one.person_id, course, "welkom")

    def broken(subject: str, standing: Standing) -> dict[str, Any]:
        return score_json(subject, standing) if subject == "bram" else {"never": 1 / 0}

    with monkeypatch.context() as patched:
        patched.setattr(sending, "score_json", broken)
        send(house, place)
    assert told(platform, "bram") == [("InProgress", "Pending", 33.33)]
    later(house, place)
    assert told(platform) == [("InProgress", "Pending", 33.33)]


def test_a_token_that_is_refused_is_replaced_once(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    do_step(house, user.person_id, course, "welkom")
    send(house, place)
    tokens = len(platform.asked_for(TOKEN))
    book_of(platform).tokens.clear()
    do_step(house, user.person_id, course, "toets")
    send(house, place)
    assert len(book_of(platform).scores) == 2
    assert len(platform.asked_for(TOKEN)) == tokens + 1


def test_a_proxy_that_drops_the_header_is_told_from_a_refusal(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    book_of(platform).drops_authorization = True
    do_step(house, user.person_id, course, "welkom")
    send(house, place)
    with house.read() as db:
        assert db.scalars(sa.select(PlatformServices.problem)).one() == "not-let-in"
    assert len(platform.asked_for(ITEMS)) == 2
    book_of(platform).drops_authorization = False
    later(house, place)
    assert told(platform) == [("InProgress", "Pending", 33.33)]


def test_tokens_are_kept_for_their_scopes_and_asked_with_the_audience_it_wants(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    book_of(platform).audience = "https://platform.example/audience"
    with house.write() as db:
        place.registration.token_audience = "https://platform.example/audience"
        db.merge(place.registration)
    do_step(house, user.person_id, course, "welkom")
    send(house, place)
    do_step(house, user.person_id, course, "toets")
    send(house, place)
    assert len(book_of(platform).scores) == 2
    assert sorted(scope for scope, _until in book_of(platform).tokens.values()) == sorted([LINE_ITEM, SCORE])
    assert {claims["aud"] for claims in book_of(platform).assertions} == {"https://platform.example/audience"}


def test_a_token_that_lasts_too_short_is_asked_anew(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    book_of(platform).lasts_s = 5  # less than the seconds in which we no longer use one
    do_step(house, user.person_id, course, "welkom")
    send(house, place)
    do_step(house, user.person_id, course, "toets")
    send(house, place)
    assert len(book_of(platform).scores) == 2
    assert [scope for scope, _until in book_of(platform).tokens.values()].count(SCORE) == 2


def test_a_column_that_vanished_is_made_again(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    do_step(house, user.person_id, course, "welkom")
    send(house, place)
    book_of(platform).items[1] = {"id": "", "gone": True}
    platform.trouble[SCORES] = answers(404)
    do_step(house, user.person_id, course, "toets")
    send(house, place)
    assert [number for number, _score in book_of(platform).scores] == [1, 2]
    with house.read() as db:
        assert "/lineitems/2" in db.scalars(sa.select(LineItem.url)).one()


def test_without_the_right_to_make_a_column_it_stops_and_says_so(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    with house.write() as db:
        place.context.grade_scopes = [SCORE]
        db.merge(place.context)
    do_step(house, user.person_id, course, "welkom")
    send(house, place)
    assert one_score(house).answer.startswith("no-column")
    assert one_score(house).next_try_at is None


@pytest.mark.parametrize(
    ("status", "header", "said"),
    [
        (302, ("Location", "{elsewhere}/taken"), "elsewhere"),
        (200, ("Link", '<{elsewhere}/taken>; rel="next"'), "not-its-address"),
    ],
    ids=["a redirect", "a next page"],
)
def test_another_host_gets_no_token(
    house: Database,
    platform: LtiPlatform,
    place: Place,
    user: LtiUser,
    course: Course,
    status: int,
    header: tuple[str, str],
    said: str,
) -> None:
    name, there = header
    elsewhere = platform.address.replace("127.0.0.1", "localhost")
    platform.trouble[ITEMS] = answers(status, "[]", **{name: there.format(elsewhere=elsewhere)})
    do_step(house, user.person_id, course, "welkom")
    send(house, place)
    assert platform.asked_for("/taken") == []
    assert one_score(house).answer.startswith(said)


def test_pages_that_go_round_come_to_an_end(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    platform.trouble[ITEMS] = answers(200, "[]", Link='<?from=0>; rel="next"')
    do_step(house, user.person_id, course, "welkom")
    send(house, place)
    assert len(platform.asked_for(ITEMS)) == 2
    assert one_score(house).answer.startswith("too-many-pages")


def test_a_grade_book_that_is_too_slow_is_left_before_the_claim_is_over(
    house: Database,
    platform: LtiPlatform,
    place: Place,
    user: LtiUser,
    course: Course,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    do_step(house, user.person_id, course, "welkom")
    with monkeypatch.context() as hurried:
        hurried.setattr(columns, "FIND_S", 0.0)
        send(house, place)
    assert one_score(house).answer.startswith("too-late")
    assert book_of(platform).items == {}
    later(house, place)
    assert told(platform) == [("InProgress", "Pending", 33.33)]


def test_word_is_left_once_as_long_as_it_waits(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    do_step(house, user.person_id, course, "welkom")
    for _minute in range(3):
        sending.wake(house)
    with house.read() as db:
        assert len(db.scalars(waiting_keys(noting.KIND)).all()) == 1


def test_two_workers_make_one_column_and_send_once(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    do_step(house, user.person_id, course, "welkom")
    workers = [Thread(target=send, args=(house, place)) for _number in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(book_of(platform).items) == 1
    assert len(book_of(platform).scores) == 1


def test_a_platform_that_is_switched_off_is_sent_nothing(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    with house.write() as db:
        place.registration.switched_off_at = clock.now()
        db.merge(place.registration)
    do_step(house, user.person_id, course, "welkom")
    send(house, place)
    assert platform.asked == []


def test_results_are_read(house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course) -> None:
    book_of(platform).quotes = "“”"  # as Moodle writes the link to the next page
    do_step(house, user.person_id, course, "welkom")
    send(house, place)
    theirs = {"userId": "ilse", "scoreGiven": 7.5, "scoreMaximum": 10, "timestamp": "2099-01-01T00:00:00.000Z"}
    book_of(platform).scores += [*((1, {**theirs, "userId": f"x{n}"}) for n in range(5)), (1, theirs)]
    for number in range(3):  # she stands on the second page
        book_of(platform).scores.insert(0, (1, {**theirs, "userId": f"before-{number}"}))
    assert sending.read_results_of(house, one_score(house).line_item_id, OUT) == 1
    score = one_score(house)
    assert (score.result_score, score.result_maximum) == (Decimal("7.5"), Decimal(10))


def test_who_is_erased_has_no_score_waiting(
    house: Database, platform: LtiPlatform, place: Place, user: LtiUser, course: Course
) -> None:
    do_step(house, user.person_id, course, "welkom")
    with house.write() as db:
        erase_person(db, user.person_id)
    send(house, place)
    assert book_of(platform).scores == []
    with house.read() as db:
        assert db.scalars(sa.select(LtiUser.subject)).one().startswith("erased:")


def test_word_is_left_once_for_a_transaction(house: Database, place: Place, user: LtiUser, course: Course) -> None:
    place_of_step(house, place, f"{course.slug}/welkom")
    do_step(house, user.person_id, course, "welkom")
    with house.read() as db:
        kinds = db.scalars(sa.select(OutboxRow.kind).where(OutboxRow.kind == noting.KIND)).all()
        assert len(db.scalars(sa.select(Score)).all()) == 2
    assert kinds == [noting.KIND]
