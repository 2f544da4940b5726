"""What a loan costs: exact to the fen, never negative, more for a higher rate and for longer."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from finance.cost import schedule
from finance.models.vocabulary import Repayment
from portal.kernel.errors import DomainError

WAN = 1_000_000
WAYS = st.sampled_from(list(Repayment))
AMOUNTS = st.integers(1, 10**13)
MONTHS = st.integers(1, 480)
RATES = st.decimals("0.0001", "36", places=4)


def test_an_annuity():
    """1,000,000 yuan at 4.35 % over 12 months: 85,309.90 a month by the formula."""
    loan = schedule(100 * WAN, 12, Decimal("4.35"), "annuity")
    assert loan.first.due == 8_530_990
    assert loan.first.interest == 362_500
    assert {one.due for one in loan.instalments[:-1]} == {8_530_990}
    assert abs(loan.instalments[-1].due - 8_530_990) < 12


def test_equal_principal():
    loan = schedule(120 * WAN, 12, Decimal("6"), "equal_principal")
    assert [one.principal for one in loan.instalments] == [10 * WAN] * 12
    assert [one.interest for one in loan.instalments[:2]] == [600_000, 550_000]
    assert loan.interest == 600_000 * 13 // 2
    assert loan.highest == loan.first.due


def test_interest_by_the_month_and_the_principal_at_the_end():
    loan = schedule(100 * WAN, 12, Decimal("3.6"), "interest_only")
    assert [one.due for one in loan.instalments] == [300_000] * 11 + [100 * WAN + 300_000]
    assert loan.interest == 3_600_000


def test_all_at_the_end():
    loan = schedule(100 * WAN, 6, Decimal("3.6"), "lump")
    assert [one.due for one in loan.instalments] == [0] * 5 + [101_800_000]
    assert loan.total == 101_800_000


def test_a_fen_that_cannot_be_parted_comes_last():
    loan = schedule(100, 3, Decimal("0.0001"), "equal_principal")
    assert [one.principal for one in loan.instalments] == [33, 33, 34]


@given(AMOUNTS, MONTHS, RATES, WAYS)
def test_the_principal_sums_and_nothing_is_negative(amount, months, rate, way):
    loan = schedule(amount, months, rate, way)
    assert sum(one.principal for one in loan.instalments) == amount
    assert sum(one.due for one in loan.instalments) == loan.total
    assert loan.instalments[-1].left == 0
    assert [one.month for one in loan.instalments] == list(range(1, months + 1))
    left = amount
    for one in loan.instalments:
        assert one.principal >= 0
        assert one.interest >= 0
        left -= one.principal
        assert one.left == left


@given(st.integers(10_000, 10**12), MONTHS, st.lists(RATES, min_size=2, max_size=2, unique=True), WAYS)
def test_a_higher_rate_never_costs_less(amount, months, rates, way):
    low, high = (schedule(amount, months, rate, way).interest for rate in sorted(rates))
    assert low <= high + months  # a fen of rounding a month


@given(st.integers(10_000, 10**12), st.integers(1, 479), RATES, WAYS)
def test_a_longer_term_never_costs_less(amount, months, rate, way):
    shorter, longer = (schedule(amount, term, rate, way).interest for term in (months, months + 1))
    assert shorter <= longer + months + 1


@given(st.integers(WAN, 10**12), st.integers(2, 480), RATES)
def test_paying_back_early_costs_less(amount, months, rate):
    by_shares = schedule(amount, months, rate, "equal_principal").interest
    at_the_end = schedule(amount, months, rate, "interest_only").interest
    assert by_shares <= at_the_end + months


@pytest.mark.parametrize(
    ("amount", "months", "rate", "code"),
    [
        (0, 12, "4.35", "cost_amount"),
        (-1, 12, "4.35", "cost_amount"),
        (10**17 + 1, 12, "4.35", "cost_amount"),
        (WAN, 0, "4.35", "cost_months"),
        (WAN, 481, "4.35", "cost_months"),
        (WAN, 12, "0", "cost_rate"),
        (WAN, 12, "36.0001", "cost_rate"),
    ],
)
def test_what_is_no_loan_is_refused(amount, months, rate, code):
    with pytest.raises(DomainError) as refused:
        schedule(amount, months, Decimal(rate), "annuity")
    assert refused.value.code == code
