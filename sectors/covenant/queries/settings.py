"""What people decided about the count, read in one question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from sectors.covenant.formats import Covenant
from sectors.covenant.formats.periods import end_of
from sectors.covenant.models import CommitmentDecision, ConsultantAbsence, CounterChoice

PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Choice:
    """How a commitment is counted."""

    counts_people: bool = False
    is_calendar: bool = False


@dataclass(frozen=True, slots=True)
class Decision:
    """What the department decided, and when."""

    is_met: bool
    decided_on: date


@dataclass(frozen=True, slots=True)
class CountSettings:
    """As they hold on the cut-off date. `absence_days`: calendar days, in full-time consultants."""

    choices: Mapping[str, Choice]
    decisions: Mapping[str, Decision]
    absence_days: Decimal


def get_settings(db: Session, covenant: Covenant, cut_off: date) -> CountSettings:
    """Absences up to the cut-off date, decisions taken by then, and the choices that hold now."""
    absences = sa.select(
        sa.literal("absence").label("what"),
        sa.literal("").label("key"),
        sa.literal("").label("counts"),
        sa.false().label("flag"),
        ConsultantAbsence.first_day.label("first"),
        ConsultantAbsence.last_day.label("last"),
        ConsultantAbsence.fte.label("fte"),
        ConsultantAbsence.id.label("id"),
    ).where(ConsultantAbsence.covenant == covenant.name, _held(cut_off))
    decisions = sa.select(
        sa.literal("decision"),
        CommitmentDecision.key,
        sa.literal(""),
        CommitmentDecision.is_met,
        CommitmentDecision.decided_on,
        CommitmentDecision.decided_on,
        sa.literal(Decimal(0), sa.Numeric(3, 2)),
        CommitmentDecision.id,
    ).where(CommitmentDecision.covenant == covenant.name, CommitmentDecision.decided_on <= cut_off)
    choices = sa.select(
        sa.literal("choice"),
        CounterChoice.key,
        CounterChoice.counts,
        CounterChoice.is_calendar,
        sa.literal(cut_off, sa.Date()),
        sa.literal(cut_off, sa.Date()),
        sa.literal(Decimal(0), sa.Numeric(3, 2)),
        CounterChoice.id,
    ).where(CounterChoice.covenant == covenant.name)
    rows = db.execute(sa.union_all(absences, decisions, choices).order_by("first", "id")).all()
    return CountSettings(
        choices={row.key: Choice(row.counts == PEOPLE, bool(row.flag)) for row in rows if row.what == "choice"},
        decisions={row.key: Decision(bool(row.flag), row.first) for row in rows if row.what == "decision"},
        absence_days=sum((_days(row, cut_off) for row in rows if row.what == "absence"), Decimal(0)),
    )


def list_absences(db: Session, covenant: Covenant) -> Sequence[ConsultantAbsence]:
    """Every absence, withdrawn ones too, the last first."""
    return db.scalars(
        sa.select(ConsultantAbsence)
        .where(ConsultantAbsence.covenant == covenant.name)
        .order_by(ConsultantAbsence.first_day.desc(), ConsultantAbsence.id.desc())
    ).all()


def _held(cut_off: date) -> sa.ColumnElement[bool]:
    """Absences that stood on the cut-off date: an earlier report can be made again."""
    return sa.or_(ConsultantAbsence.withdrawn_at.is_(None), ConsultantAbsence.withdrawn_at >= end_of(cut_off))


def _days(row: Any, cut_off: date) -> Decimal:
    days = (min(row.last, cut_off) - row.first).days + 1
    return Decimal(max(days, 0)) * Decimal(row.fte)
