"""The steps of a course as rows of a desk: what each is in a few words, its icon, and what the check found in it."""

from __future__ import annotations

from dataclasses import dataclass

from courses.authoring.formats import Finding, ReadabilityReport
from courses.authoring.queries import Checks, StepSource
from courses.catalogue.formats import Outline, Step, StepKind
from lms.kernel.i18n import gettext as _
from lms.kernel.i18n import ngettext

WEBINAR = "webinar"
_ICONS = {
    StepKind.MODULE: "file-text",
    StepKind.QUIZ: "circle-question-mark",
    StepKind.SESSION: "users",
    StepKind.ASSIGNMENT: "hand-helping",
    StepKind.FOLLOW_UP: "rotate-ccw",
}


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step on the outline. `findings`: what was found in its file. `screen`: where its preview begins, or 0."""

    number: int
    id: str
    title: str
    meta: str
    icon: str
    is_live: bool
    file: str = ""
    findings: tuple[Finding, ...] = ()
    reports: tuple[ReadabilityReport, ...] = ()
    screen: int = 0

    @property
    def average(self) -> float:
        """Words a sentence, over all its pages."""
        sentences = sum(report.sentences for report in self.reports)
        return round(sum(report.words for report in self.reports) / sentences, 1) if sentences else 0.0


def outline_rows(outline: Outline) -> list[StepRow]:
    """The steps of a published course."""
    return [
        StepRow(number, step.id, step.title, describe(step, outline), icon_of(step), step.kind is StepKind.SESSION)
        for number, step in enumerate(outline.steps, 1)
    ]


def draft_rows(checks: Checks, outline: Outline | None) -> list[StepRow]:
    """The steps of a draft with what was found in each; by name and kind alone while the outline cannot be made."""
    rows = []
    screen = 1
    for number, source in enumerate(checks.sources, 1):
        step = outline.step(source.id) if outline else None
        rows.append(_draft_row(number, source, step, outline, checks, screen))
        screen += count_screens(step) if step else 0
    return rows


def general_findings(checks: Checks) -> list[Finding]:
    """What was found outside the files of the steps: in `course.yml`, in pictures and films."""
    return [finding for finding in checks.findings if not any(source.holds(finding) for source in checks.sources)]


def count_screens(step: Step) -> int:
    """How many screens a preview of this step has."""
    return len(step.pages) or 1


def icon_of(step: Step) -> str:
    """The icon of a step's kind; a webinar is a camera."""
    is_webinar = step.session is not None and step.session.mode == WEBINAR
    return "video" if is_webinar else _ICONS[step.kind]


def describe(step: Step, outline: Outline) -> str:
    """A few words under a step's title."""
    minutes = ngettext("1 minuut", "%(n)s minuten", step.minutes)
    if step.kind is StepKind.QUIZ:
        return f"{ngettext('1 vraag', '%(n)s vragen', len(step.questions))}, {minutes}"
    if step.session is not None:
        where = _("online") if step.session.mode == WEBINAR else _("in een lokaal")
        return f"{where}, {_('%(hours)s contacturen', hours=step.session.contact_hours.replace('.', ','))}"
    if step.kind is StepKind.ASSIGNMENT:
        return f"{_('op het werk')}, {minutes}"
    if step.kind is StepKind.FOLLOW_UP:
        session = outline.step(step.after)
        days = ngettext("1 dag na", "%(n)s dagen na", step.release_days)
        return f"{days} {session.title if session else step.after}"
    return f"{ngettext('1 scherm', '%(n)s schermen', len(step.pages))}, {minutes}"


def _draft_row(
    number: int, source: StepSource, step: Step | None, outline: Outline | None, checks: Checks, screen: int
) -> StepRow:
    known = source.kind in set(StepKind)
    reports = tuple(report for report in checks.readability if report.file == source.file)
    heading = next((report.title for report in reports if not report.page), "")
    return StepRow(
        number=number,
        id=source.id,
        title=step.title if step else source.title or heading or source.id or _("Stap zonder naam"),
        meta=describe(step, outline) if step and outline else "",
        icon=icon_of(step) if step else _ICONS[StepKind(source.kind)] if known else "circle",
        is_live=source.kind == StepKind.SESSION,
        file=source.file,
        findings=tuple(finding for finding in checks.findings if source.holds(finding)),
        reports=reports,
        screen=screen if step else 0,
    )
