"""The covenant for programs and for spreadsheets: the same numbers, definitions and cut-off date as on the screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from lms.kernel.i18n import DEFAULT_LANGUAGE, format_date, use_language
from lms.kernel.i18n import gettext as _
from sectors.covenant.formats import Kind, Part
from sectors.covenant.formats.funding import Funding
from sectors.covenant.queries import CommitmentFigure, PartFigure, PeriodFigure, Row, Targets
from sectors.covenant.queries.words import (
    columns_of,
    definition_of,
    name_of,
    period_name,
    share_text,
    status_text,
    unit_of,
)

BOLD = Font(bold=True)
WIDEST = 70
DATE_FORMAT = "DD-MM-YYYY"
MONEY_FORMAT = "€ #,##0.00"


def targets_to_json(targets: Targets) -> dict[str, Any]:
    """The stable shape: covenant, cut_off, commitments and funding. Amounts are decimal text, figures are numbers, and
    words are Dutch, whoever asks.

    A commitment's own target, figure, unit and period are those of its first part in its current period; `parts` holds
    every part with every period.
    """
    with use_language(DEFAULT_LANGUAGE):
        return {
            "covenant": targets.covenant.name,
            "cut_off": targets.cut_off.isoformat(),
            "commitments": [_commitment_to_json(figure) for figure in targets.commitments],
            "funding": {**_funding_to_json(targets.funding), "still_to_earn": str(targets.still_to_earn)},
        }


def _commitment_to_json(figure: CommitmentFigure) -> dict[str, Any]:
    headline = figure.headline
    return {
        "key": figure.commitment.key,
        "title": figure.commitment.title,
        "target": headline.current.period.target,
        "figure": number_of(headline.current.figure),
        "unit": unit_of(figure, headline.part),
        "period": headline.current.period.label,
        "definition": definition_of(figure),
        "met": figure.is_met,
        "kind": str(figure.commitment.kind),
        "group": figure.commitment.group or None,
        "soft": figure.commitment.soft,
        "decided": None if figure.decision is None else figure.decision.is_met,
        "status": str(figure.status),
        "people": number_of(headline.people),
        "participations": number_of(headline.participations),
        "parts": [_part_to_json(part) for part in figure.parts],
    }


def _part_to_json(part: PartFigure) -> dict[str, Any]:
    return {
        "key": part.part.key,
        "title": part.part.title,
        "unit": part.part.unit[1],
        "met": part.is_met,
        "periods": [_period_to_json(period) for period in part.periods],
    }


def _period_to_json(figure: PeriodFigure) -> dict[str, Any]:
    return {
        "period": figure.period.label,
        "first_day": figure.period.first.isoformat(),
        "last_day": figure.period.last.isoformat(),
        "target": figure.period.target,
        "figure": number_of(figure.figure),
        "needed": figure.needed,
        "met": figure.is_met,
    }


def _funding_to_json(funding: Funding) -> dict[str, Any]:
    return {
        "maximum": str(funding.maximum),
        "effort": str(funding.effort),
        "result": str(funding.result),
        "met": funding.met,
        "of": funding.of,
        "earned": str(funding.earned),
        "to_earn": str(funding.to_earn),
        "absence_days": str(funding.absence_days),
        "deduction": str(funding.deduction),
        "total": str(funding.total),
    }


def number_of(value: Decimal | None) -> int | float | None:
    """A whole number where it is one."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else float(value)


# ---- spreadsheets ----------------------------------------------------------------------------------------------------


def targets_to_xlsx(targets: Targets) -> bytes:
    """Two sheets: every part of every commitment in every period, and the funding."""
    book = Workbook()
    sheet = _first_sheet(book, _("Verbintenissen"))
    _title(sheet, targets.covenant.title, _stand(targets))
    _head(
        sheet,
        (
            _("Verbintenis"),
            _("Soort"),
            _("Onderdeel"),
            _("Periode"),
            _("Nu"),
            _("Doel"),
            _("Eenheid"),
            _("Nodig op die dag"),
            _("Gehaald"),
            _("Unieke mensen"),
            _("Status"),
            _("Wat telt"),
        ),
    )
    for figure in targets.commitments:
        for part in figure.parts:
            for period in part.periods:
                sheet.append(_target_cells(figure, part, period))
    _finish(sheet)
    _funding_sheet(book, targets)
    return _bytes(book)


def _target_cells(figure: CommitmentFigure, part: PartFigure, period: PeriodFigure) -> list[Any]:
    people = part.people if period is part.current else None
    return [
        name_of(figure.commitment),
        _("Resultaat") if figure.commitment.kind is Kind.RESULT else _("Inspanning"),
        _(part.part.title),
        period_name(part.part, period.period),
        number_of(period.figure),
        period.period.target,
        unit_of(figure, part.part),
        period.needed,
        _("ja") if period.is_met else _("nee"),
        number_of(people),
        status_text(figure),
        definition_of(figure),
    ]


def _funding_sheet(book: Workbook, targets: Targets) -> None:
    funding = targets.funding
    sheet = book.create_sheet(_("Financiering"))
    _title(sheet, _("Financiering"), _stand(targets))
    _head(sheet, (_("Wat"), _("Bedrag")))
    for words, amount in (
        (_("Maximum"), funding.maximum),
        (_("Inspanning, %(share)s %%", share=share_text(targets.covenant.effort_share)), funding.effort),
        (_("Resultaat, %(share)s %%", share=share_text(targets.covenant.result_share)), funding.result),
        (_("Nu verworven voor resultaat"), funding.earned),
        (_("Nog te verdienen"), targets.still_to_earn),
        (_("Aftrek voor afwezigheid"), funding.deduction),
        (_("Samen"), funding.total),
    ):
        sheet.append([words, amount])
        sheet.cell(sheet.max_row, 2).number_format = MONEY_FORMAT
    _finish(sheet)


def rows_to_xlsx(targets_title: str, figure: CommitmentFigure, part: Part, rows: Sequence[Row], stand: str) -> bytes:
    """The rows behind a figure, under its title, its definition and its cut-off date."""
    book = Workbook()
    sheet = _first_sheet(book, figure.commitment.label or figure.commitment.key)
    _title(sheet, targets_title, stand, f"{_(part.title)}. {definition_of(figure)}")
    name, organisation, course = columns_of(part)
    headings = (_("Datum"), name, organisation, _("Paritair comité"), course, _("Cijfer"), _("Bewijs"))
    _head(sheet, filter(None, headings))
    for row in rows:
        cells = (row.on, row.name, row.organisation, row.joint_committee, row.course, row.figure, row.evidence)
        sheet.append([_text(cell) for cell, heading in zip(cells, headings, strict=True) if heading])
        sheet.cell(sheet.max_row, 1).number_format = DATE_FORMAT
    _finish(sheet)
    return _bytes(book)


def _text(value: Any) -> Any:
    """What people typed never becomes a formula, and control characters, which a sheet cannot hold, are left out."""
    if not isinstance(value, str):
        return value
    words = ILLEGAL_CHARACTERS_RE.sub("", value)
    return f"'{words}" if words.startswith(("=", "+", "-", "@")) else words


def _stand(targets: Targets) -> str:
    return _("Stand op %(date)s.", date=format_date(targets.cut_off))


def _first_sheet(book: Workbook, title: str) -> Worksheet:
    sheet = book.active
    assert isinstance(sheet, Worksheet)  # noqa: S101  a new workbook has one sheet
    sheet.title = title[:31]
    return sheet


def _title(sheet: Worksheet, *lines: str) -> None:
    for line in lines:
        sheet.append([line])
    sheet["A1"].font = Font(bold=True, size=14)
    sheet.append([])


def _head(sheet: Worksheet, words: Iterable[str]) -> None:
    sheet.append(list(words))
    for cell in sheet[sheet.max_row]:
        cell.font = BOLD
    sheet.freeze_panes = f"A{sheet.max_row + 1}"


def _finish(sheet: Worksheet) -> None:
    """Columns as wide as what they hold; long text wraps."""
    first = sheet.max_row if sheet.freeze_panes is None else int(str(sheet.freeze_panes)[1:]) - 1
    for column in sheet.iter_cols(min_row=first):
        widest = max((len(str(cell.value)) for cell in column if cell.value is not None), default=0)
        sheet.column_dimensions[get_column_letter(column[0].column or 1)].width = min(max(widest + 2, 10), WIDEST)
        for cell in column:
            cell.alignment = Alignment(wrap_text=widest > WIDEST, vertical="top")


def _bytes(book: Workbook) -> bytes:
    file = BytesIO()
    book.save(file)
    return file.getvalue()
