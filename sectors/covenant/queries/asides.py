"""The numbers beside a figure, so that nobody misreads it: what counts apart, or twice, or has no number."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from lms.accounts.models import Person
from lms.accounts.queries import open_accounts
from lms.kernel.i18n import format_date, format_number
from lms.kernel.i18n import gettext as _
from sectors.covenant.formats import Counter, Covenant, Only
from sectors.covenant.formats.periods import Period, end_of
from sectors.covenant.models import Participation, UserPeak
from sectors.covenant.queries.counters import Asked, pieces
from sectors.covenant.queries.figures import CommitmentFigure, PartFigure
from sectors.covenant.queries.sources import Sources

LTI = "lti"


def list_asides(
    db: Session, covenant: Covenant, figure: CommitmentFigure, part: PartFigure, *, cut_off: date
) -> list[tuple[str, str]]:
    """Words and number, for the current period of a part."""
    sources = Sources(db, covenant, [cut_off])
    period = part.current.period
    match part.part.counter:
        case Counter.DELEGATES:
            return _delegates(sources, period, cut_off)
        case Counter.WORKPLACES:
            return _workplaces(sources, period, cut_off)
        case Counter.PARTICIPATIONS:
            return [
                (
                    _overlap_words(part),
                    format_number(_overlap(db, part, cut_off, counts_people=figure.choice.counts_people)),
                )
            ]
        case Counter.ACCOUNTS:
            return _accounts(db, cut_off)
        case Counter.EVIDENCE_RATIO:
            return _amounts(sources, figure, part, cut_off)
        case _:
            return []


def _delegates(sources: Sources, period: Period, cut_off: date) -> list[tuple[str, str]]:
    rows = [row for row in sources.delegates if row.met_on in period and row.met_on <= cut_off]
    attendances = {row.booking_id for row in rows if not row.is_secretary}
    secretaries = {row.person_id for row in rows if row.is_secretary}
    return [
        (_("Aanwezigheden"), format_number(len(attendances))),
        (_("Vakbondssecretarissen, apart"), format_number(len(secretaries))),
    ]


def _workplaces(sources: Sources, period: Period, cut_off: date) -> list[tuple[str, str]]:
    rows = [row for row in sources.delegates if row.met_on in period and row.met_on <= cut_off and not row.is_secretary]
    unnumbered = {row.kbo for row in rows if row.kbo is not None and not row.establishment}
    return [(_("Zonder vestigingsnummer"), format_number(len(unnumbered)))]


def _overlap_words(part: PartFigure) -> str:
    if part.part.only is Only.INTERSECTORAL:
        return _("Waarvan uit het onderwijs")
    return _("Waarvan ook bij het intersectoraal aanbod")


def _overlap(db: Session, part: PartFigure, cut_off: date, *, counts_people: bool) -> int:
    """Participations (or people) that count here and for the other commitment: teachers in the intersectoral offer."""
    period = part.current.period
    counted = Participation.person_key if counts_people else Participation.id
    when: list[Any] = (
        [Participation.year == period.label]
        if part.part.only is Only.INTERSECTORAL
        else [
            Participation.is_calendar.is_(False),
            Participation.started_on >= period.first,
            Participation.started_on <= min(period.last, cut_off),
        ]
    )
    return (
        db.scalar(
            sa.select(sa.func.count(sa.distinct(counted)))
            .select_from(Participation)
            .where(*when, Participation.is_education.is_(True), Participation.counted_on <= cut_off)
        )
        or 0
    )


def _accounts(db: Session, cut_off: date) -> list[tuple[str, str]]:
    from_elsewhere = db.scalar(
        sa.select(sa.func.count())
        .select_from(Person)
        .where(open_accounts(), Person.made_by == LTI, Person.created_at < end_of(cut_off))
    )
    found = [(_("Via een ander platform"), format_number(from_elsewhere or 0))]
    peak = db.execute(
        sa.select(UserPeak.users, UserPeak.day)
        .where(UserPeak.day <= cut_off)
        .order_by(UserPeak.users.desc(), UserPeak.day)
        .limit(1)
    ).one_or_none()
    if peak is not None:
        found.append((_("Hoogste dag, %(date)s", date=format_date(peak.day)), format_number(peak.users)))
    return found


def _amounts(sources: Sources, figure: CommitmentFigure, part: PartFigure, cut_off: date) -> list[tuple[str, str]]:
    """The two numbers of a share, for a per cent says nothing of how many."""
    labels = frozenset(period.period.label for period in part.periods)
    asked = Asked(figure.commitment.key, part.part, part.current.period, labels)
    words = {part.part.of: _("Gevraagd"), part.part.item: _("Gevonden")}
    return [
        (
            words[item],
            format_number(_sum(piece.value for piece in pieces(sources, asked, item) if piece.stands_on(cut_off))),
        )
        for item in (part.part.of, part.part.item)
    ]


def _sum(values: Iterable[Decimal | None]) -> Decimal:
    total = sum((value or Decimal(0) for value in values), Decimal(0))
    return total.quantize(Decimal(1)) if total == total.to_integral_value() else total
