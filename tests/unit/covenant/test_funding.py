"""The money of the covenant, with every figure of the articles and the rules that hold for any figure."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sectors.covenant.formats.funding import Deduction, Terms, absence_cost, compute_funding, result_funding

TERMS = Terms(
    maximum=Decimal("742000.00"),
    effort_share=Decimal("0.70"),
    result_share=Decimal("0.30"),
    consultants_fte=Decimal(7),
    days=731,
    result_commitments=3,
)
cents = st.decimals(min_value=0, max_value=10_000_000, places=2)
days = st.decimals(min_value=0, max_value=7 * 731, places=1)


@pytest.mark.parametrize(
    ("met", "earned"),
    [(3, "222600.00"), (2, "148400.00"), (1, "0.00"), (0, "0.00")],
)
def test_the_result_funding_follows_the_commitments_met(met: int, earned: str) -> None:
    funding = compute_funding(TERMS, met=met)
    assert funding.earned == Decimal(earned)
    assert funding.to_earn == Decimal("222600.00") - Decimal(earned)


def test_the_shares_are_those_of_article_two() -> None:
    funding = compute_funding(TERMS, met=3)
    assert (funding.maximum, funding.effort, funding.result) == (
        Decimal("742000.00"),
        Decimal("519400.00"),
        Decimal("222600.00"),
    )
    assert funding.total == Decimal("742000.00")


def test_a_hundred_days_of_absence_are_multiplied_first_and_rounded_once() -> None:
    assert absence_cost(TERMS, Decimal(100)) == Decimal("14500.68")


def test_an_absence_is_deducted_last() -> None:
    assert compute_funding(TERMS, met=2, absence_days=Decimal(100)).total == Decimal("653299.32")


def test_a_switch_deducts_an_absence_from_the_maximum_first() -> None:
    terms = replace(TERMS, deduction=Deduction.FROM_MAXIMUM)
    funding = compute_funding(terms, met=2, absence_days=Decimal(100))
    assert funding.effort == Decimal("509249.52")  # 70 % of 727,499.32
    assert funding.earned == Decimal("145499.86")  # two thirds of 30 % of it
    assert funding.total == Decimal("654749.38")


def test_exactly_half_is_paid_and_one_fewer_is_not() -> None:
    assert result_funding(Decimal("100.00"), 2, 4) == Decimal("50.00")
    assert result_funding(Decimal("100.00"), 1, 4) == Decimal("0.00")


@pytest.mark.parametrize("met", [-1, 4])
def test_a_number_of_commitments_that_cannot_be_is_refused(met: int) -> None:
    with pytest.raises(ValueError, match="cannot be met"):
        compute_funding(TERMS, met=met)


def test_negative_absence_is_refused() -> None:
    with pytest.raises(ValueError, match="negative"):
        absence_cost(TERMS, Decimal(-1))


@given(met=st.integers(0, 3), absent=days, deduction=st.sampled_from(Deduction))
def test_the_total_stays_between_nothing_and_the_maximum(met: int, absent: Decimal, deduction: Deduction) -> None:
    funding = compute_funding(replace(TERMS, deduction=deduction), met=met, absence_days=absent)
    assert 0 <= funding.total <= funding.maximum
    assert funding.earned + funding.to_earn == funding.result


@given(maximum=cents, of=st.integers(1, 12))
def test_more_commitments_met_never_pay_less(maximum: Decimal, of: int) -> None:
    paid = [result_funding(maximum, met, of) for met in range(of + 1)]
    assert paid == sorted(paid)
    assert paid[-1] == maximum


@given(absent=days)
def test_absence_is_rounded_once(absent: Decimal) -> None:
    exact = TERMS.maximum * absent / (7 * 731)
    assert abs(absence_cost(TERMS, absent) - exact) <= Decimal("0.005")
