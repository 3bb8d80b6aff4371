"""Markdown files with front matter: what stands between the two lines of ---, and the text after it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from courses.authoring.formats.fields import Fields, read_table
from courses.authoring.formats.folder import CourseFolder
from courses.authoring.formats.markdown import render_document
from courses.authoring.formats.strings_yaml import Table
from courses.catalogue.formats import AssignmentPlan, SessionPlan
from lms.kernel.i18n import _

MODES = ("classroom", "webinar")
HAND_IN = ("text", "file", "either")
MOST_MINUTES = 3000


@dataclass(frozen=True, slots=True)
class Document:
    """A file's front matter and its body. In `body` the front matter is blanked out: its lines still count."""

    fields: Fields
    body: str

    @property
    def title(self) -> str:
        return self.fields.text("title", required=True)

    @property
    def minutes(self) -> int:
        return self.fields.whole("minutes", 1, MOST_MINUTES, required=True)


def read_document(folder: CourseFolder, file: str, known: Sequence[str]) -> Document:
    """Split a file and check the keys of its front matter."""
    lines = folder.text(file).split("\n")
    end = next((at for at, line in enumerate(lines[1:], start=1) if line.rstrip() == "---"), 0)
    if lines[0].rstrip() != "---" or not end:
        folder.error(file, 1, "front-matter", _("Begin met titel en minuten, tussen twee regels met ---."))
        return Document(Fields(folder, file, Table({}, {}, 1), known), "\n".join(lines))
    table = read_table(folder, file, "\n".join(lines[1:end]), 2)
    return Document(Fields(folder, file, table, known), "\n" * (end + 1) + "\n".join(lines[end + 1 :]))


def read_session(folder: CourseFolder, file: str, language: str) -> tuple[Document, SessionPlan]:
    """A taught moment: how, how long, and what it is about."""
    document = read_document(folder, file, ("title", "mode", "contact_hours", "minutes", "bring"))
    plan = SessionPlan(
        mode=document.fields.choice("mode", MODES, required=True),
        contact_hours=document.fields.hours("contact_hours", required=True),
        about=_read_about(folder, file, document, language, "title", "bring"),
        bring=document.fields.text("bring"),
    )
    return document, plan


def read_assignment(folder: CourseFolder, file: str, language: str) -> tuple[Document, AssignmentPlan]:
    """A task for the work floor."""
    document = read_document(folder, file, ("title", "minutes", "hand_in"))
    plan = AssignmentPlan(
        hand_in=document.fields.choice("hand_in", HAND_IN, required=True),
        about=_read_about(folder, file, document, language, "title"),
    )
    return document, plan


def _read_about(folder: CourseFolder, file: str, document: Document, language: str, *shown: str) -> str:
    html, passages = render_document(folder, file, document.body, language)
    if not html:
        folder.error(file, 1, "text-missing", _("Hier staat nog geen tekst onder de gegevens."))
    title = document.fields.text("title")
    folder.check_sentences(file, document.fields.passages(*shown) + passages, title=title)
    return html
