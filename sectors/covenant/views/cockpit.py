"""The cockpit: the money on top, then every commitment in one table; and the same as a spreadsheet or a report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from flask import request, url_for
from flask.typing import ResponseReturnValue

from lms.kernel.i18n import format_date, format_number
from lms.kernel.i18n import gettext as _
from lms.kernel.identity import Permission
from lms.kernel.pdf import render_pdf
from lms.kernel.web import current_db, render, requires
from sectors.covenant.formats import Kind
from sectors.covenant.queries import CommitmentFigure, PartFigure, Targets, compute_targets
from sectors.covenant.queries.exports import targets_to_xlsx
from sectors.covenant.queries.report import progress_report
from sectors.covenant.queries.words import (
    figure_text,
    name_of,
    period_name,
    share_text,
    status_key,
    status_text,
    target_text,
    unit_of,
)
from sectors.covenant.views.blueprint import XLSX, a_file, asked_covenant, asked_day, blueprint, kept, stand

VIEWS = ("all", "result", "effort", "attention")


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: a commitment, or one more part of it (then without name and status)."""

    label: str
    title: str
    url: str
    what: str
    figure: str
    target: str
    value: Decimal
    goal: int
    needed: int
    bullet: str
    trend: tuple[Decimal, ...]
    trend_words: str
    status_key: str
    status: str
    is_part: bool


@blueprint.get("/covenant")
@requires(Permission.SEE_COVENANT)
def cockpit() -> ResponseReturnValue:
    covenant, cut_off = asked_covenant(), asked_day()
    targets = compute_targets(current_db(), covenant, cut_off=cut_off)
    view = request.args.get("view", "all")
    view = view if view in VIEWS else "all"
    return render(
        "covenant/cockpit.html",
        covenant=covenant,
        targets=targets,
        stand=stand(covenant, cut_off),
        cut_off=cut_off,
        view=view,
        views=_views(targets, view),
        groups=list(_groups(targets, view)),
        to_go=_to_go(targets),
        shares=(share_text(covenant.effort_share), share_text(covenant.result_share)),
        kept=kept,
    )


@blueprint.get("/covenant/export.xlsx")
@requires(Permission.SEE_COVENANT)
def cockpit_export() -> ResponseReturnValue:
    targets = compute_targets(current_db(), asked_covenant(), cut_off=asked_day())
    return a_file(targets_to_xlsx(targets), XLSX, f"{targets.covenant.name}-{targets.cut_off}.xlsx")


@blueprint.get("/covenant/report.pdf")
@requires(Permission.SEE_COVENANT)
def report() -> ResponseReturnValue:
    covenant, cut_off = asked_covenant(), asked_day()
    html = progress_report(current_db(), covenant, cut_off=cut_off)
    return a_file(render_pdf(html), "application/pdf", f"voortgangsrapport-{covenant.name}-{cut_off}.pdf")


def _views(targets: Targets, current: str) -> list[tuple[str, str, int, bool]]:
    """The saved questions: words, address, how many, and whether it is this one."""
    words = {"all": _("Alle"), "result": _("Resultaat"), "effort": _("Inspanning"), "attention": _("Vraagt aandacht")}
    return [
        (words[view], url_for("covenant.cockpit", **kept(view=view)), len(_chosen(targets, view)), view == current)
        for view in VIEWS
    ]


def _chosen(targets: Targets, view: str) -> list[CommitmentFigure]:
    return [
        figure
        for figure in targets.commitments
        if view in ("all", figure.commitment.kind) or (view == "attention" and figure.needs_attention)
    ]


def _groups(targets: Targets, view: str) -> Iterator[tuple[str, str, list[Line]]]:
    """Result and effort, each with a word about the money behind it, and its lines."""
    funding, covenant = targets.funding, targets.covenant
    result, effort = share_text(covenant.result_share), share_text(covenant.effort_share)
    heads = {
        Kind.RESULT: (
            _("Resultaat"),
            _("%(met)s van %(of)s gehaald, %(share)s %% van de middelen", met=funding.met, of=funding.of, share=result),
        ),
        Kind.EFFORT: (_("Inspanning"), _("%(share)s %% van de middelen", share=effort)),
    }
    for kind, (title, words) in heads.items():
        lines = list(_lines(figure for figure in _chosen(targets, view) if figure.commitment.kind is kind))
        if lines:
            yield title, words, lines


def _lines(figures: Iterable[CommitmentFigure]) -> Iterator[Line]:
    for figure in figures:
        for part in figure.parts:
            yield _line(figure, part, is_part=part is not figure.headline)


def _line(figure: CommitmentFigure, part: PartFigure, *, is_part: bool) -> Line:
    now = part.current
    figure_words, target_words = figure_text(part.part, now.figure), target_text(part.part, now.period.target)
    where = {"part": part.part.key} if is_part else {}
    return Line(
        label=figure.commitment.label,
        title=_(part.part.title if is_part else figure.commitment.title),
        url=url_for("covenant.commitment", key=figure.commitment.key, **kept(**where)),
        what=f"{unit_of(figure, part.part)}, {period_name(part.part, now.period)}",
        figure=figure_words,
        target=target_words,
        value=now.figure or Decimal(0),
        goal=now.period.target,
        needed=now.needed,
        bullet=_(
            "%(figure)s van %(target)s, nodig voor vandaag %(needed)s",
            figure=figure_words,
            target=target_words,
            needed=figure_text(part.part, Decimal(now.needed)),
        ),
        trend=part.trend,
        trend_words=_("Twaalf weken: van %(first)s naar %(last)s", first=_trend(part, 0), last=_trend(part, -1)),
        status_key="" if is_part else status_key(figure),
        status="" if is_part else status_text(figure),
        is_part=is_part,
    )


def _trend(part: PartFigure, index: int) -> str:
    return figure_text(part.part, part.trend[index])


def _to_go(targets: Targets) -> list[str]:
    """For each result commitment that is not met: what is still missing, part by part."""
    unmet = [
        targets.get(member.key)
        for name, members in targets.covenant.groups.items()
        if not targets.groups[name]
        for member in members
    ]
    return [
        _missing(figure, part)
        for figure in unmet
        for part in figure.parts
        if not figure.is_met and (part.missed or part.current.to_go > 0)
    ]


def _missing(figure: CommitmentFigure, part: PartFigure) -> str:
    name = figure.commitment.label or name_of(figure.commitment)
    if part.missed is not None:
        period = period_name(part.part, part.missed.period)
        if figure.commitment.soft:
            return _("%(name)s: niet gehaald in %(period)s, het departement kan beslissen", name=name, period=period)
        return _("%(name)s: niet gehaald in %(period)s, dat komt niet terug", name=name, period=period)
    return _(
        "%(name)s: nog %(number)s %(unit)s tot %(date)s",
        name=name,
        number=format_number(part.current.to_go),
        unit=unit_of(figure, part.part, part.current.to_go),
        date=format_date(part.current.period.last),
    )
