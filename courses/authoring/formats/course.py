"""Reading a course: the folder of text files `blended/1`, to the outline that is published."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping

import msgspec

from courses.authoring.formats.containers import LANGUAGES
from courses.authoring.formats.fields import Fields, is_slug, read_table
from courses.authoring.formats.findings import Finding
from courses.authoring.formats.folder import CourseFolder
from courses.authoring.formats.media import check_media
from courses.authoring.formats.readability import ReadabilityReport
from courses.authoring.formats.route import check_route
from courses.authoring.formats.steps import StepRow, read_step
from courses.authoring.formats.strings_yaml import Rows, Table, Text
from courses.catalogue.formats import Outline
from lms.kernel.i18n import _

FORMAT = "blended/1"
MANIFEST = "course.yml"
TOPICS = ("zorg", "digitaal", "communicatie", "veilig-werken", "leerbeleid", "diversiteit")
EVERY_AREA = "all"
EVERY_STEP = "all"

_KEYS = (
    "format",
    "id",
    "title",
    "summary",
    "language",
    "areas",
    "topic",
    "intersectoral",
    "marks",
    "online_hours",
    "together",
    "cost",
    "cancellation",
    "certificate",
    "steps",
)
_MARK = re.compile(r"[a-z0-9]+(?:[.-][a-z0-9]+)*")
_SERVED = (".svg", ".png", ".webm", ".vtt")


class CourseReading(msgspec.Struct, frozen=True):
    """What became of a folder.

    `outline` is None as soon as one error stands that no reason excuses. `findings` are sorted by file and line.
    `media`: files to publish beside the outline, which names them by the same path. `readability`: a report a page.
    """

    outline: Outline | None
    findings: tuple[Finding, ...]
    media: tuple[str, ...]
    readability: tuple[ReadabilityReport, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        return tuple(finding for finding in self.findings if finding.is_error)

    @property
    def blocking(self) -> tuple[Finding, ...]:
        """Errors that must be mended: no reason excuses them."""
        return tuple(finding for finding in self.errors if not finding.is_excusable)


def read_course(
    files: Mapping[str, bytes], *, folder_name: str = "", known_areas: Collection[str] = ()
) -> CourseReading:
    """Read and check the files of a course, by path relative to its folder. Never raises.

    `folder_name`, when given, must equal the course's id. `known_areas`, when given, are the slugs that exist.
    """
    folder = CourseFolder(files)
    outline = _read_manifest(folder, folder_name, frozenset(known_areas)) if MANIFEST in files else None
    if MANIFEST not in files:
        folder.error(MANIFEST, 1, "manifest-missing", _("Het bestand course.yml ontbreekt."))
    check_media(folder)
    is_blocked = any(finding.is_error and not finding.is_excusable for finding in folder.findings)
    media = tuple(sorted(path for path in folder.used if path.startswith("media/") and path.endswith(_SERVED)))
    reports = tuple(report for report in folder.reports if report.sentences)
    return CourseReading(None if is_blocked else outline, folder.findings, media, reports)


def _read_manifest(folder: CourseFolder, folder_name: str, known_areas: frozenset[str]) -> Outline:
    fields = Fields(folder, MANIFEST, read_table(folder, MANIFEST, folder.text(MANIFEST)), _KEYS)
    fields.choice("format", (FORMAT,), required=True)
    language = fields.choice("language", LANGUAGES, required=True)
    rows = _read_steps(fields, language)
    certificate, certificate_requires = _read_certificate(fields, {row.step.id for row in rows})
    folder.check_sentences(MANIFEST, fields.passages("title", "summary", "together", "cost", "cancellation"))
    return Outline(
        id=_read_id(fields, folder_name),
        title=fields.text("title", required=True),
        summary=fields.text("summary", required=True),
        language=language,
        steps=tuple(row.step for row in rows),
        areas=_read_areas(fields, known_areas),
        topic=fields.choice("topic", TOPICS, required=True),
        intersectoral=fields.choice("intersectoral", ("no", "yes")) == "yes",
        marks=_read_marks(fields),
        online_hours=fields.hours("online_hours"),
        together=fields.text("together"),
        cost=fields.text("cost"),
        cancellation=fields.text("cancellation"),
        certificate=certificate,
        certificate_requires=certificate_requires,
    )


def _read_id(fields: Fields, folder_name: str) -> str:
    course_id = fields.slug("id")
    if folder_name and course_id and course_id != folder_name:
        message = _("De map heet “%(folder)s”. Geef “id” dezelfde naam.", folder=folder_name)
        fields.error(fields.line("id"), "id-folder", message)
    return course_id


def _read_areas(fields: Fields, known: frozenset[str]) -> tuple[str, ...]:
    texts = fields.texts("areas")
    if not texts:
        fields.text("areas", required=True)
    if [text.value for text in texts] == [EVERY_AREA]:
        return (EVERY_AREA,)
    for text in texts:
        if not is_slug(text.value) or (known and text.value not in known) or text.value == EVERY_AREA:
            fields.error(text.line, "area-unknown", _("Er is geen afdeling “%(area)s”.", area=text.value))
    return tuple(text.value for text in texts)


def _read_marks(fields: Fields) -> tuple[str, ...]:
    texts = fields.texts("marks")
    for text in texts:
        if not _MARK.fullmatch(text.value):
            fields.error(text.line, "slug", _("Een merk heeft kleine letters, cijfers, streepjes en punten."))
    return tuple(text.value for text in texts)


def _read_steps(fields: Fields, language: str) -> list[StepRow]:
    value = fields.table.values.get("steps")
    if not isinstance(value, Rows) or not value.items:
        fields.error(fields.line("steps"), "steps", _("Een opleiding heeft minstens één stap onder “steps”."))
        return []
    rows = []
    for item in value.items:
        if isinstance(item, Table):
            rows.append(read_step(fields.folder, fields.file, item, language))
        else:
            fields.error(item.line, "steps", _("Een stap begint met “- id:”, daaronder de andere sleutels."))
    found = [row for row in rows if row is not None]
    check_route(found)
    return found


def _read_certificate(fields: Fields, step_ids: set[str]) -> tuple[str, tuple[str, ...]]:
    value = fields.table.values.get("certificate")
    if value is None:
        return "", ()
    if not isinstance(value, Table):
        fields.error(fields.line("certificate"), "value", _("Zet onder “certificate” de sleutels title en requires."))
        return "", ()
    own = Fields(fields.folder, fields.file, value, ("title", "requires"))
    required = own.texts("requires")
    if [text.value for text in required] == [EVERY_STEP]:
        required = []
    for text in required:
        _refuse_unknown_step(own, text, step_ids)
    own.folder.check_sentences(own.file, own.passages("title"))
    return own.text("title", required=True), tuple(text.value for text in required)


def _refuse_unknown_step(fields: Fields, text: Text, step_ids: set[str]) -> None:
    if text.value not in step_ids:
        message = _("Er is geen stap met de naam “%(id)s”.", id=text.value)
        fields.error(text.line, "requires-unknown", message)
