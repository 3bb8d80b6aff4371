"""A course goes out again while people are in it: nobody is led to, or waits for, what is gone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import msgspec
import orjson
import pytest
import sqlalchemy as sa

from courses.catalogue.formats import Page as OutlinePage
from courses.catalogue.formats import Step
from courses.catalogue.models import Course
from courses.certificates.models import Certificate
from courses.enrolment.queries import get_learner
from courses.enrolment.services import enrol_learner, withdraw_learner
from courses.enrolment.services.statements import Verb
from courses.progress import jobs as progress_jobs
from courses.progress.jobs import follow_new_version
from courses.progress.models import CourseProgress
from courses.progress.services import leave_page, start_course
from lms.app import connect_jobs
from lms.kernel import clock
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.jobs import run_due
from sectors.covenant.models import Participation
from tests.factories.accounts import make_person, sign_in_as
from tests.factories.courses import WELCOME, make_course, make_enrolment, make_outline
from tests.web.page import Page
from tests.web.visitor import Visitor
from xapi.statements.models import Statement

FIRST, SECOND, THIRD = (
    msgspec.structs.replace(WELCOME.pages[0], id=name, title=name) for name in ("een", "twee", "drie")
)


SECOND_STEP, LAST_STEP = (msgspec.structs.replace(WELCOME, id=name, title=name) for name in ("tweede", "laatste"))
OVERVIEW = "/gezinszorg/courses/rustig-helpen"


def go_on(visitor: Visitor) -> Page:
    """*Ga verder*, from the course's own page."""
    launch = next(form for form in visitor.page(OVERVIEW).forms() if form.action.endswith("/launch"))
    return visitor.submit(launch)


def publish(database: Database, settings: Settings, *pages: OutlinePage) -> int:
    return publish_steps(database, settings, msgspec.structs.replace(WELCOME, pages=pages))


def publish_steps(database: Database, settings: Settings, *steps: Step, proof_asks: tuple[str, ...] = ()) -> int:
    folder = Path(settings.storage_url.removeprefix("file://"))
    outline = msgspec.structs.replace(
        make_outline(steps=steps), certificate="Deelnameattest", certificate_requires=proof_asks
    )
    with database.write() as db:
        return make_course(db, folder, outline).id


def join(database: Database, course_id: int, *, doing: Sequence[Step]) -> int:
    """Somebody in the course who did these steps; the id of her enrolment."""
    with database.write() as db:
        learner = get_learner(db, make_enrolment(db, db.get_one(Course, course_id), person=make_person(db)).id)
        start_course(db, learner)
        for step in doing:
            leave_page(db, learner, step.id, "start")
    return learner.enrolment_id


def completions(database: Database, enrolment_id: int) -> list[str]:
    """What the record says she completed, by the end of its address."""
    with database.read() as db:
        registration = str(get_learner(db, enrolment_id).registration)
        said = [orjson.loads(payload) for payload in db.scalars(sa.select(Statement.payload).order_by(Statement.id))]
    return [
        statement["object"]["id"].rsplit("/", 1)[1]
        for statement in said
        if statement["verb"]["id"] == Verb.COMPLETED.iri and statement["context"]["registration"] == registration
    ]


def test_a_page_that_left_the_course_leads_to_its_first_page(
    database: Database, settings: Settings, visitor: Visitor
) -> None:
    course_id = publish(database, settings, FIRST, SECOND, THIRD)
    with database.write() as db:
        emma = make_person(db)
        enrolment = make_enrolment(db, db.get_one(Course, course_id), person=emma)
        leave_page(db, get_learner(db, enrolment.id), "welkom", "een")
    sign_in_as(visitor, emma)
    assert go_on(visitor).h1 == "twee"

    publish(database, settings, FIRST, THIRD)
    page = go_on(visitor)
    assert page.h1 == "een"
    page = visitor.submit(page.form("/pages/een"))
    assert page.h1 == "drie"
    visitor.submit(page.form("/pages/drie"))
    assert "Klaar" in visitor.page(OVERVIEW).text


def test_who_did_all_that_is_left_completes_the_course(database: Database, settings: Settings) -> None:
    handlers = connect_jobs(settings)
    course_id = publish_steps(database, settings, WELCOME, SECOND_STEP, LAST_STEP)
    begun = clock.now()
    almost = join(database, course_id, doing=(WELCOME, SECOND_STEP))
    halfway = join(database, course_id, doing=(WELCOME,))
    done = join(database, course_id, doing=(WELCOME, SECOND_STEP, LAST_STEP))

    with clock.moved_to(begun + timedelta(days=1)):
        publish_steps(database, settings, WELCOME, SECOND_STEP)
    with clock.moved_to(begun + timedelta(days=2)):  # the worker was away
        run_due(database, handlers)
        follow_new_version(database, {"course": course_id, "at": clock.now().isoformat()})

    assert completions(database, almost) == ["welkom", "tweede", "rustig-helpen"]
    assert completions(database, halfway) == ["welkom"]
    assert completions(database, done) == ["welkom", "tweede", "laatste", "rustig-helpen"]
    with database.read() as db:
        assert {row.enrolment_id for row in db.scalars(sa.select(Certificate))} == {almost, done}
        progress = db.get_one(CourseProgress, almost)
        assert progress.completed_at == begun + timedelta(days=1)
        assert progress.touched_at == begun  # she did nothing that day
        assert db.get_one(CourseProgress, done).steps_done == 2
        counted = {row.person_id: row.completed_on for row in db.scalars(sa.select(Participation))}
        assert counted == {
            get_learner(db, almost).person_id: clock.local(begun + timedelta(days=1)).date(),
            get_learner(db, halfway).person_id: None,
            get_learner(db, done).person_id: clock.local(begun).date(),
        }


def test_many_learners_are_counted_piece_by_piece(
    database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(progress_jobs, "PIECE", 2)
    course_id = publish_steps(database, settings, WELCOME, LAST_STEP)
    learners = [join(database, course_id, doing=(WELCOME,)) for _learner in range(5)]
    publish_steps(database, settings, WELCOME)
    run_due(database, connect_jobs(settings))
    assert [completions(database, learner) for learner in learners] == [["welkom", "rustig-helpen"]] * 5


def test_who_left_is_counted_when_she_comes_back(database: Database, settings: Settings) -> None:
    course_id = publish_steps(database, settings, WELCOME, LAST_STEP)
    learner = join(database, course_id, doing=(WELCOME,))
    with database.write() as db:
        withdraw_learner(db, learner)
    publish_steps(database, settings, WELCOME)
    run_due(database, connect_jobs(settings))
    assert completions(database, learner) == ["welkom"]
    with database.write() as db:
        person_id = get_learner(db, learner).person_id
        enrol_learner(db, person_id=person_id, course_id=course_id, area="gezinszorg")
    assert completions(database, learner) == ["welkom", "rustig-helpen"]


def test_proof_that_asks_for_less_is_issued(database: Database, settings: Settings) -> None:
    course_id = publish_steps(database, settings, WELCOME, LAST_STEP, proof_asks=("laatste",))
    learner = join(database, course_id, doing=(WELCOME,))
    publish_steps(database, settings, WELCOME, LAST_STEP, proof_asks=("welkom",))
    run_due(database, connect_jobs(settings))
    with database.read() as db:
        assert db.scalars(sa.select(Certificate.enrolment_id)).all() == [learner]
