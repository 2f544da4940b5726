"""Money that was booked wrong is set right: it counts no more, and the loan is as it was before."""

import datetime as dt

import pytest
from django.utils import timezone

from finance.lending import booking, correcting, deciding
from finance.lending.booking import Drawing, Paying
from finance.lending.sweeping import sweep
from finance.measures import Span, lendings, measured, monthly
from finance.models import Drawdown, LoanApplication, LoanReversal, LoanState, Repayment
from finance.pools import admitting, claiming
from portal.kernel.outbox import deliver
from portal.notifications.models import Message
from tests.enterprises.factories import actor_of
from tests.finance.lending import factories as make
from tests.finance.lending.breaching import signed_before
from tests.finance.lending.refused import refused
from tests.finance.pools import factories as pools

pytestmark = pytest.mark.django_db
S = LoanState
WAN = make.WAN


def undo(row, by=None, reason="金额登错"):
    return correcting.reverse(row, reason, by=by or make.officer(row.loan.bank, "manager"), at=timezone.now())


def last(rows):
    return rows.order_by("-pk").first()


def fresh(loan):
    return LoanApplication.objects.get(pk=loan.pk)


def running(loan):
    return set(loan.clocks.filter(met_at=None).values_list("target", flat=True))


class TestRepayments:
    def test_it_counts_no_more_and_stands(self):
        loan = make.put(S.REPAYING)
        make.repay(loan, make.officer(loan.bank), WAN, serial="H-错")
        row = Repayment.objects.get(serial="H-错")
        by = make.officer(loan.bank)
        made = undo(row, by, " 金额登错 ")
        row.refresh_from_db()
        assert (row.live, made.reason, made.by, fresh(loan).repaid_fen) == (
            False,
            "金额登错",
            by.user,
            10 * WAN,
        )
        assert fresh(loan).state == S.REPAYING
        event = last(loan.events)
        assert (event.name, event.public, event.actor) == ("reverse", True, by.user)
        assert "H-错" in event.comment
        deliver()
        told = last(Message.objects.filter(mailbox=loan.enterprise.mailbox_id))
        assert "更正了一笔还款" in told.title
        assert "金额登错" in told.body

    def test_the_only_one_leaves_it_drawn(self):
        loan = make.put(S.REPAYING)
        undo(loan.repayments.get())
        assert (fresh(loan).state, fresh(loan).repaid_fen) == (S.DRAWN, 0)
        make.repay(loan, make.officer(loan.bank), WAN)
        assert fresh(loan).state == S.REPAYING

    def test_what_was_repaid_is_owed_again_and_repaid_once_more(self):
        loan = make.put(S.REPAID)
        undo(last(loan.repayments))
        assert (fresh(loan).state, fresh(loan).owed_fen) == (S.REPAYING, 40 * WAN)
        assert "mature" in running(loan)
        make.repay(loan, make.officer(loan.bank), 40 * WAN)
        assert fresh(loan).state == S.REPAID
        assert not running(loan)

    def test_an_overdue_loan_stays_so(self):
        loan = make.put(S.REPAYING)
        booking.miss(loan, "停产", by=make.officer(loan.bank), at=timezone.now(), sure=True)
        undo(loan.repayments.get())
        assert (fresh(loan).state, fresh(loan).repaid_fen) == (S.OVERDUE, 0)

    def test_once_only(self):
        row = make.put(S.REPAYING).repayments.get()
        undo(row)
        with refused("reversed"):
            undo(row)
        assert LoanReversal.objects.count() == 1

    def test_not_without_a_reason(self):
        with refused("no_reason"):
            undo(make.put(S.REPAYING).repayments.get(), reason=" ")

    def test_not_by_another_bank_nor_by_who_may_only_look(self):
        row = make.put(S.REPAYING).repayments.get()
        with refused("not_yours"):
            undo(row, make.officer(make.bank()))
        with refused("viewer"):
            undo(row, make.officer(row.bank, "viewer"))

    def test_not_of_what_was_written_off(self):
        loan = make.put(S.REPAYING)
        by = make.officer(loan.bank, "manager")
        booking.miss(loan, "停产", by=by, at=timezone.now(), sure=True)
        booking.write_off(loan, "破产", by=by, at=timezone.now())
        with refused("not_now"):
            undo(loan.repayments.get(), by)

    def test_its_serial_comes_again_with_what_is_right(self):
        loan = make.put(S.DRAWN)
        by = make.officer(loan.bank)
        make.repay(loan, by, 5 * WAN, serial="H1")
        undo(Repayment.objects.get(serial="H1"), by)
        make.repay(loan, by, 4 * WAN, serial="H1")
        assert fresh(loan).repaid_fen == 4 * WAN
        with refused("serial_used"):
            make.repay(loan, by, WAN, serial="H1")


class TestDrawdowns:
    def test_nothing_went_out_and_it_is_signed_again(self):
        loan = make.put(S.DRAWN)
        undo(loan.drawdowns.get())
        now = fresh(loan)
        assert (now.state, now.drawn_fen, now.drawn_on, now.matures_on, now.mark) == (
            S.SIGNED,
            0,
            None,
            None,
            "",
        )
        assert running(loan) == {"draw"}
        make.draw(now, make.officer(loan.bank), 50 * WAN)
        assert (fresh(loan).state, fresh(loan).mark) == (S.DRAWN, "first")

    def test_overdue_by_mistake_too(self):
        loan = make.put(S.OVERDUE)
        undo(loan.drawdowns.get())
        assert fresh(loan).state == S.SIGNED

    def test_one_of_two(self):
        loan = make.put(S.SIGNED)
        by = make.officer(loan.bank)
        for fen in (30 * WAN, 20 * WAN):
            make.draw(loan, by, fen)
        undo(last(loan.drawdowns), by)
        now = fresh(loan)
        assert (now.state, now.drawn_fen, now.drawn_on) == (S.DRAWN, 30 * WAN, timezone.localdate())
        make.draw(loan, by, 20 * WAN, "F-对")
        assert fresh(loan).drawn_fen == 50 * WAN

    def test_the_first_of_two_moves_the_maturity(self):
        then = timezone.now() - dt.timedelta(days=12)
        loan = signed_at(then)
        by = make.officer(loan.bank)
        for serial, days in (("F1", 10), ("F2", 1)):
            on = timezone.localdate() - dt.timedelta(days)
            booking.draw(loan, Drawing(serial, WAN, on), by=by, at=timezone.now())
        before = loan.clocks.get(target="mature", met_at=None).due_at
        undo(Drawdown.objects.get(serial="F1"), by)
        now, first = fresh(loan), timezone.localdate() - dt.timedelta(1)
        assert (now.drawn_on, now.matures_on) == (first, booking.months_later(first, 12))
        assert loan.clocks.get(target="mature", met_at=None).due_at > before

    def test_what_was_paid_back_of_it_goes_first(self):
        loan = make.put(S.REPAYING)
        row = loan.drawdowns.get()
        with refused("paid_back"):
            undo(row)
        undo(loan.repayments.get())
        undo(row)
        assert fresh(loan).state == S.SIGNED

    def test_interest_alone_holds_it_too(self):
        loan = make.put(S.DRAWN)
        make.repay(loan, make.officer(loan.bank), 0, 100)
        with refused("paid_back"):
            undo(loan.drawdowns.get())

    def test_not_of_what_is_repaid(self):
        with refused("not_now"):
            undo(make.put(S.REPAID).drawdowns.get())

    def test_another_may_be_the_first_loan_then(self):
        actor = actor_of()
        wrong = make.put(S.DRAWN, make.filed(actor))
        others = [make.put(S.DRAWN, make.filed(actor)) for _time in range(2)]
        undo(wrong.drawdowns.get())
        assert [fresh(loan).mark for loan in (wrong, *others)] == ["", "first", "again"]
        assert last(others[0].events).name == "mark"

    def test_a_renewal_under_which_nothing_went_out_holds_nothing(self):
        earlier, renewing = renewed(S.DRAWN)
        undo(renewing.drawdowns.get())
        undo(earlier.drawdowns.get())
        assert [fresh(loan).state for loan in (earlier, renewing)] == [S.SIGNED, S.SIGNED]
        make.draw(fresh(renewing), make.officer(earlier.bank), WAN, "F-另")
        assert fresh(renewing).mark == "first"

    def test_renewed_it_stays(self):
        _earlier, renewing = renewed(S.DRAWN)
        with refused("renewed"):
            undo(renewing.renews.drawdowns.get())


def signed_at(then):
    """Approved at a day past, to be signed today."""
    loan = make.filed(at=then)
    by = make.officer(loan.bank)
    for step in ("accept", "investigate", "approve", "sign"):
        make.STEPS[step](loan, by, then)
    return loan


def renewed(state):
    """A loan in a state, and the drawn one that renews it."""
    actor = actor_of()
    earlier = make.put(state, make.filed(actor))
    by = make.officer(earlier.bank)
    loan = make.put(S.APPROVED, make.filed(actor, earlier.product_version), by)
    deciding.sign(loan, "HT-续", timezone.localdate(), by=by, at=timezone.now(), renews=earlier)
    make.draw(loan, by, WAN)
    return earlier, loan


class TestWhatWasBuiltOnIt:
    def test_the_mark_of_a_renewal_follows(self):
        earlier, renewing = renewed(S.REPAID)
        undo(last(earlier.repayments))
        assert fresh(renewing).mark == "no_principal_renewal"
        make.repay(earlier, make.officer(earlier.bank), 40 * WAN, serial="H-对")
        assert fresh(renewing).mark == "renewal"

    def test_a_claim_was_reckoned_with_it(self):
        covered = pools.admitted(pools.pool(pools.bank()), state="overdue")
        claim = pools.claim(covered)
        row = covered.loan.drawdowns.get()
        with refused("claimed"):
            undo(row)
        claiming.refuse(claim, "材料不全", by=pools.reviewer(), at=timezone.now())
        undo(row)
        assert fresh(covered.loan).state == S.SIGNED

    def test_a_pool_has_let_go(self):
        loan = make.put(S.APPROVED)
        by = make.officer(loan.bank, "manager")
        admitting.admit(pools.pool(loan.bank), loan, by=by, at=timezone.now())
        for step in ("sign", "draw", "part", "rest"):
            make.STEPS[step](loan, by, timezone.now())
        with refused("released"):
            undo(last(loan.repayments), by)
        assert fresh(loan).state == S.REPAID

    def test_figures_reckon_without_it(self):
        loan = make.put(S.SIGNED)
        by = make.officer(loan.bank)
        for fen in (30 * WAN, 20 * WAN):
            make.draw(loan, by, fen)
        undo(last(loan.drawdowns), by)
        tomorrow = timezone.localdate() + dt.timedelta(1)
        counted = measured(lendings(Span(None, tomorrow)))
        assert (counted["lent_fen"], counted["owed_fen"]) == (30 * WAN, 30 * WAN)
        assert monthly(timezone.localdate())[-1][1:] == (30 * WAN, 1)


def test_of_what_was_repaid_the_enterprise_must_agree_anew(client):
    loan = make.put(S.REPAID)
    undo(last(loan.repayments))
    deliver()
    assert "重新授权" in last(Message.objects.filter(mailbox=loan.enterprise.mailbox_id)).body
    client.force_login(loan.filed_by)
    page = client.get(loan.get_absolute_url()).content.decode()
    assert "更正为未结清" in page
    assert 'href="#consent"' in page


class TestTheStateIsDecidedAgain:
    """By what counts now, and the history says why."""

    def matured(self, *serials):
        """Drawn so that its last day was yesterday, in as many drawdowns as there are serials."""
        then = timezone.now() - dt.timedelta(days=400)
        loan = signed_at(then)
        by = make.officer(loan.bank, "manager")
        for serial in serials:
            drawing = Drawing(serial, 20 * WAN, timezone.localdate(then))
            booking.draw(loan, drawing, by=by, at=then)
        return fresh(loan), by

    def test_taken_for_repaid_past_its_last_day_it_is_overdue_again(self):
        loan, by = self.matured("F1")
        sweep(timezone.now())
        make.repay(loan, by, 20 * WAN)
        booking.settle(loan, by=by, at=timezone.now())
        assert fresh(loan).state == S.REPAID
        undo(loan.repayments.get(), by)
        assert fresh(loan).state == S.OVERDUE
        assert last(loan.events).name == "miss"
        assert "到期未还清" in last(loan.events).comment
        assert "recover" in running(loan)

    def test_before_its_last_day_it_is_what_its_bank_had_marked(self):
        loan = make.put(S.OVERDUE)
        by = make.officer(loan.bank, "manager")
        make.repay(loan, by, 50 * WAN)
        undo(loan.repayments.get(), by)
        assert fresh(loan).state == S.OVERDUE

    def test_overdue_with_nothing_owed_it_recovers(self):
        loan, by = self.matured("F1", "F2")
        sweep(timezone.now())
        make.repay(loan, by, 20 * WAN)
        assert fresh(loan).state == S.OVERDUE
        undo(loan.drawdowns.get(serial="F2"), by)
        assert (fresh(loan).state, fresh(loan).owed_fen) == (S.REPAYING, 0)
        assert last(loan.events).name == "recover"

    def test_paid_back_whole_it_is_not_overdue_although_more_may_go_out(self):
        loan = make.put(S.SIGNED)
        by = make.officer(loan.bank, "manager")
        make.draw(loan, by, 20 * WAN)
        booking.miss(loan, "停产", by=by, at=timezone.now(), sure=True)
        make.repay(loan, by, 20 * WAN)
        assert fresh(loan).state == S.REPAYING

    @pytest.mark.parametrize(("marked", "then"), [(False, S.REPAYING), (True, S.OVERDUE)])
    def test_where_its_last_day_moves_it_is_not_over(self, marked, then):
        loan, by = self.matured("F1")
        booking.draw(loan, Drawing("F2", WAN, timezone.localdate()), by=by, at=timezone.now())
        paying = Paying("H1", 0, 100, timezone.localdate(), sure=True)
        if marked:
            booking.miss(loan, "停产", by=by, at=timezone.now(), sure=True)
        else:
            sweep(timezone.now())
        booking.repay(loan, paying, by=by, at=timezone.now())
        assert fresh(loan).state == S.OVERDUE
        undo(loan.drawdowns.get(serial="F1"), by)
        assert fresh(loan).state == then


def test_paid_back_before_the_day_that_is_first_then():
    """The first drawdown of two goes; what came back before the second one was a mistake as well."""
    loan = signed_before()
    by = make.officer(loan.bank)
    today = timezone.localdate()
    with refused("paid_back"):
        undo(loan.drawdowns.get(), by)
    assert fresh(loan).drawn_on == today
    booking.repay(loan, Paying("H-2", WAN, 0, today, sure=True), by=by, at=timezone.now())
    assert fresh(loan).repaid_fen == 2 * WAN
