"""What the portal's records say of each bank, by the keys of indicators.

The records of twelve months are read in a handful of queries for all banks at once, as they were when the
months were over; what an indicator makes of them is a function of `VALUES`. It answers None where there is
nothing to measure (`finance.rankings.sharing`). Which banks are on the platform and what they last said of an
enterprise on a whitelist is known of today alone, and in which pools they take part.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Subquery

from finance.measures import MONTHS, Span, bad_rate, by_bank, first_of_month, lendings, measured, percent
from finance.models import (
    Bank,
    Direction,
    EntryOutcome,
    Indicator,
    LoanClock,
    LoanEvent,
    LoanGrab,
    PoolAdmission,
    ProductVersion,
    ProductVersionEvent,
    ReleaseReason,
    RiskPool,
    WhitelistResult,
)
from finance.models.loan_clock import ANSWER
from portal.kernel.money import WAN

Records = dict[str, Any]
Value = Callable[[Records], Decimal | None]
ANSWERS: Final = ("accept", "decline", "lapse")
"""What ends the bank's time to answer by its own doing; a withdrawal is the enterprise's."""
NOTHING: Final[Records] = measured([]) | {
    "products": 0,
    "first_here": 0,
    "to_answer": 0,
    "in_time": 0,
    "turned_away": 0,
    "grabs": 0,
    "listed": 0,
    "answered": 0,
    "granted": 0,
    "pools": False,
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
    for rows in _counted(Span(first_of_month(month, MONTHS - 1), next_month(month))):
        for row in rows:
            if (bank := row.pop("of")) in found:
                found[bank].update(row)
    return found


def _counted(span: Span) -> Iterator[Any]:
    """A set-based query each, or two, and a row for each bank (`of`)."""
    loans = lendings(span)
    yield [{"of": bank} | measured(found) for bank, found in by_bank(loans).items()]
    yield _pooled(span, {one.pk for one in loans if one.out_fen})
    yield _offered(span)
    yield _answers(span)
    grabs = LoanGrab.objects.filter(at__gte=span.begins, at__lt=span.ends).order_by()
    yield grabs.values(of=F("bank")).annotate(grabs=Count("pk"))
    pushed = Q(whitelists__pushed_at__gte=span.begins, whitelists__pushed_at__lt=span.ends)
    entered = pushed & Q(whitelists__entries__excluded="")
    yield (
        Bank.objects.order_by()
        .values(of=F("pk"))
        .annotate(
            listed=Count("whitelists__entries", filter=entered),
            pools=Exists(RiskPool.objects.filter(banks=OuterRef("pk"))),
        )
    )
    results = WhitelistResult.objects.filter(
        entry__whitelist__pushed_at__gte=span.begins, entry__whitelist__pushed_at__lt=span.ends
    )
    granted = Count("entry__enterprise", distinct=True, filter=Q(outcome=EntryOutcome.GRANTED))
    said = results.filter(at__lt=span.ends).order_by().values(of=F("bank"))
    yield said.annotate(answered=Count("pk"), granted=granted)


def _pooled(span: Span, lent: set[int]) -> list[Records]:
    """Loans that a pool has taken on within the span, of those that money went out for.

    Without those that its department objected to before the span was over.
    """
    found: dict[int, Records] = {}
    taken = PoolAdmission.objects.filter(at__gte=span.begins, at__lt=span.ends).order_by()
    taken = taken.exclude(release_reason=ReleaseReason.OBJECTED, released_at__lt=span.ends)
    for bank, loan, fen in taken.values_list("bank", "loan", "amount_fen"):
        if loan in lent:
            row = found.setdefault(bank, {"of": bank, "pool_loans": 0, "pool_fen": 0})
            row["pool_loans"] += 1
            row["pool_fen"] += fen
    return list(found.values())


def _offered(span: Span) -> QuerySet[ProductVersion, Any]:
    """What was on offer when the span was over."""
    ended = ProductVersionEvent.objects.filter(
        subject=OuterRef("pk"), name__in=("withdraw", "supersede"), at__lt=span.ends
    )
    offered = ProductVersion.objects.filter(~Exists(ended), published_at__lt=span.ends).order_by()
    first_here = Count("pk", filter=Q(product__first_here=True))
    return offered.values(of=F("product__bank")).annotate(products=Count("pk"), first_here=first_here)


def _answers(span: Span) -> QuerySet[Any, Any]:
    """How the bank that was asked within the span answered until it was over, wherever the loan is now.

    What the enterprise withdrew in time asks for no answer; what it withdrew after that was not answered.
    Nor does what waits for its consent ask for one, be it that it lapsed over that.
    """
    ends = LoanEvent.objects.filter(subject=OuterRef("loan"), at=OuterRef("met_at"), name__in=ANSWERS)
    clocks = LoanClock.objects.filter(target=ANSWER, started_at__gte=span.begins, started_at__lt=span.ends)
    waited = Q(ended="lapse", met_at__lte=F("due_at"))
    answered = Q(ended__isnull=False, met_at__lt=span.ends) & ~waited
    missed = Q(due_at__lt=span.ends, paused_at=None) & (Q(met_at=None) | Q(met_at__gt=F("due_at")))
    return (
        clocks.order_by()
        .annotate(ended=Subquery(ends.values("name")[:1]))
        .values(of=F("bank"))
        .annotate(
            to_answer=Count("pk", filter=answered | missed),
            in_time=Count("pk", filter=answered & Q(met_at__lte=F("due_at"))),
            turned_away=Count("pk", filter=answered & Q(ended="decline")),
        )
    )


def _count(name: str) -> Value:
    return lambda found: Decimal(found[name])


def _if(basis: str, value: Value) -> Value:
    """Nothing to measure where there is nothing that it could be measured by."""
    return lambda found: value(found) if found[basis] else None


def _wan(name: str) -> Value:
    return lambda found: (Decimal(found[name]) / WAN).quantize(Decimal("0.01"))


def _share(part: str, whole: str) -> Value:
    return lambda found: percent(found[part], found[whole])


def _said(name: str) -> Value:
    return lambda found: found[name]


def _bad(found: Records) -> Decimal | None:
    return Decimal(found["bad"]) if found["ever"] else None


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
    "days": _said("days_here"),
    "rate": _said("rate"),
    "renewals": _count("renewed"),
    "no_principal": _count("no_principal"),
    "bad_rate": bad_rate,
    "bad": _bad,
    "products": _count("products"),
    "first_here": _count("first_here"),
    "grabs": _count("grabs"),
    "declined_rate": _share("turned_away", "to_answer"),
    "listed_answered": _share("answered", "listed"),
    "listed_granted": _if("listed", _count("granted")),
    "pool_fen": _if("pools", _wan("pool_fen")),
    "pool_loans": _if("pools", _count("pool_loans")),
}
"""What an indicator says of a bank, by its key."""


def values(indicator: Indicator, records: dict[int, Records]) -> dict[int, Decimal | None]:
    """What an indicator says of each bank; of one the portal has no records of, nothing."""
    say = VALUES.get(indicator.key) if indicator.recorded else None
    return {bank: say(found) if say else None for bank, found in records.items()}


def reached(indicator: Indicator, said: dict[int, Decimal | None]) -> dict[int, Fraction | None]:
    """What each bank reached of an indicator: the best one all of it, the worst nothing, the rest between.

    Where all are alike all have it, unless it is nothing that they have alike. No value: nothing to measure.
    """
    known = [value for value in said.values() if value is not None]
    rising = indicator.direction == Direction.HIGHER
    if not known:
        return dict.fromkeys(said)
    best, worst = (max(known), min(known)) if rising else (min(known), max(known))

    def part(value: Decimal | None) -> Fraction | None:
        if value is None:
            return None
        if best == worst:
            return Fraction(not rising or best > 0)
        return Fraction(value - worst) / Fraction(best - worst)

    return {bank: part(value) for bank, value in said.items()}
