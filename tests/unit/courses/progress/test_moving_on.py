"""Moving on: rows, statements and what they set off, as one learner goes through a course."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec
import orjson
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.formats import Page, Step, StepKind
from courses.enrolment.queries import Learner, get_learner
from courses.progress.events import CourseCompleted
from courses.progress.models import CourseProgress, StepProgress
from courses.progress.queries import State, get_route
from courses.progress.services import (
    complete_step,
    follow_attendance,
    learner_of,
    leave_page,
    reopen_step,
    save_page_answer,
    start_course,
)
from courses.sessions.events import AttendanceMarked
from lms.kernel import clock
from lms.kernel.errors import NotFound, Refused
from lms.kernel.events import Events
from tests.factories.courses import (
    AFTERWARDS,
    IRI_BASE,
    NOON,
    TOGETHER,
    WELCOME,
    make_course,
    make_enrolment,
    make_outline,
)
from xapi.statements.models import Statement

READ = Step(
    id="lezen",
    kind=StepKind.MODULE,
    title="Lezen",
    minutes=10,
    complete_when="pages-seen",
    pages=(Page("een", "Eén"), Page("twee", "Twee"), Page("drie", "Drie")),
)
LAST = msgspec.structs.replace(WELCOME, id="slot", title="Slot", requires=("lezen",))


@pytest.fixture
def learner(db: Session, tmp_path: Path) -> Learner:
    """Somebody in a course of two modules."""
    return learner_in(db, tmp_path, READ, LAST)


def learner_in(db: Session, folder: Path, *steps: Step) -> Learner:
    db.info["leerlabo.iri_base"] = IRI_BASE
    enrolment = make_enrolment(db, make_course(db, folder, make_outline(steps=steps)))
    return get_learner(db, enrolment.id)


def verbs(db: Session) -> list[str]:
    """What the record says, in order, by the last word of each verb."""
    return [iri.rsplit("/", 1)[1] for iri in db.scalars(sa.select(Statement.verb).order_by(Statement.id))]


def statements(db: Session) -> list[dict[str, Any]]:
    return [orjson.loads(payload) for payload in db.scalars(sa.select(Statement.payload).order_by(Statement.id))]


def state_of(db: Session, learner: Learner, step: str) -> State:
    _learner, outline = learner_of(db, learner.enrolment_id)
    stop = get_route(db, outline, learner.enrolment_id).stop(step)
    assert stop is not None
    return stop.state


def test_starting_says_launched_and_initialized_once(db: Session, learner: Learner) -> None:
    start_course(db, learner)
    start_course(db, learner)
    assert verbs(db) == ["launched", "initialized"]


def test_the_first_page_starts_the_course_by_itself(db: Session, learner: Learner) -> None:
    leave_page(db, learner, "lezen", "een")
    assert verbs(db) == ["launched", "initialized", "progressed"]


def test_leaving_a_page_puts_her_on_the_next_one(db: Session, learner: Learner) -> None:
    leave_page(db, learner, "lezen", "een")
    row = db.get_one(StepProgress, (learner.enrolment_id, "lezen"), populate_existing=True)
    course = db.get_one(CourseProgress, learner.enrolment_id, populate_existing=True)
    assert (row.page, row.pages_done) == ("twee", ["een"])
    assert (course.step, course.page) == ("lezen", "twee")


def test_leaving_the_same_page_twice_is_said_once(db: Session, learner: Learner) -> None:
    leave_page(db, learner, "lezen", "een")
    leave_page(db, learner, "lezen", "een")
    assert verbs(db).count("progressed") == 1


def test_the_last_page_left_completes_the_module_in_any_order(db: Session, learner: Learner) -> None:
    for page in ("drie", "een", "twee"):
        leave_page(db, learner, "lezen", page)
    assert state_of(db, learner, "lezen") is State.DONE
    assert verbs(db)[-1] == "completed"


def test_progress_is_told_in_per_cent(db: Session, learner: Learner) -> None:
    leave_page(db, learner, "lezen", "een")
    assert list(statements(db)[-1]["result"]["extensions"].values()) == [33]


def test_a_locked_step_says_what_to_do_first(db: Session, learner: Learner) -> None:
    with pytest.raises(Refused, match="Lezen"):
        leave_page(db, learner, "slot", "start")


def test_a_page_that_does_not_exist_is_not_found(db: Session, learner: Learner) -> None:
    with pytest.raises(NotFound):
        leave_page(db, learner, "lezen", "vier")
    with pytest.raises(NotFound):
        leave_page(db, learner, "nergens", "een")


def test_the_last_step_completes_the_course_once(db: Session, learner: Learner, events: Events) -> None:
    heard: list[CourseCompleted] = []
    events.subscribe(CourseCompleted, lambda _db, event: heard.append(event))
    for step, page in (("lezen", "een"), ("lezen", "twee"), ("lezen", "drie"), ("slot", "start"), ("slot", "start")):
        leave_page(db, learner, step, page)
    progress = db.get_one(CourseProgress, learner.enrolment_id, populate_existing=True)
    assert progress.completed_at is not None
    assert progress.steps_done == 2
    assert len(heard) == 1
    assert verbs(db).count("completed") == 3  # two modules and the course


def test_the_course_statement_names_area_course_and_platform(db: Session, learner: Learner) -> None:
    start_course(db, learner)
    statement = statements(db)[-1]
    assert statement["object"]["id"] == f"{IRI_BASE}activity/rustig-helpen"
    assert statement["context"]["platform"] == "Leerlabo"
    assert statement["context"]["registration"] == str(learner.registration)
    assert f"{IRI_BASE}area/gezinszorg" in [
        item["id"] for item in statement["context"]["contextActivities"]["grouping"]
    ]
    assert statement["actor"]["account"] == {"homePage": IRI_BASE, "name": str(learner.person_uuid)}


def test_an_answer_on_a_page_that_does_not_exist_is_not_kept(db: Session, learner: Learner) -> None:
    with pytest.raises(NotFound):
        save_page_answer(db, learner, "lezen", "verzonnen", ["x"])


def marked(learner: Learner, presence: str, was: str = "") -> AttendanceMarked:
    return AttendanceMarked(
        booking_id=1,
        session_id=1,
        course_id=learner.course_id,
        step="samen",
        person_id=learner.person_id,
        enrolment_id=learner.enrolment_id,
        was=was,
        presence=presence,
        at=NOON,
    )


def test_presence_completes_the_step_and_a_correction_takes_it_back(db: Session, tmp_path: Path) -> None:
    learner = learner_in(db, tmp_path, TOGETHER, AFTERWARDS)
    follow_attendance(db, marked(learner, "absent"))
    assert state_of(db, learner, "samen") is State.OPEN
    follow_attendance(db, marked(learner, "present", was="absent"))
    assert state_of(db, learner, "samen") is State.DONE
    follow_attendance(db, marked(learner, "excused", was="present"))
    assert state_of(db, learner, "samen") is State.OPEN


def test_the_follow_up_opens_so_many_days_after_the_meeting_itself(db: Session, tmp_path: Path) -> None:
    learner = learner_in(db, tmp_path, TOGETHER, AFTERWARDS)
    with clock.moved_to(NOON + timedelta(days=10)):  # the list was filled in late
        follow_attendance(db, marked(learner, "present"))
        assert state_of(db, learner, "terugblik") is State.LOCKED
    with clock.moved_to(NOON + timedelta(days=14)):
        assert state_of(db, learner, "terugblik") is State.OPEN


def test_a_course_once_completed_stays_so_when_a_step_reopens(db: Session, learner: Learner) -> None:
    _learner, outline = learner_of(db, learner.enrolment_id)
    for step in (READ, LAST):
        complete_step(db, learner, outline, step)
    reopen_step(db, learner, "slot")
    progress = db.get_one(CourseProgress, learner.enrolment_id, populate_existing=True)
    assert progress.completed_at is not None
    assert progress.steps_done == 1
