"""The import contracts hold, and each of them fails when somebody breaks it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.house import HOUSE, contracts
from tests.architecture.skeleton import broken_contracts, build, plant

pytestmark = pytest.mark.strings

DOWN = "Calls go down, events go up"
LMS, SECTORS = "lms has no strays", "sectors has no strays"
XAPI = "xapi: from what reads the store down to the words of the standard"
COURSES = "courses: from making and accompanying down to what is offered"
INSIDE = "Inside a feature"
VIEWS, COMMANDS = "Only app.py imports views and jobs", "Only cli.py imports commands"
FLASK, GLUE = "Only the edge imports Flask", "Only the edge imports our Flask glue"
WIRE, PURE = "The wire knows no people", "Formats and the standard's words are pure"
DOOR, EMPTY = "One door to each library of weight", "Top packages are empty doors"
CYCLES = "No cycles at any depth"

LAZY = "def act():\n    import {}"
TYPES = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import {}"

# What is written, in which module, and the contract that must notice.
VIOLATIONS = (
    (DOWN, "lms.kernel.db", "import lms.accounts.models"),
    (DOWN, "lms.kernel.identity", "import sectors.areas"),
    (DOWN, "sectors.areas", "import lms.accounts.queries"),
    (DOWN, "lms.accounts.services", "import xapi.statements.services"),
    (DOWN, "xapi.statements.services", "from courses.progress import events"),
    (DOWN, "xapi.reading.queries", TYPES.format("courses.catalogue.models")),
    (DOWN, "courses.catalogue.queries", "import sectors.site.queries"),
    (DOWN, "courses.player.services", LAZY.format("lms.lti.services")),
    (DOWN, "sectors.covenant.services", "import lms.lti.models"),
    (DOWN, "lms.lti.services", "import lms.demo.services"),
    (DOWN, "lms.demo.services", "import lms.app"),
    (DOWN, "lms.app", "import lms.cli"),
    (DOWN, "lms.cli", "import lms.wsgi"),
    (LMS, "lms.stray", "import json"),
    (LMS, "lms.accounts.services", "import lms.lti.queries"),
    (SECTORS, "sectors.stray", "import json"),
    (SECTORS, "sectors.site.services", "import sectors.covenant.queries"),
    (SECTORS, "sectors.planning.services", "import sectors.covenant.queries"),
    (SECTORS, "sectors.areas", "import sectors.site.models"),
    (XAPI, "xapi.stray", "import json"),
    (XAPI, "xapi.standard.actors", "import xapi.credentials.models"),
    (XAPI, "xapi.credentials.services", "import xapi.http"),
    (XAPI, "xapi.statements.services", "import xapi.documents.services"),
    (XAPI, "xapi.documents.queries", "import xapi.reading.queries"),
    (XAPI, "xapi.forwarding.services", "import xapi.reading.queries"),
    (COURSES, "courses.stray", "import json"),
    (COURSES, "courses.catalogue.services", "import courses.enrolment.events"),
    (COURSES, "courses.quizzes.services", "import courses.sessions.queries"),
    (COURSES, "courses.assignments.queries", "import courses.progress.queries"),
    (COURSES, "courses.progress.services", "import courses.certificates.services"),
    (COURSES, "courses.packages.formats", "import courses.progress.models"),
    (COURSES, "courses.player.services", "import courses.authoring.services"),
    (COURSES, "courses.digicoach.services", "import courses.networks.services"),
    (INSIDE, "courses.progress.models", "import courses.progress.services"),
    (INSIDE, "courses.progress.queries", "import courses.progress.services"),
    (INSIDE, "xapi.statements.events", "import xapi.statements.models"),
    (INSIDE, "sectors.covenant.services", "import sectors.covenant.forms"),
    (INSIDE, "lms.accounts.forms", LAZY.format("lms.accounts.views")),
    (INSIDE, "courses.quizzes.formats", "import courses.quizzes.queries"),
    (INSIDE, "courses.sessions.views", "import courses.sessions.jobs"),
    (VIEWS, "lms.demo.services", "import courses.player.views"),
    (VIEWS, "lms.cli", "import courses.progress.jobs"),
    (VIEWS, "sectors.site.views", "import courses.catalogue.views"),
    (COMMANDS, "lms.app", "import lms.accounts.cli"),
    (COMMANDS, "lms.demo.cli", "import courses.authoring.cli"),
    (FLASK, "courses.progress.services", "from flask import g"),
    (FLASK, "courses.progress.queries", LAZY.format("flask")),
    (FLASK, "xapi.statements.models", TYPES.format("werkzeug")),
    (FLASK, "lms.kernel.mail", "import flask"),
    (FLASK, "lms.accounts.cli", "import flask_wtf"),
    (GLUE, "courses.progress.services", "from lms.kernel.web import render"),
    (GLUE, "xapi.statements.services", "import xapi.http"),
    (GLUE, "lms.kernel.jobs", "import lms.kernel.web"),
    (WIRE, "xapi.statements.services", "import lms.accounts.queries"),
    (WIRE, "xapi.standard.actors", "import lms.accounts.models"),
    (PURE, "courses.quizzes.formats", "import sqlalchemy"),
    (PURE, "courses.authoring.formats", "import courses.catalogue.models\nimport lms.kernel.storage"),
    (PURE, "xapi.standard.iris", "import lms.kernel.db"),
    (DOOR, "courses.certificates.services", "import weasyprint"),
    (DOOR, "xapi.statements.services", "import tincan"),
    (DOOR, "courses.progress.jobs", "import huey"),
    (DOOR, "courses.packages.services", "import obstore"),
    (DOOR, "lms.app", "import pylti1p3"),
    (EMPTY, "lms", "import lms.kernel.db"),
    (EMPTY, "courses", "import lms.kernel.clock"),
    (CYCLES, "lms.kernel.web.pages", "import lms.kernel.web.flow"),
)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A skeleton in order, to be copied."""
    folder = tmp_path_factory.mktemp("house")
    build(folder)
    return folder


@pytest.fixture
def copy(house: Path, tmp_path: Path) -> Iterator[Path]:
    """A skeleton to break."""
    yield shutil.copytree(house, tmp_path / "house")
    shutil.rmtree(tmp_path / "house")


def test_the_house_keeps_its_contracts() -> None:
    assert broken_contracts(HOUSE) == set()


def test_the_skeleton_keeps_its_contracts(house: Path) -> None:
    assert broken_contracts(house) == set()


@pytest.mark.parametrize(("contract", "module", "code"), VIOLATIONS)
def test_a_violation_is_noticed(copy: Path, contract: str, module: str, code: str) -> None:
    if contract == CYCLES:
        plant(copy, "lms.kernel.web.flow", "import lms.kernel.web.pages")
    plant(copy, module, code)
    assert contract in broken_contracts(copy)


def test_every_contract_has_a_violation_that_breaks_it() -> None:
    assert {contract["name"] for contract in contracts()} == {contract for contract, _, _ in VIOLATIONS}
