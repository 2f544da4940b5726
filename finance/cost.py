"""What a loan costs, month by month. Pure: money in fen, rates in percent a year, exact to the fen.

A month's interest is the principal that is left × rate ÷ 12, half up to the fen, as banks here reckon loans
that are paid by the month (day-count conventions differ by bank and change a few yuan a year). The last
instalment takes what rounding left, which is a few fen, so the principal sums exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal, localcontext
from fractions import Fraction
from functools import cached_property
from typing import Final

from django.utils.translation import gettext as _

from finance.models.product import MOST_MONTHS
from finance.models.vocabulary import Repayment
from portal.kernel.errors import DomainError
from portal.kernel.money import MAX_FEN

_DIGITS: Final = 60
"""Of the annuity's formula: more than a fen of the largest sum over the longest term wants."""


@dataclass(frozen=True, slots=True)
class Instalment:
    """What is due at the end of a month, in fen; `left` is the principal still owed then."""

    month: int
    principal: int
    interest: int
    left: int

    @property
    def due(self) -> int:
        return self.principal + self.interest


@dataclass(frozen=True)
class Schedule:
    """A loan as its instalments, one a month."""

    amount: int
    months: int
    rate: Decimal
    repayment: str
    instalments: tuple[Instalment, ...]

    @cached_property
    def interest(self) -> int:
        """Fen paid beside the principal, over the whole term."""
        return sum(one.interest for one in self.instalments)

    @property
    def total(self) -> int:
        """Fen paid back altogether."""
        return self.amount + self.interest

    @property
    def first(self) -> Instalment:
        return self.instalments[0]

    @property
    def highest(self) -> int:
        """Fen due in the hardest month."""
        return max(one.due for one in self.instalments)


def schedule(amount: int, months: int, rate: Decimal, repayment: str) -> Schedule:
    """The instalments of a loan of so many fen over so many months, `repayment` as in `Repayment`.

    Raises DomainError for an amount that is none, a term outside 1 to 480 months, a rate outside (0, 36].
    """
    if not 0 < amount <= MAX_FEN:
        raise DomainError(_("请填写要借多少，如 50 万元。"), code="cost_amount")
    if not 1 <= months <= MOST_MONTHS:
        raise DomainError(_("期限请填 1 至 %(most)d 个月。") % {"most": MOST_MONTHS}, code="cost_months")
    if not 0 < rate <= 36:
        raise DomainError(_("年利率须大于 0、不超过 36。"), code="cost_rate")
    monthly = Fraction(rate) / 1200
    plan = _PLANS[Repayment(repayment)](amount, months, monthly)
    return Schedule(amount, months, rate, repayment, tuple(plan))


def _annuity(amount: int, months: int, monthly: Fraction) -> list[Instalment]:
    """The same each month: P·i·(1+i)ⁿ ÷ ((1+i)ⁿ − 1); after k, P·((1+i)ⁿ − (1+i)ᵏ) ÷ ((1+i)ⁿ − 1) is left.

    What is left is rounded from the formula, not carried on: a fen of rounding would grow as the debt does.
    """
    with localcontext(prec=_DIGITS):
        rate = Decimal(monthly.numerator) / monthly.denominator
        grown = (1 + rate) ** months
        due = _half_up(Fraction(amount * rate * grown / (grown - 1)))
        plan, before, growth = [], amount, Decimal(1)
        for month in range(1, months + 1):
            growth *= 1 + rate
            left = _half_up(Fraction(amount * (grown - growth) / (grown - 1))) if month < months else 0
            principal = before - left
            interest = max(0, due - principal) if left else _half_up(before * monthly)
            plan.append(Instalment(month, principal, interest, left))
            before = left
    return plan


def _equal_principal(amount: int, months: int, monthly: Fraction) -> list[Instalment]:
    """The same principal each month, its interest falling with what is left."""
    share = _half_up(Fraction(amount, months))
    return _paid_down(amount, months, monthly, share)


def _interest_only(amount: int, months: int, monthly: Fraction) -> list[Instalment]:
    """Interest each month, the principal at the end."""
    return _paid_down(amount, months, monthly, 0)


def _lump(amount: int, months: int, monthly: Fraction) -> list[Instalment]:
    """Nothing until the end, then all; simple interest, as contracts of a year or so have it."""
    waiting = [Instalment(month, 0, 0, amount) for month in range(1, months)]
    return [*waiting, Instalment(months, amount, _half_up(amount * monthly * months), 0)]


def _paid_down(amount: int, months: int, monthly: Fraction, share: int) -> list[Instalment]:
    """Month by month the interest and the same share of the principal, at the end what is left of it."""
    left, plan = amount, []
    for month in range(1, months + 1):
        interest = _half_up(left * monthly)
        principal = left if month == months else min(left, share)
        left -= principal
        plan.append(Instalment(month, principal, interest, left))
    return plan


def _half_up(exact: Fraction) -> int:
    """Whole fen, half up; nothing here is negative."""
    return int(exact + Fraction(1, 2))


_PLANS: Final[Mapping[Repayment, Callable[[int, int, Fraction], list[Instalment]]]] = {
    Repayment.ANNUITY: _annuity,
    Repayment.EQUAL_PRINCIPAL: _equal_principal,
    Repayment.INTEREST_ONLY: _interest_only,
    Repayment.LUMP: _lump,
}
