"""How budget lines stand, and when what firms are eligible for but not paid will come out of them.

Due now: payments in batches that are not released, and awards without a batch. To come: enterprises that
stand on a list of 免申即享 and have not answered, in the quarter in which their time to answer ends, or, of
lists that are not offered yet, in which the next step of two months at most would bring them there.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from django.db.models import QuerySet, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from policies.models import BudgetLine, EnjoyCandidate, Payment
from policies.models.enjoying.vocabulary import CandidateState, Place, RunState
from policies.models.money.payment import PaymentState
from policies.money.awards import waiting

ON_THE_WAY: Final = (CandidateState.LISTED, CandidateState.OFFERED, CandidateState.OBJECTED)
UNTIL_OFFERED: Final = dt.timedelta(days=60)
"""How long a list takes until its enterprises have answered: two reviews, notice, time to answer."""
SHOWN: Final = 4
"""Quarters of the forecast, the present one first."""


@dataclass(frozen=True, slots=True)
class Quarter:
    """What will be due in a quarter, in fen."""

    year: int
    number: int
    fen: int

    @property
    def words(self) -> str:
        """2026 年第 4 季度."""
        return _("%(year)d 年第 %(number)d 季度") % {"year": self.year, "number": self.number}


@dataclass(frozen=True)
class Standing:
    """One line (None: all together) in fen, with what will be due by quarter."""

    line: BudgetLine | None
    appropriated: int
    reserved: int
    paid: int
    prepared: int
    waiting: int
    quarters: list[Quarter] = field(default_factory=list)

    @property
    def left(self) -> int:
        """What may still be released."""
        return self.appropriated - self.reserved - self.paid

    @property
    def coming(self) -> int:
        """All that is due or to come."""
        return sum(quarter.fen for quarter in self.quarters)

    @property
    def short(self) -> int:
        """By how much what is due or to come is more than is left."""
        return max(self.coming - self.left, 0)

    @property
    def bars(self) -> list[tuple[str, int, float]]:
        """Paid, on its way, in batches, waiting: its class, where it begins and how wide it is in percent."""
        found, at, whole = (
            [],
            0.0,
            max(self.appropriated, self.paid + self.reserved + self.prepared + self.waiting, 1),
        )
        for name in ("paid", "reserved", "prepared", "waiting"):
            width = round(100 * getattr(self, name) / whole, 2)
            found.append((name, round(at, 2), width))
            at += width
        return found  # type: ignore[return-value]

    @classmethod
    def sum(cls, standings: Iterable[Standing]) -> Standing:
        """All together."""
        rows = list(standings)
        fen: dict[tuple[int, int], int] = defaultdict(int)
        for quarter in (quarter for row in rows for quarter in row.quarters):
            fen[quarter.year, quarter.number] += quarter.fen
        quarters = [Quarter(*key, total) for key, total in sorted(fen.items())]

        def added(name: str) -> int:
            return sum(getattr(row, name) for row in rows)

        return cls(
            None,
            added("appropriated"),
            added("reserved"),
            added("paid"),
            added("prepared"),
            added("waiting"),
            quarters,
        )


def standings(lines: QuerySet[BudgetLine], today: dt.date) -> list[Standing]:
    """Each line with its figures: two queries, and two more for each line."""
    found = list(lines)
    prepared: Any = Payment.objects.filter(line__in=found, state=PaymentState.PREPARED).order_by()
    in_batches = dict(prepared.values_list("line").annotate(Sum("amount_fen")))
    return [_standing(line, int(in_batches.get(line.pk, 0)), today) for line in found]


def quarter_of(day: dt.date) -> tuple[int, int]:
    """Year and quarter, counted from 1."""
    return day.year, (day.month + 2) // 3


def quarters_from(day: dt.date, count: int = SHOWN) -> list[tuple[int, int]]:
    """So many quarters, the day's own first."""
    year, number = quarter_of(day)
    return [(year + (number - 1 + step) // 4, (number - 1 + step) % 4 + 1) for step in range(count)]


def _standing(line: BudgetLine, prepared: int, today: dt.date) -> Standing:
    owed = int(waiting(line).aggregate(fen=Sum("amount_fen", default=0))["fen"])
    quarters = quarters_from(today)
    fen = dict.fromkeys(quarters, 0)
    fen[quarters[0]] = prepared + owed
    for day, sum_fen in _to_come(line, today):
        fen[min(max(quarter_of(day), quarters[0]), quarters[-1])] += sum_fen
    return Standing(
        line,
        line.appropriated_fen,
        line.reserved_fen,
        line.paid_fen,
        prepared,
        owed,
        [Quarter(*key, total) for key, total in fen.items()],
    )


def _to_come(line: BudgetLine, today: dt.date) -> Sequence[tuple[dt.date, int]]:
    """What enterprises on lists may still accept, by the day on which their time to answer ends."""
    candidates = EnjoyCandidate.objects.filter(
        run__item__in=line.items.all(), place=Place.IN, state__in=ON_THE_WAY, award=None
    ).exclude(run__state__in=(RunState.CANCELLED, RunState.CLOSED, RunState.SELECTING))
    rows: Any = candidates.order_by().values_list("run__offer_until", "run__started_at")
    return [
        (
            max(timezone.localdate(until) if until else timezone.localdate(started + UNTIL_OFFERED), today),
            int(fen),
        )
        for until, started, fen in rows.annotate(Sum("amount_fen"))
    ]
