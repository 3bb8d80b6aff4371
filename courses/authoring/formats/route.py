"""What steps say about each other: ids, what they require, and that the route has no circle in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from courses.authoring.formats.steps import StepRow
from courses.catalogue.formats import StepKind
from lms.kernel.i18n import _


def check_route(rows: Sequence[StepRow]) -> None:
    """Add a finding for every id that stands twice, points nowhere or leads back to itself."""
    by_id: dict[str, StepRow] = {}
    for row in rows:
        if row.step.id in by_id:
            message = _("De naam “%(id)s” staat er twee keer.", id=row.step.id)
            row.fields.error(row.fields.line("id"), "id-twice", message)
        by_id.setdefault(row.step.id, row)
    for row in rows:
        _check_requires(row, by_id)
        _check_after(row, by_id)
        if row.step.id in _reachable(row.step.id, by_id):
            message = _("Deze stap wacht op zichzelf. Haal een van de “requires” weg.")
            row.fields.error(row.fields.line("requires"), "requires-circle", message)


def _check_requires(row: StepRow, by_id: Mapping[str, StepRow]) -> None:
    for text in row.fields.texts("requires"):
        if text.value not in by_id:
            message = _("Er is geen stap met de naam “%(id)s”.", id=text.value)
            row.fields.error(text.line, "requires-unknown", message)


def _check_after(row: StepRow, by_id: Mapping[str, StepRow]) -> None:
    if not row.step.after:
        return
    other = by_id.get(row.step.after)
    if other is None or other.step.kind is not StepKind.SESSION:
        message = _("“after” noemt een sessie. “%(id)s” is er geen.", id=row.step.after)
        row.fields.error(row.fields.line("after"), "after-unknown", message)


def _reachable(start: str, by_id: Mapping[str, StepRow]) -> set[str]:
    """Every step that must come before this one."""
    reached: set[str] = set()
    waiting = [start]
    while waiting:
        step = by_id[waiting.pop()].step
        before = {*step.requires, *([step.after] if step.after else [])}
        fresh = {id_ for id_ in before if id_ in by_id} - reached
        reached |= fresh
        waiting += fresh
    return reached
