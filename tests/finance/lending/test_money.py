"""Money of loans: drawn, paid back, never beyond what was approved; and the marks made from it."""

import datetime as dt

import pytest
from django.utils import timezone

from finance.lending import booking, deciding
from finance.lending.booking import Drawing, Paying
from finance.lending.marks import mark_of
from finance.models import LoanApplication, LoanState
from tests.enterprises.factories import actor_of
from tests.finance.lending import factories as make
from tests.finance.lending.breaching import signed_before
from tests.finance.lending.refused import refused

pytestmark = pytest.mark.django_db
S = LoanState
WAN = make.WAN


class TestMoney:
    def test_never_more_out_than_was_approved(self):
        loan = make.put(S.SIGNED)
        by = make.officer(loan.bank)
        make.draw(loan, by, 30 * WAN)
        with refused("above_approval"):
            make.draw(loan, by, 20 * WAN + 1)
        make.draw(loan, by, 20 * WAN)
        loan.refresh_from_db()
        assert (loan.drawn_fen, loan.state) == (50 * WAN, S.DRAWN)

    def test_never_more_back_than_went_out(self):
        loan = make.put(S.DRAWN)
        with refused("above_drawn"):
            make.repay(loan, make.officer(loan.bank), 50 * WAN + 1)

    def test_interest_is_no_more_than_was_lent(self):
        loan = make.put(S.DRAWN)
        by = make.officer(loan.bank)
        paying = Paying("H1", 0, loan.drawn_fen + 1, timezone.localdate())
        with refused("interest"):
            booking.repay(loan, paying, by=by, at=timezone.now())

    def test_a_serial_is_used_once(self):
        loan = make.put(S.SIGNED)
        by = make.officer(loan.bank)
        make.draw(loan, by, WAN, "F1")
        with refused("serial_used"):
            make.draw(loan, by, WAN, "F1")
        assert LoanApplication.objects.get(pk=loan.pk).drawn_fen == WAN

    @pytest.mark.parametrize("state", [S.ACCEPTED, S.APPROVED, S.REPAID, S.OVERDUE])
    def test_money_goes_out_under_a_running_contract_only(self, state):
        loan = make.put(state)
        with refused("not_now"):
            make.draw(loan, make.officer(loan.bank), WAN)

    def test_interest_alone_pays_nothing_back(self):
        loan = make.put(S.DRAWN)
        make.repay(loan, make.officer(loan.bank), 0, 5_000)
        loan.refresh_from_db()
        assert (loan.state, loan.repaid_fen) == (S.REPAYING, 0)

    def test_not_of_tomorrow(self):
        loan = make.put(S.SIGNED)
        drawing = Drawing("F1", WAN, timezone.localdate() + dt.timedelta(days=1))
        with refused("future"):
            booking.draw(loan, drawing, by=make.officer(loan.bank), at=timezone.now())

    def test_not_from_before_the_contract(self):
        loan = make.put(S.SIGNED)
        drawing = Drawing("F1", WAN, timezone.localdate() - dt.timedelta(days=1))
        with refused("not_now"):
            booking.draw(loan, drawing, by=make.officer(loan.bank), at=timezone.now())

    def test_nothing_comes_back_before_it_went_out(self):
        loan = signed_before()
        by, yesterday = make.officer(loan.bank), timezone.localdate() - dt.timedelta(1)
        with refused("before_drawn"):
            booking.repay(loan, Paying("H1", WAN, 0, yesterday), by=by, at=timezone.now())

    def test_neither_principal_nor_interest_is_no_repayment(self):
        loan = make.put(S.DRAWN)
        with refused("amount"):
            make.repay(loan, make.officer(loan.bank), 0)

    def test_settled_when_the_rest_will_not_be_drawn(self):
        loan = make.put(S.SIGNED)
        by = make.officer(loan.bank)
        make.draw(loan, by, 20 * WAN)
        with refused("owed"):
            booking.settle(loan, by=by, at=timezone.now())
        make.repay(loan, by, 20 * WAN)
        booking.settle(loan, by=by, at=timezone.now())
        assert LoanApplication.objects.get(pk=loan.pk).state == S.REPAID

    def test_an_overdue_loan_is_paid_back_or_recovers(self):
        loan = make.put(S.OVERDUE)
        by = make.officer(loan.bank)
        booking.recover(loan, "补缴欠息", by=by, at=timezone.now())
        assert loan.state == S.REPAYING
        booking.miss(loan, "停产", by=by, at=timezone.now(), sure=True)
        make.repay(loan, by, 50 * WAN)
        assert LoanApplication.objects.get(pk=loan.pk).state == S.REPAID

    def test_against_its_plan_it_is_overdue_only_where_the_bank_says_why_and_is_sure(self):
        loan = make.put(S.DRAWN)
        by = make.officer(loan.bank)
        for reason, sure in (("停产", False), (" ", True)):
            with refused("unusual"):
                booking.miss(loan, reason, by=by, at=timezone.now(), sure=sure)
        booking.miss(loan, "停产", by=by, at=timezone.now(), sure=True)
        assert loan.events.get(name="miss").comment == "停产（登记时按计划没有到期未还的款项，银行已核对）"

    def test_by_its_plan_it_is_overdue_without_more_ado(self):
        loan = make.put(S.DRAWN)
        by = make.officer(loan.bank)
        booking.miss(loan, "", by=by, at=timezone.now() + dt.timedelta(days=40))
        assert loan.events.get(name="miss").comment == ""

    def test_next_to_nothing_is_asked_back(self):
        loan = make.put(S.SIGNED)
        by, today = make.officer(loan.bank), timezone.localdate()
        with refused("unusual"):
            booking.draw(loan, Drawing("F1", 50 * WAN // 100 - 1, today), by=by, at=timezone.now())
        booking.draw(loan, Drawing("F1", 50 * WAN // 100, today), by=by, at=timezone.now())
        booking.draw(loan, Drawing("F2", 1, today, sure=True), by=by, at=timezone.now())
        due = loan.plans.first().instalments.first().fen
        with refused("unusual"):
            booking.repay(loan, Paying("H1", 0, (due - 1) // 100, today), by=by, at=timezone.now())
        booking.repay(loan, Paying("H1", 0, -(-due // 100), today), by=by, at=timezone.now())
        booking.repay(loan, Paying("H2", 0, 1, today, sure=True), by=by, at=timezone.now())

    def test_nobody_is_behind_with_nothing(self):
        loan = make.put(S.SIGNED)
        by = make.officer(loan.bank)
        make.draw(loan, by, 20 * WAN)
        make.repay(loan, by, 20 * WAN)
        with refused("nothing_owed"):
            booking.miss(loan, "到期", by=by, at=timezone.now())
        assert LoanApplication.objects.get(pk=loan.pk).state == S.REPAYING

    def test_losing_it_is_for_the_manager(self):
        loan = make.put(S.OVERDUE)
        with refused("not_manager"):
            booking.write_off(loan, "破产", by=make.officer(loan.bank), at=timezone.now())
        with refused("no_reason"):
            booking.write_off(loan, " ", by=make.officer(loan.bank, "manager"), at=timezone.now())


class TestMarks:
    def test_by_the_records(self):
        assert mark_of(lent_before=False, renews=False) == "first"
        assert mark_of(lent_before=True, renews=False) == "again"
        assert mark_of(lent_before=True, renews=True) == "renewal"
        assert mark_of(lent_before=True, renews=True, still_owed_fen=1) == "no_principal_renewal"

    def test_the_first_money_of_any_bank_is_the_first_loan(self):
        actor = actor_of()
        assert make.put(S.DRAWN, make.filed(actor)).mark == "first"
        assert make.put(S.DRAWN, make.filed(actor)).mark == "again"

    @pytest.mark.parametrize(("state", "mark"), [(S.REPAID, "renewal"), (S.DRAWN, "no_principal_renewal")])
    def test_renewed(self, state, mark):
        actor = actor_of()
        earlier = make.put(state, make.filed(actor))
        by = make.officer(earlier.bank)
        loan = make.put(S.APPROVED, make.filed(actor, earlier.product_version), by)
        deciding.sign(loan, "HT-续", timezone.localdate(), by=by, at=timezone.now(), renews=earlier)
        make.draw(loan, by, WAN)
        assert loan.mark == mark

    def test_another_firms_loan_is_not_renewed(self):
        other = make.put(S.DRAWN)
        by = make.officer(other.bank)
        loan = make.put(S.APPROVED, make.filed(version=other.product_version), by)
        with refused("not_renewed"):
            deciding.sign(loan, "HT-X", timezone.localdate(), by=by, at=timezone.now(), renews=other)


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [("2026-01-31", 1, "2026-02-28"), ("2026-12-15", 1, "2027-01-15"), ("2026-02-28", 12, "2027-02-28")],
)
def test_the_same_day_of_a_later_month(day, months, then):
    assert booking.months_later(dt.date.fromisoformat(day), months).isoformat() == then
