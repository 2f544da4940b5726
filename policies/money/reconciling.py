"""Reconciliation (对账): our books beside the treasury's words, by batch and by day, differences first.

Ours are payments and transfers, theirs the lines of applied return files: two sources that never copy from
each other, so that a difference is one. Amounts are fen, days those of the calendar in China.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import TruncDate

from policies.models import (
    BudgetLine,
    Payment,
    PaymentBatch,
    ReturnFile,
    ReturnFileEvent,
    ReturnLine,
    Transfer,
)
from policies.models.money.batch import SENT
from policies.models.money.exchange import BankOutcome, FileState
from policies.models.money.payment import UNDERWAY, PaymentState, TransferKind

NOTHING: Final = (0, 0)


@dataclass(frozen=True, slots=True)
class Sums:
    """How many, how much: `paid` and still paid, `returned` in the end."""

    paid_count: int = 0
    paid_fen: int = 0
    returned_count: int = 0
    returned_fen: int = 0


@dataclass(frozen=True, slots=True)
class BatchRow:
    """One released batch. `open` payments wait for an answer, `unknown` ones of them for too long."""

    batch: PaymentBatch
    ours: Sums
    theirs: Sums
    open_count: int
    open_fen: int
    unknown_count: int
    quarantined: int

    @property
    def differs(self) -> bool:
        """Whether books and treasury disagree, or what was instructed is more than what is accounted for."""
        accounted = self.ours.paid_fen + self.ours.returned_fen + self.open_fen
        return self.ours != self.theirs or accounted != self.batch.total_fen

    @property
    def rank(self) -> tuple[bool, bool, bool, int]:
        """Differences first, then what is in quarantine, then what is open, then the newest."""
        return (not self.differs, not self.quarantined, not self.open_count, -self.batch.pk)


@dataclass(frozen=True, slots=True)
class Moved:
    """What moved on a day: paid; paid before and come back; sent back unpaid."""

    post: int = 0
    reverse: int = 0
    release: int = 0

    @property
    def net_fen(self) -> int:
        """By how much more has been paid in the end."""
        return self.post - self.reverse


@dataclass(frozen=True, slots=True)
class DayRow:
    """One day: what we booked on it, and what the treasury did on it by the date that it says itself.

    They differ where an answer came on another day than the bank's entry: `carried_fen` is what the treasury
    had paid by the end of the day and we had not booked. It is zero when nothing is on its way.
    """

    day: dt.date
    ours: Moved
    theirs: Moved
    carried_fen: int

    @property
    def differs(self) -> bool:
        """Whether the two disagree on this day."""
        return self.ours != self.theirs


def by_batch(line: BudgetLine | None = None, *, year: int | None = None) -> list[BatchRow]:
    """Released batches of a budget line (None: all) and of a budget year, differences first. Four queries."""
    batches = PaymentBatch.objects.filter(state__in=SENT)
    if line is not None:
        batches = batches.filter(line=line)
    if year is not None:
        batches = batches.filter(line__year=year)
    ids = batches.values("pk")
    ours = _sums(Payment.objects.filter(batch__in=ids), "batch", "state")
    theirs = _sums(_last_words().filter(payment__batch__in=ids), "payment__batch", "outcome")
    quarantined = _quarantined(ids)
    shown = batches.select_related("line__department", "instruction").defer("instruction__content")
    rows = [
        _batch_row(batch, ours[batch.pk], theirs[batch.pk], quarantined.get(batch.pk, 0)) for batch in shown
    ]
    return sorted(rows, key=lambda row: row.rank)


def by_day(first: dt.date, last: dt.date, line: BudgetLine | None = None) -> list[DayRow]:
    """Days, both ends included, on which anything moved: differences first, then the newest. Two queries."""
    transfers = Transfer.objects.exclude(kind=TransferKind.RESERVE)
    lines = _as_transfers()
    if line is not None:
        transfers, lines = transfers.filter(line=line), lines.filter(payment__line=line)
    ours = _moved(transfers.annotate(day=TruncDate("at"), moved=F("kind")), last)
    theirs = _moved(lines.annotate(day=F("value_date")), last)
    rows, carried = [], 0
    for day in sorted(ours.keys() | theirs.keys()):
        we, they = ours.get(day, Moved()), theirs.get(day, Moved())
        carried += they.net_fen - we.net_fen
        rows.append(DayRow(day, we, they, carried))
    within = (row for row in rows if row.day >= first)
    return sorted(within, key=lambda row: (not row.differs, -row.day.toordinal()))


def other_days(
    first: dt.date, last: dt.date, budget_lines: Iterable[BudgetLine] | None = None
) -> QuerySet[ReturnLine]:
    """Why days differ: lines that were booked, or entered at the bank, in a span and not both on one day.

    A file is booked when it is applied, which may be days after it came.
    """
    applied = ReturnFileEvent.objects.filter(subject=OuterRef("file"), name="apply").order_by("-pk")
    lines = ReturnLine.objects.annotate(booked_on=TruncDate(Subquery(applied.values("at")[:1])))
    if budget_lines is not None:
        lines = lines.filter(payment__line__in=list(budget_lines))
    span = Q(booked_on__range=(first, last)) | Q(value_date__range=(first, last))
    found = lines.filter(span).exclude(booked_on=F("value_date"))
    related = ("file", "payment__batch", "payment__enterprise")
    return found.select_related(*related).defer("file__content").order_by("value_date", "pk")


def _sums(rows: QuerySet[Any], batch: str, state: str) -> dict[int, dict[str, tuple[int, int]]]:
    """Number and sum by batch and state."""
    found: dict[int, dict[str, tuple[int, int]]] = defaultdict(dict)
    grouped = rows.order_by().values_list(batch, state).annotate(Count("pk"), Sum("amount_fen"))
    for key, value, count, fen in grouped:
        found[key][value] = (count, int(fen))
    return found


def _last_words() -> QuerySet[ReturnLine]:
    """The treasury's last word on each payment: what was paid and then came back, came back."""
    returned = ReturnLine.objects.filter(payment=OuterRef("payment"), outcome=BankOutcome.RETURNED)
    return ReturnLine.objects.filter(Q(outcome=BankOutcome.RETURNED) | ~Exists(returned))


def _as_transfers() -> QuerySet[Any]:
    """The treasury's lines by the kind of transfer that each is."""
    paid = ReturnLine.objects.filter(payment=OuterRef("payment"), outcome=BankOutcome.PAID)
    return ReturnLine.objects.annotate(
        moved=Case(
            When(outcome=BankOutcome.PAID, then=Value(TransferKind.POST.value)),
            When(Exists(paid), then=Value(TransferKind.REVERSE.value)),
            default=Value(TransferKind.RELEASE.value),
        )
    )


def _moved(rows: QuerySet[Any], last: dt.date) -> dict[dt.date, Moved]:
    grouped = rows.filter(day__lte=last).order_by().values_list("day", "moved").annotate(Sum("amount_fen"))
    days: dict[dt.date, dict[str, int]] = defaultdict(dict)
    for day, moved, fen in grouped:
        days[day][moved] = int(fen)
    return {day: Moved(**sums) for day, sums in days.items()}


def _quarantined(batches: QuerySet[Any]) -> dict[int, int]:
    """Files in quarantine that answer a batch."""
    rows = ReturnFile.objects.filter(state=FileState.QUARANTINED, instruction__batch__in=batches)
    return dict(rows.order_by().values_list("instruction__batch").annotate(Count("pk")))


def _batch_row(
    batch: PaymentBatch,
    ours: dict[str, tuple[int, int]],
    theirs: dict[str, tuple[int, int]],
    quarantined: int,
) -> BatchRow:
    waiting = [ours.get(state, NOTHING) for state in UNDERWAY]
    return BatchRow(
        batch=batch,
        ours=_answered(ours),
        theirs=_answered(theirs),
        open_count=sum(count for count, _fen in waiting),
        open_fen=sum(fen for _count, fen in waiting),
        unknown_count=ours.get(PaymentState.UNKNOWN, NOTHING)[0],
        quarantined=quarantined,
    )


def _answered(sums: dict[str, tuple[int, int]]) -> Sums:
    return Sums(*sums.get(PaymentState.PAID, NOTHING), *sums.get(PaymentState.RETURNED, NOTHING))
