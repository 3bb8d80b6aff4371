"""What the covenant pays, to the cent (articles 1, 2 and 5). Pure: facts in, amounts in euros out.

Seventy per cent is for effort: a ceiling, judged by the department. Thirty per cent is for result, in proportion to the
result commitments that are met; fewer than half of them pays nothing. An absent consultant who is not replaced after
the guaranteed wage costs, for each day, the maximum / consultants / days of the covenant: multiplied first, rounded
once.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

CENT = Decimal("0.01")
ZERO = Decimal("0.00")


class Deduction(StrEnum):
    """When an absence is taken off: from what was earned, or from the maximum before it is shared out."""

    LAST = "last"
    FROM_MAXIMUM = "from-maximum"


@dataclass(frozen=True, slots=True)
class Terms:
    """What the covenant itself says. Shares are fractions; `days` counts the first and the last day."""

    maximum: Decimal
    effort_share: Decimal
    result_share: Decimal
    consultants_fte: Decimal
    days: int
    result_commitments: int
    deduction: Deduction = Deduction.LAST


@dataclass(frozen=True, slots=True)
class Funding:
    """The account of one moment, in euros with two decimals.

    `earned` is for result, `to_earn` what is still open, `total` effort and result together less the absences.
    """

    maximum: Decimal
    effort: Decimal
    result: Decimal
    met: int
    of: int
    earned: Decimal
    to_earn: Decimal
    absence_days: Decimal
    deduction: Decimal
    total: Decimal


def compute_funding(terms: Terms, *, met: int, absence_days: Decimal = ZERO) -> Funding:
    """The account when `met` result commitments are met and consultants were absent for so many days in FTE.

    Raises `ValueError` for a number that cannot be.
    """
    if not 0 <= met <= terms.result_commitments:
        raise ValueError(f"{met} of {terms.result_commitments} result commitments cannot be met")
    deduction = absence_cost(terms, absence_days)
    base = terms.maximum - deduction if terms.deduction is Deduction.FROM_MAXIMUM else terms.maximum
    effort = to_cents(base * terms.effort_share)
    result = to_cents(base * terms.result_share)
    earned = result_funding(base * terms.result_share, met, terms.result_commitments)
    taken_last = deduction if terms.deduction is Deduction.LAST else ZERO
    return Funding(
        maximum=to_cents(terms.maximum),
        effort=effort,
        result=result,
        met=met,
        of=terms.result_commitments,
        earned=earned,
        to_earn=result - earned,
        absence_days=absence_days,
        deduction=deduction,
        total=max(ZERO, effort + earned - taken_last),
    )


def result_funding(result: Decimal, met: int, of: int) -> Decimal:
    """In proportion to what is met; nothing when fewer than half are."""
    if of == 0 or 2 * met < of:
        return ZERO
    return to_cents(result * met / of)


def absence_cost(terms: Terms, days: Decimal) -> Decimal:
    """What these days of absence cost, never more than the maximum. Raises `ValueError` for fewer than none."""
    if days < 0:
        raise ValueError("an absence has no negative days")
    cost = terms.maximum * days / (terms.consultants_fte * terms.days)
    return min(to_cents(cost), terms.maximum)


def to_cents(amount: Decimal) -> Decimal:
    """Rounded to the cent, halves up, as accountants do."""
    return amount.quantize(CENT, rounding=ROUND_HALF_UP)
