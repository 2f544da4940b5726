"""Terms that somebody must mean: beyond what the product says or the enterprise asked.

A slip of 0.0435 for 4.35 would be told to the enterprise at once, and count in the county's figures.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext as _

from finance.rates import format_rate

if TYPE_CHECKING:
    from finance.lending.deciding import Approval
    from finance.models import LoanApplication

USUAL: Final = (Decimal(1), Decimal(15))
"""Percent a year between which rates are where a product says nothing."""


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
