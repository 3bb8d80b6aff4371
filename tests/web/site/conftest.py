"""Two areas with an offer each, a learner, and a consultant who looks after one of the areas."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest
import sqlalchemy as sa

from courses.catalogue.models import Course
from lms.accounts.models import Person
from lms.kernel import clock
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.identity import Role
from tests.factories.accounts import make_organisation, make_person, sign_in_as
from tests.factories.courses import WELCOME, make_course, make_outline
from tests.factories.sessions import NOW
from tests.web.page import Form, Page
from tests.web.visitor import Visitor

LATER = msgspec.structs.replace(WELCOME, id="later", title="Later")


@dataclass(frozen=True)
class House:
    """What a test finds there. `helping` is offered in gezinszorg, `teaching` in onderwijs."""

    emma: Visitor
    emma_person: Person
    sofie: Visitor
    helping: Course
    teaching: Course
    folder: Path


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.moved_to(NOW):
        yield


@pytest.fixture
def house(database: Database, settings: Settings, another_visitor: Callable[[], Visitor]) -> House:
    """The areas and their people, each signed in at a browser of her own."""
    folder = Path(settings.storage_url.removeprefix("file://"))
    with database.write() as db:
        emma = make_person(db, organisation=make_organisation(db), first_name="Emma")
        sofie = make_person(db, role=Role.CONSULTANT, area="gezinszorg", first_name="Sofie")
        helping = make_course(db, folder)
        teaching = make_course(
            db, folder, make_outline("rustig-leren", title="Rustig leren", steps=(WELCOME, LATER), areas=("onderwijs",))
        )
    visitors = another_visitor(), another_visitor()
    for visitor, person in zip(visitors, (emma, sofie), strict=True):
        sign_in_as(visitor, person)
    return House(visitors[0], emma, visitors[1], helping, teaching, folder)


def form_of(page: Page, action: str) -> Form:
    """The first form of the page that leads there."""
    return next(form for form in page.forms() if form.action.endswith(action))


@contextmanager
def count_queries(database: Database) -> Iterator[list[str]]:
    """The SQL statements that are sent inside the block."""
    sent: list[str] = []

    def listen(_connection: sa.Connection, _cursor: object, statement: str, *_more: object) -> None:
        sent.append(statement)

    sa.event.listen(database.engine, "before_cursor_execute", listen)
    try:
        yield sent
    finally:
        sa.event.remove(database.engine, "before_cursor_execute", listen)
