"""One pool through whatever comes, by the real services: its books always add up, and nobody overruns it."""

import pytest
from django.db import transaction
from django.db.models import Sum
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from finance.models import (
    PoolAdmission,
    PoolClaim,
    PoolFuse,
    PoolRecovery,
    PoolSource,
    PoolTransfer,
    RiskPool,
)
from finance.pools import claiming, funding, fusing, invariants
from finance.pools.admitting import admit, end
from finance.pools.claiming import Returned
from finance.pools.shares import split
from portal.kernel.errors import DomainError
from portal.kernel.transitions import advance
from tests.finance.pools import factories as make
from tests.finance.pools.factories import WAN, go, now

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
CAPITAL = 30 * WAN
SUMS = st.integers(1, 90 * WAN)
"""Fen, odd ones too: of three such losses hardly one is shared without a rest."""
WHICH = st.integers(0, 9)
RUNS, STEPS = 8, 20


class Pool(RuleBasedStateMachine):
    """Each rule is what somebody asks for; what the services refuse in words changes nothing."""

    @initialize()
    def opened(self) -> None:
        """In a transaction that is never committed."""
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.bank = make.bank()
        self.asks = make.actor(self.bank)
        self.pool = make.pool(self.bank, capital=CAPITAL, fuse_rate=60)
        self.people = {"money": make.preparer(), "review": make.reviewer(), "lead": make.leader()}
        self.people |= {"pay": make.payer(), "other": make.leader()}
        self.vouchers = 0

    def teardown(self) -> None:
        """As if it had never been."""
        if hasattr(self, "transaction"):
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    @rule(amount=SUMS)
    def a_loan_is_taken_on(self, amount: int) -> None:
        before = RiskPool.objects.get(pk=self.pool.pk)
        fits = before.state == "open" and amount <= before.free_fen
        lent = make.loan(self.bank, amount)
        assert self._tried(lambda: admit(self.pool, lent, by=self.asks, at=now())) == fits

    @rule(amount=st.integers(-20 * WAN, 20 * WAN))
    def capital_comes_or_goes(self, amount: int) -> None:
        source = PoolSource(name="县财政", amount_fen=amount, note="预算调整")
        self._tried(lambda: funding.fund(self.pool, source, by=self.people["money"], at=now()))

    @rule(leverage=st.integers(1, 12))
    def the_leverage_changes(self, leverage: int) -> None:
        pool = RiskPool.objects.get(pk=self.pool.pk)
        pool.leverage = leverage
        if int(pool.capital_fen * leverage) >= pool.used_fen:
            pool.save()

    @rule(which=WHICH, state=st.sampled_from(["drawn", "overdue", "written_off"]))
    def a_loan_goes_on(self, which: int, state: str) -> None:
        held = self._pick(PoolAdmission.objects.live().filter(loan__state__in=("approved", "drawn")), which)
        if held is not None and held.loan.state != state:
            go(held.loan, state)

    @rule(which=WHICH, part=st.integers(1, 100))
    def some_is_paid_back(self, which: int, part: int) -> None:
        held = self._pick(PoolAdmission.objects.live().filter(loan__state__in=("drawn", "overdue")), which)
        if held is None:
            return
        loan = held.loan
        if loan.state == "overdue":
            advance(loan, "recover", actor=None)
            loan.refresh_from_db()
        make.repay(loan, max(1, loan.owed_fen * part // 100))

    @rule(which=WHICH, part=st.integers(1, 101))
    def a_loss_is_claimed(self, which: int, part: int) -> None:
        held = self._pick(PoolAdmission.objects.live().filter(bad=True), which)
        if held is not None:
            loss = max(1, held.loan.owed_fen * part // 100)
            self._tried(lambda: make.claim(held, loss))

    @rule(which=WHICH)
    def a_claim_goes_on(self, which: int) -> None:
        claim = self._pick(PoolClaim.objects.filter(state__in=("filed", "reviewed", "approved")), which)
        if claim is not None:
            self._tried(lambda: self._sign(claim))

    def _sign(self, claim: PoolClaim) -> None:
        match claim.state:
            case "filed":
                claiming.review(claim, by=self.people["review"], at=now())
            case "reviewed":
                claiming.approve(claim, by=self.people["lead"], at=now())
            case _:
                make.pay(claim, make.payment(self._voucher()))  # each code signs once: by somebody new

    @rule(which=WHICH)
    def a_claim_is_refused(self, which: int) -> None:
        claim = self._pick(PoolClaim.objects.exclude(state="paid"), which)
        if claim is not None:
            self._tried(lambda: claiming.refuse(claim, "材料不全", by=self.people["review"], at=now()))

    @rule(which=WHICH, amount=SUMS)
    def something_comes_back(self, which: int, amount: int) -> None:
        claim = self._pick(PoolClaim.objects.filter(state="paid"), which)
        if claim is not None:
            left = claim.loss_fen - claim.recovered_fen
            money = Returned(amount, self._voucher(), timezone.localdate())
            done = self._tried(lambda: claiming.recover(claim, money, by=self.people["pay"], at=now()))
            assert done == (amount <= left)

    @rule(which=WHICH)
    def a_loan_is_let_go(self, which: int) -> None:
        held = self._pick(PoolAdmission.objects.live(), which)
        if held is not None:
            self._tried(lambda: end(held, by=self.people["lead"], at=now()))

    @rule()
    def the_fuse_is_put_back(self) -> None:
        fuse = PoolFuse.objects.filter(reopened_at=None).first()
        if fuse is not None:
            if fuse.asked_at is None:
                fusing.ask_reopen(fuse, "已处置", by=self.people["lead"], at=now())
            self._tried(lambda: fusing.reopen(fuse, by=self.people["other"], at=now()))

    @invariant()
    def the_books_add_up(self) -> None:
        if not hasattr(self, "pool"):
            return
        assert invariants.broken() == []
        pool = RiskPool.objects.get(pk=self.pool.pk)
        assert 0 <= pool.used_fen <= pool.capacity_fen == int(pool.capital_fen * pool.leverage)
        assert pool.state == ("fused" if PoolFuse.objects.filter(reopened_at=None).exists() else "open")
        sums = dict(PoolTransfer.objects.order_by().values_list("kind").annotate(sum=Sum("amount_fen")))
        moved = {kind: abs(sum_fen) for kind, sum_fen in sums.items()}
        assert pool.used_fen == moved.get("admit", 0) - moved.get("release", 0)
        back, out = moved.get("recover", 0), moved.get("compensate", 0)
        assert pool.balance_fen == pool.capital_fen - out + back
        for claim in PoolClaim.objects.all():
            assert claim.guarantee_fen + claim.bank_fen == claim.loss_fen
            recovered = PoolRecovery.objects.filter(claim=claim).aggregate(sum=Sum("amount_fen"))["sum"] or 0
            assert claim.recovered_fen == recovered
            assert claim.returned_fen == split(recovered, claim.guarantee_share).guarantee_fen

    def _tried(self, ask: object) -> bool:
        """Whether it was done; only words may refuse it, and then nothing was written."""
        try:
            with transaction.atomic():
                ask()
        except DomainError:
            return False
        return True

    def _pick(self, rows: object, which: int) -> object:
        found = list(rows.order_by("pk"))
        return found[which % len(found)] if found else None

    def _voucher(self) -> str:
        self.vouchers += 1
        return f"V{self.vouchers}"


def test_whatever_comes_the_books_add_up() -> None:
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    bounded = settings(
        max_examples=RUNS,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=slow,
        phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    )
    run_state_machine_as_test(Pool, settings=bounded)
