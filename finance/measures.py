"""What is counted of loans, once for all: the cockpit asks it of the county, the ranking of each bank.

Everything is reckoned as it was known when the days that are looked at were over: states by the events until
then, money by what was booked until then and not yet reversed. So a month says the same whenever it is asked.
Where a record keeps only its last word (the kind of a loan, 首贷 or 续贷), that word counts.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from django.db.models import Count, F, Min, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import TruncMonth
from django.utils import timezone

from finance.models import Drawdown, LoanApplication, LoanEvent, LoanMark, LoanState, Repayment
from finance.models.loan_states import OWED
from finance.models.vocabulary import Security
from portal.kernel.money import WAN

BAD: Final = (LoanState.OVERDUE, LoanState.WRITTEN_OFF)
"""What is owed of these is bad (不良)."""
GRANTED: Final = (LoanState.SIGNED, *OWED, LoanState.WRITTEN_OFF)
"""What was approved of these is what a bank has granted to a firm (授信)."""
SMALL_FEN: Final = 1_000 * WAN
"""Up to ten million yuan granted to a firm its loans are 普惠型小微企业贷款 (银保监办发〔2019〕48 号)."""
MONTHS: Final = 12
"""The trend shows so many, and the ranking looks at so many."""


@dataclass(frozen=True, slots=True)
class Span:
    """Days that are looked at: from the first one (None: from the beginning) to the one before `before`."""

    since: dt.date | None
    before: dt.date

    @property
    def begins(self) -> dt.datetime | None:
        """The midnight that begins the first day."""
        return None if self.since is None else midnight(self.since)

    @property
    def ends(self) -> dt.datetime:
        """The midnight that ends the last day: what was known before it counts."""
        return midnight(self.before)


@dataclass(frozen=True, slots=True)
class Lending:
    """An application as it was known when a span was over. Sums are fen, days calendar days.

    `lent_fen` went out within the span, `out_fen` and `back_fen` until its end. `recent`: it came to its bank
    within the span; `begun`: its first money went out within it. `days` is the time to the first money from
    the submission, `days_here` from when the bank had it, which for a grabbed one is the grab.
    """

    pk: int
    bank: int | None
    enterprise: int
    state: str
    recent: bool
    approved: bool
    begun: bool
    small: bool
    credit: bool
    mark: str
    rate: Decimal
    lent_fen: int
    out_fen: int
    back_fen: int
    days: int
    days_here: int

    @property
    def owed_fen(self) -> int:
        """Principal that was still to be paid back."""
        return self.out_fen - self.back_fen

    @property
    def bad(self) -> bool:
        """Behind with what it owed, or lost."""
        return self.state in BAD and self.out_fen > 0


def midnight(day: dt.date) -> dt.datetime:
    """When a day begins here."""
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def lendings(span: Span) -> list[Lending]:
    """Every application that was submitted before the span was over. One query."""
    rows = list(_rows(span))
    granted: Counter[tuple[int, int | None]] = Counter()
    for row in rows:
        if row.then in GRANTED:
            granted[row.enterprise_id, row.bank_id] += row.approved_fen
    return [_lending(row, granted[row.enterprise_id, row.bank_id], span) for row in rows]


def by_bank(found: Iterable[Lending]) -> dict[int | None, list[Lending]]:
    """Applications by the bank that has them; None has those that no bank took yet."""
    grouped: defaultdict[int | None, list[Lending]] = defaultdict(list)
    for one in found:
        grouped[one.bank].append(one)
    return dict(grouped)


def measured(found: Collection[Lending]) -> dict[str, Any]:
    """Counts and sums (fen) of applications; means are None where nothing was lent.

    `rate` is percent a year, weighted by what went out within the span. Counts of loans are of those whose
    first money went out within it; what is owed and bad is of all that was out when it was over.
    """
    begun = [one for one in found if one.begun]
    marks = Counter(one.mark for one in begun)
    lent_fen = sum(one.lent_fen for one in found)
    interest = sum((one.rate * one.lent_fen for one in found), Decimal(0))
    return {
        "asked": sum(one.recent for one in found),
        "declined": sum(one.recent and one.state == LoanState.DECLINED for one in found),
        "approved": sum(one.recent and one.approved for one in found),
        "decided": sum(one.recent and (one.approved or one.state == LoanState.REFUSED) for one in found),
        "lent": len(begun),
        "lent_fen": lent_fen,
        "firms": len({one.enterprise for one in found if one.lent_fen}),
        "first": marks[LoanMark.FIRST],
        "renewed": marks[LoanMark.RENEWAL],
        "no_principal": marks[LoanMark.NO_PRINCIPAL_RENEWAL],
        "small": sum(one.small for one in begun),
        "small_fen": sum(one.lent_fen for one in found if one.small),
        "credit": sum(one.credit for one in begun),
        "days": _mean([one.days for one in begun]),
        "days_here": _mean([one.days_here for one in begun]),
        "rate": _rounded(interest / lent_fen) if lent_fen else None,
        "ever": sum(one.out_fen > 0 for one in found),
        "owed_fen": sum(one.owed_fen for one in found),
        "bad": sum(one.bad for one in found),
        "bad_fen": sum(one.owed_fen for one in found if one.bad),
    }


def percent(part: int, whole: int) -> Decimal | None:
    """A share in percent with two decimals; None of an empty whole."""
    return _rounded(Decimal(100) * part / whole) if whole else None


def bad_rate(found: dict[str, Any]) -> Decimal | None:
    """Percent of what is owed that is bad; nothing where all was paid back, None where nothing was lent."""
    return (percent(found["bad_fen"], found["owed_fen"]) or Decimal(0)) if found["ever"] else None


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


def _rows(span: Span) -> QuerySet[LoanApplication, Any]:
    """Applications with what was known of each when the span was over."""
    known = Q(loan=OuterRef("pk"), on__lt=span.before, at__lt=span.ends)
    known &= Q(live=True) | Q(reversal__at__gte=span.ends)
    drawn = Drawdown.objects.filter(known).order_by().values("loan")
    within = drawn if span.since is None else drawn.filter(on__gte=span.since)
    repaid = Repayment.objects.filter(known).order_by().values("loan")
    then = LoanEvent.objects.filter(subject=OuterRef("pk"), at__lt=span.ends).order_by("-at", "-pk")
    asked = LoanApplication.objects.exclude(state=LoanState.DRAFT).filter(submitted_at__lt=span.ends)
    return (
        asked.order_by()
        .annotate(
            then=Subquery(then.values("target")[:1]),
            first_on=Subquery(drawn.annotate(day=Min("on")).values("day")),
            out=Subquery(drawn.annotate(fen=Sum("amount_fen")).values("fen")),
            lent=Subquery(within.annotate(fen=Sum("amount_fen")).values("fen")),
            back=Subquery(repaid.annotate(fen=Sum("principal_fen")).values("fen")),
            grabbed_at=F("grab__at"),
            securities=F("product_version__securities"),
        )
        .values_list(
            *("pk", "bank_id", "enterprise_id", "submitted_at", "grabbed_at", "then", "mark", "securities"),
            *("approved_at", "approved_fen", "approved_rate", "first_on", "out", "lent", "back"),
            named=True,
        )
    )


def _lending(row: Any, granted_fen: int, span: Span) -> Lending:
    grabbed = row.grabbed_at is not None and row.grabbed_at < span.ends
    here = row.grabbed_at if grabbed else row.submitted_at
    first_on, begins = row.first_on, span.begins
    return Lending(
        pk=row.pk,
        bank=row.bank_id,
        enterprise=row.enterprise_id,
        state=row.then,
        recent=begins is None or here >= begins,
        approved=_stands(row, span),
        begun=first_on is not None and (span.since is None or first_on >= span.since),
        small=max(granted_fen, row.approved_fen or 0) <= SMALL_FEN,
        credit=row.securities == [Security.CREDIT],
        mark=row.mark,
        rate=row.approved_rate or Decimal(0),
        lent_fen=int(row.lent or 0),
        out_fen=int(row.out or 0),
        back_fen=int(row.back or 0),
        days=_days(row.submitted_at, first_on),
        days_here=_days(here, first_on),
    )


def _stands(row: Any, span: Span) -> bool:
    """Whether it was approved by then, and that was not taken back."""
    return row.approved_at is not None and row.approved_at < span.ends and row.then != LoanState.REFUSED


def _days(since: dt.datetime, first_on: dt.date | None) -> int:
    return (first_on - timezone.localdate(since)).days if first_on is not None else 0


def _mean(figures: list[int]) -> Decimal | None:
    return _rounded(Decimal(sum(figures)) / len(figures)) if figures else None


def _rounded(figure: Decimal) -> Decimal:
    return figure.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)
