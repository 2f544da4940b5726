"""The two model pools of the demo: what they stand for, and losses, one for each way a claim can stand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from itertools import count, islice
from typing import Final

from django.utils import timezone

from finance.acting import BankActor
from finance.keepers import OFFICE
from finance.lending import booking
from finance.lending.plans import behind_since, lines_of
from finance.models import ClaimState, LoanApplication, LoanState, PoolAdmission, PoolClaim, RiskPool
from finance.models.vocabulary import Repayment
from finance.pools import claiming
from finance.pools.admitting import admit
from finance.pools.claiming import Loss, Payment, Returned, file_claim
from finance.pools.seeding import open_model_pools
from portal.accounts.models import Department, User
from portal.accounts.second_factor import totp_code_at
from portal.kernel.errors import DomainError
from portal.kernel.money import WAN, format_money
from portal.shell.demo.applications.papers import document
from portal.shell.demo.showcase import HUBS, LESSONS

OPENED: Final = dt.timedelta(days=500)
"""Before the demo's moment; before its first loan. Since then its products are on offer, too."""
TURNS: Final = (0, 0, 1, None, None)
"""Into which pool one loan after another goes: two of five into the first, one into the second."""
LONG: Final = 12
"""Months of a loan that is not due within the demo, so that time alone makes no loss."""
WAYS: Final[dict[str, tuple[str, ...]]] = {
    ClaimState.PAID: ("review", "approve", "pay", "recover"),
    ClaimState.APPROVED: ("review", "approve"),
    ClaimState.REVIEWED: ("review",),
    ClaimState.REFUSED: ("refuse",),
    ClaimState.FILED: (),
}
"""Steps that bring a claim to a state."""
A_STEP: Final = dt.timedelta(days=1)
QUIET: Final = A_STEP * (len(WAYS[ClaimState.PAID]) + 2)
"""How long nothing has happened to a loan that is lost."""
SILENT: Final = dt.timedelta(days=85)
"""How long ago a loan was approved at least of which nothing is ever paid, so that it is claimed by now."""
MOST_SILENT: Final = 9
"""So many are never paid, more than are claimed: of some of them something was heard lately."""
SMALL: Final = 60 * WAN
"""The most that such a loan is, lest a whole pool is fused."""
WORDS: Final = "企业主要客户停产，货款无法收回，已停止经营；三次上门催收未果，担保人无力代偿。"


class Cover:
    """Takes a share of the loans into the pools as they are approved."""

    def __init__(self, now: dt.datetime) -> None:
        office = Department.objects.get(code=OFFICE)
        self.pools: Sequence[RiskPool] = open_model_pools(office, now - OPENED)
        self.turns, self.since = count(), now - SILENT
        self.silent: set[int] = set()

    def take(self, loan: LoanApplication, *, by: BankActor, at: dt.datetime) -> None:
        """Take on a loan that was just approved, if it is its turn; a pool may refuse, as pools do."""
        loan.refresh_from_db()
        turn = None if (loan.approved_months or 0) < LONG else TURNS[next(self.turns) % len(TURNS)]
        if turn is None:
            return
        try:
            admit(self.pools[turn], loan, by=by, at=at)
        except DomainError:
            return
        if turn == 0 and at < self.since and self._to_be_lost(loan):
            self.silent.add(loan.pk)

    def _to_be_lost(self, loan: LoanApplication) -> bool:
        """Whether nothing is paid of it: one of the small ones of which something is due each month."""
        monthly = loan.method in (Repayment.ANNUITY, Repayment.EQUAL_PRINCIPAL, Repayment.INTEREST_ONLY)
        return monthly and (loan.approved_fen or 0) <= SMALL and len(self.silent) < MOST_SILENT


def tell_losses(
    pool: RiskPool, people: Mapping[str, User], bankers: Mapping[int, list[BankActor]], now: dt.datetime
) -> int:
    """Small loans of the pool go bad, and what the bank claims goes its ways; how many claims."""
    lost = _unpaid(pool, now)
    for steps, admission in zip(WAYS.values(), lost, strict=False):
        _Claim(people, bankers[admission.bank_id][-1], now - QUIET).tell(admission, steps)
    return len(lost)


def _unpaid(pool: RiskPool, now: dt.datetime) -> list[PoolAdmission]:
    """The smallest that nobody pays, of which nothing was heard lately: all together they fuse no pool."""
    rows = PoolAdmission.objects.live().filter(pool=pool, bad=False)
    rows = rows.filter(loan__state__in=(LoanState.DRAWN, LoanState.REPAYING))
    rows = rows.exclude(loan__enterprise__uscc__in=(HUBS, LESSONS))
    for heard in ("events__at__gte", "repayments__at__gte"):
        rows = rows.exclude(loan__in=LoanApplication.objects.filter(**{heard: now - QUIET}))
    rows = rows.select_related("loan", "bank", "pool").order_by("amount_fen", "pk")
    day = timezone.localdate(now - QUIET)
    ripe = (one for one in rows if _long_overdue(one, day))
    return list(islice(ripe, len(WAYS)))


def _long_overdue(admission: PoolAdmission, day: dt.date) -> bool:
    """Whether the bank may claim of it on a day, because of what its plan says."""
    loan = admission.loan
    since = behind_since(loan, lines_of(loan, day), day)
    return since is not None and since + dt.timedelta(admission.pool.claim_days) <= day


class _Claim:
    """One loss from the day that the enterprise stopped paying; a step each day."""

    def __init__(self, people: Mapping[str, User], by: BankActor, at: dt.datetime) -> None:
        self.people, self.by, self.at = people, by, at

    def tell(self, admission: PoolAdmission, steps: Sequence[str]) -> None:
        """The loan is overdue, the bank claims, the department takes these steps."""
        loan = admission.loan
        booking.miss(loan, "连续两期未付息，企业已停产", by=self.by, at=self._tick())
        papers = [
            document("借款合同", [loan.number, f"借款金额 {format_money(loan.approved_fen or 0)}"]),
            document("催收记录", ["三次上门催收，均未还款。"]),
        ]
        said = Loss(loan.owed_fen, WORDS, papers)
        claim = file_claim(admission, said, by=self.by, at=self._tick())
        for step in steps:
            getattr(self, f"_{step}")(claim, self._tick())

    def _tick(self) -> dt.datetime:
        self.at += A_STEP
        return self.at

    def _review(self, claim: PoolClaim, at: dt.datetime) -> None:
        claiming.review(claim, by=self.people["pool_reviewer"], at=at, comment="材料齐全，损失属实。")

    def _approve(self, claim: PoolClaim, at: dt.datetime) -> None:
        claiming.approve(claim, by=self.people["pool_leader"], at=at)

    def _pay(self, claim: PoolClaim, at: dt.datetime) -> None:
        payer, number = self.people["releaser"], f"BC{claim.pk:06d}"
        receipt = document("拨付回单", [number, f"拨付金额 {format_money(claim.guarantee_fen)}"])
        paid = Payment(number, timezone.localdate(at), receipt)
        claiming.pay(claim, paid, totp_code_at(payer, at), by=payer, at=at)

    def _refuse(self, claim: PoolClaim, at: dt.datetime) -> None:
        why = "催收记录没有担保人的签收，请补齐后重新申请。"
        claiming.refuse(claim, why, by=self.people["pool_reviewer"], at=at)

    def _recover(self, claim: PoolClaim, at: dt.datetime) -> None:
        money = Returned(claim.loss_fen // 4, f"HK{claim.pk:06d}", timezone.localdate(at))
        claiming.recover(claim, money, by=self.people["releaser"], at=at)
