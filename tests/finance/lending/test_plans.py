"""Plans of repayment: to the fen what went out, kept up with or not, and what time does about it."""

import datetime as dt
from decimal import Decimal
from unittest import mock

import pytest
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from finance.cost import schedule
from finance.lending import booking, correcting, plans
from finance.lending.booking import Drawing, Paying
from finance.lending.plans import Terms, dues_of, months_later
from finance.lending.reminding import remind
from finance.lending.sweeping import sweep
from finance.models import LoanApplication, LoanInstalment, LoanState
from finance.models.vocabulary import Repayment as Method
from portal.kernel.outbox import deliver
from portal.notifications.models import Message
from tests.enterprises.factories import actor_of
from tests.finance.lending import factories as make
from tests.finance.lending.refused import refused

S = LoanState
WAN = make.WAN
SINCE = dt.date(2026, 1, 31)
DAYS = st.integers(min_value=-40, max_value=1500).map(lambda days: SINCE + dt.timedelta(days))
DRAWN = st.lists(st.tuples(DAYS, st.integers(1, 10**12)), min_size=1, max_size=4)


def terms(method="interest_only", months=12, rate="4.35"):
    return Terms(SINCE, months, Decimal(rate), method)


class TestDues:
    @given(DRAWN, st.integers(1, 60), st.sampled_from(Method.values), st.decimals("0.01", "36", places=4))
    def test_the_principal_is_what_went_out(self, drawn, months, method, rate):
        dues = dues_of(drawn, Terms(SINCE, months, rate, method))
        assert sum(due.principal_fen for due in dues) == sum(fen for _on, fen in drawn)
        days = [due.on for due in dues]
        assert days == sorted(set(days))
        assert days[-1] <= months_later(SINCE, months)
        assert all(due.principal_fen >= 0 and due.interest_fen >= 0 for due in dues)
        assert all(due.principal_fen or due.interest_fen for due in dues)

    @given(DRAWN, st.tuples(DAYS, st.integers(1, 10**12)), st.sampled_from(Method.values))
    def test_what_goes_out_later_changes_nothing_before_it(self, drawn, later, method):
        before = [due for due in dues_of(drawn, terms(method)) if due.on <= later[0]]
        if later[0] >= months_later(SINCE, 12):
            before = before[:-1]
        assert dues_of([*drawn, later], terms(method))[: len(before)] == before

    @pytest.mark.parametrize("method", Method.values)
    def test_of_one_drawdown_as_the_calculator_says(self, method):
        said = schedule(10 * WAN, 12, Decimal("4.35"), method).instalments
        found = dues_of([(SINCE, 10 * WAN)], terms(method))
        assert [(due.principal_fen, due.interest_fen) for due in found] == [
            (one.principal, one.interest) for one in said if one.due
        ]
        assert found[0].on == (dt.date(2027, 1, 31) if method == "lump" else dt.date(2026, 2, 28))


@pytest.mark.django_db
class TestPlans:
    def drawn(self, months_ago=0, days=0, fen=50 * WAN):
        """Drawn so long ago, to be paid back by the same each month."""
        then = at(months_ago, days)
        loan = make.filed(actor_of(), at=then)
        by = make.officer(loan.bank, "manager")
        for step in ("accept", "investigate", "approve", "sign"):
            make.STEPS[step](loan, by, then)
        booking.draw(loan, Drawing("F1", fen, timezone.localdate(then)), by=by, at=then)
        return fresh(loan), by

    def test_laid_out_with_the_first_money(self):
        loan, _by = self.drawn()
        plan = loan.plans.get()
        assert (plan.number, plan.method, plan.principal_fen) == (1, loan.method, 50 * WAN)
        last = plan.instalments.last()
        assert last.due_on == loan.matures_on
        clock = loan.clocks.get(target="instalment", met_at=None)
        first = plan.instalments.first().due_on
        assert timezone.localdate(clock.due_at) > first
        assert timezone.localdate(clock.warn_at) <= first - dt.timedelta(3), (clock.warn_at, first)

    def test_another_drawdown_another_plan_and_the_old_one_stays(self):
        loan, by = self.drawn(fen=30 * WAN)
        make.draw(loan, by, 20 * WAN, "F2")
        assert [(plan.number, plan.principal_fen) for plan in loan.plans.order_by("number")] == [
            (1, 30 * WAN),
            (2, 50 * WAN),
        ]
        correcting.reverse(loan.drawdowns.get(serial="F2"), "登错", by=by, at=timezone.now())
        assert plans.plan_of(fresh(loan)).principal_fen == 30 * WAN
        assert loan.plans.count() == 3

    def test_nothing_went_out_after_all(self):
        loan, by = self.drawn()
        correcting.reverse(loan.drawdowns.get(), "登错", by=by, at=timezone.now())
        assert plans.plan_of(fresh(loan)) is None
        assert not loan.clocks.filter(target="instalment", met_at=None).exists()

    def test_what_is_paid_fills_one_after_another(self):
        loan, by = self.drawn()
        first, second = plans.lines_of(loan, timezone.localdate())[:2]
        make.repay(loan, by, 0, first.instalment.fen + 100)
        found = plans.lines_of(fresh(loan), timezone.localdate())
        assert [line.paid_fen for line in found[:3]] == [first.instalment.fen, 100, 0]
        assert [line.met for line in found[:2]] == [True, False]
        assert second.missing_fen - 100 == found[1].missing_fen

    def test_a_payment_moves_the_clock_to_the_next(self):
        loan, by = self.drawn()
        first, second = plans.lines_of(loan, timezone.localdate())[:2]
        before = loan.clocks.get(target="instalment", met_at=None)
        make.repay(loan, by, 0, first.instalment.fen // 2)
        assert loan.clocks.get(target="instalment", met_at=None) == before
        make.repay(loan, by, 0, first.instalment.fen // 2 + 1, "H2")
        clock = loan.clocks.get(target="instalment", met_at=None)
        assert timezone.localdate(clock.due_at) > second.instalment.due_on

    def test_unpaid_it_is_overdue_and_caught_up_with_it_recovers(self):
        loan, by = self.drawn(1, 10)
        line = plans.lines_of(loan, timezone.localdate())[0]
        assert line.late
        assert sweep(timezone.now()) == 1
        loan = fresh(loan)
        event = loan.events.order_by("-pk").first()
        assert (loan.state, event.actor) == (S.OVERDUE, None)
        assert "第 1 期" in event.comment
        paying = line.instalment.fen
        make.repay(loan, by, 0, paying // 2, "H1")
        assert fresh(loan).state == S.OVERDUE
        make.repay(loan, by, 0, paying - paying // 2, "H2")
        assert fresh(loan).state == S.REPAYING
        assert loan.clocks.filter(target="instalment", met_at=None).exists()
        assert not loan.clocks.filter(target="recover", met_at=None).exists()

    def test_the_bank_has_some_days_to_tell_of_it(self):
        loan, by = self.drawn(1, 1)
        assert plans.lines_of(loan, timezone.localdate())[0].late
        assert sweep(timezone.now()) == 0
        assert fresh(loan).state == S.DRAWN
        due = plans.lines_of(loan, timezone.localdate())[0].instalment
        paying = Paying("H1", due.principal_fen, due.interest_fen, due.due_on)
        booking.repay(loan, paying, by=by, at=timezone.now())
        assert sweep(timezone.now() + dt.timedelta(days=8)) == 0

    def test_a_tenth_may_be_missing_and_no_more(self):
        loan, by = self.drawn(1, 10)
        due = plans.lines_of(loan, timezone.localdate())[0].instalment.fen
        make.repay(loan, by, 0, due - due // 10 - 1)
        assert plans.behind(fresh(loan), timezone.localdate()) is not None
        make.repay(loan, by, 0, 1, "H2")
        assert plans.behind(fresh(loan), timezone.localdate()) is None
        assert sweep(timezone.now()) == 0 or fresh(loan).state == S.REPAYING

    def test_the_principal_paid_early_counts(self):
        loan, by = self.drawn(1, 10)
        make.repay(loan, by, 20 * WAN)
        assert plans.behind(fresh(loan), timezone.localdate()) is None

    def test_what_the_bank_marked_itself_no_payment_recovers(self):
        loan, by = self.drawn()
        booking.miss(loan, "停产", by=by, at=timezone.now())
        make.repay(loan, by, 0, 100)
        assert fresh(loan).state == S.OVERDUE

    def test_all_paid_back_is_never_late(self):
        loan, by = self.drawn(1, 10, fen=30 * WAN)
        make.repay(loan, by, 30 * WAN)
        assert all(line.met for line in plans.lines_of(fresh(loan), timezone.localdate()))
        assert fresh(loan).state == S.REPAYING

    def test_the_enterprise_is_reminded_before_the_day(self):
        loan, _by = self.drawn()
        clock = loan.clocks.get(target="instalment", met_at=None)
        with mock.patch("portal.kernel.escalation.is_working", return_value=True):
            remind(clock.warn_at + dt.timedelta(hours=10))
        deliver()
        due = plans.lines_of(loan, timezone.localdate())[0].instalment
        told = Message.objects.get(mailbox=loan.enterprise.mailbox, title__contains="本期应在")
        assert str(due.due_on) in told.title

    def test_by_the_method_that_was_agreed(self):
        loan = make.put(S.DUE_DILIGENCE)
        by = make.officer(loan.bank)
        approval = make.deciding.Approval(50 * WAN, Decimal("4.35"), 12, method="lump")
        with refused("method"):
            wrong = make.deciding.Approval(50 * WAN, Decimal("4.35"), 12, method="never")
            make.deciding.approve(loan, wrong, by=by, at=timezone.now())
        make.deciding.approve(loan, approval, by=by, at=timezone.now())
        make.STEPS["sign"](loan, by, timezone.now())
        make.draw(loan, by, 50 * WAN)
        assert LoanInstalment.objects.filter(plan__loan=loan).count() == 1
        assert not loan.clocks.filter(target="instalment").exists()


def at(months_ago, days=0):
    """A moment so many months, and days, ago."""
    return timezone.now() - (
        timezone.localdate() - months_later(timezone.localdate(), -months_ago) + dt.timedelta(days)
    )


def fresh(loan):
    return LoanApplication.objects.get(pk=loan.pk)
