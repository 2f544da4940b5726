"""What the portal's records say of each bank, by the keys of indicators.

The records of twelve months are read in a handful of queries for all banks at once; what an indicator makes
of them is a function of `VALUES`. It answers None where there is nothing to say: then there are no points.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Final

from django.db.models import Count, F, Q, Sum
from django.utils import timezone

from finance.measures import MONTHS, asked, first_of_month, mean_days, mean_rate, measures, percent
from finance.models import (
    Bank,
    Direction,
    EntryOutcome,
    Indicator,
    LoanClock,
    LoanGrab,
    PoolAdmission,
    ProductVersion,
    WhitelistResult,
)
from finance.models.loan_clock import ANSWER
from portal.kernel.money import WAN

Records = dict[str, Any]
Value = Callable[[Records], Decimal | None]
NOTHING: Final[Records] = {
    "asked": 0,
    "declined": 0,
    "approved": 0,
    "decided": 0,
    "lent": 0,
    "lent_fen": 0,
    "firms": 0,
    "first": 0,
    "renewed": 0,
    "no_principal": 0,
    "small": 0,
    "small_fen": 0,
    "credit": 0,
    "days": None,
    "interest": None,
    "owed_fen": 0,
    "bad": 0,
    "bad_fen": 0,
    "products": 0,
    "first_here": 0,
    "to_answer": 0,
    "in_time": 0,
    "grabs": 0,
    "listed": 0,
    "answered": 0,
    "granted": 0,
    "pool_fen": 0,
    "pool_loans": 0,
}
"""Of a bank that nothing is known of."""


def next_month(month: dt.date) -> dt.date:
    """The first day after a month."""
    return first_of_month(month, -1)


def recorded(month: dt.date) -> dict[int, Records]:
    """By id of each bank on the platform, what the records of the twelve months up to `month` say."""
    found = {pk: dict(NOTHING) for pk in Bank.objects.live().values_list("pk", flat=True)}
    for rows in _counted(month):
        for row in rows:
            if (bank := row.pop("of")) in found:
                found[bank].update(row)
    return found


def _counted(month: dt.date) -> Iterator[Any]:
    """One set-based query each, a row for each bank (`of`). What is counted by applications is counted by
    those that were submitted within the time."""
    before = next_month(month)
    time = _midnight(first_of_month(month, MONTHS - 1)), _midnight(before)
    loans = asked().filter(submitted_at__gte=time[0], submitted_at__lt=time[1])
    yield loans.values(of=F("bank")).annotate(**measures(before))
    offered = ProductVersion.objects.offered().order_by().values(of=F("product__bank"))
    yield offered.annotate(products=Count("pk"), first_here=Count("pk", filter=Q(product__first_here=True)))
    clocks = LoanClock.objects.filter(
        Q(met_at__isnull=False) | Q(due_at__lt=time[1]),
        target=ANSWER,
        loan__submitted_at__gte=time[0],
        loan__submitted_at__lt=time[1],
    ).order_by()
    yield clocks.values(of=F("loan__bank")).annotate(
        to_answer=Count("pk"), in_time=Count("pk", filter=Q(met_at__lte=F("due_at")))
    )
    grabs = LoanGrab.objects.filter(at__gte=time[0], at__lt=time[1]).order_by()
    yield grabs.values(of=F("bank")).annotate(grabs=Count("pk"))
    pushed = Q(whitelists__pushed_at__gte=time[0], whitelists__pushed_at__lt=time[1])
    entered = pushed & Q(whitelists__entries__excluded="")
    yield (
        Bank.objects.order_by()
        .values(of=F("pk"))
        .annotate(listed=Count("whitelists__entries", filter=entered))
    )
    results = WhitelistResult.objects.filter(
        entry__whitelist__pushed_at__gte=time[0], entry__whitelist__pushed_at__lt=time[1]
    ).order_by()
    yield results.values(of=F("bank")).annotate(
        answered=Count("pk"), granted=Count("pk", filter=Q(outcome=EntryOutcome.GRANTED))
    )
    pooled = PoolAdmission.objects.filter(at__gte=time[0], at__lt=time[1]).order_by()
    yield pooled.values(of=F("bank")).annotate(pool_loans=Count("pk"), pool_fen=Sum("amount_fen"))


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time.min))


def _count(name: str) -> Value:
    return lambda found: Decimal(found[name])


def _wan(name: str) -> Value:
    return lambda found: (Decimal(found[name]) / WAN).quantize(Decimal("0.01"))


def _share(part: str, whole: str) -> Value:
    return lambda found: percent(found[part], found[whole])


def _bad(found: Records) -> Decimal | None:
    return Decimal(found["bad"]) if found["lent"] else None


VALUES: Final[dict[str, Value]] = {
    "lent_fen": _wan("lent_fen"),
    "lent": _count("lent"),
    "firms": _count("firms"),
    "first": _count("first"),
    "first_rate": _share("first", "lent"),
    "small_fen": _wan("small_fen"),
    "small": _count("small"),
    "credit": _count("credit"),
    "approval_rate": _share("approved", "decided"),
    "answered": _share("in_time", "to_answer"),
    "days": mean_days,
    "rate": mean_rate,
    "renewals": _count("renewed"),
    "no_principal": _count("no_principal"),
    "bad_rate": _share("bad_fen", "owed_fen"),
    "bad": _bad,
    "products": _count("products"),
    "first_here": _count("first_here"),
    "grabs": _count("grabs"),
    "declined_rate": _share("declined", "asked"),
    "listed_answered": _share("answered", "listed"),
    "listed_granted": _count("granted"),
    "pool_fen": _wan("pool_fen"),
    "pool_loans": _count("pool_loans"),
}
"""What an indicator says of a bank, by its key."""


def values(indicator: Indicator, records: dict[int, Records]) -> dict[int, Decimal | None]:
    """What an indicator says of each bank; of one the portal has no records of, nothing."""
    say = VALUES.get(indicator.key) if indicator.recorded else None
    return {bank: say(found) if say else None for bank, found in records.items()}


def points(indicator: Indicator, said: dict[int, Decimal | None]) -> dict[int, int]:
    """Hundredths of points: the best bank has the whole weight, the worst nothing, the rest lie between.

    Where all are alike all have the weight, unless it is nothing that they have alike. No value, no points.
    """
    known = [value for value in said.values() if value is not None]
    rising = indicator.direction == Direction.HIGHER
    if not known or rising and not max(known):
        return dict.fromkeys(said, 0)
    best, worst = (max(known), min(known)) if rising else (min(known), max(known))

    def earned(value: Decimal | None) -> int:
        if value is None:
            return 0
        part = (value - worst) / (best - worst) if best != worst else Decimal(1)
        return int((indicator.weight * 100 * part).quantize(Decimal(1), rounding=ROUND_HALF_UP))

    return {bank: earned(value) for bank, value in said.items()}
