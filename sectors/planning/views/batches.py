"""One list: check it, mend it, carry it out, follow it, take it back."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from flask import request
from flask.typing import ResponseReturnValue

from courses.enrolment.models import EnrolmentBatch
from courses.enrolment.queries import batches as queries
from courses.enrolment.queries.batches import Batch, Counts, RowView
from courses.enrolment.services.batches import change_columns, change_row, decide_row
from courses.enrolment.services.carrying_out import start_batch, start_undo
from courses.enrolment.services.matching import Decision, State
from lms.kernel.errors import NotFound, Refused
from lms.kernel.i18n import LANGUAGE_NAMES, ngettext
from lms.kernel.i18n import gettext as _
from lms.kernel.web import current_db, current_identity, drop_changes, page_number, render, say
from sectors.planning.formats import column_names, explain
from sectors.planning.forms import read_row, read_uuids
from sectors.planning.queries.organisations import Desk, find_desk
from sectors.planning.queries.staff import StaffFilter, list_staff
from sectors.planning.views.blueprint import address, at_desk, blueprint, go, guard
from sectors.planning.views.cards import cards_pdf

PAGE_SIZE = 100
CARDS_AT_ONCE = 120
FOUND = 8
FILTERS = ("bad", "ready", "already", "skipped", "done")


@blueprint.get("/desk/enrolments/<uuid:uuid>")
@guard
def batch(uuid: UUID) -> ResponseReturnValue:
    return _page(uuid)


@blueprint.get("/desk/enrolments/<uuid:uuid>/progress")
@guard
def batch_progress(uuid: UUID) -> ResponseReturnValue:
    """How far it is: a part of the page, asked for every few seconds."""
    found, _desk = _load(uuid)
    if "HX-Request" not in request.headers:
        return go("planning.batch", uuid=uuid)
    return render("planning/batch_progress.html", batch=found, counts=queries.count_rows(current_db(), found.id))


@blueprint.post("/desk/enrolments/<uuid:uuid>/run")
@guard
def batch_run(uuid: UUID) -> ResponseReturnValue:
    """*Schrijf 12 medewerkers in*."""
    try:
        start_batch(current_db(), _row_to_change(uuid))
    except Refused as refused:
        drop_changes()
        return _page(uuid, 422, error=str(refused))
    return go("planning.batch", uuid=uuid)


@blueprint.post("/desk/enrolments/<uuid:uuid>/withdrawal")
@guard
def batch_undo(uuid: UUID) -> ResponseReturnValue:
    """*Maak ongedaan*."""
    try:
        start_undo(current_db(), _row_to_change(uuid), by_person_id=current_identity().person_id or 0)
    except Refused as refused:
        drop_changes()
        return _page(uuid, 422, error=str(refused))
    return go("planning.batch", uuid=uuid)


@blueprint.post("/desk/enrolments/<uuid:uuid>/columns")
@guard
def batch_columns(uuid: UUID) -> ResponseReturnValue:
    try:
        change_columns(current_db(), _row_to_change(uuid), request.form.getlist("column"))
    except Refused as refused:
        drop_changes()
        return _page(uuid, 422, error=str(refused))
    say(_("We bekeken de lijst opnieuw."))
    return go("planning.batch", uuid=uuid)


@blueprint.post("/desk/enrolments/<uuid:uuid>/cards")
@guard
def batch_cards(uuid: UUID) -> ResponseReturnValue:
    """Cards for who has no address, a hundred and twenty at a time."""
    found, _desk = _load(uuid)
    part = request.form.get("part", "0")
    start = int(part) * CARDS_AT_ONCE if part.isascii() and part.isdecimal() and len(part) < 4 else 0
    people = queries.list_card_people(current_db(), found.id)[start : start + CARDS_AT_ONCE]
    if not people:
        raise NotFound("cards")
    return cards_pdf(people)


# ---- one row ---------------------------------------------------------------------------------------------------------


@blueprint.get("/desk/enrolments/<uuid:uuid>/rows/<int:number>")
@guard
def batch_row(uuid: UUID, number: int) -> ResponseReturnValue:
    return _row_page(uuid, number)


@blueprint.post("/desk/enrolments/<uuid:uuid>/rows/<int:number>")
@guard
def batch_row_change(uuid: UUID, number: int) -> ResponseReturnValue:
    """Mend a row by hand. Still in doubt: the row's page says why."""
    try:
        state = change_row(current_db(), _row_to_change(uuid), number, read_row(request.form))
    except Refused as refused:
        drop_changes()
        return _page(uuid, 422, error=str(refused))
    if state is State.BAD:
        return go("planning.batch_row", uuid=uuid, number=number)
    say(_("Rij %(number)s is in orde.", number=number))
    return go("planning.batch", uuid=uuid)


@blueprint.post("/desk/enrolments/<uuid:uuid>/rows/<int:number>/decision")
@guard
def batch_row_decide(uuid: UUID, number: int) -> ResponseReturnValue:
    """*Kies*, *Nieuwe medewerker*, *Sla over*, or take that back."""
    chosen = request.form.get("decision", "")
    people = read_uuids([request.form.get("person", "")])
    if chosen not in set(Decision) or (chosen == Decision.PERSON and not people):
        raise NotFound(chosen)
    try:
        decide_row(current_db(), _row_to_change(uuid), number, Decision(chosen), people[0] if people else None)
    except Refused as refused:
        drop_changes()
        return _page(uuid, 422, error=str(refused))
    return go("planning.batch", uuid=uuid, _anchor="rows")


# ---- what the views above share --------------------------------------------------------------------------------------


def _load(uuid: UUID) -> tuple[Batch, Desk]:
    found = queries.get_batch(current_db(), current_identity(), uuid)
    desk = find_desk(current_db(), current_identity(), found.organisation_uuid)
    if desk is None:
        raise NotFound(f"batch {uuid}")
    return found, at_desk(desk)


def _row_to_change(uuid: UUID) -> EnrolmentBatch:
    """The list itself, once it is sure that it is hers."""
    found, _desk = _load(uuid)
    row = current_db().get(EnrolmentBatch, found.id, with_for_update=True)
    if row is None:
        raise NotFound(f"batch {uuid}")
    return row


def _page(uuid: UUID, status: int = 200, *, error: str = "") -> ResponseReturnValue:
    db = current_db()
    found, desk = _load(uuid)
    counts = queries.count_rows(db, found.id)
    if found.is_running:
        return render("planning/batch_running.html", status, batch=found, desk=desk, counts=counts)
    shown = request.args.get("show", "")
    shown = shown if shown in FILTERS else ""
    page, good = page_number(), _good_states(found, shown)
    bad = queries.list_rows(db, found.id, ["bad"], limit=PAGE_SIZE) if shown in ("", "bad") else []
    offset = (page - 1) * PAGE_SIZE
    rows = queries.list_rows(db, found.id, good, limit=PAGE_SIZE + 1, offset=offset) if good else []
    return render(
        "planning/batch.html",
        status,
        batch=found,
        desk=desk,
        counts=counts,
        tally=_tally(found, counts, shown),
        bad=[(row, _why(row)) for row in bad],
        rows=rows[:PAGE_SIZE],
        headings=list(zip(found.headings, found.columns, _samples(found), strict=False)),
        columns=column_names(),
        card_parts=range(-(-counts.cards // CARDS_AT_ONCE)),
        cards_at_once=CARDS_AT_ONCE,
        previous=address("planning.batch", uuid=uuid, show=shown, page=page - 1) if page > 1 else "",
        next=address("planning.batch", uuid=uuid, show=shown, page=page + 1) if len(rows) > PAGE_SIZE else "",
        first=offset + 1,
        last=offset + len(rows[:PAGE_SIZE]),
        good_total=sum(getattr(counts, state) for state in good),
        error=error,
    )


def _good_states(found: Batch, shown: str) -> list[str]:
    if shown == "bad":
        return []
    if shown == "done":
        return ["done", "undone"]
    if shown:
        return [shown]
    return ["done", "undone", "ready", "already"] if found.finished_at else ["ready", "already"]


def _tally(found: Batch, counts: Counts, shown: str) -> list[tuple[int, str, str, str, bool]]:
    """The counts that filter."""
    wrong = ngettext("rij met een fout", "rijen met een fout", counts.bad)
    through = ngettext("rij gaat door", "rijen gaan door", counts.ready)
    already = ngettext("volgt de opleiding al", "volgen de opleiding al", counts.already)
    rows = [("bad", counts.bad, wrong, "bad" if counts.bad else "")]
    if found.undone_at:
        rows.append(("done", counts.undone, _("weer uitgeschreven"), ""))
    elif found.finished_at:
        rows.append(("done", counts.done, _("ingeschreven"), "ok"))
    if not found.finished_at or counts.ready:
        words = _("niet ingeschreven") if found.undone_at else through
        rows.append(("ready", counts.ready, words, "" if found.undone_at else "ok"))
    rows.append(("already", counts.already, already, ""))
    if counts.skipped:
        rows.append(("skipped", counts.skipped, _("overgeslagen"), ""))
    return [
        (
            number,
            words,
            address("planning.batch", uuid=found.uuid, show="" if shown == key else key),
            kind,
            shown == key,
        )
        for key, number, words, kind in rows
    ]


def _samples(found: Batch) -> list[str]:
    """For each column the first words that stand in it."""
    cells = queries.sample_cells(current_db(), found.id)
    return [", ".join(filter(None, words)) for words in zip(*cells, strict=False)]


def _why(row: RowView) -> str:
    return explain(row.number, row.problem, row.fields, [_called(row, one) for one in row.candidates], row.detail)


def _called(row: RowView, candidate: tuple[UUID, str, str]) -> str:
    """The candidate's name, with the number where that is what differs."""
    _uuid, name, number = candidate
    return f"{name}, {number}" if number and row.problem == "number-unknown" else name


def _row_page(uuid: UUID, number: int) -> ResponseReturnValue:
    db = current_db()
    found, desk = _load(uuid)
    row = queries.get_row(db, found.id, number)
    search = request.args.get("q", "").strip()[:80]
    people = list_staff(db, desk.id, StaffFilter(search=search), limit=FOUND) if search else []
    fields: Mapping[str, str] = row.fields
    return render(
        "planning/batch_row.html",
        batch=found,
        desk=desk,
        row=row,
        why=_why(row) if row.state == "bad" else "",
        search=search,
        people=people,
        fields=fields,
        languages=[("", _("Niet ingevuld")), *LANGUAGE_NAMES.items()],
    )
