"""A quiz on its pages: after the last question she may try again, to learn, and loses no attempt by it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

from courses.catalogue.formats import Step, StepKind
from courses.quizzes.formats import question_to_json, read_gift
from courses.quizzes.models import Attempt
from lms.kernel.config import Settings
from lms.kernel.db import Database
from tests.factories.accounts import make_person, sign_in_as
from tests.factories.courses import make_course, make_enrolment, make_outline
from tests.web.visitor import Visitor

GIFT = b"""
::een:: Wat doe je eerst? { =Kijken ~Overnemen }

::twee:: Een fout is een les. { TRUE }
"""
STEP = "/gezinszorg/courses/rustig-helpen/steps/toets"


@pytest.mark.parametrize("pass_mark", [50, 100])
def test_trying_the_last_question_again_starts_nothing_new(
    database: Database, settings: Settings, visitor: Visitor, pass_mark: int
) -> None:
    quiz = Step(
        id="toets",
        kind=StepKind.QUIZ,
        title="Toets",
        minutes=5,
        complete_when="passed",
        questions=tuple(question_to_json(question) for question in read_gift(GIFT).questions),
        pass_mark=pass_mark,
        attempts=2,
    )
    with database.write() as db:
        folder = Path(settings.storage_url.removeprefix("file://"))
        course = make_course(db, folder, make_outline(steps=(quiz,)))
        emma = make_person(db)
        make_enrolment(db, course, person=emma)
    sign_in_as(visitor, emma)
    page = visitor.submit(visitor.page(f"{STEP}/quiz").form("/attempts"))
    visitor.submit(page.form("/questions/een"), answer="a")
    page = visitor.submit(visitor.page(f"{STEP}/questions/twee").form("/questions/twee"), answer="false")
    assert "Probeer opnieuw" in page.text
    page = visitor.submit(page.form("/questions/twee"), answer="true")
    assert "Volgende" in page.text
    with database.read() as db:
        assert db.scalars(sa.select(Attempt.number)).all() == [1]
