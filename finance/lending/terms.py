"""What somebody must mean: terms beyond what was said before, very little money, a default against the plan.

A slip of 0.0435 for 4.35, or of 80 yuan for 80 万元, would be told to the enterprise at once, and count in
the county's figures.
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from finance.lending.plans import behind_since, lines_of
from finance.rates import format_rate
from portal.kernel.errors import DomainError
from portal.kernel.money import exact_money

if TYPE_CHECKING:
    from finance.lending.deciding import Approval
    from finance.models import LoanApplication

USUAL: Final = (Decimal(1), Decimal(15))
"""Percent a year between which rates are where a product says nothing."""
LEAST: Final = 100
"""Less than one part in so many of what is approved, or due, is more likely a slip of the unit."""


def surprises(loan: LoanApplication, given: Approval) -> list[str]:
    """What of an approval is beyond what was said before, in words; empty where nothing is."""
    version = given.version or loan.product_version
    low = version.rate_low if version is not None and version.rate_low is not None else USUAL[0]
    high = version.rate_high if version is not None and version.rate_high is not None else max(low, USUAL[1])
    found = []
    if not min(low, high) <= given.rate <= high:
        found.append(
            _("年利率 %(rate)s 不在 %(low)s 至 %(high)s 之间")
            % {"rate": format_rate(given.rate), "low": format_rate(low), "high": format_rate(high)}
        )
    if given.months > loan.term_months:
        found.append(
            _("期限 %(months)d 个月，企业申请的是 %(asked)d 个月")
            % {"months": given.months, "asked": loan.term_months}
        )
    return found


def goes_by_plan(loan: LoanApplication, today: dt.date) -> bool:
    """Whether there is a plan by which nothing due is unpaid: whoever calls it overdue contradicts that."""
    lines = lines_of(loan, today)
    return bool(lines) and loan.owed_fen > 0 and behind_since(loan, lines, today) is None


def require_meant(reason: str, *, sure: bool) -> None:
    """Raises DomainError where a loan that goes by its plan is called overdue without a reason or lightly."""
    if not sure or not reason:
        raise DomainError(
            _(
                "按还款计划，这笔贷款没有到期未还的款项。请先核对还款是否都已登记；"
                "确实逾期的，请写明依据，并勾选“已核对无误”再标记。"
            ),
            code="unusual",
        )


def require_plausible_drawing(loan: LoanApplication, fen: int) -> None:
    """Raises DomainError for next to nothing of what is approved."""
    if 0 < fen * LEAST < (loan.approved_fen or 0):
        said = {"given": exact_money(fen), "of": exact_money(loan.approved_fen or 0)}
        raise DomainError(
            _(
                "放款 %(given)s，不到批准金额 %(of)s 的百分之一，请核对单位；"
                "确实如此的，请勾选“已核对无误”再登记。"
            )
            % said,
            code="unusual",
        )


def require_plausible_paying(loan: LoanApplication, fen: int, today: dt.date) -> None:
    """Raises DomainError for next to nothing of the instalment that is paid next."""
    due = next((line.missing_fen for line in lines_of(loan, today) if not line.met), 0)
    if 0 < fen * LEAST < due:
        raise DomainError(
            _(
                "还款 %(given)s，不到这一期待还 %(due)s 的百分之一，请核对单位；"
                "确实如此的，请勾选“已核对无误”再登记。"
            )
            % {"given": exact_money(fen), "due": exact_money(due)},
            code="unusual",
        )
