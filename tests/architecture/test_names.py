"""Names in strings exist, and lead down."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import sqlalchemy as sa
from flask import Flask
from jinja2 import Environment
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from lms.kernel.db import Base
from tests.architecture.house import HOUSE, may_import, name_of, python_files, templates
from tests.architecture.names import Use, endpoints_in_python, endpoints_in_template, links_up
from tests.services.schema import import_models

pytestmark = pytest.mark.strings


def unknown_endpoints(app: Flask) -> Iterator[str]:
    known = set(app.view_functions)
    for file in (*python_files(), *templates()):
        source = file.read_text()
        uses = endpoints_in_python(source) if file.suffix == ".py" else endpoints_in_template(source, app.jinja_env)
        for use in uses:
            if use.endpoint not in known:
                yield f"{name_of(file)}:{use.line}: {use.endpoint}"


def test_every_url_for_names_an_endpoint(app: Flask) -> None:
    assert list(unknown_endpoints(app)) == []


def test_endpoints_are_found_in_python() -> None:
    source = 'redirect(url_for("a.b", x=1))\ncurrent_app.url_for("c.d" if x else "e.f")\nurl_for(name)'
    assert sorted(endpoints_in_python(source)) == [Use(1, "a.b"), Use(2, "c.d"), Use(2, "e.f")]


def test_endpoints_are_found_in_templates() -> None:
    source = '{% if x %}\n<a href="{{ url_for("a.b", x=1) }}">{% endif %}{{ url_for("c.d" if y else "e.f") }}'
    assert sorted(endpoints_in_template(source, Environment(autoescape=True))) == [
        Use(2, "a.b"),
        Use(2, "c.d"),
        Use(2, "e.f"),
    ]


def test_every_relationship_and_foreign_key_exists_and_leads_down() -> None:
    import_models()
    assert list(links_up(Base)) == []


@pytest.mark.parametrize(
    ("here", "there", "allowed"),
    [
        ("courses.progress.models", "courses.catalogue.models", True),
        ("courses.catalogue.models", "courses.progress.models", False),
        ("courses.quizzes.models", "courses.sessions.models", False),
        ("courses.quizzes.models", "xapi.statements.models", True),
        ("xapi.statements.models", "courses.quizzes.models", False),
        ("xapi.statements.models", "xapi.documents.models", False),
        ("sectors.covenant.models", "sectors.planning.models", False),
        ("sectors.site.models", "sectors.areas", True),
        ("lms.lti.models", "lms.accounts.models", True),
        ("lms.accounts.models", "lms.lti.models", False),
        ("lms.accounts.models", "lms.kernel.jobs", True),
        ("lms.kernel.jobs", "lms.kernel.db", True),
    ],
)
def test_the_layers_say_who_may_use_whom(here: str, there: str, allowed: bool) -> None:  # noqa: FBT001
    assert may_import(here, there) is allowed


def test_a_link_that_leads_up_is_noticed() -> None:
    class Shelf(DeclarativeBase):
        pass

    class Course(Shelf):
        __tablename__ = "course"
        __module__ = "courses.catalogue.models"
        id: Mapped[int] = mapped_column(primary_key=True)
        progress_id: Mapped[int] = mapped_column(sa.ForeignKey("progress.id"))
        progress: Mapped[Progress] = relationship("Progress")

    class Progress(Shelf):
        __tablename__ = "progress"
        __module__ = "courses.progress.models"
        id: Mapped[int] = mapped_column(primary_key=True)

    assert list(links_up(Shelf)) == [
        "courses.catalogue.models: relationship progress leads up, to courses.progress.models",
        "courses.catalogue.models: a foreign key leads up, to progress.id of courses.progress.models",
    ]


def test_a_foreign_key_to_a_table_that_is_not_there_is_noticed() -> None:
    class Shelf(DeclarativeBase):
        pass

    class Book(Shelf):
        __tablename__ = "book"
        id: Mapped[int] = mapped_column(primary_key=True)
        writer_id: Mapped[int] = mapped_column(sa.ForeignKey("writer.id"))

    with pytest.raises(sa.exc.NoReferencedTableError):
        list(links_up(Shelf))


def test_there_is_something_to_look_at() -> None:
    assert HOUSE.joinpath("lms/app.py").exists()
    assert list(templates())
