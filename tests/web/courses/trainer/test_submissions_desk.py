"""A trainer reads what was handed in, finds it good or gives it back; its file is for who made it and who answers."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from courses.assignments.formats import HandedFile
from courses.assignments.models import Submission
from courses.assignments.services import hand_in, keep_file, save_draft
from courses.catalogue.models import Course
from courses.enrolment.queries import get_learner
from lms.accounts.models import Person
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.storage import Storage
from tests.factories.accounts import sign_in_as
from tests.factories.courses import PRACTICE, make_enrolment
from tests.web.courses.trainer.conftest import House
from tests.web.visitor import Visitor

PHOTO = HandedFile("foto van Ewa Wójcik.jpg", b"\xff\xd8\xff\xe0 a photo")


@pytest.fixture
def submission(house: House, database: Database, settings: Settings) -> str:
    """The address of what a learner of gezinszorg handed in."""
    with database.write() as db:
        learner = get_learner(db, make_enrolment(db, db.get_one(Course, house.course_id)).id)
        photo = keep_file(learner, PHOTO, storage=Storage(settings.storage_url))
        made = hand_in(db, learner, PRACTICE, text="Ik hielp.\nRustig.", file=photo)
        return str(made.uuid)


def test_it_is_read_and_found_good(house: House, submission: str, database: Database) -> None:
    pile = house.tom.page("/desk/submissions")
    assert pile.links()["Emma Peeters"] == f"/desk/submissions/{submission}"
    page = house.tom.page(f"/desk/submissions/{submission}")
    assert "Ik hielp." in page.text
    house.tom.submit(page.form("/acceptance"), feedback="Mooi.")
    with database.read() as db:
        accepted = db.scalars(sa.select(Submission)).one()
    assert accepted.accepted_at is not None
    assert accepted.feedback == "Mooi."
    assert "Alles is gelezen" in house.tom.page("/desk/submissions").text
    assert "Emma Peeters" in house.tom.page("/desk/submissions?pile=accepted").links()


def test_it_is_given_back_with_a_word_and_without_one_it_is_not(house: House, submission: str) -> None:
    form = house.tom.page(f"/desk/submissions/{submission}").form("/acceptance")
    form.action = form.action.replace("/acceptance", "/return")
    assert "Schrijf wat er nog moet gebeuren." in house.tom.submit(form, status=422).text
    house.tom.submit(form, feedback="Vertel meer.")
    assert "Emma Peeters" in house.tom.page("/desk/submissions?pile=returned").links()
    assert "Ik hielp." not in house.tom.page(f"/desk/submissions/{submission}").text


def test_the_file_is_a_download_and_nothing_else(house: House, submission: str) -> None:
    answer = house.tom.get(f"/submissions/{submission}/file")
    assert answer.data == PHOTO.data
    assert answer.content_type == "image/jpeg"
    assert answer.headers["Content-Disposition"] == "attachment; filename*=UTF-8''foto%20van%20Ewa%20W%C3%B3jcik.jpg"
    assert "sandbox" in answer.headers["Content-Security-Policy"]


def test_who_made_it_downloads_it_and_nobody_else(
    house: House, submission: str, database: Database, visitor: Visitor
) -> None:
    address = f"/submissions/{submission}/file"
    assert house.ria.get(address).status_code == 404
    assert house.learner.get(address).status_code == 404
    assert visitor.get(address).status_code == 303
    with database.read() as db:
        author = db.scalars(sa.select(Person).where(Person.last_name == "Peeters")).one()
    sign_in_as(visitor, author)
    assert visitor.get(address).data == PHOTO.data


def test_another_areas_trainer_reads_and_answers_nothing(house: House, submission: str) -> None:
    address = f"/desk/submissions/{submission}"
    assert house.ria.get(address).status_code == 404
    token = house.ria.page("/desk/courses/upload").form("/upload").values["csrf_token"]
    for act in ("acceptance", "return"):
        answer = house.ria.post(f"{address}/{act}", data={"csrf_token": token, "feedback": "Mooi."})
        assert answer.status_code == 404
    assert "Alles is gelezen" in house.ria.page("/desk/submissions").text
    assert house.learner.get(address).status_code == 403


def test_a_draft_is_on_nobodys_desk(house: House, database: Database) -> None:
    with database.write() as db:
        learner = get_learner(db, make_enrolment(db, db.get_one(Course, house.course_id)).id)
        draft = save_draft(db, learner, PRACTICE, "Ik begin").uuid
    house.tom.page(f"/desk/submissions/{draft}", status=404)
