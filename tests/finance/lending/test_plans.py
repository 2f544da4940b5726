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
from finance.lending.plans import Terms, dues_of, filled, months_later
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

    def test_a_part_of_a_month_costs_its_days(self):
        """A million for a month is 3,625 yuan; from the 21st of a month of 31 days it is 10 days of that."""
        on = dt.date(2026, 3, 21)
        first, second = dues_of([(SINCE, 1), (on, 100 * WAN)], terms())[:2]
        assert (first.on, second.on) == (dt.date(2026, 3, 31), dt.date(2026, 4, 30))
        assert first.interest_fen == round(100 * WAN * 0.0435 / 12 * 10 / 31)
        assert second.interest_fen == 362_500

    def test_principal_early_bears_no_interest_from_its_day(self):
        on = dt.date(2026, 3, 21)
        found = dues_of([(SINCE, 100 * WAN)], terms(), [(on, 40 * WAN)])
        assert [(due.on, due.principal_fen, due.interest_fen) for due in found[:4]] == [
            (dt.date(2026, 2, 28), 0, 362_500),
            (on, 40 * WAN, 0),
            (dt.date(2026, 3, 31), 0, 362_500 - round(40 * WAN * 0.0435 / 12 * 10 / 31)),
            (dt.date(2026, 4, 30), 0, 217_500),
        ]
        assert found[-1].principal_fen == 60 * WAN

    def test_all_of_it_early_leaves_the_interest_until_then(self):
        found = dues_of([(SINCE, 100 * WAN)], terms("lump"), [(dt.date(2026, 7, 31), 100 * WAN)])
        assert [(due.principal_fen, due.interest_fen) for due in found] == [(100 * WAN, 0), (0, 6 * 362_500)]

    @given(st.integers(1, 10**12), st.lists(st.tuples(DAYS, st.integers(0, 10**12)), max_size=4))
    def test_whatever_comes_back_all_that_went_out_is_due(self, fen, paid):
        for method in Method.values:
            dues = dues_of([(SINCE, fen)], terms(method), paid)
            assert sum(due.principal_fen for due in dues) == fen
            assert all(due.principal_fen >= 0 and due.interest_fen >= 0 for due in dues)

    def test_little_that_is_missing_each_month_never_adds_up(self):
        dues = [(0, 1000)] * 12
        assert filled(dues, [(0, 910)] * 12) == [(0, 910)] * 12
        assert filled(dues, [(0, 890)] * 2)[:2] == [(0, 1000), (0, 780)]

    def test_principal_pays_no_interest(self):
        assert filled([(100, 10), (100, 5)], [(150, 10)]) == [(100, 10), (50, 0)]


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

    def test_what_is_paid_fills_one_after_another_principal_and_interest_apart(self):
        loan, by = self.drawn()
        first, second = (line.instalment for line in plans.lines_of(loan, timezone.localdate())[:2])
        make.repay(loan, by, first.principal_fen, first.interest_fen + 100)
        found = plans.lines_of(fresh(loan), timezone.localdate())
        assert [line.paid_fen for line in found[:3]] == [first.fen, 100, 0]
        assert [(line.principal_fen, line.interest_fen) for line in found[1:2]] == [(0, 100)]
        assert [line.met for line in found[:2]] == [True, False]
        assert found[1].missing_fen == second.fen - 100

    def test_a_payment_moves_the_clock_to_the_next(self):
        loan, by = self.drawn()
        first, second = plans.lines_of(loan, timezone.localdate())[:2]
        before = loan.clocks.get(target="instalment", met_at=None)
        make.repay(loan, by, 0, first.instalment.interest_fen)
        assert loan.clocks.get(target="instalment", met_at=None) == before
        make.repay(loan, by, first.instalment.principal_fen, 0, "H2")
        clock = loan.clocks.get(target="instalment", met_at=None)
        assert timezone.localdate(clock.due_at) > second.instalment.due_on

    def test_unpaid_both_sides_are_to_look_once_and_the_state_is_the_banks(self):
        loan, by = self.drawn(1, 10)
        manager = make.officer(loan.bank, "manager")
        idle = make.officer(loan.bank)
        LoanApplication.objects.filter(pk=loan.pk).update(officer=by.user)
        line = plans.lines_of(loan, timezone.localdate())[0]
        assert line.late
        assert sweep(timezone.now()) == 1
        assert sweep(timezone.now()) == 0
        loan = fresh(loan)
        event = loan.events.get(name="check")
        assert (loan.state, event.actor, event.public) == (S.DRAWN, None, True)
        assert f"按计划应于 {line.instalment.due_on} 还" in event.comment
        assert "以银行为准" in event.comment
        deliver()
        told = Message.objects.filter(title__contains="待核对")
        boxes = {loan.enterprise.mailbox, by.user.mailbox, manager.user.mailbox}
        assert {message.mailbox for message in told} == boxes
        assert idle.user.mailbox not in boxes
        assert plans.to_check([loan], timezone.localdate()) == {loan.pk}
        make.repay(loan, by, line.instalment.principal_fen, line.instalment.interest_fen)
        assert plans.to_check([fresh(loan)], timezone.localdate()) == set()
        assert fresh(loan).state == S.REPAYING

    def test_a_reversal_asks_no_second_time(self):
        loan, by = self.drawn(1, 10)
        sweep(timezone.now())
        due = plans.lines_of(loan, timezone.localdate())[0].instalment
        make.repay(loan, by, due.principal_fen, due.interest_fen)
        correcting.reverse(loan.repayments.get(), "登错", by=by, at=timezone.now())
        assert sweep(timezone.now()) == 0
        assert loan.events.filter(name="check").count() == 1

    def test_newly_agreed_with_the_bank_it_stays_so(self):
        loan, by = self.drawn(1, 10)
        booking.miss(loan, "停产", by=by, at=timezone.now(), sure=True)
        booking.recover(loan, "重新约定", by=by, at=timezone.now())
        sweep(timezone.now())
        assert fresh(loan).state == S.REPAYING

    def test_the_bank_has_some_days_to_tell_of_it(self):
        loan, by = self.drawn(1, 1)
        line = plans.lines_of(loan, timezone.localdate())[0]
        assert (line.due, line.late) == (True, False)
        assert sweep(timezone.now()) == 0
        assert not loan.events.filter(name="check").exists()
        due = plans.lines_of(loan, timezone.localdate())[0].instalment
        paying = Paying("H1", due.principal_fen, due.interest_fen, due.due_on)
        booking.repay(loan, paying, by=by, at=timezone.now())
        assert sweep(timezone.now() + dt.timedelta(days=8)) == 0

    def test_principal_paid_early_is_laid_out_anew_and_pays_no_interest_to_come(self):
        loan, by = self.drawn(1, 10)
        first, second = (line.instalment for line in plans.lines_of(loan, timezone.localdate())[:2])
        make.repay(loan, by, 20 * WAN)
        assert loan.plans.count() == 2
        found = plans.lines_of(fresh(loan), timezone.localdate())
        assert found[0].instalment.interest_fen == first.interest_fen
        assert not found[0].met
        assert found[0].interest_fen == 0
        early, after = found[1].instalment, found[2].instalment
        assert (early.due_on, early.interest_fen, found[1].met) == (timezone.localdate(), 0, True)
        assert after.interest_fen < second.interest_fen
        assert sum(line.instalment.principal_fen for line in found) == 50 * WAN

    def test_what_is_due_lays_out_nothing_anew(self):
        loan, by = self.drawn()
        first = plans.lines_of(loan, timezone.localdate())[0].instalment
        make.repay(loan, by, first.principal_fen + first.fen // 20, first.interest_fen)
        assert loan.plans.count() == 1

    def test_of_what_was_not_agreed_there_is_none(self):
        loan = make.put(S.DUE_DILIGENCE)
        by = make.officer(loan.bank)
        approval = make.deciding.Approval(50 * WAN, Decimal("4.35"), 12)
        make.deciding.approve(loan, approval, by=by, at=timezone.now())
        make.STEPS["sign"](loan, by, timezone.now())
        make.draw(loan, by, 50 * WAN)
        assert (fresh(loan).method, loan.plans.count()) == ("", 0)
        assert not loan.clocks.filter(target="instalment").exists()
        assert plans.lines_of(fresh(loan), timezone.localdate()) == []

    def test_of_many_loans_in_the_queries_of_one(self, django_assert_num_queries):
        loans = [self.drawn()[0] for _number in range(3)]
        with django_assert_num_queries(4):
            found = plans.lines_of_each(loans, timezone.localdate())
        assert {loan.pk: len(found[loan.pk]) for loan in loans} == dict.fromkeys((x.pk for x in loans), 12)

    def test_what_the_bank_marked_itself_no_payment_recovers(self):
        loan, by = self.drawn()
        booking.miss(loan, "停产", by=by, at=timezone.now(), sure=True)
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
