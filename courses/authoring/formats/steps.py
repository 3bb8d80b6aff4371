"""The steps of a course: each row of `steps` in course.yml, with the file it names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from courses.authoring.formats.documents import MOST_MINUTES, read_assignment, read_document, read_session
from courses.authoring.formats.fields import Fields
from courses.authoring.formats.folder import CourseFolder
from courses.authoring.formats.modules import read_pages
from courses.authoring.formats.questions import read_questions
from courses.authoring.formats.strings_yaml import Table
from courses.catalogue.formats import Step, StepKind
from courses.quizzes.formats import question_to_json
from lms.kernel.i18n import _

COMMON_KEYS = ("id", "kind", "file", "requires", "complete_when")
OWN_KEYS = {
    StepKind.MODULE: (),
    StepKind.QUIZ: ("title", "minutes", "pass_mark", "attempts"),
    StepKind.SESSION: (),
    StepKind.ASSIGNMENT: (),
    StepKind.FOLLOW_UP: ("after", "release_days"),
}
# The first is what holds when the course says nothing.
COMPLETE_WHEN = {
    StepKind.MODULE: ("pages-seen",),
    StepKind.QUIZ: ("passed",),
    StepKind.SESSION: ("attended",),
    StepKind.ASSIGNMENT: ("handed-in", "accepted"),
    StepKind.FOLLOW_UP: ("pages-seen",),
}
_SUFFIX = {StepKind.QUIZ: ".gift"}
_UNLIMITED = "unlimited"


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step and the row it came from, for findings that concern several steps."""

    step: Step
    fields: Fields


def read_step(folder: CourseFolder, manifest: str, table: Table, language: str) -> StepRow | None:
    """One step, or None when not even its kind can be read."""
    kind = _read_kind(folder, manifest, table)
    if kind is None:
        return None
    fields = Fields(folder, manifest, table, COMMON_KEYS + OWN_KEYS[kind])
    step = _READERS[kind](_Row(folder, fields, kind, language))
    return StepRow(step, fields)


def _read_kind(folder: CourseFolder, manifest: str, table: Table) -> StepKind | None:
    fields = Fields(folder, manifest, table, tuple(table.values))
    kinds = [kind.value for kind in StepKind]
    value = fields.text("kind", required=True)
    if value in kinds:
        return StepKind(value)
    if value:
        message = _("“%(value)s” kan hier niet. Kies uit: %(options)s.", value=value, options=", ".join(kinds))
        fields.error(fields.line("kind"), "value", message)
    return None


@dataclass(frozen=True, slots=True)
class _Row:
    """What the readers of each kind need."""

    folder: CourseFolder
    fields: Fields
    kind: StepKind
    language: str

    def file(self) -> str | None:
        """The step's own file, or None with the reason found."""
        path = self.fields.text("file", required=True)
        suffix = _SUFFIX.get(self.kind, ".md")
        line = self.fields.line("file")
        if path and not path.endswith(suffix):
            self.fields.error(line, "file", _("Hier hoort een bestand dat eindigt op %(suffix)s.", suffix=suffix))
        elif path and path not in self.folder.files:
            self.fields.error(line, "file-missing", _("Het bestand “%(path)s” ontbreekt.", path=path))
        elif path in self.folder.used:
            self.fields.error(line, "file", _("Een andere stap gebruikt dit bestand al."))
        elif path:
            self.folder.used.add(path)
            return path
        return None

    def step(self, title: str = "", minutes: int = 0) -> Step:
        """What every kind has."""
        return Step(
            id=self.fields.slug("id"),
            kind=self.kind,
            title=title,
            minutes=minutes,
            complete_when=self.fields.choice("complete_when", COMPLETE_WHEN[self.kind]),
            requires=tuple(text.value for text in self.fields.texts("requires")),
        )


def _read_module(row: _Row) -> Step:
    file = row.file()
    if file is None:
        return row.step()
    document = read_document(row.folder, file, ("title", "minutes"))
    pages = read_pages(row.folder, file, document.body, row.language)
    row.folder.check_sentences(file, document.fields.passages("title"), title=document.fields.text("title"))
    return _with(row.step(document.title, document.minutes), pages=pages)


def _read_follow_up(row: _Row) -> Step:
    release_days = row.fields.whole("release_days", 0, 730, required=True)
    return _with(_read_module(row), after=row.fields.text("after", required=True), release_days=release_days)


def _read_quiz(row: _Row) -> Step:
    fields = row.fields
    title = fields.text("title", required=True)
    step = _with(
        row.step(title, fields.whole("minutes", 1, MOST_MINUTES, required=True)),
        pass_mark=fields.whole("pass_mark", 0, 100, default=70),
        attempts=_read_attempts(fields),
    )
    file = row.file()
    if file is None:
        return step
    questions, passages = read_questions(row.folder, file, row.folder.text(file))
    if not questions:
        row.folder.error(file, 1, "quiz-empty", _("Deze toets heeft geen vraag die klopt."))
    row.folder.check_sentences(fields.file, fields.passages("title"), title=title)
    row.folder.check_sentences(file, passages, title=title)
    return _with(step, questions=tuple(question_to_json(question) for question in questions))


def _read_attempts(fields: Fields) -> int:
    """0 means without limit."""
    return 0 if fields.text("attempts") in {"", _UNLIMITED} else fields.whole("attempts", 1, 100)


def _read_session(row: _Row) -> Step:
    file = row.file()
    if file is None:
        return row.step()
    document, plan = read_session(row.folder, file, row.language)
    return _with(row.step(document.title, document.minutes), session=plan)


def _read_assignment(row: _Row) -> Step:
    file = row.file()
    if file is None:
        return row.step()
    document, plan = read_assignment(row.folder, file, row.language)
    return _with(row.step(document.title, document.minutes), assignment=plan)


def _with(step: Step, **changes: object) -> Step:
    return msgspec.structs.replace(step, **changes)


_READERS: dict[StepKind, Callable[[_Row], Step]] = {
    StepKind.MODULE: _read_module,
    StepKind.QUIZ: _read_quiz,
    StepKind.SESSION: _read_session,
    StepKind.ASSIGNMENT: _read_assignment,
    StepKind.FOLLOW_UP: _read_follow_up,
}
