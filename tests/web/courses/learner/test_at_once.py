"""One learner on several devices that press *Volgende* at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import msgspec
import sqlalchemy as sa

from courses.enrolment.queries import get_learner
from courses.progress.models import StepProgress
from courses.progress.services import leave_page
from lms.kernel import clock
from lms.kernel.config import Settings
from lms.kernel.db import Database
from tests.factories.accounts import make_person, sign_in_as
from tests.factories.courses import WELCOME, make_course, make_enrolment, make_outline
from tests.factories.sessions import NOW
from tests.web.page import Form
from tests.web.visitor import Visitor

NAMES = ("een", "twee", "drie", "vier", "vijf")
MODULE = msgspec.structs.replace(
    WELCOME, pages=tuple(msgspec.structs.replace(WELCOME.pages[0], id=name, title=name) for name in NAMES)
)


def test_no_page_is_lost(database: Database, settings: Settings, another_visitor: Callable[[], Visitor]) -> None:
    with database.write() as db:
        course = make_course(
            db, Path(settings.storage_url.removeprefix("file://")), make_outline(steps=(MODULE,), slug="at-once")
        )
        emma = make_person(db)
        learner = get_learner(db, make_enrolment(db, course, person=emma).id)
        leave_page(db, learner, "welkom", NAMES[0])
    together = Barrier(len(NAMES) - 1)

    def open_page(name: str) -> tuple[Visitor, Form]:
        device = another_visitor()
        sign_in_as(device, emma)
        return device, device.page(f"/gezinszorg/courses/at-once/steps/welkom/pages/{name}").form(f"/pages/{name}")

    def press(opened: tuple[Visitor, Form]) -> None:
        device, form = opened
        together.wait()
        with clock.moved_to(NOW):  # a thread has a clock of its own
            device.submit(form)

    with ThreadPoolExecutor(len(NAMES) - 1) as pool:
        list(pool.map(press, [open_page(name) for name in NAMES[1:]]))
    with database.read() as db:
        row = db.scalars(sa.select(StepProgress)).one()
    assert row.pages_done == list(NAMES)
    assert row.completed_at is not None
