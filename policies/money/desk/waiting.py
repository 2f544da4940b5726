"""An upload that waits for a second person: what it says, and who may let it count."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Final

from policies.models import Payment, ReturnFile
from policies.models.money.exchange import BankOutcome
from policies.money.duties import PAYING
from policies.money.exchange.formats import ReturnedLine
from policies.money.exchange.reading import read
from portal.accounts.models import Department, User

SHOWN: Final = 200


@dataclass(frozen=True)
class Line:
    """What the file says of one payment."""

    said: ReturnedLine
    payment: Payment

    @property
    def outcome(self) -> BankOutcome:
        """With its word."""
        return BankOutcome(str(self.said.outcome))


@dataclass(frozen=True)
class Said:
    """What would be booked: sums by outcome, and lines, those first that set an award free."""

    sums: list[tuple[str, int, int]]
    lines: list[Line]
    count: int


def of(file: ReturnFile) -> Said:
    """Read out of the file itself: nothing of it is booked yet."""
    told = sorted(
        read(bytes(file.content)).lines, key=lambda one: (one.outcome == BankOutcome.PAID, one.line_no)
    )
    counts: Counter[str] = Counter()
    fen: Counter[str] = Counter()
    for one in told:
        counts[str(one.outcome)] += 1
        fen[str(one.outcome)] += one.amount_fen
    shown = told[:SHOWN]
    payments = Payment.objects.select_related("enterprise").in_bulk([one.payment for one in shown])
    return Said(
        [(str(one.label), counts[one.value], fen[one.value]) for one in BankOutcome if counts[one.value]],
        [Line(one, payments[one.payment]) for one in shown],
        len(told),
    )


def who_may_confirm(file: ReturnFile, department: Department) -> list[User]:
    """Colleagues at the payment desk, but for who brought it."""
    posted = User.objects.filter(postings__role__in=PAYING, postings__department=department, is_active=True)
    return list(posted.exclude(pk=file.by_id or 0).distinct().order_by("pk"))
