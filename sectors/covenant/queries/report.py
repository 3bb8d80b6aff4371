"""The progress report: HTML of its own, so that the command makes the same paper as the page. No names of people."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

import jinja2
import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.kernel import i18n
from lms.kernel.i18n import gettext as _
from sectors.areas import all_areas
from sectors.covenant.formats import Covenant
from sectors.covenant.models import Participation
from sectors.covenant.queries import PartFigure, Targets, compute_targets
from sectors.covenant.queries.sources import Sources
from sectors.covenant.queries.words import (
    definition_of,
    figure_text,
    goals_of,
    name_of,
    period_name,
    share_text,
    status_text,
    target_text,
)

INK, BAR, REST, GREEN = "#2a1b26", "#841e51", "#ded2cf", "#1b6638"


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with the words that say the same."""

    title: str
    alt: str
    src: str


@dataclass(frozen=True, slots=True)
class AreaQuarters:
    """How many participations of an area counted in each quarter."""

    name: str
    counts: tuple[int, ...]

    @property
    def total(self) -> int:
        """Over all quarters."""
        return sum(self.counts)


def progress_report(db: Session, covenant: Covenant, *, cut_off: date) -> str:
    """The report as an HTML document for `render_pdf`: figures, charts, who took part, evidence, and the money."""
    targets = compute_targets(db, covenant, cut_off=cut_off)
    quarters = _quarters(covenant, cut_off)
    evidence = [piece for piece in Sources(db, covenant, [cut_off]).evidence if piece.stands_on(cut_off)]
    areas = _by_area(db, quarters, cut_off)
    return _template().render(
        targets=targets,
        covenant=covenant,
        cut_off=cut_off,
        language=i18n.current_language(),
        charts=[_bars_chart(targets), _quarters_chart(quarters, areas)],
        quarters=[quarter.name for quarter in quarters],
        areas=areas,
        evidence=evidence,
        names={item.key: name_of(item) for item in covenant.commitment},
        goals={item.key: goals_of(covenant, item) for item in covenant.commitment},
    )


@dataclass(frozen=True, slots=True)
class Quarter:
    """Three months: K1 2024, or what that is in the language of the report."""

    name: str
    first: date
    next_first: date


def _quarters(covenant: Covenant, cut_off: date) -> list[Quarter]:
    quarters = []
    first = covenant.starts_on
    while first <= min(covenant.ends_on, cut_off):
        following = date(first.year + (first.month > 9), (first.month + 3 - 1) % 12 + 1, 1)
        name = _("K%(number)s %(year)s", number=(first.month + 2) // 3, year=first.year)
        quarters.append(Quarter(name, first, following))
        first = following
    return quarters


def _by_area(db: Session, quarters: Sequence[Quarter], cut_off: date) -> list[AreaQuarters]:
    """Intersectoral participations by area and quarter, in the order of the areas; strangers last."""
    counts: dict[str, list[int]] = {}
    for area, day, number in _daily(db, cut_off):
        for index, quarter in enumerate(quarters):
            if quarter.first <= day < quarter.next_first:
                counts.setdefault(area, [0] * len(quarters))[index] += number
    names = {slug: area.name for slug, area in all_areas().items()}
    known = [AreaQuarters(name, tuple(counts[slug])) for slug, name in names.items() if slug in counts]
    strange = [counts[slug] for slug in counts if slug not in names]
    if strange:
        known.append(AreaQuarters(_("Zonder afdeling"), tuple(map(sum, zip(*strange, strict=True)))))
    return known


def _daily(db: Session, cut_off: date) -> list[tuple[str, date, int]]:
    rows = db.execute(
        sa.select(Participation.area, Participation.counted_on, sa.func.count())
        .where(Participation.is_calendar.is_(False), Participation.counted_on <= cut_off)
        .group_by(Participation.area, Participation.counted_on)
    )
    return [(area, day, number) for area, day, number in rows if day is not None]


# ---- charts ----------------------------------------------------------------------------------------------------------


def _bars_chart(targets: Targets) -> Chart:
    """Each commitment's way to its target, in per cent; the figures stand in the words and in the table."""
    rows = [(name_of(figure.commitment), figure.headline) for figure in targets.commitments]
    drawn = []
    for index, (name, part) in enumerate(rows):
        share = _share(part)
        top = index * 24
        colour = GREEN if part.current.is_met else BAR
        drawn.append(
            f'<text x="0" y="{top + 16}" font-size="12" fill="{INK}">{escape(name)}</text>'
            f'<rect x="330" y="{top + 6}" width="270" height="11" fill="{REST}"/>'
            f'<rect x="330" y="{top + 6}" width="{270 * share:.1f}" height="11" fill="{colour}"/>'
            f'<text x="612" y="{top + 16}" font-size="12" fill="{INK}">{escape(_figure_words(part))}</text>'
        )
    words = "; ".join(f"{name}: {_figure_words(part)}" for name, part in rows)
    title = _("Elke verbintenis op weg naar haar doel")
    return Chart(title, f"{title}. {words}.", _svg(760, len(rows) * 24 + 4, "".join(drawn)))


def _figure_words(part: PartFigure) -> str:
    return _(
        "%(figure)s van %(target)s",
        figure=figure_text(part.part, part.current.figure),
        target=target_text(part.part, part.current.period.target),
    )


def _share(part: PartFigure) -> Decimal:
    return min(Decimal(1), max(Decimal(0), (part.current.figure or Decimal(0)) / part.current.period.target))


def _quarters_chart(quarters: Sequence[Quarter], areas: Sequence[AreaQuarters]) -> Chart:
    counts = [sum(row.counts[index] for row in areas) for index in range(len(quarters))]
    highest = max([*counts, 1])
    wide = 720 / max(len(quarters), 1)
    drawn = []
    for index, (quarter, count) in enumerate(zip(quarters, counts, strict=True)):
        height, left = 150 * count / highest, index * wide + 8
        middle = f'x="{left + wide / 2 - 8:.1f}" font-size="11" text-anchor="middle" fill="{INK}"'
        drawn.append(
            f'<rect x="{left:.1f}" y="{180 - height:.1f}" width="{wide - 16:.1f}" height="{height:.1f}" fill="{BAR}"/>'
            f'<text {middle} y="{174 - height:.1f}">{i18n.format_number(count)}</text>'
            f'<text {middle} y="198">{quarter.name}</text>'
        )
    title = _("Deelnames aan het intersectoraal aanbod per kwartaal")
    words = "; ".join(f"{quarter.name}: {count}" for quarter, count in zip(quarters, counts, strict=True))
    return Chart(title, f"{title}. {words}.", _svg(740, 206, "".join(drawn)))


def _svg(width: int, height: int, content: str) -> str:
    """A drawing as an address: WeasyPrint gives only images an alternative text, not drawings in the page."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' font-family="Leerlabo Nul, Atkinson, DejaVu Sans, sans-serif">{content}</svg>'
    )
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


# ---- template --------------------------------------------------------------------------------------------------------


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("sectors.covenant"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        extensions=["jinja2.ext.i18n"],
    )
    install: Any = environment
    install.install_gettext_callables(i18n.gettext, i18n.ngettext, newstyle=True)
    environment.filters.update(
        date=i18n.format_date, short_date=i18n.format_short_date, number=i18n.format_number, money=i18n.format_money
    )
    environment.globals.update(
        definition_of=definition_of,
        figure_text=figure_text,
        name_of=name_of,
        period_name=period_name,
        share_text=share_text,
        status_text=status_text,
        target_text=target_text,
    )
    return environment.get_template("covenant/report_pdf.html")
