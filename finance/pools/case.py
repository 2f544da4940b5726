"""What a claim rests on, for those who decide it: the loan's money and plan, what is late, what is owed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import Value
from django.utils import timezone

from finance.desk.plan import Shown
from finance.lending.plans import lines_of
from finance.models import Drawdown, LoanApplication, PoolClaim, PoolClaimEvent, Repayment
from finance.models.pool_cover import OPEN_CLAIMS
from finance.pools.lateness import Lateness


@dataclass(frozen=True, slots=True)
class Move:
    """Money that went out or came back on a day, in fen; `late`: after the loan was overdue."""

    out: bool
    on: dt.date
    serial: str
    principal_fen: int
    interest_fen: int
    late: bool


@dataclass(frozen=True)
class Case:
    """A claim and its loan as they are on a day: today, or of a settled claim when that was settled."""

    claim: PoolClaim
    settled: dt.datetime | None
    as_of: dt.date
    plan: Shown

    @classmethod
    def of(cls, claim: PoolClaim, events: Sequence[PoolClaimEvent]) -> Case:
        """As things stand, by what happened to the claim, the earliest first; seven queries at most."""
        settled = events[-1].at if events and claim.state not in OPEN_CLAIMS else None
        as_of = timezone.localdate(settled)
        lines = lines_of(claim.admission.loan, as_of)
        return cls(claim, settled, as_of, Shown(lines[0].instalment.plan if lines else None, lines))

    @property
    def loan(self) -> LoanApplication:
        """That the claim is of."""
        return self.claim.admission.loan

    @cached_property
    def lateness(self) -> Lateness:
        """What speaks for it being overdue."""
        return Lateness.of(self.loan, self.plan.lines, self.as_of)

    @property
    def since(self) -> dt.date | None:
        """From which day on it is overdue: by the plan, else by its last day, else as the bank said."""
        return self.lateness.since

    @property
    def overdue_days(self) -> int | None:
        """Calendar days since then."""
        return None if self.since is None else (self.as_of - self.since).days

    @cached_property
    def moves(self) -> list[Move]:
        """All that counts, the earliest first; of a settled claim what was known when that was settled."""
        known: dict[str, Any] = {"at__lte": self.settled} if self.settled else {}
        out = Drawdown.objects.standing().filter(loan=self.loan, **known)
        back = Repayment.objects.standing().filter(loan=self.loan, **known)
        rows = out.values_list(Value(True), "on", "serial", "amount_fen", Value(0)).union(
            back.values_list(Value(False), "on", "serial", "principal_fen", "interest_fen"), all=True
        )
        late = self.since or dt.date.max
        found = [
            Move(gone, on, serial, principal, interest, late=not gone and on > late)
            for gone, on, serial, principal, interest in rows.order_by()
        ]
        return sorted(found, key=lambda move: (move.on, not move.out))

    @property
    def drawn_fen(self) -> int:
        """What went out."""
        return sum(one.principal_fen for one in self.moves if one.out)

    @property
    def repaid_fen(self) -> int:
        """Principal that came back."""
        return sum(one.principal_fen for one in self.moves if not one.out)

    @property
    def owed_fen(self) -> int:
        """Principal that is still to be paid back."""
        return self.drawn_fen - self.repaid_fen

    @property
    def since_then_fen(self) -> int:
        """What the bank got back after the loan was overdue, principal and interest."""
        return sum(one.principal_fen + one.interest_fen for one in self.moves if one.late)

    @property
    def interest_fen(self) -> int:
        """Interest that was due by the plan and did not come: the pool does not bear it."""
        return sum(
            one.instalment.interest_fen - one.interest_fen
            for one in self.plan.lines
            if not one.met and one.instalment.due_on <= self.as_of
        )

    @property
    def paid_back_fen(self) -> int:
        """By how much the loss that is claimed is more than what is owed."""
        return max(self.claim.loss_fen - self.owed_fen, 0)

    @property
    def net_guarantee_fen(self) -> int:
        """What the pool bears after what came back."""
        return self.claim.guarantee_fen - self.claim.returned_fen

    @property
    def net_bank_fen(self) -> int:
        """What the bank bears after what came back."""
        return self.claim.bank_fen - (self.claim.recovered_fen - self.claim.returned_fen)

    @cached_property
    def earlier(self) -> list[PoolClaim]:
        """Claims of the same loan before this one; they were refused."""
        return list(self.claim.admission.claims.filter(pk__lt=self.claim.pk).order_by("pk"))
