"""Behind a figure: what counts, per committee, the rows, and the statements behind a row."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

from flask import redirect, request, url_for
from flask.typing import ResponseReturnValue

from lms.kernel.errors import Refused
from lms.kernel.i18n import format_date, format_number
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Permission
from lms.kernel.web import current_db, current_identity, drop_changes, page_number, render, requires, say
from sectors.covenant import services
from sectors.covenant.formats import Covenant, Every
from sectors.covenant.formats.periods import Period, periods_of
from sectors.covenant.queries import (
    CommitmentFigure,
    PartFigure,
    PeriodFigure,
    RowFilter,
    RowPage,
    compute_commitment,
    get_behind,
    list_rows,
    wanted_rows,
)
from sectors.covenant.queries.asides import list_asides
from sectors.covenant.queries.exports import rows_to_xlsx
from sectors.covenant.queries.rows import NO_COMMITTEE, PAGE_SIZE
from sectors.covenant.queries.settings import Choice
from sectors.covenant.queries.words import (
    columns_of,
    committee_text,
    definition_of,
    figure_text,
    goals_of,
    name_of,
    period_name,
    status_key,
    status_text,
    unit_of,
)
from sectors.covenant.views.blueprint import (
    XLSX,
    a_file,
    asked_commitment,
    asked_covenant,
    asked_day,
    blueprint,
    kept,
    read_day,
    stand,
)

EVERY_PERIOD = "all"


@blueprint.get("/covenant/<key>")
@requires(Permission.SEE_COVENANT)
def commitment(key: str) -> ResponseReturnValue:
    return _show(key)


@blueprint.get("/covenant/<key>/export.xlsx")
@requires(Permission.SEE_COVENANT)
def commitment_export(key: str) -> ResponseReturnValue:
    covenant = asked_covenant()
    chosen, cut_off = asked_commitment(covenant, key), asked_day()
    figure = compute_commitment(current_db(), covenant, chosen, cut_off=cut_off, choice=_asked_choice())
    part = _part(figure)
    given = replace(_filter(part), page=0)
    rows = _rows(covenant, figure, given, cut_off).rows
    title = _title(figure, part)
    return a_file(rows_to_xlsx(title, figure, part.part, rows, stand(covenant, cut_off)), XLSX, f"{key}-{cut_off}.xlsx")


@blueprint.get("/covenant/<key>/rows/<path:row_id>")
@requires(Permission.SEE_COVENANT)
def row(key: str, row_id: str) -> ResponseReturnValue:
    covenant = asked_covenant()
    chosen = asked_commitment(covenant, key)
    behind = get_behind(current_db(), current_identity(), row_id)
    return render("covenant/row.html", commitment=chosen, name=name_of(chosen), behind=behind, kept=kept)


@blueprint.post("/covenant/<key>/counter")
@requires(Permission.SEE_COVENANT)
def counter_choose(key: str) -> ResponseReturnValue:
    covenant = asked_covenant()
    chosen = asked_commitment(covenant, key)
    try:
        services.choose_counter(
            current_db(),
            covenant,
            chosen,
            counts=request.form.get("counts", ""),
            is_calendar=request.form.get("year") == "calendar",
            by_person_id=current_identity().person_id,
        )
    except Refused as refusal:
        return _refuse(key, refusal)
    say(_("Bewaard. We tellen voortaan zo."))
    return redirect(url_for("covenant.commitment", key=key, **kept()), 303)


@blueprint.post("/covenant/<key>/decisions")
@requires(Permission.SEE_COVENANT)
def decision_add(key: str) -> ResponseReturnValue:
    covenant = asked_covenant()
    chosen = asked_commitment(covenant, key)
    try:
        is_met, decided_on = _read_decision()
        services.decide_commitment(
            current_db(),
            covenant,
            chosen,
            is_met=is_met,
            decided_on=decided_on,
            note=request.form.get("note", ""),
            by_person_id=current_identity().person_id,
        )
    except Refused as refusal:
        return _refuse(key, refusal)
    say(_("Bewaard"))
    return redirect(url_for("covenant.commitment", key=key, **kept()), 303)


def _read_decision() -> tuple[bool, date]:
    """What the department decided, and when. Raises `Refused`."""
    met, decided_on = request.form.get("met", ""), read_day(request.form.get("decided_on", ""))
    problems = {}
    if met not in ("yes", "no"):
        problems["met"] = _("Kies wat het departement besliste.")
    if decided_on is None:
        problems["decided_on"] = _("Vul een datum in, zoals 25-03-2025.")
    if decided_on is None or problems:
        raise Refused(_("Kijk even na wat hieronder staat."), problems)
    return met == "yes", decided_on


def _refuse(key: str, refusal: Refused) -> ResponseReturnValue:
    drop_changes()
    return _show(key, refusal=refusal, status=422)


def _show(key: str, *, refusal: Refused | None = None, status: int = 200) -> ResponseReturnValue:
    covenant = asked_covenant()
    chosen, cut_off = asked_commitment(covenant, key), asked_day()
    saved = compute_commitment(current_db(), covenant, chosen, cut_off=cut_off)
    asked = _asked_choice()
    figure = (
        saved
        if asked in (None, saved.choice)
        else compute_commitment(current_db(), covenant, chosen, cut_off=cut_off, choice=asked)
    )
    part = _part(figure)
    given = _filter(part)
    page = _rows(covenant, figure, given, cut_off)
    return render(
        "covenant/commitment.html",
        status,
        covenant=covenant,
        commitment=chosen,
        figure=figure,
        part=part,
        given=given,
        page=page,
        first=(page.page - 1) * PAGE_SIZE + 1,
        name=name_of(chosen),
        title=_title(figure, part),
        status_key=status_key(figure),
        status_words=status_text(figure),
        definition=definition_of(figure),
        stand=stand(covenant, cut_off),
        facts=_facts(part) + list_asides(current_db(), covenant, figure, part, cut_off=cut_off),
        periods=_period_lines(part),
        parts=_part_links(figure, part),
        switch=_switch(figure, part),
        years=_years(figure),
        is_preview=figure.choice != saved.choice,
        goals=goals_of(covenant, chosen),
        columns=columns_of(part.part),
        committees=_committee_lines(key, given, page),
        committee_options=[
            ("", _("Alle")),
            *((committee or NO_COMMITTEE, committee or _("Zonder")) for committee, _count in page.committees),
        ],
        period_options=[
            *((it.label, period_name(part.part, it)) for it in _periods(covenant, figure, part)),
            (EVERY_PERIOD, _("Alle periodes")),
        ],
        carry=lambda **values: _carry(given, **values),
        kept=kept,
        form=request.form,
        errors=refusal.fields if refusal else {},
        summary=str(refusal) if refusal else "",
    )


def _committee_lines(key: str, given: RowFilter, page: RowPage) -> list[tuple[str, str, int]]:
    """Each joint committee with its part of the figure; none where nothing that counts has a committee."""
    if not any(committee for committee, _count in page.committees):
        return []
    return [
        (
            committee_text(committee),
            url_for("covenant.commitment", key=key, **_carry(given, committee=committee or NO_COMMITTEE)),
            count,
        )
        for committee, count in page.committees
    ]


def _asked_choice() -> Choice | None:
    """How the address asks to count, to look at it before it is kept; None as it was chosen."""
    if "counts" not in request.args and "year" not in request.args:
        return None
    return Choice(request.args.get("counts") == "people", request.args.get("year") == "calendar")


def _part(figure: CommitmentFigure) -> PartFigure:
    wanted = request.args.get("part", "")
    return next((part for part in figure.parts if part.part.key == wanted), figure.headline)


def _filter(part: PartFigure) -> RowFilter:
    """What the address asks of the list; without a period, the one the figure on top is for."""
    asked = request.args
    period = asked.get("period") or part.current.period.label
    return RowFilter(
        part=part.part.key,
        period="" if period == EVERY_PERIOD else period,
        committee=asked.get("committee", "")[:10],
        course=asked.get("course", "")[:200],
        search=asked.get("search", "").strip()[:80],
        page=page_number(),
    )


def _rows(covenant: Covenant, figure: CommitmentFigure, given: RowFilter, cut_off: date) -> RowPage:
    wanted = wanted_rows(
        covenant, figure.commitment, figure.choice, given, cut_off=cut_off, identity=current_identity()
    )
    return list_rows(current_db(), wanted, given)


def _periods(covenant: Covenant, figure: CommitmentFigure, part: PartFigure) -> list[Period]:
    return list(periods_of(covenant, part.part, calendar=figure.choice.is_calendar))


def _carry(given: RowFilter, **changes: Any) -> dict[str, Any]:
    """The address of the list as it is filtered now, with these changes."""
    asked = {
        "part": request.args.get("part", ""),
        "period": request.args.get("period", ""),
        "counts": request.args.get("counts", ""),
        "year": request.args.get("year", ""),
        "committee": given.committee,
        "course": given.course,
        "search": given.search,
    }
    return kept(**{**asked, **changes})


def _title(figure: CommitmentFigure, part: PartFigure) -> str:
    """The number as the title: RV3: 812 van 1.000 deelnames."""
    now = part.current
    words = _(
        "%(figure)s van %(target)s",
        figure=figure_text(part.part, now.figure),
        target=figure_text(part.part, Decimal(now.period.target)),
    )
    unit = "" if part.part.counter.is_share else f" {unit_of(figure, part.part)}"
    return f"{figure.commitment.label or _(figure.commitment.title)}: {words}{unit}"


def _facts(part: PartFigure) -> list[tuple[str, str]]:
    now = part.current
    return [
        (_("Doel op %(date)s", date=format_date(now.period.last)), figure_text(part.part, Decimal(now.period.target))),
        (_("Nodig voor vandaag"), figure_text(part.part, Decimal(now.needed))),
        (_("Nog te halen"), figure_text(part.part, now.to_go)),
    ]


def _period_lines(part: PartFigure) -> list[tuple[str, str, str, str]]:
    """Each period with its figure, and how it stands (the look's key and words), where there is more than one."""
    if len(part.periods) < 2:
        return []
    return [
        (
            period_name(part.part, it.period),
            _(
                "%(figure)s van %(target)s",
                figure=figure_text(part.part, it.figure),
                target=format_number(it.period.target),
            ),
            *_period_state(it),
        )
        for it in part.periods
    ]


def _period_state(figure: PeriodFigure) -> tuple[str, str]:
    if figure.is_met:
        return "done", _("Gehaald")
    if figure.is_over:
        return "error", _("Niet gehaald op %(date)s", date=format_date(figure.period.last))
    return "todo", _("Nog niet gehaald")


def _part_links(figure: CommitmentFigure, part: PartFigure) -> list[tuple[str, str, str, bool]]:
    if len(figure.parts) < 2:
        return []
    return [
        (
            _(it.part.title),
            url_for("covenant.commitment", key=figure.commitment.key, **kept(part=it.part.key)),
            figure_text(it.part, it.current.figure),
            it is part,
        )
        for it in figure.parts
    ]


def _switch(figure: CommitmentFigure, part: PartFigure) -> list[tuple[str, str, str, bool]]:
    """Participations or people, where the consultant may choose, with both numbers."""
    if part.participations is None or part is not figure.headline:
        return []
    year = "calendar" if figure.choice.is_calendar else "covenant"
    ways = (("participations", _("Deelnames"), part.participations), ("people", _("Unieke mensen"), part.people))
    return [
        (
            words,
            url_for("covenant.commitment", key=figure.commitment.key, **kept(counts=counts, year=year)),
            figure_text(part.part, number),
            (counts == "people") == figure.choice.counts_people,
        )
        for counts, words, number in ways
    ]


def _years(figure: CommitmentFigure) -> list[tuple[str, str, None, bool]]:
    """Covenant years or calendar years, where a part is counted by the year."""
    if all(part.part.period is not Every.COVENANT_YEAR for part in figure.parts):
        return []
    counts = "people" if figure.choice.counts_people else "participations"
    ways = (("covenant", _("Convenantjaar")), ("calendar", _("Kalenderjaar")))
    return [
        (
            words,
            url_for("covenant.commitment", key=figure.commitment.key, **kept(counts=counts, year=year)),
            None,
            (year == "calendar") == figure.choice.is_calendar,
        )
        for year, words in ways
    ]
