"""Tom gives lessons in gezinszorg, Ria in onderwijs; a course of gezinszorg has a meeting next week."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from courses.authoring.formats import new_course
from courses.authoring.services import zip_files
from lms.accounts.models import Person
from lms.kernel import clock
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.identity import Role
from tests.factories.accounts import make_person, sign_in_as
from tests.factories.courses import make_course, make_outline
from tests.factories.sessions import NOW, make_session
from tests.web.visitor import Visitor


@dataclass(frozen=True)
class House:
    """What a test of the trainer's desk finds there."""

    tom: Visitor
    ria: Visitor
    sofie: Visitor
    learner: Visitor
    course_id: int
    session: str


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.moved_to(NOW):
        yield


@pytest.fixture
def house(app: Flask, database: Database, settings: Settings, another_visitor: Callable[[], Visitor]) -> House:
    """The desk with its people, each signed in at a browser of her own."""
    with database.write() as db:
        tom = make_person(db, role=Role.TRAINER, area="gezinszorg", first_name="Tom", last_name="Wouters")
        ria = make_person(db, role=Role.TRAINER, area="onderwijs", first_name="Ria")
        sofie = make_person(db, role=Role.CONSULTANT, first_name="Sofie")
        learner = make_person(db)
        folder = Path(settings.storage_url.removeprefix("file://"))
        course = make_course(db, folder, make_outline(areas=("gezinszorg",)))
        make_course(db, folder, make_outline("rustig-leren", title="Rustig leren", areas=("onderwijs",)))
        session = make_session(db, course)

    def at_the_desk(person: Person) -> Visitor:
        visitor = another_visitor()
        sign_in_as(visitor, person)
        return visitor

    return House(
        tom=at_the_desk(tom),
        ria=at_the_desk(ria),
        sofie=at_the_desk(sofie),
        learner=at_the_desk(learner),
        course_id=course.id,
        session=str(session.uuid),
    )


@pytest.fixture
def course_zip() -> Callable[..., bytes]:
    """Makes the zip of a new course; `changes` replace words in its files: {path: (old, new)}."""

    def make(course_id: str = "mijn-opleiding", **changes: tuple[str, str]) -> bytes:
        files = new_course(course_id, "Mijn opleiding")
        for name, (old, new) in changes.items():
            path = next(path for path in files if Path(path).stem == name)
            assert old in files[path].decode(), f"{path} has no {old}"
            files[path] = files[path].replace(old.encode(), new.encode())
        return zip_files(files)

    return make
