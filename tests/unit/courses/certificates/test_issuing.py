"""Proof: issued once, as things stood that day, behind a code that can be read aloud."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from courses.catalogue.models import Course
from courses.certificates.models import Certificate
from courses.certificates.queries import find_certificate_by_code, get_own_certificate
from courses.certificates.services import ALPHABET, issue_certificate, issue_when_due
from courses.enrolment.queries import Learner, get_learner
from courses.progress.events import CourseCompleted, StepCompleted
from courses.progress.services import complete_step, learner_of, leave_page
from courses.sessions.services import add_walk_in, book, mark_attendance
from lms.accounts.models import Person
from lms.kernel import clock
from lms.kernel.errors import NotFound
from lms.kernel.events import Events
from lms.kernel.identity import Identity
from tests.factories.courses import IRI_BASE, TOGETHER, WELCOME, make_course, make_enrolment, make_outline
from tests.factories.sessions import NOW, START, make_session


@pytest.fixture
def learner(db: Session, tmp_path: Path, events: Events) -> Learner:
    """Somebody in a course that promises a certificate."""
    events.subscribe(CourseCompleted, issue_certificate)
    db.info["leerlabo.iri_base"] = IRI_BASE
    outline = make_outline(steps=(WELCOME, TOGETHER))
    course = make_course(db, tmp_path, msgspec.structs.replace(outline, certificate="Deelnameattest", online_hours="1"))
    return get_learner(db, make_enrolment(db, course).id)


def finish(db: Session, learner: Learner) -> Certificate:
    leave_page(db, learner, "welkom", "start")
    _learner, outline = learner_of(db, learner.enrolment_id)
    complete_step(db, learner, outline, TOGETHER)
    return db.scalars(sa.select(Certificate)).one()


def test_a_completed_course_gives_one_certificate(db: Session, learner: Learner) -> None:
    certificate = finish(db, learner)
    issue_certificate(db, CourseCompleted(learner, certificate.issued_at))
    assert db.scalar(sa.select(sa.func.count()).select_from(Certificate)) == 1
    assert (certificate.title, certificate.course_title) == ("Deelnameattest", "Rustig helpen")


def test_contact_hours_are_those_of_the_course_where_presence_came_from_outside(db: Session, learner: Learner) -> None:
    assert finish(db, learner).contact_hours == "2"


@pytest.mark.parametrize(("hours", "printed"), [("2.50", "2.5"), ("10", "10")])
def test_contact_hours_are_those_of_the_meetings_she_was_at(
    db: Session, learner: Learner, hours: str, printed: str
) -> None:
    course = db.get_one(Course, learner.course_id)
    with clock.moved_to(NOW):
        meeting, missed = make_session(db, course, contact_hours=Decimal(hours)), make_session(db, course)
        booking = book(db, meeting.id, learner.enrolment_id)
    with clock.moved_to(START):
        mark_attendance(db, booking, "present", by_person_id=None)
        walk_in = add_walk_in(db, missed, learner.enrolment_id, by_person_id=None)
        mark_attendance(db, walk_in, "absent", by_person_id=None)
    assert finish(db, learner).contact_hours == printed


def test_a_changed_name_does_not_change_the_proof(db: Session, learner: Learner) -> None:
    certificate = finish(db, learner)
    db.get_one(Person, learner.person_id).last_name = "Anders"
    db.flush()
    assert certificate.person_name == "Emma Peeters"


def test_the_code_is_found_however_it_is_typed(db: Session, learner: Learner) -> None:
    code = finish(db, learner).code
    assert set(code) <= set(ALPHABET)
    typed = f" {code[:4].lower()}-{code[4:8]} {code[8:]} "
    found = find_certificate_by_code(db, typed)
    assert found is not None
    assert found.code == code
    assert find_certificate_by_code(db, "") is None


def test_only_she_gets_the_paper(db: Session, learner: Learner) -> None:
    certificate = finish(db, learner)
    assert get_own_certificate(db, Identity(person_id=learner.person_id), certificate.uuid).id == certificate.id
    for stranger in (Identity(), Identity(person_id=learner.person_id + 1)):
        with pytest.raises(NotFound):
            get_own_certificate(db, stranger, certificate.uuid)


def test_a_course_that_promises_none_gives_none(db: Session, tmp_path: Path, events: Events) -> None:
    events.subscribe(CourseCompleted, issue_certificate)
    db.info["leerlabo.iri_base"] = IRI_BASE
    enrolment = make_enrolment(db, make_course(db, tmp_path, make_outline(steps=(WELCOME,))))
    leave_page(db, get_learner(db, enrolment.id), "welkom", "start")
    assert db.scalar(sa.select(sa.func.count()).select_from(Certificate)) == 0


def test_where_the_course_names_the_steps_these_are_enough(db: Session, tmp_path: Path, events: Events) -> None:
    events.subscribe(StepCompleted, issue_when_due)
    db.info["leerlabo.iri_base"] = IRI_BASE
    outline = make_outline(steps=(WELCOME, TOGETHER))
    named = msgspec.structs.replace(outline, certificate="Deelnameattest", certificate_requires=("welkom",))
    learner = get_learner(db, make_enrolment(db, make_course(db, tmp_path, named)).id)
    leave_page(db, learner, "welkom", "start")
    assert db.scalar(sa.select(sa.func.count()).select_from(Certificate)) == 1
