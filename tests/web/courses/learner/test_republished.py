"""A course goes out again while somebody is in it: her way on never leads to a page that is gone."""

from __future__ import annotations

from pathlib import Path

import msgspec

from courses.catalogue.formats import Page as OutlinePage
from courses.catalogue.models import Course
from courses.enrolment.queries import get_learner
from courses.progress.services import leave_page
from lms.kernel.config import Settings
from lms.kernel.db import Database
from tests.factories.accounts import make_person, sign_in_as
from tests.factories.courses import WELCOME, make_course, make_enrolment, make_outline
from tests.web.page import Page
from tests.web.visitor import Visitor

FIRST, SECOND, THIRD = (
    msgspec.structs.replace(WELCOME.pages[0], id=name, title=name) for name in ("een", "twee", "drie")
)


OVERVIEW = "/gezinszorg/courses/rustig-helpen"


def go_on(visitor: Visitor) -> Page:
    """*Ga verder*, from the course's own page."""
    launch = next(form for form in visitor.page(OVERVIEW).forms() if form.action.endswith("/launch"))
    return visitor.submit(launch)


def publish(database: Database, settings: Settings, *pages: OutlinePage) -> int:
    folder = Path(settings.storage_url.removeprefix("file://"))
    outline = make_outline(steps=(msgspec.structs.replace(WELCOME, pages=pages),))
    with database.write() as db:
        return make_course(db, folder, outline).id


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
