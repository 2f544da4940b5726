"""One firm and two banks through whatever comes, by the real services: rows, sums, clocks and words agree.

`LOAN_RUNS` and `LOAN_STEPS` ask for more of it than the suite has time for.
"""

import os
from decimal import Decimal

import pytest
from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from enterprises.consents import granting
from finance.lending import booking, correcting, deadlines, deciding, filing, grabbing
from finance.lending.booking import Drawing, Paying
from finance.lending.consenting import waits
from finance.lending.deciding import Approval
from finance.lending.story import NAMES
from finance.models import LoanApplication, LoanClock, LoanState
from finance.models.loan_clock import BY_CONSENT, INSTALMENT
from finance.models.loan_states import (
    APPROVED_AND_AFTER,
    CONSENTED,
    ENDED,
    LENT,
    OWED,
    SIGNED_AND_AFTER,
    TRANSITIONS,
    UNANSWERED,
    UNDERWAY,
)
from portal.kernel.errors import DomainError
from tests.enterprises.factories import actor_of
from tests.finance.factories import published
from tests.finance.lending import factories as make

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
S = LoanState
RUNS, STEPS = int(os.environ.get("LOAN_RUNS", "10")), int(os.environ.get("LOAN_STEPS", "12"))
WHICH = st.integers(0, 9)
PART = st.integers(1, 110)
"""Percent of what there is: more than all of it, too."""
ON_THE_WAY = {
    S.SUBMITTED: "accept",
    S.ACCEPTED: "investigate",
    S.DUE_DILIGENCE: "approve",
    S.APPROVED: "sign",
    S.SIGNED: "draw",
    S.DRAWN: "repay",
    S.REPAYING: "repay",
    S.OVERDUE: "repay",
}
"""What happens next to most applications."""
AT = st.sampled_from([state for state in make.WAYS if state not in (S.DECLINED, S.REFUSED)])
EDGES = {(source, one.target) for one in TRANSITIONS for source in one.sources}


class Loans(RuleBasedStateMachine):
    """Each rule is what somebody asks for; what the services refuse in words changes nothing."""

    @initialize(states=st.tuples(AT, AT), revoked=st.integers(0, 2))
    def opened(self, states: tuple[str, str], revoked: int) -> None:
        """In a transaction never committed: an application at each bank, maybe one without consent."""
        self.transaction = transaction.atomic()
        self.transaction.__enter__()
        self.firm = actor_of()
        self.versions = [published(make.bank()) for _bank in range(2)]
        banks = [version.product.bank for version in self.versions]
        self.people = {bank.pk: make.officer(bank, "manager") for bank in banks}
        self.serials = 0
        for place, state in enumerate(states):
            self.is_applied_for(place, state)
        if revoked:
            self.loses_its_consent(revoked)

    def teardown(self) -> None:
        """As if it had never been."""
        if hasattr(self, "transaction"):
            transaction.set_rollback(True)
            self.transaction.__exit__(None, None, None)

    # -- the enterprise

    @rule(which=WHICH, state=AT)
    def is_applied_for(self, which: int, state: str) -> None:
        """And comes to the state: chance alone would hardly ever lend."""
        version = self.versions[which % 2]
        by = self.people[version.product.bank_id]
        self._tried(lambda: make.put(state, make.filed(self.firm, version), by))

    @rule()
    def is_opened_to_all(self) -> None:
        self._tried(lambda: make.opened(self.firm))

    @rule(which=WHICH)
    def is_withdrawn(self, which: int) -> None:
        self._of(UNDERWAY, which, lambda loan: filing.withdraw(self.firm, loan, "", at=timezone.now()))

    @rule(which=WHICH)
    def goes_to_all_banks(self, which: int) -> None:
        self._of(UNANSWERED, which, lambda loan: filing.open_up(self.firm, loan, at=timezone.now()))

    @rule(which=WHICH)
    def loses_its_consent(self, which: int) -> None:
        self._of(CONSENTED, which, lambda loan: granting.revoke(self.firm, loan.consent, at=timezone.now()))

    @rule(which=WHICH)
    def gets_another_consent(self, which: int) -> None:
        at = timezone.now()
        self._of(CONSENTED, which, lambda loan: filing.consent_anew(self.firm, loan, make.sharing(at), at=at))

    # -- the bank

    @rule(which=WHICH, part=PART)
    def goes_on(self, which: int, part: int) -> None:
        self._of(tuple(ON_THE_WAY), which, lambda loan: self._next(loan, part))

    @rule(which=WHICH)
    def is_grabbed(self, which: int) -> None:
        by = self.people[self.versions[which % 2].product.bank_id]
        self._of((S.SUBMITTED,), which, lambda loan: grabbing.take(loan, by=by, at=timezone.now()), by)

    @rule(which=WHICH, name=st.sampled_from(["decline", "refuse", "take_back", "call_off"]))
    def ends_before_the_money(self, which: int, name: str) -> None:
        end = getattr(deciding, name)
        states = (S.SUBMITTED, S.ACCEPTED, S.DUE_DILIGENCE, S.APPROVED, S.SIGNED)
        self._of(states, which, lambda loan: end(loan, "不办", by=self._by(loan), at=timezone.now()))

    @rule(which=WHICH, part=PART)
    def is_drawn(self, which: int, part: int) -> None:
        self._of(SIGNED_AND_AFTER, which, lambda loan: self._draw(loan, part))

    @rule(which=WHICH, part=PART, interest=st.integers(0, 100))
    def is_repaid(self, which: int, part: int, interest: int) -> None:
        self._of(LENT, which, lambda loan: self._repay(loan, part, interest))

    @rule(which=WHICH, drawdown=st.booleans())
    def is_set_right(self, which: int, drawdown: bool) -> None:  # noqa: FBT001 - hypothesis draws it
        self._of(LENT, which, lambda loan: self._reverse(loan, drawdown=drawdown))

    @rule(which=WHICH, name=st.sampled_from(["miss", "recover", "write_off", "settle"]))
    def is_behind_or_done(self, which: int, name: str) -> None:
        work = getattr(booking, name)
        words = () if name == "settle" else ("依据",)
        self._of(LENT, which, lambda loan: work(loan, *words, by=self._by(loan), at=timezone.now()))

    def _next(self, loan: LoanApplication, part: int) -> None:
        by, at = self._by(loan), timezone.now()
        match ON_THE_WAY[S(loan.state)]:
            case "approve":
                given = Approval(loan.amount_fen * part // 100, Decimal("4.35"), 12, method="annuity")
                deciding.approve(loan, given, by=by, at=at)
            case "sign":
                deciding.sign(loan, f"HT-{loan.pk}", timezone.localdate(at), by=by, at=at)
            case "draw":
                self._draw(loan, part)
            case "repay":
                self._repay(loan, part, 1)
            case name:
                getattr(deciding, name)(loan, by=by, at=at)

    def _draw(self, loan: LoanApplication, part: int) -> None:
        fen = max(1, (loan.approved_fen or 0) * part // 100)
        drawing = Drawing(self._serial(), fen, timezone.localdate())
        booking.draw(loan, drawing, by=self._by(loan), at=timezone.now())

    def _repay(self, loan: LoanApplication, part: int, interest: int) -> None:
        paying = Paying(self._serial(), loan.owed_fen * part // 100, interest, timezone.localdate())
        booking.repay(loan, paying, by=self._by(loan), at=timezone.now())

    def _reverse(self, loan: LoanApplication, *, drawdown: bool) -> None:
        row = (loan.drawdowns if drawdown else loan.repayments).order_by("-live", "-pk").first()
        if row is not None:
            correcting.reverse(row, "登错", by=self._by(loan), at=timezone.now())

    # -- what holds after each of these

    @invariant()
    def all_agrees(self) -> None:
        if not hasattr(self, "firm"):
            return
        now = timezone.now()
        loans = LoanApplication.objects.of(self.firm).select_related("consent").prefetch_related("events")
        clocks: dict[int, list[LoanClock]] = {}
        for clock in LoanClock.objects.filter(loan__enterprise=self.firm.enterprise, met_at=None):
            clocks.setdefault(clock.loan_id, []).append(clock)
        for loan in loans.annotate(
            first=Count("drawdowns", filter=Q(drawdowns__live=True), distinct=True),
        ):
            self._sums_are_those_of_the_rows(loan)
            self._what_happened_leads_here(loan)
            self._clocks_are_those_of_its_state(loan, clocks.get(loan.pk, []), waiting=waits(loan, now))
            assert (loan.state in LENT) == bool(loan.first) == bool(loan.mark)
            assert loan.consent.is_live(now) <= (loan.state in CONSENTED)

    def _sums_are_those_of_the_rows(self, loan: LoanApplication) -> None:
        out = loan.drawdowns.standing().aggregate(fen=Sum("amount_fen", default=0))["fen"]
        back = loan.repayments.standing().aggregate(fen=Sum("principal_fen", default=0))["fen"]
        assert (loan.drawn_fen, loan.repaid_fen) == (out, back)
        assert 0 <= back <= out <= (loan.approved_fen or 0) <= loan.amount_fen
        assert (loan.state in APPROVED_AND_AFTER) <= (loan.approved_fen is not None)
        assert loan.owed_fen == 0 or loan.state in (*OWED, S.WRITTEN_OFF)

    def _what_happened_leads_here(self, loan: LoanApplication) -> None:
        """Each event begins where the one before ended, as the machine allows, and has a name."""
        at = S.DRAFT
        for event in sorted(loan.events.all(), key=lambda event: event.pk):
            assert event.name in NAMES
            assert event.source == at
            assert event.source == event.target or (event.source, event.target) in EDGES
            at = event.target
        assert loan.state == at

    def _clocks_are_those_of_its_state(
        self, loan: LoanApplication, running: list[LoanClock], *, waiting: bool
    ) -> None:
        wanted = set(deadlines.targets_of(loan))
        assert {clock.target for clock in running} - {INSTALMENT} == wanted
        assert loan.state not in ENDED or not running
        for clock in running:
            assert (clock.paused_at is not None) == (waiting and clock.target in BY_CONSENT)
            assert clock.breached_at is None
        ticking = [clock.due_at for clock in running if clock.paused_at is None]
        assert loan.due_at == (min(ticking) if ticking else None)

    # -- how it is asked

    def _of(self, states: tuple[str, ...], which: int, ask: object, by: object = None) -> None:
        """Of one that stands in one of the states; without a consent nothing is decided, whatever else."""
        found = list(LoanApplication.objects.of(self.firm).filter(state__in=states).order_by("pk"))
        found = [loan for loan in found if by or loan.bank_id or loan.state in UNDERWAY]
        if not found:
            return
        loan = found[which % len(found)]
        waiting, before = waits(loan, timezone.now()), loan.state
        self._tried(lambda: ask(LoanApplication.objects.get(pk=loan.pk)))
        loan.refresh_from_db()
        decided = (before, loan.state) in ((S.DUE_DILIGENCE, S.APPROVED), (S.APPROVED, S.SIGNED))
        assert not (waiting and decided)

    def _tried(self, ask: object) -> bool:
        """Whether it was done; only words may refuse it, and then nothing was written."""
        try:
            with transaction.atomic():
                ask()
        except DomainError:
            return False
        return True

    def _by(self, loan: LoanApplication) -> object:
        """Somebody of its bank; of one that lies in the hall somebody who has no business with it."""
        return self.people.get(loan.bank_id) or next(iter(self.people.values()))

    def _serial(self) -> str:
        self.serials += 1
        return f"L{self.serials}"


def test_whatever_comes_all_agrees() -> None:
    slow = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
    bounded = settings(
        max_examples=RUNS,
        stateful_step_count=STEPS,
        deadline=None,
        suppress_health_check=slow,
        phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    )
    run_state_machine_as_test(Loans, settings=bounded)
