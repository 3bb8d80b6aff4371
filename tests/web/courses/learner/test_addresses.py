"""Addresses people make up: a file below a file, and a way back that leads elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from lms.accounts.models import Person
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.storage import Storage
from tests.factories.accounts import make_person, sign_in_as
from tests.factories.courses import make_course, make_enrolment
from tests.web.visitor import Visitor

COURSE = "/gezinszorg/courses/rustig-helpen"


@pytest.fixture
def emma(database: Database, settings: Settings) -> Person:
    """A learner in a course with one picture."""
    Storage(settings.storage_url).put("courses/rustig-helpen/1/media/gsm.svg", b"<svg/>")
    with database.write() as db:
        course = make_course(db, Path(settings.storage_url.removeprefix("file://")))
        person = make_person(db)
        make_enrolment(db, course, person=person)
    return person


@pytest.mark.usefixtures("emma")
def test_there_is_no_file_below_a_file(visitor: Visitor) -> None:
    assert visitor.get(f"{COURSE}/media/1/media/gsm.svg").status_code == 200
    assert visitor.get(f"{COURSE}/media/1/media/gsm.svg/gsm.svg").status_code == 404


@pytest.mark.parametrize(
    "here", ["//elders.example", "/\\elders.example", "/\t/elders.example", "https://elders.example"]
)
def test_after_an_answer_nobody_is_led_to_another_site(visitor: Visitor, emma: Person, here: str) -> None:
    sign_in_as(visitor, emma)
    token = visitor.page(f"{COURSE}/steps/welkom/pages/start").form("/pages/start").values["csrf_token"]
    answer = visitor.post(f"{COURSE}/steps/welkom/answers", data={"csrf_token": token, "here": here})
    assert (answer.status_code, answer.location) == (303, "/")
