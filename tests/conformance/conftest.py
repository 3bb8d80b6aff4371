"""A program that talks to the whole platform, once in each version of the standard and on each make of database."""

from __future__ import annotations

import pytest

from tests.conformance.documents import PLACES, Documents, Place
from tests.web.conftest import _compiled_templates, app, database, settings
from tests.web.xapi.conftest import MakeProgram, Program, make_program
from xapi.standard.version import Version

__all__ = ["_compiled_templates", "app", "database", "make_program", "settings"]


@pytest.fixture(params=list(Version))
def version(request: pytest.FixtureRequest) -> Version:
    """The version of the standard that the program speaks."""
    spoken: Version = request.param
    return spoken


@pytest.fixture
def program(make_program: MakeProgram, version: Version) -> Program:
    """A program that may do all."""
    return make_program(version=version)[0]


@pytest.fixture(params=PLACES, ids=lambda place: place.resource)
def place(request: pytest.FixtureRequest) -> Place:
    """Each of the three resources in turn."""
    found: Place = request.param
    return found


@pytest.fixture
def documents(program: Program, place: Place) -> Documents:
    """The documents of that resource."""
    return Documents(program, place)
