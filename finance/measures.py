"""What is counted of loans, once for all: the cockpit asks it of the county, the ranking of each bank.

Every measure is an aggregate over loan applications that may be grouped by anything: one query, however many.
"""

from __future__ import annotations

import datetime as dt
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from django.db.models import Avg, Count, DecimalField, ExpressionWrapper, F, Q, QuerySet, Sum
from django.db.models.functions import TruncDate, TruncMonth

from finance.models import Drawdown, LoanApplication, LoanMark, LoanState
from finance.models.loan_states import LENT
from portal.kernel.money import WAN

BAD: Final = (LoanState.OVERDUE, LoanState.WRITTEN_OFF)
"""What is owed of these is bad (不良)."""
SMALL_FEN: Final = 1_000 * WAN
"""Up to ten million yuan a firm a loan is 普惠型小微企业贷款 (银保监办发〔2019〕48 号)."""
MONTHS: Final = 12
"""The trend shows so many."""


def asked() -> QuerySet[LoanApplication]:
    """Applications that a bank has or that wait for one: not the drafts."""
    return LoanApplication.objects.exclude(state=LoanState.DRAFT).order_by()


def measures(before: dt.date) -> dict[str, Any]:
    """Aggregates over applications; money that went out on the day `before` or later does not count yet.

    Sums of money are fen; `days` is the mean time from submission to the first money in calendar days (a
    timedelta), `interest` the sum of amount × rate, so that the mean rate is weighted by amounts.
    """
    lent = Q(state__in=LENT, drawn_on__lt=before)
    small, credit = Q(approved_fen__lte=SMALL_FEN), Q(product_version__securities__contains=["credit"])
    approved = Q(approved_at__date__lt=before)
    weighed = ExpressionWrapper(
        F("approved_rate") * F("drawn_fen"), DecimalField(max_digits=40, decimal_places=4)
    )
    return {
        "asked": Count("pk"),
        "declined": Count("pk", filter=Q(state=LoanState.DECLINED)),
        "approved": Count("pk", filter=approved),
        "decided": Count("pk", filter=approved | Q(state=LoanState.REFUSED)),
        "lent": Count("pk", filter=lent),
        "lent_fen": Sum("drawn_fen", filter=lent, default=0),
        "firms": Count("enterprise", filter=lent, distinct=True),
        "first": Count("pk", filter=lent & Q(mark=LoanMark.FIRST)),
        "renewed": Count("pk", filter=lent & Q(mark=LoanMark.RENEWAL)),
        "no_principal": Count("pk", filter=lent & Q(mark=LoanMark.NO_PRINCIPAL_RENEWAL)),
        "small": Count("pk", filter=lent & small),
        "small_fen": Sum("drawn_fen", filter=lent & small, default=0),
        "credit": Count("pk", filter=lent & credit),
        "days": Avg(F("drawn_on") - TruncDate("submitted_at"), filter=lent),
        "interest": Sum(weighed, filter=lent),
        "owed_fen": Sum(F("drawn_fen") - F("repaid_fen"), filter=lent, default=0),
        "bad": Count("pk", filter=lent & Q(state__in=BAD)),
        "bad_fen": Sum(F("drawn_fen") - F("repaid_fen"), filter=lent & Q(state__in=BAD), default=0),
    }


def percent(part: int, whole: int) -> Decimal | None:
    """A share in percent with two decimals; None of an empty whole."""
    return _rounded(Decimal(100) * part / whole) if whole else None


def mean_days(found: dict[str, Any]) -> Decimal | None:
    """Calendar days from submission to the first money, two decimals; None where nothing was lent."""
    days: dt.timedelta | None = found["days"]
    return None if days is None else _rounded(Decimal(days // dt.timedelta(seconds=1)) / 86_400)


def mean_rate(found: dict[str, Any]) -> Decimal | None:
    """Percent a year, weighted by amounts, two decimals; None where nothing was lent."""
    interest: Decimal | None = found["interest"]
    return _rounded(interest / found["lent_fen"]) if interest and found["lent_fen"] else None


def first_of_month(day: dt.date, back: int = 0) -> dt.date:
    """The first of the day's month, or of the month so many before."""
    months = day.year * 12 + day.month - 1 - back
    return dt.date(months // 12, months % 12 + 1, 1)


def monthly(today: dt.date) -> list[tuple[dt.date, int, int]]:
    """Each of the last twelve months, the oldest first: its first day, fen lent, drawdowns. One query."""
    since = first_of_month(today, MONTHS - 1)
    rows = Drawdown.objects.standing().filter(on__gte=since, on__lte=today).order_by()
    counted = rows.values(month=TruncMonth("on")).annotate(fen=Sum("amount_fen"), count=Count("pk"))
    found = {row["month"]: row for row in counted}
    nothing = {"fen": 0, "count": 0}
    months = [first_of_month(today, back) for back in reversed(range(MONTHS))]
    return [(month, row["fen"], row["count"]) for month in months for row in [found.get(month, nothing)]]


def _rounded(figure: Decimal) -> Decimal:
    return figure.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
