"""A file is stored before the request's transaction begins: a slow store keeps nobody who writes waiting."""

from __future__ import annotations

import io
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask, g
from psycopg.pq import TransactionStatus
from sqlalchemy.orm import Session

from courses.assignments.models import Submission
from courses.catalogue.models import Course
from lms.kernel.config import Settings
from lms.kernel.db import Database
from lms.kernel.storage import Storage
from sectors.covenant.formats import covenant_names, load_covenant
from sectors.covenant.models import Evidence
from tests.factories.accounts import make_person, sign_in_as
from tests.factories.courses import PRACTICE, make_course, make_enrolment, make_outline
from tests.web.courses.trainer.conftest import House
from tests.web.visitor import Visitor

PHOTO = b"\xff\xd8\xff\xe0 a photo"
TASK = "/gezinszorg/courses/een-taak/steps/praktijk/assignment"
EVIDENCE = "/covenant/rv2/evidence"


def is_writing(db: Session) -> bool:
    """Whether the database itself has a transaction open for this session."""
    if not db.in_transaction():
        return False
    driver: Any = db.connection().connection.driver_connection
    if isinstance(driver, sqlite3.Connection):
        return driver.in_transaction
    return bool(driver.info.transaction_status != TransactionStatus.IDLE)


class WatchedStorage(Storage):
    """A store that looks, while it takes a file, whether the request that sent it is writing already."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.taken: list[str] = []

    def put(self, key: str, data: bytes) -> None:
        assert "db" not in g or not is_writing(g.db), f"{key} is stored while the write transaction runs"
        super().put(key, data)
        self.taken.append(key)


@pytest.fixture
def storage(app: Flask, settings: Settings) -> WatchedStorage:
    """Where the platform keeps files in this test."""
    watched = WatchedStorage(settings.storage_url)
    app.extensions["storage"] = watched
    return watched


@pytest.fixture
def emma(database: Database, settings: Settings, another_visitor: Callable[[], Visitor]) -> Visitor:
    """A learner with a task to hand in."""
    with database.write() as db:
        folder = Path(settings.storage_url.removeprefix("file://"))
        course = make_course(db, folder, make_outline("een-taak", steps=(PRACTICE,)))
        person = make_person(db)
        make_enrolment(db, course, person=person)
    emma = another_visitor()
    sign_in_as(emma, person)
    return emma


def test_what_is_handed_in(emma: Visitor, storage: WatchedStorage, database: Database) -> None:
    form = emma.page(TASK).form("/assignment")
    emma.submit(form, file=(io.BytesIO(PHOTO), "foto.jpg"))
    with database.read() as db:
        assert db.scalars(sa.select(Submission.file_key)).all() == storage.taken
    assert storage.get(storage.taken[0]) == PHOTO


def test_what_is_refused_is_not_kept(emma: Visitor, storage: WatchedStorage, database: Database) -> None:
    form = emma.page(TASK).form("/assignment")
    emma.submit(form, text="x" * 30_000, file=(io.BytesIO(PHOTO), "foto.jpg"), status=422)
    assert len(storage.taken) == 1
    assert storage.list("submissions") == []


def test_nobody_stores_a_file_in_a_course_that_is_not_hers(
    house: House, emma: Visitor, storage: WatchedStorage
) -> None:
    form = emma.page(TASK).form("/assignment")
    token = house.learner.page("/account").form("/account/password").values["csrf_token"]
    house.learner.submit(form, csrf_token=token, file=(io.BytesIO(PHOTO), "foto.jpg"), status=404)
    assert storage.taken == []


def test_a_course_that_is_uploaded_and_published(
    house: House, storage: WatchedStorage, course_zip: Callable[..., bytes], database: Database
) -> None:
    form = house.tom.page("/desk/courses/upload").form("/upload")
    draft = house.tom.submit(form, course=(io.BytesIO(course_zip()), "mijn.zip"))
    assert storage.taken
    storage.taken.clear()
    house.tom.submit(draft.form("/publication"), reason="Dit is een eerste proef.")
    assert storage.taken
    assert all(key.startswith("courses/mijn-opleiding/") for key in storage.taken)
    with database.read() as db:
        assert db.scalar(sa.select(Course.version_id).where(Course.slug == "mijn-opleiding")) is not None


def test_a_course_of_somebody_else_takes_no_file(
    house: House, storage: WatchedStorage, course_zip: Callable[..., bytes]
) -> None:
    form = house.ria.page("/desk/courses/upload").form("/upload")
    draft = house.ria.submit(form, course=(io.BytesIO(course_zip("rustig-helpen")), "rustig.zip"))
    storage.taken.clear()
    house.ria.submit(draft.form("/publication"), reason="Dit is een eerste proef.", status=422)
    assert storage.taken == []


def test_evidence(house: House, storage: WatchedStorage, database: Database) -> None:
    form = house.sofie.page(EVIDENCE).form("/evidence")
    commitment = load_covenant(covenant_names()[-1]).find_commitment("rv2")
    assert commitment is not None
    filled = {"items": next(iter(commitment.items)), "title": "Verslag", "dated_on": "2025-01-15"}
    house.sofie.submit(form, filled, title="", file=(io.BytesIO(b"%PDF-1.7"), "verslag.pdf"), status=422)
    assert storage.list("evidence") == []
    house.sofie.submit(form, filled, file=(io.BytesIO(b"%PDF-1.7"), "verslag.pdf"))
    with database.read() as db:
        assert db.scalars(sa.select(Evidence.file_key)).all() == storage.list("evidence")
