"""The clock stands still on a Monday in March; a course has a session step; statements have an IRI base."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from courses.catalogue.models import Course
from lms.kernel import clock
from tests.factories.courses import IRI_BASE, make_course
from tests.factories.sessions import NOW


@pytest.fixture(autouse=True)
def _monday() -> Iterator[None]:
    with clock.moved_to(NOW):
        yield


@pytest.fixture
def course(db: Session, tmp_path: Path) -> Course:
    db.info["leerlabo.iri_base"] = IRI_BASE
    return make_course(db, tmp_path)
